/* galley-server.c: the other end: listens, checks who asks, and lets the back end answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-server"

#include "server/galley-server.h"

#include "server/galley-call.h"

#include <string.h>

#define SESSION_KEY "galley-session"
#define REFUSED_KEY "galley-refused"
/* A packed batch and a little; small messages are far below. */
#define MAX_BODY_BYTES (9 * 1024 * 1024)
/* libsoup's own is 10, and a thousand devices may come back online together. */
#define LISTEN_BACKLOG 1024

struct _GalleyServer
{
  GObject parent_instance;

  const GalleyWorld *world;
  SoupServer *soup;
  GalleyBackend *backend;
  GalleyFileTransfers *files;
  GMainContext *context;
  GThreadPool *worker;  /* of one thread */
  GPtrArray *listeners; /* of Listener */
  char *uri;
  guint n_running;
  gboolean draining;
  guint64 n_requests, n_failures, n_announcements;
};

/* A device that is told when something is new. */
typedef struct
{
  GalleyServer *server;
  SoupWebsocketConnection *connection;
  GalleySession session;
} Listener;

G_DEFINE_FINAL_TYPE (GalleyServer, galley_server, G_TYPE_OBJECT)

/* ── answers ── */

void
galley_message_answer (SoupServerMessage *message,
                       guint status,
                       const char *media_type,
                       GBytes *body)
{
  soup_server_message_set_status (message, status, NULL);
  if (body == NULL)
    return;

  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Content-Type",
                                media_type);
  soup_message_body_truncate (soup_server_message_get_response_body (message));
  soup_message_body_append_bytes (soup_server_message_get_response_body (message), body);
}

void
galley_message_fail (SoupServerMessage *message, const GError *error)
{
  g_autoptr (GBytes) problem = galley_server_error_to_problem (error);
  guint status = galley_server_error_get_status (error);

  if (status == 500)
    g_warning ("%s %s: %s", soup_server_message_get_method (message),
               g_uri_get_path (soup_server_message_get_uri (message)), error->message);
  galley_message_answer (message, status, "application/problem+json", problem);
}

/* ── calls ── */

static void
call_free (GalleyCall *call)
{
  g_clear_object (&call->message);
  g_clear_object (&call->server);
  g_clear_pointer (&call->history, g_free);
  g_clear_pointer (&call->body, g_bytes_unref);
  g_clear_pointer (&call->answer, g_bytes_unref);
  g_clear_pointer (&call->pulled, galley_pull_answer_free);
  g_clear_pointer (&call->pushed, galley_push_answer_free);
  g_free (call);
}

typedef struct
{
  GalleyCall *call;
  GError *error;
} Done;

static gboolean
call_done_cb (gpointer data)
{
  Done *done = data;
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
      call->server->n_failures++;
      galley_message_fail (call->message, done->error);
    }

  soup_server_message_unpause (call->message);
  call->server->n_running--;
  g_clear_error (&done->error);
  call_free (call);
  g_free (done);
  return G_SOURCE_REMOVE;
}

static void
work_cb (gpointer data, gpointer user_data)
{
  GalleyCall *call = data;
  Done *done = g_new0 (Done, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  done->call = call;
  call->work (call, &done->error);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, call_done_cb, done, NULL);
  g_source_attach (source, call->server->context);
}

void
galley_call_push (GalleyCall *call)
{
  call->server->n_running++;
  soup_server_message_pause (call->message);
  g_thread_pool_push (call->server->worker, call, NULL);
}

/* ── who asks, and how much comes ── */

static char **
split_path (SoupServerMessage *message)
{
  g_auto (GStrv)
      parts = g_strsplit (g_uri_get_path (soup_server_message_get_uri (message)), "/", 16);
  GStrvBuilder *builder = g_strv_builder_new ();
  char **path;

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0')
      g_strv_builder_add (builder, parts[i]);
  path = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return path;
}

static gboolean
is_public (char **path)
{
  return path[0] == NULL || !g_str_equal (path[0], "v1") ||
         (path[1] != NULL && g_str_equal (path[1], "enrol"));
}

static gboolean
is_upload (SoupServerMessage *message, char **path, GalleyId *project, GalleyHash *file)
{
  return soup_server_message_get_method (message) == SOUP_METHOD_PUT && g_strv_length (path) == 5 &&
         g_str_equal (path[1], "projects") && galley_id_parse (path[2], project, NULL) &&
         g_str_equal (path[3], "files") && galley_hash_parse (path[4], file);
}

