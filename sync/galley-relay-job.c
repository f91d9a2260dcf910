/* galley-relay-job.c: sends what the server had and lost, and what came by hand, also of other
 * devices
 *
 *   ask what the server has ──► find what it lacks ──► send that ──► settle the verdicts ──┐
 *              ▲                        │                                                  │
 *              │                        └── nothing: note that, and say what was lost      │
 *              └───────────────────────────── more ────────────────────────────────────────┘
 *
 * Each device's signature shows that its changes are its own, whoever brings them; so any device
 * that has them can, and several that do are no harm.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-relay-job"

#include "sync/galley-relay-job.h"

#include "data/galley-directory.h"
#include "data/galley-outbox.h"
#include "data/galley-relay.h"
#include "sync/galley-common-ground.h"
#include "sync/wire/galley-batch.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _GalleyRelayJob
{
  GalleyJob parent_instance;

  GalleyId project;
  char project_text[GALLEY_ID_TEXT_SIZE];
  guint64 n_lost; /* of what was sent, in this try, the server had had this many changes */
  guint64 n_sent;
  gboolean restored; /* the server lost some; else changes came by hand */
};

G_DEFINE_FINAL_TYPE (GalleyRelayJob, galley_relay_job, GALLEY_TYPE_JOB)

static void ask (GTask *task);

static GalleyJobContext *
get_context (GTask *task)
{
  return galley_job_get_context (g_task_get_source_object (task));
}

/* ── nothing is left ── */

/* writer thread */
static gboolean
write_end (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_stream_end_relay (writer, data, error);
}

/* Returns: (nullable) */
static char *
describe (guint64 n_lost, gboolean restored)
{
  guint n = (guint)MIN (n_lost, G_MAXUINT);

  if (!restored && n == 0)
    return NULL;
  if (!restored)
    return g_strdup_printf (ngettext ("%u change that came in a bundle was passed on to the "
                                      "server.",
                                      "%u changes that came in bundles were passed on to the "
                                      "server.",
                                      n),
                            n);
  if (n == 0)
    return g_strdup (_ ("The server was restored from a backup. It has everything that this "
                        "computer has."));

  return g_strdup_printf (ngettext ("The server was restored from a backup and had lost %u change; "
                                    "it was sent again from this computer.",
                                    "The server was restored from a backup and had lost %u "
                                    "changes; they were sent again from this computer.",
                                    n),
                          n);
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyRelayJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autofree char *what = describe (self->n_lost, self->restored);

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  galley_job_set_result (GALLEY_JOB (self), what);
  g_task_return_boolean (task, TRUE);
}

/* Takes @task. */
static void
end (GTask *task)
{
  GalleyRelayJob *self = g_task_get_source_object (task);

  galley_store_write_async (get_context (task)->store, write_end,
                            g_memdup2 (&self->project, sizeof self->project), g_free, NULL,
                            ended_cb, task);
}

/* ── settle the verdicts ── */

typedef struct
{
  GalleyId project;
  GalleyPushAnswer *answer;
} Settlement;

static void
settlement_free (gpointer data)
{
  Settlement *settlement = data;

  galley_push_answer_free (settlement->answer);
  g_free (settlement);
}

/* writer thread */
static gboolean
write_verdicts (GalleyWriter *writer, gpointer data, GError **error)
{
  Settlement *settlement = data;
  GArray *verdicts = settlement->answer->verdicts;

  return galley_outbox_settle (writer, &settlement->project, (const GalleyVerdict *)verdicts->data,
                               verdicts->len, error);
}

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyRelayJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  galley_job_set_progress (GALLEY_JOB (self), self->n_sent, self->n_sent);
  ask (g_steal_pointer (&task));
}

/* ── send ── */

/* What is on its way. */
typedef struct
{
  GBytes *body; /* (nullable): nothing can be sent */
  guint64 n_links, n_lost, n_left;
  char *absent; /* (nullable): whose device the server does not know */
  gboolean restored;
} Package;

static void
package_free (gpointer data)
{
  Package *package = data;

  g_clear_pointer (&package->body, g_bytes_unref);
  g_free (package->absent);
  g_free (package);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyRelayJob *self = g_task_get_source_object (task);
  const Package *package = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);
  g_autoptr (GalleyPushAnswer) answer = NULL;
  Settlement *settlement;

  if (response == NULL || !galley_response_check (response, "application/json", &error))
    return g_task_return_error (task, error);
  answer = galley_push_answer_parse (response->body, &error);
  if (answer == NULL)
    return g_task_return_error (task, galley_response_wrap_malformed (error));

  self->n_sent += package->n_links;
  self->n_lost += package->n_lost;
  galley_server_view_raise (get_context (task)->server, &self->project, answer->position,
                            answer->history_id);
  settlement = g_new0 (Settlement, 1);
  settlement->project = self->project;
  settlement->answer = g_steal_pointer (&answer);
  galley_store_write_async (get_context (task)->store, write_verdicts, settlement, settlement_free,
                            NULL, settled_cb, g_object_ref (task));
}

/* What can be sent was; the rest waits for whom it is of. */
static void
stop_short_of_carried (GTask *task, const Package *package)
{
  if (package->absent != NULL)
    g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_THERE,
                             _ ("The server does not know a computer of %s, whose changes came in "
                                "a bundle. They go on, with what stands on them, when that "
                                "computer is connected."),
                             package->absent);
  else
    g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_THERE,
                             _ ("Changes that came in a bundle stand on others that the server "
                                "does not have yet. They go on when those have come."));
}

