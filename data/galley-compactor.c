/* galley-compactor.c: moves settled changes of the journal into packed segments, and gives the disk
 * back what they took
 *
 *   choose what may go ──► pack a run ──► move it, in one transaction ──┐
 *            ▲              (any thread)     (the writer's)             │
 *            └──────────────────────────────────────────────────────────┘
 *   then: give free pages back, a few at a time
 *
 * A crash leaves a change either in its row or in its segment, never in neither.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-compactor"

#include "data/galley-compactor.h"

#include "data/galley-sabotage.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The simulator's engine is built with smaller ones, which its short runs come to. */
#ifndef GALLEY_COMPACT_KEEP_RECENT
#define GALLEY_COMPACT_KEEP_RECENT 2000
#endif
/* Small enough that a person's edit, which waits while a run is moved, does not feel it. */
#ifndef GALLEY_COMPACT_SEGMENT_BYTES
#define GALLEY_COMPACT_SEGMENT_BYTES (128 * 1024)
#endif
#ifndef GALLEY_COMPACT_MIN_CHANGES
#define GALLEY_COMPACT_MIN_CHANGES 500
#endif
#define ZSTD_LEVEL 9
/* Free pages that are given back in one transaction. */
#define VACUUM_PAGES 32
/* A row and its places in three indexes take about this much more than its bytes. */
#define ROW_OVERHEAD_BYTES 40

typedef struct
{
  GalleyStore *store;
  GalleyReader *reader;
  GalleyDatabase *side; /* for the log alone */
  GalleyCompactOptions options;
  GCancellable *cancellable;
  GalleyCompactProgress progress;
  gpointer progress_data;
  GalleyCompactReport *report;
  gint64 horizon;   /* the last lsn that may go */
  guint64 total;    /* changes that may go */
  GHashTable *kept; /* lsn of changes that contested fields need */
} Compaction;

/* ── what may go ── */

static void
keep_live (GHashTable *kept, gint64 lsn)
{
  g_hash_table_add (kept, g_memdup2 (&lsn, sizeof lsn));
}

static gboolean
keep_change (Compaction *self, gint64 project, const GalleyRef *ref, GError **error)
{
  GalleyJournalEntry entry;

  if (!galley_journal_load (galley_reader_get_journal (self->reader), project, ref, &entry, error))
    return FALSE;

  if (entry.change != NULL)
    keep_live (self->kept, entry.lsn);
  g_clear_pointer (&entry.change, galley_change_unref);
  return TRUE;
}

/* Heads and base of a field that is in conflict: people look at them, and merges begin there. */
static gboolean
keep_field (Compaction *self, const GalleyConflictField *field, gint64 project, GError **error)
{
  for (guint i = 0; i < field->heads->len; i++)
    if (!keep_change (self, project, &g_array_index (field->heads, GalleyHead, i).ref, error))
      return FALSE;

  return !field->base_known || field->base_ref.seq == 0 ||
         keep_change (self, project, &field->base_ref, error);
}

static GArray *
list_contested (GalleyDatabase *db, GError **error)
{
  g_autoptr (GArray) entities = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT DISTINCT e.id FROM derived_contested c"
                                               " JOIN derived_entity e ON e.number = c.entity",
                                               "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId id;

      galley_column_id (query, 0, &id);
      g_array_append_val (entities, id);
    }

  return stepped == 0 ? g_steal_pointer (&entities) : NULL;
}

static gboolean
keep_entity (Compaction *self, const GalleyId *entity, GError **error)
{
  g_autoptr (GPtrArray) fields = galley_reader_get_conflict (self->reader, entity, error);
  gint64 project = 0;

  if (fields == NULL ||
      !galley_database_get_int (galley_reader_get_db (self->reader), &project, error,
                                "SELECT project FROM derived_entity WHERE id = ?1", "n", entity))
    return FALSE;
  for (guint i = 0; i < fields->len; i++)
    if (!keep_field (self, g_ptr_array_index (fields, i), project, error))
      return FALSE;

  return TRUE;
}

