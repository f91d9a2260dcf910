/* galley-sync-loop.c: looks what there is to do, makes jobs of it and gets them done
 *
 * One process of a workspace holds its lock and runs the jobs. Any other shows the same rows, and
 * asks through rows and settings; it takes over when the lock is free.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-loop"

#include "sync/galley-sync-loop.h"

#include "sync/galley-event-watch.h"
#include "sync/galley-job-runner.h"
#include "sync/galley-sync-lock.h"
#include "sync/galley-sync-notes.h"
#include "sync/galley-sync-plan.h"
#include "sync/galley-sync-round.h"
#include "sync/galley-sync-switches.h"

#include <glib/gi18n-lib.h>

#define POLL_MS (60 * 1000)
#define POLL_JITTER_MS (10 * 1000)
/* With the events' line open a poll only guards against what it might have lost. */
#define POLL_RARELY_MS (10 * 60 * 1000)
#define LOCK_RETRY_MS 1000
/* Files under way or waiting, of each direction; the rest gets its rows when these are done. */
#define MAX_OPEN_FILES 16
/* In a round that somebody waits for, a job that failed more often in a row is left for later. */
#define ROUND_MAX_ATTEMPTS 3

struct _GalleySyncLoop
{
  GObject parent_instance;

  GalleyJobContext *context;
  GalleyJobQueue *queue;
  GalleyJobRunner *runner;
  GalleyEventWatch *watch;
  GalleySyncNotes *notes;
  GalleySyncRound *round;
  GNetworkMonitor *monitor; /* (nullable) */
  GalleySyncLock *lock;     /* (nullable): another process has it */

  gboolean started;
  gboolean requeued;  /* in this process: what it does itself is under way from now on */
  gboolean ready;     /* the rows that were running before are queued again */
  gboolean took_over; /* and have not been read since */
  guint lock_timer;
  guint poll_timer;

  /* looking at the database */
  gboolean looking;
  gboolean look_again;
  guint generation; /* of what a look must not have missed */

  /* what the last look found */
  GalleySyncSwitches switches;
  guint64 unsent;
  guint64 unsent_files;
  guint64 refused;
  guint n_differing; /* as in the plan */
  char *divergence;  /* (nullable) */

  GPtrArray *stop_waiters; /* of GTask */
  gboolean want_hello;
  gboolean want_revival; /* what failed before gets another chance as soon as anything may run */
  gboolean heard;        /* the server has answered since the last time that was written down */
  gboolean unreachable;  /* as written down */
};

enum
{
  SIGNAL_MOVED,
  SIGNAL_JOB_ENDED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleySyncLoop, galley_sync_loop, G_TYPE_OBJECT)

static void look (GalleySyncLoop *self);
static void evaluate (GalleySyncLoop *self);

static const GalleyWorld *
get_world (GalleySyncLoop *self)
{
  return galley_job_context_get_world (self->context);
}

static void
clear_timer (GalleySyncLoop *self, guint *timer)
{
  if (*timer != 0)
    galley_world_remove_timeout (get_world (self), *timer);
  *timer = 0;
}

/* ── whether jobs may run ── */

static gboolean
may_run (GalleySyncLoop *self)
{
  return self->started && self->ready && self->lock != NULL &&
         galley_sync_switches_are_on (&self->switches);
}

static gboolean poll_cb (gpointer user_data);

static void
set_poll_timer (GalleySyncLoop *self)
{
  guint delay_ms = galley_event_watch_is_open (self->watch) ? POLL_RARELY_MS : POLL_MS;

  clear_timer (self, &self->poll_timer);
  if (!may_run (self))
    return;

  delay_ms += galley_world_random_below (get_world (self), 2 * POLL_JITTER_MS) - POLL_JITTER_MS;
  self->poll_timer = galley_world_add_timeout (get_world (self), delay_ms, poll_cb, self);
}

static gboolean
poll_cb (gpointer user_data)
{
  GalleySyncLoop *self = user_data;

  self->poll_timer = 0;
  self->want_hello = TRUE;
  set_poll_timer (self);
  look (self);
  return G_SOURCE_REMOVE;
}

