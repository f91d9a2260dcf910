/* galley-sim-network.c: the ways from the devices to the server, and all that goes wrong on them
 *
 * Requests reach the server as HTTP over a line in memory, so that its parsing, its limits and its
 * routes are those of production.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-network.h"

#include "galley-memory-line.h"

#include <string.h>

/* As production's: how long a line may give no sign of life. */
#define TIMEOUT_US (60 * G_USEC_PER_SEC)
#define DUPLICATE_US (60 * G_USEC_PER_SEC)
#define SOON_US 1000

const GalleySimWeather galley_sim_calm = { .max_delay_ms = 40 };

struct _GalleySimNetwork
{
  GalleySimTime *time;
  GalleyServer *server; /* (nullable): it is down */
  GalleySimWeather weather;
  GalleySimAnswered answered;
  gpointer data;
  GPtrArray *lines; /* of Line (borrowed): open ones */
};

struct _GalleySimTransport
{
  GObject parent_instance;

  GalleySimNetwork *network;
  guint machine;
  GalleySimRandom chance;
  char *token;
  gboolean unplugged, dead;
  GPtrArray *event_lines; /* of Line (borrowed) */
};

static void galley_sim_transport_iface_init (GalleyTransportInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleySimTransport,
                               galley_sim_transport,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GALLEY_TYPE_TRANSPORT,
                                                      galley_sim_transport_iface_init))

/* ── lines ── */

typedef struct _Line Line;
typedef void (*LineMoved) (Line *line, gpointer data);

struct _Line
{
  GalleySimNetwork *network;
  GalleyMemoryPipe *up, *down;
  LineMoved moved;
  gpointer data;
};

static void
down_moved_cb (GalleyMemoryPipe *pipe, Line *line)
{
  line->moved (line, line->data);
}

/* Returns: (nullable): NULL: nobody is there */
static Line *
line_open (GalleySimNetwork *network, LineMoved moved, gpointer data)
{
  g_autoptr (GIOStream) stream = NULL;
  Line *line;

  if (network->server == NULL)
    return NULL;

  line = g_rc_box_new0 (Line);
  line->network = network;
  line->up = galley_memory_pipe_new ();
  line->down = galley_memory_pipe_new ();
  line->moved = moved;
  line->data = data;
  g_signal_connect (line->down, "moved", G_CALLBACK (down_moved_cb), line);
  stream = galley_memory_line_new (line->up, line->down);
  g_assert_true (galley_server_accept (network->server, stream, NULL));
  g_ptr_array_add (network->lines, line);
  return line;
}

static void
line_close (Line *line)
{
  g_signal_handlers_disconnect_by_data (line->down, line);
  galley_memory_pipe_close (line->up);
  galley_memory_pipe_close (line->down);
  g_ptr_array_remove (line->network->lines, line);
  g_object_unref (line->up);
  g_object_unref (line->down);
  g_rc_box_release (line);
}

/* ── HTTP ── */

static GByteArray *
write_request (GalleyRequest *request, const char *token)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GString) head = g_string_new (NULL);
  g_autoptr (GBytes) streamed = NULL;
  GBytes *body = request->body;

  if (request->body_stream != NULL)
    {
      streamed = g_input_stream_read_bytes (request->body_stream, request->body_bytes, NULL, NULL);
      body = streamed;
    }
  g_string_printf (head, "%s %s HTTP/1.1\r\nHost: simulator\r\nConnection: close\r\n",
                   request->method, request->path);
  if (token != NULL)
    g_string_append_printf (head, "Authorization: Bearer %s\r\n", token);
  for (guint i = 0; i + 1 < request->headers->len; i += 2)
    g_string_append_printf (head, "%s: %s\r\n", (char *)request->headers->pdata[i],
                            (char *)request->headers->pdata[i + 1]);
  if (body != NULL)
    g_string_append_printf (head, "Content-Type: %s\r\n", request->body_type);
  if (body != NULL || g_str_equal (request->method, "PUT"))
    g_string_append_printf (head, "Content-Length: %" G_GSIZE_FORMAT "\r\n",
                            body != NULL ? g_bytes_get_size (body) : 0);
  g_string_append (head, "\r\n");
  g_byte_array_append (bytes, (const guint8 *)head->str, head->len);
  if (body != NULL)
    g_byte_array_append (bytes, g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  return bytes;
}

