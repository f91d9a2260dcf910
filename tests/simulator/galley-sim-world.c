/* galley-sim-world.c: virtual time, and what production code takes from the world for it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-world.h"

/* 2026-01-01 00:00 UTC */
#define START_US (G_GINT64_CONSTANT (1767225600) * G_USEC_PER_SEC)
/* What goes to a thread in production begins up to this much later. */
#define MAX_THREAD_US 2000
/* Without any time passing: something goes round in circles. */
#define MAX_TURNS 200000

typedef struct
{
  gint64 due_us;
  guint id; /* of two that are due together the one that was asked for first comes first */
  GSourceFunc callback;
  gpointer data;
} Event;

struct _GalleySimTime
{
  gint64 now_us;
  GSequence *events; /* of Event, by when they are due */
  GHashTable *by_id; /* id → GSequenceIter */
  guint last_id;
  guint64 n_events;
};

static gint
compare_events (gconstpointer a, gconstpointer b, gpointer data)
{
  const Event *left = a, *right = b;

  if (left->due_us != right->due_us)
    return left->due_us < right->due_us ? -1 : 1;
  return left->id < right->id ? -1 : left->id > right->id;
}

/* Nothing is ready and none of it blocks: time passes by events alone. */
static gint
poll_nothing (GPollFD *fds, guint n_fds, gint timeout)
{
  for (guint i = 0; i < n_fds; i++)
    fds[i].revents = 0;
  return 0;
}

GalleySimTime *
galley_sim_time_new (void)
{
  GalleySimTime *self = g_new0 (GalleySimTime, 1);

  self->events = g_sequence_new (g_free);
  self->by_id = g_hash_table_new (NULL, NULL);
  g_main_context_set_poll_func (NULL, poll_nothing);
  galley_world_real (); /* prepares the library that makes keys */
  return self;
}

void
galley_sim_time_free (GalleySimTime *self)
{
  g_main_context_set_poll_func (NULL, NULL);
  g_sequence_free (self->events);
  g_hash_table_unref (self->by_id);
  g_free (self);
}

/* Since the run began. */
gint64
galley_sim_time_get_us (GalleySimTime *self)
{
  return self->now_us;
}

/**
 * galley_sim_time_add:
 * @callback: called once; must return %G_SOURCE_REMOVE
 */
guint
galley_sim_time_add (GalleySimTime *self, gint64 delay_us, GSourceFunc callback, gpointer data)
{
  Event *event = g_new (Event, 1);

  *event = (Event){ self->now_us + MAX (delay_us, 0), ++self->last_id, callback, data };
  g_hash_table_insert (self->by_id, GUINT_TO_POINTER (event->id),
                       g_sequence_insert_sorted (self->events, event, compare_events, NULL));
  return event->id;
}

void
galley_sim_time_remove (GalleySimTime *self, guint id)
{
  GSequenceIter *iter = g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (id));

  g_assert_nonnull (iter); /* a timer that is not there is a bug of whoever removes it */
  g_hash_table_remove (self->by_id, GUINT_TO_POINTER (id));
  g_sequence_remove (iter);
}

/* One turn of the main loop. GLib asks its own clock whether two things happened in the same turn,
 * so that clock must have moved between turns, or a run would not repeat. */
static gboolean
turn (void)
{
  gint64 before = g_get_monotonic_time ();

  while (g_get_monotonic_time () == before)
    ;
  return g_main_context_iteration (NULL, FALSE);
}

/**
 * galley_sim_time_drain:
 *
 * Runs the main loop until nothing is left that needs no time.
 */
void
galley_sim_time_drain (GalleySimTime *self)
{
  guint n_turns = 0;

  while (turn ())
    if (++n_turns > MAX_TURNS)
      g_error ("The main loop goes round in circles");
}

static gboolean
run_next (GalleySimTime *self, gint64 until_us)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->events);
  Event event;

  if (g_sequence_iter_is_end (first))
    return FALSE;
  event = *(Event *)g_sequence_get (first);
  if (event.due_us > until_us)
    return FALSE;

  g_hash_table_remove (self->by_id, GUINT_TO_POINTER (event.id));
  g_sequence_remove (first);
  self->now_us = MAX (self->now_us, event.due_us);
  self->n_events++;
  g_assert_cmpint (event.callback (event.data), ==, G_SOURCE_REMOVE);
  return TRUE;
}

/**
 * galley_sim_time_pass:
 *
 * Everything that is due meanwhile happens.
 */
void
galley_sim_time_pass (GalleySimTime *self, gint64 us)
{
  gint64 until_us = self->now_us + us;

  galley_sim_time_drain (self);
  while (run_next (self, until_us))
    galley_sim_time_drain (self);
  self->now_us = until_us;
}

/**
 * galley_sim_time_pass_next:
 * @until_us: since the run began
 *
 * The next event, or, when none is due until then, as much time.
 */
void
galley_sim_time_pass_next (GalleySimTime *self, gint64 until_us)
{
  galley_sim_time_drain (self);
  if (!run_next (self, until_us))
    self->now_us = until_us;
  galley_sim_time_drain (self);
}

guint64
galley_sim_time_get_n_events (GalleySimTime *self)
{
  return self->n_events;
}

/* ── a machine's world ── */

static gint64
sim_now_us (gpointer data)
{
  GalleySimWorld *self = data;

  return START_US + self->time->now_us + self->skew_us;
}

static gint64
sim_monotonic_us (gpointer data)
{
  return G_USEC_PER_SEC + ((GalleySimWorld *)data)->time->now_us;
}

static void
sim_random (gpointer data, gpointer buffer, gsize bytes)
{
  galley_sim_random_fill (&((GalleySimWorld *)data)->chance, buffer, bytes);
}

static guint
sim_add_timeout (gpointer data, guint delay_ms, GSourceFunc callback, gpointer user_data)
{
  return galley_sim_time_add (((GalleySimWorld *)data)->time, (gint64)delay_ms * 1000, callback,
                              user_data);
}

static void
sim_remove_timeout (gpointer data, guint timeout)
{
  galley_sim_time_remove (((GalleySimWorld *)data)->time, timeout);
}

/* As threads would, what is asked for last may come first. */
static void
sim_run_later (gpointer data, GSourceFunc callback, gpointer user_data)
{
  GalleySimWorld *self = data;

  galley_sim_time_add (self->time, galley_sim_random_below (&self->chance, MAX_THREAD_US), callback,
                       user_data);
}

void
galley_sim_world_init (GalleySimWorld *self, GalleySimTime *time, guint64 seed)
{
  *self = (GalleySimWorld){
    .world = {
      .now_us = sim_now_us,
      .monotonic_us = sim_monotonic_us,
      .random = sim_random,
      .add_timeout = sim_add_timeout,
      .remove_timeout = sim_remove_timeout,
      .run_later = sim_run_later,
      .data = self,
    },
    .time = time,
    .chance = { seed },
  };
}
