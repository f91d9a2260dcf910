/* galley-job.c: a piece of work that is not an edit: seen, stopped, taken up again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job"

#include "sync/galley-job.h"

#include <glib/gi18n-lib.h>

/* Progress is announced about three times a second, however often it is made. */
#define ANNOUNCE_EVERY_US (300 * 1000)

typedef struct
{
  GalleyJobContext *context;
  GalleyJobRow *row;
  char *result; /* (nullable) */
  gboolean stalled;
  GalleyJobRate rate;
  gint64 progress_us; /* monotonic: when it last got on */
  gint64 announced_us;
} GalleyJobPrivate;

enum
{
  PROP_0,
  PROP_ID,
  PROP_KIND,
  PROP_TITLE,
  PROP_CAUSE,
  PROP_STATE,
  PROP_WAITING_FOR,
  PROP_DONE,
  PROP_TOTAL,
  PROP_UNIT,
  PROP_ATTEMPTS,
  PROP_PRIORITY,
  PROP_NEXT_ATTEMPT,
  PROP_ERROR,
  PROP_STALLED,
  PROP_SUMMARY,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_TYPE_WITH_PRIVATE (GalleyJob, galley_job, G_TYPE_OBJECT)

static gboolean
is_bytes (const GalleyJobRow *row)
{
  return g_strcmp0 (row->unit, "bytes") == 0;
}

static GalleyJobPrivate *
get_private (GalleyJob *self)
{
  return galley_job_get_instance_private (self);
}

static gint64
get_monotonic_us (GalleyJobPrivate *priv)
{
  return galley_world_monotonic_us (galley_job_context_get_world (priv->context));
}

/* NULL while nothing can be said: "1.2 MB/s", "1.2 MB/s, about 3 minutes left". */
static char *
describe_rate (const GalleyJobRow *row, const GalleyJobRate *rate)
{
  g_autofree char *speed = NULL;
  g_autofree char *left = NULL;
  guint minutes = (guint)((rate->left_s + 30) / 60);

  if (row->state != GALLEY_JOB_RUNNING || rate->left_s <= 0)
    return NULL;

  speed = is_bytes (row) ? g_format_size ((guint64)rate->per_s)
                         : g_strdup_printf ("%.0f", rate->per_s);
  left = rate->left_s < 60
             ? g_strdup (_ ("less than a minute left"))
             : g_strdup_printf (ngettext ("about %u minute left", "about %u minutes left", minutes),
                                minutes);
  /* Translators: how fast, and how long still: "1.2 MB/s, about 3 minutes left" */
  return g_strdup_printf (_ ("%s/s, %s"), speed, left);
}

/* NULL while nothing can be said. */
static char *
describe_progress (const GalleyJobRow *row)
{
  gboolean is_size = is_bytes (row);
  g_autofree char *done = is_size ? g_format_size (row->done)
                                  : g_strdup_printf ("%" G_GUINT64_FORMAT, row->done);
  g_autofree char *total = is_size ? g_format_size (row->total)
                                   : g_strdup_printf ("%" G_GUINT64_FORMAT, row->total);

  /* Translators: how much of a job is done: "120 of 500", "3.1 MB of 10.0 MB" */
  return row->total > 0 ? g_strdup_printf (_ ("%s of %s"), done, total) : NULL;
}

static char *
describe_waiting (const GalleyJobRow *row)
{
  switch (row->waiting_for)
    {
    case GALLEY_WAIT_NETWORK:
      return g_strdup (_ ("Waits for the server to be reached"));
    case GALLEY_WAIT_SIGN_IN:
      return g_strdup (_ ("Waits until you connect this workspace again"));
    case GALLEY_WAIT_TIME:
      return g_strdup (_ ("Is tried again by itself"));
    case GALLEY_WAIT_JOB:
      return g_strdup (_ ("Waits until another computer has sent it"));
    case GALLEY_WAIT_PERSON:
      return g_strdup (_ ("Waits for you"));
    case GALLEY_WAIT_NONE:
    default:
      return g_strdup (_ ("Waits"));
    }
}

/* What holds it back needs no more than to be named here; the sentence is in its details. */
static const char *
describe_hold (GalleyJobHold hold)
{
  switch (hold)
    {
    case GALLEY_HOLD_KIND_PAUSED:
      return _ ("Paused, as all of its kind");
    case GALLEY_HOLD_METERED:
      return _ ("Waits for a network that is not metered");
    case GALLEY_HOLD_BATTERY:
      return _ ("Waits while the battery is being saved");
    case GALLEY_HOLD_NONE:
    default:
      return _ ("Starts soon");
    }
}

static char *
describe_state (const GalleyJobRow *row, GalleyJobHold hold)
{
  switch (row->state)
    {
    case GALLEY_JOB_QUEUED:
      return g_strdup (describe_hold (hold));
    case GALLEY_JOB_RUNNING:
      return g_strdup (_ ("Running"));
    case GALLEY_JOB_WAITING:
      return describe_waiting (row);
    case GALLEY_JOB_PAUSED:
      return g_strdup (_ ("Paused"));
    case GALLEY_JOB_DONE:
      return g_strdup (_ ("Done"));
    case GALLEY_JOB_FAILED:
      return g_strdup (_ ("Needs your attention"));
    case GALLEY_JOB_CANCELLED:
    default:
      return g_strdup (_ ("Cancelled"));
    }
}

/**
 * galley_job_get_summary:
 *
 * Returns: (transfer full): where the job stands, in one line for people
 */
char *
galley_job_get_summary (GalleyJob *self)
{
  GalleyJobPrivate *priv = get_private (self);
  const GalleyJobRow *row = priv->row;
  g_autofree char *state = NULL;
  g_autofree char *progress = NULL;
  g_autofree char *rate = NULL;

  if (priv->stalled)
    return g_strdup (_ ("Got stuck for a minute and is started again"));

  state = describe_state (row, galley_job_get_hold (self));
  progress = galley_job_is_open (self) ? describe_progress (row) : NULL;
  if (row->error != NULL && row->state != GALLEY_JOB_RUNNING && row->state != GALLEY_JOB_DONE)
    /* Translators: how a job stands, and why: "Waits for you: The disk is full." */
    return g_strdup_printf (_ ("%s: %s"), state, row->error);
  rate = describe_rate (row, &priv->rate);
  if (progress != NULL && rate != NULL)
    /* Translators: how a job stands, how far it is and how fast:
     * "Running: 3.1 MB of 10.0 MB (1.2 MB/s, about 3 minutes left)" */
    return g_strdup_printf (_ ("%s: %s (%s)"), state, progress, rate);
  if (progress != NULL)
    /* Translators: how a job stands, and how far it is: "Running: 120 of 500" */
    return g_strdup_printf (_ ("%s: %s"), state, progress);

  return g_steal_pointer (&state);
}

static void
galley_job_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  GalleyJob *self = GALLEY_JOB (object);
  GalleyJobPrivate *priv = get_private (self);
  const GalleyJobRow *row = priv->row;

