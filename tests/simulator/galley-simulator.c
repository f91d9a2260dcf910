/* galley-simulator.c: runs devices and a server on virtual time, seed after seed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-bugs.h"
#include "galley-sim.h"

#include <stdlib.h>

static char *option_seeds, *option_bug;
static gint64 option_seed = -1;
static int option_steps = 40, option_minutes;
static gboolean option_shrink, option_trace, option_found;

/* Runs in which a fault was found that docs/proof.md names. */
static const struct
{
  guint64 seed;
  int n_steps;
} found[] = { { 2144, 60 }, { 2241, 60 }, { 2290, 60 }, { 2323, 60 }, { 7163, 60 }, { 302, 40 } };

static const GOptionEntry options[] = {
  { "seeds", 0, 0, G_OPTION_ARG_STRING, &option_seeds, "Run these seeds", "FROM..TO" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &option_seed, "Run one seed", "SEED" },
  { "steps", 0, 0, G_OPTION_ARG_INT, &option_steps, "How many things happen in a run", "N" },
  { "minutes", 0, 0, G_OPTION_ARG_INT, &option_minutes, "Run new seeds for as long", "N" },
  { "found", 0, 0, G_OPTION_ARG_NONE, &option_found, "Run those that once failed", NULL },
  { "shrink", 0, 0, G_OPTION_ARG_NONE, &option_shrink, "Find the shortest run that fails", NULL },
  { "trace", 0, 0, G_OPTION_ARG_NONE, &option_trace, "Say what happens", NULL },
  { "bug", 0, 0, G_OPTION_ARG_STRING, &option_bug, "With this known bug in the engine", "NAME" },
  { NULL },
};

static double
to_days (gint64 us)
{
  return us / (24.0 * 3600 * G_USEC_PER_SEC);
}

static void
print_shortest (guint64 seed, GArray *steps)
{
  g_autoptr (GArray) shortest = galley_sim_shrink (seed, steps);
  GalleySimResult result = { 0 };

  g_print ("# the shortest run of it that fails has %u steps:\n", shortest->len);
  for (guint i = 0; i < shortest->len; i++)
    {
      g_autofree char *text = galley_sim_step_describe (
          &g_array_index (shortest, GalleySimStep, i));

      g_print ("#   %s\n", text);
    }
  galley_sim_run (seed, shortest, stdout, &result);
  galley_sim_result_clear (&result);
}

/* Returns: whether all was well */
static gboolean
run_seed (guint64 seed, double *days, guint64 *n_beyond)
{
  g_autoptr (GArray) steps = galley_sim_steps_draw (seed, option_steps);
  GalleySimResult result = { 0 };
  gboolean well;

  galley_sim_run (seed, steps, option_trace ? stdout : NULL, &result);
  *days += result.n_devices * to_days (result.passed_us);
  *n_beyond += result.beyond;
  well = result.failure == NULL;
  if (!well)
    {
      g_print ("seed %" G_GUINT64_FORMAT
               " fails: %s\n# again: galley-simulator --seed %" G_GUINT64_FORMAT
               " --steps %d --trace\n",
               seed, result.failure, seed, option_steps);
      if (option_shrink)
        print_shortest (seed, steps);
    }
  else if (option_seed >= 0)
    {
      g_print ("seed %" G_GUINT64_FORMAT " is %s, trace %016" G_GINT64_MODIFIER "x\n", seed,
               result.beyond ? "beyond what can be mended" : "clean", result.trace);
    }
  galley_sim_result_clear (&result);
  return well;
}

static gboolean
read_range (guint64 *from, guint64 *to)
{
  g_auto (GStrv) parts = NULL;

  if (option_seed >= 0)
    {
      *from = *to = option_seed;
      return TRUE;
    }
  if (option_minutes > 0)
    {
      *from = (guint64)g_get_real_time ();
      *to = G_MAXUINT64;
      return TRUE;
    }
  parts = g_strsplit (option_seeds != NULL ? option_seeds : "1..100", "..", 2);
  return g_strv_length (parts) == 2 &&
         g_ascii_string_to_unsigned (parts[0], 10, 0, G_MAXUINT64, from, NULL) &&
         g_ascii_string_to_unsigned (parts[1], 10, *from, G_MAXUINT64, to, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- simulates Galley");
  g_autoptr (GTimer) timer = g_timer_new ();
  g_autoptr (GError) error = NULL;
  guint64 from, to, n_run = 0, n_failed = 0, n_beyond = 0;
  GalleySabotage bug = GALLEY_SABOTAGE_NONE;
  double days = 0;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || !read_range (&from, &to) ||
      (option_bug != NULL && !galley_sim_bug_parse (option_bug, &bug)))
    {
      g_printerr ("%s\n", error != NULL ? error->message
                                        : "Seeds are written as 1..100, and bugs are called as in"
                                          " galley-sim-bugs.c.");
      return 2;
    }

  if (option_found)
    {
      from = 0;
      to = G_N_ELEMENTS (found) - 1;
    }
  galley_sim_bug_set (bug);
  for (guint64 seed = from; seed <= to; seed++)
    {
      if (option_minutes > 0 && g_timer_elapsed (timer, NULL) > option_minutes * 60)
        break;
      if (option_found)
        option_steps = found[seed].n_steps;
      n_failed += !run_seed (option_found ? found[seed].seed : seed, &days, &n_beyond);
      n_run++;
      if (seed == G_MAXUINT64)
        break;
    }

  g_print ("%" G_GUINT64_FORMAT " seeds, %" G_GUINT64_FORMAT " failed, %" G_GUINT64_FORMAT
           " came beyond what can be mended, %.1f device-days simulated, %.0f seeds a minute\n",
           n_run, n_failed, n_beyond, days, n_run * 60 / g_timer_elapsed (timer, NULL));
  return n_failed > 0;
}
