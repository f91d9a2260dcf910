/* galley-world.c: what the data and sync layers take from the world: time, chance, timers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-world"

#include "data/galley-world.h"

#include <sodium.h>

static gint64
real_now_us (gpointer data)
{
  return g_get_real_time ();
}

static gint64
real_monotonic_us (gpointer data)
{
  return g_get_monotonic_time ();
}

static void
real_random (gpointer data, gpointer buffer, gsize bytes)
{
  randombytes_buf (buffer, bytes);
}

static guint
real_add_timeout (gpointer data, guint delay_ms, GSourceFunc callback, gpointer user_data)
{
  GSource *source = g_timeout_source_new (delay_ms);
  guint timeout;

  g_source_set_callback (source, callback, user_data, NULL);
  timeout = g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
  return timeout;
}

static void
real_remove_timeout (gpointer data, guint timeout)
{
  GSource *source = g_main_context_find_source_by_id (g_main_context_get_thread_default (),
                                                      timeout);

  if (source != NULL)
    g_source_destroy (source);
}

/**
 * galley_world_real:
 *
 * Its timers run on the main context that is the calling thread's default.
 *
 * Returns: (transfer none): the machine's own clock, randomness, main loop and threads
 */
const GalleyWorld *
galley_world_real (void)
{
  static const GalleyWorld real = {
    .now_us = real_now_us,
    .monotonic_us = real_monotonic_us,
    .random = real_random,
    .add_timeout = real_add_timeout,
    .remove_timeout = real_remove_timeout,
  };
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      if (sodium_init () < 0)
        g_error ("The system gives no random numbers");
      g_once_init_leave (&ready, 1);
    }

  return &real;
}

/**
 * galley_world_now_us:
 *
 * Returns: the wall clock in microseconds since 1970 UTC: shown to people, never obeyed
 */
gint64
galley_world_now_us (const GalleyWorld *world)
{
  return world->now_us (world->data);
}

/**
 * galley_world_monotonic_us:
 *
 * Returns: microseconds since some fixed moment, which never jump
 */
gint64
galley_world_monotonic_us (const GalleyWorld *world)
{
  return world->monotonic_us (world->data);
}

/**
 * galley_world_random:
 * @buffer: (out caller-allocates): filled with @bytes random bytes
 */
void
galley_world_random (const GalleyWorld *world, gpointer buffer, gsize bytes)
{
  world->random (world->data, buffer, bytes);
}

/**
 * galley_world_random_below:
 * @limit: more than 0
 *
 * Returns: a number from 0 to @limit - 1; the bias of at most @limit / 2^64 does not matter for
 *   waiting times, which is what this is for
 */
guint32
galley_world_random_below (const GalleyWorld *world, guint32 limit)
{
  guint64 number;

  g_return_val_if_fail (limit > 0, 0);
  galley_world_random (world, &number, sizeof number);
  return number % limit;
}

/**
 * galley_world_add_timeout:
 * @delay_ms: milliseconds from now
 *
 * Returns: what galley_world_remove_timeout() takes, until @callback returns %G_SOURCE_REMOVE
 */
guint
galley_world_add_timeout (const GalleyWorld *world,
                          guint delay_ms,
                          GSourceFunc callback,
                          gpointer user_data)
{
  return world->add_timeout (world->data, delay_ms, callback, user_data);
}

void
galley_world_remove_timeout (const GalleyWorld *world, guint timeout)
{
  world->remove_timeout (world->data, timeout);
}

/**
 * galley_world_has_threads:
 *
 * Returns: whether work may be given to threads; else all of it runs on the main loop, by
 *   galley_world_run_later()
 */
gboolean
galley_world_has_threads (const GalleyWorld *world)
{
  return world->run_later == NULL;
}

/**
 * galley_world_run_later:
 * @callback: returns %G_SOURCE_REMOVE
 *
 * Only in a world without threads.
 */
void
galley_world_run_later (const GalleyWorld *world, GSourceFunc callback, gpointer user_data)
{
  g_return_if_fail (world->run_later != NULL);

  world->run_later (world->data, callback, user_data);
}

typedef struct
{
  GTask *task; /* (owned) */
  GTaskThreadFunc func;
} Run;

static gboolean
run_cb (gpointer user_data)
{
  Run *run = user_data;

  run->func (run->task, g_task_get_source_object (run->task), g_task_get_task_data (run->task),
             g_task_get_cancellable (run->task));
  g_object_unref (run->task);
  g_free (run);
  return G_SOURCE_REMOVE;
}

/**
 * galley_world_run_task:
 *
 * As g_task_run_in_thread(), where there are threads.
 */
void
galley_world_run_task (const GalleyWorld *world, GTask *task, GTaskThreadFunc func)
{
  Run *run;

  if (galley_world_has_threads (world))
    {
      g_task_run_in_thread (task, func);
      return;
    }

  run = g_new (Run, 1);
  run->task = g_object_ref (task);
  run->func = func;
  galley_world_run_later (world, run_cb, run);
}
