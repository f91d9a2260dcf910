/* bench-search.c: how long a search takes among many notes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench.h"

#define N_NOTES 100000
#define N_QUERIES 400
#define N_HITS 50

/* In turn: a word of one note, a word of many, two words, the beginning of a word. */
static char *
make_query (guint number)
{
  static const char *const common[] = { "logo", "margin", "page", "please", "lighter" };
  static const char *const pairs[] = { "lantern cut", "sky room", "headline edge" };
  static const char *const beginnings[] = { "capt", "he", "mar", "lant", "ligh" };

  switch (number % 4)
    {
    case 0:
      return g_strdup_printf ("w%u", number * 7919 % N_NOTES);
    case 1:
      return g_strdup (common[number / 4 % G_N_ELEMENTS (common)]);
    case 2:
      return g_strdup (pairs[number / 4 % G_N_ELEMENTS (pairs)]);
    default:
      return g_strdup (beginnings[number / 4 % G_N_ELEMENTS (beginnings)]);
    }
}

static void
measure (GalleyReader *reader, double *times)
{
  for (guint i = 0; i < N_QUERIES; i++)
    {
      g_autofree char *query = make_query (i);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) hits = NULL;
      double start = galley_bench_now_ms ();

      hits = galley_reader_search (reader, query, N_HITS, &error);
      times[i] = galley_bench_now_ms () - start;
      galley_bench_check (error);
      if (hits->len == 0)
        g_error ("Nothing was found for “%s”", query);
    }
}

void
galley_bench_search (void)
{
  g_auto (GalleyBenchProject) project = { 0 };
  g_autofree double *times = g_new (double, N_QUERIES);
  g_autoptr (GalleyReader) reader = NULL;
  g_autoptr (GError) error = NULL;

  galley_bench_project_open (&project, "search");
  galley_bench_project_add_notes (&project, N_NOTES);
  reader = galley_store_open_reader (project.store, &error);
  galley_bench_check (error);
  measure (reader, times);

  galley_bench_table_add (&(GalleyBenchRow){ "search among 100,000 notes, mixed queries: p50", "ms",
                                             galley_bench_quantile (times, N_QUERIES, 0.5), NULL, 0,
                                             GALLEY_BENCH_AT_MOST, 5 });
  galley_bench_table_add (&(GalleyBenchRow){ "search among 100,000 notes, mixed queries: p99", "ms",
                                             galley_bench_quantile (times, N_QUERIES, 0.99), NULL,
                                             0, GALLEY_BENCH_NO_GOAL, 0 });
}
