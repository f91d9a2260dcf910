/* galley-sqlite-pull.c: what is new in a project, and whether its stream is whole
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sqlite-pull"

#include "data/galley-sabotage.h"
#include "server/galley-sqlite-backend-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* An answer with so many gaps ends with the change that they came before. Those of one change are
 * no more than a push lets in a row. */
#define MAX_GAPS 20000

/* One pull on its way out. */
typedef struct
{
  GalleySqliteBackend *backend;
  const GalleySession *session;
  const GalleyPull *pull;
  gint64 project;
  GalleyBatchWriter *batch; /* (nullable): not for JSON */
  JsonBuilder *json;        /* (nullable) */
  guint64 next;             /* position after the last that was written */
  guint64 known_first, known_count;
  guint n_gaps;
  GHashTable *refusing; /* numbers of the devices that have refused changes */
} Pull;

static gboolean
load_refusing (Pull *pull, GError **error)
{
  GalleyDatabase *db = pull->backend->db;
  sqlite3_stmt *query =
      galley_database_query (db, error, "SELECT DISTINCT device FROM refused WHERE project = ?1",
                             "i", pull->project);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      gint64 device = sqlite3_column_int64 (query, 0);

      g_hash_table_add (pull->refusing, g_memdup2 (&device, sizeof device));
    }

  return stepped == 0;
}

/* The asker's own changes that it has are told as runs of numbers. */
static void
flush_known (Pull *pull)
{
  if (pull->known_count > 0)
    galley_batch_writer_add_known (pull->batch, pull->known_first, pull->known_count);
  pull->known_count = 0;
}

static void
add_known (Pull *pull, guint64 seq)
{
  if (pull->known_count > 0 && pull->known_first + pull->known_count != seq)
    flush_known (pull);
  if (pull->known_count == 0)
    pull->known_first = seq;
  pull->known_count++;
}

/* The hashes of changes that were refused between this one and the device's accepted one before. */
static gboolean
add_gaps (Pull *pull, gint64 device, const GalleyRef *ref, GError **error)
{
  GalleyDatabase *db = pull->backend->db;
  sqlite3_stmt *query;
  int stepped;

  if (!g_hash_table_contains (pull->refusing, &device))
    return TRUE;

  query = galley_database_query (
      db, error,
      "SELECT seq, hash FROM refused WHERE project = ?1 AND device = ?2 AND seq < ?3 AND seq >"
      " (SELECT ifnull (max (seq), 0) FROM stream WHERE project = ?1 AND device = ?2 AND seq < ?3)"
      " ORDER BY seq",
      "iii", pull->project, device, (gint64)ref->seq);
  stepped = query != NULL ? 1 : -1;
  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyRef gap = { ref->device, sqlite3_column_int64 (query, 0) };
      GalleyHash hash;

      galley_column_hash (query, 1, &hash);
      galley_batch_writer_add_gap (pull->batch, &gap, &hash);
      pull->n_gaps++;
    }

  return stepped == 0;
}

static gboolean
add_json (Pull *pull, guint64 position, gconstpointer data, gsize bytes, GError **error)
{
  g_autoptr (GBytes) copy = g_bytes_new (data, bytes);
  g_autoptr (GalleyChange) change = galley_change_new_from_bytes (copy, error);

  if (change == NULL)
    return FALSE;

  json_builder_begin_object (pull->json);
  galley_change_add_to_json (pull->json, change, position);
  json_builder_end_object (pull->json);
  return TRUE;
}

static gboolean
add_row (Pull *pull, sqlite3_stmt *row, GError **error)
{
  GalleyRef ref = { .seq = sqlite3_column_int64 (row, 3) };
  gconstpointer bytes = sqlite3_column_blob (row, 4);
  gsize n_bytes = sqlite3_column_bytes (row, 4);
  GalleyHash hash;

  galley_column_id (row, 2, &ref.device);
  if (pull->json != NULL)
    return add_json (pull, sqlite3_column_int64 (row, 0), bytes, n_bytes, error);

  if (galley_id_equal (&ref.device, &pull->session->device) && ref.seq <= pull->pull->have)
    {
      add_known (pull, ref.seq);
      return TRUE;
    }

  flush_known (pull);
  if (!add_gaps (pull, sqlite3_column_int64 (row, 1), &ref, error))
    return FALSE;
  galley_column_hash (row, 5, &hash);
  galley_batch_writer_add_change (pull->batch, bytes, n_bytes, &hash);
  if (sqlite3_column_bytes (row, 6) == GALLEY_SIGNATURE_BYTES)
    galley_batch_writer_add_tip (pull->batch, &ref, &hash, sqlite3_column_blob (row, 6));
  return TRUE;
}

