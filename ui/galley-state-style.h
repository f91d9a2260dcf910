/* galley-state-style.h: the symbol and colour of an item's state
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

void galley_state_style_set_image (GtkImage *image, const char *state);

G_END_DECLS
