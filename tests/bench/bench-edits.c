/* bench-edits.c: how long one edit takes until it is on disk, beside the least that SQLite can do
 *
 * The two take turns, so that both meet the same disk. The edit goes the whole way: to the writer
 * thread, into journal, heads, item row and index, and back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench.h"

#include "data/galley-intent.h"

#include <sqlite3.h>

#define N_NOTES 1000
#define N_EDITS 2000
#define N_BEFORE 100 /* not counted: caches fill, the log gets its size */

/* As many bytes as the journal's row of such an edit. */
#define ROW_BYTES 300

typedef struct
{
  sqlite3 *db;
  sqlite3_stmt *insert;
} Bare;

static void
check_sqlite (Bare *bare, int code)
{
  if (code != SQLITE_OK && code != SQLITE_DONE)
    g_error ("SQLite: %s", sqlite3_errmsg (bare->db));
}

static void
bare_open (Bare *bare)
{
  g_autofree char *path = galley_bench_folder ("bare.db");

  check_sqlite (bare, sqlite3_open (path, &bare->db));
  check_sqlite (bare, sqlite3_exec (bare->db,
                                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                    "CREATE TABLE row (number INTEGER PRIMARY KEY, bytes BLOB)",
                                    NULL, NULL, NULL));
  check_sqlite (bare, sqlite3_prepare_v2 (bare->db, "INSERT INTO row (bytes) VALUES (?1)", -1,
                                          &bare->insert, NULL));
}

static void
bare_close (Bare *bare)
{
  sqlite3_finalize (bare->insert);
  sqlite3_close (bare->db);
}

static double
measure_bare (Bare *bare)
{
  static const guint8 row[ROW_BYTES] = { 1 };
  double start = galley_bench_now_ms ();

  check_sqlite (bare, sqlite3_bind_blob (bare->insert, 1, row, sizeof row, SQLITE_STATIC));
  check_sqlite (bare, sqlite3_step (bare->insert));
  check_sqlite (bare, sqlite3_reset (bare->insert));
  return galley_bench_now_ms () - start;
}

/* Every third is of the text that is searched. */
static double
measure_edit (GalleyBenchProject *project, guint number)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (&project->project, GALLEY_INTENT_SET_FIELD);
  g_autofree char *body = galley_bench_body (number);
  g_autofree char *color = g_strdup_printf ("#%06x", number);
  gboolean is_text = number % 3 == 0;
  g_autoptr (GError) error = NULL;
  double start = galley_bench_now_ms ();

  galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION,
                          &g_array_index (project->notes, GalleyId, number * 7919 % N_NOTES),
                          is_text ? GALLEY_ANNOTATION_BODY : GALLEY_ANNOTATION_COLOR, NULL,
                          g_variant_new_string (is_text ? body : color));
  galley_store_commit (project->store, draft, NULL, &error);
  galley_bench_check (error);
  return galley_bench_now_ms () - start;
}

void
galley_bench_edits (void)
{
  g_auto (GalleyBenchProject) project = { 0 };
  g_autofree double *edits = g_new (double, N_EDITS), *bares = g_new (double, N_EDITS);
  Bare bare;

  galley_bench_project_open (&project, "edits");
  galley_bench_project_add_notes (&project, N_NOTES);
  bare_open (&bare);
  for (guint i = 0; i < N_BEFORE; i++)
    {
      measure_edit (&project, i);
      measure_bare (&bare);
    }
  for (guint i = 0; i < N_EDITS; i++)
    {
      edits[i] = measure_edit (&project, i);
      bares[i] = measure_bare (&bare);
    }
  bare_close (&bare);

  galley_bench_table_add (&(GalleyBenchRow){
      "one edit, until it is on disk: p50", "ms", galley_bench_quantile (edits, N_EDITS, 0.5),
      "one bare SQLite row", galley_bench_quantile (bares, N_EDITS, 0.5),
      GALLEY_BENCH_RATIO_AT_MOST, 1.5 });
  galley_bench_table_add (
      &(GalleyBenchRow){ "one edit, until it is on disk: p99", "ms",
                         galley_bench_quantile (edits, N_EDITS, 0.99), "one bare SQLite row",
                         galley_bench_quantile (bares, N_EDITS, 0.99), GALLEY_BENCH_NO_GOAL, 0 });
}
