/* galley-rescue.c: out of a damaged database into a new one
 *
 * The new database is complete under a name of its own before anything else moves, so a rescue that
 * is cut off has changed nothing, or is finished when the workspace is next opened.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-rescue"

#include "data/galley-rescue.h"

#include "data/galley-change.h"
#include "data/galley-folder.h"
#include "data/galley-key.h"
#include "data/galley-local-backup.h"
#include "data/galley-segment.h"
#include "data/galley-tables.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* ── reading what can be read ── */

/* Rows of the journal are numbered without gaps but for what is compacted, so this many missing in
 * a row, after the last that is known, are its end. */
#define MAX_MISSING 10000

/* The greatest number that can still be found out: that of the table's last row, or of a change
 * that was compacted. */
static gint64
find_last_row (sqlite3 *handle, const char *table)
{
  g_autofree char *sql = g_strdup_printf ("SELECT max (rowid) FROM damaged.%1$s UNION ALL"
                                          " SELECT max (rowid) FROM main.%1$s",
                                          table);
  sqlite3_stmt *query = NULL;
  gint64 last = 0;

  if (sqlite3_prepare_v2 (handle, sql, -1, &query, NULL) == SQLITE_OK)
    while (sqlite3_step (query) == SQLITE_ROW)
      last = MAX (last, sqlite3_column_int64 (query, 0));
  sqlite3_finalize (query);

  return last;
}

/* Row by row, around what cannot be read any more. */
static void
rescue_numbered (sqlite3 *handle, const char *table, guint64 *n_rows)
{
  g_autofree char *sql = g_strdup_printf (
      "INSERT OR IGNORE INTO main.%1$s SELECT * FROM damaged.%1$s WHERE rowid = ?1", table);
  gint64 last = find_last_row (handle, table);
  sqlite3_stmt *one = NULL;
  guint missing = 0;

  if (sqlite3_prepare_v2 (handle, sql, -1, &one, NULL) != SQLITE_OK)
    return;
  for (gint64 row = 1; row <= last || missing < MAX_MISSING; row++)
    {
      gboolean copied = sqlite3_bind_int64 (one, 1, row) == SQLITE_OK &&
                        sqlite3_step (one) == SQLITE_DONE && sqlite3_changes (handle) > 0;

      missing = copied ? 0 : missing + 1;
      *n_rows += copied;
      sqlite3_reset (one);
    }
  sqlite3_finalize (one);
}

/* Of a table without row numbers: from its first row on until one cannot be read. */
static void
rescue_until (sqlite3 *handle, const char *table, const char *order, guint64 *n_rows)
{
  g_autofree char *read = g_strdup_printf ("SELECT * FROM damaged.%s ORDER BY %s", table, order);
  g_autoptr (GString) write = g_string_new (NULL);
  sqlite3_stmt *from = NULL, *to = NULL;

  if (sqlite3_prepare_v2 (handle, read, -1, &from, NULL) != SQLITE_OK)
    return;
  g_string_printf (write, "INSERT OR IGNORE INTO main.%s VALUES (?1", table);
  for (int i = 1; i < sqlite3_column_count (from); i++)
    g_string_append_printf (write, ", ?%d", i + 1);
  g_string_append_c (write, ')');
  if (sqlite3_prepare_v2 (handle, write->str, -1, &to, NULL) == SQLITE_OK)
    while (sqlite3_step (from) == SQLITE_ROW)
      {
        gboolean bound = TRUE;

        for (int i = 0; i < sqlite3_column_count (from); i++)
          bound &= sqlite3_bind_value (to, i + 1, sqlite3_column_value (from, i)) == SQLITE_OK;
        *n_rows += bound && sqlite3_step (to) == SQLITE_DONE && sqlite3_changes (handle) > 0;
        sqlite3_reset (to);
      }
  sqlite3_finalize (from);
  sqlite3_finalize (to);
}

typedef struct
{
  const char *name;
  const char *first, *last; /* (nullable): orders in which a table without row numbers is read */
} RescuedTable;

