/* galley-job-runner.c: starts the jobs that are due, judges how they ended, watches that they get
 * on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job-runner"

#include "sync/galley-job-runner.h"

#include "sync/galley-backoff.h"

#include <glib/gi18n-lib.h>

/* A file that arrived damaged is fetched again this often before a person is asked. */
#define MAX_DAMAGED 5

/* After so many tries in a row that came to nothing a person is told; by then hours have passed. */
#define ASK_AFTER 20

/* Why a job that runs is to end. */
typedef enum
{
  STOP_NONE,
  STOP_PAUSED,
  STOP_CANCELLED,
  STOP_STALLED,
  STOP_DISABLED,
  STOP_HELD,
} StopReason;

typedef struct
{
  GalleyJobRunner *runner;
  GalleyJob *job;
  GCancellable *cancellable;
  guint64 done_at_start;
  StopReason stop;
} Run;

struct _GalleyJobRunner
{
  GObject parent_instance;

  GalleyJobQueue *queue;
  GalleyJobContext *context;
  GPtrArray *running; /* of Run, in the order in which they began; each belongs to its operation */
  guint timer;
  gboolean enabled;
  gboolean poking;
};

enum
{
  SIGNAL_ENDED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyJobRunner, galley_job_runner, G_TYPE_OBJECT)

static const GalleyWorld *
get_world (GalleyJobRunner *self)
{
  return galley_job_context_get_world (self->context);
}

static void
clear_timer (GalleyJobRunner *self)
{
  if (self->timer != 0)
    galley_world_remove_timeout (get_world (self), self->timer);
  self->timer = 0;
}

static void
galley_job_runner_dispose (GObject *object)
{
  GalleyJobRunner *self = GALLEY_JOB_RUNNER (object);

  if (self->context != NULL)
    clear_timer (self);
  g_clear_object (&self->queue);
  G_OBJECT_CLASS (galley_job_runner_parent_class)->dispose (object);
}

static void
galley_job_runner_finalize (GObject *object)
{
  GalleyJobRunner *self = GALLEY_JOB_RUNNER (object);

  g_ptr_array_unref (self->running);
  g_clear_pointer (&self->context, galley_job_context_unref);
  G_OBJECT_CLASS (galley_job_runner_parent_class)->finalize (object);
}

static void
galley_job_runner_class_init (GalleyJobRunnerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = galley_job_runner_dispose;
  object_class->finalize = galley_job_runner_finalize;

  signals[SIGNAL_ENDED] = g_signal_new ("ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, GALLEY_TYPE_JOB);
}

static void
galley_job_runner_init (GalleyJobRunner *self)
{
  self->running = g_ptr_array_new ();
}

/* What an error means for the job: whether it is tried again by itself, or what it waits for. */
typedef struct
{
  GalleyJobState state;
  GalleyJobWait waiting_for;
} Judgement;

static Judgement
judge_sync_error (GalleyJob *job, int code)
{
  switch ((GalleySyncError)code)
    {
    case GALLEY_SYNC_ERROR_UNREACHABLE:
    case GALLEY_SYNC_ERROR_TIMEOUT:
      return (Judgement){ GALLEY_JOB_WAITING, GALLEY_WAIT_NETWORK };
    case GALLEY_SYNC_ERROR_CUT:
    case GALLEY_SYNC_ERROR_SERVER:
    case GALLEY_SYNC_ERROR_NOT_GALLEY:
    case GALLEY_SYNC_ERROR_STALLED:
      return (Judgement){ GALLEY_JOB_WAITING, GALLEY_WAIT_TIME };
    case GALLEY_SYNC_ERROR_NOT_THERE:
      return GALLEY_JOB_GET_CLASS (job)->waits_for_others
                 ? (Judgement){ GALLEY_JOB_WAITING, GALLEY_WAIT_JOB }
                 : (Judgement){ GALLEY_JOB_FAILED, GALLEY_WAIT_NONE };
    case GALLEY_SYNC_ERROR_SIGN_IN:
      return (Judgement){ GALLEY_JOB_WAITING, GALLEY_WAIT_SIGN_IN };
    case GALLEY_SYNC_ERROR_REFUSED:
    case GALLEY_SYNC_ERROR_TOO_LARGE:
    case GALLEY_SYNC_ERROR_SIGNATURE:
    case GALLEY_SYNC_ERROR_HISTORY:
    case GALLEY_SYNC_ERROR_FORK:
    case GALLEY_SYNC_ERROR_INVALID:
    default:
      return (Judgement){ GALLEY_JOB_FAILED, GALLEY_WAIT_NONE };
    }
}

static Judgement
judge (GalleyJob *job, const GError *error, guint attempts)
{
  if (error->domain == GALLEY_SYNC_ERROR)
    return judge_sync_error (job, error->code);
  /* Room on the disk and the other program's lock come back by themselves. */
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NO_SPACE) ||
      g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_BUSY))
    return (Judgement){ GALLEY_JOB_WAITING, GALLEY_WAIT_TIME };
  /* Somebody has to update Galley; it is tried again all the same, since nobody says when. */
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER))
    return (Judgement){ GALLEY_JOB_WAITING, GALLEY_WAIT_PERSON };
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED) &&
      attempts < MAX_DAMAGED)
    return (Judgement){ GALLEY_JOB_WAITING, GALLEY_WAIT_TIME };

  return (Judgement){ GALLEY_JOB_FAILED, GALLEY_WAIT_NONE };
}