static gboolean
check_session (GalleyServer *self, SoupServerMessage *message, GError **error)
{
  const char *authorization =
      soup_message_headers_get_one (soup_server_message_get_request_headers (message),
                                    "Authorization");
  GalleySession *session = g_new0 (GalleySession, 1);

  g_object_set_data_full (G_OBJECT (message), SESSION_KEY, session, g_free);
  if (authorization == NULL || !g_str_has_prefix (authorization, "Bearer "))
    {
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_UNAUTHORIZED,
                           "Connect this device with an invite first.");
      return FALSE;
    }

  return self->backend->ops->authenticate (self->backend, authorization + strlen ("Bearer "),
                                           session, error);
}

static gboolean
check_length (SoupServerMessage *message, guint64 limit, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED)
    {
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_LENGTH,
                           "The request must say how long it is.");
      return FALSE;
    }
  if ((guint64)soup_message_headers_get_content_length (headers) > limit)
    {
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_TOO_LARGE,
                           "The request is larger than this server takes. Send it in parts.");
      return FALSE;
    }

  return TRUE;
}

static gboolean
begin_upload (GalleyServer *self,
              SoupServerMessage *message,
              const GalleyId *project,
              const GalleyHash *file,
              GError **error)
{
  const GalleySession *session = g_object_get_data (G_OBJECT (message), SESSION_KEY);
  GalleyRole role;

  if (!self->backend->ops->get_role (self->backend, session, project, &role, error))
    return FALSE;
  if (role < GALLEY_ROLE_REVIEWER)
    {
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FORBIDDEN,
                           "A guest reads; ask for another role to send files.");
      return FALSE;
    }

  return galley_file_transfers_begin (self->files, message, file, error);
}

/* When the headers are here and before the body is read: a stranger's or an endless body is not. */
static void
early_cb (SoupServer *soup,
          SoupServerMessage *message,
          const char *text,
          GHashTable *query,
          gpointer data)
{
  GalleyServer *self = data;
  g_auto (GStrv) path = split_path (message);
  g_autoptr (GError) error = NULL;
  GalleyId project;
  GalleyHash file;
  gboolean upload = is_upload (message, path, &project, &file);

  self->n_requests++;
  if ((is_public (path) || check_session (self, message, &error)) &&
      check_length (message, upload ? G_MAXINT64 : MAX_BODY_BYTES, &error) &&
      (!upload || begin_upload (self, message, &project, &file, &error)))
    return;

  self->n_failures++;
  galley_message_fail (message, error);
  /* What is left of the body is not waited for. */
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection",
                                "close");
}

/* ── the addresses ── */

static void
v1_cb (SoupServer *soup,
       SoupServerMessage *message,
       const char *text,
       GHashTable *query,
       gpointer data)
{
  GalleyServer *self = data;
  g_auto (GStrv) path = split_path (message);
  g_autoptr (GError) error = NULL;
  GalleyCall *call = g_new0 (GalleyCall, 1);
  const GalleySession *session = g_object_get_data (G_OBJECT (message), SESSION_KEY);

  call->server = g_object_ref (self);
  call->backend = self->backend;
  call->files = self->files;
  call->message = g_object_ref (message);
  if (session != NULL)
    call->session = *session;
  call->body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  if (galley_routes_dispatch (call, path, query, &error))
    {
      galley_call_push (call);
      return;
    }

  self->n_failures++;
  galley_message_fail (message, error);
  call_free (call);
}

static void
health_cb (SoupServer *soup,
           SoupServerMessage *message,
           const char *text,
           GHashTable *query,
           gpointer data)
{
  GalleyServer *self = data;
  gboolean ready = !self->draining || !g_str_equal (text, "/readyz");
  g_autoptr (GBytes)
      body = g_bytes_new_static (ready ? "{\"ok\":true}" : "{\"ok\":false}", ready ? 11 : 12);

  galley_message_answer (message, ready ? 200 : 503, "application/json", body);
}

