/* galley-sync-round.c: one whole pass through everything that is due, which somebody waits for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-round"

#include "sync/galley-sync-round.h"

#include "sync/galley-sync-error.h"

#include <glib/gi18n-lib.h>

struct _GalleySyncRound
{
  const GalleyWorld *world;
  GPtrArray *waiters; /* of Waiter */
  gboolean on;
  gboolean greeted;
  char *served; /* (nullable) */
  char *word;   /* (nullable) */
};

typedef struct
{
  GalleySyncRound *round;
  GTask *task;
  guint timer;
} Waiter;

static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;

  if (waiter->timer != 0)
    galley_world_remove_timeout (waiter->round->world, waiter->timer);
  g_object_unref (waiter->task);
  g_free (waiter);
}

GalleySyncRound *
galley_sync_round_new (const GalleyWorld *world)
{
  GalleySyncRound *self = g_new0 (GalleySyncRound, 1);

  self->world = world;
  self->waiters = g_ptr_array_new_with_free_func (waiter_free);
  return self;
}

/**
 * galley_sync_round_free:
 *
 * Nobody may be waiting any more.
 */
void
galley_sync_round_free (GalleySyncRound *self)
{
  g_ptr_array_unref (self->waiters);
  g_free (self->served);
  g_free (self->word);
  g_free (self);
}

void
galley_sync_round_begin (GalleySyncRound *self)
{
  self->on = TRUE;
  self->greeted = FALSE;
}

/**
 * galley_sync_round_end:
 * @error: (nullable): why not everything came to its end
 *
 * Tells all who wait.
 */
void
galley_sync_round_end (GalleySyncRound *self, const GError *error)
{
  g_autoptr (GPtrArray) waiters = g_steal_pointer (&self->waiters);

  self->waiters = g_ptr_array_new_with_free_func (waiter_free);
  self->on = FALSE;
  for (guint i = 0; i < waiters->len; i++)
    {
      Waiter *waiter = waiters->pdata[i];

      if (error != NULL)
        g_task_return_error (waiter->task, g_error_copy (error));
      else
        g_task_return_boolean (waiter->task, TRUE);
    }
}

gboolean
galley_sync_round_is_on (GalleySyncRound *self)
{
  return self->on;
}

static gboolean
waited_too_long_cb (gpointer user_data)
{
  Waiter *waiter = user_data;

  waiter->timer = 0;
  g_task_return_new_error (waiter->task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_TIMEOUT,
                           _ ("Not everything could be shared in the time given. What is left "
                              "stays safe on this computer."));
  g_ptr_array_remove (waiter->round->waiters, waiter);
  return G_SOURCE_REMOVE;
}

/**
 * galley_sync_round_add_waiter:
 * @task: answered when the round is over
 * @timeout_s: or after this many seconds with %GALLEY_SYNC_ERROR_TIMEOUT; 0: never
 */
void
galley_sync_round_add_waiter (GalleySyncRound *self, GTask *task, guint timeout_s)
{
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->round = self;
  waiter->task = g_object_ref (task);
  if (timeout_s > 0)
    waiter->timer = galley_world_add_timeout (self->world, timeout_s * 1000, waited_too_long_cb,
                                              waiter);
  g_ptr_array_add (self->waiters, waiter);
}

void
galley_sync_round_set_greeted (GalleySyncRound *self)
{
  self->greeted = TRUE;
}

gboolean
galley_sync_round_is_greeted (GalleySyncRound *self)
{
  return self->greeted;
}

/**
 * galley_sync_round_set_served:
 * @word: (nullable): of the process that waits for this round
 */
void
galley_sync_round_set_served (GalleySyncRound *self, const char *word)
{
  g_free (self->served);
  self->served = g_strdup (word);
}

const char *
galley_sync_round_get_served (GalleySyncRound *self)
{
  return self->served;
}

/**
 * galley_sync_round_make_word:
 *
 * Returns: (transfer none): a word that no other request has, to be left for the other process
 */
const char *
galley_sync_round_make_word (GalleySyncRound *self)
{
  GalleyId id;

  galley_id_new (&id, self->world);
  g_free (self->word);
  self->word = galley_id_to_string (&id);
  return self->word;
}

void
galley_sync_round_drop_word (GalleySyncRound *self)
{
  g_clear_pointer (&self->word, g_free);
}

/**
 * galley_sync_round_get_word:
 *
 * Returns: (transfer none) (nullable): the word of the round that was asked of another process
 */
const char *
galley_sync_round_get_word (GalleySyncRound *self)
{
  return self->word;
}

/* The first job listed that waits for @wait. */
static const GalleyJobRow *
find_waiting (GalleyJobQueue *queue, GalleyJobWait wait)
{
  for (guint i = 0; i < galley_job_queue_get_n_jobs (queue); i++)
    {
      const GalleyJobRow *row = galley_job_get_row (galley_job_queue_get_job (queue, i));

      if (row->state == GALLEY_JOB_WAITING && row->waiting_for == wait)
        return row;
    }

  return NULL;
}

/**
 * galley_sync_round_judge:
 *
 * Returns: (transfer full) (nullable): what the disk has against a job; else a %GALLEY_SYNC_ERROR
 * in the words of the job that waits, the most telling first; %NULL when none does
 */
GError *
galley_sync_round_judge (GalleyJobQueue *queue)
{
  const struct
  {
    GalleyJobWait wait;
    GalleySyncError code;
  } kinds[] = {
    { GALLEY_WAIT_NETWORK, GALLEY_SYNC_ERROR_UNREACHABLE },
    { GALLEY_WAIT_SIGN_IN, GALLEY_SYNC_ERROR_SIGN_IN },
    { GALLEY_WAIT_TIME, GALLEY_SYNC_ERROR_SERVER },
  };

  if (galley_job_queue_get_write_error (queue) != NULL)
    return g_error_copy (galley_job_queue_get_write_error (queue));

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const GalleyJobRow *row = find_waiting (queue, kinds[i].wait);

      if (row != NULL)
        return g_error_new_literal (GALLEY_SYNC_ERROR, kinds[i].code,
                                    row->error != NULL ? row->error
                                                       : _ ("Something is left for later."));
    }

  return NULL;
}
