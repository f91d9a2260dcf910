/* galley-mark-text.h: the lines of a text mark: how large they are, and how they are drawn
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-mark.h"

#include <pango/pangocairo.h>

G_BEGIN_DECLS

/* The size of the letters for a mark of width 1, in asset units. */
#define GALLEY_MARK_TEXT_SIZE 6.0

PangoLayout *galley_mark_text_layout (const char *body, double width, double line);
void galley_mark_text_get_box (GalleyMark *mark, graphene_rect_t *box);
GalleyPoints *galley_mark_text_get_points (
    const char *body, double width, double x, double y, double room);

G_END_DECLS