/* Returns: where the body begins; 0: the head is not all there */
static gsize
find_body (const GByteArray *bytes)
{
  for (gsize i = 4; i <= bytes->len; i++)
    if (memcmp (bytes->data + i - 4, "\r\n\r\n", 4) == 0)
      return i;

  return 0;
}

/* @whole: (out): whether all came that was announced; the server announces every length.
 * Returns: (nullable): not even the head is there */
static GalleyResponse *
read_response (const GByteArray *bytes, gboolean head_only, gboolean *whole)
{
  gsize body = find_body (bytes);
  g_autofree char *head = NULL;
  g_auto (GStrv) lines = NULL;
  GalleyResponse *response;
  guint64 length = 0;
  const char *text;

  *whole = FALSE;
  if (body == 0)
    return NULL;

  head = g_strndup ((const char *)bytes->data, body - 4);
  lines = g_strsplit (head, "\r\n", -1);
  response = galley_response_new (strtoul (lines[0] + strlen ("HTTP/1.1 "), NULL, 10));
  for (guint i = 1; lines[i] != NULL; i++)
    {
      char *colon = strchr (lines[i], ':');

      if (colon == NULL)
        continue;
      *colon = '\0';
      galley_response_set_header (response, lines[i], g_strstrip (colon + 1));
    }

  g_assert_null (galley_response_get_header (response, "Transfer-Encoding"));
  text = galley_response_get_header (response, "Content-Length");
  if (text != NULL && !head_only)
    length = g_ascii_strtoull (text, NULL, 10);
  *whole = bytes->len - body >= length;
  g_bytes_unref (response->body);
  response->body = g_bytes_new (bytes->data + body, bytes->len - body);
  return response;
}

/* ── one request ── */

typedef enum
{
  GO_WELL,
  GO_REQUEST_LOST,
  GO_ANSWER_LOST,
  GO_REQUEST_CUT,
  GO_ANSWER_CUT,
  GO_DUPLICATED,
  GO_HOTEL,
  GO_PROXY,
  GO_GARBLED,
} Going;

typedef struct
{
  GalleySimTransport *transport;
  GTask *task; /* (nullable): nobody waits */
  GalleyRequest *request;
  GByteArray *bytes;
  Going going;
  Line *line; /* (nullable) */
  GalleyResponse *response;
  gboolean whole;
  gulong cancelled;
  guint timeout;
} Exchange;

static void
exchange_clear (gpointer data)
{
  Exchange *exchange = data;

  g_clear_object (&exchange->transport);
  galley_request_unref (exchange->request);
  g_byte_array_unref (exchange->bytes);
  g_clear_pointer (&exchange->response, galley_response_free);
}

static void
exchange_unref (Exchange *exchange)
{
  g_rc_box_release_full (exchange, exchange_clear);
}

static void
at (Exchange *exchange, gint64 delay_us, GSourceFunc callback)
{
  galley_sim_time_add (exchange->transport->network->time, delay_us, callback,
                       g_rc_box_acquire (exchange));
}

static gint64
draw_delay_us (GalleySimTransport *self)
{
  guint most_ms = MAX (self->network->weather.max_delay_ms, 1);

  /* Mostly short, now and then as long as it gets. */
  return galley_sim_random_chance (&self->chance, 80)
             ? SOON_US + (gint64)galley_sim_random_below (&self->chance, 30) * 1000
             : SOON_US + (gint64)galley_sim_random_below (&self->chance, most_ms) * 1000;
}

