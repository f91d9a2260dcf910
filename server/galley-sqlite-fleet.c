/* galley-sqlite-fleet.c: how far each device has come, how streams grow, and what files there are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sqlite-fleet"

#include "server/galley-sqlite-backend-private.h"

#include <sys/stat.h>

#define DAY_US G_TIME_SPAN_DAY

/**
 * galley_sqlite_list_followers:
 *
 * By what each device has last said that it came to: devices that never said anything are not
 * there.
 */
GArray *
galley_sqlite_list_followers (GalleyBackend *backend, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autoptr (GArray) followers = g_array_new (FALSE, TRUE, sizeof (GalleyFollower));
  sqlite3_stmt *query = galley_database_query (
      self->db, error,
      "SELECT p.id, d.id, max (g.position), max (g.reported_us), p.position FROM digest g"
      " JOIN project p ON p.number = g.project JOIN device d ON d.number = g.device"
      " GROUP BY g.project, g.device ORDER BY g.project, g.device",
      "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyFollower follower = { 0 };
      guint64 end = sqlite3_column_int64 (query, 4);

      galley_column_id (query, 0, &follower.project);
      galley_column_id (query, 1, &follower.device);
      follower.position = sqlite3_column_int64 (query, 2);
      follower.reported_us = sqlite3_column_int64 (query, 3);
      follower.lag = end > follower.position ? end - follower.position : 0;
      g_array_append_val (followers, follower);
    }

  return stepped == 0 ? g_steal_pointer (&followers) : NULL;
}

/**
 * galley_sqlite_get_growth:
 *
 * Counts from the end of the stream backwards: what a day brings, however long the stream is.
 */
gboolean
galley_sqlite_get_growth (GalleyBackend *backend,
                          const GalleyId *project,
                          guint64 *n_changes,
                          guint64 *n_bytes,
                          GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  gint64 since_us = galley_world_now_us (self->world) - DAY_US;
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT s.accepted_us, length (s.bytes) FROM stream "
                                               "s JOIN project p ON p.number = s.project"
                                               " WHERE p.id = ?1 ORDER BY s.position DESC",
                                               "n", project);
  int stepped = query != NULL ? 1 : -1;

  *n_changes = *n_bytes = 0;
  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      if (sqlite3_column_int64 (query, 0) < since_us)
        {
          galley_database_done (query);
          return TRUE;
        }
      *n_changes += 1;
      *n_bytes += (guint64)sqlite3_column_int64 (query, 1);
    }

  return stepped == 0;
}

static gboolean
is_spoken_of (GalleySqliteBackend *self, const GalleyHash *hash, gboolean *spoken, GError **error)
{
  gint64 known = 0;

  if (!galley_database_get_int (self->db, &known, error,
                                "SELECT EXISTS (SELECT 1 FROM file WHERE hash = ?1)", "h", hash))
    return FALSE;
  *spoken = known != 0;
  return TRUE;
}

static gboolean
count_shelf (GalleySqliteBackend *self, const char *path, GalleyFilesInfo *info, GError **error)
{
  g_autoptr (GDir) shelf = g_dir_open (path, 0, NULL);
  const char *name;

  while (shelf != NULL && (name = g_dir_read_name (shelf)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      gboolean spoken;
      struct stat status;
      GalleyHash hash;

      if (stat (file, &status) != 0)
        continue;
      if (!galley_hash_parse (name, &hash))
        {
          info->n_arriving++;
          info->arriving_bytes += (guint64)status.st_size;
          continue;
        }
      if (!is_spoken_of (self, &hash, &spoken, error))
        return FALSE;
      info->n_files++;
      info->n_bytes += (guint64)status.st_size;
      info->n_orphans += !spoken;
      info->orphan_bytes += spoken ? 0 : (guint64)status.st_size;
    }

  return TRUE;
}

/**
 * galley_sqlite_get_files:
 *
 * Looks at every name in the folder of files.
 */
gboolean
galley_sqlite_get_files (GalleyBackend *backend, GalleyFilesInfo *info, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autofree char *folder = g_build_filename (self->folder, "files", NULL);
  g_autoptr (GDir) shelves = g_dir_open (folder, 0, NULL);
  const char *name;

  *info = (GalleyFilesInfo){ 0 };
  while (shelves != NULL && (name = g_dir_read_name (shelves)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!count_shelf (self, path, info, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * galley_sqlite_list_programs:
 *
 * Returns: (transfer full) (element-type GalleyDeviceProgram): of all devices that have said so
 */
GArray *
galley_sqlite_list_programs (GalleyBackend *backend, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autoptr (GArray) programs = g_array_new (FALSE, TRUE, sizeof (GalleyDeviceProgram));
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT id, program FROM device WHERE program <> ''",
                                               "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyDeviceProgram program = { 0 };

      galley_column_id (query, 0, &program.device);
      g_strlcpy (program.program, (const char *)sqlite3_column_text (query, 1),
                 sizeof program.program);
      g_array_append_val (programs, program);
    }

  return stepped == 0 ? g_steal_pointer (&programs) : NULL;
}
