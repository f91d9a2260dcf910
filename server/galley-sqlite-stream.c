/* galley-sqlite-stream.c: one value for all of a stream, and how far a device's is the same
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sqlite-stream"

#include "data/galley-sabotage.h"
#include "server/galley-sqlite-backend-private.h"

#define FILL_STEP 1000

typedef struct
{
  gint64 project, position;
  GalleyHash hash;
} Row;

static gboolean
list_unrolled (GalleySqliteBackend *self, GArray *rows, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT project, position, hash FROM stream WHERE"
                                               " rolling IS NULL ORDER BY project, position"
                                               " LIMIT " G_STRINGIFY (FILL_STEP),
                                               "");
  int stepped = query != NULL ? 1 : -1;

  g_array_set_size (rows, 0);
  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      Row row = { sqlite3_column_int64 (query, 0), sqlite3_column_int64 (query, 1), { { 0 } } };

      galley_column_hash (query, 2, &row.hash);
      g_array_append_val (rows, row);
    }

  return stepped == 0;
}

static gboolean
fill_rows (GalleySqliteBackend *self, const GArray *rows, GError **error)
{
  GalleyHash rolling = { { 0 } };
  gint64 project = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);

      if (row->project != project &&
          !galley_sqlite_get_rolling (self, row->project, row->position - 1, &rolling, error))
        return FALSE;
      project = row->project;
      galley_hash_roll (&rolling, &row->hash);
      if (!galley_database_run (self->db, error,
                                "UPDATE stream SET rolling = ?3"
                                " WHERE project = ?1 AND position = ?2",
                                "iih", row->project, row->position, &rolling))
        return FALSE;
    }

  return TRUE;
}

/**
 * galley_sqlite_fill_rolling:
 *
 * For streams that an earlier Galley wrote. Done once; goes on where it was interrupted.
 */
gboolean
galley_sqlite_fill_rolling (GalleySqliteBackend *self, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));
  gint64 newest_filled = 0;

  if (!galley_database_get_int (self->db, &newest_filled, error,
                                "SELECT 1 FROM meta WHERE key = 'rolled'", ""))
    return FALSE;

  while (!newest_filled)
    {
      gboolean done;

      if (!galley_sqlite_begin (self, error))
        return FALSE;
      done = list_unrolled (self, rows, error) && fill_rows (self, rows, error);
      newest_filled = rows->len == 0;
      if (done && newest_filled)
        done = galley_database_run (self->db, error,
                                    "INSERT OR IGNORE INTO meta VALUES ('rolled', '1')", "");
      if (!galley_sqlite_end (self, done, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * galley_sqlite_get_rolling:
 * @rolling: (out): zeros at position 0
 */
gboolean
galley_sqlite_get_rolling (GalleySqliteBackend *self,
                           gint64 project,
                           guint64 position,
                           GalleyHash *rolling,
                           GError **error)
{
  sqlite3_stmt *query;
  int stepped;

  *rolling = (GalleyHash){ { 0 } };
  if (position == 0)
    return TRUE;

  query = galley_database_query (self->db, error,
                                 "SELECT rolling FROM stream WHERE project = ?1 AND position = ?2",
                                 "ii", project, (gint64)position);
  stepped = query != NULL ? galley_database_step (self->db, query, error) : -1;
  if (stepped == 0)
    g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FAILED,
                         "The stream lacks a change that it counted.");
  if (stepped <= 0)
    return FALSE;

  galley_column_hash (query, 0, rolling);
  galley_database_done (query);
  return TRUE;
}

/**
 * galley_sqlite_stands_on:
 * @end: of the stream
 * @mark: what a device has
 *
 * Returns: whether the stream says the same; %FALSE without @error when it does not
 */
gboolean
galley_sqlite_stands_on (
    GalleySqliteBackend *self, gint64 project, guint64 end, const GalleyMark *mark, GError **error)
{
  GalleyHash rolling;

  if (GALLEY_SABOTAGED (LOSS_UNNOTICED))
    return TRUE;
  return mark->position <= end &&
         galley_sqlite_get_rolling (self, project, mark->position, &rolling, error) &&
         (mark->position == 0 || galley_hash_equal (&rolling, &mark->rolling));
}

/* ── what is the same ── */

/* Every device that has joined, whether it has sent anything here or not. */
static gboolean
list_chains (GalleySqliteBackend *self, gint64 project, GArray *chains, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT d.id, c.seq, c.hash FROM device d LEFT JOIN "
                                               "chain c ON c.device = d.number"
                                               " AND c.project = ?1 ORDER BY d.number",
                                               "i", project);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyChainLink link = { .ref.seq = sqlite3_column_int64 (query, 1) };

      galley_column_id (query, 0, &link.ref.device);
      if (link.ref.seq != 0)
        galley_column_hash (query, 2, &link.hash);
      g_array_append_val (chains, link);
    }

  return stepped == 0;
}

