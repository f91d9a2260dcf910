/* galley-points.c: points on a page, in the asset's own units; shared and never changed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-points"

#include "ui/galley-points.h"

#include <math.h>

struct _GalleyPoints
{
  guint count;
  GalleyPoint data[];
};

G_DEFINE_BOXED_TYPE (GalleyPoints, galley_points, galley_points_ref, galley_points_unref)

static GalleyPoints *
allocate (guint count)
{
  GalleyPoints *self = g_atomic_rc_box_alloc0 (sizeof (GalleyPoints) +
                                               (gsize)count * sizeof (GalleyPoint));

  self->count = count;
  return self;
}

/**
 * galley_points_new:
 * @data: (array length=count): copied
 * @count: how many
 *
 * Returns: (transfer full): the points; may be shared between threads
 */
GalleyPoints *
galley_points_new (const GalleyPoint *data, guint count)
{
  GalleyPoints *self = allocate (count);

  if (count > 0)
    memcpy (self->data, data, count * sizeof (GalleyPoint));
  return self;
}

/**
 * galley_points_new_pair:
 *
 * Returns: (transfer full): two points, as a line or a rectangle has them
 */
GalleyPoints *
galley_points_new_pair (double x1, double y1, double x2, double y2)
{
  GalleyPoint pair[] = { { x1, y1 }, { x2, y2 } };

  return galley_points_new (pair, G_N_ELEMENTS (pair));
}

GalleyPoints *
galley_points_ref (GalleyPoints *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
galley_points_unref (GalleyPoints *self)
{
  g_atomic_rc_box_release (self);
}

guint
galley_points_get_count (const GalleyPoints *self)
{
  return self->count;
}

/**
 * galley_points_get_data:
 *
 * Returns: (transfer none) (array): as many as galley_points_get_count() says
 */
const GalleyPoint *
galley_points_get_data (const GalleyPoints *self)
{
  return self->data;
}

gboolean
galley_points_equal (const GalleyPoints *self, const GalleyPoints *other)
{
  return self->count == other->count &&
         memcmp (self->data, other->data, self->count * sizeof (GalleyPoint)) == 0;
}

/**
 * galley_points_get_bounds:
 * @bounds: (out caller-allocates): the smallest upright rectangle round all; empty for no points
 */
void
galley_points_get_bounds (const GalleyPoints *self, graphene_rect_t *bounds)
{
  double left = G_MAXDOUBLE, top = G_MAXDOUBLE, right = -G_MAXDOUBLE, bottom = -G_MAXDOUBLE;

  if (self->count == 0)
    {
      *bounds = GRAPHENE_RECT_INIT (0, 0, 0, 0);
      return;
    }

  for (guint i = 0; i < self->count; i++)
    {
      left = MIN (left, self->data[i].x);
      top = MIN (top, self->data[i].y);
      right = MAX (right, self->data[i].x);
      bottom = MAX (bottom, self->data[i].y);
    }
  *bounds = GRAPHENE_RECT_INIT (left, top, right - left, bottom - top);
}

/**
 * galley_point_distance_to_segment:
 *
 * Returns: how far @point is from the nearest place between @a and @b
 */
double
galley_point_distance_to_segment (const GalleyPoint *point,
                                  const GalleyPoint *a,
                                  const GalleyPoint *b)
{
  double dx = b->x - a->x, dy = b->y - a->y;
  double length = dx * dx + dy * dy;
  double along = 0;

  if (length > 0)
    along = CLAMP (((point->x - a->x) * dx + (point->y - a->y) * dy) / length, 0, 1);
  return hypot (point->x - a->x - along * dx, point->y - a->y - along * dy);
}

/**
 * galley_points_move:
 *
 * Returns: (transfer full): the same points, moved
 */
GalleyPoints *
galley_points_move (const GalleyPoints *self, double dx, double dy)
{
  GalleyPoints *moved = allocate (self->count);

  for (guint i = 0; i < self->count; i++)
    moved->data[i] = (GalleyPoint){ self->data[i].x + dx, self->data[i].y + dy };
  return moved;
}

static double
fit_one (double value, double from, double from_size, double to, double to_size)
{
  return from_size > 0 ? to + (value - from) / from_size * to_size : to + (value - from);
}

/**
 * galley_points_fit:
 * @from: the rectangle they are in
 * @to: the rectangle to fill; a negative size mirrors
 *
 * Returns: (transfer full): the points stretched from @from to @to
 */
GalleyPoints *
galley_points_fit (const GalleyPoints *self, const graphene_rect_t *from, const graphene_rect_t *to)
{
  GalleyPoints *fitted = allocate (self->count);

  for (guint i = 0; i < self->count; i++)
    {
      fitted->data[i].x = fit_one (self->data[i].x, from->origin.x, from->size.width, to->origin.x,
                                   to->size.width);
      fitted->data[i].y = fit_one (self->data[i].y, from->origin.y, from->size.height, to->origin.y,
                                   to->size.height);
    }
  return fitted;
}
