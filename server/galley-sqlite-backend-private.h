/* galley-sqlite-backend-private.h: what the parts of the SQLite back end share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-database.h"
#include "server/galley-backend.h"

G_BEGIN_DECLS

typedef struct
{
  GalleyBackend parent;
  char *folder;
  const GalleyWorld *world;
  GalleyDatabase *db;      /* the worker's */
  GalleyDatabase *lookups; /* of authenticate(), read-only */
  GMutex lookups_lock;
  char *server_id;
} GalleySqliteBackend;

gboolean galley_sqlite_begin (GalleySqliteBackend *self, GError **error);
gboolean galley_sqlite_end (GalleySqliteBackend *self, gboolean done, GError **error);
gint64 galley_sqlite_find_project (GalleySqliteBackend *self,
                                   const GalleyId *project,
                                   GError **error);
gboolean galley_sqlite_get_role (GalleyBackend *backend,
                                 const GalleySession *session,
                                 const GalleyId *project,
                                 GalleyRole *role,
                                 GError **error);

/* galley-sqlite-push.c, galley-sqlite-pull.c */
GalleyPushAnswer *galley_sqlite_push (GalleyBackend *backend,
                                      const GalleySession *session,
                                      const GalleyId *project,
                                      GBytes *batch,
                                      GError **error);
GalleyPullAnswer *galley_sqlite_pull (GalleyBackend *backend,
                                      const GalleySession *session,
                                      const GalleyId *project,
                                      const GalleyPull *pull,
                                      GError **error);
gboolean galley_sqlite_verify (GalleyBackend *backend,
                               const GalleyId *project,
                               guint64 *n_changes,
                               GError **error);

G_END_DECLS
