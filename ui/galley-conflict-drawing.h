/* galley-conflict-drawing.h: where a mark was, and where each person put it, over the page
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-conflict.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_CONFLICT_DRAWING (galley_conflict_drawing_get_type ())
G_DECLARE_FINAL_TYPE (
    GalleyConflictDrawing, galley_conflict_drawing, GALLEY, CONFLICT_DRAWING, GtkWidget)

/* What is picked can be dragged, or moved with the arrow keys: then it is the person's own. */

GtkWidget *galley_conflict_drawing_legend_new (int side); /* -1: what it was before */
GtkWidget *galley_conflict_drawing_new (GalleyConflict *conflict, guint contest);
gboolean galley_conflict_drawing_can_show (GalleyConflict *conflict, guint contest);

G_END_DECLS
