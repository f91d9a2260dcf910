/* test-simulator.c: that the simulator repeats itself, and that it finds bugs
 *
 * The argument "bugs" looks for the known ones; without it, for unknown ones and for chance.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-bugs.h"
#include "galley-sim.h"

#define N_STEPS 60
/* A bug that is not found in as many runs is not found. */
#define MAX_SEEDS 100

static void
run (guint64 seed, GalleySimResult *result)
{
  g_autoptr (GArray) steps = galley_sim_steps_draw (seed, N_STEPS);

  galley_sim_run (seed, steps, NULL, result);
}

static void
test_repeats (void)
{
  g_test_summary ("The same seed twice gives the same run, whatever ran in between");

  for (guint64 seed = 1; seed <= 4; seed++)
    {
      GalleySimResult first = { 0 }, between = { 0 }, second = { 0 };

      run (seed, &first);
      run (seed + 1000, &between);
      run (seed, &second);
      g_assert_cmphex (first.trace, ==, second.trace);
      g_assert_cmphex (first.trace, !=, between.trace);
      g_assert_cmpstr (first.failure, ==, second.failure);
      galley_sim_result_clear (&first);
      galley_sim_result_clear (&between);
      galley_sim_result_clear (&second);
    }
}

/* The power goes while a job runs, and the disk refuses when jobs are to be taken up again. */
static void
test_jobs_are_taken_up (void)
{
  for (guint step = 1; step <= 8; step++)
    {
      GalleySim *sim = galley_sim_begin (1, NULL);

      galley_sync_service_retry_now (sim->devices[0].service);
      galley_sim_pass (sim, 5000);
      galley_sim_device_crash (&sim->devices[0], 0);
      galley_sim_disk_fail_at (sim->devices[0].disk, GALLEY_SIM_DISK_IO, step);
      galley_sim_pass (sim, 60 * G_USEC_PER_SEC);
      galley_sim_heal (sim);
      g_assert_cmpstr (sim->failure, ==, NULL);
      galley_sim_end (sim);
    }
}

static void
test_bug (gconstpointer data)
{
  GalleySabotage bug = GPOINTER_TO_UINT (data);
  gboolean found = FALSE;

  g_test_summary (galley_sim_bug_explain (bug));

  galley_sim_bug_set (bug);
  for (guint64 seed = 1; seed <= MAX_SEEDS && !found; seed++)
    {
      GalleySimResult result = { 0 };

      run (seed, &result);
      found = result.failure != NULL;
      if (found)
        g_test_message ("%s: found with %" G_GUINT64_FORMAT " seeds: %s",
                        galley_sim_bug_get_name (bug), seed, result.failure);
      galley_sim_result_clear (&result);
    }
  galley_sim_bug_set (GALLEY_SABOTAGE_NONE);
  g_assert_true (found);
}

static void
test_shrinks (void)
{
  g_autoptr (GArray) steps = galley_sim_steps_draw (1, N_STEPS);
  g_autoptr (GArray) shortest = NULL;
  GalleySimResult result = { 0 };

  g_test_summary ("A run that fails gets short, and fails as it did");

  galley_sim_bug_set (GALLEY_SABOTAGE_APPLIES_HALF);
  galley_sim_run (1, steps, NULL, &result);
  g_assert_nonnull (result.failure);
  galley_sim_result_clear (&result);
  shortest = galley_sim_shrink (1, steps);
  galley_sim_run (1, shortest, NULL, &result);
  galley_sim_bug_set (GALLEY_SABOTAGE_NONE);
  g_assert_nonnull (result.failure);
  g_assert_cmpuint (shortest->len, <=, 3);
  galley_sim_result_clear (&result);
}

int
main (int argc, char **argv)
{
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_test_init (&argc, &argv, NULL);
  /* Production warns of the world's faults, of which a run is full; the run judges what it says. */
  g_log_set_default_handler (g_log_default_handler, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);

  if (argc < 2)
    {
      g_test_add_func ("/simulator/repeats", test_repeats);
      g_test_add_func ("/simulator/shrinks", test_shrinks);
      g_test_add_func ("/simulator/jobs-are-taken-up", test_jobs_are_taken_up);
      return g_test_run ();
    }

  for (guint bug = 1; bug < GALLEY_N_SABOTAGES; bug++)
    {
      g_autofree char *path = g_strdup_printf ("/simulator/bugs/%s", galley_sim_bug_get_name (bug));

      g_test_add_data_func (path, GUINT_TO_POINTER (bug), test_bug);
    }
  return g_test_run ();
}
