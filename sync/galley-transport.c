/* galley-transport.c: the way to the server, given in: production has libsoup, tests have a script
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-transport"

#include "sync/galley-transport.h"

G_DEFINE_INTERFACE (GalleyTransport, galley_transport, G_TYPE_OBJECT)

/* ── how much has travelled ── */

typedef struct
{
  guint64 sent_bytes, received_bytes;
} Traffic;

#define TRAFFIC "galley-traffic"
/* Of a result: how many bytes its request sent. */
#define BODY_BYTES "galley-body-bytes"

static Traffic *
get_traffic (GalleyTransport *self)
{
  Traffic *traffic = g_object_get_data (G_OBJECT (self), TRAFFIC);

  if (traffic == NULL)
    {
      traffic = g_new0 (Traffic, 1);
      g_object_set_data_full (G_OBJECT (self), TRAFFIC, traffic, g_free);
    }
  return traffic;
}

/**
 * galley_transport_get_traffic:
 * @sent_bytes: (out): of bodies that were sent and answered, since the transport was made
 * @received_bytes: (out): of the answers to them
 *
 * Main loop.
 */
void
galley_transport_get_traffic (GalleyTransport *self, guint64 *sent_bytes, guint64 *received_bytes)
{
  const Traffic *traffic;

  g_return_if_fail (GALLEY_IS_TRANSPORT (self));

  traffic = get_traffic (self);
  *sent_bytes = traffic->sent_bytes;
  *received_bytes = traffic->received_bytes;
}

/* A request that is under way, for who asked. */
typedef struct
{
  gsize body_bytes;
  GAsyncReadyCallback callback;
  gpointer user_data;
} Sending;

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Sending *sending = user_data;

  g_object_set_data (G_OBJECT (result), BODY_BYTES, GSIZE_TO_POINTER (sending->body_bytes));
  sending->callback (source, result, sending->user_data);
}

static void
galley_transport_default_init (GalleyTransportInterface *iface)
{
}

/**
 * galley_transport_set_account:
 * @url: (nullable): the server's address, "https://review.example.org"; no server: %NULL
 * @token: (nullable): what enrolment gave; %NULL before that
 *
 * Main loop. Holds for requests that are sent from now on.
 */
void
galley_transport_set_account (GalleyTransport *self, const char *url, const char *token)
{
  g_return_if_fail (GALLEY_IS_TRANSPORT (self));

  GALLEY_TRANSPORT_GET_IFACE (self)->set_account (self, url, token);
}

/**
 * galley_transport_send_async:
 * @request: kept until @callback has run
 *
 * Main loop.
 */
void
galley_transport_send_async (GalleyTransport *self,
                             GalleyRequest *request,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  Sending *sending;

  g_return_if_fail (GALLEY_IS_TRANSPORT (self));
  g_return_if_fail (request != NULL);

  sending = g_new0 (Sending, 1);
  sending->body_bytes = request->body_stream != NULL ? request->body_bytes
                        : request->body != NULL      ? g_bytes_get_size (request->body)
                                                     : 0;
  sending->callback = callback;
  sending->user_data = user_data;
  GALLEY_TRANSPORT_GET_IFACE (self)->send_async (self, request, cancellable, sent_cb, sending);
}

/**
 * galley_transport_send_finish:
 * @error: return location for a %GALLEY_SYNC_ERROR or %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full): the answer, whatever its status: see galley_response_check(); or %NULL
 *   with @error set when there is none, or only a part of one
 */
GalleyResponse *
galley_transport_send_finish (GalleyTransport *self, GAsyncResult *result, GError **error)
{
  GalleyResponse *response;

  g_return_val_if_fail (GALLEY_IS_TRANSPORT (self), NULL);

  response = GALLEY_TRANSPORT_GET_IFACE (self)->send_finish (self, result, error);
  if (response != NULL)
    {
      Traffic *traffic = get_traffic (self);

      traffic->sent_bytes += GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (result), BODY_BYTES));
      traffic->received_bytes += g_bytes_get_size (response->body) + response->sunk_bytes;
    }
  return response;
}

/**
 * galley_transport_open_events_async:
 *
 * Main loop. Opens the stream on which the server tells that there is something new.
 */
void
galley_transport_open_events_async (GalleyTransport *self,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (GALLEY_IS_TRANSPORT (self));

  GALLEY_TRANSPORT_GET_IFACE (self)->open_events_async (self, cancellable, callback, user_data);
}

/**
 * galley_transport_open_events_finish:
 *
 * Returns: (transfer full): the open stream, or %NULL with @error set
 */
GalleyEventStream *
galley_transport_open_events_finish (GalleyTransport *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (GALLEY_IS_TRANSPORT (self), NULL);

  return GALLEY_TRANSPORT_GET_IFACE (self)->open_events_finish (self, result, error);
}
