/* galley-pull-job.c: fetches what is new in a project
 *
 *   see how far we are ──► ask ──► check the batch ──► apply it ──┐
 *            ▲  ▲           │ ▲           │                       │
 *            │  │           │ └─ directory ┘ (a device is unknown) │
 *            │  └── go back ┘ (the server lost some of it)         │
 *            └────────────────────── more ────────────────────────┘
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-pull-job"

#include "sync/galley-pull-job.h"

#include "data/galley-stream.h"
#include "sync/galley-common-ground.h"
#include "sync/galley-directory-news.h"
#include "sync/galley-fork.h"
#include "sync/galley-pull-batch.h"
#include "sync/wire/galley-batch.h"

#include <glib/gi18n-lib.h>

/* What is applied in one transaction. */
#define BATCH_MAX_CHANGES 2000
/* Going back once finds common ground; if it does not hold, something else is wrong. */
#define MAX_BACK 3

struct _GalleyPullJob
{
  GalleyJob parent_instance;

  GalleyId project;
  char project_text[GALLEY_ID_TEXT_SIZE];
  guint64 began_after;      /* the position where this try began; G_MAXUINT64: not known yet */
  guint64 end;              /* the server's position, as last heard */
  gboolean asked_directory; /* once is enough for one try */
  gboolean registered;      /* likewise, a project that the server lost */
  guint n_back;             /* how often it went back */
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
  GalleyMark mark; /* what the server says of the stream up to the batch's end */
  gboolean has_mark;
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

  GArray *tips = application->batch->tips;

  return galley_outbox_receive (writer, &application->project,
                                (const GalleyIncoming *)incoming->data, incoming->len,
                                application->history_id, application->batch->position, error) &&
         galley_stream_keep_tips (writer, &application->project,
                                  (const GalleySignedTip *)tips->data, tips->len, error) &&
         (!application->has_mark ||
          galley_stream_check (writer, &application->project, &application->mark, error));
}

static void
applied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return galley_fork_return_error (g_steal_pointer (&task), error);

  galley_job_touch (g_task_get_source_object (task));
  see (g_steal_pointer (&task));
}

/* Takes @task and @batch. */
static void
apply (GTask *task, GalleyPullBatch *batch, const char *history_id, const char *rolling)
{
  GalleyPullJob *self = g_task_get_source_object (task);
  Application *application = g_new0 (Application, 1);

  application->project = self->project;
  application->history_id = g_strdup (history_id);
  application->batch = batch;
  application->mark.position = batch->position;
  application->has_mark = galley_hash_parse (rolling, &application->mark.rolling);
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
  char *rolling; /* (nullable): from a server that does not say it */
} Check;

static void
check_free (gpointer data)
{
  Check *check = data;

  galley_job_context_unref (check->context);
  g_bytes_unref (check->body);
  g_free (check->history_id);
  g_free (check->rolling);
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
  if (batch->position == check->after && self->end > check->after)
    return g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY,
                                    _ ("The server says there is more, but does not send it."));

  apply (g_steal_pointer (&task), g_steal_pointer (&batch), check->history_id, check->rolling);
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
  check->rolling = g_strdup (galley_response_get_header (response, "Galley-Rolling"));
  g_task_set_source_tag (checking, check_batch);
  g_task_set_task_data (checking, check, check_free);
  galley_world_run_task (galley_job_context_get_world (get_context (task)), checking,
                         check_in_thread);
}

/* ── go back ── */

typedef struct
{
  GalleyId project;
  guint64 position;
  char *history_id;
} Return;

static void
return_free (gpointer data)
{
  g_free (((Return *)data)->history_id);
  g_free (data);
}

/* writer thread */
static gboolean
write_return (GalleyWriter *writer, gpointer data, GError **error)
{
  const Return *back = data;

  return galley_stream_go_back (writer, &back->project, back->position, back->history_id, error);
}

static void
gone_back_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  galley_job_touch (g_task_get_source_object (task));
  see (g_steal_pointer (&task));
}

