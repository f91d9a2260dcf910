/* galley-pull-job.c: fetches what is new in a project
 *
 *   see how far we are ──► ask ──► check the batch ──► apply it ──┐
 *            ▲              ▲             │                       │
 *            │              └── directory ┘ (a device is unknown) │
 *            └────────────────────── more ────────────────────────┘
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-pull-job"

#include "sync/galley-pull-job.h"

#include "sync/galley-directory-news.h"
#include "sync/galley-pull-batch.h"
#include "sync/wire/galley-batch.h"

#include <glib/gi18n-lib.h>

/* What is applied in one transaction. */
#define BATCH_MAX_CHANGES 2000

struct _GalleyPullJob
{
  GalleyJob parent_instance;

  GalleyId project;
  char project_text[GALLEY_ID_TEXT_SIZE];
  guint64 began_after;      /* the position where this try began; G_MAXUINT64: not known yet */
  guint64 end;              /* the server's position, as last heard */
  gboolean asked_directory; /* once is enough for one try */
};

G_DEFINE_FINAL_TYPE (GalleyPullJob, galley_pull_job, GALLEY_TYPE_JOB)

static void see (GTask *task);
static void ask (GTask *task);

static GalleyJobContext *
get_context (GTask *task)
{
  return galley_job_get_context (g_task_get_source_object (task));
}

/* How far this device is. */
static GalleyOutboxState *
get_state (GTask *task)
{
  return g_task_get_task_data (task);
}

static void
state_free (gpointer state)
{
  galley_outbox_state_clear (state);
  g_free (state);
}

/* ── apply ── */

typedef struct
{
  GalleyId project;
  char *history_id;
  GalleyPullBatch *batch;
} Application;

static void
application_free (gpointer data)
{
  Application *application = data;

  g_free (application->history_id);
  galley_pull_batch_free (application->batch);
  g_free (application);
}

/* writer thread: the changes and the position in one transaction */
static gboolean
write_batch (GalleyWriter *writer, gpointer data, GError **error)
{
  Application *application = data;
  GArray *incoming = application->batch->incoming;

  return galley_outbox_receive (writer, &application->project,
                                (const GalleyIncoming *)incoming->data, incoming->len,
                                application->history_id, application->batch->position, error);
}

static void
applied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  galley_job_touch (g_task_get_source_object (task));
  see (g_steal_pointer (&task));
}

/* Takes @task and @batch. */
static void
apply (GTask *task, GalleyPullBatch *batch, const char *history_id)
{
  GalleyPullJob *self = g_task_get_source_object (task);
  Application *application = g_new0 (Application, 1);

  application->project = self->project;
  application->history_id = g_strdup (history_id);
  application->batch = batch;
  galley_store_write_async (get_context (task)->store, write_batch, application, application_free,
                            g_task_get_cancellable (task), applied_cb, task);
}

/* ── check ── */

typedef struct
{
  GalleyJobContext *context;
  GalleyId project;
  guint64 after;
  GBytes *body;
  char *history_id;
} Check;

static void
check_free (gpointer data)
{
  Check *check = data;

  galley_job_context_unref (check->context);
  g_bytes_unref (check->body);
  g_free (check->history_id);
  g_free (check);
}

/* A thread of the pool. */
static void
check_in_thread (GTask *checking, gpointer source, gpointer data, GCancellable *cancellable)
{
  Check *check = data;
  GError *error = NULL; /* handed to the task */
  GalleyReader *reader = galley_store_borrow_reader (check->context->store, &error);
  GalleyPullBatch *batch = NULL;

  if (reader != NULL)
    {
      batch = galley_pull_batch_read (check->body, &check->project, check->after, reader,
                                      galley_store_get_key (check->context->store), &error);
      galley_store_return_reader (check->context->store, reader);
    }
  if (batch == NULL)
    return g_task_return_error (checking, error);

  g_task_return_pointer (checking, batch, (GDestroyNotify)galley_pull_batch_free);
}

static void
directory_fetched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!galley_directory_news_fetch_finish (result, &error))
    return g_task_return_error (task, error);

  galley_job_touch (g_task_get_source_object (task));
  ask (g_steal_pointer (&task));
}

/* A device that joined since the server was last asked who is who. Takes @task. */
static void
ask_directory (GTask *task)
{
  GalleyPullJob *self = g_task_get_source_object (task);

  self->asked_directory = TRUE;
  galley_directory_news_fetch_async (get_context (task), g_task_get_cancellable (task),
                                     directory_fetched_cb, task);
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyPullJob *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (G_TASK (result));
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyPullBatch) batch = g_task_propagate_pointer (G_TASK (result), &error);

  if (batch == NULL && !self->asked_directory &&
      g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      return ask_directory (g_steal_pointer (&task));
    }
  if (batch == NULL)
    return g_task_return_error (task, error);
  if (batch->position == check->after)
    return g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY,
                                    _ ("The server says there is more, but does not send it."));

  apply (g_steal_pointer (&task), g_steal_pointer (&batch), check->history_id);
}