/* Starts or stops the machine when a switch, the account or the lock says so. */
static void
apply_switches (GalleySyncLoop *self)
{
  gboolean enabled = may_run (self);
  gboolean starts = enabled && self->poll_timer == 0;

  galley_job_runner_set_enabled (self->runner, enabled);
  galley_event_watch_set_enabled (self->watch, enabled);
  if (enabled != (self->poll_timer != 0))
    set_poll_timer (self);
  self->want_hello |= starts;
}

/* Returns: whether it is another account than before. */
static gboolean
take_switches (GalleySyncLoop *self, GalleySyncPlan *plan)
{
  gboolean moved = galley_sync_switches_take_account (&self->switches, plan,
                                                      galley_store_get_folder (
                                                          self->context->store));

  if (moved)
    {
      /* What runs with the old account starts again with the new one. */
      galley_job_runner_set_enabled (self->runner, FALSE);
      galley_server_view_clear (self->context->server);
      galley_transport_set_account (self->context->transport, self->switches.server_url,
                                    self->switches.token);
      self->want_hello = TRUE;
      galley_job_runner_reset_backoff (self->runner, FALSE);
    }

  /* What this process is just writing is newer than what was read. */
  if (galley_sync_notes_is_writing (self->notes))
    return moved;

  self->switches.offline = plan->offline;
  self->switches.paused = plan->paused;
  galley_job_limits_set_wishes (self->context->limits, &plan->wishes);
  self->unreachable = plan->unreachable;
  return moved;
}

/* ── from what is wanted to jobs ── */

/* Files under way are bounded; the rest gets its rows when these are done. */
static void
want_job (GalleySyncLoop *self, const GalleyJobRow *wanted)
{
  gboolean is_file = g_str_equal (wanted->kind, "upload") || g_str_equal (wanted->kind, "download");

  galley_job_queue_want (self->queue, wanted, is_file ? MAX_OPEN_FILES : 0);
}

static void
want_greeting (GalleySyncLoop *self)
{
  g_autoptr (GalleyJobRow) row = NULL;

  if (!self->want_hello)
    return;

  self->want_hello = FALSE;
  row = galley_sync_plan_new_row ("hello", NULL, NULL, _ ("Ask the server for news"),
                                  /* Translators: why there is a job, after how it stands */
                                  _ ("because that is done from time to time"));
  want_job (self, row);
}

/* ── what persons ask of single jobs ── */

static void
take_asks (GalleySyncLoop *self, GArray *asks)
{
  /* Those that were just taken up may still be on disk. */
  if (asks->len == 0 || galley_sync_notes_is_writing (self->notes))
    return;

  for (guint i = 0; i < asks->len; i++)
    {
      const GalleyJobRequest *request = &g_array_index (asks, GalleyJobRequest, i);

      galley_job_runner_ask (self->runner, request->job, request->ask);
    }

  galley_sync_notes_clear_asks (self->notes,
                                g_array_index (asks, GalleyJobRequest, asks->len - 1).id);
}

/* ── one whole round ── */

/* Somebody waits: what waits for its time, and what failed, is tried now. Only what has been read
 * from the disk can be. */
static void
revive (GalleySyncLoop *self)
{
  if (!self->want_revival || !may_run (self) || self->took_over)
    return;

  self->want_revival = FALSE;
  galley_job_runner_reset_backoff (self->runner, FALSE);
  galley_job_runner_revive (self->runner);
}

static void
start_round (GalleySyncLoop *self)
{
  galley_sync_round_begin (self->round);
  self->want_hello = TRUE;
  galley_event_watch_retry_now (self->watch);
  self->want_revival = TRUE;
  revive (self);
  self->generation++;
  look (self);
}

static void
end_round (GalleySyncLoop *self)
{
  g_autoptr (GError) error = galley_sync_switches_explain (&self->switches);
  const char *served = galley_sync_round_get_served (self->round);
  GalleyJobHold hold = galley_job_runner_get_hold (self->runner);

  if (error == NULL)
    error = galley_sync_round_judge (self->queue);
  if (error == NULL && hold != GALLEY_HOLD_NONE)
    error = g_error_new_literal (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SERVER,
                                 galley_job_hold_describe (hold));
  if (served != NULL)
    galley_sync_notes_set (self->notes, GALLEY_SETTING_SYNC_DONE, served);
  galley_sync_round_set_served (self->round, NULL);
  galley_sync_round_drop_word (self->round);
  galley_sync_round_end (self->round, error);
}

