/* galley-soup-transport.c: the way to the server over HTTP and a WebSocket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-soup-transport"

#include "sync/galley-soup-transport.h"

#include "data/galley-error.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

/* libsoup's own pieces are smaller; this bounds what one answer holds in memory when it goes to a
 * sink. */
#define BUFFER_BYTES (256 * 1024)
/* The events' line holds one for good, beside pushes, pulls and files. */
#define MAX_CONNECTIONS 10
#define EVENT_MAX_BYTES 4096
#define EVENT_KEEPALIVE_S 30

struct _GalleySoupTransport
{
  GObject parent_instance;

  SoupSession *session;
  char *url;   /* (nullable): without a slash at its end */
  char *token; /* (nullable) */
};

static void galley_soup_transport_iface_init (GalleyTransportInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleySoupTransport,
                               galley_soup_transport,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GALLEY_TYPE_TRANSPORT,
                                                      galley_soup_transport_iface_init))

/* One request under way. */
typedef struct
{
  GalleyRequest *request;
  SoupMessage *message;
  GInputStream *stream;
  GalleyResponse *response;
  GByteArray *body; /* NULL while the sink takes it */
  guint8 *buffer;
  guint64 sent_bytes;
} Exchange;

static void
exchange_free (Exchange *exchange)
{
  if (exchange->message != NULL)
    g_signal_handlers_disconnect_by_data (exchange->message, exchange);
  galley_request_unref (exchange->request);
  g_clear_object (&exchange->message);
  g_clear_object (&exchange->stream);
  g_clear_pointer (&exchange->response, galley_response_free);
  g_clear_pointer (&exchange->body, g_byte_array_unref);
  g_free (exchange->buffer);
  g_free (exchange);
}

static gboolean
is_timeout (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

/* What libsoup says when the other side went away in the middle. */
static gboolean
is_cut (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED) ||
         g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_EOF);
}

static gboolean
is_nonsense (const GError *error)
{
  return g_error_matches (error, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_PARSING) ||
         g_error_matches (error, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_ENCODING) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static GError *
new_error (GalleySyncError code, const char *message)
{
  return g_error_new_literal (GALLEY_SYNC_ERROR, code, message);
}

/* libsoup's and GIO's words for the world's faults, in ours. Takes @error. */
static GError *
explain (GError *error, gboolean answer_began)
{
  g_autoptr (GError) cause = error;

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_steal_pointer (&cause);
  /* Of what was to be sent: the server has no part in it. */
  if (cause->domain == GALLEY_DATA_ERROR)
    return g_steal_pointer (&cause);
  if (is_timeout (cause))
    return new_error (GALLEY_SYNC_ERROR_TIMEOUT,
                      _ ("The server took too long to answer. It is asked again by itself."));
  if (is_nonsense (cause))
    return new_error (GALLEY_SYNC_ERROR_NOT_GALLEY,
                      _ ("The answer did not come from a Galley server. Check the server’s "
                         "address."));
  if (is_cut (cause) || answer_began)
    return new_error (GALLEY_SYNC_ERROR_CUT,
                      _ ("The connection ended in the middle. It is taken up again by itself."));
  if (cause->domain == G_TLS_ERROR)
    return new_error (GALLEY_SYNC_ERROR_UNREACHABLE,
                      _ ("The server’s certificate cannot be trusted, so nothing was sent. Ask "
                         "who runs the server."));

  return g_error_new (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_UNREACHABLE,
                      _ ("The server cannot be reached (%s). It is tried again by itself."),
                      cause->message);
}

/* The disk's faults are not the server's. Takes @error. */
static GError *
explain_sink (GError *error)
{
  g_autoptr (GError) cause = error;

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_steal_pointer (&cause);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    return g_error_new_literal (GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NO_SPACE,
                                _ ("The disk is full. Make room, then try again."));

  return g_error_new (GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO, _ ("Cannot keep the file: %s"),
                      cause->message);
}

static void read_next (GTask *task);

static void
sunk_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  gsize written = 0;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, &written, &error))
    return g_task_return_error (task, explain_sink (error));

  exchange->response->sunk_bytes += written;
  if (exchange->request->progress != NULL)
    exchange->request->progress (exchange->response->sunk_bytes, exchange->request->progress_data);
  read_next (g_steal_pointer (&task));
}