/* A server that says when is asked no earlier; still not by all of us at once. */
static gint64
draw_next_attempt (GalleyJobRunner *self, guint attempts, const GError *error)
{
  guint32 random = 0;
  gint64 delay_ms;

  galley_world_random (get_world (self), &random, sizeof random);
  delay_ms = (gint64)galley_sync_error_get_patience (error) * 1000 +
             galley_backoff_next_ms (attempts, random);
  return galley_world_now_us (get_world (self)) + MIN (delay_ms, GALLEY_BACKOFF_CAP_MS) * 1000;
}

static void
end_with_error (GalleyJobRunner *self, Run *run, const GError *error)
{
  guint attempts = galley_job_get_row (run->job)->attempts;
  Judgement judgement;
  gint64 next_us = 0;

  /* A try that got on is no sign that the next one will fail; but a file that arrives damaged got
   * on, too. */
  if (galley_job_get_row (run->job)->done > run->done_at_start &&
      !g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
    galley_job_set_attempts (run->job, attempts = 1);

  judgement = judge (run->job, error, attempts);
  /* It is tried again all the same, but nobody should have to find out by chance. */
  if (judgement.state == GALLEY_JOB_WAITING && judgement.waiting_for == GALLEY_WAIT_TIME &&
      attempts >= ASK_AFTER)
    judgement.waiting_for = GALLEY_WAIT_PERSON;
  if (judgement.state == GALLEY_JOB_WAITING && judgement.waiting_for != GALLEY_WAIT_SIGN_IN)
    next_us = draw_next_attempt (self, attempts, error);
  galley_job_set_state (run->job, judgement.state, judgement.waiting_for, next_us, error->message);
  galley_job_queue_save (self->queue, run->job, error->message);
}

static void
end_stopped (GalleyJobRunner *self, Run *run)
{
  GalleyJobState state = run->stop == STOP_PAUSED      ? GALLEY_JOB_PAUSED
                         : run->stop == STOP_CANCELLED ? GALLEY_JOB_CANCELLED
                                                       : GALLEY_JOB_QUEUED;

  galley_job_set_state (run->job, state, GALLEY_WAIT_NONE, 0, NULL);
  galley_job_queue_save (self->queue, run->job,
                         state == GALLEY_JOB_PAUSED      ? _ ("Paused")
                         : state == GALLEY_JOB_CANCELLED ? _ ("Cancelled")
                                                         : NULL);
}

static void
end_well (GalleyJobRunner *self, Run *run)
{
  galley_job_set_attempts (run->job, 0);
  galley_job_touch (run->job);
  galley_job_set_state (run->job, GALLEY_JOB_DONE, GALLEY_WAIT_NONE, 0, NULL);
  galley_job_queue_save (self->queue, run->job,
                         galley_job_get_result (run->job) != NULL ? galley_job_get_result (run->job)
                                                                  : _ ("Done"));
}

static void
run_free (Run *run)
{
  g_object_unref (run->runner);
  g_object_unref (run->job);
  g_object_unref (run->cancellable);
  g_free (run);
}

/* Returns: (transfer none) (nullable) */
static Run *
find_run (GalleyJobRunner *self, GalleyJob *job)
{
  for (guint i = 0; i < self->running->len; i++)
    {
      Run *run = self->running->pdata[i];

      if (run->job == job)
        return run;
    }

  return NULL;
}

/* Returns: (transfer full): of GalleyJob, held: one that is cancelled may end at once */
static GPtrArray *
list_running (GalleyJobRunner *self)
{
  GPtrArray *jobs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->running->len; i++)
    g_ptr_array_add (jobs, g_object_ref (((Run *)self->running->pdata[i])->job));

  return jobs;
}

