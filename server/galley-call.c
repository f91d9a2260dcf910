/* galley-call.c: one request: what was asked, by whom, and the answer when a worker has it
 *
 *   handler ──► queue ──► work, on a worker ──► answer, on the main loop
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-call"

#include "server/galley-call.h"

#include "data/galley-worker.h"

#include <glib/gi18n-lib.h>

/* Calls that wait; a device that is told to come back later loses nothing. */
#define MAX_WAITING 1000
/* Verifying a file is reading it once: more at a time only make the disk seek. */
#define N_FILE_WORKERS 2

struct _GalleyCallQueue
{
  GalleyWorker *database; /* of one thread: the back end takes one at a time */
  GalleyWorker *files;
  GMainContext *context;
  guint n_running;
};

/* What goes back to the main loop. */
typedef struct
{
  GalleyCallQueue *queue;
  GalleyCall *call; /* (owned) */
  GError *error;    /* (owned) (nullable) */
} Done;

/* ── answers ── */

/**
 * galley_message_answer:
 * @body: (nullable): %NULL for none
 */
void
galley_message_answer (SoupServerMessage *message,
                       guint status,
                       const char *media_type,
                       GBytes *body)
{
  SoupMessageBody *response = soup_server_message_get_response_body (message);

  soup_server_message_set_status (message, status, NULL);
  if (body == NULL)
    return;

  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Content-Type",
                                media_type);
  soup_message_body_truncate (response);
  soup_message_body_append_bytes (response, body);
}

/**
 * galley_message_fail:
 * @error: becomes a problem in JSON; what is the server's own trouble goes to the log in full
 */
void
galley_message_fail (SoupServerMessage *message, const GError *error)
{
  g_autoptr (GBytes) problem = galley_server_error_to_problem (error);
  guint status = galley_server_error_get_status (error);
  guint patience_s = galley_server_error_get_patience (error);
  g_autofree char *patience = g_strdup_printf ("%u", patience_s);

  if (status >= 500 && error->domain != GALLEY_SERVER_ERROR)
    g_warning ("%s %s: %s", soup_server_message_get_method (message),
               g_uri_get_path (soup_server_message_get_uri (message)), error->message);
  if (patience_s > 0)
    soup_message_headers_replace (soup_server_message_get_response_headers (message), "Retry-After",
                                  patience);
  galley_message_answer (message, status, "application/problem+json", problem);
}

/* ── calls ── */

static void
gone_cb (SoupServerMessage *message, gpointer data)
{
  ((GalleyCall *)data)->gone = TRUE;
}

/**
 * galley_call_new:
 *
 * Returns: (transfer full): a call that is to be filled in
 */
GalleyCall *
galley_call_new (GalleyServer *server, SoupServerMessage *message)
{
  GalleyCall *call = g_new0 (GalleyCall, 1);

  call->server = g_object_ref (server);
  call->message = g_object_ref (message);
  g_signal_connect (message, "finished", G_CALLBACK (gone_cb), call);
  g_signal_connect (message, "disconnected", G_CALLBACK (gone_cb), call);
  return call;
}

void
galley_call_free (GalleyCall *call)
{
  if (call->release != NULL)
    call->release (call);
  g_signal_handlers_disconnect_by_data (call->message, call);
  g_clear_object (&call->message);
  g_clear_object (&call->server);
  g_clear_pointer (&call->history, g_free);
  g_clear_pointer (&call->digests, g_array_unref);
  g_clear_pointer (&call->flag, galley_flag_change_free);
  g_clear_pointer (&call->body, g_bytes_unref);
  g_clear_pointer (&call->answer, g_bytes_unref);
  g_clear_pointer (&call->pulled, galley_pull_answer_free);
  g_clear_pointer (&call->pushed, galley_push_answer_free);
  g_free (call);
}

static void
answer (Done *done)
{
  GalleyCall *call = done->call;

  if (done->error == NULL)
    {
      galley_message_answer (call->message, call->status != 0 ? call->status : 200,
                             call->media_type, call->answer);
      if (call->finish != NULL)
        call->finish (call, &done->error);
    }
  if (done->error != NULL)
    {
      galley_server_count_failure (call->server);
      galley_message_fail (call->message, done->error);
    }
}

static gboolean
done_cb (gpointer data)
{
  Done *done = data;

  done->queue->n_running--;
  answer (done);
  /* What was done is done and announced, also when nobody waits for the answer any more. */
  if (!done->call->gone)
    soup_server_message_unpause (done->call->message);

  g_clear_error (&done->error);
  galley_call_free (done->call);
  g_free (done);
  return G_SOURCE_REMOVE;
}

/* ── workers ── */

static void
work_cb (gpointer data, gpointer user_data)
{
  GalleyCallQueue *self = user_data;
  Done *done = g_new0 (Done, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  done->queue = self;
  done->call = data;
  done->call->work (done->call, &done->error);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, done_cb, done, NULL);
  g_source_attach (source, self->context);
}

GalleyCallQueue *
galley_call_queue_new (const GalleyWorld *world)
{
  GalleyCallQueue *self = g_new0 (GalleyCallQueue, 1);

  self->context = g_main_context_ref_thread_default ();
  self->database = galley_worker_new (world, work_cb, self, 1);
  self->files = galley_worker_new (world, work_cb, self, N_FILE_WORKERS);
  return self;
}

/* Nothing runs any more. */
void
galley_call_queue_free (GalleyCallQueue *self)
{
  g_warn_if_fail (self->n_running == 0);
  galley_worker_free (self->database);
  galley_worker_free (self->files);
  g_main_context_unref (self->context);
  g_free (self);
}

/**
 * galley_call_queue_push:
 * @call: taken when %TRUE is returned; its message waits until the answer is there
 * @error: %GALLEY_SERVER_ERROR_BUSY when too many wait
 *
 * Main loop.
 */
gboolean
galley_call_queue_push (GalleyCallQueue *self, GalleyCall *call, GError **error)
{
  GalleyWorker *worker = call->slow ? self->files : self->database;

  if (galley_worker_get_n_waiting (worker) >= MAX_WAITING)
    {
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_BUSY,
                           N_ ("The server is busy. Nothing was changed; it is tried again."));
      return FALSE;
    }

  self->n_running++;
  soup_server_message_pause (call->message);
  galley_worker_push (worker, call);
  return TRUE;
}

guint
galley_call_queue_get_n_running (GalleyCallQueue *self)
{
  return self->n_running;
}