static void
finish_exchange (GTask *task, Exchange *exchange)
{
  if (exchange->body != NULL)
    {
      g_bytes_unref (exchange->response->body);
      exchange->response->body = g_byte_array_free_to_bytes (g_steal_pointer (&exchange->body));
    }

  g_task_return_pointer (task, g_steal_pointer (&exchange->response),
                         (GDestroyNotify)galley_response_free);
}

/* Takes @task. */
static void
refuse_size (GTask *task)
{
  g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_TOO_LARGE,
                           _ ("The server’s answer is larger than allowed, so it was not used."));
  g_object_unref (task);
}

/* Takes @task. */
static void
keep_in_sink (GTask *task, Exchange *exchange, gsize bytes)
{
  if (exchange->response->sunk_bytes + bytes > exchange->request->sink_bytes)
    return refuse_size (task);

  g_output_stream_write_all_async (exchange->request->sink, exchange->buffer, bytes,
                                   G_PRIORITY_DEFAULT, g_task_get_cancellable (task), sunk_cb,
                                   task);
}

/* Takes @task. */
static void
keep_in_memory (GTask *task, Exchange *exchange, gsize bytes)
{
  if (exchange->body->len + bytes > exchange->request->max_bytes)
    return refuse_size (task);

  g_byte_array_append (exchange->body, exchange->buffer, bytes);
  read_next (task);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  gssize bytes = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (bytes < 0)
    return g_task_return_error (task, explain (error, TRUE));
  if (bytes == 0)
    return finish_exchange (task, exchange);
  if (exchange->body != NULL)
    keep_in_memory (g_steal_pointer (&task), exchange, bytes);
  else
    keep_in_sink (g_steal_pointer (&task), exchange, bytes);
}

/* Takes @task. */
static void
read_next (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);

  g_input_stream_read_async (exchange->stream, exchange->buffer, BUFFER_BYTES, G_PRIORITY_DEFAULT,
                             g_task_get_cancellable (task), read_cb, task);
}

static void
copy_header (const char *name, const char *value, gpointer data)
{
  galley_response_set_header (data, name, value);
}

static GalleyResponse *
begin_response (SoupMessage *message)
{
  GalleyResponse *response = galley_response_new (soup_message_get_status (message));

  soup_message_headers_foreach (soup_message_get_response_headers (message), copy_header, response);
  return response;
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  gboolean sinks;

  exchange->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (exchange->stream == NULL)
    return g_task_return_error (task, explain (error, FALSE));

  exchange->response = begin_response (exchange->message);
  sinks = exchange->request->sink != NULL &&
          exchange->response->status == exchange->request->sink_status &&
          !galley_response_has_type (exchange->response, "text/html");
  exchange->body = sinks ? NULL : g_byte_array_new ();
  exchange->buffer = g_malloc (BUFFER_BYTES);
  read_next (g_steal_pointer (&task));
}

static void
wrote_body_data_cb (SoupMessage *message, guint bytes, gpointer user_data)
{
  Exchange *exchange = user_data;

  exchange->sent_bytes += bytes;
  if (exchange->request->progress != NULL)
    exchange->request->progress (exchange->sent_bytes, exchange->request->progress_data);
}

