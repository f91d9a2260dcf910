/* galley-fleet.h: how a server and its devices are, for whoever runs it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "server/galley-call.h"

G_BEGIN_DECLS

/* One object; the backend's own thread. */
gboolean galley_fleet_add_to_json (GalleyBackend *backend, JsonBuilder *json, GError **error);
gboolean galley_fleet_dispatch (GalleyCall *call, GError **error);

G_END_DECLS
