/* bench-receive.c: how fast changes of others are applied, from bytes to committed
 *
 * Decoding, the chain's hashes, journal, heads, item rows and search index, in transactions of
 * 2,000 changes as a pull makes them. The time is the processor's, of all threads together.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench.h"

#include "data/galley-outbox.h"

#include <time.h>

#define N_CHANGES 20000
#define BATCH 2000

typedef struct
{
  const GalleyId *project;
  GalleyIncoming incoming[BATCH];
  guint n_incoming;
  guint64 position;
} Batch;

static double
get_cpu_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

/* writer thread */
static gboolean
write_batch (GalleyWriter *writer, gpointer data, GError **error)
{
  Batch *batch = data;

  return galley_outbox_receive (writer, batch->project, batch->incoming, batch->n_incoming, "bench",
                                batch->position, error);
}

static void
receive_batch (GalleyStore *store, Batch *batch, GPtrArray *changes, guint first, guint n_changes)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_changes; i++)
    {
      batch->incoming[i] = (GalleyIncoming){ .position = first + i + 1 };
      batch->incoming[i].change = galley_change_new_from_bytes (changes->pdata[first + i], &error);
      galley_bench_check (error);
    }
  batch->n_incoming = n_changes;
  batch->position = first + n_changes;
  galley_store_write (store, write_batch, batch, &error);
  galley_bench_check (error);
  for (guint i = 0; i < n_changes; i++)
    galley_change_unref (batch->incoming[i].change);
}

/* Returns: changes per second of processor time */
static double
measure (GalleyStore *store, const GalleyId *project, GPtrArray *changes, guint from, guint to)
{
  g_autofree Batch *batch = g_new0 (Batch, 1);
  double start = get_cpu_ms ();

  batch->project = project;
  for (guint i = from; i < to; i += BATCH)
    receive_batch (store, batch, changes, i, MIN (BATCH, to - i));
  return (to - from) * 1e3 / (get_cpu_ms () - start);
}

void
galley_bench_receive (void)
{
  g_auto (GalleyBenchProject) source = { 0 };
  g_autofree char *folder = galley_bench_folder ("receive");
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyStore)
      store = galley_store_open (folder, GALLEY_STORE_CREATE | GALLEY_STORE_QUIET,
                                 galley_world_real (), &error);
  guint before; /* the project and its item */
  double per_s[3];

  galley_bench_check (error);
  galley_bench_project_open (&source, "receive-source");
  galley_bench_project_add_notes (&source, N_CHANGES);
  galley_bench_project_edit_notes (&source, GALLEY_BENCH_COLORS, N_CHANGES);
  galley_bench_project_edit_notes (&source, GALLEY_BENCH_TEXTS, N_CHANGES);
  changes = galley_bench_project_list_changes (&source);
  before = changes->len - 3 * N_CHANGES;
  measure (store, &source.project, changes, 0, before);
  for (guint i = 0; i < G_N_ELEMENTS (per_s); i++)
    per_s[i] = measure (store, &source.project, changes, before + i * N_CHANGES,
                        before + (i + 1) * N_CHANGES);
  galley_store_close (store);

  galley_bench_table_add (&(GalleyBenchRow){ "applied on one core: whole notes of others", "/s",
                                             per_s[0], NULL, 0, GALLEY_BENCH_AT_LEAST, 15000 });
  galley_bench_table_add (&(GalleyBenchRow){ "applied on one core: edits of one field", "/s",
                                             per_s[1], NULL, 0, GALLEY_BENCH_AT_LEAST, 60000 });
  galley_bench_table_add (&(GalleyBenchRow){ "applied on one core: edits of a searched text", "/s",
                                             per_s[2], NULL, 0, GALLEY_BENCH_NO_GOAL, 0 });
}
