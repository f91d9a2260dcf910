/* galley-bench-table.h: what was measured, beside a peer or its goal, a line each
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GALLEY_BENCH_NO_GOAL,
  GALLEY_BENCH_AT_MOST,
  GALLEY_BENCH_AT_LEAST,
  GALLEY_BENCH_RATIO_AT_MOST, /* of what is measured to what stands beside it */
} GalleyBenchAim;

typedef struct
{
  const char *what;
  const char *unit;
  double measured;
  const char *beside; /* (nullable): measured in the same run; NULL: the ratio is to the goal */
  double beside_value;
  GalleyBenchAim aim;
  double goal;
} GalleyBenchRow;

void galley_bench_table_begin (void);
void galley_bench_table_add (const GalleyBenchRow *row);

double galley_bench_quantile (double *values, guint n_values, double quantile);
double galley_bench_now_ms (void);

G_END_DECLS
