/* galley-sync-plan.h: what there is to do, found out by looking at the database
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-job-table.h"
#include "sync/galley-job-limits.h"
#include "sync/galley-server-view.h"

G_BEGIN_DECLS

/* One look at the database, of one moment. */
typedef struct
{
  char *server_url; /* (nullable): no server */
  char *connected;  /* (nullable) */
  gboolean offline;
  gboolean paused;
  GalleyJobWishes wishes;
  gboolean needs_identity; /* before anything is sent */
  gboolean unreachable;    /* as some process has written down */
  char *sync_wanted;       /* (nullable) */
  char *sync_done;         /* (nullable) */
  GArray *asks;            /* of GalleyJobRequest */
  GPtrArray *rows;         /* of GalleyJobRow: open and recent ones */
  GPtrArray *wanted;       /* of GalleyJobRow with id 0: what should be done */
  guint64 unsent;          /* own changes that the server does not have */
  guint64 unsent_files;    /* that are here, and that it does not have */
  guint64 refused;
  guint n_differing; /* projects that have come to something else here than on most devices */
  char *divergence;  /* (nullable): what is so of one of them, for people */
} GalleySyncPlan;

GalleySyncPlan *galley_sync_plan_make (GalleyReader *reader,
                                       GPtrArray *server_projects,
                                       GError **error);
void galley_sync_plan_make_async (GalleyStore *store,
                                  GPtrArray *server_projects,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
GalleySyncPlan *galley_sync_plan_make_finish (GalleyStore *store,
                                              GAsyncResult *result,
                                              GError **error);
void galley_sync_plan_free (GalleySyncPlan *self);

GalleyJobRow *galley_sync_plan_new_row (const char *kind,
                                        const GalleyId *project,
                                        const char *subject,
                                        const char *title,
                                        const char *cause);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySyncPlan, galley_sync_plan_free)

G_END_DECLS