static gboolean
add_rows (Pull *pull, GError **error)
{
  GalleyDatabase *db = pull->backend->db;
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT s.position, s.device, d.id, s.seq, s.bytes, s.hash, t.signature FROM stream s"
      " JOIN device d ON d.number = s.device LEFT JOIN tip t ON t.project = s.project"
      " AND t.device = s.device AND t.seq = s.seq"
      " WHERE s.project = ?1 AND s.position > ?2 ORDER BY s.position LIMIT ?3",
      "iii", pull->project,
      (gint64)pull->pull->after + (GALLEY_SABOTAGED (PULL_SKIPS) && pull->pull->after > 0),
      (gint64)pull->pull->max_changes);
  gsize total = 0;
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      gboolean full;

      total += sqlite3_column_bytes (query, 4);
      full = (total > pull->pull->max_bytes && pull->next > pull->pull->after + 1) ||
             pull->n_gaps >= MAX_GAPS;
      if (full || !add_row (pull, query, error))
        {
          galley_database_done (query);
          return full;
        }
      pull->next = sqlite3_column_int64 (query, 0) + 1;
    }

  return stepped == 0;
}

static GBytes *
write_answer (Pull *pull, GError **error)
{
  if (pull->pull->as_json)
    {
      g_autoptr (JsonBuilder) json = pull->json = json_builder_new ();

      json_builder_begin_object (json);
      json_builder_set_member_name (json, "changes");
      json_builder_begin_array (json);
      if (!add_rows (pull, error))
        return NULL;
      json_builder_end_array (json);
      json_builder_end_object (json);
      return galley_json_finish (json);
    }
  else
    {
      g_autoptr (GalleyBatchWriter) batch = pull->batch = galley_batch_writer_new ();

      galley_batch_writer_add_position (batch, pull->pull->after + 1);
      if (!add_rows (pull, error))
        return NULL;
      flush_known (pull);
      return galley_batch_writer_finish (batch);
    }
}

/* Whoever shows that all they have is so may go on, whatever the history is called by now. */
static gboolean
follows (Pull *pull, const GalleyPullAnswer *answer, GError **error)
{
  const GalleyPull *request = pull->pull;

  if (request->mark.position != 0)
    return galley_sqlite_stands_on (pull->backend, pull->project, answer->position, &request->mark,
                                    error);

  return (request->history == NULL || g_str_equal (request->history, answer->history_id)) &&
         request->after <= answer->position;
}

/**
 * galley_sqlite_pull:
 *
 * Returns: (transfer full) (nullable): the next changes after a position, as a batch or as JSON
 */
GalleyPullAnswer *
galley_sqlite_pull (GalleyBackend *backend,
                    const GalleySession *session,
                    const GalleyId *project,
                    const GalleyPull *request,
                    GError **error)
{
  g_autoptr (GHashTable)
      refusing = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GalleyPullAnswer) answer = g_new0 (GalleyPullAnswer, 1);
  Pull pull = {
    .backend = (GalleySqliteBackend *)backend,
    .session = session,
    .pull = request,
    .next = request->after + 1,
    .refusing = refusing,
  };
  sqlite3_stmt *query;
  g_autoptr (GError) local = NULL;
  GalleyRole role;

  if (!galley_sqlite_get_role (backend, session, project, &role, error))
    return NULL;
  pull.project = galley_sqlite_find_project (pull.backend, project, error);
  query = galley_database_query (pull.backend->db, error,
                                 "SELECT position, history FROM project WHERE number = ?1", "i",
                                 pull.project);
  if (query == NULL || galley_database_step (pull.backend->db, query, error) <= 0)
    return NULL;
  answer->position = sqlite3_column_int64 (query, 0);
  answer->history_id = galley_column_text (query, 1);
  galley_database_done (query);

  if (!follows (&pull, answer, &local))
    {
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else
        g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_HISTORY,
                             GALLEY_SQLITE_OTHER_HISTORY);
      return NULL;
    }

  if (!load_refusing (&pull, error) || (answer->body = write_answer (&pull, error)) == NULL ||
      !galley_sqlite_get_rolling (pull.backend, pull.project, pull.next - 1, &answer->rolling,
                                  error))
    return NULL;
  return g_steal_pointer (&answer);
}

/* ── is the stream what the devices signed ── */

typedef struct
{
  gint64 project, device;
  guint64 seq;
  GalleyHash hash;
} Link;

static gboolean
broken (GError **error, const GalleyRef *ref, const char *what)
{
  g_autofree char *text = galley_ref_to_string (ref);

  g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FAILED, "The change %s %s.", text,
               what);
  return FALSE;
}

