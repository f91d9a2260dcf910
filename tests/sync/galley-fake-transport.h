/* galley-fake-transport.h: a way to a server that is a function of the test
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-transport.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_FAKE_TRANSPORT (galley_fake_transport_get_type ())
G_DECLARE_FINAL_TYPE (GalleyFakeTransport, galley_fake_transport, GALLEY, FAKE_TRANSPORT, GObject)

/* Returns: (transfer full): the answer; or %NULL with @error set; or %NULL alone: it never comes */
typedef GalleyResponse *(*GalleyFakeServer) (GalleyRequest *request, gpointer data, GError **error);

GalleyFakeTransport *galley_fake_transport_new (GalleyFakeServer server, gpointer data);
guint galley_fake_transport_get_n_requests (GalleyFakeTransport *self);
guint galley_fake_transport_get_n_hanging (GalleyFakeTransport *self);
GalleyEventStream *galley_fake_transport_get_events (GalleyFakeTransport *self);
GalleyResponse *galley_fake_json (guint status, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
