/* galley-page-tiles.h: the pictures of a page in tiles: asked for, kept, drawn
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-page-source.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_PAGE_TILES (galley_page_tiles_get_type ())
G_DECLARE_FINAL_TYPE (GalleyPageTiles, galley_page_tiles, GALLEY, PAGE_TILES, GObject)

GalleyPageTiles *galley_page_tiles_new (GalleyPageSource *source);

void galley_page_tiles_show (GalleyPageTiles *self,
                             guint page,
                             double scale,
                             const graphene_rect_t *visible);
void galley_page_tiles_snapshot (GalleyPageTiles *self, GtkSnapshot *snapshot, double zoom);

void galley_page_tiles_forget (GalleyPageTiles *self);
gboolean galley_page_tiles_has_picture (GalleyPageTiles *self);
gboolean galley_page_tiles_is_sharp (GalleyPageTiles *self);
const GError *galley_page_tiles_get_error (GalleyPageTiles *self);
gsize galley_page_tiles_get_bytes (GalleyPageTiles *self);
void galley_page_tiles_set_max_bytes (GalleyPageTiles *self, gsize max_bytes);

G_END_DECLS
