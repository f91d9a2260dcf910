/* galley-canvas.h: one page of an asset with the marks on it, to look at and to draw on
 *
 * Put it into a GtkScrolledWindow, with kinetic scrolling off: a finger draws. It keeps nothing:
 * what a hand did is told by signals, and what is in the model of marks is shown.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-mark.h"
#include "ui/galley-page-source.h"
#include "ui/galley-tool.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_ZOOM_MODE (galley_zoom_mode_get_type ())
typedef enum
{
  GALLEY_ZOOM_FIT,
  GALLEY_ZOOM_WIDTH,
  GALLEY_ZOOM_ACTUAL, /* 100 % */
  GALLEY_ZOOM_FREE,
} GalleyZoomMode;

GType galley_zoom_mode_get_type (void) G_GNUC_CONST;

#define GALLEY_TYPE_CANVAS (galley_canvas_get_type ())
G_DECLARE_FINAL_TYPE (GalleyCanvas, galley_canvas, GALLEY, CANVAS, GtkWidget)

/* properties:
 *   source (GalleyPageSource, nullable)
 *   asset-name (text)                    for a screen reader
 *   marks (GListModel of GalleyMark, nullable)
 *   page, n-pages (uint)                 the first is 1; n-pages is read only
 *   zoom (double)                        screen units an asset unit; setting it is free zoom
 *   zoom-mode (GalleyZoomMode)
 *   tool (GalleyTool), color (GdkRGBA), weight (GalleyWeight)
 *   stroke-width (double)                asset units, read only: the weight on this page
 *   selected (GalleyMark, nullable)      one of another page turns to its page
 *   editable (boolean)                   whether a hand may draw and move
 *   inset (int)                          screen units kept free at the bottom, for a tool bar there
 *
 * signals:
 *   mark-drawn (GalleyMark)                a new one, without an id, that is in no model yet. If
 * the handler puts this very object in the model, it is selected mark-moved (GalleyMark,
 * GalleyPoints)  it has its new points already; here are those before mark-activated (GalleyMark)
 * open its thread delete-requested (GalleyMark)
 *
 * actions: canvas.zoom-in, .zoom-out, .zoom-fit, .zoom-width, .zoom-actual, .next-page,
 *   .previous-page, .delete
 */

GalleyCanvas *galley_canvas_new (void);

void galley_canvas_set_source (GalleyCanvas *self, GalleyPageSource *source);
GalleyPageSource *galley_canvas_get_source (GalleyCanvas *self);
void galley_canvas_set_name (GalleyCanvas *self, const char *name);
void galley_canvas_set_marks (GalleyCanvas *self, GListModel *marks);
GListModel *galley_canvas_get_marks (GalleyCanvas *self);

void galley_canvas_set_page (GalleyCanvas *self, guint page);
guint galley_canvas_get_page (GalleyCanvas *self);
guint galley_canvas_get_n_pages (GalleyCanvas *self);

void galley_canvas_set_zoom (GalleyCanvas *self, double zoom);
double galley_canvas_get_zoom (GalleyCanvas *self);
int galley_canvas_get_zoom_percent (GalleyCanvas *self);
void galley_canvas_set_zoom_mode (GalleyCanvas *self, GalleyZoomMode mode);
GalleyZoomMode galley_canvas_get_zoom_mode (GalleyCanvas *self);
void galley_canvas_zoom_in (GalleyCanvas *self);
void galley_canvas_zoom_out (GalleyCanvas *self);

void galley_canvas_set_tool (GalleyCanvas *self, GalleyTool tool);
GalleyTool galley_canvas_get_tool (GalleyCanvas *self);
void galley_canvas_set_color (GalleyCanvas *self, const GdkRGBA *color);
const GdkRGBA *galley_canvas_get_color (GalleyCanvas *self);
void galley_canvas_set_weight (GalleyCanvas *self, GalleyWeight weight);
GalleyWeight galley_canvas_get_weight (GalleyCanvas *self);
double galley_canvas_get_stroke_width (GalleyCanvas *self);
void galley_canvas_set_editable (GalleyCanvas *self, gboolean editable);
gboolean galley_canvas_get_editable (GalleyCanvas *self);
void galley_canvas_set_inset (GalleyCanvas *self, int inset);

void galley_canvas_set_selected (GalleyCanvas *self, GalleyMark *mark);
GalleyMark *galley_canvas_get_selected (GalleyCanvas *self);

void galley_canvas_place_mark (GalleyCanvas *self);
void galley_canvas_retry (GalleyCanvas *self);

G_END_DECLS
