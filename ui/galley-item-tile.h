/* galley-item-tile.h: an item in the grid: picture, name, state
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_ITEM_TILE (galley_item_tile_get_type ())
G_DECLARE_FINAL_TYPE (GalleyItemTile, galley_item_tile, GALLEY, ITEM_TILE, GtkWidget)

GtkWidget *galley_item_tile_new (void);
void galley_item_tile_set_item (GalleyItemTile *self, GalleyItem *item);

G_END_DECLS
