/* galley-scratch.c: one moment of a workspace, copied, so that something can be tried on it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-scratch"

#include "data/galley-scratch.h"

#include "data/galley-tables.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

struct _GalleyScratch
{
  char *folder;
  char *copy, *again; /* paths */
};

/* Edits may go on meanwhile. */
static gboolean
copy_database (const char *from, const char *to, GError **error)
{
  g_autoptr (GalleyDatabase) source = galley_database_open (from, TRUE, error);
  g_autoptr (GalleyDatabase) target = source != NULL ? galley_database_open (to, FALSE, error)
                                                     : NULL;
  sqlite3_backup *backup;
  gboolean copied;

  if (target == NULL)
    return FALSE;
  backup = sqlite3_backup_init (galley_database_get_handle (target), "main",
                                galley_database_get_handle (source), "main");
  copied = backup != NULL && sqlite3_backup_step (backup, -1) == SQLITE_DONE;
  if (backup != NULL)
    sqlite3_backup_finish (backup);

  return copied || galley_database_set_error (target, "copy", error);
}

/* The copy may be of an older Galley's workspace, which is not touched. */
static gboolean
bring_up_to_date (const char *path, GError **error)
{
  g_autoptr (GalleyDatabase) db = galley_database_open (path, FALSE, error);

  return db != NULL && galley_tables_prepare (db, error);
}

/**
 * galley_scratch_new:
 * @workspace: the folder
 * @error: %GALLEY_DATA_ERROR_NOT_FOUND when no workspace is there
 *
 * Touches nothing of the workspace but a folder of its own in it.
 */
GalleyScratch *
galley_scratch_new (const char *workspace, GError **error)
{
  g_autoptr (GalleyScratch) self = g_new0 (GalleyScratch, 1);
  g_autofree char *path = g_build_filename (workspace, "galley.db", NULL);
  g_autofree char *folder = g_build_filename (workspace, "replay-XXXXXX", NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                   _ ("There is no workspace in “%s”. Make one first."), workspace);
      return NULL;
    }
  if (g_mkdtemp (folder) == NULL)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
                   _ ("There is no room for a replay in “%s”."), workspace);
      return NULL;
    }

  self->folder = g_steal_pointer (&folder);
  self->copy = g_build_filename (self->folder, "galley.db", NULL);
  self->again = g_build_filename (self->folder, "again.db", NULL);
  if (!copy_database (path, self->copy, error) || !bring_up_to_date (self->copy, error) ||
      !copy_database (self->copy, self->again, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
galley_scratch_free (GalleyScratch *self)
{
  g_autoptr (GDir) dir = self->folder != NULL ? g_dir_open (self->folder, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  if (self->folder != NULL)
    g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->copy);
  g_free (self->again);
  g_free (self);
}

/* The copy is in there under a workspace's usual name, for a reader. */
const char *
galley_scratch_get_folder (GalleyScratch *self)
{
  return self->folder;
}

gboolean
galley_scratch_replay (GalleyScratch *self, GalleyReplaying *replaying, GError **error)
{
  g_autoptr (GalleyDatabase) db = galley_database_open (self->again, FALSE, error);
  g_autoptr (GalleyDatabase) from = NULL;
  g_autoptr (GalleyJournal) journal = NULL;
  g_autoptr (GalleyApplier) applier = NULL;

  if (db == NULL || (from = galley_database_open (self->again, TRUE, error)) == NULL)
    return FALSE;

  journal = galley_journal_new (db);
  applier = galley_applier_new (db, journal);
  return galley_database_exec (db, "PRAGMA synchronous = OFF; BEGIN IMMEDIATE", error) &&
         galley_replay_apply (replaying, from, db, applier, error) &&
         galley_database_exec (db, "COMMIT", error);
}

GalleyDatabase *
galley_scratch_open (GalleyScratch *self, GError **error)
{
  g_autoptr (GalleyDatabase) copy = galley_database_open (self->copy, TRUE, error);

  if (copy == NULL || !galley_database_run (copy, error, "ATTACH ?1 AS scratch", "s", self->again))
    return NULL;

  return g_steal_pointer (&copy);
}