/* The message for a path of the account's server, or NULL when there is no server. */
static SoupMessage *
new_message (GalleySoupTransport *self, const char *method, const char *path)
{
  g_autofree char *address = g_strconcat (self->url != NULL ? self->url : "", path, NULL);
  SoupMessage *message = self->url != NULL ? soup_message_new (method, address) : NULL;

  if (message == NULL)
    return NULL;

  /* A redirect would carry the token to who knows whom. */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (self->token != NULL)
    {
      g_autofree char *bearer = g_strconcat ("Bearer ", self->token, NULL);

      soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization",
                                    bearer);
    }

  return message;
}

static void
fill_message (Exchange *exchange)
{
  GalleyRequest *request = exchange->request;
  SoupMessageHeaders *headers = soup_message_get_request_headers (exchange->message);

  for (guint i = 0; i + 1 < request->headers->len; i += 2)
    soup_message_headers_replace (headers, request->headers->pdata[i],
                                  request->headers->pdata[i + 1]);
  if (request->body != NULL)
    soup_message_set_request_body_from_bytes (exchange->message, request->body_type, request->body);
  /* Sending changes again is harmless; what is not marked so gets a connection of its own. */
  if (request->body != NULL && g_str_has_suffix (request->path, "/changes"))
    soup_message_add_flags (exchange->message, SOUP_MESSAGE_IDEMPOTENT);
  if (request->body_stream == NULL)
    return;

  /* A stream is read once: libsoup must not send it again when a kept connection proves dead. */
  soup_message_add_flags (exchange->message, SOUP_MESSAGE_NEW_CONNECTION);
  soup_message_set_request_body (exchange->message, request->body_type, request->body_stream,
                                 request->body_bytes);
  g_signal_connect (exchange->message, "wrote-body-data", G_CALLBACK (wrote_body_data_cb),
                    exchange);
}

static void
return_no_server (GTask *task)
{
  g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID,
                           _ ("This is not an address of a server. It looks like "
                              "https://review.example.org."));
}

static void
soup_send_async (GalleyTransport *transport,
                 GalleyRequest *request,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  GalleySoupTransport *self = GALLEY_SOUP_TRANSPORT (transport);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Exchange *exchange = g_new0 (Exchange, 1);

  exchange->request = galley_request_ref (request);
  g_task_set_source_tag (task, soup_send_async);
  g_task_set_task_data (task, exchange, (GDestroyNotify)exchange_free);
  exchange->message = new_message (self, request->method, request->path);
  if (exchange->message == NULL)
    return return_no_server (task);

  fill_message (exchange);
  soup_session_send_async (self->session, exchange->message, G_PRIORITY_DEFAULT, cancellable,
                           sent_cb, g_object_ref (task));
}

static GalleyResponse *
soup_send_finish (GalleyTransport *transport, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, transport), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
socket_message_cb (SoupWebsocketConnection *connection, int type, GBytes *message, gpointer data)
{
  /* libsoup has checked that a text message is UTF-8, and puts a NUL after it. */
  if (type == SOUP_WEBSOCKET_DATA_TEXT)
    galley_event_stream_take_message (data, g_bytes_get_data (message, NULL));
}

static void
socket_closed_cb (SoupWebsocketConnection *connection, gpointer data)
{
  galley_event_stream_take_closed (data);
}

