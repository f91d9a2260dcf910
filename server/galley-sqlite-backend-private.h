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
  GalleyDatabase *lookups; /* read-only */
  GMutex lookups_lock;
  GalleyDatabase *files; /* for what the workers of files keep */
  GMutex files_lock;
  char *server_id;
  char *token_key; /* secret: see make_token() in galley-sqlite-people.c */
} GalleySqliteBackend;

gboolean galley_sqlite_begin (GalleySqliteBackend *self, GError **error);
gboolean galley_sqlite_end (GalleySqliteBackend *self, gboolean done, GError **error);
gint64 galley_sqlite_find_project (GalleySqliteBackend *self,
                                   const GalleyId *project,
                                   GError **error);
gboolean galley_sqlite_refresh (GalleyBackend *backend, GalleySession *session, GError **error);
gboolean galley_sqlite_get_role (GalleyBackend *backend,
                                 const GalleySession *session,
                                 const GalleyId *project,
                                 GalleyRole *role,
                                 GError **error);

void galley_sqlite_hash_secret (const char *secret, GalleyHash *hash);
char *galley_sqlite_make_secret (GalleySqliteBackend *self,
                                 const char *alphabet,
                                 guint n_signs,
                                 guint group);

/* galley-sqlite-people.c */
GalleyEnrolAnswer *galley_sqlite_enrol (GalleyBackend *backend,
                                        const GalleyEnrolRequest *request,
                                        GError **error);
GalleyEnrolAnswer *galley_sqlite_add_device (GalleyBackend *backend,
                                             const GalleySession *session,
                                             const GalleyEnrolRequest *request,
                                             GError **error);
GalleyMe *galley_sqlite_get_me (GalleyBackend *backend,
                                const GalleySession *session,
                                GError **error);
char *galley_sqlite_create_invite (
    GalleyBackend *backend, const char *person, GalleyRole role, guint uses, GError **error);
gboolean galley_sqlite_revoke (GalleyBackend *backend, const GalleyId *device, GError **error);
gboolean galley_sqlite_set_role (GalleyBackend *backend,
                                 const GalleyId *project,
                                 const GalleyId *person,
                                 GalleyRole role,
                                 GError **error);
GPtrArray *galley_sqlite_list_roles (GalleyBackend *backend,
                                     const GalleyId *project,
                                     GError **error);

/* galley-sqlite-flags.c */
gboolean galley_sqlite_set_flag (GalleyBackend *backend,
                                 const GalleyFlagChange *change,
                                 GError **error);
GPtrArray *galley_sqlite_list_flag_changes (GalleyBackend *backend, guint limit, GError **error);
GPtrArray *galley_sqlite_list_flags (GalleyBackend *backend, GError **error);
gboolean galley_sqlite_add_flags (GalleySqliteBackend *self,
                                  GalleyRole role,
                                  GPtrArray *shares,
                                  GError **error);

/* galley-sqlite-push.c, galley-sqlite-pull.c */
GalleyPushAnswer *galley_sqlite_push (GalleyBackend *backend,
                                      const GalleySession *session,
                                      const GalleyId *project,
                                      GBytes *bytes,
                                      const GalleyPushTerms *terms,
                                      GError **error);
GalleyPullAnswer *galley_sqlite_pull (GalleyBackend *backend,
                                      const GalleySession *session,
                                      const GalleyId *project,
                                      const GalleyPull *pull,
                                      GError **error);

/* galley-sqlite-digest.c */
gboolean galley_sqlite_report_digests (GalleyBackend *backend,
                                       const GalleySession *session,
                                       const GArray *reports,
                                       GError **error);
GArray *galley_sqlite_list_divergences (GalleyBackend *backend,
                                        const GalleyId *device,
                                        GError **error);

/* galley-sqlite-stream.c */
#define GALLEY_SQLITE_OTHER_HISTORY                                                                \
  "The server's stream does not continue what this device has followed: it was restored from a "   \
  "backup. The device finds out what is the same, and sends again what is missing."

gboolean galley_sqlite_fill_rolling (GalleySqliteBackend *self, GError **error);
gboolean galley_sqlite_get_rolling (GalleySqliteBackend *self,
                                    gint64 project,
                                    guint64 position,
                                    GalleyHash *rolling,
                                    GError **error);
gboolean galley_sqlite_stands_on (
    GalleySqliteBackend *self, gint64 project, guint64 end, const GalleyMark *mark, GError **error);
GalleyCommon *galley_sqlite_find_common (GalleyBackend *backend,
                                         const GalleySession *session,
                                         const GalleyId *project,
                                         const GalleyKnown *known,
                                         GError **error);
gboolean galley_sqlite_verify (GalleyBackend *backend,
                               const GalleyId *project,
                               guint64 *n_changes,
                               GError **error);

GArray *galley_sqlite_list_followers (GalleyBackend *backend, GError **error);
GArray *galley_sqlite_list_programs (GalleyBackend *backend, GError **error);
gboolean galley_sqlite_get_growth (GalleyBackend *backend,
                                   const GalleyId *project,
                                   guint64 *n_changes,
                                   guint64 *n_bytes,
                                   GError **error);
gboolean galley_sqlite_get_files (GalleyBackend *backend, GalleyFilesInfo *info, GError **error);

G_END_DECLS