static void
finish (Exchange *exchange, GalleyResponse *response, GError *error)
{
  GTask *task = g_steal_pointer (&exchange->task);

  if (task == NULL)
    {
      g_clear_pointer (&response, galley_response_free);
      g_clear_error (&error);
      return;
    }

  if (exchange->timeout != 0)
    {
      galley_sim_time_remove (exchange->transport->network->time, exchange->timeout);
      exchange->timeout = 0;
      exchange_unref (exchange);
    }
  if (exchange->cancelled != 0)
    g_cancellable_disconnect (g_task_get_cancellable (task), exchange->cancelled);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, response, (GDestroyNotify)galley_response_free);
  g_object_unref (task);
}

static void
fail (Exchange *exchange, GalleySyncError code)
{
  finish (exchange, NULL, g_error_new_literal (GALLEY_SYNC_ERROR, code, "The line failed."));
}

static gboolean
timeout_cb (gpointer user_data)
{
  Exchange *exchange = user_data;

  exchange->timeout = 0;
  fail (exchange, GALLEY_SYNC_ERROR_TIMEOUT);
  exchange_unref (exchange);
  return G_SOURCE_REMOVE;
}

static gboolean
give_up_cb (gpointer user_data)
{
  Exchange *exchange = user_data;

  finish (exchange, NULL, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled."));
  exchange_unref (exchange);
  return G_SOURCE_REMOVE;
}

/* What is under way may arrive all the same. */
static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  at (data, 0, give_up_cb);
}

/* Into the sink, as far as it came. */
static gboolean
sink_body (Exchange *exchange, GalleyResponse *response)
{
  GalleyRequest *request = exchange->request;
  gsize bytes;
  gconstpointer data = g_bytes_get_data (response->body, &bytes);

  if (request->sink == NULL || response->status != request->sink_status)
    return TRUE;
  if (!g_output_stream_write_all (request->sink, data, MIN (bytes, request->sink_bytes), NULL, NULL,
                                  NULL))
    return FALSE;

  response->sunk_bytes = MIN (bytes, request->sink_bytes);
  g_bytes_unref (response->body);
  response->body = g_bytes_new_static ("", 0);
  return TRUE;
}

static void
shorten (Exchange *exchange)
{
  GalleyResponse *response = exchange->response;
  gsize bytes = g_bytes_get_size (response->body);
  GBytes *part = g_bytes_new_from_bytes (response->body, 0,
                                         galley_sim_random_below (&exchange->transport->chance,
                                                                  bytes + 1));

  g_bytes_unref (response->body);
  response->body = part;
}

static void
garble (Exchange *exchange)
{
  GalleyResponse *response = exchange->response;
  GalleySimRandom *chance = &exchange->transport->chance;
  gsize bytes;
  g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (response->body, NULL),
                                       g_bytes_get_size (response->body));

  bytes = g_bytes_get_size (response->body);
  for (guint i = 0; bytes > 0 && i < 4; i++)
    data[galley_sim_random_below (chance, bytes)] ^= 1 + galley_sim_random_below (chance, 255);
  g_bytes_unref (response->body);
  response->body = g_bytes_new (data, bytes);
}

static gboolean
deliver_cb (gpointer user_data)
{
  Exchange *exchange = user_data;
  GalleySimTransport *self = exchange->transport;
  gboolean cut = exchange->going == GO_ANSWER_CUT || !exchange->whole;

  if (self->dead || self->unplugged || exchange->response == NULL)
    {
      fail (exchange, GALLEY_SYNC_ERROR_CUT);
    }
  else if (exchange->task != NULL && exchange->going != GO_ANSWER_LOST)
    {
      if (exchange->going == GO_ANSWER_CUT)
        shorten (exchange);
      if (exchange->going == GO_GARBLED)
        garble (exchange);
      if (!sink_body (exchange, exchange->response) || cut)
        fail (exchange, GALLEY_SYNC_ERROR_CUT);
      else
        finish (exchange, g_steal_pointer (&exchange->response), NULL);
    }
  exchange_unref (exchange);
  return G_SOURCE_REMOVE;
}

