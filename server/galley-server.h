/* galley-server.h: the other end: listens, checks who asks, and lets the back end answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-world.h"
#include "server/galley-backend.h"

#include <libsoup/soup.h>

#include <stdio.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_SERVER (galley_server_get_type ())
G_DECLARE_FINAL_TYPE (GalleyServer, galley_server, GALLEY, SERVER, GObject)

GalleyServer *galley_server_new (const char *folder, const GalleyWorld *world, GError **error);
gboolean galley_server_listen (GalleyServer *self,
                               const char *address,
                               const char *certificate,
                               const char *key,
                               GError **error);
void galley_server_set_log (GalleyServer *self, FILE *out);
gboolean galley_server_listen_on (
    GalleyServer *self, GSocket *socket, const char *certificate, const char *key, GError **error);
gboolean galley_server_accept (GalleyServer *self, GIOStream *stream, GError **error);
const char *galley_server_get_uri (GalleyServer *self);
GalleyBackend *galley_server_get_backend (GalleyServer *self);
/* No new requests; TRUE once those that run are answered. */
gboolean galley_server_drain (GalleyServer *self);
void galley_server_close (GalleyServer *self);

G_END_DECLS
