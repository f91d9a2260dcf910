/* galley-soup-transport.h: the way to the server over HTTP and a WebSocket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-transport.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_SOUP_TRANSPORT (galley_soup_transport_get_type ())
G_DECLARE_FINAL_TYPE (GalleySoupTransport, galley_soup_transport, GALLEY, SOUP_TRANSPORT, GObject)

GalleyTransport *galley_soup_transport_new (guint timeout_s);

G_END_DECLS