static gboolean
verify_row (sqlite3_stmt *row, Link *link, GError **error)
{
  GalleyRef ref = { .seq = sqlite3_column_int64 (row, 2) };
  GalleyHash stored;

  galley_column_id (row, 3, &ref.device);
  galley_column_hash (row, 4, &stored);
  if (link->project != sqlite3_column_int64 (row, 0) ||
      link->device != sqlite3_column_int64 (row, 1))
    *link = (Link){ sqlite3_column_int64 (row, 0), sqlite3_column_int64 (row, 1), 0, { { 0 } } };
  if (ref.seq != link->seq + 1)
    return broken (error, &ref, "does not follow the one before it");

  /* Of a refused change only the hash is here. */
  if (sqlite3_column_type (row, 5) != SQLITE_NULL)
    {
      g_autoptr (GBytes)
          bytes = g_bytes_new (sqlite3_column_blob (row, 5), sqlite3_column_bytes (row, 5));
      g_autoptr (GalleyChange) change = galley_change_new_from_bytes (bytes, error);

      if (change == NULL)
        return FALSE;
      if (!galley_hash_equal (galley_change_get_hash (change), &stored) ||
          !galley_hash_equal (&galley_change_get_header (change)->previous, &link->hash))
        return broken (error, &ref, "is not as its device wrote it");
    }
  if (sqlite3_column_bytes (row, 6) == GALLEY_SIGNATURE_BYTES &&
      sqlite3_column_bytes (row, 7) == GALLEY_PUBLIC_KEY_BYTES)
    {
      GalleyId project;

      galley_column_id (row, 8, &project);
      if (!galley_tip_verify (sqlite3_column_blob (row, 7), &project, &ref, &stored,
                              sqlite3_column_blob (row, 6)))
        return broken (error, &ref, "has a signature that is not its device's");
    }

  link->seq = ref.seq;
  link->hash = stored;
  return TRUE;
}

/* What was given out as positions is all there, and each device's chain goes as far as it was
 * acknowledged and ends in a signature. */
static gboolean
verify_ends (GalleyDatabase *db, const GalleyId *project, GError **error)
{
  gint64 cut = 0;

  if (!galley_database_get_int (
          db, &cut, error,
          "SELECT count (*) FROM project p WHERE (?1 IS NULL OR p.id = ?1) AND"
          " (p.position <> (SELECT count (*) FROM stream s WHERE s.project = p.number)"
          "  OR p.position <> (SELECT ifnull (max (position), 0) FROM stream s"
          "                    WHERE s.project = p.number)"
          "  OR EXISTS (SELECT 1 FROM chain c WHERE c.project = p.number AND (c.seq <>"
          "    (SELECT count (*) FROM stream s WHERE s.project = c.project AND s.device = c.device)"
          "    + (SELECT count (*) FROM refused r WHERE r.project = c.project"
          "       AND r.device = c.device)"
          "    OR NOT EXISTS (SELECT 1 FROM tip t WHERE t.project = c.project"
          "                   AND t.device = c.device AND t.seq = c.seq))))",
          "b", project, project != NULL ? sizeof *project : (gsize)0))
    return FALSE;
  if (cut == 0)
    return TRUE;

  g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FAILED,
               "In %" G_GINT64_FORMAT " projects changes are missing that were acknowledged.", cut);
  return FALSE;
}

/**
 * galley_sqlite_verify:
 * @project: (nullable): %NULL for all
 * @n_changes: (out): how many were looked at
 * @error: names the first change that is not as its device wrote and signed it
 */
gboolean
galley_sqlite_verify (GalleyBackend *backend,
                      const GalleyId *project,
                      guint64 *n_changes,
                      GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  GalleyDatabase *db = self->db;
  sqlite3_stmt *query;
  Link link = { 0 };
  int stepped;

  *n_changes = 0;
  if (project != NULL && galley_sqlite_find_project (self, project, error) == 0)
    return FALSE;

  query = galley_database_query (
      db, error,
      "SELECT x.project, x.device, x.seq, d.id, x.hash, x.bytes, t.signature, d.public_key, p.id"
      " FROM (SELECT project, device, seq, hash, bytes FROM stream UNION ALL"
      "  SELECT project, device, seq, hash, NULL FROM refused) x"
      " JOIN device d ON d.number = x.device JOIN project p ON p.number = x.project"
      " LEFT JOIN tip t ON t.project = x.project AND t.device = x.device AND t.seq = x.seq"
      " WHERE ?1 IS NULL OR p.id = ?1 ORDER BY x.project, x.device, x.seq",
      "b", project, project != NULL ? sizeof *project : (gsize)0);
  stepped = query != NULL ? 1 : -1;
  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      if (!verify_row (query, &link, error))
        {
          galley_database_done (query);
          return FALSE;
        }
      (*n_changes)++;
    }

  return stepped == 0 && verify_ends (db, project, error);
}