static void
stream_close_cb (GalleyEventStream *stream, gpointer user_data)
{
  SoupWebsocketConnection *connection = user_data;

  if (soup_websocket_connection_get_state (connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
}

/* What the server said instead of opening the line, and for how long it wants to be left alone.
 * Takes @error. */
static GError *
explain_no_line (SoupMessage *message, GError *error)
{
  g_autoptr (GError) cause = error;
  g_autoptr (GalleyResponse) response = begin_response (message);
  GError *answer = NULL;

  if (response->status < 400 || galley_response_check (response, NULL, &answer))
    return explain (g_steal_pointer (&cause), FALSE);

  return answer;
}

static void
socket_open_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (SoupWebsocketConnection) connection = NULL;
  GError *error = NULL; /* handed to the task */
  GalleyEventStream *stream;

  connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  if (connection == NULL)
    return g_task_return_error (task, explain_no_line (g_task_get_task_data (task), error));

  soup_websocket_connection_set_max_incoming_payload_size (connection, EVENT_MAX_BYTES);
  soup_websocket_connection_set_keepalive_interval (connection, EVENT_KEEPALIVE_S);
  stream = galley_event_stream_new ();
  g_signal_connect_object (connection, "message", G_CALLBACK (socket_message_cb), stream, 0);
  g_signal_connect_object (connection, "closed", G_CALLBACK (socket_closed_cb), stream, 0);
  g_signal_connect_object (stream, "close", G_CALLBACK (stream_close_cb), connection, 0);
  g_object_set_data_full (G_OBJECT (stream), "connection", g_steal_pointer (&connection),
                          g_object_unref);
  g_task_return_pointer (task, stream, g_object_unref);
}

static void
soup_open_events_async (GalleyTransport *transport,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GalleySoupTransport *self = GALLEY_SOUP_TRANSPORT (transport);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (SoupMessage) message = new_message (self, SOUP_METHOD_GET, "/v1/events");

  g_task_set_source_tag (task, soup_open_events_async);
  if (message == NULL)
    return return_no_server (task);

  g_task_set_task_data (task, g_object_ref (message), g_object_unref);
  soup_session_websocket_connect_async (self->session, message, NULL, NULL, G_PRIORITY_DEFAULT,
                                        cancellable, socket_open_cb, g_object_ref (task));
}

static GalleyEventStream *
soup_open_events_finish (GalleyTransport *transport, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, transport), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
soup_set_account (GalleyTransport *transport, const char *url, const char *token)
{
  GalleySoupTransport *self = GALLEY_SOUP_TRANSPORT (transport);

  g_free (self->url);
  self->url = g_strdup (url);
  if (self->url != NULL && g_str_has_suffix (self->url, "/"))
    self->url[strlen (self->url) - 1] = '\0';
  g_free (self->token);
  self->token = g_strdup (token);
}

static void
galley_soup_transport_iface_init (GalleyTransportInterface *iface)
{
  iface->set_account = soup_set_account;
  iface->send_async = soup_send_async;
  iface->send_finish = soup_send_finish;
  iface->open_events_async = soup_open_events_async;
  iface->open_events_finish = soup_open_events_finish;
}

static void
galley_soup_transport_dispose (GObject *object)
{
  GalleySoupTransport *self = GALLEY_SOUP_TRANSPORT (object);

  if (self->session != NULL)
    soup_session_abort (self->session);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (galley_soup_transport_parent_class)->dispose (object);
}

static void
galley_soup_transport_finalize (GObject *object)
{
  GalleySoupTransport *self = GALLEY_SOUP_TRANSPORT (object);

  g_free (self->url);
  g_free (self->token);
  G_OBJECT_CLASS (galley_soup_transport_parent_class)->finalize (object);
}

static void
galley_soup_transport_class_init (GalleySoupTransportClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = galley_soup_transport_dispose;
  object_class->finalize = galley_soup_transport_finalize;
}

static void
galley_soup_transport_init (GalleySoupTransport *self)
{
}

/**
 * galley_soup_transport_new:
 * @timeout_s: how long a connection may give no sign of life, in seconds; 1 or more
 *
 * Main loop.
 *
 * Returns: (transfer full): a transport without a server, until galley_transport_set_account()
 */
GalleyTransport *
galley_soup_transport_new (guint timeout_s)
{
  GalleySoupTransport *self = g_object_new (GALLEY_TYPE_SOUP_TRANSPORT, NULL);

  self->session = soup_session_new_with_options ("timeout", timeout_s, "max-conns", MAX_CONNECTIONS,
                                                 "max-conns-per-host", MAX_CONNECTIONS,
                                                 "user-agent", "galley/" GALLEY_VERSION, NULL);
  return GALLEY_TRANSPORT (self);
}
