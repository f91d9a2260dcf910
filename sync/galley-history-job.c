/* galley-history-job.c: fetches the older changes of a project that began with a snapshot
 *
 *   see how far it is ──► ask ──► check the batch, keep it ──┐
 *            ▲                                               │
 *            └──────────────────── more ─────────────────────┘
 *   all of it: compare with the snapshot, and take its place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-history-job"

#include "sync/galley-history-job.h"

#include "data/galley-outbox.h"
#include "data/galley-snapshot-install.h"
#include "sync/galley-pull-batch.h"
#include "sync/wire/galley-batch.h"

#include <glib/gi18n-lib.h>

#define BATCH_MAX_CHANGES 2000

struct _GalleyHistoryJob
{
  GalleyJob parent_instance;

  GalleyId project;
  char project_text[GALLEY_ID_TEXT_SIZE];
  GalleyHistoryState state;
  char *history_id; /* (nullable): of the stream that the snapshot is part of */
};

G_DEFINE_FINAL_TYPE (GalleyHistoryJob, galley_history_job, GALLEY_TYPE_JOB)

static void see (GTask *task);

static GalleyJobContext *
get_context (GTask *task)
{
  return galley_job_get_context (g_task_get_source_object (task));
}

/* What a thread of the pool works with. */
typedef struct
{
  GalleyJobContext *context;
  GalleyId project;
  guint64 after;
  GBytes *body; /* (nullable): of a batch; NULL: all is here */
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  galley_job_context_unref (work->context);
  g_clear_pointer (&work->body, g_bytes_unref);
  g_free (work);
}

/* @body: (nullable). Takes @task. */
static void
run_in_thread (GTask *task, GBytes *body, GTaskThreadFunc func, GAsyncReadyCallback callback)
{
  GalleyHistoryJob *self = g_task_get_source_object (task);
  g_autoptr (GTask) working = g_task_new (self, g_task_get_cancellable (task), callback, task);
  Work *work = g_new0 (Work, 1);

  work->context = galley_job_context_ref (get_context (task));
  work->project = self->project;
  work->after = self->state.fetched;
  work->body = body != NULL ? g_bytes_ref (body) : NULL;
  g_task_set_source_tag (working, run_in_thread);
  g_task_set_task_data (working, work, work_free);
  galley_world_run_task (galley_job_context_get_world (get_context (task)), working, func);
}

/* ── all of it is here ── */

/* writer thread: nobody waits for it any more */
static gboolean
clear_asked (GalleyWriter *writer, gpointer data, GError **error)
{
  const Work *work = data;

  return galley_history_set_asked (writer, &work->project, FALSE, error);
}

static void
finish_in_thread (GTask *working, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL; /* handed to the task */

  if (!galley_history_finish (work->context->store, &work->project, &error) ||
      !galley_store_write (work->context->store, clear_asked, work, &error))
    return g_task_return_error (working, error);

  g_task_return_boolean (working, TRUE);
}

static void
finished_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    return g_task_return_error (task, error);

  g_task_return_boolean (task, TRUE);
}

/* ── keep ── */

static void
keep_in_thread (GTask *working, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GalleyStore *store = work->context->store;
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyReader) reader = galley_store_open_reader (store, &error);
  g_autoptr (GalleyPullBatch) batch = NULL;

  if (reader != NULL)
    batch = galley_pull_batch_read (work->body, &work->project, work->after, reader,
                                    galley_store_get_key (store), &error);
  if (batch != NULL && batch->position == work->after)
    g_set_error (&error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY,
                 _ ("The server says there is more, but does not send it."));
  if (error != NULL ||
      !galley_history_add (store, &work->project, (const GalleyIncoming *)batch->incoming->data,
                           batch->incoming->len, &error))
    return g_task_return_error (working, error);

  g_task_return_boolean (working, TRUE);
}

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    return g_task_return_error (task, error);

  see (g_steal_pointer (&task));
}

