/* galley-job-context.h: what every job works with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-file-store.h"
#include "data/galley-store.h"
#include "sync/galley-job-limits.h"
#include "sync/galley-server-view.h"
#include "sync/galley-transport.h"

G_BEGIN_DECLS

/* Counted, because a job that was cancelled may outlive its service by a moment. */
typedef struct
{
  GalleyStore *store;
  GalleyFileStore *files;
  GalleyTransport *transport;
  GalleyServerView *server; /* main loop */
  GalleyJobLimits *limits;  /* main loop */
} GalleyJobContext;

GalleyJobContext *galley_job_context_new (GalleyStore *store, GalleyTransport *transport);
GalleyJobContext *galley_job_context_ref (GalleyJobContext *self);
void galley_job_context_unref (GalleyJobContext *self);
const GalleyWorld *galley_job_context_get_world (GalleyJobContext *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyJobContext, galley_job_context_unref)

G_END_DECLS