static void
rescue_table (GalleyDatabase *db, const RescuedTable *table, guint64 *n_rows)
{
  sqlite3 *handle = galley_database_get_handle (db);
  g_autofree char *whole =
      g_strdup_printf ("INSERT OR IGNORE INTO main.%1$s SELECT * FROM damaged.%1$s", table->name);

  if (sqlite3_exec (handle, whole, NULL, NULL, NULL) == SQLITE_OK)
    *n_rows += sqlite3_changes (handle);
  else if (table->first == NULL)
    rescue_numbered (handle, table->name, n_rows);
  else
    {
      rescue_until (handle, table->name, table->first, n_rows);
      rescue_until (handle, table->name, table->last, n_rows);
    }
}

/* ── what is compacted ── */

static gboolean
put_change (GalleyDatabase *db, gint64 project, const GalleySegmentRecord *record, GError **error)
{
  return galley_database_run (db, error, "INSERT OR IGNORE INTO main.device (id) VALUES (?1)", "n",
                              &record->ref.device) &&
         galley_database_run (db, error,
                              "INSERT OR IGNORE INTO main.change SELECT ?1, ?2, number, ?4,"
                              " NULLIF (?5, 0), ?6 FROM main.device WHERE id = ?3",
                              "iiniib", record->lsn, project, &record->ref.device,
                              (gint64)record->ref.seq, (gint64)record->position, record->data,
                              record->bytes);
}

/* Its changes become live ones again; one that was not packed to its last bit is left out. */
static gboolean
unpack_segment (GalleyDatabase *db, sqlite3_stmt *row, guint64 *n_changes, GError **error)
{
  g_autoptr (GBytes)
      packed = g_bytes_new (sqlite3_column_blob (row, 3), sqlite3_column_bytes (row, 3));
  g_autoptr (GalleySegment) segment = NULL;
  gint64 project = sqlite3_column_int64 (row, 0);
  GalleyHash hash, found;

  galley_column_hash (row, 2, &hash);
  galley_hash_bytes (&found, g_bytes_get_data (packed, NULL), g_bytes_get_size (packed));
  if (galley_hash_equal (&hash, &found))
    segment = galley_segment_unpack (packed, sqlite3_column_int64 (row, 1), NULL);
  for (guint i = 0; segment != NULL && i < galley_segment_get_n_records (segment); i++)
    {
      if (!put_change (db, project, galley_segment_get_record (segment, i), error))
        return FALSE;
      *n_changes += galley_database_changes (db);
    }

  return TRUE;
}

/* A project whose older history is not all here is fetched again, so only whole journals count.
 * Segment by segment, around what cannot be read; a workspace of an older Galley has none. */
static gboolean
unpack_segments (GalleyDatabase *db, guint64 *n_changes, GError **error)
{
  sqlite3 *handle = galley_database_get_handle (db);
  gint64 last = find_last_row (handle, "segment");
  sqlite3_stmt *one = NULL;
  gboolean done = TRUE;

  if (sqlite3_prepare_v2 (handle,
                          "SELECT project, base, hash, packed FROM damaged.segment"
                          " WHERE rowid = ?1 AND role = 0",
                          -1, &one, NULL) != SQLITE_OK)
    return TRUE;
  for (gint64 row = 1; row <= last && done; row++)
    {
      if (sqlite3_bind_int64 (one, 1, row) == SQLITE_OK && sqlite3_step (one) == SQLITE_ROW)
        done = unpack_segment (db, one, n_changes, error);
      sqlite3_reset (one);
    }
  sqlite3_finalize (one);

  return done;
}