/* Nothing left that would go on by itself, or nothing may. */
static gboolean
round_is_over (GalleySyncLoop *self)
{
  /* A process that waits for the round reads from the disk how its jobs have ended. */
  if (self->looking || galley_sync_notes_is_writing (self->notes) ||
      galley_job_queue_is_saving (self->queue))
    return FALSE;
  if (!may_run (self))
    return self->ready;

  if (galley_job_runner_has_due (self->runner, ROUND_MAX_ATTEMPTS))
    return FALSE;
  /* What the disk did not take may be the very question that the round begins with. */
  return galley_job_queue_get_write_error (self->queue) != NULL ||
         (galley_sync_round_is_greeted (self->round) && !self->want_hello);
}

/* Another process waits for a round: it left a word, and gets it back when the round is over. */
static void
take_round_request (GalleySyncLoop *self, GalleySyncPlan *plan)
{
  if (plan->sync_wanted == NULL || g_strcmp0 (plan->sync_wanted, plan->sync_done) == 0 ||
      g_strcmp0 (plan->sync_wanted, galley_sync_round_get_served (self->round)) == 0 ||
      galley_sync_notes_is_writing (self->notes))
    return;

  galley_sync_round_set_served (self->round, plan->sync_wanted);
  start_round (self);
}

/* ── looking ── */

/* One look under way. */
typedef struct
{
  GalleySyncLoop *service;
  guint generation;
} Look;

static void
take_plan_as_holder (GalleySyncLoop *self, GalleySyncPlan *plan, gboolean account_moved)
{
  galley_job_queue_merge_rows (self->queue, plan->rows, self->took_over);
  if (self->took_over)
    galley_job_runner_take_over (self->runner);
  self->took_over = FALSE;
  /* Also what waited for it in an earlier run of the program. */
  if (account_moved)
    galley_job_runner_sign_in (self->runner);
  revive (self);
  take_asks (self, plan->asks);
  take_round_request (self, plan);
  if (!may_run (self))
    return;

  galley_job_queue_save_missed (self->queue);
  want_greeting (self);
  for (guint i = 0; i < plan->wanted->len; i++)
    want_job (self, plan->wanted->pdata[i]);
  galley_job_runner_poke (self->runner);
}

static void
take_plan_as_guest (GalleySyncLoop *self, GalleySyncPlan *plan)
{
  const char *word = galley_sync_round_get_word (self->round);

  galley_job_queue_merge_rows (self->queue, plan->rows, TRUE);
  if (word != NULL && g_strcmp0 (word, plan->sync_done) == 0)
    end_round (self);
}

static void
take_plan (GalleySyncLoop *self, GalleySyncPlan *plan)
{
  gboolean account_moved;

  self->unsent = plan->unsent;
  self->unsent_files = plan->unsent_files;
  self->refused = plan->refused;
  self->n_differing = plan->n_differing;
  g_free (self->divergence);
  self->divergence = g_steal_pointer (&plan->divergence);
  account_moved = take_switches (self, plan);
  apply_switches (self);
  if (self->lock != NULL)
    take_plan_as_holder (self, plan, account_moved);
  else
    take_plan_as_guest (self, plan);
}