#define FIND_HORIZON                                                                               \
  "SELECT ifnull ((SELECT lsn FROM change ORDER BY lsn DESC LIMIT 1 OFFSET ?1), 0)"
#define COUNT_SETTLED "SELECT count (*) FROM change WHERE position IS NOT NULL AND lsn <= ?1"

static gboolean
choose (Compaction *self, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self->reader);
  g_autoptr (GArray) contested = list_contested (db, error);
  gint64 total = 0;

  if (contested == NULL ||
      !galley_database_get_int (db, &self->horizon, error, FIND_HORIZON, "i",
                                (gint64)self->options.keep_recent) ||
      !galley_database_get_int (db, &total, error, COUNT_SETTLED, "i", self->horizon))
    return FALSE;

  self->total = total;
  for (guint i = 0; i < contested->len; i++)
    if (!keep_entity (self, &g_array_index (contested, GalleyId, i), error))
      return FALSE;

  return TRUE;
}

/* ── packing a run ── */

/* A run of changes of one project, and what it became. */
typedef struct
{
  gint64 project;
  GArray *rows; /* of Row, by lsn */
  gsize bytes;  /* of the changes alone */
  gint64 last_position;
  GalleyPackedSegment *packed;
} Run;

typedef struct
{
  gint64 lsn;
  gint64 position;
  GBytes *bytes;
} Row;

static void
clear_row (gpointer row)
{
  g_bytes_unref (((Row *)row)->bytes);
}

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->rows, g_array_unref);
  g_clear_pointer (&run->packed, galley_packed_segment_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const Row *x = a, *y = b;

  return x->lsn < y->lsn ? -1 : x->lsn > y->lsn ? 1 : 0;
}

/* The next changes in the order of the stream, as many as make a segment. */
static gboolean
collect_run (Compaction *self, Run *run, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self->reader);
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT lsn, position, bytes FROM change WHERE "
                                               "project = ?1 AND position > ?2 AND lsn <= ?3"
                                               " ORDER BY position",
                                               "iii", run->project, run->last_position,
                                               self->horizon);
  int stepped = query != NULL ? 1 : -1;

  run->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  g_array_set_clear_func (run->rows, clear_row);
  while (stepped > 0 && run->bytes < self->options.segment_bytes &&
         (stepped = galley_database_step (db, query, error)) > 0)
    {
      Row row = { sqlite3_column_int64 (query, 0), sqlite3_column_int64 (query, 1), NULL };

      run->last_position = row.position;
      if (g_hash_table_contains (self->kept, &row.lsn))
        continue;
      row.bytes = g_bytes_new (sqlite3_column_blob (query, 2), sqlite3_column_bytes (query, 2));
      run->bytes += g_bytes_get_size (row.bytes);
      g_array_append_val (run->rows, row);
    }
  if (stepped > 0)
    galley_database_done (query);
  g_array_sort (run->rows, compare_rows);

  return stepped >= 0;
}

