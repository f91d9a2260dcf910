/* bench-audit.c: the history of an item with 5,000 changes: how long until it is on screen
 *
 * Once with all of them as rows of the journal, once with all of them packed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench-table.h"
#include "galley-bench-window.h"
#include "galley-test-device.h"
#include "galley-test.h"

#include "data/galley-audit.h"
#include "data/galley-compactor.h"
#include "data/galley-past.h"
#include "ui/galley-audit-window.h"

#define N_NOTES 1000
#define N_EDITS 4
#define N_TIMES 5

static void
make_item (TestDevice *device, const GalleyId *project, const char *name, GalleyId *item)
{
  test_device_make_item (device, project, name, item);
  for (guint i = 0; i < N_NOTES; i++)
    {
      GalleyId note;

      test_device_make_note (device, project, item, "one", &note);
      for (guint k = 0; k < N_EDITS; k++)
        {
          g_autofree char *body = g_strdup_printf ("note %u, take %u", i, k);

          test_device_set (device, project, GALLEY_KIND_ANNOTATION, &note, GALLEY_ANNOTATION_BODY,
                           NULL, g_variant_new_string (body));
        }
    }
}

static gpointer
read_audit (GalleyReader *reader, gpointer data, GError **error)
{
  return galley_audit_read (reader, &(GalleyJournalFilter){ .entity = data }, error);
}

static double
time_reading (TestDevice *device, GalleyId *item)
{
  double times_ms[N_TIMES];

  for (guint i = 0; i < N_TIMES; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GalleyAudit) audit = NULL;
      double begin_ms = galley_bench_now_ms ();

      galley_store_read_async (device->store, read_audit, item, NULL, NULL, NULL,
                               galley_test_store_result, &result);
      galley_test_wait (&result);
      audit = galley_store_read_finish (device->store, result, NULL);
      times_ms[i] = galley_bench_now_ms () - begin_ms;
      g_assert_cmpuint (audit->entries->len, ==, 1 + N_NOTES * (1 + N_EDITS));
      g_assert_true (audit->whole);
    }

  return galley_bench_quantile (times_ms, N_TIMES, 0.5);
}

static double
time_past (TestDevice *device, const GalleyId *item)
{
  double begin_ms = galley_bench_now_ms ();
  gboolean whole;
  g_autoptr (GPtrArray)
      past = galley_past_list_item (device->reader, item, G_MAXUINT64, &whole, NULL);

  g_assert_cmpuint (past->len, ==, 1 + N_NOTES);
  return galley_bench_now_ms () - begin_ms;
}

/* From the wish until the list has been drawn. */
static double
time_opening (TestDevice *device, const GalleyId *item)
{
  double times_ms[N_TIMES];

  for (guint i = 0; i < N_TIMES; i++)
    {
      double begin_ms = galley_bench_now_ms ();
      GtkWidget *window = galley_audit_window_new (device->store, item, GALLEY_AUDIT_ALL_FIELDS,
                                                   NULL);

      gtk_window_present (GTK_WINDOW (window));
      while (g_strcmp0 (gtk_window_get_title (GTK_WINDOW (window)), "Poster") != 0)
        g_main_context_iteration (NULL, TRUE);
      galley_bench_window_paint (window);
      times_ms[i] = galley_bench_now_ms () - begin_ms;
      gtk_window_destroy (GTK_WINDOW (window));
    }

  return galley_bench_quantile (times_ms, N_TIMES, 0.5);
}

static void
add_row (const char *what, double measured_ms, double goal_ms)
{
  galley_bench_table_add (&(GalleyBenchRow){ .what = what,
                                             .unit = "ms",
                                             .measured = measured_ms,
                                             .aim = goal_ms > 0 ? GALLEY_BENCH_AT_MOST : 0,
                                             .goal = goal_ms });
}

static void
run (void)
{
  GalleyCompactOptions options = { 0, 256 * 1024, 1 };
  GalleyCompactReport report;
  TestDevice *device = test_device_new ("bench");
  GalleyId project, item, other;
  TestStream *stream;
  double live_ms, opened_ms;

  test_device_make_project (device, &project);
  make_item (device, &project, "Other", &other);
  make_item (device, &project, "Poster", &item);
  live_ms = time_reading (device, &item);
  opened_ms = time_opening (device, &item);
  stream = test_stream_new (&project);
  test_stream_push (stream, device);
  test_stream_pull (stream, device);
  galley_compact (device->store, &options, NULL, NULL, NULL, &report, NULL);

  galley_bench_table_begin ();
  add_row ("history of an item with 5,000 changes: on screen", opened_ms, 100);
  add_row ("  read from the journal", live_ms, 0);
  add_row ("  on screen, all of it packed", time_opening (device, &item), 100);
  add_row ("  read, all of it packed", time_reading (device, &item), 0);
  add_row ("  the item as it was, all of it packed", time_past (device, &item), 0);
  test_stream_free (stream);
  test_device_free (device);
}

int
main (int argc, char **argv)
{
  return galley_bench_window_main (argc, argv, "/bench/audit", run);
}
