/* galley-server.c: the other end: listens, checks who asks, and lets the back end answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-server"

#include "server/galley-server.h"

#include "server/galley-access-log.h"
#include "server/galley-announcer.h"
#include "server/galley-call.h"
#include "server/galley-connections.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A packed batch and a little; small messages are far below. */
#define MAX_BODY_BYTES (9 * 1024 * 1024)
/* Of what anybody may ask without a token: an enrolment is far below. Each connection of a stranger
 * may hold as much of this server's memory. */
#define MAX_PUBLIC_BODY_BYTES (16 * 1024)
/* Of a body that is not wanted: as much is read and thrown away, so that the refusal is heard. */
#define MAX_UNWANTED_BYTES (16 * 1024 * 1024)
/* libsoup's own is 10, and a thousand devices may come back online together. */
#define LISTEN_BACKLOG 1024

struct _GalleyServer
{
  GObject parent_instance;

  SoupServer *soup; /* (nullable): nobody can ask yet */
  const GalleyWorld *world;
  GalleyBackend *backend;
  GalleyFileTransfers *files;
  GalleySnapshots *snapshots;
  GalleyCallQueue *queue;
  GalleyAnnouncer *announcer;
  GalleyAccessLog *log; /* (nullable) */
  GalleyConnections *connections;
  char *uri;
  gboolean draining;
  gint64 started_us; /* monotonic */
  guint64 n_requests, n_failures, n_accepted, n_refused;
};

G_DEFINE_FINAL_TYPE (GalleyServer, galley_server, G_TYPE_OBJECT)

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
is_v1 (char **path)
{
  return path[0] != NULL && g_str_equal (path[0], "v1");
}

static gboolean
is_public (char **path)
{
  return !is_v1 (path) || (path[1] != NULL && g_str_equal (path[1], "enrol"));
}

static gboolean
is_upload (SoupServerMessage *message, char **path, GalleyId *project, GalleyHash *file)
{
  return soup_server_message_get_method (message) == SOUP_METHOD_PUT && g_strv_length (path) == 5 &&
         is_v1 (path) && g_str_equal (path[1], "projects") &&
         galley_id_parse (path[2], project, NULL) && g_str_equal (path[3], "files") &&
         galley_hash_parse (path[4], file);
}

/* "galley/1.2" is version 1.2; what else asks says none. */
static void
read_program (SoupServerMessage *message, GalleySession *session)
{
  const char *agent = soup_message_headers_get_one (soup_server_message_get_request_headers (
                                                        message),
                                                    "User-Agent");

  if (agent == NULL || !g_str_has_prefix (agent, "galley/"))
    return;

  agent += strlen ("galley/");
  for (gsize i = 0; i + 1 < sizeof session->program && g_ascii_isgraph (agent[i]); i++)
    session->program[i] = agent[i];
}

static gboolean
check_session (GalleyServer *self, SoupServerMessage *message, GError **error)
{
  const char *authorization =
      soup_message_headers_get_one (soup_server_message_get_request_headers (message),
                                    "Authorization");
  GalleySession *session = g_new0 (GalleySession, 1);

  g_object_set_data_full (G_OBJECT (message), GALLEY_SESSION_KEY, session, g_free);
  if (authorization == NULL || !g_str_has_prefix (authorization, "Bearer "))
    {
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_UNAUTHORIZED,
                           N_ ("Connect this device with an invite first."));
      return FALSE;
    }

  if (!self->backend->ops->authenticate (self->backend, authorization + strlen ("Bearer "), session,
                                         error))
    return FALSE;

  read_program (message, session);
  return TRUE;
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
                           N_ ("The request is larger than this server takes. Send it in parts."));
      return FALSE;
    }

  return TRUE;
}

static guint64
get_limit (char **path, gboolean upload)
{
  if (upload)
    return G_MAXINT64; /* goes to disk as it comes */

  return is_public (path) ? MAX_PUBLIC_BODY_BYTES : MAX_BODY_BYTES;
}

static gboolean
begin_upload (GalleyServer *self,
              SoupServerMessage *message,
              const GalleyId *project,
              const GalleyHash *file,
              GError **error)
{
  const GalleySession *session = g_object_get_data (G_OBJECT (message), GALLEY_SESSION_KEY);
  GalleyRole role;
  gboolean sent;

  if (!self->backend->ops->get_role (self->backend, session, project, &role, error))
    return FALSE;
  if (role < GALLEY_ROLE_REVIEWER)
    {
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FORBIDDEN,
                           N_ ("A guest reads; ask for another role to send files."));
      return FALSE;
    }

  return self->backend->ops->was_sent (self->backend, project, file, &sent, error) &&
         galley_file_transfers_begin (self->files, message, project, file, sent, error);
}

static gboolean
check_open (GalleyServer *self, char **path, GError **error)
{
  if (!self->draining || !is_v1 (path))
    return TRUE;

  g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_STOPPING,
                       N_ ("The server is being restarted. Nothing was changed; it is tried "
                           "again."));
  return FALSE;
}

