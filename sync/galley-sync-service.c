/* galley-sync-service.c: what programs see of syncing: one state, one sentence, the jobs, the
 * switches
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-service"

#include "sync/galley-sync-service.h"

#include "sync/galley-sync-loop.h"

struct _GalleySyncService
{
  GObject parent_instance;

  GalleySyncLoop *loop;
  GalleySyncState state;
  guint64 unsent;
  guint attention;
  gboolean offline;
  gboolean paused;
  gboolean connected;
  gboolean needs_sign_in;
  char *summary;
  char *detail;
};

enum
{
  PROP_0,
  PROP_STATE,
  PROP_UNSENT,
  PROP_SUMMARY,
  PROP_DETAIL,
  PROP_OFFLINE,
  PROP_PAUSED,
  PROP_CONNECTED,
  PROP_ATTENTION,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  SIGNAL_JOB_ENDED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleySyncService, galley_sync_service, G_TYPE_OBJECT)

static void
galley_sync_service_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  GalleySyncService *self = GALLEY_SYNC_SERVICE (object);

  switch (property)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_UNSENT:
      g_value_set_uint64 (value, self->unsent);
      break;
    case PROP_SUMMARY:
      g_value_set_string (value, self->summary);
      break;
    case PROP_DETAIL:
      g_value_set_string (value, self->detail);
      break;
    case PROP_OFFLINE:
      g_value_set_boolean (value, self->offline);
      break;
    case PROP_PAUSED:
      g_value_set_boolean (value, self->paused);
      break;
    case PROP_CONNECTED:
      g_value_set_boolean (value, self->connected);
      break;
    case PROP_ATTENTION:
      g_value_set_uint (value, self->attention);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
galley_sync_service_set_property (GObject *object,
                                  guint property,
                                  const GValue *value,
                                  GParamSpec *pspec)
{
  GalleySyncService *self = GALLEY_SYNC_SERVICE (object);

  switch (property)
    {
    case PROP_OFFLINE:
      galley_sync_service_set_offline (self, g_value_get_boolean (value));
      break;
    case PROP_PAUSED:
      galley_sync_service_set_paused (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
galley_sync_service_dispose (GObject *object)
{
  GalleySyncService *self = GALLEY_SYNC_SERVICE (object);

  if (self->loop != NULL)
    galley_sync_loop_stop (self->loop);
  g_clear_object (&self->loop);
  G_OBJECT_CLASS (galley_sync_service_parent_class)->dispose (object);
}

static void
galley_sync_service_finalize (GObject *object)
{
  GalleySyncService *self = GALLEY_SYNC_SERVICE (object);

  g_free (self->summary);
  g_free (self->detail);
  G_OBJECT_CLASS (galley_sync_service_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags reads = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags writes = reads | G_PARAM_WRITABLE;

  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, GALLEY_SYNC_LOCAL_ONLY,
                                             GALLEY_SYNC_NEEDS_ATTENTION, GALLEY_SYNC_LOCAL_ONLY,
                                             reads);
  properties[PROP_UNSENT] = g_param_spec_uint64 ("unsent", NULL, NULL, 0, G_MAXUINT64, 0, reads);
  properties[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL, reads);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, NULL, reads);
  properties[PROP_OFFLINE] = g_param_spec_boolean ("offline", NULL, NULL, FALSE, writes);
  properties[PROP_PAUSED] = g_param_spec_boolean ("paused", NULL, NULL, FALSE, writes);
  properties[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE, reads);
  properties[PROP_ATTENTION] = g_param_spec_uint ("attention", NULL, NULL, 0, G_MAXUINT, 0, reads);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
galley_sync_service_class_init (GalleySyncServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = galley_sync_service_get_property;
  object_class->set_property = galley_sync_service_set_property;
  object_class->dispose = galley_sync_service_dispose;
  object_class->finalize = galley_sync_service_finalize;
  install_properties (object_class);
  signals[SIGNAL_JOB_ENDED] = g_signal_new ("job-ended", G_TYPE_FROM_CLASS (klass),
                                            G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                            GALLEY_TYPE_JOB);
}

static void
galley_sync_service_init (GalleySyncService *self)
{
}

static void
announce (GalleySyncService *self, guint property, gboolean differs)
{
  if (differs)
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
take_text (GalleySyncService *self, char **place, char *text, guint property)
{
  g_autofree char *before = *place;

  *place = text;
  announce (self, property, g_strcmp0 (before, text) != 0);
}

static void
take_numbers (GalleySyncService *self, const GalleySyncFacts *facts)
{
  GalleySyncState before = self->state;
  guint64 unsent_before = self->unsent;
  guint attention_before = self->attention;

  self->state = galley_sync_summary_get_state (facts);
  self->unsent = facts->unsent;
  self->attention = facts->n_attention;
  self->needs_sign_in = facts->sign_in;
  announce (self, PROP_STATE, before != self->state);
  announce (self, PROP_UNSENT, unsent_before != self->unsent);
  announce (self, PROP_ATTENTION, attention_before != self->attention);
}

static void
take_flag (GalleySyncService *self, gboolean *place, gboolean flag, guint property)
{
  gboolean differs = *place != flag;

  *place = flag;
  announce (self, property, differs);
}

static void
job_ended_cb (GalleySyncLoop *loop, GalleyJob *job, GalleySyncService *self)
{
  g_signal_emit (self, signals[SIGNAL_JOB_ENDED], 0, job);
}

static void
loop_moved_cb (GalleySyncLoop *loop, GalleySyncService *self)
{
  GalleySyncFacts facts;

  galley_sync_loop_get_facts (loop, &facts);
  g_object_freeze_notify (G_OBJECT (self));
  take_numbers (self, &facts);
  take_flag (self, &self->offline, facts.offline, PROP_OFFLINE);
  take_flag (self, &self->paused, facts.paused, PROP_PAUSED);
  take_flag (self, &self->connected, facts.connected, PROP_CONNECTED);
  take_text (self, &self->summary, galley_sync_summary_describe (&facts), PROP_SUMMARY);
  take_text (self, &self->detail, galley_sync_summary_detail (&facts), PROP_DETAIL);
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * galley_sync_service_new:
 * @transport: the way to the server; its account is set here
 * @monitor: (nullable): tells when the machine is online again; jobs do not wait for its word
 *
 * Main loop.
 *
 * Returns: (transfer full): a service that does nothing before galley_sync_service_start()
 */
