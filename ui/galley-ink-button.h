/* galley-ink-button.h: chooses the colour and the weight of new marks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-canvas.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_INK_BUTTON (galley_ink_button_get_type ())
G_DECLARE_FINAL_TYPE (GalleyInkButton, galley_ink_button, GALLEY, INK_BUTTON, GtkWidget)

GtkWidget *galley_ink_button_new (void);
void galley_ink_button_set_canvas (GalleyInkButton *self, GalleyCanvas *canvas);

G_END_DECLS