static void
hang_up (Exchange *exchange)
{
  g_clear_pointer (&exchange->line, line_close);
  at (exchange, draw_delay_us (exchange->transport), deliver_cb);
  exchange_unref (exchange);
}

static gboolean
hang_up_cb (gpointer user_data)
{
  Exchange *exchange = user_data;

  if (exchange->line != NULL)
    hang_up (exchange);
  exchange_unref (exchange);
  return G_SOURCE_REMOVE;
}

/* The server closes the line behind its answer. */
static void
answer_moved (Line *line, gpointer data)
{
  Exchange *exchange = data;
  GalleySimNetwork *network = line->network;

  if (!galley_memory_pipe_is_closed (line->down))
    return;

  exchange->response = read_response (galley_memory_pipe_get_bytes (line->down),
                                      g_str_equal (exchange->request->method, "HEAD"),
                                      &exchange->whole);
  if (exchange->response != NULL && exchange->whole)
    network->answered (exchange->request, exchange->response, exchange->transport->machine,
                       network->data);
  /* Not from within the server's own work. */
  at (exchange, 0, hang_up_cb);
}

static gboolean
arrive_cb (gpointer user_data)
{
  Exchange *exchange = user_data;
  GalleySimTransport *self = exchange->transport;
  gsize bytes = exchange->bytes->len;

  if (self->dead || self->unplugged)
    {
      fail (exchange, GALLEY_SYNC_ERROR_UNREACHABLE);
      exchange_unref (exchange);
      return G_SOURCE_REMOVE;
    }

  exchange->line = line_open (self->network, answer_moved, exchange);
  if (exchange->line == NULL)
    {
      fail (exchange, GALLEY_SYNC_ERROR_UNREACHABLE);
      exchange_unref (exchange);
      return G_SOURCE_REMOVE;
    }
  if (exchange->going == GO_REQUEST_CUT)
    {
      bytes = galley_sim_random_below (&self->chance, bytes);
      at (exchange, SOON_US, hang_up_cb);
    }
  galley_memory_pipe_write (exchange->line->up, exchange->bytes->data, bytes);
  return G_SOURCE_REMOVE; /* the line has the reference */
}

static Exchange *
exchange_copy (Exchange *exchange)
{
  Exchange *copy = g_rc_box_new0 (Exchange);

  copy->transport = g_object_ref (exchange->transport);
  copy->request = galley_request_ref (exchange->request);
  copy->bytes = g_byte_array_ref (exchange->bytes);
  copy->going = GO_WELL;
  return copy;
}

static Going
draw_going (GalleySimTransport *self)
{
  const GalleySimWeather *weather = &self->network->weather;
  const guint percents[] = { weather->request_lost, weather->answer_lost, weather->request_cut,
                             weather->answer_cut,   weather->duplicated,  weather->hotel,
                             weather->proxy,        weather->garbled };
  guint dice = galley_sim_random_below (&self->chance, 100);

  for (guint i = 0; i < G_N_ELEMENTS (percents); i++)
    {
      if (dice < percents[i])
        return GO_REQUEST_LOST + i;
      dice -= percents[i];
    }

  return GO_WELL;
}

static gboolean
strange_answer_cb (gpointer user_data)
{
  Exchange *exchange = user_data;
  gboolean hotel = exchange->going == GO_HOTEL;
  GalleyResponse *response = galley_response_new (hotel ? 200 : 502);

  galley_response_set_header (response, "Content-Type", "text/html");
  g_bytes_unref (response->body);
  response->body = g_bytes_new_static ("<html>Welcome!</html>", 21);
  finish (exchange, response, NULL);
  exchange_unref (exchange);
  return G_SOURCE_REMOVE;
}

static gboolean
unreachable_cb (gpointer user_data)
{
  fail (user_data, GALLEY_SYNC_ERROR_UNREACHABLE);
  exchange_unref (user_data);
  return G_SOURCE_REMOVE;
}

