/* bench-compact.c: a settled journal is packed while somebody edits
 *
 * All that an edit waits for counts, from the call until it is on disk. Large: with
 * GALLEY_BENCH_LARGE=1 in the environment a million changes, else 50,000.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench.h"

#include "data/galley-compactor.h"
#include "data/galley-outbox.h"

#include <sqlite3.h>

#define MAX_EDITS 200000
#define N_LOOKUPS 200
/* Between two edits of the one who works meanwhile, in microseconds. */
#define EDIT_EVERY_US 5000

static guint
count_changes (void)
{
  return g_strcmp0 (g_getenv ("GALLEY_BENCH_LARGE"), "1") == 0 ? 1000000 : 50000;
}

/* writer thread: the server took all of them, one after the other */
static gboolean
settle_all (GalleyWriter *writer, gpointer data, GError **error)
{
  const GalleyBenchProject *project = data;
  GalleyVerdict verdict = { .first_seq = 1, .position = 1 };

  verdict.count = 2 + count_changes ();
  return galley_outbox_settle (writer, &project->project, &verdict, 1, error);
}

static void
make_journal (GalleyBenchProject *project)
{
  guint n_notes = count_changes () / 10;
  g_autoptr (GError) error = NULL;

  galley_bench_project_open (project, "compact");
  galley_bench_project_add_notes (project, n_notes);
  galley_bench_project_edit_notes (project, GALLEY_BENCH_ALL_FIELDS, count_changes () - n_notes);
  galley_store_write (project->store, settle_all, project, &error);
  galley_bench_check (error);
}

/* The pages of the journal, compacted or not, with its indexes. */
static double
measure_journal (GalleyBenchProject *project)
{
  g_autofree char *path = g_build_filename (galley_store_get_folder (project->store), "galley.db",
                                            NULL);
  sqlite3_stmt *query = NULL;
  sqlite3 *db = NULL;
  double bytes;

  if (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
      sqlite3_prepare_v2 (db,
                          "SELECT sum (pgsize) FROM dbstat WHERE name LIKE 'change%'"
                          " OR name LIKE 'segment%'",
                          -1, &query, NULL) != SQLITE_OK ||
      sqlite3_step (query) != SQLITE_ROW)
    g_error ("%s", sqlite3_errmsg (db));
  bytes = sqlite3_column_int64 (query, 0);
  sqlite3_finalize (query);
  sqlite3_close (db);
  return bytes;
}

/* ── somebody edits meanwhile ── */

typedef struct
{
  GalleyBenchProject *project;
  gint stop;
  double waits_ms[MAX_EDITS];
  guint n_waits;
} Editor;

static gpointer
edit_until_stopped (gpointer data)
{
  Editor *editor = data;

  while (!g_atomic_int_get (&editor->stop) && editor->n_waits < MAX_EDITS)
    {
      double start = galley_bench_now_ms ();

      galley_bench_project_edit_notes (editor->project, GALLEY_BENCH_ALL_FIELDS, 1);
      editor->waits_ms[editor->n_waits++] = galley_bench_now_ms () - start;
      g_usleep (EDIT_EVERY_US);
    }

  return NULL;
}

static Editor *
edit_for (GalleyBenchProject *project, void (*meanwhile) (GalleyBenchProject *project))
{
  Editor *editor = g_new0 (Editor, 1);
  GThread *thread;

  editor->project = project;
  thread = g_thread_new ("editor", edit_until_stopped, editor);
  meanwhile (project);
  g_atomic_int_set (&editor->stop, 1);
  g_thread_join (thread);
  return editor;
}

static void
nothing (GalleyBenchProject *project)
{
  g_usleep (2 * G_USEC_PER_SEC);
}

static GalleyCompactReport report;

static void
compact (GalleyBenchProject *project)
{
  g_autoptr (GError) error = NULL;

  galley_compact (project->store, NULL, NULL, NULL, NULL, &report, &error);
  galley_bench_check (error);
}

/* ── the audit afterwards ── */

