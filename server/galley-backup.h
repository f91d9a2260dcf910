/* galley-backup.h: copies a server into another folder, and back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean galley_backup_copy_files (const char *from, const char *to, GError **error);
gboolean galley_backup_restore (const char *backup, const char *folder, GError **error);
typedef struct
{
  guint64 n_changes;
  guint64 n_files;
} GalleyBackupReport;
gboolean galley_backup_verify (const char *backup, GalleyBackupReport *report, GError **error);
gboolean galley_backup_keep (const char *path, GError **error);

G_END_DECLS
