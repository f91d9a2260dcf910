/* galley-fake-world.c: a clock that stands still until a test moves it, and chance that repeats
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fake-world.h"

/* 2026-01-01 00:00 UTC */
#define START_US (G_GINT64_CONSTANT (1767225600) * G_USEC_PER_SEC)

struct _GalleyFakeWorld
{
  GalleyWorld world;
  GMutex mutex; /* the clock and chance are asked from any thread */
  gint64 passed_us;
  GRand *rand;
  GArray *timers; /* of Timer; main loop */
  guint last_id;
};

typedef struct
{
  guint id;
  gint64 due_us;
  GSourceFunc callback;
  gpointer data;
} Timer;

static gint64
get_passed_us (GalleyFakeWorld *self)
{
  gint64 passed_us;

  g_mutex_lock (&self->mutex);
  passed_us = self->passed_us;
  g_mutex_unlock (&self->mutex);
  return passed_us;
}

static gint64
fake_now_us (gpointer data)
{
  return START_US + get_passed_us (data);
}

static gint64
fake_monotonic_us (gpointer data)
{
  return G_USEC_PER_SEC + get_passed_us (data);
}

static void
fake_random (gpointer data, gpointer buffer, gsize bytes)
{
  GalleyFakeWorld *self = data;

  g_mutex_lock (&self->mutex);
  for (gsize i = 0; i < bytes; i++)
    ((guint8 *)buffer)[i] = g_rand_int_range (self->rand, 0, 256);
  g_mutex_unlock (&self->mutex);
}

static guint
fake_add_timeout (gpointer data, guint delay_ms, GSourceFunc callback, gpointer user_data)
{
  GalleyFakeWorld *self = data;
  Timer timer = {
    .id = ++self->last_id,
    .due_us = get_passed_us (self) + (gint64)delay_ms * 1000,
    .callback = callback,
    .data = user_data,
  };

  g_array_append_val (self->timers, timer);
  return timer.id;
}

static void
fake_remove_timeout (gpointer data, guint id)
{
  GalleyFakeWorld *self = data;

  for (guint i = 0; i < self->timers->len; i++)
    if (g_array_index (self->timers, Timer, i).id == id)
      {
        g_array_remove_index (self->timers, i);
        return;
      }
  g_assert_not_reached (); /* a timer that is not there is a bug of whoever removes it */
}

GalleyFakeWorld *
galley_fake_world_new (void)
{
  GalleyFakeWorld *self = g_new0 (GalleyFakeWorld, 1);

  self->world = (GalleyWorld){
    .now_us = fake_now_us,
    .monotonic_us = fake_monotonic_us,
    .random = fake_random,
    .add_timeout = fake_add_timeout,
    .remove_timeout = fake_remove_timeout,
    .data = self,
  };
  g_mutex_init (&self->mutex);
  self->rand = g_rand_new_with_seed (1);
  self->timers = g_array_new (FALSE, FALSE, sizeof (Timer));
  galley_world_real (); /* prepares the library that makes keys */
  return self;
}

void
galley_fake_world_free (GalleyFakeWorld *self)
{
  g_array_unref (self->timers);
  g_rand_free (self->rand);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

const GalleyWorld *
galley_fake_world_get (GalleyFakeWorld *self)
{
  return &self->world;
}

/* The earliest timer that is due by then, taken out. */
static gboolean
take_due (GalleyFakeWorld *self, gint64 until_us, Timer *due)
{
  gint found = -1;

  for (guint i = 0; i < self->timers->len; i++)
    {
      const Timer *timer = &g_array_index (self->timers, Timer, i);

      if (timer->due_us <= until_us &&
          (found < 0 || timer->due_us < g_array_index (self->timers, Timer, found).due_us))
        found = i;
    }
  if (found < 0)
    return FALSE;

  *due = g_array_index (self->timers, Timer, found);
  return TRUE;
}

static void
set_passed_us (GalleyFakeWorld *self, gint64 passed_us)
{
  g_mutex_lock (&self->mutex);
  self->passed_us = passed_us;
  g_mutex_unlock (&self->mutex);
}

void
galley_fake_world_advance_ms (GalleyFakeWorld *self, guint ms)
{
  gint64 until_us = get_passed_us (self) + (gint64)ms * 1000;
  Timer due;

  while (take_due (self, until_us, &due))
    {
      set_passed_us (self, MAX (due.due_us, get_passed_us (self)));
      fake_remove_timeout (self, due.id);
      /* Nobody in this code uses timers that repeat. */
      g_assert_cmpint (due.callback (due.data), ==, G_SOURCE_REMOVE);
    }
  set_passed_us (self, until_us);
}
