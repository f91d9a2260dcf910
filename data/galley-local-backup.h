/* galley-local-backup.h: copies of a workspace's database on the same computer, a few of them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-replay.h"

G_BEGIN_DECLS

/* In the folder "backups" of the workspace: galley-20261127-093015.db.zst, in UTC; what did not
 * verify ends in .bad, and is kept. */
typedef struct
{
  char *path;
  gint64 made_us; /* microseconds since 1970 UTC, whole seconds */
  guint64 size_bytes;
  gboolean bad;
} GalleyBackupFile;

void galley_backup_file_free (GalleyBackupFile *file);

gboolean galley_local_backup_make (GalleyStore *store,
                                   GCancellable *cancellable,
                                   GalleyReplayProgress progress,
                                   gpointer progress_data,
                                   char **path,
                                   GError **error);
GPtrArray *galley_local_backup_list (const char *folder, GError **error);
gboolean galley_local_backup_verify (const char *path, guint64 *n_changes, GError **error);
gboolean galley_local_backup_unpack (const char *path, const char *to, GError **error);
char *galley_local_backup_unpack_newest (const char *folder, const char *to, gint64 *made_us);
gboolean galley_local_backup_rotate (const char *folder, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyBackupFile, galley_backup_file_free)

G_END_DECLS
