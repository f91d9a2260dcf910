/* galley-item.h: one item of a list: what its row and its tile show
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-reader.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_ITEM (galley_item_get_type ())
G_DECLARE_FINAL_TYPE (GalleyItem, galley_item, GALLEY, ITEM, GObject)

/* properties, read only, announced when they change:
 *   loaded (boolean)       whether the rest is there yet
 *   name, state, media-type (text)
 *   thumbnail (GdkTexture) (nullable)
 *   contested, here (boolean)
 *   n-open, n-annotations, n-pages, version (uint)
 *   updated (int64)        microseconds since 1970 UTC
 * signals:
 *   "changed"              any of them: once, however many
 */

GalleyItem *galley_item_new (const GalleyId *id);
const GalleyId *galley_item_get_id (GalleyItem *self);
const GalleyItemRow *galley_item_get_row (GalleyItem *self);
GdkTexture *galley_item_get_thumbnail (GalleyItem *self);
const char *galley_item_get_name (GalleyItem *self);

void galley_item_take_row (GalleyItem *self, GalleyItemRow *row);
void galley_item_set_thumbnail (GalleyItem *self, GdkTexture *thumbnail);

char *galley_item_describe (GalleyItem *self);

G_END_DECLS
