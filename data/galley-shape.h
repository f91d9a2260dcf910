/* galley-shape.h: the points of a mark, and the groups of values that they are kept in
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-error.h"

G_BEGIN_DECLS

/* Points are absolute, in the asset's own units, as pairs: x0 y0 x1 y1 …
 *   pin                            1: where its tip is
 *   rect, ellipse, highlight, text 2: two opposite corners
 *   line, arrow                    2: from, to
 *   polygon                        3 or more corners
 *   path                           1 or more, a freehand stroke
 * A person moves the place, the extent and the path each as one, so each is a field of its own:
 * a move and a stretch at the same time go together. */
#define GALLEY_SHAPE_MAX_POINTS 20000
/* No asset is as large; a coordinate beyond is a mistake. */
#define GALLEY_SHAPE_MAX_COORDINATE 1e7

/* The values of the three fields; what a shape does not have is NULL. */
typedef struct
{
  GVariant *place;  /* (owned) (nullable): (dd): the first point, or the top left corner */
  GVariant *extent; /* (owned) (nullable): (dd): width and height from there */
  GVariant *path;   /* (owned) (nullable): a(dd): further points, from there */
} GalleyGeometry;

gboolean galley_shape_from_points (
    const char *shape, const double *xy, guint n_points, GalleyGeometry *geometry, GError **error);
GArray *galley_shape_to_points (GVariant *place, GVariant *extent, GVariant *path);
void galley_geometry_clear (GalleyGeometry *geometry);

GArray *galley_shape_parse_points (const char *text, GError **error);
char *galley_shape_print_points (const double *xy, guint n_points);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyGeometry, galley_geometry_clear)

G_END_DECLS