GalleySyncService *
galley_sync_service_new (GalleyStore *store, GalleyTransport *transport, GNetworkMonitor *monitor)
{
  GalleySyncService *self = g_object_new (GALLEY_TYPE_SYNC_SERVICE, NULL);

  self->loop = galley_sync_loop_new (store, transport, monitor);
  g_signal_connect_object (self->loop, "moved", G_CALLBACK (loop_moved_cb), self, 0);
  g_signal_connect_object (self->loop, "job-ended", G_CALLBACK (job_ended_cb), self, 0);
  loop_moved_cb (self->loop, self);
  return self;
}

/**
 * galley_sync_service_start:
 *
 * From now on the service looks for what there is to do, and does it when this process holds the
 * workspace's lock.
 */
void
galley_sync_service_start (GalleySyncService *self)
{
  g_return_if_fail (GALLEY_IS_SYNC_SERVICE (self));

  galley_sync_loop_start (self->loop);
}

/**
 * galley_sync_service_stop_async:
 *
 * What runs is stopped and goes on at the next start; the lock is given back. Nothing uses the
 * store any more once @callback runs.
 */
void
galley_sync_service_stop_async (GalleySyncService *self,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (GALLEY_IS_SYNC_SERVICE (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, galley_sync_service_stop_async);
  galley_sync_loop_stop (self->loop);
  galley_sync_loop_add_stop_waiter (self->loop, task);
}

void
galley_sync_service_stop_finish (GalleySyncService *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

/**
 * galley_sync_service_get_queue:
 *
 * Returns: (transfer none): the jobs, open and recent: a #GListModel
 */
GalleyJobQueue *
galley_sync_service_get_queue (GalleySyncService *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_SERVICE (self), NULL);

  return galley_sync_loop_get_queue (self->loop);
}

GalleySyncState
galley_sync_service_get_state (GalleySyncService *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_SERVICE (self), GALLEY_SYNC_LOCAL_ONLY);

  return self->state;
}

guint64
galley_sync_service_get_unsent (GalleySyncService *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_SERVICE (self), 0);

  return self->unsent;
}

/**
 * galley_sync_service_get_attention:
 *
 * Returns: how many things need a person: refused changes, jobs that failed or wait for somebody
 */
guint
galley_sync_service_get_attention (GalleySyncService *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_SERVICE (self), 0);

  return self->attention;
}

/**
 * galley_sync_service_needs_sign_in:
 *
 * Returns: whether it needs a person to connect the workspace again; moves with the attention
 */
gboolean
galley_sync_service_needs_sign_in (GalleySyncService *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_SERVICE (self), FALSE);

  return self->needs_sign_in;
}

const char *
galley_sync_service_get_summary (GalleySyncService *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_SERVICE (self), NULL);

  return self->summary;
}

