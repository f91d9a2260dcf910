/* galley-item-columns.h: the columns of the list of items, and which of them sorts it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-reader.h"

#include <adwaita.h>

G_BEGIN_DECLS

typedef void (*GalleySortFunc) (GalleyItemSort sort, gboolean descending, gpointer data);

void galley_item_columns_add (GtkColumnView *view, GalleySortFunc func, gpointer data);
void galley_item_columns_set_width (GtkColumnView *view, int width_px);

G_END_DECLS
