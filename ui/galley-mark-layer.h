/* galley-mark-layer.h: the finished marks of a page, drawn once into tiles
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-mark.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_MARK_LAYER (galley_mark_layer_get_type ())
G_DECLARE_FINAL_TYPE (GalleyMarkLayer, galley_mark_layer, GALLEY, MARK_LAYER, GObject)

GalleyMarkLayer *galley_mark_layer_new (gboolean ink);

void galley_mark_layer_set_marks (GalleyMarkLayer *self, GListModel *marks);
void galley_mark_layer_set_page (GalleyMarkLayer *self, guint page);
void galley_mark_layer_set_live (GalleyMarkLayer *self, GalleyMark *mark);
void galley_mark_layer_set_zoom (GalleyMarkLayer *self, double zoom, int device_scale);

void galley_mark_layer_snapshot (GalleyMarkLayer *self,
                                 GtkSnapshot *snapshot,
                                 const graphene_rect_t *visible);
gboolean galley_mark_layer_is_empty (GalleyMarkLayer *self);
guint galley_mark_layer_get_n_drawn (GalleyMarkLayer *self);

G_END_DECLS