static const RescuedTable tables[] = {
  { "setting", "key", "key DESC" },
  { "project", NULL, NULL },
  { "person", "id", "id DESC" },
  { "alias", "id", "id DESC" },
  { "device", NULL, NULL },
  { "gap", "project, device, seq", "project DESC, device DESC, seq DESC" },
  { "waiting", "project, position", "project DESC, position DESC" },
  { "refusal", "project, device, seq", "project DESC, device DESC, seq DESC" },
  { "file", "hash", "hash DESC" },
  { "upload", "project, hash", "project DESC, hash DESC" },
  { "mark", "project, position", "project DESC, position DESC" },
  { "arrival", "project, position", "project DESC, position DESC" },
  { "signature", "project, device, seq", "project DESC, device DESC, seq DESC" },
  { "identity", NULL, NULL },
  { "loss", NULL, NULL },
  { "aside", NULL, NULL },
  { "put_off", "entity", "entity DESC" },
  { "metric", "minute", "minute DESC" },
  { "quarantine_act", NULL, NULL },
  { "job", NULL, NULL },
  { "job_event", NULL, NULL },
  { "job_ask", NULL, NULL },
};

/* ── what stands on what was lost ──
 *
 * A device's changes are numbered without holes, and a change never comes before what it replaces.
 * Where one was lost, those after it have nothing to stand on. Accepted ones are taken out and come
 * again from the server, with the lost one. Own ones that nobody else has stay in the journal, and
 * their author is asked what is to become of them; then the device goes on under a new identity. */

static gboolean
load_hash (GalleyDatabase *db, sqlite3_stmt *row, GalleyHash *hash)
{
  g_autoptr (GBytes)
      bytes = g_bytes_new (sqlite3_column_blob (row, 3), sqlite3_column_bytes (row, 3));
  g_autoptr (GalleyChange) change = NULL;

  if (sqlite3_column_type (row, 4) != SQLITE_NULL)
    {
      galley_column_hash (row, 4, hash);
      return TRUE;
    }
  change = galley_change_new_from_bytes (bytes, NULL);
  if (change != NULL)
    *hash = *galley_change_get_hash (change);

  return change != NULL;
}

typedef struct
{
  gint64 project, device;
  guint64 seq;
  GalleyHash hash;
  gboolean broken; /* something after @seq was lost */
} Chain;

static gboolean
save_chain (GalleyDatabase *db, const Chain *chain, GError **error)
{
  if (chain->seq == 0)
    return TRUE;

  return galley_database_run (db, error, "INSERT INTO tip VALUES (?1, ?2, ?3, ?4)", "iiih",
                              chain->project, chain->device, (gint64)chain->seq, &chain->hash);
}

static void
follow_chain (GalleyDatabase *db, sqlite3_stmt *row, Chain *chain)
{
  guint64 seq = sqlite3_column_int64 (row, 2);

  if (!chain->broken && seq == chain->seq + 1 && load_hash (db, row, &chain->hash))
    chain->seq = seq;
  else
    chain->broken = TRUE;
}

/* How far each device's chain is here without a hole. */
static gboolean
make_tips (GalleyDatabase *db, GError **error)
{
  Chain chain = { 0 };
  sqlite3_stmt *query =
      galley_database_query (db, error,
                             "SELECT project, device, seq, bytes, NULL FROM change UNION ALL"
                             " SELECT project, device, seq, NULL, hash FROM gap ORDER BY 1, 2, 3",
                             "");
  int stepped = query != NULL ? 1 : -1;
  gboolean saved = TRUE;

  while (stepped > 0 && saved && (stepped = galley_database_step (db, query, error)) > 0)
    {
      gint64 project = sqlite3_column_int64 (query, 0), device = sqlite3_column_int64 (query, 1);

      if (project != chain.project || device != chain.device)
        {
          saved = save_chain (db, &chain, error);
          chain = (Chain){ .project = project, .device = device };
        }
      follow_chain (db, query, &chain);
    }
  if (!saved)
    galley_database_done (query);

  return saved && stepped == 0 && save_chain (db, &chain, error);
}

/* Each project's stream is followed again from the first position that is not here, or whose change
 * continues nothing that is here. */
