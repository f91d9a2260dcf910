/* galley-sim-run.c: one run from its steps to its verdict, and the shortest one that still fails
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim.h"

void
galley_sim_result_clear (GalleySimResult *result)
{
  g_clear_pointer (&result->failure, g_free);
}

/* Production says so when it is wrong about itself. Warnings are its word on faults of the world,
 * of which there are many here. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  GalleySim **sim = data;
  const char *message = "";

  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      message = fields[i].value;
  if ((level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR)) != 0)
    {
      if (*sim == NULL || (level & G_LOG_FLAG_FATAL) != 0)
        g_printerr ("%s\n", message);
      else
        galley_sim_fail (*sim, "Production found fault with itself: %s", message);
    }
  else if (*sim != NULL && (*sim)->log != NULL)
    {
      fprintf ((*sim)->log, "  %s\n", message);
    }
  return G_LOG_WRITER_HANDLED;
}

/* What production's words are about. */
static GalleySim *current;

/**
 * galley_sim_begin:
 * @log: (nullable): where to write what happens
 *
 * Returns: (transfer full): a run in which everybody is enrolled; one at a time
 */
GalleySim *
galley_sim_begin (guint64 seed, FILE *log)
{
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      galley_sim_disk_install ();
      g_log_set_writer_func (write_log, &current, NULL);
      g_once_init_leave (&ready, 1);
    }

  current = galley_sim_new (seed);
  current->log = log;
  galley_sim_set_up (current);
  return current;
}

void
galley_sim_end (GalleySim *sim)
{
  galley_sim_free (sim);
  current = NULL;
}

/**
 * galley_sim_run:
 * @steps: (element-type GalleySimStep): what happens
 * @log: (nullable): where to write what happened
 * @result: (out caller-allocates): clear it with galley_sim_result_clear()
 */
void
galley_sim_run (guint64 seed, GArray *steps, FILE *log, GalleySimResult *result)
{
  GalleySim *sim = galley_sim_begin (seed, log);

  for (guint i = 0; i < steps->len && sim->failure == NULL; i++)
    galley_sim_step_run (sim, &g_array_index (steps, GalleySimStep, i));
  if (sim->failure == NULL)
    galley_sim_heal (sim);
  if (sim->failure == NULL && !sim->beyond)
    galley_sim_check_end (sim);

  result->failure = g_strdup (sim->failure);
  result->beyond = sim->beyond;
  result->trace = sim->trace;
  result->passed_us = galley_sim_time_get_us (sim->time);
  result->n_devices = sim->n_devices;
  galley_sim_end (sim);
}

/* ── the shortest that still fails ── */

static gboolean
still_fails (guint64 seed, GArray *steps)
{
  GalleySimResult result = { 0 };
  gboolean fails;

  galley_sim_run (seed, steps, NULL, &result);
  fails = result.failure != NULL;
  galley_sim_result_clear (&result);
  return fails;
}

static GArray *
without (GArray *steps, guint first, guint count)
{
  GArray *rest = g_array_copy (steps);

  g_array_remove_range (rest, first, MIN (count, steps->len - first));
  return rest;
}

/**
 * galley_sim_shrink:
 * @steps: a list that fails
 *
 * Takes out what is not needed, in ever smaller pieces (A. Zeller, R. Hildebrandt, "Simplifying and
 * Isolating Failure-Inducing Input", 2002).
 *
 * Returns: (transfer full): a list that fails, in some way, and of which no single step can go
 */
GArray *
galley_sim_shrink (guint64 seed, GArray *steps)
{
  GArray *best = g_array_ref (steps);

  for (guint piece = MAX (best->len / 2, 1); piece > 0; piece /= 2)
    for (guint first = 0; first < best->len;)
      {
        GArray *rest = without (best, first, piece);

        if (still_fails (seed, rest))
          {
            g_array_unref (best);
            best = rest;
          }
        else
          {
            g_array_unref (rest);
            first += piece;
          }
      }

  return best;
}
