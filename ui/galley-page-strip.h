/* galley-page-strip.h: the pages of an asset one below the other, small; the current one is chosen
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-canvas.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_PAGE_STRIP (galley_page_strip_get_type ())
G_DECLARE_FINAL_TYPE (GalleyPageStrip, galley_page_strip, GALLEY, PAGE_STRIP, GtkWidget)

/* properties:
 *   canvas (GalleyCanvas, nullable)   whose asset, marks and page these are; a choice turns its
 * page
 */

GtkWidget *galley_page_strip_new (GalleyCanvas *canvas);
void galley_page_strip_set_canvas (GalleyPageStrip *self, GalleyCanvas *canvas);

G_END_DECLS