static void
run_ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;
  GalleyJobRunner *self = run->runner;
  g_autoptr (GError) error = NULL;

  g_ptr_array_remove (self->running, run);
  if (galley_job_run_finish (run->job, result, &error))
    end_well (self, run);
  else if (run->stop == STOP_STALLED)
    {
      g_autoptr (GError)
          stalled = g_error_new_literal (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_STALLED,
                                         _ ("Nothing moved for a minute, so it is started again."));

      end_with_error (self, run, stalled);
    }
  else if (run->stop != STOP_NONE)
    end_stopped (self, run);
  else
    end_with_error (self, run, error);

  g_debug ("job %" G_GINT64_FORMAT " ended: %s", galley_job_get_id (run->job),
           error != NULL ? error->message : "done");
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, run->job);
  galley_job_runner_poke (self);
  run_free (run);
}

static void
start (GalleyJobRunner *self, GalleyJob *job)
{
  Run *run = g_new0 (Run, 1);

  run->runner = g_object_ref (self);
  run->job = g_object_ref (job);
  run->cancellable = g_cancellable_new ();
  run->done_at_start = galley_job_get_row (job)->done;
  g_ptr_array_add (self->running, run);

  galley_job_set_attempts (job, galley_job_get_row (job)->attempts + 1);
  galley_job_set_state (job, GALLEY_JOB_RUNNING, GALLEY_WAIT_NONE, 0, NULL);
  galley_job_queue_save (self->queue, job, NULL);
  galley_job_run_async (job, run->cancellable, run_ended_cb, run);
}

static guint
count_running (GalleyJobRunner *self, GType type)
{
  guint n_running = 0;

  for (guint i = 0; i < self->running->len; i++)
    n_running += G_OBJECT_TYPE (((Run *)self->running->pdata[i])->job) == type;

  return n_running;
}

static gboolean
runs_foreground (GalleyJobRunner *self)
{
  for (guint i = 0; i < self->running->len; i++)
    if (!galley_job_is_background (((Run *)self->running->pdata[i])->job))
      return TRUE;

  return FALSE;
}

/* Behind one that is held back stands, in a lane of things that are all alike, none that is not:
 * those that somebody put first are in front. */
static GalleyJobVerdict
judge_held (GalleyJob *job)
{
  return GALLEY_JOB_GET_CLASS (job)->background ? GALLEY_JOB_STAYS : GALLEY_JOB_LANE_FULL;
}

static GalleyJobVerdict
judge_turn (GalleyJobRunner *self, GalleyJob *job, gboolean background)
{
  if (count_running (self, G_OBJECT_TYPE (job)) >= GALLEY_JOB_GET_CLASS (job)->max_running)
    return GALLEY_JOB_LANE_FULL;
  /* One that is being stopped may be queued again before it has ended. */
  if (galley_job_is_background (job) != background || find_run (self, job) != NULL)
    return GALLEY_JOB_STAYS;

  return galley_job_get_hold (job) == GALLEY_HOLD_NONE ? GALLEY_JOB_MAY_START : judge_held (job);
}