static void
set_out (Exchange *exchange)
{
  GalleySimTransport *self = exchange->transport;
  gint64 delay_us = draw_delay_us (self);

  switch (exchange->going)
    {
    case GO_REQUEST_LOST:
      break;

    case GO_HOTEL:
    case GO_PROXY:
      at (exchange, delay_us, strange_answer_cb);
      break;

    case GO_DUPLICATED:
      {
        Exchange *copy = exchange_copy (exchange);

        at (copy, galley_sim_random_below (&self->chance, DUPLICATE_US), arrive_cb);
        exchange_unref (copy);
        at (exchange, delay_us, arrive_cb);
      }
      break;

    default:
      at (exchange, delay_us, arrive_cb);
    }
}

static void
sim_send_async (GalleyTransport *transport,
                GalleyRequest *request,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  GalleySimTransport *self = GALLEY_SIM_TRANSPORT (transport);
  Exchange *exchange = g_rc_box_new0 (Exchange);

  exchange->transport = g_object_ref (self);
  exchange->task = g_task_new (self, cancellable, callback, user_data);
  exchange->request = galley_request_ref (request);
  exchange->bytes = write_request (request, self->token);
  exchange->going = draw_going (self);
  if (self->dead || self->unplugged)
    {
      at (exchange, SOON_US, unreachable_cb);
    }
  else
    {
      exchange->timeout = galley_sim_time_add (self->network->time, TIMEOUT_US, timeout_cb,
                                               g_rc_box_acquire (exchange));
      if (cancellable != NULL)
        exchange->cancelled = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                                     exchange, NULL);
      set_out (exchange);
    }
  exchange_unref (exchange);
}

static GalleyResponse *
sim_send_finish (GalleyTransport *transport, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ── the events' line ── */

typedef struct
{
  GalleySimTransport *transport;
  GTask *task;               /* (nullable): opened, or given up */
  GalleyEventStream *stream; /* (nullable) */
  Line *line;                /* (nullable) */
  gboolean waking;
} Events;

static void
events_clear (gpointer data)
{
  Events *events = data;

  g_clear_object (&events->transport);
  g_clear_object (&events->stream);
}

static void
events_unref (Events *events)
{
  g_rc_box_release_full (events, events_clear);
}

static void
events_end (Events *events)
{
  GTask *task = g_steal_pointer (&events->task);
  gboolean had_line = events->line != NULL;

  if (had_line)
    {
      g_ptr_array_remove (events->transport->event_lines, events);
      g_clear_pointer (&events->line, line_close);
    }
  if (events->stream != NULL)
    {
      g_signal_handlers_disconnect_by_data (events->stream, events);
      galley_event_stream_take_closed (events->stream);
      g_clear_object (&events->stream);
    }
  if (task != NULL)
    {
      g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_UNREACHABLE,
                               "No line for events.");
      g_object_unref (task);
    }
  if (had_line)
    events_unref (events);
}

static gboolean
stream_closed_cb (gpointer user_data)
{
  events_end (user_data);
  events_unref (user_data);
  return G_SOURCE_REMOVE;
}

static void
stream_close_cb (GalleyEventStream *stream, Events *events)
{
  galley_sim_time_add (events->transport->network->time, 0, stream_closed_cb,
                       g_rc_box_acquire (events));
}

/* One frame, as a server sends them: not masked, at most 4 KiB.
 * Returns: FALSE when there is none yet */
static gboolean
take_frame (Events *events)
{
  GByteArray *bytes = galley_memory_pipe_get_bytes (events->line->down);
  g_autofree char *text = NULL;
  gsize head = 2, length;
  guint8 opcode;

  if (bytes->len < 2)
    return FALSE;
  opcode = bytes->data[0] & 0xf;
  length = bytes->data[1] & 0x7f;
  if (length == 126)
    {
      if (bytes->len < 4)
        return FALSE;
      length = bytes->data[2] << 8 | bytes->data[3];
      head = 4;
    }
  if (bytes->len < head + length)
    return FALSE;

  text = g_strndup ((const char *)bytes->data + head, length);
  g_byte_array_remove_range (bytes, 0, head + length);
  if (opcode == 1 && events->stream != NULL)
    galley_event_stream_take_message (events->stream, text);
  return opcode != 8 && events->line != NULL && events->stream != NULL;
}