/* After a stop: nothing is under way any more, and all is written down. */
static void
answer_stop_waiters (GalleySyncLoop *self)
{
  g_autoptr (GPtrArray) waiters = NULL;

  if (self->started || self->looking || galley_job_runner_is_running (self->runner) ||
      galley_job_queue_is_saving (self->queue) || galley_sync_notes_is_writing (self->notes))
    return;

  waiters = g_steal_pointer (&self->stop_waiters);
  self->stop_waiters = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waiters->len; i++)
    g_task_return_boolean (waiters->pdata[i], TRUE);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Look *done = user_data;
  g_autoptr (GalleySyncLoop) self = done->service;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleySyncPlan)
      plan = galley_sync_plan_make_finish (GALLEY_STORE (source), result, &error);
  gboolean is_current = done->generation == self->generation;

  self->looking = FALSE;
  if (!self->started)
    return answer_stop_waiters (self);

  if (plan == NULL)
    g_warning ("What there is to sync could not be read: %s", error->message);
  /* A job that ended meanwhile may have done what this plan still wants. */
  else if (is_current)
    take_plan (self, plan);
  if (self->look_again || !is_current)
    look (self);
  evaluate (self);
}

static void
look (GalleySyncLoop *self)
{
  Look *next;

  if (!self->started || !self->ready)
    return;
  if (self->looking)
    {
      self->look_again = TRUE;
      return;
    }

  self->looking = TRUE;
  self->look_again = FALSE;
  next = g_new (Look, 1);
  next->service = g_object_ref (self);
  next->generation = self->generation;
  galley_sync_plan_make_async (self->context->store,
                               galley_server_view_copy (self->context->server), looked_cb, next);
}

/* ── where it stands ── */

/**
 * galley_sync_loop_get_facts:
 * @facts: (out caller-allocates): holds until the loop moves
 */
void
galley_sync_loop_get_facts (GalleySyncLoop *self, GalleySyncFacts *facts)
{
  *facts = (GalleySyncFacts){
    .unsent = self->unsent,
    .unsent_files = self->unsent_files,
    .n_attention = (guint)MIN (self->refused, G_MAXUINT / 2),
  };
  galley_sync_switches_add_facts (&self->switches, facts);
  galley_job_queue_add_facts (self->queue, facts);
  /* What a job says comes first: it may be what the other comes from. */
  if (facts->n_attention == 0 && self->divergence != NULL)
    facts->error = self->divergence;
  facts->hold = galley_job_hold_describe (galley_job_runner_get_hold (self->runner));
  facts->n_attention += self->n_differing;
}

/* For the other processes and for the next start: since when we are offline, when all was well. */
static void
write_down (GalleySyncLoop *self, const GalleySyncFacts *facts)
{
  gboolean unreachable = facts->offline || facts->unreachable;

  if (self->lock == NULL || !facts->connected)
    return;

  /* A try that is under way says nothing yet; it is over when the server has answered. */
  if (unreachable && !self->unreachable)
    galley_sync_notes_set_now (self->notes, GALLEY_SETTING_OFFLINE_SINCE);
  else if (!unreachable && self->unreachable && self->heard)
    galley_sync_notes_set (self->notes, GALLEY_SETTING_OFFLINE_SINCE, NULL);
  if (unreachable || self->heard)
    self->unreachable = unreachable;
  if (unreachable)
    self->heard = FALSE;
  if (self->heard && galley_sync_summary_get_state (facts) == GALLEY_SYNC_UP_TO_DATE)
    {
      self->heard = FALSE;
      galley_sync_notes_set_now (self->notes, GALLEY_SETTING_LAST_SYNCED);
    }
}

/* After anything that may have moved: where it stands now, and whether a round is over. What is
 * concluded for good waits for the look that is under way. */
static void
evaluate (GalleySyncLoop *self)
{
  GalleySyncFacts facts;

  if (!self->started)
    return answer_stop_waiters (self);

  g_signal_emit (self, signals[SIGNAL_MOVED], 0);
  if (self->looking)
    return;

  galley_sync_loop_get_facts (self, &facts);
  write_down (self, &facts);
  if (galley_sync_round_is_on (self->round) && self->lock != NULL && round_is_over (self))
    end_round (self);
}

static void
job_ended_cb (GalleyJobRunner *runner, GalleyJob *job, GalleySyncLoop *self)
{
  gboolean is_greeting = g_str_equal (galley_job_get_row (job)->kind, "hello");
  gboolean done = galley_job_get_state (job) == GALLEY_JOB_DONE;

  g_signal_emit (self, signals[SIGNAL_JOB_ENDED], 0, job);
  self->generation++;
  self->heard |= is_greeting && done;
  if (is_greeting)
    galley_sync_round_set_greeted (self->round);
  if (is_greeting && done)
    galley_job_runner_reset_backoff (self->runner, TRUE);
  look (self);
  evaluate (self);
}

