/* galley-limits-menu.h: what a person lets jobs use, as the choices of a menu
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-sync-service.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Gives @button its menu, whose choices hold for all programs of the workspace. */
void galley_limits_menu_attach (GtkMenuButton *button, GalleySyncService *service);

G_END_DECLS
