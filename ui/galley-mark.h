/* galley-mark.h: one mark on a page, as the canvas and the page strip show it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-points.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* What the points of each shape are:
 *   pin                      1: where its tip is
 *   rect, ellipse, highlight 2: two opposite corners
 *   line, arrow              2: from, to (the arrow's head)
 *   polygon                  3 or more corners
 *   path                     1 or more, a freehand stroke
 *   text                     2: the top left corner, and a point whose x is where lines are broken
 */
#define GALLEY_TYPE_SHAPE (galley_shape_get_type ())
typedef enum
{
  GALLEY_SHAPE_PIN,
  GALLEY_SHAPE_RECT,
  GALLEY_SHAPE_ELLIPSE,
  GALLEY_SHAPE_LINE,
  GALLEY_SHAPE_ARROW,
  GALLEY_SHAPE_POLYGON,
  GALLEY_SHAPE_PATH,
  GALLEY_SHAPE_HIGHLIGHT,
  GALLEY_SHAPE_TEXT,
} GalleyShape;

GType galley_shape_get_type (void) G_GNUC_CONST;
const char *galley_shape_to_text (GalleyShape shape);
gboolean galley_shape_from_text (const char *text, GalleyShape *shape);
const char *galley_shape_get_name (GalleyShape shape);

#define GALLEY_TYPE_MARK (galley_mark_get_type ())
G_DECLARE_FINAL_TYPE (GalleyMark, galley_mark, GALLEY, MARK, GObject)

/* properties:
 *   id (text, nullable), shape                  set when made
 *   page (uint)                                 the first is 1
 *   points (GalleyPoints)                       asset units
 *   color (GdkRGBA), width (double)             asset units; the text's size follows the width
 *   body, author (text)
 *   resolved, contested (boolean)
 *   number (uint)                               on a pin's badge; 0 for none
 *   n-replies (uint)
 */

GalleyMark *galley_mark_new (const char *id, GalleyShape shape, guint page, GalleyPoints *points);

const char *galley_mark_get_id (GalleyMark *self);
GalleyShape galley_mark_get_shape (GalleyMark *self);
guint galley_mark_get_page (GalleyMark *self);
GalleyPoints *galley_mark_get_points (GalleyMark *self);
const GdkRGBA *galley_mark_get_color (GalleyMark *self);
double galley_mark_get_width (GalleyMark *self);
const char *galley_mark_get_body (GalleyMark *self);
const char *galley_mark_get_author (GalleyMark *self);
gboolean galley_mark_get_resolved (GalleyMark *self);
gboolean galley_mark_get_contested (GalleyMark *self);
guint galley_mark_get_number (GalleyMark *self);
guint galley_mark_get_n_replies (GalleyMark *self);
guint galley_mark_get_serial (GalleyMark *self);

void galley_mark_set_points (GalleyMark *self, GalleyPoints *points);
void galley_mark_set_color (GalleyMark *self, const GdkRGBA *color);
void galley_mark_set_width (GalleyMark *self, double width);
void galley_mark_set_body (GalleyMark *self, const char *body);
void galley_mark_set_author (GalleyMark *self, const char *author);
void galley_mark_set_number (GalleyMark *self, guint number);

char *galley_mark_describe (GalleyMark *self);

G_END_DECLS