/* Prometheus' text format. */
static void
metrics_cb (SoupServer *soup,
            SoupServerMessage *message,
            const char *text,
            GHashTable *query,
            gpointer data)
{
  GalleyServer *self = data;
  g_autoptr (GString) metrics = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;

  g_string_append_printf (metrics,
                          "# TYPE galley_requests_total counter\n"
                          "galley_requests_total %" G_GUINT64_FORMAT "\n"
                          "# TYPE galley_request_failures_total counter\n"
                          "galley_request_failures_total %" G_GUINT64_FORMAT "\n"
                          "# TYPE galley_announcements_total counter\n"
                          "galley_announcements_total %" G_GUINT64_FORMAT "\n"
                          "# TYPE galley_listeners gauge\n"
                          "galley_listeners %u\n"
                          "# TYPE galley_requests_running gauge\n"
                          "galley_requests_running %u\n",
                          self->n_requests, self->n_failures, self->n_announcements,
                          self->listeners->len, self->n_running);
  body = g_bytes_new (metrics->str, metrics->len);
  galley_message_answer (message, 200, "text/plain; version=0.0.4", body);
}

static void
nowhere_cb (SoupServer *soup,
            SoupServerMessage *message,
            const char *text,
            GHashTable *query,
            gpointer data)
{
  g_autoptr (GError)
      error = g_error_new_literal (GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_NOT_FOUND,
                                   "There is nothing at this address.");

  galley_message_fail (message, error);
}

/* ── telling that something is new ── */

static void
free_listener (gpointer data)
{
  Listener *listener = data;

  g_signal_handlers_disconnect_by_data (listener->connection, listener);
  g_object_unref (listener->connection);
  g_free (listener);
}

static void
listener_closed_cb (SoupWebsocketConnection *connection, gpointer data)
{
  Listener *listener = data;

  g_ptr_array_remove_fast (listener->server->listeners, listener);
}

static void
events_cb (SoupServer *soup,
           SoupServerMessage *message,
           const char *path,
           SoupWebsocketConnection *connection,
           gpointer data)
{
  GalleyServer *self = data;
  const GalleySession *session = g_object_get_data (G_OBJECT (message), SESSION_KEY);
  Listener *listener;

  if (session == NULL)
    return;

  listener = g_new0 (Listener, 1);
  listener->server = self;
  listener->connection = g_object_ref (connection);
  listener->session = *session;
  g_ptr_array_add (self->listeners, listener);
  soup_websocket_connection_set_keepalive_interval (connection, 30);
  g_signal_connect (connection, "closed", G_CALLBACK (listener_closed_cb), listener);
  soup_websocket_connection_send_text (connection, "{\"hello\":1}");
}

/**
 * galley_server_announce:
 *
 * A hint to the devices of those who may read the project; one that is lost costs nothing.
 */
void
galley_server_announce (GalleyServer *self, const GalleyId *project, guint64 position)
{
  g_autofree char *event = galley_event_to_text (project, position);

  for (guint i = 0; i < self->listeners->len; i++)
    {
      const Listener *listener = g_ptr_array_index (self->listeners, i);
      GalleyRole role;

      if (soup_websocket_connection_get_state (listener->connection) == SOUP_WEBSOCKET_STATE_OPEN &&
          self->backend->ops->get_role (self->backend, &listener->session, project, &role, NULL))
        {
          soup_websocket_connection_send_text (listener->connection, event);
          self->n_announcements++;
        }
    }
}

/* ── life ── */

static void
galley_server_finalize (GObject *object)
{
  GalleyServer *self = GALLEY_SERVER (object);

  g_clear_object (&self->soup);
  g_ptr_array_unref (self->listeners);
  if (self->worker != NULL)
    g_thread_pool_free (self->worker, FALSE, TRUE);
  if (self->backend != NULL)
    self->backend->ops->close (self->backend);
  g_clear_pointer (&self->files, galley_file_transfers_free);
  g_main_context_unref (self->context);
  g_free (self->uri);
  G_OBJECT_CLASS (galley_server_parent_class)->finalize (object);
}

static void
galley_server_class_init (GalleyServerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_server_finalize;
}

static void
galley_server_init (GalleyServer *self)
{
  self->listeners = g_ptr_array_new_with_free_func (free_listener);
  self->worker = g_thread_pool_new (work_cb, self, 1, FALSE, NULL);
  self->context = g_main_context_ref_thread_default ();
}

/**
 * galley_server_new:
 * @folder: where everything is kept; made when it is not there
 *
 * Serves on the calling thread's default main context.
 */