static void
events_opened (Events *events)
{
  GTask *task = g_steal_pointer (&events->task);

  events->stream = galley_event_stream_new ();
  g_signal_connect (events->stream, "close", G_CALLBACK (stream_close_cb), events);
  g_task_return_pointer (task, g_object_ref (events->stream), g_object_unref);
  g_object_unref (task);
}

static gboolean
events_moved_cb (gpointer user_data)
{
  Events *events = user_data;
  GByteArray *bytes;
  gsize body;

  events->waking = FALSE;
  if (events->line != NULL && events->task != NULL)
    {
      bytes = galley_memory_pipe_get_bytes (events->line->down);
      body = find_body (bytes);
      if (body > 0 && memcmp (bytes->data, "HTTP/1.1 101", 12) == 0 &&
          !g_cancellable_is_cancelled (g_task_get_cancellable (events->task)))
        {
          g_byte_array_remove_range (bytes, 0, body);
          events_opened (events);
        }
      else if (body > 0)
        {
          events_end (events);
        }
    }
  while (events->line != NULL && events->stream != NULL && take_frame (events))
    ;
  if (events->line != NULL && galley_memory_pipe_is_closed (events->line->down))
    events_end (events);
  events_unref (events);
  return G_SOURCE_REMOVE;
}

static void
events_moved (Line *line, gpointer data)
{
  Events *events = data;

  if (events->waking)
    return;
  events->waking = TRUE;
  galley_sim_time_add (line->network->time, draw_delay_us (events->transport), events_moved_cb,
                       g_rc_box_acquire (events));
}

static gboolean
open_events_cb (gpointer user_data)
{
  Events *events = user_data;
  GalleySimTransport *self = events->transport;
  g_autofree char *text = g_strdup_printf ("GET /v1/events HTTP/1.1\r\nHost: simulator\r\n"
                                           "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                           "Sec-WebSocket-Version: 13\r\n"
                                           "Authorization: Bearer %s\r\n\r\n",
                                           self->token != NULL ? self->token : "none");

  if (!self->dead && !self->unplugged &&
      !g_cancellable_is_cancelled (g_task_get_cancellable (events->task)))
    events->line = line_open (self->network, events_moved, events);
  if (events->line == NULL)
    {
      events_end (events);
    }
  else
    {
      g_ptr_array_add (self->event_lines, g_rc_box_acquire (events));
      galley_memory_pipe_write (events->line->up, text, strlen (text));
    }
  events_unref (events);
  return G_SOURCE_REMOVE;
}

static void
sim_open_events_async (GalleyTransport *transport,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GalleySimTransport *self = GALLEY_SIM_TRANSPORT (transport);
  Events *events = g_rc_box_new0 (Events);

  events->transport = g_object_ref (self);
  events->task = g_task_new (self, cancellable, callback, user_data);
  galley_sim_time_add (self->network->time, draw_delay_us (self), open_events_cb, events);
}

