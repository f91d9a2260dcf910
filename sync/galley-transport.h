/* galley-transport.h: the way to the server, given in: production has libsoup, tests have a script
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-event-stream.h"
#include "sync/galley-request.h"
#include "sync/galley-sync-error.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_TRANSPORT (galley_transport_get_type ())
G_DECLARE_INTERFACE (GalleyTransport, galley_transport, GALLEY, TRANSPORT, GObject)

/**
 * GalleyTransportInterface:
 * @set_account: which server, and the token to show there; both may be %NULL
 * @send_async: asks once; tries nothing again by itself
 * @send_finish: an answer of any status, or an error of %GALLEY_SYNC_ERROR (or cancelled): no
 *   answer came, or only a part
 * @open_events_async: the stream of "there is something new"
 */
struct _GalleyTransportInterface
{
  GTypeInterface parent_iface;

  void (*set_account) (GalleyTransport *self, const char *url, const char *token);
  void (*send_async) (GalleyTransport *self,
                      GalleyRequest *request,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
  GalleyResponse *(*send_finish) (GalleyTransport *self, GAsyncResult *result, GError **error);
  void (*open_events_async) (GalleyTransport *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
  GalleyEventStream *(*open_events_finish) (GalleyTransport *self,
                                            GAsyncResult *result,
                                            GError **error);
};

void galley_transport_set_account (GalleyTransport *self, const char *url, const char *token);
void galley_transport_send_async (GalleyTransport *self,
                                  GalleyRequest *request,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
GalleyResponse *galley_transport_send_finish (GalleyTransport *self,
                                              GAsyncResult *result,
                                              GError **error);
void galley_transport_get_traffic (GalleyTransport *self,
                                   guint64 *sent_bytes,
                                   guint64 *received_bytes);
void galley_transport_open_events_async (GalleyTransport *self,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
GalleyEventStream *galley_transport_open_events_finish (GalleyTransport *self,
                                                        GAsyncResult *result,
                                                        GError **error);

G_END_DECLS