static gboolean
go_back_in_streams (GalleyDatabase *db, GError **error)
{
  return galley_database_run (
             db, error,
             "UPDATE project SET position = min (position, (SELECT min (g.after) FROM"
             " (SELECT h.position AS after, lead (h.position) OVER (ORDER BY h.position) AS next"
             "  FROM (SELECT 0 AS position UNION SELECT c.position FROM change c JOIN tip t"
             "   ON t.project = c.project AND t.device = c.device AND t.seq >= c.seq"
             "   WHERE c.project = project.number AND c.position IS NOT NULL) h) g"
             " WHERE g.next IS NULL OR g.next > g.after + 1))",
             "") &&
         galley_database_run (db, error,
                              "DELETE FROM change WHERE position > (SELECT p.position FROM project "
                              "p WHERE p.number = change.project)",
                              "") &&
         galley_database_exec (db,
                               "DELETE FROM mark WHERE position > (SELECT p.position FROM project p"
                               "  WHERE p.number = mark.project);"
                               "DELETE FROM waiting; DELETE FROM tip",
                               error);
}

/* Changes that no server has placed: this device's own, or those of others that came by hand. */
static gboolean
list_unplaced (GalleyDatabase *db, gint64 own, gboolean of_others, GArray *unsent, GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT c.lsn FROM change c WHERE c.position IS NULL AND (c.device <> ?1) = ?2"
      " AND NOT EXISTS (SELECT 1 FROM refusal r WHERE r.project = c.project"
      "  AND r.device = c.device AND r.seq = c.seq) ORDER BY c.lsn",
      "ii", own, (gint64)of_others);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      gint64 lsn = sqlite3_column_int64 (query, 0);

      g_array_append_val (unsent, lsn);
    }

  return stepped == 0;
}

static GalleyChange *
load_change (GalleyDatabase *db, gint64 lsn, gint64 *project, GError **error)
{
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT project, bytes FROM change WHERE lsn = ?1",
                                               "i", lsn);
  g_autoptr (GBytes) bytes = NULL;

  if (query == NULL || galley_database_step (db, query, error) <= 0)
    return NULL;
  *project = sqlite3_column_int64 (query, 0);
  bytes = g_bytes_new (sqlite3_column_blob (query, 1), sqlite3_column_bytes (query, 1));
  galley_database_done (query);
  return galley_change_new_from_bytes (bytes, error);
}

static gboolean
is_here (GalleyDatabase *db, gint64 project, const GalleyRef *ref, gboolean *here, GError **error)
{
  gint64 known = 0;

  if (!galley_database_get_int (db, &known, error,
                                "SELECT 1 FROM tip t JOIN device d ON d.number = t.device"
                                " WHERE t.project = ?1 AND d.id = ?2 AND t.seq >= ?3",
                                "ini", project, &ref->device, (gint64)ref->seq))
    return FALSE;

  *here &= known != 0;
  return TRUE;
}

static gboolean
is_founded (
    GalleyDatabase *db, gint64 project, GalleyChange *change, gboolean *here, GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  GalleyRef own = { header->device, header->seq };

  *here = TRUE;
  if (!is_here (db, project, &own, here, error))
    return FALSE;
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);

      for (guint s = 0; s < edit->n_supersedes; s++)
        if (!is_here (db, project, &edit->supersedes[s], here, error))
          return FALSE;
    }

  return TRUE;
}

static gboolean
refuse (GalleyDatabase *db, gint64 project, gint64 own, GalleyChange *change, GError **error)
{
  return galley_database_run (db, error, "INSERT INTO refusal VALUES (?1, ?2, ?3, 'lost-base', ?4)",
                              "iiis", project, own, (gint64)galley_change_get_header (change)->seq,
                              _ ("It was read from a damaged file, and something that it builds on "
                                 "was lost there."));
}

