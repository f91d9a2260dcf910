/* galley-settle-several.h: one choice for many conflicts, with a summary before
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-conflict.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

void galley_settle_several_present (GtkWidget *widget, GalleyStore *store, GalleyConflict *shown);

G_END_DECLS