/* Who sends on and on after a refusal is cut off. */
static void
unwanted_chunk_cb (SoupServerMessage *message, GBytes *chunk, gpointer data)
{
  gsize *unwanted_bytes = data;

  *unwanted_bytes += g_bytes_get_size (chunk);
  if (*unwanted_bytes > MAX_UNWANTED_BYTES)
    g_socket_shutdown (soup_server_message_get_socket (message), TRUE, FALSE, NULL);
}

static void
free_closure_data (gpointer data, GClosure *closure)
{
  g_free (data);
}

/* The library goes on to read the body, which must not be kept. */
static void
refuse_early (GalleyServer *self, SoupServerMessage *message, const GError *error)
{
  self->n_failures++;
  galley_message_fail (message, error);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection",
                                "close");
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  g_signal_connect_data (message, "got-chunk", G_CALLBACK (unwanted_chunk_cb), g_new0 (gsize, 1),
                         free_closure_data, 0);
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
  if (self->log != NULL)
    galley_access_log_watch (self->log, message);
  if (!check_open (self, path, &error) ||
      (!is_public (path) && !check_session (self, message, &error)) ||
      !check_length (message, get_limit (path, upload), &error) ||
      (upload && !begin_upload (self, message, &project, &file, &error)))
    refuse_early (self, message, error);
}

/* ── the addresses ── */

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

/* Whoever asks is still who they were when the headers came: a body may have taken its time since.
 */
static gboolean
check_again (GalleyServer *self, char **path, GalleySession *session, GError **error)
{
  if (galley_id_is_nil (&session->device) && is_public (path))
    return TRUE;

  return self->backend->ops->refresh (self->backend, session, error);
}

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
  g_autoptr (GalleyCall) call = galley_call_new (self, message);
  const GalleySession *session = g_object_get_data (G_OBJECT (message), GALLEY_SESSION_KEY);
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  /* The library hands over all addresses that begin alike, "/v10" and "/v1x" as well. */
  if (!is_v1 (path))
    {
      nowhere_cb (soup, message, text, query, data);
      return;
    }

  call->backend = self->backend;
  call->files = self->files;
  call->snapshots = self->snapshots;
  if (session != NULL)
    call->session = *session;
  /* An upload's bytes have gone to disk. */
  if (soup_message_body_get_accumulate (body))
    call->body = soup_message_body_flatten (body);
  if (check_again (self, path, &call->session, &error) &&
      galley_routes_dispatch (call, path, query, &error) &&
      galley_call_queue_push (self->queue, call, &error))
    {
      call = NULL; /* the queue's now */
      return;
    }

  self->n_failures++;
  galley_message_fail (message, error);
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

static void
add_metric (GString *metrics, const char *name, const char *type, guint64 value)
{
  g_string_append_printf (metrics, "# TYPE galley_%s %s\ngalley_%s %" G_GUINT64_FORMAT "\n", name,
                          type, name, value);
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

  add_metric (metrics, "uptime_seconds", "gauge",
              (galley_world_monotonic_us (self->world) - self->started_us) / G_USEC_PER_SEC);
  add_metric (metrics, "requests_total", "counter", self->n_requests);
  add_metric (metrics, "request_failures_total", "counter", self->n_failures);
  add_metric (metrics, "requests_running", "gauge", galley_call_queue_get_n_running (self->queue));
  add_metric (metrics, "verdicts_accepted_total", "counter", self->n_accepted);
  add_metric (metrics, "verdicts_refused_total", "counter", self->n_refused);
  add_metric (metrics, "connections", "gauge", galley_connections_get_n_open (self->connections));
  add_metric (metrics, "listeners", "gauge", galley_announcer_get_n_listeners (self->announcer));
  add_metric (metrics, "announcements_total", "counter",
              galley_announcer_get_n_sent (self->announcer));
  body = g_bytes_new (metrics->str, metrics->len);
  galley_message_answer (message, 200, "text/plain; version=0.0.4", body);
}

/* ── telling that something is new ── */

static void
events_cb (SoupServer *soup,
           SoupServerMessage *message,
           const char *path,
           SoupWebsocketConnection *connection,
           gpointer data)
{
  GalleyServer *self = data;
  const GalleySession *session = g_object_get_data (G_OBJECT (message), GALLEY_SESSION_KEY);

  g_return_if_fail (session != NULL); /* nobody comes past early_cb() without one */
  galley_announcer_add (self->announcer, session, connection);
}

void
galley_server_announce (GalleyServer *self, const GalleyId *project, guint64 position)
{
  galley_announcer_stream (self->announcer, project, position);
}

void
galley_server_announce_directory (GalleyServer *self)
{
  galley_announcer_directory (self->announcer);
}

void
galley_server_count_failure (GalleyServer *self)
{
  self->n_failures++;
}

void
galley_server_count_verdicts (GalleyServer *self, const GalleyPushAnswer *answer)
{
  for (guint i = 0; i < answer->verdicts->len; i++)
    {
      const GalleyVerdict *verdict = &g_array_index (answer->verdicts, GalleyVerdict, i);

      if (verdict->position != 0)
        self->n_accepted += verdict->count;
      else
        self->n_refused += verdict->count;
    }
}