static GalleyEventStream *
sim_open_events_finish (GalleyTransport *transport, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
break_events (GalleySimTransport *self)
{
  while (self->event_lines->len > 0)
    events_end (self->event_lines->pdata[0]);
}

/* ── the transport ── */

static void
sim_set_account (GalleyTransport *transport, const char *url, const char *token)
{
  GalleySimTransport *self = GALLEY_SIM_TRANSPORT (transport);

  g_free (self->token);
  self->token = g_strdup (token);
}

static void
galley_sim_transport_iface_init (GalleyTransportInterface *iface)
{
  iface->set_account = sim_set_account;
  iface->send_async = sim_send_async;
  iface->send_finish = sim_send_finish;
  iface->open_events_async = sim_open_events_async;
  iface->open_events_finish = sim_open_events_finish;
}

static void
galley_sim_transport_finalize (GObject *object)
{
  GalleySimTransport *self = GALLEY_SIM_TRANSPORT (object);

  g_free (self->token);
  g_ptr_array_unref (self->event_lines);
  G_OBJECT_CLASS (galley_sim_transport_parent_class)->finalize (object);
}

static void
galley_sim_transport_class_init (GalleySimTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_sim_transport_finalize;
}

static void
galley_sim_transport_init (GalleySimTransport *self)
{
  self->event_lines = g_ptr_array_new ();
}

GalleySimTransport *
galley_sim_transport_new (GalleySimNetwork *network, guint machine, guint64 seed)
{
  GalleySimTransport *self = g_object_new (GALLEY_TYPE_SIM_TRANSPORT, NULL);

  self->network = network;
  self->machine = machine;
  self->chance.state = seed;
  return self;
}

/* What is under way does not arrive. */
void
galley_sim_transport_set_unplugged (GalleySimTransport *self, gboolean unplugged)
{
  self->unplugged = unplugged;
  if (unplugged)
    break_events (self);
}

/* Its machine has lost power: nothing goes out and nothing comes in any more. */
void
galley_sim_transport_die (GalleySimTransport *self)
{
  self->dead = TRUE;
  break_events (self);
}

const char *
galley_sim_transport_get_token (GalleySimTransport *self)
{
  return self->token;
}

/* ── the network ── */

GalleySimNetwork *
galley_sim_network_new (GalleySimTime *time, GalleySimAnswered answered, gpointer data)
{
  GalleySimNetwork *self = g_new0 (GalleySimNetwork, 1);

  self->time = time;
  self->weather = galley_sim_calm;
  self->answered = answered;
  self->data = data;
  self->lines = g_ptr_array_new ();
  return self;
}

void
galley_sim_network_free (GalleySimNetwork *self)
{
  g_assert_cmpuint (self->lines->len, ==, 0);
  g_ptr_array_unref (self->lines);
  g_free (self);
}

/* @server: (nullable): it is down */
void
galley_sim_network_set_server (GalleySimNetwork *self, GalleyServer *server)
{
  self->server = server;
}

void
galley_sim_network_set_weather (GalleySimNetwork *self, const GalleySimWeather *weather)
{
  self->weather = *weather;
}

/* Of all that are open, as when the server's machine goes down. */
void
galley_sim_network_break_lines (GalleySimNetwork *self)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_copy (self->lines, NULL, NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      Line *line = lines->pdata[i];

      /* What it wrote and nobody has taken is lost with it. */
      g_byte_array_set_size (galley_memory_pipe_get_bytes (line->down), 0);
      galley_memory_pipe_close (line->up);
      galley_memory_pipe_close (line->down);
    }
}

typedef struct
{
  GalleyResponse *response;
  gboolean whole, closed;
} Asking;

static void
asked_moved (Line *line, gpointer data)
{
  Asking *asking = data;

  if (!galley_memory_pipe_is_closed (line->down))
    return;
  asking->closed = TRUE;
  asking->response = read_response (galley_memory_pipe_get_bytes (line->down), FALSE,
                                    &asking->whole);
}

/**
 * galley_sim_network_ask:
 *
 * Returns: (transfer full) (nullable): the server's answer, after as much time as it takes
 */
GalleyResponse *
galley_sim_network_ask (GalleySimNetwork *self, GalleyRequest *request, const char *token)
{
  g_autoptr (GByteArray) bytes = write_request (request, token);
  Asking asking = { 0 };
  Line *line = line_open (self, asked_moved, &asking);

  g_assert_nonnull (line);
  galley_memory_pipe_write (line->up, bytes->data, bytes->len);
  for (guint i = 0; i < 1000 && !asking.closed; i++)
    galley_sim_time_pass (self->time, 10000);
  line_close (line);
  return asking.response;
}