const char *
galley_sync_service_get_detail (GalleySyncService *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_SERVICE (self), NULL);

  return self->detail;
}

/**
 * galley_sync_service_is_holder:
 *
 * Returns: whether this process runs the jobs; else it shows those of the one that does
 */
gboolean
galley_sync_service_is_holder (GalleySyncService *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_SERVICE (self), FALSE);

  return galley_sync_loop_is_holder (self->loop);
}

gboolean
galley_sync_service_get_offline (GalleySyncService *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_SERVICE (self), FALSE);

  return self->offline;
}

/**
 * galley_sync_service_set_offline:
 *
 * The switch holds for all processes of the workspace, and over a restart.
 */
void
galley_sync_service_set_offline (GalleySyncService *self, gboolean offline)
{
  g_return_if_fail (GALLEY_IS_SYNC_SERVICE (self));

  galley_sync_loop_set_offline (self->loop, offline);
  loop_moved_cb (self->loop, self);
}

gboolean
galley_sync_service_get_paused (GalleySyncService *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_SERVICE (self), FALSE);

  return self->paused;
}

/**
 * galley_sync_service_set_paused:
 *
 * Pauses all jobs, or lets them go on; holds for all processes, and over a restart.
 */
void
galley_sync_service_set_paused (GalleySyncService *self, gboolean paused)
{
  g_return_if_fail (GALLEY_IS_SYNC_SERVICE (self));

  galley_sync_loop_set_paused (self->loop, paused);
  loop_moved_cb (self->loop, self);
}

/**
 * galley_sync_service_get_limits:
 *
 * Returns: (transfer none): what holds jobs back
 */
GalleyJobLimits *
galley_sync_service_get_limits (GalleySyncService *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_SERVICE (self), NULL);

  return galley_sync_loop_get_limits (self->loop);
}

/**
 * galley_sync_service_set_wishes:
 *
 * What is to be held back from now on, in all processes of the workspace and over a restart.
 */
void
galley_sync_service_set_wishes (GalleySyncService *self, const GalleyJobWishes *wishes)
{
  g_return_if_fail (GALLEY_IS_SYNC_SERVICE (self));

  galley_sync_loop_set_wishes (self->loop, wishes);
}

/**
 * galley_sync_service_retry_now:
 *
 * Everything that waits is tried at once, and the server asked for news, by whichever process runs
 * the jobs.
 */
void
galley_sync_service_retry_now (GalleySyncService *self)
{
  g_return_if_fail (GALLEY_IS_SYNC_SERVICE (self));

  galley_sync_loop_begin_round (self->loop);
}

/**
 * galley_sync_service_ask:
 * @job: its id
 *
 * Pauses, resumes, retries or cancels one job, by whichever process runs it.
 */
void
galley_sync_service_ask (GalleySyncService *self, gint64 job, GalleyJobAsk ask)
{
  g_return_if_fail (GALLEY_IS_SYNC_SERVICE (self));

  galley_sync_loop_ask (self->loop, job, ask);
}

/**
 * galley_sync_service_look:
 *
 * The workspace was connected, or a store that gives no signals has new changes: looks at once for
 * what there is to do.
 */
void
galley_sync_service_look (GalleySyncService *self)
{
  g_return_if_fail (GALLEY_IS_SYNC_SERVICE (self));

  galley_sync_loop_look (self->loop);
}

/**
 * galley_sync_service_run_once_async:
 * @timeout_s: how long to wait, in seconds; 0: as long as it takes
 *
 * Runs everything that is due until nothing is left that would go on by itself, in this process or
 * in the one that holds the lock. The service must have been started.
 */
void
galley_sync_service_run_once_async (GalleySyncService *self,
                                    guint timeout_s,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (GALLEY_IS_SYNC_SERVICE (self));
  g_return_if_fail (galley_sync_loop_is_started (self->loop));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, galley_sync_service_run_once_async);
  galley_sync_loop_add_waiter (self->loop, task, timeout_s);
  galley_sync_loop_begin_round (self->loop);
}

/**
 * galley_sync_service_run_once_finish:
 * @error: %GALLEY_SYNC_ERROR_UNREACHABLE when the server was not to be reached or the workspace is
 *   set to work offline, %GALLEY_SYNC_ERROR_TIMEOUT, %GALLEY_SYNC_ERROR_SIGN_IN,
 *   %GALLEY_SYNC_ERROR_SERVER for what is tried again later; a %GALLEY_DATA_ERROR when the disk
 * takes no jobs
 *
 * Returns: whether nothing is left that would go on by itself; what needs a person is counted by
 *   galley_sync_service_get_attention()
 */
gboolean
galley_sync_service_run_once_finish (GalleySyncService *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