/* What comes out of the segment must be what went in, to the byte, before a row goes. */
static gboolean
comes_out (const Run *run, GBytes *packed, gint64 base, GError **error)
{
  g_autoptr (GalleySegment) segment = galley_segment_unpack (packed, base, error);

  if (segment == NULL)
    return FALSE;
  for (guint i = 0; i < run->rows->len; i++)
    {
      const Row *row = &g_array_index (run->rows, Row, i);
      const GalleySegmentRecord *record = i < galley_segment_get_n_records (segment)
                                              ? galley_segment_get_record (segment, i)
                                              : NULL;

      if (record == NULL || record->lsn != row->lsn || record->position != (guint64)row->position ||
          record->bytes != g_bytes_get_size (row->bytes) ||
          memcmp (record->data, g_bytes_get_data (row->bytes, NULL), record->bytes) != 0)
        {
          g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                       _ ("A part of the journal could not be packed. Nothing was moved."));
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
pack_run (Run *run, GError **error)
{
  g_autoptr (GalleySegmentBuilder) builder = galley_segment_builder_new ();
  g_autoptr (GBytes) packed = NULL;
  gint64 base = g_array_index (run->rows, Row, 0).lsn - 1;

  for (guint i = 0; i < run->rows->len; i++)
    {
      const Row *row = &g_array_index (run->rows, Row, i);

      if (GALLEY_SABOTAGED (COMPACTION_DROPS) && i == 0 && run->rows->len > 1)
        continue;
      galley_segment_builder_add (builder, row->lsn - base, row->position, NULL, 0,
                                  g_bytes_get_data (row->bytes, NULL),
                                  g_bytes_get_size (row->bytes));
    }
  packed = galley_segment_builder_pack (builder, ZSTD_LEVEL);
  if (!GALLEY_SABOTAGED (COMPACTION_DROPS) && !comes_out (run, packed, base, error))
    return FALSE;

  run->packed = galley_packed_segment_new (run->project, GALLEY_SEGMENT_JOURNAL, base, packed,
                                           error);
  return run->packed != NULL;
}

/* ── moving it ── */

/* Says which changes go, and lets them go: the trigger forbids all others. The "+" keeps SQLite
 * from looking through all of the project's changes by another index. */
static gboolean
delete_rows (GalleyDatabase *db, gint64 project, gint64 first, gint64 last, GError **error)
{
  return galley_database_run (db, error, "DELETE FROM packing", "") &&
         galley_database_run (db, error, "INSERT INTO packing VALUES (?1, ?2, ?3)", "iii", project,
                              first, last) &&
         galley_database_run (db, error,
                              "DELETE FROM change WHERE lsn BETWEEN ?1 AND ?2 AND +project = ?3",
                              "iii", first, last, project);
}

static gboolean
have_gone (GalleyDatabase *db, gint64 expected, GError **error)
{
  if (galley_database_changes (db) == expected)
    return TRUE;

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_BUSY,
               _ ("Another program compacts this workspace as well. Nothing was moved twice."));
  return FALSE;
}

/* writer thread: the segment comes and its rows go in one transaction */
static gboolean
move_run (GalleyWriter *writer, gpointer data, GError **error)
{
  const Run *run = data;
  guint first = 0;

  if (!galley_segment_table_insert (writer->db, run->packed, error))
    return FALSE;

  for (guint i = 1; i <= run->rows->len; i++)
    {
      gint64 from = g_array_index (run->rows, Row, first).lsn;
      gint64 last = g_array_index (run->rows, Row, i - 1).lsn;

      if (i < run->rows->len && g_array_index (run->rows, Row, i).lsn == last + 1)
        continue;
      if (!delete_rows (writer->db, run->project, from, last, error) ||
          !have_gone (writer->db, i - first, error))
        return FALSE;
      first = i;
    }

  return galley_database_run (writer->db, error, "DELETE FROM packing", "");
}

/* Brings the log into the file from here: left to the writer, it would fall to whoever commits the
 * thousandth page, and an edit would wait for it. When others are at it, so much the better. */
static void
empty_log (Compaction *self)
{
  galley_database_exec (self->side, "PRAGMA wal_checkpoint (PASSIVE)", NULL);
}

static void
note_progress (Compaction *self, const Run *run)
{
  GalleyCompactReport *report = self->report;

  report->n_segments++;
  report->n_changes += run->rows->len;
  report->before_bytes += run->bytes + (guint64)run->rows->len * ROW_OVERHEAD_BYTES;
  report->after_bytes += g_bytes_get_size (run->packed->packed);
  if (self->progress != NULL)
    self->progress (report->n_changes, self->total, self->progress_data);
}

static gboolean
compact_project (Compaction *self, gint64 project, GError **error)
{
  gint64 position = 0;

  while (!g_cancellable_set_error_if_cancelled (self->cancellable, error))
    {
      g_auto (Run) run = { .project = project, .last_position = position };

      if (!collect_run (self, &run, error))
        return FALSE;
      if (run.rows->len == 0 ||
          (run.bytes < self->options.segment_bytes && run.rows->len < self->options.min_changes))
        return TRUE;
      if (!pack_run (&run, error) || !galley_store_write (self->store, move_run, &run, error))
        return FALSE;
      position = run.last_position;
      empty_log (self);
      note_progress (self, &run);
    }

  return FALSE;
}

static GArray *
list_projects (Compaction *self, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self->reader);
  g_autoptr (GArray) projects = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT project FROM change"
                                               " WHERE position IS NOT NULL GROUP BY project"
                                               " HAVING count (*) >= ?1",
                                               "i", (gint64)self->options.min_changes);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      gint64 project = sqlite3_column_int64 (query, 0);

      g_array_append_val (projects, project);
    }

  return stepped == 0 ? g_steal_pointer (&projects) : NULL;
}

