/* galley-mark-drawing.h: how a mark looks; one drawing for the canvas and for small pictures
 *
 * All places are screen units from the page's top left corner: asset units times @zoom.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-mark.h"

#include <cairo.h>

G_BEGIN_DECLS

void galley_mark_drawing_get_bounds (GalleyMark *mark, double zoom, graphene_rect_t *bounds);
void galley_mark_drawing_draw_ink (GalleyMark *mark, cairo_t *cr, double zoom);
void galley_mark_drawing_draw (GalleyMark *mark, cairo_t *cr, double zoom);
void galley_mark_drawing_draw_small (GalleyMark *mark, cairo_t *cr, double zoom);
void galley_mark_drawing_draw_glow (
    GalleyMark *mark, cairo_t *cr, double zoom, const GdkRGBA *accent, double strength);
void galley_mark_drawing_draw_handles (GalleyMark *mark,
                                       cairo_t *cr,
                                       double zoom,
                                       const GdkRGBA *accent);

G_END_DECLS
