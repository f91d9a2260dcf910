/* test-meter.c: what waited, travelled and failed is written down, and nothing while nothing moves
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-metric-table.h"
#include "galley-sync-bench.h"
#include "galley-test.h"
#include "sync/galley-meter.h"

typedef struct
{
  GalleySyncBench bench;
  GalleyMeter *meter;
  guint n_written;
} Fixture;

static void
count_cb (Fixture *self)
{
  self->n_written++;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  galley_sync_bench_set_up (&self->bench, data);
  self->meter = galley_meter_new (self->bench.store, self->bench.service,
                                  GALLEY_TRANSPORT (self->bench.transport));
  g_signal_connect_swapped (self->meter, "written", G_CALLBACK (count_cb), self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  galley_meter_stop (self->meter);
  g_clear_object (&self->meter);
  galley_sync_bench_tear_down (&self->bench, data);
}

/* A minute goes by; what it held is on disk. */
static void
let_minute_pass (Fixture *self)
{
  guint before = self->n_written;

  galley_fake_world_advance_ms (self->bench.world, 61 * 1000);
  while (self->n_written == before)
    g_main_context_iteration (NULL, TRUE);
}

static GArray *
list (Fixture *self, gint64 since_us)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (self->bench.store, &error);
  GArray *metrics;

  g_assert_no_error (error);
  metrics = galley_metric_table_list (reader, since_us, &error);
  g_assert_no_error (error);
  return metrics;
}

static GalleyMetric
sum_up (Fixture *self)
{
  g_autoptr (GArray) metrics = list (self, 0);
  GalleyMetric sum = { 0 };

  for (guint i = 0; i < metrics->len; i++)
    {
      const GalleyMetric *metric = &g_array_index (metrics, GalleyMetric, i);

      sum.sent_bytes += metric->sent_bytes;
      sum.received_bytes += metric->received_bytes;
      sum.failures += metric->failures;
      sum.unsent = metric->unsent;
      sum.waiting_bytes = metric->waiting_bytes;
    }

  return sum;
}

static void
test_travels (Fixture *self, gconstpointer data)
{
  GalleyMetric sum;

  galley_sync_bench_connect (&self->bench);
  galley_sync_service_start (self->bench.service);
  galley_sync_bench_commit (&self->bench, "rename");
  galley_sync_bench_wait_state (&self->bench, GALLEY_SYNC_UP_TO_DATE);
  let_minute_pass (self);
  sum = sum_up (self);
  g_assert_cmpuint (sum.sent_bytes, >, 0);
  g_assert_cmpuint (sum.received_bytes, >, 0);
  g_assert_cmpuint (sum.unsent, ==, 0);
  g_assert_cmpuint (sum.waiting_bytes, ==, 0);
  g_assert_cmpuint (sum.failures, ==, 0);
}

static void
test_waits (Fixture *self, gconstpointer data)
{
  GalleyMetric sum;

  galley_sync_bench_connect (&self->bench);
  galley_sync_service_start (self->bench.service);
  galley_sync_bench_wait_state (&self->bench, GALLEY_SYNC_UP_TO_DATE);
  self->bench.down = TRUE;
  galley_sync_bench_commit (&self->bench, "rename");
  galley_sync_bench_wait_job (&self->bench, "push", GALLEY_JOB_WAITING);
  let_minute_pass (self);
  sum = sum_up (self);
  g_assert_cmpuint (sum.unsent, ==, 1);
  g_assert_cmpuint (sum.waiting_bytes, >, 0);
  g_assert_cmpuint (sum.failures, >, 0);
}

static gboolean
do_nothing (GalleyWriter *writer, gpointer data, GError **error)
{
  return TRUE;
}

static void
test_rests (Fixture *self, gconstpointer data)
{
  g_test_summary ("What it writes itself is nothing that moved: it does not go on for ever.");
  guint n_written;

  galley_sync_service_start (self->bench.service);
  galley_sync_bench_commit (&self->bench, "rename");
  while (!galley_sync_service_is_holder (self->bench.service))
    g_main_context_iteration (NULL, TRUE);
  galley_sync_bench_commit (&self->bench, "rename");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  let_minute_pass (self);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  n_written = self->n_written;
  for (guint i = 0; i < 5; i++)
    {
      galley_fake_world_advance_ms (self->bench.world, 61 * 1000);
      /* Behind whatever may have been asked for. */
      galley_store_write (self->bench.store, do_nothing, NULL, NULL);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_assert_cmpuint (self->n_written, ==, n_written);
}

static gboolean
add (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_metric_table_add (writer, data, error);
}

static void
write_minute (Fixture *self, gint64 at_us, guint64 unsent)
{
  GalleyMetric metric = { .at_us = at_us, .unsent = unsent, .sent_bytes = 10, .failures = 1 };
  g_autoptr (GError) error = NULL;

  galley_store_write (self->bench.store, add, &metric, &error);
  g_assert_no_error (error);
}

static void
test_table (Fixture *self, gconstpointer data)
{
  g_test_summary ("Levels stand for their minute, flows add up, and what is old goes.");
  const gint64 begin_us = G_GINT64_CONSTANT (1700000040000000);
  g_autoptr (GArray) first = NULL, later = NULL;

  write_minute (self, begin_us, 7);
  write_minute (self, begin_us + G_TIME_SPAN_SECOND, 5);
  write_minute (self, begin_us + 10 * G_TIME_SPAN_MINUTE, 3);
  first = list (self, begin_us + 5 * G_TIME_SPAN_MINUTE);
  g_assert_cmpuint (first->len, ==, 2);
  g_assert_cmpuint (g_array_index (first, GalleyMetric, 0).unsent, ==, 5);
  g_assert_cmpuint (g_array_index (first, GalleyMetric, 0).sent_bytes, ==, 20);
  g_assert_cmpuint (g_array_index (first, GalleyMetric, 0).failures, ==, 2);
  g_assert_cmpint (g_array_index (first, GalleyMetric, 0).at_us, ==, begin_us);

  write_minute (self, begin_us + GALLEY_METRIC_KEEP_US + 5 * G_TIME_SPAN_MINUTE, 0);
  later = list (self, 0);
  g_assert_cmpuint (later->len, ==, 2);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add ("/meter/travels", Fixture, NULL, set_up, test_travels, tear_down);
  g_test_add ("/meter/waits", Fixture, NULL, set_up, test_waits, tear_down);
  g_test_add ("/meter/rests", Fixture, NULL, set_up, test_rests, tear_down);
  g_test_add ("/meter/table", Fixture, NULL, set_up, test_table, tear_down);
  return g_test_run ();
}
