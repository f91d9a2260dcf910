/* galley-folder.c: a workspace's folder: made for good, looked at, and put aside
 *
 * Nothing here throws a file away.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-folder"

#include "data/galley-folder.h"

#include "data/galley-error.h"
#include "data/galley-key.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* Of what there is one in a workspace. The files of versions go by their hash: they are good for
 * any workspace and stay. */
static const char *const names[] = { "galley.db", "galley.db-wal", "galley.db-shm", "device.key",
                                     "account" };

/**
 * galley_folder_sync:
 *
 * What has a name in the folder keeps it from now on.
 *
 * Returns: whether it is on disk; else errno is set
 */
gboolean
galley_folder_sync (const char *path)
{
  int fd = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean synced = fd >= 0 && fsync (fd) == 0;
  int saved_errno = errno;

  if (fd >= 0)
    close (fd);
  errno = saved_errno;
  return synced;
}

/**
 * galley_folder_make:
 * @path: of a folder, for its owner alone, with those above it; it may be there already
 *
 * A new folder has its name for good once the one above it is on disk: what is kept in it would go
 * with it otherwise.
 *
 * Returns: whether it is there; else errno is set
 */
gboolean
galley_folder_make (const char *path)
{
  g_autofree char *above = g_path_get_dirname (path);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  if (!g_file_test (above, G_FILE_TEST_IS_DIR) && !galley_folder_make (above))
    return FALSE;
  /* Another program may be faster, and syncs it. */
  if (g_mkdir (path, 0700) != 0)
    return errno == EEXIST && g_file_test (path, G_FILE_TEST_IS_DIR);

  return galley_folder_sync (above);
}

/* ── one that cannot be opened ── */

static gboolean
is_empty_or_gone (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  GStatBuf status;

  return g_stat (path, &status) != 0 ? errno == ENOENT : status.st_size == 0;
}

/**
 * galley_folder_is_lost:
 *
 * Whether there was a database once: the key is made after the tables are. SQLite would take an
 * empty file for a new database, and throw the log beside it away.
 */
gboolean
galley_folder_is_lost (const char *folder)
{
  g_autofree char *key = g_build_filename (folder, "device.key", NULL);

  return g_file_test (key, G_FILE_TEST_EXISTS) && is_empty_or_gone (folder, "galley.db");
}

/**
 * galley_folder_look:
 * @folder: of a workspace that nobody has open
 */
GalleyFolderState
galley_folder_look (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "device.key", NULL);
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autoptr (GalleyKey) key = galley_key_load (path, &error);

  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
    return GALLEY_FOLDER_BAD_KEY;
  if (galley_folder_is_lost (folder))
    return GALLEY_FOLDER_LOST;
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND))
    return GALLEY_FOLDER_NO_KEY;

  return GALLEY_FOLDER_SOUND;
}

/* A name that nothing has yet. */
static char *
find_free_name (const char *folder, const char *format_name, const char *ending)
{
  for (guint n = 1;; n++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s-%u%s", folder, format_name, n, ending);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
}

static gboolean
move (const char *from, const char *to, GError **error)
{
  if (g_rename (from, to) == 0)
    return TRUE;

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
               _ ("The file “%s” could not be put aside: %s"), from, g_strerror (errno));
  return FALSE;
}

/**
 * galley_folder_put_key_aside:
 * @kept: (out) (transfer full): where the key is now
 *
 * Opening the workspace then makes a new identity for this device; all work is kept.
 */
gboolean
galley_folder_put_key_aside (const char *folder, char **kept, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "device.key", NULL);
  g_autofree char *away = find_free_name (folder, "device-damaged", ".key");

  if (!move (path, away, error))
    return FALSE;

  *kept = g_steal_pointer (&away);
  return TRUE;
}

/**
 * galley_folder_put_all_aside:
 * @kept: (out) (transfer full): the folder in which everything is now
 *
 * Then there is no workspace in @folder any more. The key goes too: with the old one, a new journal
 * would give its changes numbers that the old one gave already.
 */
gboolean
galley_folder_put_all_aside (const char *folder, char **kept, GError **error)
{
  g_autofree char *away = find_free_name (folder, "kept", "");

  if (g_mkdir (away, 0700) != 0)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
                   _ ("The folder “%s” cannot be made: %s"), away, g_strerror (errno));
      return FALSE;
    }

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_build_filename (folder, names[i], NULL);
      g_autofree char *to = g_build_filename (away, names[i], NULL);

      if (g_file_test (from, G_FILE_TEST_EXISTS) && !move (from, to, error))
        return FALSE;
    }

  *kept = g_steal_pointer (&away);
  return TRUE;
}