static gboolean
has_link (GalleySqliteBackend *self,
          gint64 project,
          const GalleyId *device,
          const GalleyChainLink *link,
          gboolean *has,
          GError **error)
{
  gint64 found = 0;

  if (!galley_database_get_int (
          self->db, &found, error,
          "SELECT 1 FROM (SELECT hash FROM stream WHERE project = ?1 AND seq = ?3 AND device ="
          "  (SELECT number FROM device WHERE id = ?2) UNION ALL"
          " SELECT hash FROM refused WHERE project = ?1 AND seq = ?3 AND device ="
          "  (SELECT number FROM device WHERE id = ?2)) WHERE hash = ?4",
          "inih", project, device, (gint64)link->ref.seq, &link->hash))
    return FALSE;

  *has = found != 0;
  return TRUE;
}

static gboolean
compare_marks (GalleySqliteBackend *self,
               gint64 project,
               const GArray *marks,
               GalleyCommon *common,
               GError **error)
{
  for (guint i = 0; i < marks->len; i++)
    {
      const GalleyMark *mark = &g_array_index (marks, GalleyMark, i);
      g_autoptr (GError) local = NULL;

      if (mark->position > common->position &&
          galley_sqlite_stands_on (self, project, common->end, mark, &local))
        common->position = mark->position;
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
compare_chain (GalleySqliteBackend *self,
               gint64 project,
               const GalleyId *device,
               const GArray *chain,
               GalleyCommon *common,
               GError **error)
{
  for (guint i = 0; i < chain->len; i++)
    {
      const GalleyChainLink *link = &g_array_index (chain, GalleyChainLink, i);
      gboolean has;

      if (!has_link (self, project, device, link, &has, error))
        return FALSE;
      if (has)
        common->own_seq = MAX (common->own_seq, link->ref.seq);
    }

  return TRUE;
}

/**
 * galley_sqlite_find_common:
 * @known: what the asking device has
 *
 * Returns: (transfer full) (nullable): up to where that is so here as well
 */
GalleyCommon *
galley_sqlite_find_common (GalleyBackend *backend,
                           const GalleySession *session,
                           const GalleyId *project,
                           const GalleyKnown *known,
                           GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autoptr (GalleyCommon) common = galley_common_new ();
  gint64 number = galley_sqlite_find_project (self, project, error);
  sqlite3_stmt *query;

  if (number == 0)
    return NULL;
  query = galley_database_query (self->db, error,
                                 "SELECT position, history FROM project WHERE number = ?1", "i",
                                 number);
  if (query == NULL || galley_database_step (self->db, query, error) <= 0)
    return NULL;
  common->end = sqlite3_column_int64 (query, 0);
  common->history_id = galley_column_text (query, 1);
  galley_database_done (query);

  if (!compare_marks (self, number, known->marks, common, error) ||
      !compare_chain (self, number, &session->device, known->chain, common, error) ||
      !list_chains (self, number, common->chains, error))
    return NULL;
  return g_steal_pointer (&common);
}
