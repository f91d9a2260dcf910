/* galley-transport.c: the way to the server, given in: production has libsoup, tests have a script
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-transport"

#include "sync/galley-transport.h"

G_DEFINE_INTERFACE (GalleyTransport, galley_transport, G_TYPE_OBJECT)

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
  g_return_if_fail (GALLEY_IS_TRANSPORT (self));
  g_return_if_fail (request != NULL);

  GALLEY_TRANSPORT_GET_IFACE (self)->send_async (self, request, cancellable, callback, user_data);
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
  g_return_val_if_fail (GALLEY_IS_TRANSPORT (self), NULL);

  return GALLEY_TRANSPORT_GET_IFACE (self)->send_finish (self, result, error);
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
