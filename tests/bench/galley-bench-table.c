/* galley-bench-table.c: what was measured, beside a peer or its goal, a line each
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench-table.h"

#include <math.h>
#include <stdlib.h>

/* scripts/bench-window prints the same columns. */
#define COLUMNS "%-48s %14s  %-34s %7s %12s  %s\n"

static char *
with_unit (double value, const char *unit)
{
  if (fabs (value) >= 1000)
    return g_strdup_printf ("%.0f %s", value, unit);
  return g_strdup_printf (fabs (value) < 10 ? "%.2f %s" : "%.1f %s", value, unit);
}

void
galley_bench_table_begin (void)
{
  g_print (COLUMNS, "what", "measured", "beside", "ratio", "goal", "met?");
}

static double
get_ratio (const GalleyBenchRow *row)
{
  if (row->beside != NULL)
    return row->measured / row->beside_value;
  return row->aim == GALLEY_BENCH_NO_GOAL ? NAN : row->measured / row->goal;
}

static gboolean
is_met (const GalleyBenchRow *row)
{
  switch (row->aim)
    {
    case GALLEY_BENCH_AT_MOST:
      return row->measured <= row->goal;
    case GALLEY_BENCH_AT_LEAST:
      return row->measured >= row->goal;
    case GALLEY_BENCH_RATIO_AT_MOST:
      return get_ratio (row) <= row->goal;
    case GALLEY_BENCH_NO_GOAL:
    default:
      return TRUE;
    }
}

static char *
goal_to_string (const GalleyBenchRow *row)
{
  switch (row->aim)
    {
    case GALLEY_BENCH_AT_MOST:
      return g_strdup_printf ("<= %g %s", row->goal, row->unit);
    case GALLEY_BENCH_AT_LEAST:
      return g_strdup_printf (">= %.0f %s", row->goal, row->unit);
    case GALLEY_BENCH_RATIO_AT_MOST:
      return g_strdup_printf ("<= %g x", row->goal);
    case GALLEY_BENCH_NO_GOAL:
    default:
      return g_strdup ("-");
    }
}

void
galley_bench_table_add (const GalleyBenchRow *row)
{
  g_autofree char *measured = with_unit (row->measured, row->unit);
  g_autofree char *value = with_unit (row->beside_value, row->unit);
  g_autofree char *beside = row->beside != NULL ? g_strdup_printf ("%s: %s", row->beside, value)
                                                : g_strdup ("-");
  g_autofree char *goal = goal_to_string (row);
  double ratio = get_ratio (row);
  g_autofree char *ratio_text = isnan (ratio) ? g_strdup ("-") : g_strdup_printf ("%.2f x", ratio);

  g_print (COLUMNS, row->what, measured, beside, ratio_text, goal,
           row->aim == GALLEY_BENCH_NO_GOAL ? "-" : (is_met (row) ? "yes" : "NO"));
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

/**
 * galley_bench_quantile:
 * @values: (array length=n_values): sorted on return
 * @quantile: 0.5 for the median, 0.99 …
 */
double
galley_bench_quantile (double *values, guint n_values, double quantile)
{
  qsort (values, n_values, sizeof *values, compare_doubles);
  return values[MIN (n_values - 1, (guint)(n_values * quantile))];
}

double
galley_bench_now_ms (void)
{
  return g_get_monotonic_time () / 1e3;
}