static GalleyJobVerdict
judge_foreground (GalleyJob *job, gpointer data)
{
  return judge_turn (data, job, FALSE);
}

static GalleyJobVerdict
judge_background (GalleyJob *job, gpointer data)
{
  return judge_turn (data, job, TRUE);
}

static void
start_due_of (GalleyJobRunner *self, GalleyJobAskVerdict verdict)
{
  GalleyJobSchedule *schedule = galley_job_queue_get_schedule (self->queue);
  GalleyJob *job;

  while ((job = galley_job_schedule_next (schedule, verdict, self)) != NULL)
    start (self, job);
}

/* What has time waits until nothing else runs or could start. */
static void
start_due (GalleyJobRunner *self)
{
  galley_job_schedule_ripen (galley_job_queue_get_schedule (self->queue));
  start_due_of (self, judge_foreground);
  if (!runs_foreground (self))
    start_due_of (self, judge_background);
}

/* Stops what has not got on; its end is judged like any failure. */
static void
stop_stalled (GalleyJobRunner *self)
{
  gint64 now_us = galley_world_monotonic_us (get_world (self));
  g_autoptr (GPtrArray) jobs = list_running (self);

  for (guint i = 0; i < jobs->len; i++)
    {
      Run *run = find_run (self, jobs->pdata[i]);

      if (run == NULL || run->stop != STOP_NONE ||
          now_us - galley_job_get_progress_time (run->job) < GALLEY_JOB_STALL_US)
        continue;

      g_info ("job %" G_GINT64_FORMAT " has stalled", galley_job_get_id (run->job));
      run->stop = STOP_STALLED;
      galley_job_set_stalled (run->job, TRUE);
      g_cancellable_cancel (run->cancellable);
    }
}

/* When there is something to do next, in microseconds from now; -1: never by itself. */
static gint64
get_next_delay_us (GalleyJobRunner *self)
{
  gint64 now_us = galley_world_monotonic_us (get_world (self)), next_us = -1;

  /* One that is due but finds no room starts when another ends. */
  if (self->enabled)
    next_us = galley_job_schedule_get_delay_us (galley_job_queue_get_schedule (self->queue));

  for (guint i = 0; i < self->running->len; i++)
    {
      const Run *run = self->running->pdata[i];
      gint64 delay_us = galley_job_get_progress_time (run->job) + GALLEY_JOB_STALL_US - now_us;

      if (run->stop == STOP_NONE && (next_us < 0 || delay_us < next_us))
        next_us = MAX (delay_us, 0);
    }

  return next_us;
}

static gboolean
timer_cb (gpointer user_data)
{
  GalleyJobRunner *self = user_data;

  self->timer = 0;
  galley_job_runner_poke (self);
  return G_SOURCE_REMOVE;
}

static void
set_timer (GalleyJobRunner *self)
{
  gint64 delay_us = get_next_delay_us (self);

  clear_timer (self);
  if (delay_us >= 0)
    self->timer = galley_world_add_timeout (get_world (self), (guint)(delay_us / 1000 + 1),
                                            timer_cb, self);
}

/**
 * galley_job_runner_poke:
 *
 * Starts what is due, stops what is stuck, and sets the one timer for what comes next.
 */
void
galley_job_runner_poke (GalleyJobRunner *self)
{
  g_return_if_fail (GALLEY_IS_JOB_RUNNER (self));

  if (self->poking || self->queue == NULL)
    return;

  self->poking = TRUE;
  stop_stalled (self);
  if (self->enabled)
    start_due (self);
  set_timer (self);
  self->poking = FALSE;
}

static void
queue_saved_cb (GalleyJobQueue *queue, GalleyJob *job, GalleyJobRunner *self)
{
  galley_job_runner_poke (self);
}

static void
stop_run (GalleyJobRunner *self, GalleyJob *job, StopReason reason)
{
  Run *run = find_run (self, job);

  if (run == NULL)
    return;
  run->stop = reason;
  g_cancellable_cancel (run->cancellable);
}

