/* galley-sync-popover.h: what is under way, at a glance, and the switch for working offline
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-health.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_SYNC_POPOVER (galley_sync_popover_get_type ())
G_DECLARE_FINAL_TYPE (GalleySyncPopover, galley_sync_popover, GALLEY, SYNC_POPOVER, GtkPopover)

void galley_sync_popover_set_health (GalleySyncPopover *self, GalleyHealth *health);

G_END_DECLS
