/* galley-fuzz-server.h: a server in one thread, with somebody who has joined it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "galley-bare-device.h"
#include "server/galley-server.h"

G_BEGIN_DECLS

typedef struct
{
  GalleyServer *server;
  GalleyBareDevice *lead;
  char *lead_token, *guest_token;
  GalleyId project, item; /* of the same bytes p and i each time; nothing else is there */
} GalleyFuzzServer;

GalleyFuzzServer *galley_fuzz_server_new (void);
void galley_fuzz_server_free (GalleyFuzzServer *self);
GalleyBackend *galley_fuzz_server_get_backend (GalleyFuzzServer *self);
void galley_fuzz_server_get_session (GalleyFuzzServer *self, GalleySession *session);

G_END_DECLS
