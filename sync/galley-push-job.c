/* galley-push-job.c: sends this device's changes of a project
 *
 *   register the project, once ──► load a batch ──► send it ──► settle the verdicts ──┐
 *       ▲                               ▲               │                            │
 *       └── no such project ────────────┼───────────────┘                            │
 *                                       └────────────────── more ────────────────────┘
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-push-job"

#include "sync/galley-push-job.h"

#include "data/galley-identity.h"
#include "data/galley-outbox.h"
#include "data/galley-stream.h"
#include "sync/galley-common-ground.h"
#include "sync/galley-fork.h"
#include "sync/galley-registration.h"
#include "sync/wire/galley-batch.h"
#include "sync/wire/galley-wire-json.h"

#include <glib/gi18n-lib.h>

#define BATCH_MAX_CHANGES 500
#define BATCH_MAX_BYTES (256 * 1024)

struct _GalleyPushJob
{
  GalleyJob parent_instance;

  GalleyId project;
  char project_text[GALLEY_ID_TEXT_SIZE];
  guint64 done;        /* changes with a verdict, in this try */
  gboolean registered; /* the project, in this try */
};

G_DEFINE_FINAL_TYPE (GalleyPushJob, galley_push_job, GALLEY_TYPE_JOB)

/* What is sent at a time. */
typedef struct
{
  gboolean shared; /* the server knows the project */
  guint64 unsent;  /* with those of this batch */
  GBytes *body;    /* NULL: nothing to send */
  guint64 first_seq;
  guint64 count;
  GalleySignedTip tip;
  char *known; /* what this device knows of the stream, for the address */
} Batch;

static void
batch_free (gpointer data)
{
  Batch *batch = data;

  g_clear_pointer (&batch->body, g_bytes_unref);
  g_free (batch->known);
  g_free (batch);
}

static void load (GTask *task);

static GalleyJobContext *
get_context (GTask *task)
{
  return galley_job_get_context (g_task_get_source_object (task));
}

static Batch *
get_batch (GTask *task)
{
  return g_task_get_task_data (task);
}

/* ── settle the verdicts ── */

typedef struct
{
  GalleyId project;
  GalleyPushAnswer *answer;
  GalleySignedTip tip; /* with it others, and a later device of this workspace, can relay */
} Settlement;

static void
settlement_free (gpointer data)
{
  Settlement *settlement = data;

  galley_push_answer_free (settlement->answer);
  g_free (settlement);
}

/* writer thread: all verdicts of a batch in one transaction */
static gboolean
write_verdicts (GalleyWriter *writer, gpointer data, GError **error)
{
  Settlement *settlement = data;
  GArray *verdicts = settlement->answer->verdicts;

  return galley_outbox_settle (writer, &settlement->project, (const GalleyVerdict *)verdicts->data,
                               verdicts->len, error) &&
         galley_stream_keep_tips (writer, &settlement->project, &settlement->tip, 1, error);
}

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyPushJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  galley_job_set_progress (GALLEY_JOB (self), self->done,
                           MAX (self->done, galley_job_get_row (GALLEY_JOB (self))->total));
  load (g_steal_pointer (&task));
}

/* How many changes from the batch's first on have a verdict, without a hole; 0 for an answer that
 * speaks of changes which were not sent. */
static guint64
count_covered (const Batch *batch, GArray *verdicts)
{
  guint64 covered = 0;

  for (guint i = 0; i < verdicts->len; i++)
    {
      const GalleyVerdict *verdict = &g_array_index (verdicts, GalleyVerdict, i);

      if (verdict->first_seq != batch->first_seq + covered || verdict->count == 0 ||
          verdict->count > batch->count - covered)
        return 0;
      covered += verdict->count;
    }

  return covered;
}

/* Takes @task and @answer. */
static void
settle (GTask *task, GalleyPushAnswer *answer)
{
  GalleyPushJob *self = g_task_get_source_object (task);
  Settlement *settlement = g_new0 (Settlement, 1);

  settlement->project = self->project;
  settlement->answer = answer;
  settlement->tip = get_batch (task)->tip;
  galley_server_view_raise (get_context (task)->server, &self->project, answer->position,
                            answer->history_id);
  /* Not with the job's cancellable: the server has taken them, so that is noted. */
  galley_store_write_async (get_context (task)->store, write_verdicts, settlement, settlement_free,
                            NULL, settled_cb, task);
}