static void
note_written_cb (GalleySyncNotes *notes, GalleySyncLoop *self)
{
  galley_sync_loop_look (self);
  if (!self->started)
    answer_stop_waiters (self);
}

static void
queue_settled_cb (GalleyJobQueue *queue, GalleySyncLoop *self)
{
  evaluate (self);
}

static void
queue_changed_cb (GalleyJobQueue *queue, guint at, guint removed, guint added, gpointer user_data)
{
  /* A job moves in the queue before its end has been taken in here: so this only shows. */
  g_signal_emit (user_data, signals[SIGNAL_MOVED], 0);
}

static void
store_changed_cb (GalleyStore *store, gpointer what, GalleySyncLoop *self)
{
  look (self);
}

static void
news_cb (GalleyEventWatch *watch, GalleySyncLoop *self)
{
  galley_sync_loop_look (self);
}

static void
directory_cb (GalleyEventWatch *watch, GalleySyncLoop *self)
{
  self->want_hello = TRUE;
  set_poll_timer (self);
  look (self);
}

/* The server is there: whoever waits for it need not any longer. */
static void
opened_cb (GalleyEventWatch *watch, GalleySyncLoop *self)
{
  galley_job_runner_reset_backoff (self->runner, TRUE);
  directory_cb (watch, self);
}

static void
metered_cb (GNetworkMonitor *monitor, GParamSpec *pspec, GalleySyncLoop *self)
{
  galley_job_limits_set_metered (self->context->limits,
                                 g_network_monitor_get_network_metered (monitor));
}

static void
limits_changed_cb (GalleyJobLimits *limits, GalleySyncLoop *self)
{
  evaluate (self);
}

static void
network_changed_cb (GNetworkMonitor *monitor, gboolean available, GalleySyncLoop *self)
{
  if (available && may_run (self))
    galley_sync_loop_begin_round (self);
}

/* ── who runs it ── */

/* writer thread */
static gboolean
write_requeue (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_job_table_requeue_running (writer, GPOINTER_TO_INT (data), error);
}

static void
requeued_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleySyncLoop) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    g_warning ("Jobs of the last time could not be taken up: %s", error->message);
  self->requeued |= error == NULL;
  self->ready = TRUE;
  self->took_over = TRUE;
  self->generation++;
  look (self);
}

static gboolean try_lock_cb (gpointer user_data);

/* The one that gets the lock takes up what was running when its last holder ended. */
static void
try_lock (GalleySyncLoop *self)
{
  self->lock = galley_sync_lock_try (galley_store_get_folder (self->context->store));
  if (self->lock == NULL)
    {
      self->ready = TRUE;
      self->lock_timer = galley_world_add_timeout (get_world (self), LOCK_RETRY_MS, try_lock_cb,
                                                   self);
      return;
    }

  self->ready = FALSE;
  galley_sync_round_drop_word (self->round);
  galley_store_write_async (self->context->store, write_requeue, GINT_TO_POINTER (!self->requeued),
                            NULL, NULL, requeued_cb, g_object_ref (self));
}

static gboolean
try_lock_cb (gpointer user_data)
{
  GalleySyncLoop *self = user_data;

  self->lock_timer = 0;
  try_lock (self);
  look (self);
  return G_SOURCE_REMOVE;
}

/* ── the object ── */

static void
galley_sync_loop_dispose (GObject *object)
{
  GalleySyncLoop *self = GALLEY_SYNC_LOOP (object);

  if (self->context != NULL)
    galley_sync_loop_stop (self);
  g_clear_object (&self->watch);
  g_clear_object (&self->notes);
  g_clear_object (&self->runner);
  g_clear_object (&self->queue);
  g_clear_object (&self->monitor);
  G_OBJECT_CLASS (galley_sync_loop_parent_class)->dispose (object);
}