static gboolean
drop_unfounded_once (GalleyDatabase *db, gint64 own, gboolean *dropped, GError **error)
{
  g_autoptr (GArray) carried = g_array_new (FALSE, FALSE, sizeof (gint64));

  *dropped = FALSE;
  if (!list_unplaced (db, own, TRUE, carried, error))
    return FALSE;
  for (guint i = 0; i < carried->len; i++)
    {
      gint64 lsn = g_array_index (carried, gint64, i), project;
      g_autoptr (GalleyChange) change = load_change (db, lsn, &project, error);
      gboolean here;

      if (change == NULL || !is_founded (db, project, change, &here, error) ||
          (!here &&
           !galley_database_run (db, error, "DELETE FROM change WHERE lsn = ?1", "i", lsn)))
        return FALSE;
      *dropped |= !here;
    }

  return !*dropped ||
         (galley_database_exec (db, "DELETE FROM tip", error) && make_tips (db, error));
}

/* What came by hand and builds on what was lost comes again with it, from its device. */
static gboolean
drop_unfounded (GalleyDatabase *db, gint64 own, GError **error)
{
  gboolean dropped;

  do
    {
      if (!drop_unfounded_once (db, own, &dropped, error))
        return FALSE;
    }
  while (dropped);

  return TRUE;
}

/* @broken: (out): whether there were any */
static gboolean
refuse_unfounded (GalleyDatabase *db, gint64 own, gboolean *broken, GError **error)
{
  g_autoptr (GArray) unsent = g_array_new (FALSE, FALSE, sizeof (gint64));

  *broken = FALSE;
  if (!list_unplaced (db, own, FALSE, unsent, error))
    return FALSE;
  for (guint i = 0; i < unsent->len; i++)
    {
      gint64 project;
      g_autoptr (GalleyChange)
          change = load_change (db, g_array_index (unsent, gint64, i), &project, error);
      gboolean here;

      if (change == NULL || !is_founded (db, project, change, &here, error) ||
          (!here && !refuse (db, project, own, change, error)))
        return FALSE;
      *broken |= !here;
    }

  return TRUE;
}

static gboolean
find_own_device (GalleyDatabase *db, gint64 *own, GError **error)
{
  sqlite3_stmt *query =
      galley_database_query (db, error, "SELECT value FROM setting WHERE key = 'device'", "");
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;
  GalleyId id;

  *own = 0;
  if (stepped <= 0)
    return stepped == 0;
  if (!galley_id_parse ((const char *)sqlite3_column_text (query, 0), &id, NULL))
    memset (&id, 0, sizeof id);
  galley_database_done (query);
  return galley_database_get_int (db, own, error, "SELECT number FROM device WHERE id = ?1", "n",
                                  &id);
}

/* The journal is append-only for everyone but the one who puts it together again. */
#define LET_GO "DROP TRIGGER change_stays"
#define HOLD GALLEY_TABLES_CHANGE_STAYS

static gboolean
mend (GalleyDatabase *db, gboolean *broken, GError **error)
{
  gint64 own;

  return find_own_device (db, &own, error) && galley_database_exec (db, "BEGIN", error) &&
         make_tips (db, error) && galley_database_exec (db, LET_GO, error) &&
         go_back_in_streams (db, error) && make_tips (db, error) &&
         drop_unfounded (db, own, error) && galley_database_exec (db, HOLD, error) &&
         refuse_unfounded (db, own, broken, error) &&
         /* The derived tables are made again when the workspace is opened. */
         galley_database_exec (db,
                               "INSERT INTO setting VALUES ('derived_version', '0')"
                               " ON CONFLICT DO UPDATE SET value = '0';"
                               "COMMIT",
                               error);
}

/* What is in @source and not in @db yet. One that cannot be opened gives nothing. */
static gboolean
rescue_from (GalleyDatabase *db, const char *source, guint64 *n_changes, GError **error)
{
  static const RescuedTable change = { "change", NULL, NULL };
  guint64 others = 0;

  if (source == NULL || !galley_database_run (db, NULL, "ATTACH ?1 AS damaged", "s", source))
    return TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    rescue_table (db, &tables[i], &others);
  if (!unpack_segments (db, n_changes, error))
    return FALSE;
  rescue_table (db, &change, n_changes);
  return galley_database_exec (db, "DETACH damaged", error);
}

