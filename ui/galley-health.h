/* galley-health.h: "is my work safe, and does anything need me?" for the window to show
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"
#include "sync/galley-sync-service.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_HEALTH (galley_health_get_type ())
G_DECLARE_FINAL_TYPE (GalleyHealth, galley_health, GALLEY, HEALTH, GObject)

/* properties, read only, announced on the main loop:
 *   sentence, detail, icon-name (text)
 *   conflicts (uint)  open conflicts
 *   needs (uint)      everything that waits for the person, conflicts among it
 *   good (boolean)    nothing is open, failed or unsent
 * signals:
 *   "changed"         any of them, once
 */

GalleyHealth *galley_health_new (GalleyStore *store, GalleySyncService *service);

GalleySyncService *galley_health_get_service (GalleyHealth *self);
GalleyStore *galley_health_get_store (GalleyHealth *self);
const char *galley_health_get_sentence (GalleyHealth *self);
const char *galley_health_get_detail (GalleyHealth *self);
const char *galley_health_get_icon_name (GalleyHealth *self);
guint galley_health_get_conflicts (GalleyHealth *self);
guint galley_health_get_needs (GalleyHealth *self);
gboolean galley_health_is_good (GalleyHealth *self);

G_END_DECLS