/* ── giving back ── */

typedef struct
{
  gint64 free_pages;
  gint64 shrinks; /* 2: step by step; 0: made by an older Galley */
} Room;

/* writer thread */
static gboolean
give_back (GalleyWriter *writer, gpointer data, GError **error)
{
  Room *room = data;

  return galley_database_get_int (writer->db, &room->shrinks, error, "PRAGMA auto_vacuum", "") &&
         (room->shrinks != 2 ||
          galley_database_exec (writer->db,
                                "PRAGMA incremental_vacuum (" G_STRINGIFY (VACUUM_PAGES) ")",
                                error)) &&
         galley_database_get_int (writer->db, &room->free_pages, error, "PRAGMA freelist_count",
                                  "");
}

static gboolean
give_all_back (Compaction *self, GError **error)
{
  Room room = { 0 };

  do
    {
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
          !galley_store_write (self->store, give_back, &room, error))
        return FALSE;
      empty_log (self);
      if (self->progress != NULL)
        self->progress (self->report->n_changes, self->total, self->progress_data);
    }
  while (room.shrinks == 2 && room.free_pages > 0);

  self->report->keeps_size = room.shrinks != 2;
  return TRUE;
}

static gboolean
measure (GalleyReader *reader, guint64 *bytes, GError **error)
{
  gint64 pages = 0, page_bytes = 0;

  if (!galley_database_get_int (galley_reader_get_db (reader), &pages, error, "PRAGMA page_count",
                                "") ||
      !galley_database_get_int (galley_reader_get_db (reader), &page_bytes, error,
                                "PRAGMA page_size", ""))
    return FALSE;

  *bytes = (guint64)pages * page_bytes;
  return TRUE;
}

/* ── what is left ── */

/* What a compaction leaves in rows, since contested fields need it or a project has too little for
 * a segment, is no reason for the next one. */
#define LEFT_SETTING "compact_left"

static gboolean
count_settled (GalleyDatabase *db, gint64 *total, GError **error)
{
  gint64 horizon = 0;

  *total = 0;
  return galley_database_get_int (db, &horizon, error, FIND_HORIZON, "i",
                                  (gint64)GALLEY_COMPACT_KEEP_RECENT) &&
         galley_database_get_int (db, total, error, COUNT_SETTLED, "i", horizon);
}

/* writer thread */
static gboolean
note_left (GalleyWriter *writer, gpointer data, GError **error)
{
  gint64 total;

  return count_settled (writer->db, &total, error) &&
         galley_database_run (writer->db, error,
                              "INSERT INTO setting VALUES ('" LEFT_SETTING "', CAST (?1 AS TEXT))"
                              " ON CONFLICT DO UPDATE SET value = excluded.value",
                              "i", total);
}

