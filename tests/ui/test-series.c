/* test-series.c: minutes become the pieces of a plot
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-metric-table.h"
#include "galley-test.h"
#include "ui/galley-series.h"

#define BEGIN_US (G_GINT64_CONSTANT (1700000040000000))
#define HOUR_US G_TIME_SPAN_HOUR

static GArray *
make_metrics (void)
{
  GArray *metrics = g_array_new (FALSE, TRUE, sizeof (GalleyMetric));
  const GalleyMetric before = { .at_us = BEGIN_US - HOUR_US, .unsent = 4, .sent_bytes = 999 };
  const GalleyMetric first = { .at_us = BEGIN_US + 10 * G_TIME_SPAN_MINUTE,
                               .unsent = 9,
                               .sent_bytes = 100,
                               .received_bytes = 20,
                               .failures = 2 };
  const GalleyMetric last = { .at_us = BEGIN_US + 30 * G_TIME_SPAN_MINUTE, .sent_bytes = 7 };

  g_array_append_val (metrics, before);
  g_array_append_val (metrics, first);
  g_array_append_val (metrics, last);
  return metrics;
}

static void
test_levels_hold_on (void)
{
  g_autoptr (GArray) metrics = make_metrics ();
  double values[GALLEY_SERIES_PIECES];

  galley_series_fill (GALLEY_SERIES_UNSENT, metrics, BEGIN_US, BEGIN_US + HOUR_US, values);
  g_assert_cmpfloat (values[0], ==, 4);
  g_assert_cmpfloat (values[9], ==, 4);
  g_assert_cmpfloat (values[10], ==, 9);
  g_assert_cmpfloat (values[29], ==, 9);
  /* The most in a piece: something had waited in it. */
  g_assert_cmpfloat (values[30], ==, 9);
  g_assert_cmpfloat (values[31], ==, 0);
  g_assert_cmpfloat (values[59], ==, 0);
}

static void
test_flows_happen_once (void)
{
  g_autoptr (GArray) metrics = make_metrics ();
  double values[GALLEY_SERIES_PIECES], sum = 0;

  galley_series_fill (GALLEY_SERIES_TRAFFIC, metrics, BEGIN_US, BEGIN_US + HOUR_US, values);
  for (guint i = 0; i < GALLEY_SERIES_PIECES; i++)
    sum += values[i];
  g_assert_cmpfloat (sum, ==, 127);
  g_assert_cmpfloat (values[10], ==, 120);
  galley_series_fill (GALLEY_SERIES_FAILURES, metrics, BEGIN_US, BEGIN_US + 24 * HOUR_US, values);
  g_assert_cmpfloat (values[0], ==, 2);
}

static void
test_nothing_yet (void)
{
  g_autoptr (GArray) metrics = g_array_new (FALSE, TRUE, sizeof (GalleyMetric));
  double values[GALLEY_SERIES_PIECES];
  g_autofree char *none = galley_series_format (GALLEY_SERIES_UNSENT, 0);

  galley_series_fill (GALLEY_SERIES_WAITING_BYTES, metrics, BEGIN_US, BEGIN_US + HOUR_US, values);
  for (guint i = 0; i < GALLEY_SERIES_PIECES; i++)
    g_assert_cmpfloat (values[i], ==, 0);
  g_assert_cmpstr (none, ==, "0");
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/series/levels-hold-on", test_levels_hold_on);
  g_test_add_func ("/series/flows-happen-once", test_flows_happen_once);
  g_test_add_func ("/series/nothing-yet", test_nothing_yet);
  return g_test_run ();
}
