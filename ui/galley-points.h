/* galley-points.h: points on a page, in the asset's own units; shared and never changed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <graphene-gobject.h>

G_BEGIN_DECLS

typedef struct
{
  double x;
  double y;
} GalleyPoint;

#define GALLEY_TYPE_POINTS (galley_points_get_type ())
typedef struct _GalleyPoints GalleyPoints;

GType galley_points_get_type (void) G_GNUC_CONST;

GalleyPoints *galley_points_new (const GalleyPoint *data, guint count);
GalleyPoints *galley_points_new_pair (double x1, double y1, double x2, double y2);
GalleyPoints *galley_points_ref (GalleyPoints *self);
void galley_points_unref (GalleyPoints *self);

guint galley_points_get_count (const GalleyPoints *self);
const GalleyPoint *galley_points_get_data (const GalleyPoints *self);
gboolean galley_points_equal (const GalleyPoints *self, const GalleyPoints *other);
void galley_points_get_bounds (const GalleyPoints *self, graphene_rect_t *bounds);

double galley_point_distance_to_segment (const GalleyPoint *point,
                                         const GalleyPoint *a,
                                         const GalleyPoint *b);

GalleyPoints *galley_points_move (const GalleyPoints *self, double dx, double dy);
GalleyPoints *galley_points_fit (const GalleyPoints *self,
                                 const graphene_rect_t *from,
                                 const graphene_rect_t *to);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPoints, galley_points_unref)

G_END_DECLS
