/* galley-arrival.c: when the server was seen to have a project's changes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-arrival"

#include "data/galley-arrival.h"

#include "data/galley-store-private.h"

#include <string.h>

#define MINUTE_US (60 * G_USEC_PER_SEC)

/**
 * galley_arrival_note:
 * @position: up to where the server has the project's stream now
 *
 * On the writer thread. Within one minute of the clock there is one row, moved on.
 */
gboolean
galley_arrival_note (GalleyWriter *writer, gint64 project, guint64 position, GError **error)
{
  gint64 now_us = galley_world_now_us (writer->world);
  gint64 last = 0, last_us = 0;

  if (!galley_database_get_int (writer->db, &last, error,
                                "SELECT max (position) FROM arrival WHERE project = ?1", "i",
                                project))
    return FALSE;
  if ((guint64)last >= position)
    return TRUE;
  if (!galley_database_get_int (writer->db, &last_us, error,
                                "SELECT at_us FROM arrival WHERE project = ?1 AND position = ?2",
                                "ii", project, last))
    return FALSE;

  if (last != 0 && last_us / MINUTE_US == now_us / MINUTE_US)
    return galley_database_run (writer->db, error,
                                "UPDATE arrival SET position = ?3, at_us = ?4"
                                " WHERE project = ?1 AND position = ?2",
                                "iiii", project, last, (gint64)position, now_us);
  return galley_database_run (writer->db, error, "INSERT INTO arrival VALUES (?1, ?2, ?3)", "iii",
                              project, (gint64)position, now_us);
}

/**
 * galley_arrival_forget:
 * @after: behind it the stream is another one now
 */
gboolean
galley_arrival_forget (GalleyWriter *writer, gint64 project, guint64 after, GError **error)
{
  return galley_database_run (writer->db, error,
                              "DELETE FROM arrival WHERE project = ?1 AND position > ?2", "ii",
                              project, (gint64)after);
}

/**
 * galley_arrival_find:
 * @arrival: (out): the one that @position came with
 */
gboolean
galley_arrival_find (GalleyReader *reader,
                     const GalleyId *project,
                     guint64 position,
                     GalleyArrival *arrival,
                     GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT (SELECT max (position) FROM arrival WHERE project = p.number AND position < ?2),"
      "  a.position, a.at_us FROM project p LEFT JOIN arrival a ON a.project = p.number"
      "  AND a.position >= ?2 WHERE p.id = ?1 ORDER BY a.position LIMIT 1",
      "ni", project, (gint64)position);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;

  memset (arrival, 0, sizeof *arrival);
  if (stepped > 0)
    {
      arrival->after = sqlite3_column_int64 (query, 0);
      arrival->until = sqlite3_column_int64 (query, 1);
      arrival->seen_us = sqlite3_column_int64 (query, 2);
      galley_database_done (query);
    }

  return stepped >= 0;
}