/* What was asked of jobs when the backup was made has long been done. */
static gboolean
fill_from_backup (GalleyDatabase *db, const char *backup, guint64 *n_changes, GError **error)
{
  gint64 last_ask = 0;

  return galley_database_get_int (db, &last_ask, error, "SELECT ifnull (max (id), 0) FROM job_ask",
                                  "") &&
         rescue_from (db, backup, n_changes, error) &&
         galley_database_run (db, error, "DELETE FROM job_ask WHERE id > ?1", "i", last_ask);
}

/* @broken: (out): whether the device needs a new identity, see mend() */
static gboolean
rescue_into (const char *path,
             const char *damaged,
             const char *backup,
             guint64 *n_changes,
             gboolean *broken,
             GError **error)
{
  g_autoptr (GalleyDatabase) db = galley_database_open (path, FALSE, error);

  return db != NULL && galley_tables_prepare (db, error) &&
         rescue_from (db, damaged, n_changes, error) &&
         (backup == NULL || fill_from_backup (db, backup, n_changes, error)) &&
         (*n_changes == 0 || mend (db, broken, error)) &&
         galley_database_exec (db, "PRAGMA journal_mode = DELETE", error);
}

/* ── putting it in place ── */

static const char *const suffixes[] = { "-wal", "-shm", "-journal", "" };

static void
drop_database (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strconcat (path, suffixes[i], NULL);

      g_unlink (name);
    }
}

static char *
find_place_aside (const char *folder)
{
  for (guint n = 1;; n++)
    {
      g_autofree char *path = g_strdup_printf ("%s/galley-damaged-%u.db", folder, n);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
}

static gboolean
fail_to_move (const char *path, GError **error)
{
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
               _ ("The damaged file “%s” could not be put aside: %s"), path, g_strerror (errno));
  return FALSE;
}

/* The log goes before the database, which is replaced in one step: a log is never beside a database
 * that it does not belong to. */
static gboolean
put_in_place (const char *folder, const char *rescued, const char *away, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "galley.db", NULL);

  if (link (path, away) != 0 && errno != ENOENT)
    return fail_to_move (path, error);
  for (guint i = 0; i + 1 < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *old = g_strconcat (path, suffixes[i], NULL);
      g_autofree char *new = g_strconcat (away, suffixes[i], NULL);

      if (g_rename (old, new) != 0 && errno != ENOENT)
        return fail_to_move (old, error);
    }

  return (g_rename (rescued, path) == 0 && galley_folder_sync (folder)) ||
         fail_to_move (rescued, error);
}

/**
 * galley_rescue_finish:
 *
 * A new database that is complete takes its place; see galley_rescue(). Nobody has it open.
 */
gboolean
galley_rescue_finish (const char *folder, GError **error)
{
  g_autofree char *rescued = g_build_filename (folder, "galley-rescued.db", NULL);
  g_autofree char *away = NULL;

  if (!g_file_test (rescued, G_FILE_TEST_EXISTS))
    return TRUE;

  away = find_place_aside (folder);
  return put_in_place (folder, rescued, away, error);
}

static gboolean
nothing_readable (GError **error)
{
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
               _ ("Nothing can be read from the database any more. What there is of it is still in "
                  "its place; put a backup there, or move the folder away and connect to the "
                  "server again."));
  return FALSE;
}

/* What could be read, in place of what is there. */
static gboolean
replace (const char *folder, const char *draft, gboolean broken, char **kept, GError **error)
{
  g_autofree char *rescued = g_build_filename (folder, "galley-rescued.db", NULL);
  g_autofree char *away = find_place_aside (folder), *key = NULL;

  if ((broken && galley_folder_look (folder) != GALLEY_FOLDER_NO_KEY &&
       !galley_folder_put_key_aside (folder, &key, error)) ||
      (g_rename (draft, rescued) != 0 && !fail_to_move (draft, error)) ||
      !put_in_place (folder, rescued, away, error))
    return FALSE;

  /* Of one that was not there at all nothing is kept. */
  *kept = g_file_test (away, G_FILE_TEST_EXISTS) ? g_steal_pointer (&away) : NULL;
  return TRUE;
}