  switch (property)
    {
    case PROP_ID:
      g_value_set_int64 (value, row->id);
      break;
    case PROP_KIND:
      g_value_set_string (value, row->kind);
      break;
    case PROP_TITLE:
      g_value_set_string (value, row->title);
      break;
    case PROP_CAUSE:
      g_value_set_string (value, row->cause);
      break;
    case PROP_STATE:
      g_value_set_int (value, row->state);
      break;
    case PROP_WAITING_FOR:
      g_value_set_int (value, row->waiting_for);
      break;
    case PROP_DONE:
      g_value_set_uint64 (value, row->done);
      break;
    case PROP_TOTAL:
      g_value_set_uint64 (value, row->total);
      break;
    case PROP_UNIT:
      g_value_set_string (value, row->unit);
      break;
    case PROP_ATTEMPTS:
      g_value_set_uint (value, row->attempts);
      break;
    case PROP_PRIORITY:
      g_value_set_int (value, row->priority);
      break;
    case PROP_NEXT_ATTEMPT:
      g_value_set_int64 (value, row->next_attempt_us);
      break;
    case PROP_ERROR:
      g_value_set_string (value, row->error);
      break;
    case PROP_STALLED:
      g_value_set_boolean (value, priv->stalled);
      break;
    case PROP_SUMMARY:
      g_value_take_string (value, galley_job_get_summary (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
galley_job_finalize (GObject *object)
{
  GalleyJobPrivate *priv = get_private (GALLEY_JOB (object));

  g_clear_pointer (&priv->row, galley_job_row_free);
  g_free (priv->result);
  g_clear_pointer (&priv->context, galley_job_context_unref);
  G_OBJECT_CLASS (galley_job_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  properties[PROP_ID] = g_param_spec_int64 ("id", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_KIND] = g_param_spec_string ("kind", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_CAUSE] = g_param_spec_string ("cause", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, GALLEY_JOB_QUEUED,
                                             GALLEY_JOB_CANCELLED, GALLEY_JOB_QUEUED, flags);
  properties[PROP_WAITING_FOR] = g_param_spec_int ("waiting-for", NULL, NULL, GALLEY_WAIT_NONE,
                                                   GALLEY_WAIT_PERSON, GALLEY_WAIT_NONE, flags);
  properties[PROP_DONE] = g_param_spec_uint64 ("done", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_TOTAL] = g_param_spec_uint64 ("total", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_UNIT] = g_param_spec_string ("unit", NULL, NULL, NULL, flags);
  properties[PROP_ATTEMPTS] = g_param_spec_uint ("attempts", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_PRIORITY] = g_param_spec_int ("priority", NULL, NULL, GALLEY_JOB_LATER,
                                                GALLEY_JOB_FIRST, GALLEY_JOB_NORMAL, flags);
  properties[PROP_NEXT_ATTEMPT] = g_param_spec_int64 ("next-attempt", NULL, NULL, 0, G_MAXINT64, 0,
                                                      flags);
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  properties[PROP_STALLED] = g_param_spec_boolean ("stalled", NULL, NULL, FALSE, flags);
  properties[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
galley_job_class_init (GalleyJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = galley_job_get_property;
  object_class->finalize = galley_job_finalize;
  install_properties (object_class);
}

static void
galley_job_init (GalleyJob *self)
{
}

/**
 * galley_job_new:
 * @type: %GALLEY_TYPE_JOB or a class derived from it
 * @row: what is known of it; copied
 *
 * Returns: (transfer full): a job that is not running
 */
GalleyJob *
galley_job_new (GType type, GalleyJobContext *context, const GalleyJobRow *row)
{
  GalleyJob *self = g_object_new (type, NULL);
  GalleyJobPrivate *priv = get_private (self);

  priv->context = galley_job_context_ref (context);
  priv->row = galley_job_row_copy (row);
  if (priv->row->unit == NULL)
    priv->row->unit = g_strdup (GALLEY_JOB_GET_CLASS (self)->unit);

  return self;
}

gint64
galley_job_get_id (GalleyJob *self)
{
  return get_private (self)->row->id;
}

/**
 * galley_job_get_row:
 *
 * Returns: (transfer none): the row as it is to stand on disk; holds until the job changes
 */
const GalleyJobRow *
galley_job_get_row (GalleyJob *self)
{
  g_return_val_if_fail (GALLEY_IS_JOB (self), NULL);

  return get_private (self)->row;
}

GalleyJobState
galley_job_get_state (GalleyJob *self)
{
  g_return_val_if_fail (GALLEY_IS_JOB (self), GALLEY_JOB_FAILED);

  return get_private (self)->row->state;
}

/**
 * galley_job_is_open:
 *
 * Returns: whether there is still something to be done, now or later
 */
gboolean
galley_job_is_open (GalleyJob *self)
{
  GalleyJobState state = galley_job_get_state (self);

  return state != GALLEY_JOB_DONE && state != GALLEY_JOB_FAILED && state != GALLEY_JOB_CANCELLED;
}

/**
 * galley_job_can_run:
 *
 * Returns: whether its class knows how; rows of other programs' jobs are only shown
 */
gboolean
galley_job_can_run (GalleyJob *self)
{
  return GALLEY_JOB_GET_CLASS (self)->run_async != NULL;
}

/**
 * galley_job_is_background:
 *
 * Returns: whether it has time until there is nothing else to do
 */
gboolean
galley_job_is_background (GalleyJob *self)
{
  return GALLEY_JOB_GET_CLASS (self)->background &&
         g_strcmp0 (galley_job_get_row (self)->subject, GALLEY_JOB_ASKED) != 0;
}

/**
 * galley_job_get_hold:
 *
 * Returns: why it would not start now; what somebody asked for, or put first, is held back by no
 *   more than its kind being paused
 */
GalleyJobHold
galley_job_get_hold (GalleyJob *self)
{
  GalleyJobPrivate *priv = get_private (self);
  const GalleyJobClass *klass = GALLEY_JOB_GET_CLASS (self);
  gboolean urgent = priv->row->priority == GALLEY_JOB_FIRST ||
                    g_strcmp0 (priv->row->subject, GALLEY_JOB_ASKED) == 0;

  return galley_job_limits_get_hold (priv->context->limits, priv->row->kind,
                                     klass->large && !urgent, klass->background && !urgent);
}

/**
 * galley_job_matches:
 * @project: nil when it is about the workspace
 * @subject: (nullable): what within the project
 *
 * Returns: whether it is the job for this
 */
gboolean
galley_job_matches (GalleyJob *self, const char *kind, const GalleyId *project, const char *subject)
{
  const GalleyJobRow *row = galley_job_get_row (self);

  return g_strcmp0 (row->kind, kind) == 0 && galley_id_equal (&row->project, project) &&
         g_strcmp0 (row->subject, subject) == 0;
}

GalleyJobContext *
galley_job_get_context (GalleyJob *self)
{
  return get_private (self)->context;
}

/**
 * galley_job_touch:
 *
 * For the classes: it got on, in a way that its unit does not count.
 */
void
galley_job_touch (GalleyJob *self)
{
  GalleyJobPrivate *priv = get_private (self);

  priv->progress_us = get_monotonic_us (priv);
  if (!priv->stalled)
    return;
  priv->stalled = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STALLED]);
}

/**
 * galley_job_set_progress:
 * @done: in the unit
 * @total: in the unit; 0: not known yet
 */
void
galley_job_set_progress (GalleyJob *self, guint64 done, guint64 total)
{
  GalleyJobPrivate *priv = get_private (self);
  gint64 now_us;

  galley_job_touch (self);
  if (priv->row->done == done && priv->row->total == total)
    return;

  now_us = priv->progress_us;
  galley_job_rate_add (&priv->rate, done, total, now_us);
  priv->row->done = done;
  priv->row->total = total;
  if (priv->announced_us != 0 && now_us - priv->announced_us < ANNOUNCE_EVERY_US && done != total)
    return;

  priv->announced_us = now_us;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DONE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOTAL]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
}

/**
 * galley_job_run_async:
 *
 * Main loop. The state is the runner's to set.
 */
void
galley_job_run_async (GalleyJob *self,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GalleyJobPrivate *priv = get_private (self);

  g_return_if_fail (galley_job_can_run (self));

  /* Not galley_job_touch(): a job that got stuck is shown as stalled until it really gets on. */
  priv->progress_us = get_monotonic_us (priv);
  galley_job_rate_begin (&priv->rate, priv->row->done, priv->progress_us);
  g_clear_pointer (&priv->result, g_free);
  GALLEY_JOB_GET_CLASS (self)->run_async (self, cancellable, callback, user_data);
}

gboolean
galley_job_run_finish (GalleyJob *self, GAsyncResult *result, GError **error)
{
  GalleyJobClass *klass = GALLEY_JOB_GET_CLASS (self);

  if (klass->run_finish != NULL)
    return klass->run_finish (self, result, error);

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
galley_job_set_id (GalleyJob *self, gint64 id)
{
  GalleyJobPrivate *priv = get_private (self);

  if (priv->row->id == id)
    return;
  priv->row->id = id;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ID]);
}

static void
notify_all (GalleyJob *self)
{
  g_object_freeze_notify (G_OBJECT (self));
  for (guint property = PROP_0 + 1; property < N_PROPERTIES; property++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
  g_object_thaw_notify (G_OBJECT (self));
}

static gboolean
rows_equal (const GalleyJobRow *a, const GalleyJobRow *b)
{
  return a->id == b->id && a->state == b->state && a->waiting_for == b->waiting_for &&
         a->done == b->done && a->total == b->total && a->attempts == b->attempts &&
         a->priority == b->priority && a->next_attempt_us == b->next_attempt_us &&
         g_strcmp0 (a->error, b->error) == 0 && g_strcmp0 (a->title, b->title) == 0 &&
         g_strcmp0 (a->cause, b->cause) == 0;
}

/**
 * galley_job_set_row:
 * @row: as another process wrote it
 */
void
galley_job_set_row (GalleyJob *self, const GalleyJobRow *row)
{
  GalleyJobPrivate *priv = get_private (self);

  if (rows_equal (priv->row, row))
    return;
  galley_job_row_free (priv->row);
  priv->row = galley_job_row_copy (row);
  notify_all (self);
}

/**
 * galley_job_set_priority:
 *
 * Announced with the state, by which whoever orders jobs follows them.
 */
void
galley_job_set_priority (GalleyJob *self, GalleyJobPriority priority)
{
  GalleyJobPrivate *priv = get_private (self);

  if (priv->row->priority == (int)priority)
    return;
  priv->row->priority = priority;
  notify_all (self);
}

/**
 * galley_job_set_title:
 * @cause: (nullable)
 */
void
galley_job_set_title (GalleyJob *self, const char *title, const char *cause)
{
  GalleyJobPrivate *priv = get_private (self);

  if (g_strcmp0 (priv->row->title, title) == 0 && g_strcmp0 (priv->row->cause, cause) == 0)
    return;

  g_free (priv->row->title);
  priv->row->title = g_strdup (title);
  g_free (priv->row->cause);
  priv->row->cause = g_strdup (cause);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAUSE]);
}

/**
 * galley_job_set_result:
 * @result: what came of it, in a sentence for people
 *
 * For a job that found something that its person should know. Stands in the place of why it was
 * done, and in its log.
 */
void
galley_job_set_result (GalleyJob *self, const char *result)
{
  GalleyJobPrivate *priv = get_private (self);
  g_autofree char *title = g_strdup (priv->row->title);

  g_free (priv->result);
  priv->result = g_strdup (result);
  galley_job_set_title (self, title, result);
}

const char *
galley_job_get_result (GalleyJob *self)
{
  return get_private (self)->result;
}

/**
 * galley_job_set_state:
 * @next_attempt_us: microseconds since 1970 UTC; 0: none
 * @error: (nullable): why the last try ended, a sentence
 */
void
galley_job_set_state (GalleyJob *self,
                      GalleyJobState state,
                      GalleyJobWait waiting_for,
                      gint64 next_attempt_us,
                      const char *error)
{
  GalleyJobPrivate *priv = get_private (self);
  g_autofree char *message = g_strdup (error);

  priv->row->state = state;
  priv->row->updated_us = galley_world_now_us (galley_job_context_get_world (priv->context));
  priv->row->waiting_for = waiting_for;
  priv->row->next_attempt_us = next_attempt_us;
  g_free (priv->row->error);
  priv->row->error = g_steal_pointer (&message);
  g_object_freeze_notify (G_OBJECT (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WAITING_FOR]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NEXT_ATTEMPT]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
  g_object_thaw_notify (G_OBJECT (self));
}

void
galley_job_set_attempts (GalleyJob *self, guint attempts)
{
  GalleyJobPrivate *priv = get_private (self);

  priv->row->attempts = attempts;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ATTEMPTS]);
}