/* ── life ── */

static void
galley_server_finalize (GObject *object)
{
  GalleyServer *self = GALLEY_SERVER (object);

  g_clear_object (&self->soup);
  g_clear_pointer (&self->connections, galley_connections_free);
  g_clear_pointer (&self->announcer, galley_announcer_free);
  g_clear_pointer (&self->log, galley_access_log_free);
  g_clear_pointer (&self->queue, galley_call_queue_free);
  if (self->backend != NULL)
    self->backend->ops->close (self->backend);
  g_clear_pointer (&self->files, galley_file_transfers_free);
  g_clear_pointer (&self->snapshots, galley_snapshots_free);
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
  self->connections = galley_connections_new ();
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
  self->started_us = galley_world_monotonic_us (world);
  self->backend = galley_sqlite_backend_open (folder, world, error);
  if (self->backend == NULL)
    return NULL;

  self->queue = galley_call_queue_new (world);
  self->files = galley_file_transfers_new (files);
  self->snapshots = galley_snapshots_new (folder);
  self->announcer = galley_announcer_new (self->backend, world);
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
  static const char *const paths[] = {
    NULL, "/v1", "/v1/events", "/healthz", "/readyz", "/metrics"
  };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    soup_server_add_early_handler (self->soup, paths[i], early_cb, self, NULL);
  soup_server_add_handler (self->soup, NULL, nowhere_cb, self, NULL);
  soup_server_add_handler (self->soup, "/v1", v1_cb, self, NULL);
  soup_server_add_handler (self->soup, "/healthz", health_cb, self, NULL);
  soup_server_add_handler (self->soup, "/readyz", health_cb, self, NULL);
  soup_server_add_handler (self->soup, "/metrics", metrics_cb, self, NULL);
  soup_server_add_websocket_handler (self->soup, "/v1/events", NULL, NULL, events_cb, self, NULL);
}

static void
make_soup (GalleyServer *self, GTlsCertificate *tls)
{
  self->soup = soup_server_new ("server-header", "galley", "tls-certificate", tls, NULL);
  galley_connections_watch (self->connections, self->soup);
  add_handlers (self);
}

static char *
describe_socket (GSocket *socket, gboolean tls, GError **error)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, error);
  g_autofree char *host = NULL;

  if (address == NULL)
    return NULL;

  host = g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
  return g_uri_join (G_URI_FLAGS_NONE, tls ? "https" : "http", NULL, host,
                     g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)), "", NULL,
                     NULL);
}

/**
 * galley_server_set_log:
 * @out: stays open as long as the server
 *
 * From now on, a line for each request.
 */
void
galley_server_set_log (GalleyServer *self, FILE *out)
{
  g_clear_pointer (&self->log, galley_access_log_free);
  self->log = galley_access_log_new (out);
}

/**
 * galley_server_listen_on:
 * @socket: that listens already
 * @certificate: (nullable): a PEM file, and @key: with it TLS, without it none
 */
gboolean
galley_server_listen_on (
    GalleyServer *self, GSocket *socket, const char *certificate, const char *key, GError **error)
{
  g_autoptr (GTlsCertificate) tls = NULL;

  if (certificate != NULL)
    {
      tls = g_tls_certificate_new_from_files (certificate, key, error);
      if (tls == NULL)
        return FALSE;
    }

  make_soup (self, tls);
  if (!soup_server_listen_socket (self->soup, socket, tls != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0,
                                  error))
    return FALSE;

  self->uri = describe_socket (socket, tls != NULL, error);
  return self->uri != NULL;
}

/**
 * galley_server_listen:
 * @address: "ADDRESS:PORT"; port 0 takes a free one
 * @certificate: (nullable): see galley_server_listen_on()
 */
gboolean
galley_server_listen (GalleyServer *self,
                      const char *address,
                      const char *certificate,
                      const char *key,
                      GError **error)
{
  g_autoptr (GSocket) socket = open_socket (address, error);

  return socket != NULL && galley_server_listen_on (self, socket, certificate, key, error);
}

/**
 * galley_server_accept:
 * @stream: somebody's line, of whatever kind; both its ends must be pollable
 *
 * Serves it as one that had come in over the network: for a server without a socket.
 */
gboolean
galley_server_accept (GalleyServer *self, GIOStream *stream, GError **error)
{
  /* The library wants to know from where to where, though nobody asks it. */
  g_autoptr (GSocketAddress) here = g_inet_socket_address_new_from_string ("127.0.0.1", 0);

  if (self->soup == NULL)
    make_soup (self, NULL);

  return soup_server_accept_iostream (self->soup, stream, here, here, error);
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

/**
 * galley_server_drain:
 *
 * From now on every request is told to come back later.
 *
 * Returns: whether those that came before are answered
 */
gboolean
galley_server_drain (GalleyServer *self)
{
  self->draining = TRUE;
  galley_announcer_hang_up (self->announcer);
  return galley_call_queue_get_n_running (self->queue) == 0;
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
  galley_announcer_hang_up (self->announcer);
  if (self->soup != NULL)
    soup_server_disconnect (self->soup);
}
