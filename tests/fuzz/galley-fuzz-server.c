/* galley-fuzz-server.c: a server in one thread, with somebody who has joined it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz-server.h"

#include "galley-fuzz-folder.h"

#include <string.h>

static void
run_later (gpointer data, GSourceFunc callback, gpointer user_data)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, callback, user_data, NULL);
}

/* What a request does is over when the main loop has nothing left to do. */
static const GalleyWorld *
get_world (void)
{
  static GalleyWorld world;

  world = *galley_world_real ();
  world.run_later = run_later;
  return &world;
}

static char *
join (GalleyBackend *backend, const char *name, GalleyRole role, GalleyBareDevice *device)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *code = backend->ops->create_invite (backend, name, role, 1, &error);
  g_autoptr (GalleyEnrolRequest) request = galley_bare_device_ask (device, code);
  g_autoptr (GalleyEnrolAnswer) answer = backend->ops->enrol (backend, request, &error);

  g_assert_no_error (error);
  return g_strdup (answer->token);
}

static void
push_item (GalleyFuzzServer *self)
{
  GalleyBackend *backend = galley_server_get_backend (self->server);
  g_autoptr (GBytes) batch = NULL;
  g_autoptr (GalleyPushAnswer) answer = NULL;
  g_autoptr (GError) error = NULL;
  GalleySession session;

  galley_fuzz_server_get_session (self, &session);
  g_assert_true (backend->ops->add_project (backend, &session, &self->project, &error));
  galley_bare_device_make (self->lead, GALLEY_KIND_ITEM, &self->item, &self->project);
  batch = galley_bare_device_pack (self->lead);
  answer = backend->ops->push (backend, &session, &self->project, batch, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answer->position, ==, 1);
}

/**
 * galley_fuzz_server_new:
 *
 * Returns: (transfer full): one that has nothing but a project with an item
 */
GalleyFuzzServer *
galley_fuzz_server_new (void)
{
  static guint n_servers;
  GalleyFuzzServer *self = g_new0 (GalleyFuzzServer, 1);
  g_autofree char *name = g_strdup_printf ("server-%u", ++n_servers);
  g_autofree char *folder = galley_fuzz_path (name), *home = galley_fuzz_path ("home");
  g_autoptr (GalleyBareDevice) guest = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  self->server = galley_server_new (folder, get_world (), &error);
  g_assert_no_error (error);
  memset (&self->project, 'p', sizeof self->project);
  memset (&self->item, 'i', sizeof self->item);
  self->lead = galley_bare_device_new ("lead", &self->project);
  guest = galley_bare_device_new ("guest", &self->project);
  self->lead_token = join (galley_server_get_backend (self->server), "Ana", GALLEY_ROLE_LEAD,
                           self->lead);
  self->guest_token = join (galley_server_get_backend (self->server), "Gil", GALLEY_ROLE_GUEST,
                            guest);
  push_item (self);
  return self;
}

void
galley_fuzz_server_free (GalleyFuzzServer *self)
{
  galley_server_close (self->server);
  while (!galley_server_drain (self->server) || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (self->server);
  galley_bare_device_free (self->lead);
  g_free (self->lead_token);
  g_free (self->guest_token);
  g_free (self);
}

GalleyBackend *
galley_fuzz_server_get_backend (GalleyFuzzServer *self)
{
  return galley_server_get_backend (self->server);
}

void
galley_fuzz_server_get_session (GalleyFuzzServer *self, GalleySession *session)
{
  GalleyBackend *backend = galley_server_get_backend (self->server);
  g_autoptr (GError) error = NULL;

  backend->ops->authenticate (backend, self->lead_token, session, &error);
  g_assert_no_error (error);
}