/* ── register ── */

static void
registered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!galley_registration_run_finish (result, &error))
    return g_task_return_error (task, error);

  galley_job_touch (g_task_get_source_object (task));
  load (g_steal_pointer (&task));
}

/* Takes @task. */
static void
register_project (GTask *task)
{
  GalleyPushJob *self = g_task_get_source_object (task);

  self->registered = TRUE;
  galley_registration_run_async (get_context (task), &self->project, g_task_get_cancellable (task),
                                 registered_cb, task);
}

/* ── send ── */

/* The server lacks something that it had. */
static gboolean
is_doubtful (GalleyResponse *response)
{
  g_autofree char *code = galley_response_get_code (response);

  return g_strcmp0 (code, "history") == 0 || g_strcmp0 (code, "missing") == 0;
}

/* What stands on something that the server has lost would be refused for good. A pull finds out
 * what is the same; then this goes on. */
static void
leave_to_pull (GTask *task)
{
  GalleyPushJob *self = g_task_get_source_object (task);

  galley_server_view_doubt (get_context (task)->server, &self->project);
  galley_job_set_result (GALLEY_JOB (self),
                         _ ("The server does not have all that it had. What it lacks is found out "
                            "first; then this is sent."));
  g_task_return_boolean (task, TRUE);
}

/* The server has lost the project, or has shut this person out of it: only a second try tells.
 * Takes @task. */
static void
miss_project (GTask *task)
{
  GalleyPushJob *self = g_task_get_source_object (task);

  if (!self->registered)
    return register_project (task);

  g_task_return_error (task, galley_registration_explain_missing ());
  g_object_unref (task);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyPushJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);
  g_autoptr (GalleyPushAnswer) answer = NULL;
  guint64 covered;

  if (response != NULL && is_doubtful (response))
    return leave_to_pull (task);
  if (response == NULL || !galley_response_check (response, "application/json", &error))
    {
      if (!g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_THERE))
        return galley_fork_return_error (g_steal_pointer (&task), error);
      g_error_free (error);
      return miss_project (g_steal_pointer (&task));
    }

  answer = galley_push_answer_parse (response->body, &error);
  if (answer == NULL)
    return g_task_return_error (task, galley_response_wrap_malformed (error));

  covered = count_covered (get_batch (task), answer->verdicts);
  if (covered == 0)
    return g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY,
                                    _ ("The server’s answer does not fit what was sent, so it was "
                                       "not used."));

  self->done += covered;
  settle (g_steal_pointer (&task), g_steal_pointer (&answer));
}

/* Takes @task. */
static void
send_batch (GTask *task)
{
  GalleyPushJob *self = g_task_get_source_object (task);
  g_autoptr (GalleyRequest)
      request = galley_request_new ("POST", "/v1/projects/%s/changes?%s", self->project_text,
                                    get_batch (task)->known);

  galley_request_set_body (request, get_batch (task)->body, GALLEY_BATCH_MEDIA_TYPE);
  galley_transport_send_async (get_context (task)->transport, request,
                               g_task_get_cancellable (task), sent_cb, task);
}

/* ── load ── */

/* Packs the changes, with the device's signature over the chain up to the last of them. */
static GBytes *
pack (GPtrArray *changes, const GalleyId *project, GalleyKey *key, GalleySignedTip *tip)
{
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  GalleyChange *last = changes->pdata[changes->len - 1];
  const GalleyChangeHeader *header = galley_change_get_header (last);
  GalleyRef ref = { header->device, header->seq };

  for (guint i = 0; i < changes->len; i++)
    {
      gsize bytes;
      gconstpointer data = g_bytes_get_data (galley_change_get_bytes (changes->pdata[i]), &bytes);

      galley_batch_writer_add_change (writer, data, bytes,
                                      galley_change_get_hash (changes->pdata[i]));
    }
  tip->link = (GalleyChainLink){ ref, *galley_change_get_hash (last) };
  galley_tip_sign (key, project, &ref, &tip->link.hash, tip->signature);
  galley_batch_writer_add_tip (writer, &ref, &tip->link.hash, tip->signature);
  return galley_batch_writer_finish (writer);
}

typedef struct
{
  GalleyJobContext *context;
  GalleyId project;
} Loading;

static void
loading_free (gpointer data)
{
  Loading *loading = data;

  galley_job_context_unref (loading->context);
  g_free (loading);
}

