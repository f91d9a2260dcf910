/* galley-tool-bar.h: the tools of a canvas, its ink and its zoom
 *
 * To be laid over the canvas (a GtkOverlay's child at the bottom) or put into a bar.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-canvas.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_TOOL_BAR (galley_tool_bar_get_type ())
G_DECLARE_FINAL_TYPE (GalleyToolBar, galley_tool_bar, GALLEY, TOOL_BAR, GtkWidget)

/* properties:
 *   canvas (GalleyCanvas, nullable)
 */

GtkWidget *galley_tool_bar_new (GalleyCanvas *canvas);
void galley_tool_bar_set_canvas (GalleyToolBar *self, GalleyCanvas *canvas);
GtkWidget *galley_tool_bar_get_button (GalleyToolBar *self, GalleyTool tool);

G_END_DECLS