/* What must not run any more is queued again, as far as it got. */
static void
limits_changed_cb (GalleyJobLimits *limits, GalleyJobRunner *self)
{
  g_autoptr (GPtrArray) jobs = list_running (self);

  for (guint i = 0; i < jobs->len; i++)
    if (galley_job_get_hold (jobs->pdata[i]) != GALLEY_HOLD_NONE)
      stop_run (self, jobs->pdata[i], STOP_HELD);
  galley_job_runner_poke (self);
}

/**
 * galley_job_runner_new:
 *
 * Returns: (transfer full): a runner that does nothing before galley_job_runner_set_enabled()
 */
GalleyJobRunner *
galley_job_runner_new (GalleyJobQueue *queue, GalleyJobContext *context)
{
  GalleyJobRunner *self = g_object_new (GALLEY_TYPE_JOB_RUNNER, NULL);

  self->queue = g_object_ref (queue);
  self->context = galley_job_context_ref (context);
  g_signal_connect_object (queue, "saved", G_CALLBACK (queue_saved_cb), self, 0);
  g_signal_connect_object (context->limits, "changed", G_CALLBACK (limits_changed_cb), self, 0);
  return self;
}

/**
 * galley_job_runner_set_enabled:
 * @enabled: when not, what runs is stopped and queued for later, and nothing starts
 */
void
galley_job_runner_set_enabled (GalleyJobRunner *self, gboolean enabled)
{
  g_autoptr (GPtrArray) jobs = NULL;

  g_return_if_fail (GALLEY_IS_JOB_RUNNER (self));

  self->enabled = enabled;
  jobs = list_running (self);
  for (guint i = 0; !enabled && i < jobs->len; i++)
    stop_run (self, jobs->pdata[i], STOP_DISABLED);
  galley_job_runner_poke (self);
}

/**
 * galley_job_runner_stop:
 *
 * For good: nothing starts any more and no timer is left.
 */
void
galley_job_runner_stop (GalleyJobRunner *self)
{
  galley_job_runner_set_enabled (self, FALSE);
  clear_timer (self);
}

static void
change_state (GalleyJobRunner *self, GalleyJob *job, GalleyJobState state, const char *event)
{
  galley_job_set_state (job, state, GALLEY_WAIT_NONE, 0, NULL);
  galley_job_queue_save (self->queue, job, event);
  galley_job_runner_poke (self);
}

/* It stays where it is until it is resumed. */
static void
pause_job (GalleyJobRunner *self, GalleyJob *job)
{
  if (find_run (self, job) != NULL)
    stop_run (self, job, STOP_PAUSED);
  else if (galley_job_is_open (job) && galley_job_can_run (job))
    change_state (self, job, GALLEY_JOB_PAUSED, _ ("Paused"));
}

static void
resume_job (GalleyJobRunner *self, GalleyJob *job)
{
  if (galley_job_get_state (job) == GALLEY_JOB_PAUSED)
    change_state (self, job, GALLEY_JOB_QUEUED, _ ("Resumed"));
}

/* Now, whatever it waited for; also one that failed or was cancelled. */
static void
retry_job (GalleyJobRunner *self, GalleyJob *job)
{
  GalleyJobState state = galley_job_get_state (job);

  if (!galley_job_can_run (job) || state == GALLEY_JOB_RUNNING || state == GALLEY_JOB_DONE)
    return;

  galley_job_set_attempts (job, 0);
  change_state (self, job, GALLEY_JOB_QUEUED, _ ("Tried again on request"));
}

/* What is half done stays as it is; nothing is undone. A job that failed is put aside. */
static void
cancel_job (GalleyJobRunner *self, GalleyJob *job)
{
  if (find_run (self, job) != NULL)
    stop_run (self, job, STOP_CANCELLED);
  else if (galley_job_is_open (job) || galley_job_get_state (job) == GALLEY_JOB_FAILED)
    change_state (self, job, GALLEY_JOB_CANCELLED, _ ("Cancelled"));
}