static void
galley_sync_loop_finalize (GObject *object)
{
  GalleySyncLoop *self = GALLEY_SYNC_LOOP (object);

  g_clear_pointer (&self->round, galley_sync_round_free);
  g_clear_pointer (&self->divergence, g_free);
  g_ptr_array_unref (self->stop_waiters);
  galley_sync_switches_clear (&self->switches);
  g_clear_pointer (&self->context, galley_job_context_unref);
  G_OBJECT_CLASS (galley_sync_loop_parent_class)->finalize (object);
}

static void
galley_sync_loop_class_init (GalleySyncLoopClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = galley_sync_loop_dispose;
  object_class->finalize = galley_sync_loop_finalize;

  signals[SIGNAL_JOB_ENDED] = g_signal_new ("job-ended", G_TYPE_FROM_CLASS (klass),
                                            G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                            GALLEY_TYPE_JOB);
  signals[SIGNAL_MOVED] = g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_sync_loop_init (GalleySyncLoop *self)
{
  self->stop_waiters = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
connect_parts (GalleySyncLoop *self)
{
  g_signal_connect_object (self->runner, "ended", G_CALLBACK (job_ended_cb), self, 0);
  g_signal_connect_object (self->queue, "items-changed", G_CALLBACK (queue_changed_cb), self, 0);
  g_signal_connect_object (self->queue, "settled", G_CALLBACK (queue_settled_cb), self, 0);
  g_signal_connect_object (self->watch, "news", G_CALLBACK (news_cb), self, 0);
  g_signal_connect_object (self->watch, "directory", G_CALLBACK (directory_cb), self, 0);
  g_signal_connect_object (self->watch, "opened", G_CALLBACK (opened_cb), self, 0);
  g_signal_connect_object (self->notes, "written", G_CALLBACK (note_written_cb), self, 0);
  g_signal_connect_object (self->context->store, "changed", G_CALLBACK (store_changed_cb), self, 0);
  g_signal_connect_object (self->context->limits, "changed", G_CALLBACK (limits_changed_cb), self,
                           0);
  if (self->monitor == NULL)
    return;
  g_signal_connect_object (self->monitor, "network-changed", G_CALLBACK (network_changed_cb), self,
                           0);
  g_signal_connect_object (self->monitor, "notify::network-metered", G_CALLBACK (metered_cb), self,
                           0);
  metered_cb (self->monitor, NULL, self);
}

/**
 * galley_sync_loop_new:
 * @monitor: (nullable): tells when the machine is online again; jobs do not wait for its word
 *
 * Main loop.
 *
 * Returns: (transfer full): a loop that stands still before galley_sync_loop_start()
 */
GalleySyncLoop *
galley_sync_loop_new (GalleyStore *store, GalleyTransport *transport, GNetworkMonitor *monitor)
{
  GalleySyncLoop *self = g_object_new (GALLEY_TYPE_SYNC_LOOP, NULL);

  self->context = galley_job_context_new (store, transport);
  self->queue = galley_job_queue_new (self->context);
  self->runner = galley_job_runner_new (self->queue, self->context);
  self->watch = galley_event_watch_new (self->context);
  self->notes = galley_sync_notes_new (store);
  self->round = galley_sync_round_new (galley_store_get_world (store));
  self->monitor = monitor != NULL ? g_object_ref (monitor) : NULL;
  connect_parts (self);
  return self;
}

void
galley_sync_loop_start (GalleySyncLoop *self)
{
  if (self->started)
    return;

  self->started = TRUE;
  try_lock (self);
  look (self);
}

/**
 * galley_sync_loop_stop:
 *
 * What runs is stopped and goes on at the next start; the lock is given back.
 */
void
galley_sync_loop_stop (GalleySyncLoop *self)
{
  g_autoptr (GError) closed = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                   _ ("The workspace has been closed."));

  if (!self->started)
    return;

  self->started = FALSE;
  clear_timer (self, &self->lock_timer);
  clear_timer (self, &self->poll_timer);
  galley_event_watch_set_enabled (self->watch, FALSE);
  galley_job_runner_stop (self->runner);
  galley_sync_round_end (self->round, closed);
  g_clear_pointer (&self->lock, galley_sync_lock_free);
  self->ready = FALSE;
}

/**
 * galley_sync_loop_add_stop_waiter:
 * @task: answered after a stop, when what ran has ended and all is on disk
 */
void
galley_sync_loop_add_stop_waiter (GalleySyncLoop *self, GTask *task)
{
  g_ptr_array_add (self->stop_waiters, g_object_ref (task));
  answer_stop_waiters (self);
}

gboolean
galley_sync_loop_is_started (GalleySyncLoop *self)
{
  return self->started;
}

GalleyJobQueue *
galley_sync_loop_get_queue (GalleySyncLoop *self)
{
  return self->queue;
}

gboolean
galley_sync_loop_is_holder (GalleySyncLoop *self)
{
  return self->lock != NULL;
}

/* Holds for all processes of the workspace, and over a restart. */
static void
set_switch (GalleySyncLoop *self, gboolean *place, gboolean on, const char *key)
{
  if (*place == on)
    return;

  *place = on;
  galley_sync_notes_set (self->notes, key, on ? "1" : NULL);
  if (!on)
    galley_job_runner_reset_backoff (self->runner, FALSE);
  apply_switches (self);
  evaluate (self);
}

void
galley_sync_loop_set_offline (GalleySyncLoop *self, gboolean offline)
{
  set_switch (self, &self->switches.offline, offline, GALLEY_SETTING_OFFLINE);
}

void
galley_sync_loop_set_paused (GalleySyncLoop *self, gboolean paused)
{
  set_switch (self, &self->switches.paused, paused, GALLEY_SETTING_PAUSED);
}

GalleyJobLimits *
galley_sync_loop_get_limits (GalleySyncLoop *self)
{
  return self->context->limits;
}

/**
 * galley_sync_loop_set_wishes:
 *
 * They hold for all processes of the workspace, and over a restart.
 */
void
galley_sync_loop_set_wishes (GalleySyncLoop *self, const GalleyJobWishes *wishes)
{
  const GalleyJobWishes *before = galley_job_limits_get_wishes (self->context->limits);

  for (guint i = 0; i < GALLEY_JOB_WISHES_N_SETTINGS; i++)
    {
      g_autofree char *value = NULL, *value_before = NULL;
      const char *key = galley_job_wishes_get_setting (wishes, i, &value);

      galley_job_wishes_get_setting (before, i, &value_before);
      if (g_strcmp0 (value, value_before) != 0)
        galley_sync_notes_set (self->notes, key, value);
    }
  galley_job_limits_set_wishes (self->context->limits, wishes);
}

/**
 * galley_sync_loop_begin_round:
 *
 * Everything that waits is tried at once, and the server asked for news, by whichever process runs
 * the jobs.
 */
void
galley_sync_loop_begin_round (GalleySyncLoop *self)
{
  if (self->lock != NULL)
    {
      start_round (self);
      return;
    }

  galley_sync_round_begin (self->round);
  if (galley_sync_round_get_word (self->round) == NULL)
    galley_sync_notes_set (self->notes, GALLEY_SETTING_SYNC_WANTED,
                           galley_sync_round_make_word (self->round));
}

/**
 * galley_sync_loop_add_waiter:
 * @task: answered when the round that is on, or the next one, is over
 * @timeout_s: in seconds; 0: never
 */
void
galley_sync_loop_add_waiter (GalleySyncLoop *self, GTask *task, guint timeout_s)
{
  galley_sync_round_add_waiter (self->round, task, timeout_s);
}

/**
 * galley_sync_loop_ask:
 * @job: its id
 *
 * Of one job, by whichever process runs it.
 */
void
galley_sync_loop_ask (GalleySyncLoop *self, gint64 job, GalleyJobAsk ask)
{
  if (self->lock == NULL)
    {
      galley_sync_notes_ask (self->notes, job, ask);
      return;
    }

  galley_job_runner_ask (self->runner, job, ask);
  evaluate (self);
}

/**
 * galley_sync_loop_look:
 *
 * Something may be different: looks at once.
 */
void
galley_sync_loop_look (GalleySyncLoop *self)
{
  self->generation++;
  look (self);
}
