/* test-job-limits.c: what holds jobs back, and how fast files may go
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"
#include "sync/galley-job-limits.h"

static GalleyJobHold
hold_of (GalleyJobLimits *limits, const char *kind, gboolean large)
{
  return galley_job_limits_get_hold (limits, kind, large, FALSE);
}

static void
count_cb (GalleyJobLimits *limits, guint *n_changes)
{
  *n_changes += 1;
}

static void
test_kinds (void)
{
  g_autoptr (GalleyJobLimits) limits = galley_job_limits_new ();
  g_auto (GalleyJobWishes) wishes = { 0 };
  guint n_changes = 0;

  g_signal_connect (limits, "changed", G_CALLBACK (count_cb), &n_changes);
  galley_job_wishes_pause_kind (&wishes, "upload", TRUE);
  galley_job_wishes_pause_kind (&wishes, "download", TRUE);
  galley_job_wishes_pause_kind (&wishes, "upload", TRUE);
  g_assert_cmpstr (wishes.paused_kinds, ==, "download,upload");
  galley_job_limits_set_wishes (limits, &wishes);
  galley_job_limits_set_wishes (limits, &wishes);
  g_assert_cmpuint (n_changes, ==, 1);
  g_assert_cmpint (hold_of (limits, "upload", TRUE), ==, GALLEY_HOLD_KIND_PAUSED);
  g_assert_cmpint (hold_of (limits, "push", FALSE), ==, GALLEY_HOLD_NONE);

  galley_job_wishes_pause_kind (&wishes, "upload", FALSE);
  galley_job_wishes_pause_kind (&wishes, "download", FALSE);
  g_assert_null (wishes.paused_kinds);
  galley_job_limits_set_wishes (limits, &wishes);
  g_assert_cmpint (hold_of (limits, "upload", TRUE), ==, GALLEY_HOLD_NONE);
}

static void
test_world (void)
{
  g_autoptr (GalleyJobLimits) limits = galley_job_limits_new ();
  GalleyJobWishes wishes = { .metered_too = TRUE };

  g_test_summary ("Large things wait where they cost money or the battery, unless they may not");

  galley_job_limits_set_metered (limits, TRUE);
  g_assert_cmpint (hold_of (limits, "upload", TRUE), ==, GALLEY_HOLD_METERED);
  g_assert_cmpint (hold_of (limits, "push", FALSE), ==, GALLEY_HOLD_NONE);
  galley_job_limits_set_wishes (limits, &wishes);
  g_assert_cmpint (hold_of (limits, "upload", TRUE), ==, GALLEY_HOLD_NONE);

  galley_job_limits_set_saving_battery (limits, TRUE);
  g_assert_cmpint (hold_of (limits, "upload", TRUE), ==, GALLEY_HOLD_BATTERY);
  g_assert_cmpint (galley_job_limits_get_hold (limits, "compact", FALSE, TRUE), ==,
                   GALLEY_HOLD_BATTERY);
  wishes.battery_too = TRUE;
  galley_job_limits_set_wishes (limits, &wishes);
  g_assert_cmpint (hold_of (limits, "upload", TRUE), ==, GALLEY_HOLD_NONE);
}

static void
test_said (void)
{
  g_assert_null (galley_job_hold_describe (GALLEY_HOLD_NONE));
  for (guint hold = GALLEY_HOLD_KIND_PAUSED; hold <= GALLEY_HOLD_BATTERY; hold++)
    g_assert_true (g_str_has_suffix (galley_job_hold_describe (hold), "."));
}

static void
test_pace (void)
{
  g_autoptr (GalleyPace) pace = galley_pace_new ();

  g_test_summary ("All transfers together take a second for the bytes of a second");

  g_assert_cmpint (galley_pace_reserve (pace, 1 << 30, 0), ==, 0);
  galley_pace_set_limit (pace, 1000);
  g_assert_cmpint (galley_pace_reserve (pace, 500, 100), ==, 0);
  g_assert_cmpint (galley_pace_reserve (pace, 1000, 100), ==, 500 * 1000);
  g_assert_cmpint (galley_pace_reserve (pace, 10, 100), ==, 1500 * 1000);
  /* What nobody used is not saved up. */
  g_assert_cmpint (galley_pace_reserve (pace, 10, 100 * G_USEC_PER_SEC), ==, 0);
  galley_pace_set_limit (pace, 0);
  g_assert_cmpint (galley_pace_reserve (pace, 1 << 30, 0), ==, 0);
}

static void
test_slow_streams (void)
{
  g_autoptr (GalleyPace) pace = galley_pace_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (100000), 100000);
  g_autoptr (GInputStream) base = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GOutputStream) target = g_memory_output_stream_new_resizable ();
  g_autoptr (GInputStream) in = galley_pace_slow_input (pace, base);
  g_autoptr (GOutputStream) out = galley_pace_slow_output (pace, target);
  g_autoptr (GError) error = NULL;

  g_test_summary ("Whatever the pace, all of it comes through");

  galley_pace_set_limit (pace, GALLEY_JOB_MAX_KIB_S * 1024);
  g_assert_cmpint (g_output_stream_splice (out, in, G_OUTPUT_STREAM_SPLICE_NONE, NULL, &error), ==,
                   100000);
  g_assert_no_error (error);
}

static void
test_stopped (void)
{
  g_autoptr (GalleyPace) pace = galley_pace_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_test_summary ("Who waits for hours can be stopped at once");

  galley_pace_set_limit (pace, 1);
  galley_pace_reserve (pace, 100000, g_get_monotonic_time ());
  g_cancellable_cancel (cancellable);
  g_assert_false (galley_pace_take (pace, 1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  g_test_add_func ("/job-limits/kinds", test_kinds);
  g_test_add_func ("/job-limits/world", test_world);
  g_test_add_func ("/job-limits/said", test_said);
  g_test_add_func ("/job-limits/pace", test_pace);
  g_test_add_func ("/job-limits/slow-streams", test_slow_streams);
  g_test_add_func ("/job-limits/stopped", test_stopped);

  return g_test_run ();
}