/* A device's numbers go up by one; what waits may have holes where a change has its verdict
 * already, and one batch ends before such a hole. */
static void
cut_at_hole (GPtrArray *changes)
{
  guint64 first = galley_change_get_header (changes->pdata[0])->seq;
  guint n = 1;

  while (n < changes->len && galley_change_get_header (changes->pdata[n])->seq == first + n)
    n++;
  g_ptr_array_set_size (changes, n);
}

/* What is to be sent next, and how much there is of it. */
static GPtrArray *
read_next (Loading *loading, GalleyOutboxState *state, GError **error)
{
  GalleyReader *reader = galley_store_borrow_reader (loading->context->store, error);
  GPtrArray *changes = NULL;

  if (reader == NULL)
    return NULL;
  /* Meanwhile it may have become another device, which the server does not know yet: then nothing
   * is sent, and it is wanted again. */
  if (!galley_identity_is_settled (reader))
    {
      state->shared = TRUE;
      changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
    }
  else if (galley_outbox_get_state (reader, &loading->project, state, error))
    changes = galley_outbox_next (reader, &loading->project, BATCH_MAX_CHANGES, BATCH_MAX_BYTES,
                                  error);
  galley_store_return_reader (loading->context->store, reader);
  return changes;
}

/* The key may have moved on since they were read. */
static gboolean
is_own (GPtrArray *changes, GalleyKey *key)
{
  return galley_id_equal (&galley_change_get_header (changes->pdata[0])->device,
                          galley_key_get_device (key));
}

/* A thread of the pool. */
static void
load_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Loading *loading = data;
  GError *error = NULL; /* handed to the task */
  g_auto (GalleyOutboxState) state = { 0 };
  g_autoptr (GPtrArray) changes = read_next (loading, &state, &error);
  GalleyKey *key = galley_store_get_key (loading->context->store);
  Batch *batch;

  if (changes == NULL)
    return g_task_return_error (task, error);

  batch = g_new0 (Batch, 1);
  batch->shared = state.shared;
  batch->unsent = state.unsent;
  batch->known = galley_common_ground_to_query (&state);
  /* What stands on something that came by hand goes out together with it: see the relay job. */
  if (changes->len > 0 && state.carried == 0 && is_own (changes, key))
    {
      cut_at_hole (changes);
      batch->first_seq = galley_change_get_header (changes->pdata[0])->seq;
      batch->count = changes->len;
      batch->body = pack (changes, &loading->project, key, &batch->tip);
    }
  g_task_return_pointer (task, batch, batch_free);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyPushJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  Batch *batch = g_task_propagate_pointer (G_TASK (result), &error);

  if (batch == NULL)
    return g_task_return_error (task, error);

  g_task_set_task_data (task, batch, batch_free);
  galley_job_set_progress (GALLEY_JOB (self), self->done, self->done + batch->unsent);
  if (!batch->shared)
    register_project (g_steal_pointer (&task));
  else if (batch->body != NULL)
    send_batch (g_steal_pointer (&task));
  else
    g_task_return_boolean (task, TRUE);
}

/* Takes @task. */
static void
load (GTask *task)
{
  GalleyPushJob *self = g_task_get_source_object (task);
  g_autoptr (GTask) loading_task = NULL;
  Loading *loading;

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }

  loading = g_new0 (Loading, 1);
  loading->context = galley_job_context_ref (get_context (task));
  loading->project = self->project;
  loading_task = g_task_new (NULL, NULL, loaded_cb, task);
  g_task_set_source_tag (loading_task, load);
  g_task_set_task_data (loading_task, loading, loading_free);
  galley_world_run_task (galley_job_context_get_world (get_context (task)), loading_task,
                         load_in_thread);
}

static void
galley_push_job_run_async (GalleyJob *job,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GalleyPushJob *self = GALLEY_PUSH_JOB (job);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, galley_push_job_run_async);
  self->project = galley_job_get_row (job)->project;
  galley_id_print (&self->project, self->project_text);
  self->done = 0;
  self->registered = FALSE;
  load (task);
}

static void
galley_push_job_class_init (GalleyPushJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  job_class->kind = "push";
  job_class->unit = "changes";
  job_class->max_running = 2;
  job_class->run_async = galley_push_job_run_async;
}

static void
galley_push_job_init (GalleyPushJob *self)
{
}