/* ── ask ── */

/* What a server sends that was set back meanwhile does not lead to the snapshot. */
static gboolean
is_same_stream (GalleyHistoryJob *self, GalleyResponse *response, GError **error)
{
  if (self->history_id == NULL ||
      g_strcmp0 (self->history_id, galley_response_get_header (response, "Galley-History")) == 0)
    return TRUE;

  g_set_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_HISTORY,
               _ ("The server was set back to an earlier state. The older changes are fetched when "
                  "it has everything again."));
  return FALSE;
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);

  if (response == NULL || !galley_response_check (response, GALLEY_BATCH_MEDIA_TYPE, &error) ||
      !is_same_stream (g_task_get_source_object (task), response, &error))
    return g_task_return_error (task, error);

  run_in_thread (g_steal_pointer (&task), response->body, keep_in_thread, kept_cb);
}

/* Takes @task. */
static void
ask (GTask *task)
{
  GalleyHistoryJob *self = g_task_get_source_object (task);
  g_autoptr (GalleyRequest)
      request = galley_request_new ("GET",
                                    "/v1/projects/%s/changes?after=%" G_GUINT64_FORMAT "&limit=%d",
                                    self->project_text, self->state.fetched, BATCH_MAX_CHANGES);

  galley_request_add_header (request, "Accept", GALLEY_BATCH_MEDIA_TYPE);
  galley_transport_send_async (get_context (task)->transport, request,
                               g_task_get_cancellable (task), answered_cb, task);
}

/* ── see how far it is ── */

typedef struct
{
  GalleyHistoryState history;
  GalleyOutboxState outbox;
} State;

static void
state_free (gpointer data)
{
  State *state = data;

  galley_outbox_state_clear (&state->outbox);
  g_free (state);
}

/* reader thread */
static gpointer
read_state (GalleyReader *reader, gpointer data, GError **error)
{
  State *state = g_new0 (State, 1);

  if (!galley_history_get_state (reader, data, &state->history, error) ||
      !galley_outbox_get_state (reader, data, &state->outbox, error))
    g_clear_pointer (&state, state_free);
  return state;
}

static void
seen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyHistoryJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  State *state = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  if (state == NULL)
    return g_task_return_error (task, error);

  self->state = state->history;
  g_free (self->history_id);
  self->history_id = g_steal_pointer (&state->outbox.history_id);
  state_free (state);
  galley_job_set_progress (GALLEY_JOB (self), self->state.fetched, self->state.position);
  if (self->state.fetched < self->state.position)
    ask (g_steal_pointer (&task));
  else
    run_in_thread (g_steal_pointer (&task), NULL, finish_in_thread, finished_cb);
}

/* Takes @task. */
static void
see (GTask *task)
{
  GalleyHistoryJob *self = g_task_get_source_object (task);

  galley_store_read_async (get_context (task)->store, read_state,
                           g_memdup2 (&self->project, sizeof self->project), g_free, state_free,
                           g_task_get_cancellable (task), seen_cb, task);
}

static void
galley_history_job_run_async (GalleyJob *job,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GalleyHistoryJob *self = GALLEY_HISTORY_JOB (job);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, galley_history_job_run_async);
  self->project = galley_job_get_row (job)->project;
  galley_id_print (&self->project, self->project_text);
  see (task);
}

static void
galley_history_job_finalize (GObject *object)
{
  g_free (GALLEY_HISTORY_JOB (object)->history_id);
  G_OBJECT_CLASS (galley_history_job_parent_class)->finalize (object);
}

static void
galley_history_job_class_init (GalleyHistoryJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = galley_history_job_finalize;
  job_class->kind = "history";
  job_class->unit = "changes";
  job_class->max_running = 1;
  job_class->large = TRUE;
  job_class->background = TRUE;
  job_class->run_async = galley_history_job_run_async;
}

static void
galley_history_job_init (GalleyHistoryJob *self)
{
}