/* Before the others of its kind, or after them; also while it runs, for the next time. */
static void
put_in_turn (GalleyJobRunner *self, GalleyJob *job, GalleyJobPriority priority)
{
  if (!galley_job_can_run (job) || galley_job_get_row (job)->priority == (int)priority)
    return;

  galley_job_set_priority (job, priority);
  galley_job_queue_save (self->queue, job,
                         priority == GALLEY_JOB_FIRST   ? _ ("Put first")
                         : priority == GALLEY_JOB_LATER ? _ ("Put last")
                                                        : _ ("Put back in its place"));
  galley_job_runner_poke (self);
}

/**
 * galley_job_runner_ask:
 * @id: of a job; nothing happens when it is not listed, or not in a state where it makes sense
 *
 * What a person wants of one job.
 */
void
galley_job_runner_ask (GalleyJobRunner *self, gint64 id, GalleyJobAsk ask)
{
  GalleyJob *found = galley_job_queue_get_by_id (self->queue, id);
  g_autoptr (GalleyJob) job = found != NULL ? g_object_ref (found) : NULL;

  if (job == NULL)
    return;

  switch (ask)
    {
    case GALLEY_JOB_ASK_PAUSE:
      pause_job (self, job);
      break;
    case GALLEY_JOB_ASK_RESUME:
      resume_job (self, job);
      break;
    case GALLEY_JOB_ASK_RETRY:
      retry_job (self, job);
      break;
    case GALLEY_JOB_ASK_CANCEL:
      cancel_job (self, job);
      break;
    case GALLEY_JOB_ASK_FIRST:
      put_in_turn (self, job, GALLEY_JOB_FIRST);
      break;
    case GALLEY_JOB_ASK_LATER:
      put_in_turn (self, job, GALLEY_JOB_LATER);
      break;
    case GALLEY_JOB_ASK_NORMAL:
      put_in_turn (self, job, GALLEY_JOB_NORMAL);
      break;
    case GALLEY_JOB_ASK_NONE:
    default:
      break;
    }
}

/* Held, since what happens to a job moves it in the queue. */
static GPtrArray *
list_in_state (GalleyJobRunner *self, GalleyJobState state)
{
  GPtrArray *jobs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < galley_job_queue_get_n_jobs (self->queue); i++)
    {
      GalleyJob *job = galley_job_queue_get_job (self->queue, i);

      if (galley_job_get_state (job) == state && galley_job_can_run (job))
        g_ptr_array_add (jobs, g_object_ref (job));
    }

  return jobs;
}

/**
 * galley_job_runner_reset_backoff:
 * @network_only: only what waits for the network: we are online again; else all that waits:
 * somebody asks
 *
 * What waits to be tried again is tried now.
 */
void
galley_job_runner_reset_backoff (GalleyJobRunner *self, gboolean network_only)
{
  g_autoptr (GPtrArray) waiting = list_in_state (self, GALLEY_JOB_WAITING);

  for (guint i = 0; i < waiting->len; i++)
    {
      GalleyJob *job = waiting->pdata[i];

      if (network_only && galley_job_get_row (job)->waiting_for != GALLEY_WAIT_NETWORK)
        continue;
      galley_job_set_attempts (job, 0);
      galley_job_set_state (job, GALLEY_JOB_QUEUED, GALLEY_WAIT_NONE, 0, NULL);
      galley_job_queue_save (self->queue, job, NULL);
    }
  galley_job_runner_poke (self);
}

/**
 * galley_job_runner_sign_in:
 *
 * There is an account that was not there before: what waited for one is tried now.
 */
void
galley_job_runner_sign_in (GalleyJobRunner *self)
{
  g_autoptr (GPtrArray) waiting = list_in_state (self, GALLEY_JOB_WAITING);

  for (guint i = 0; i < waiting->len; i++)
    {
      GalleyJob *job = waiting->pdata[i];

      if (galley_job_get_row (job)->waiting_for != GALLEY_WAIT_SIGN_IN)
        continue;
      galley_job_set_state (job, GALLEY_JOB_QUEUED, GALLEY_WAIT_NONE, 0, NULL);
      galley_job_queue_save (self->queue, job, NULL);
    }
}

