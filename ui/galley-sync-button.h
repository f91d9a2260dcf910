/* galley-sync-button.h: the symbol in every header bar that says whether the work is safe
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-health.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_SYNC_BUTTON (galley_sync_button_get_type ())
G_DECLARE_FINAL_TYPE (GalleySyncButton, galley_sync_button, GALLEY, SYNC_BUTTON, GtkWidget)

void galley_sync_button_set_health (GalleySyncButton *self, GalleyHealth *health);
void galley_sync_button_popup (GalleySyncButton *self);

G_END_DECLS
