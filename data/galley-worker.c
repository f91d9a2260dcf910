/* galley-worker.c: takes work away from the main loop, in the order given
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-worker"

#include "data/galley-worker.h"

struct _GalleyWorker
{
  const GalleyWorld *world;
  GFunc func;
  gpointer user_data;
  GThreadPool *pool; /* NULL in a world without threads */
  GQueue queue;      /* in such a world: what waits */
};

/**
 * galley_worker_new:
 * @func: called with each piece of work and @user_data, on a thread of the worker's
 * @n_threads: how many pieces may be worked on at the same time
 *
 * Main loop.
 */
GalleyWorker *
galley_worker_new (const GalleyWorld *world, GFunc func, gpointer user_data, guint n_threads)
{
  GalleyWorker *self = g_rc_box_new0 (GalleyWorker);

  self->world = world;
  self->func = func;
  self->user_data = user_data;
  g_queue_init (&self->queue);
  if (galley_world_has_threads (world))
    self->pool = g_thread_pool_new (func, user_data, n_threads, FALSE, NULL);
  return self;
}

/* One piece a turn, as a thread would take them one after the other. */
static gboolean
work_cb (gpointer user_data)
{
  GalleyWorker *self = user_data;
  gpointer work = g_queue_pop_head (&self->queue);

  if (work != NULL)
    self->func (work, self->user_data);
  g_rc_box_release (self);
  return G_SOURCE_REMOVE;
}

/**
 * galley_worker_free:
 *
 * Waits until all that was given has been worked on.
 */
void
galley_worker_free (GalleyWorker *self)
{
  gpointer work;

  if (self->pool != NULL)
    g_thread_pool_free (g_steal_pointer (&self->pool), FALSE, TRUE);
  while ((work = g_queue_pop_head (&self->queue)) != NULL)
    self->func (work, self->user_data);
  g_rc_box_release (self);
}

/**
 * galley_worker_push:
 * @work: not %NULL
 */
void
galley_worker_push (GalleyWorker *self, gpointer work)
{
  if (self->pool != NULL)
    {
      g_thread_pool_push (self->pool, work, NULL);
      return;
    }

  g_queue_push_tail (&self->queue, work);
  galley_world_run_later (self->world, work_cb, g_rc_box_acquire (self));
}

/**
 * galley_worker_get_n_waiting:
 *
 * Returns: how many pieces nobody has begun with
 */
guint
galley_worker_get_n_waiting (GalleyWorker *self)
{
  return self->pool != NULL ? g_thread_pool_unprocessed (self->pool)
                            : g_queue_get_length (&self->queue);
}