void
galley_job_set_stalled (GalleyJob *self, gboolean stalled)
{
  GalleyJobPrivate *priv = get_private (self);

  if (priv->stalled == stalled)
    return;
  priv->stalled = stalled;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STALLED]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
}

/**
 * galley_job_get_rate:
 *
 * Returns: (transfer none): of the try that is under way, in this process
 */
const GalleyJobRate *
galley_job_get_rate (GalleyJob *self)
{
  return &get_private (self)->rate;
}

/**
 * galley_job_get_progress_time:
 *
 * Returns: when it last got on, in monotonic microseconds of the world; 0: never in this process
 */
gint64
galley_job_get_progress_time (GalleyJob *self)
{
  return get_private (self)->progress_us;
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (galley_store_write_finish (GALLEY_STORE (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * galley_job_end_with_write:
 * @task: (transfer full): of a job's run
 * @function: on the writer thread, in a transaction of its own
 * @free_data: (nullable): once it was called
 *
 * The last step of a run: what was done is written down, and the job is done with it.
 */
void
galley_job_end_with_write (GTask *task,
                           GalleyStoreFunc function,
                           gpointer data,
                           GDestroyNotify free_data)
{
  GalleyJob *self = g_task_get_source_object (task);

  galley_store_write_async (get_private (self)->context->store, function, data, free_data, NULL,
                            written_cb, task);
}
