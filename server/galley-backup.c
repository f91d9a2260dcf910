/* galley-backup.c: copies a server into another folder, and back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-backup"

#include "server/galley-backup.h"

#include "data/galley-database.h"
#include "data/galley-file-store.h"
#include "server/galley-backend.h"
#include "server/galley-server-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

static gboolean
fail (GError **error, const char *doing, const char *path, int code)
{
  g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FAILED, "%s “%s”: %s", doing, path,
               g_strerror (code));
  return FALSE;
}

/**
 * galley_backup_keep:
 * @path: a file that was written
 *
 * Returns: whether it is on disk for good
 */
gboolean
galley_backup_keep (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gboolean kept = fd >= 0 && fsync (fd) == 0;

  if (!kept)
    fail (error, "Cannot keep", path, errno);
  if (fd >= 0)
    close (fd);
  return kept;
}

/* A second name for the same bytes where the file system allows it: nobody writes to them. */
static gboolean
copy_file (const char *from, const char *to, GError **error)
{
  g_autoptr (GFile) source = NULL, target = NULL;

  if (link (from, to) == 0 || errno == EEXIST)
    return TRUE;

  source = g_file_new_for_path (from);
  target = g_file_new_for_path (to);
  return g_file_copy (source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, error) &&
         galley_backup_keep (to, error);
}

/* Files that are still arriving are left out: whoever sends them sends the rest again. */
static gboolean
copy_shelf (const char *from, const char *to, GError **error)
{
  g_autoptr (GDir) shelf = g_dir_open (from, 0, error);
  const char *name;

  if (shelf == NULL)
    return FALSE;
  if (g_mkdir_with_parents (to, 0700) != 0)
    return fail (error, "Cannot make", to, errno);

  while ((name = g_dir_read_name (shelf)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);

      if (!g_str_has_suffix (name, ".part") && !copy_file (source, target, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * galley_backup_copy_files:
 * @from: a folder of shelves of files, as #GalleyFileStore makes it; may be missing
 * @to: made when it is not there
 *
 * Also while files arrive: each is there as a whole or not at all.
 */
gboolean
galley_backup_copy_files (const char *from, const char *to, GError **error)
{
  g_autoptr (GDir) folder = g_dir_open (from, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);

      if (g_file_test (source, G_FILE_TEST_IS_DIR) && !copy_shelf (source, target, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * galley_backup_restore:
 * @backup: a folder that a backup was made in; it is only read
 * @folder: a new one, for a server
 */
gboolean
galley_backup_restore (const char *backup, const char *folder, GError **error)
{
  g_autofree char *source = g_build_filename (backup, "server.db", NULL);
  g_autofree char *target = g_build_filename (folder, "server.db", NULL);
  g_autofree char *source_files = g_build_filename (backup, "files", NULL);
  g_autofree char *target_files = g_build_filename (folder, "files", NULL);
  g_autoptr (GFile) from = g_file_new_for_path (source), to = g_file_new_for_path (target);

  if (g_file_test (target, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_MALFORMED,
                   "There is a server in “%s” already. Restore into a new folder.", folder);
      return FALSE;
    }
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return fail (error, "Cannot make", folder, errno);

  /* A copy, not a second name: this one is going to be written to. */
  return galley_backup_copy_files (source_files, target_files, error) &&
         g_file_copy (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, error) &&
         galley_backup_keep (target, error);
}

/* ── looking at one ── */

static gboolean
check_files (GalleyFileStore *files, const char *folder, guint64 *n_files, GError **error)
{
  g_autoptr (GDir) shelves = g_dir_open (folder, 0, NULL);
  const char *shelf_name, *name;

  while (shelves != NULL && (shelf_name = g_dir_read_name (shelves)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, shelf_name, NULL);
      g_autoptr (GDir) shelf = g_dir_open (path, 0, NULL);

      while (shelf != NULL && (name = g_dir_read_name (shelf)) != NULL)
        {
          GalleyFileVerdict verdict;
          GalleyHash hash;

          if (!galley_hash_parse (name, &hash))
            continue;
          if (!galley_file_store_check (files, &hash, NULL, &verdict, error))
            return FALSE;
          if (verdict != GALLEY_FILE_SOUND)
            {
              g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FAILED,
                           "The file “%s” in the backup is damaged.", name);
              return FALSE;
            }
          (*n_files)++;
        }
    }

  return TRUE;
}

/* Every page: a stream may be whole where an index is not. */
static gboolean
check_pages (const char *path, GError **error)
{
  g_autoptr (GalleyDatabase) db = galley_database_open (path, TRUE, error);
  gint64 sound = 0;

  if (db == NULL ||
      !galley_database_get_int (db, &sound, error,
                                "SELECT integrity_check = 'ok' FROM pragma_integrity_check (1)",
                                ""))
    return FALSE;
  if (!sound)
    g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FAILED,
                 "The database in the backup is damaged.");

  return sound;
}

/* A server must be able to write beside its database, and a backup is only read. */
static gboolean
check_streams (const char *database, guint64 *n_changes, GError **error)
{
  g_autofree char *folder = g_dir_make_tmp ("galley-verify-XXXXXX", error);
  g_autofree char *copy = NULL;
  g_autoptr (GFile) from = NULL, to = NULL;
  GalleyBackend *backend = NULL;
  gboolean sound = FALSE;

  if (folder == NULL)
    return FALSE;

  copy = g_build_filename (folder, "server.db", NULL);
  from = g_file_new_for_path (database);
  to = g_file_new_for_path (copy);
  if (g_file_copy (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, error) &&
      check_pages (copy, error) &&
      (backend = galley_sqlite_backend_open (folder, galley_world_real (), error)) != NULL)
    sound = backend->ops->verify (backend, NULL, n_changes, error);
  if (backend != NULL)
    backend->ops->close (backend);
  galley_database_remove (copy);
  g_rmdir (folder);
  return sound;
}

/**
 * galley_backup_verify:
 * @backup: a folder that a backup was made in; it is only read
 * @report: (out caller-allocates)
 * @error: what is not as it was
 *
 * Every change of every stream by its chain and its device's signature, every file by its name.
 */
gboolean
galley_backup_verify (const char *backup, GalleyBackupReport *report, GError **error)
{
  g_autofree char *database = g_build_filename (backup, "server.db", NULL);
  g_autofree char *folder = g_build_filename (backup, "files", NULL);
  g_autoptr (GalleyFileStore) files = galley_file_store_new (folder);

  *report = (GalleyBackupReport){ 0 };
  return check_streams (database, &report->n_changes, error) &&
         check_files (files, folder, &report->n_files, error);
}
