/* galley-swatch.h: a spot of ink: a disc of a colour, or a stroke of a weight in that colour
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-tool.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_SWATCH (galley_swatch_get_type ())
G_DECLARE_FINAL_TYPE (GalleySwatch, galley_swatch, GALLEY, SWATCH, GtkWidget)

GtkWidget *galley_swatch_new (int size);
void galley_swatch_set_color (GalleySwatch *self, const GdkRGBA *color);
void galley_swatch_set_weight (GalleySwatch *self, GalleyWeight weight);

G_END_DECLS