static gboolean
run_all (Compaction *self, GError **error)
{
  g_autoptr (GArray) projects = NULL;

  if (!measure (self->reader, &self->report->file_before, error) || !choose (self, error) ||
      (projects = list_projects (self, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < projects->len; i++)
    if (!compact_project (self, g_array_index (projects, gint64, i), error))
      return FALSE;

  return give_all_back (self, error) && measure (self->reader, &self->report->file_after, error) &&
         galley_store_write (self->store, note_left, NULL, error);
}

/**
 * galley_compact:
 * @options: (nullable): what else than usual
 * @report: (out caller-allocates): what was done, also when it was cancelled
 * @error: cancelled, or why it ended; what was moved until then stays moved
 *
 * Blocks; from any thread but the store's own and never from a window's. Edits go on meanwhile, and
 * wait for a part of a second at most.
 */
gboolean
galley_compact (GalleyStore *store,
                const GalleyCompactOptions *options,
                GCancellable *cancellable,
                GalleyCompactProgress progress,
                gpointer progress_data,
                GalleyCompactReport *report,
                GError **error)
{
  g_autofree char *path = g_build_filename (galley_store_get_folder (store), "galley.db", NULL);
  g_autoptr (GalleyReader) reader = galley_store_open_reader (store, error);
  g_autoptr (GalleyDatabase) side = NULL;
  g_autoptr (GHashTable) kept = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  Compaction self = { .store = store,
                      .reader = reader,
                      .cancellable = cancellable,
                      .progress = progress,
                      .progress_data = progress_data,
                      .report = report };

  memset (report, 0, sizeof *report);
  if (reader == NULL || (side = galley_database_open (path, FALSE, error)) == NULL)
    return FALSE;

  if (options != NULL)
    self.options = *options;
  else
    self.options.keep_recent = GALLEY_COMPACT_KEEP_RECENT;
  if (self.options.segment_bytes == 0)
    self.options.segment_bytes = GALLEY_COMPACT_SEGMENT_BYTES;
  if (self.options.min_changes == 0)
    self.options.min_changes = GALLEY_COMPACT_MIN_CHANGES;
  self.kept = kept;
  self.side = side;
  return run_all (&self, error);
}

/* On a connection of its own, since it may not stand in a transaction. */
static gboolean
rewrite (const char *path, GError **error)
{
  g_autoptr (GalleyDatabase) db = galley_database_open (path, FALSE, error);

  return db != NULL && galley_database_exec (db, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM", error);
}

/**
 * galley_compact_rewrite:
 *
 * Writes the whole database anew, so that one of an older Galley can get smaller from then on.
 * Needs as much room again, and edits wait meanwhile: for a person to choose. Blocks.
 */
gboolean
galley_compact_rewrite (GalleyStore *store, GError **error)
{
  g_autofree char *path = g_build_filename (galley_store_get_folder (store), "galley.db", NULL);

  return rewrite (path, error);
}

/**
 * galley_compact_estimate:
 * @n_changes: (out): that a compaction would move, about: what has been settled since the last one
 */
gboolean
galley_compact_estimate (GalleyReader *reader, guint64 *n_changes, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  gint64 live = 0, total = 0, left = 0;

  /* Numbers are dense but for what was compacted, so most looks need not count rows. */
  if (!galley_database_get_int (db, &live, error,
                                "SELECT (SELECT max (lsn) FROM change) - (SELECT min (lsn) FROM"
                                " change)",
                                "") ||
      (live > GALLEY_COMPACT_KEEP_RECENT &&
       (!count_settled (db, &total, error) ||
        !galley_database_get_int (db, &left, error,
                                  "SELECT CAST (value AS INTEGER) FROM setting"
                                  " WHERE key = '" LEFT_SETTING "'",
                                  ""))))
    return FALSE;

  *n_changes = MAX (total - left, 0);
  return TRUE;
}