/* Each with a reader of its own, as a program that is started for it has. */
static double
look_up (GalleyBenchProject *project)
{
  double waits_ms[N_LOOKUPS];

  for (guint i = 0; i < N_LOOKUPS; i++)
    {
      GalleyRef ref = { *galley_store_get_device (project->store),
                        1 + (guint64)i * (count_changes () - 3000) / N_LOOKUPS };
      double start = galley_bench_now_ms ();
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyReader) reader = galley_store_open_reader (project->store, &error);
      g_autoptr (GalleyJournalRow) row = NULL;

      galley_bench_check (error);
      row = galley_reader_get_change (reader, &project->project, &ref, &error);
      galley_bench_check (error);
      waits_ms[i] = galley_bench_now_ms () - start;
    }

  return galley_bench_quantile (waits_ms, N_LOOKUPS, 1);
}

static double
look_up_hashes (GalleyBenchProject *project)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (project->store, &error);
  double waits_ms[20];

  galley_bench_check (error);
  for (guint i = 0; i < G_N_ELEMENTS (waits_ms); i++)
    {
      GalleyRef ref = { *galley_store_get_device (project->store),
                        1 + (guint64)i * (count_changes () - 3000) / G_N_ELEMENTS (waits_ms) };
      g_autoptr (GalleyJournalRow)
          row = galley_reader_get_change (reader, &project->project, &ref, &error);
      g_autoptr (GalleyJournalRow) found = NULL;
      g_autofree char *hash = NULL;
      double start;

      galley_bench_check (error);
      hash = galley_hash_to_string (galley_change_get_hash (row->change));
      start = galley_bench_now_ms ();
      found = galley_reader_find_change (reader, hash, &error);
      galley_bench_check (error);
      waits_ms[i] = galley_bench_now_ms () - start;
    }

  return galley_bench_quantile (waits_ms, G_N_ELEMENTS (waits_ms), 1);
}

void
galley_bench_compact (void)
{
  g_auto (GalleyBenchProject) project = { 0 };
  g_autofree Editor *alone = NULL, *meanwhile = NULL;
  double before, after, start, took_s;

  make_journal (&project);
  before = measure_journal (&project);
  alone = edit_for (&project, nothing);
  start = galley_bench_now_ms ();
  meanwhile = edit_for (&project, compact);
  took_s = (galley_bench_now_ms () - start) / 1e3;
  after = measure_journal (&project);

  galley_bench_table_add (&(GalleyBenchRow){ "journal after compaction, of what it was", "MB",
                                             after / 1e6, "before", before / 1e6,
                                             GALLEY_BENCH_RATIO_AT_MOST, 0.4 });
  galley_bench_table_add (&(GalleyBenchRow){ "  a packed change", "bytes",
                                             (double)report.after_bytes / report.n_changes, NULL, 0,
                                             GALLEY_BENCH_AT_MOST, 120 });
  galley_bench_table_add (&(GalleyBenchRow){ "  packed a second", "changes",
                                             report.n_changes / took_s, NULL, 0,
                                             GALLEY_BENCH_NO_GOAL, 0 });
  galley_bench_table_add (&(GalleyBenchRow){
      "an edit meanwhile, median", "ms",
      galley_bench_quantile (meanwhile->waits_ms, meanwhile->n_waits, 0.5), "alone",
      galley_bench_quantile (alone->waits_ms, alone->n_waits, 0.5), GALLEY_BENCH_NO_GOAL, 0 });
  galley_bench_table_add (
      &(GalleyBenchRow){ "an edit meanwhile, the longest", "ms",
                         galley_bench_quantile (meanwhile->waits_ms, meanwhile->n_waits, 1), NULL,
                         0, GALLEY_BENCH_AT_MOST, 50 });
  galley_bench_table_add (
      &(GalleyBenchRow){ "  the longest with nothing beside it", "ms",
                         galley_bench_quantile (alone->waits_ms, alone->n_waits, 1), NULL, 0,
                         GALLEY_BENCH_NO_GOAL, 0 });
  galley_bench_table_add (&(GalleyBenchRow){ "a packed change by its number, the longest", "ms",
                                             look_up (&project), NULL, 0, GALLEY_BENCH_AT_MOST,
                                             50 });
  galley_bench_table_add (&(GalleyBenchRow){ "a packed change by its hash, the longest", "ms",
                                             look_up_hashes (&project), NULL, 0,
                                             GALLEY_BENCH_AT_MOST, 50 });
}