/* Takes @task. */
static void
check_batch (GTask *task, GalleyResponse *response)
{
  GalleyPullJob *self = g_task_get_source_object (task);
  Check *check = g_new0 (Check, 1);
  g_autoptr (GTask) checking = g_task_new (NULL, NULL, checked_cb, task);

  check->context = galley_job_context_ref (get_context (task));
  check->project = self->project;
  check->after = get_state (task)->position;
  check->body = g_bytes_ref (response->body);
  check->history_id = g_strdup (galley_response_get_header (response, "Galley-History"));
  g_task_set_source_tag (checking, check_batch);
  g_task_set_task_data (checking, check, check_free);
  galley_world_run_task (galley_job_context_get_world (get_context (task)), checking,
                         check_in_thread);
}

/* ── ask ── */

static void
show_progress (GalleyPullJob *self, guint64 position)
{
  if (self->began_after == G_MAXUINT64)
    self->began_after = position;
  galley_job_set_progress (GALLEY_JOB (self), position - self->began_after,
                           MAX (self->end, position) - self->began_after);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyPullJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);

  if (response == NULL || !galley_response_check (response, GALLEY_BATCH_MEDIA_TYPE, &error) ||
      !galley_response_get_number (response, "Galley-Position", &self->end, &error))
    return g_task_return_error (task, error);

  galley_server_view_raise (get_context (task)->server, &self->project, self->end,
                            galley_response_get_header (response, "Galley-History"));
  if (self->end <= get_state (task)->position)
    return g_task_return_boolean (task, TRUE);

  show_progress (self, get_state (task)->position);
  check_batch (g_steal_pointer (&task), response);
}

/* Takes @task. */
static void
ask (GTask *task)
{
  GalleyPullJob *self = g_task_get_source_object (task);
  const GalleyOutboxState *state = get_state (task);
  g_autofree char *history =
      g_uri_escape_string (state->history_id != NULL ? state->history_id : "", NULL, FALSE);
  g_autoptr (GalleyRequest)
      request = galley_request_new ("GET",
                                    "/v1/projects/%s/changes?after=%" G_GUINT64_FORMAT
                                    "&limit=%d&have=%" G_GUINT64_FORMAT "%s%s",
                                    self->project_text, state->position, BATCH_MAX_CHANGES,
                                    state->own_seq, *history != '\0' ? "&history=" : "", history);

  galley_request_add_header (request, "Accept", GALLEY_BATCH_MEDIA_TYPE);
  galley_transport_send_async (get_context (task)->transport, request,
                               g_task_get_cancellable (task), answered_cb, task);
}

/* ── see how far we are ── */

/* reader thread */
static gpointer
read_state (GalleyReader *reader, gpointer data, GError **error)
{
  GalleyOutboxState *state = g_new0 (GalleyOutboxState, 1);

  if (!galley_outbox_get_state (reader, data, state, error))
    g_clear_pointer (&state, g_free);
  return state;
}

static void
seen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyPullJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  GalleyOutboxState *state = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  if (state == NULL)
    return g_task_return_error (task, error);

  g_task_set_task_data (task, state, state_free);
  if (self->end != 0 && state->position >= self->end)
    {
      show_progress (self, state->position);
      return g_task_return_boolean (task, TRUE);
    }
  ask (g_steal_pointer (&task));
}

/* Takes @task. */
static void
see (GTask *task)
{
  GalleyPullJob *self = g_task_get_source_object (task);

  galley_store_read_async (get_context (task)->store, read_state,
                           g_memdup2 (&self->project, sizeof self->project), g_free, state_free,
                           g_task_get_cancellable (task), seen_cb, task);
}

static void
galley_pull_job_run_async (GalleyJob *job,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GalleyPullJob *self = GALLEY_PULL_JOB (job);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, galley_pull_job_run_async);
  self->project = galley_job_get_row (job)->project;
  galley_id_print (&self->project, self->project_text);
  self->began_after = G_MAXUINT64;
  self->end = 0;
  self->asked_directory = FALSE;
  see (task);
}

static void
galley_pull_job_class_init (GalleyPullJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  job_class->kind = "pull";
  job_class->unit = "changes";
  job_class->max_running = 2;
  job_class->run_async = galley_pull_job_run_async;
}

static void
galley_pull_job_init (GalleyPullJob *self)
{
}