static void
common_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyPullJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyCommon) common = galley_common_ground_find_finish (result, &error);
  Return *back;

  if (common == NULL)
    return g_task_return_error (task, error);

  g_info ("the server’s stream is the same up to position %" G_GUINT64_FORMAT, common->position);
  galley_server_view_doubt (get_context (task)->server, &self->project);
  self->began_after = G_MAXUINT64;
  back = g_new0 (Return, 1);
  back->project = self->project;
  back->position = common->position;
  back->history_id = g_steal_pointer (&common->history_id);
  galley_store_write_async (get_context (task)->store, write_return, back, return_free, NULL,
                            gone_back_cb, g_object_ref (task));
}

/* Takes @task. */
static void
go_back (GTask *task)
{
  GalleyPullJob *self = g_task_get_source_object (task);

  if (self->n_back++ < MAX_BACK)
    return galley_common_ground_find_async (get_context (task), &self->project,
                                            g_task_get_cancellable (task), common_found_cb, task);

  g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_HISTORY,
                           _ ("The server’s stream of this project is another at each look. "
                              "Nothing that is here was changed; ask who runs the server."));
  g_object_unref (task);
}

static void
registered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);

  if (response == NULL || !galley_response_check (response, NULL, &error))
    return g_task_return_error (task, error);

  ask (g_steal_pointer (&task));
}

/* A project that was shared and is not there: it was lost, or this person may not see it any more.
 * The server says which when it is told of it again. Takes @task. */
static void
register_again (GTask *task)
{
  GalleyPullJob *self = g_task_get_source_object (task);
  g_autoptr (GalleyRequest)
      request = galley_request_new ("PUT", "/v1/projects/%s", self->project_text);

  self->registered = TRUE;
  galley_transport_send_async (get_context (task)->transport, request,
                               g_task_get_cancellable (task), registered_cb, task);
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

static gboolean
has_other_history (const GalleyOutboxState *state, GalleyResponse *response)
{
  return state->history_id != NULL &&
         g_strcmp0 (state->history_id, galley_response_get_header (response, "Galley-History")) !=
             0;
}

/* Takes @task and @error. */
static void
fail_or_go_back (GTask *task, GError *error)
{
  GalleyPullJob *self = g_task_get_source_object (task);
  gboolean other = g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_HISTORY);
  gboolean gone = g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_THERE);

  /* One that is not shared any more is offered again by what sends it. */
  if (other || (gone && get_state (task)->shared && !self->registered))
    {
      g_error_free (error);
      return other ? go_back (task) : register_again (task);
    }
  if (gone)
    {
      /* What waits to be sent says so; and without that there is nothing to do about it. */
      g_error_free (error);
      galley_server_view_forget (get_context (task)->server, &self->project);
      galley_job_set_result (GALLEY_JOB (self),
                             _ ("You have no access to this project any more. What is on this "
                                "computer stays; ask a lead to let you in again."));
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyPullJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  const GalleyOutboxState *state = get_state (task);
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);

  if (response == NULL || !galley_response_check (response, GALLEY_BATCH_MEDIA_TYPE, &error) ||
      !galley_response_get_number (response, "Galley-Position", &self->end, &error))
    return fail_or_go_back (g_steal_pointer (&task), error);
  if (self->end < state->furthest)
    return go_back (g_steal_pointer (&task));

  galley_server_view_raise (get_context (task)->server, &self->project, self->end,
                            galley_response_get_header (response, "Galley-History"));
  if (self->end <= state->position && !has_other_history (state, response))
    {
      galley_server_view_trust (get_context (task)->server, &self->project, self->end);
      return g_task_return_boolean (task, TRUE);
    }

  show_progress (self, get_state (task)->position);
  check_batch (g_steal_pointer (&task), response);
}

/* Takes @task. */
static void
ask (GTask *task)
{
  GalleyPullJob *self = g_task_get_source_object (task);
  const GalleyOutboxState *state = get_state (task);
  g_autofree char *known = galley_common_ground_to_query (state);
  /* Of own changes that the server has not answered it may have others under the same number: it
   * sends what it has, and that is compared. */
  g_autoptr (GalleyRequest)
      request = galley_request_new ("GET",
                                    "/v1/projects/%s/changes?%s&limit=%d&have=%" G_GUINT64_FORMAT,
                                    self->project_text, known, BATCH_MAX_CHANGES, state->answered);

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
      galley_server_view_trust (get_context (task)->server, &self->project, self->end);
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
  self->registered = FALSE;
  self->n_back = 0;
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