/**
 * galley_rescue:
 * @folder: of a workspace whose database cannot be used, and that nobody has open
 * @kept: (out) (transfer full) (nullable): where the damaged file is now: it is never thrown away;
 *   %NULL when there was none
 * @n_changes: (out): how many changes could be read
 * @backup_us: (out): when the backup was made from which the rest was taken, in microseconds since
 *   1970 UTC; 0: there is none
 * @error: %GALLEY_DATA_ERROR_DAMAGED when nothing could be read: then all is as it was
 *
 * Makes a new database of what can be read, and of what the newest sound backup has besides;
 * opening it replays the journal. What is missing and on the server comes again from there. When
 * own changes were lost in the midst, the device goes on under a new identity. Blocks.
 */
gboolean
galley_rescue (
    const char *folder, char **kept, guint64 *n_changes, gint64 *backup_us, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "galley.db", NULL);
  g_autofree char *draft = g_build_filename (folder, "galley-rescue.tmp", NULL);
  g_autofree char *unpacked = g_build_filename (folder, "galley-backup.tmp", NULL);
  g_autofree char *backup = NULL;
  gboolean broken = FALSE, empty, rescued;
  GStatBuf status;

  *n_changes = 0;
  *backup_us = 0;
  /* SQLite takes an empty file for a new database, and throws the log beside it away. */
  empty = g_stat (path, &status) != 0 || status.st_size == 0;
  drop_database (unpacked);
  backup = galley_local_backup_unpack_newest (folder, unpacked, backup_us);
  if (empty && backup == NULL)
    return nothing_readable (error);

  drop_database (draft);
  rescued = rescue_into (draft, empty ? NULL : path, backup != NULL ? unpacked : NULL, n_changes,
                         &broken, error) &&
            (*n_changes > 0 || nothing_readable (error)) &&
            replace (folder, draft, broken, kept, error);
  drop_database (unpacked);
  drop_database (draft);
  return rescued;
}

static gboolean
open_and_rebuild (const char *folder,
                  GalleyReplayProgress progress,
                  gpointer progress_data,
                  GalleyReplayReport *report,
                  GError **error)
{
  g_autoptr (GalleyStore)
      store = galley_store_open (folder, GALLEY_STORE_QUIET, galley_world_real (), error);
  gboolean rebuilt;

  if (store == NULL)
    return FALSE;

  rebuilt = galley_replay_rebuild (store, NULL, progress, progress_data, report, error);
  galley_store_close (store);
  return rebuilt;
}

/* A key that is damaged says so by itself, and no journal brings it back. */
static gboolean
key_is_sound (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "device.key", NULL);
  g_autoptr (GalleyKey) key = galley_key_load (path, error);

  return key != NULL;
}

/**
 * galley_rescue_or_rebuild:
 * @folder: of a workspace that nobody has open
 * @report: (out caller-allocates): clear it with galley_replay_report_clear()
 * @kept: (out) (transfer full) (nullable): where the damaged file is now; %NULL when the database
 *   was sound enough to be rebuilt in its place
 * @error: %GALLEY_DATA_ERROR_DAMAGED when nothing can be read: then all is as it was
 *
 * Blocks.
 */
gboolean
galley_rescue_or_rebuild (const char *folder,
                          GalleyReplayProgress progress,
                          gpointer progress_data,
                          GalleyReplayReport *report,
                          char **kept,
                          GError **error)
{
  g_autoptr (GError) local = NULL;
  guint64 n_changes;
  gint64 backup_us;

  *kept = NULL;
  memset (report, 0, sizeof *report);
  if (!key_is_sound (folder, error))
    return FALSE;
  if (open_and_rebuild (folder, progress, progress_data, report, &local))
    return TRUE;
  if (!g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  galley_replay_report_clear (report);
  if (!galley_rescue (folder, kept, &n_changes, &backup_us, error) ||
      !open_and_rebuild (folder, progress, progress_data, report, error))
    return FALSE;

  report->backup_us = backup_us;
  return TRUE;
}