static void
stop_short (GTask *task, const Package *package)
{
  if (!package->restored)
    return stop_short_of_carried (task, package);
  if (package->absent != NULL)
    g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_HISTORY,
                             _ ("The server was restored from a backup and does not know a "
                                "computer of %s any more. Changes that were made on it are sent "
                                "again when it is connected with a new invite code."),
                             package->absent);
  else
    g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_HISTORY,
                             _ ("The server was restored from a backup. It still lacks changes "
                                "that only another computer can send again."));
}

/* ── find what the server lacks ── */

typedef struct
{
  GalleyJobContext *context;
  GalleyId project;
  GArray *chains;
} Loading;

static void
loading_free (gpointer data)
{
  Loading *loading = data;

  galley_job_context_unref (loading->context);
  g_array_unref (loading->chains);
  g_free (loading);
}

static void
add_links (GalleyBatchWriter *writer, const GalleyRelay *relay)
{
  for (guint i = 0; i < relay->links->len; i++)
    {
      const GalleyRelayLink *link = relay->links->pdata[i];
      gsize bytes;
      gconstpointer data;

      if (link->bytes == NULL)
        {
          galley_batch_writer_add_gap (writer, &link->link.ref, &link->link.hash);
          continue;
        }
      data = g_bytes_get_data (link->bytes, &bytes);
      galley_batch_writer_add_change (writer, data, bytes, &link->link.hash);
    }
}

static GBytes *
pack (const GalleyRelay *relay, const GalleyId *project, GalleyKey *key)
{
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();

  add_links (writer, relay);
  for (guint i = 0; i < relay->tips->len; i++)
    {
      GalleySignedTip *tip = &g_array_index (relay->tips, GalleySignedTip, i);

      if (galley_id_equal (&tip->link.ref.device, galley_key_get_device (key)))
        galley_tip_sign (key, project, &tip->link.ref, &tip->link.hash, tip->signature);
      galley_batch_writer_add_tip (writer, &tip->link.ref, &tip->link.hash, tip->signature);
    }
  return galley_batch_writer_finish (writer);
}

static char *
name_owner (GalleyReader *reader, const GalleyId *device)
{
  g_autoptr (GalleyDevice) known = galley_directory_get_device (reader, device, NULL);

  return known != NULL ? galley_directory_name_of (reader, &known->person)
                       : g_strdup (_ ("somebody"));
}

/* A thread of the pool. */
static void
load_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Loading *loading = data;
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyReader) reader = galley_store_open_reader (loading->context->store, &error);
  g_auto (GalleyOutboxState) state = { 0 };
  g_autoptr (GalleyRelay) relay = NULL;
  Package *package;

  if (reader == NULL || !galley_outbox_get_state (reader, &loading->project, &state, &error))
    return g_task_return_error (task, error);
  relay = galley_relay_next (reader, &loading->project, loading->chains, state.lost, &error);
  if (relay == NULL)
    return g_task_return_error (task, error);

  package = g_new0 (Package, 1);
  package->restored = state.lost != 0;
  package->n_links = relay->links->len;
  package->n_lost = relay->n_lost;
  package->n_left = relay->n_left;
  if (relay->links->len > 0)
    package->body = pack (relay, &loading->project, galley_store_get_key (loading->context->store));
  if (!galley_id_is_nil (&relay->absent))
    package->absent = name_owner (reader, &relay->absent);
  g_task_return_pointer (task, package, package_free);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyRelayJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  Package *package = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (GalleyRequest) request = NULL;

  if (package == NULL)
    return g_task_return_error (task, error);

  self->restored |= package->restored;
  g_task_set_task_data (task, package, package_free);
  if (package->body == NULL && package->n_left == 0)
    return end (g_steal_pointer (&task));
  if (package->body == NULL)
    return stop_short (task, package);

  galley_job_set_progress (GALLEY_JOB (self), self->n_sent, self->n_sent + package->n_links);
  request = galley_request_new ("POST", "/v1/projects/%s/changes?again=1", self->project_text);
  galley_request_set_body (request, package->body, GALLEY_BATCH_MEDIA_TYPE);
  galley_transport_send_async (get_context (task)->transport, request,
                               g_task_get_cancellable (task), sent_cb, g_object_ref (task));
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyRelayJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyCommon) common = galley_common_ground_find_finish (result, &error);
  g_autoptr (GTask) loading_task = NULL;
  Loading *loading;

  if (common == NULL)
    return g_task_return_error (task, error);

  galley_job_touch (GALLEY_JOB (self));
  loading = g_new0 (Loading, 1);
  loading->context = galley_job_context_ref (get_context (task));
  loading->project = self->project;
  loading->chains = g_array_ref (common->chains);
  loading_task = g_task_new (NULL, NULL, loaded_cb, g_steal_pointer (&task));
  g_task_set_source_tag (loading_task, load_in_thread);
  g_task_set_task_data (loading_task, loading, loading_free);
  galley_world_run_task (galley_job_context_get_world (loading->context), loading_task,
                         load_in_thread);
}

/* Takes @task. */
static void
ask (GTask *task)
{
  GalleyRelayJob *self = g_task_get_source_object (task);

  galley_common_ground_find_async (get_context (task), &self->project,
                                   g_task_get_cancellable (task), found_cb, task);
}

static void
galley_relay_job_run_async (GalleyJob *job,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GalleyRelayJob *self = GALLEY_RELAY_JOB (job);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, galley_relay_job_run_async);
  self->project = galley_job_get_row (job)->project;
  galley_id_print (&self->project, self->project_text);
  self->n_lost = self->n_sent = 0;
  self->restored = FALSE;
  ask (task);
}

static void
galley_relay_job_class_init (GalleyRelayJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  job_class->kind = "relay";
  job_class->unit = "changes";
  job_class->max_running = 1;
  job_class->waits_for_others = TRUE;
  job_class->run_async = galley_relay_job_run_async;
}

static void
galley_relay_job_init (GalleyRelayJob *self)
{
}
