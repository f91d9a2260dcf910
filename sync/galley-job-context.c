/* galley-job-context.c: what every job works with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job-context"

#include "sync/galley-job-context.h"

/**
 * galley_job_context_new:
 * @transport: the way to the server, whose account the sync service sets
 *
 * Returns: (transfer full): what jobs of this workspace work with
 */
GalleyJobContext *
galley_job_context_new (GalleyStore *store, GalleyTransport *transport)
{
  GalleyJobContext *self = g_atomic_rc_box_new0 (GalleyJobContext);
  g_autofree char *folder = g_build_filename (galley_store_get_folder (store), "files", NULL);

  self->store = g_object_ref (store);
  self->transport = g_object_ref (transport);
  self->files = galley_file_store_new (folder);
  self->server = galley_server_view_new ();
  self->limits = galley_job_limits_new ();
  return self;
}

GalleyJobContext *
galley_job_context_ref (GalleyJobContext *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_context (GalleyJobContext *self)
{
  g_clear_object (&self->store);
  g_clear_object (&self->transport);
  g_clear_pointer (&self->files, galley_file_store_free);
  g_clear_pointer (&self->server, galley_server_view_free);
  g_clear_object (&self->limits);
}

void
galley_job_context_unref (GalleyJobContext *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify)clear_context);
}

const GalleyWorld *
galley_job_context_get_world (GalleyJobContext *self)
{
  return galley_store_get_world (self->store);
}