/**
 * galley_job_runner_revive:
 *
 * What failed, and changes whose sending or fetching was cancelled, get another chance when
 * somebody asks for everything. Files that were cancelled stay so.
 */
void
galley_job_runner_revive (GalleyJobRunner *self)
{
  g_autoptr (GPtrArray) failed = list_in_state (self, GALLEY_JOB_FAILED);
  g_autoptr (GPtrArray) cancelled = list_in_state (self, GALLEY_JOB_CANCELLED);

  for (guint i = 0; i < failed->len; i++)
    if (!GALLEY_JOB_GET_CLASS (failed->pdata[i])->alone)
      retry_job (self, failed->pdata[i]);
  for (guint i = 0; i < cancelled->len; i++)
    if (galley_job_get_row (cancelled->pdata[i])->subject == NULL)
      retry_job (self, cancelled->pdata[i]);
}

/**
 * galley_job_runner_take_over:
 *
 * What another process ran when it ended is queued, whether that could be written down or not.
 */
void
galley_job_runner_take_over (GalleyJobRunner *self)
{
  g_autoptr (GPtrArray) jobs = list_in_state (self, GALLEY_JOB_RUNNING);

  for (guint i = 0; i < jobs->len; i++)
    if (find_run (self, jobs->pdata[i]) == NULL)
      change_state (self, jobs->pdata[i], GALLEY_JOB_QUEUED, NULL);
}

/**
 * galley_job_runner_is_running:
 *
 * Returns: whether any job runs, or is on its way to its end
 */
gboolean
galley_job_runner_is_running (GalleyJobRunner *self)
{
  g_return_val_if_fail (GALLEY_IS_JOB_RUNNER (self), FALSE);

  return self->running->len > 0;
}

/* Whether it is queued and would start if there were room. */
static GalleyJobVerdict
judge_startable (GalleyJob *job, gpointer data)
{
  if (galley_job_get_state (job) != GALLEY_JOB_QUEUED || galley_job_is_background (job))
    return GALLEY_JOB_STAYS;

  return galley_job_get_hold (job) == GALLEY_HOLD_NONE ? GALLEY_JOB_MAY_START : judge_held (job);
}

/* Whether it would start if nothing held it back. */
static GalleyJobVerdict
judge_held_back (GalleyJob *job, gpointer data)
{
  if (galley_job_is_background (job))
    return GALLEY_JOB_STAYS;

  if (galley_job_get_hold (job) != GALLEY_HOLD_NONE)
    return GALLEY_JOB_MAY_START;

  /* What somebody put first stands in front, and tells nothing of those behind. */
  return galley_job_get_row (job)->priority == GALLEY_JOB_FIRST ? GALLEY_JOB_STAYS
                                                                : GALLEY_JOB_LANE_FULL;
}

/**
 * galley_job_runner_get_hold:
 *
 * Returns: why a job that could start does not; of what has time nobody needs to know
 */
GalleyJobHold
galley_job_runner_get_hold (GalleyJobRunner *self)
{
  GalleyJob *job;

  g_return_val_if_fail (GALLEY_IS_JOB_RUNNER (self), GALLEY_HOLD_NONE);

  job = galley_job_schedule_next (galley_job_queue_get_schedule (self->queue), judge_held_back,
                                  NULL);
  return job != NULL ? galley_job_get_hold (job) : GALLEY_HOLD_NONE;
}

/**
 * galley_job_runner_has_due:
 * @max_attempts: a job that has failed more often in a row does not count
 *
 * Returns: whether something runs, is queued, or will be tried again by itself shortly; what has
 *   time does not count
 */
gboolean
galley_job_runner_has_due (GalleyJobRunner *self, guint max_attempts)
{
  return runs_foreground (self) ||
         galley_job_schedule_next (galley_job_queue_get_schedule (self->queue), judge_startable,
                                   self) != NULL ||
         galley_job_schedule_is_tried_soon (galley_job_queue_get_schedule (self->queue),
                                            max_attempts);
}