GalleyServer *
galley_server_new (const char *folder, const GalleyWorld *world, GError **error)
{
  g_autoptr (GalleyServer) self = g_object_new (GALLEY_TYPE_SERVER, NULL);
  g_autofree char *files = g_build_filename (folder, "files", NULL);

  self->world = world;
  self->backend = galley_sqlite_backend_open (folder, world, error);
  if (self->backend == NULL)
    return NULL;

  self->files = galley_file_transfers_new (files);
  return g_steal_pointer (&self);
}

static GSocket *
open_socket (const char *address, GError **error)
{
  g_autoptr (GSocketConnectable) target = g_network_address_parse (address, 8443, error);
  g_autoptr (GSocketAddress) where = NULL;
  g_autoptr (GSocketAddressEnumerator) addresses = NULL;
  g_autoptr (GSocket) socket = NULL;

  if (target == NULL)
    return NULL;
  addresses = g_socket_connectable_enumerate (target);
  where = g_socket_address_enumerator_next (addresses, NULL, error);
  if (where == NULL)
    return NULL;

  socket = g_socket_new (g_socket_address_get_family (where), G_SOCKET_TYPE_STREAM,
                         G_SOCKET_PROTOCOL_TCP, error);
  if (socket == NULL)
    return NULL;
  g_socket_set_listen_backlog (socket, LISTEN_BACKLOG);
  if (!g_socket_bind (socket, where, TRUE, error) || !g_socket_listen (socket, error))
    return NULL;

  return g_steal_pointer (&socket);
}

static void
add_handlers (GalleyServer *self)
{
  /* The library looks for an early handler only where the request's own handler stands. */
  static const char *const paths[] = { NULL, "/v1", "/v1/events", "/healthz", "/readyz", "/metrics" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    soup_server_add_early_handler (self->soup, paths[i], early_cb, self, NULL);
  soup_server_add_handler (self->soup, NULL, nowhere_cb, self, NULL);
  soup_server_add_handler (self->soup, "/v1", v1_cb, self, NULL);
  soup_server_add_handler (self->soup, "/healthz", health_cb, self, NULL);
  soup_server_add_handler (self->soup, "/readyz", health_cb, self, NULL);
  soup_server_add_handler (self->soup, "/metrics", metrics_cb, self, NULL);
  soup_server_add_websocket_handler (self->soup, "/v1/events", NULL, NULL, events_cb, self, NULL);
}

/**
 * galley_server_listen:
 * @address: "ADDRESS:PORT"; port 0 takes a free one
 * @certificate: (nullable): a PEM file, and @key: with it TLS, without it none
 */
gboolean
galley_server_listen (GalleyServer *self,
                      const char *address,
                      const char *certificate,
                      const char *key,
                      GError **error)
{
  g_autoptr (GTlsCertificate) tls = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoslist (GUri) uris = NULL;

  if (certificate != NULL)
    {
      tls = g_tls_certificate_new_from_files (certificate, key, error);
      if (tls == NULL)
        return FALSE;
    }
  socket = open_socket (address, error);
  if (socket == NULL)
    return FALSE;

  self->soup = soup_server_new ("server-header", "galley", "tls-certificate", tls, NULL);
  add_handlers (self);
  if (!soup_server_listen_socket (self->soup, socket, tls != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0,
                                  error))
    return FALSE;

  uris = soup_server_get_uris (self->soup);
  self->uri = uris != NULL ? g_uri_to_string (uris->data) : NULL;
  if (self->uri != NULL && g_str_has_suffix (self->uri, "/"))
    self->uri[strlen (self->uri) - 1] = '\0';
  return self->uri != NULL;
}

const char *
galley_server_get_uri (GalleyServer *self)
{
  return self->uri;
}

GalleyBackend *
galley_server_get_backend (GalleyServer *self)
{
  return self->backend;
}

gboolean
galley_server_drain (GalleyServer *self)
{
  self->draining = TRUE;
  return self->n_running == 0;
}

/**
 * galley_server_close:
 *
 * Hangs up. What was acknowledged is on disk.
 */
void
galley_server_close (GalleyServer *self)
{
  self->draining = TRUE;
  if (self->soup != NULL)
    soup_server_disconnect (self->soup);
  g_ptr_array_set_size (self->listeners, 0);
}
