/* galley-mark-draft.c: the points of a mark that is being drawn
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-mark-draft"

#include "ui/galley-mark-draft.h"

#include "ui/galley-mark-hit.h"
#include "ui/galley-stroke.h"

#include <math.h>

/* Screen units: what is smaller was a click, and no mark. */
#define SMALLEST 4.0
/* Screen units: how far the kept stroke may be from what the hand did. */
#define TOLERANCE 0.5
/* What one gesture may hold before it is simplified: hours of drawing. */
#define MAX_POINTS 1000000

struct _GalleyMarkDraft
{
  GalleyShape shape;
  GArray *points; /* GalleyPoint; the last one follows the pointer, except in a path */
  double pressure_sum;
  guint n_pressures;
};

/**
 * galley_mark_draft_new:
 * @x: where the pointer went down
 * @y: likewise
 * @pressure: 0 to 1; %GALLEY_MARK_DRAFT_PRESSURE where the device knows none
 */
GalleyMarkDraft *
galley_mark_draft_new (GalleyShape shape, double x, double y, double pressure)
{
  GalleyMarkDraft *self = g_new0 (GalleyMarkDraft, 1);
  GalleyPoint start[] = { { x, y }, { x, y } };

  self->shape = shape;
  self->points = g_array_new (FALSE, FALSE, sizeof (GalleyPoint));
  g_array_append_vals (self->points, start, shape == GALLEY_SHAPE_PATH ? 1 : 2);
  self->pressure_sum = pressure;
  self->n_pressures = 1;
  return self;
}

void
galley_mark_draft_free (GalleyMarkDraft *self)
{
  g_array_unref (self->points);
  g_free (self);
}

GalleyShape
galley_mark_draft_get_shape (const GalleyMarkDraft *self)
{
  return self->shape;
}

/**
 * galley_mark_draft_add:
 *
 * A freehand stroke goes on to another point.
 */
void
galley_mark_draft_add (GalleyMarkDraft *self, double x, double y, double pressure)
{
  const GalleyPoint *last = &g_array_index (self->points, GalleyPoint, self->points->len - 1);
  GalleyPoint point = { x, y };

  g_return_if_fail (self->shape == GALLEY_SHAPE_PATH);

  if ((last->x == x && last->y == y) || self->points->len >= MAX_POINTS)
    return;

  g_array_append_val (self->points, point);
  self->pressure_sum += CLAMP (pressure, 0, 1);
  self->n_pressures++;
}

/**
 * galley_mark_draft_move:
 * @constrain: whether to keep to squares and to multiples of 45 degrees
 *
 * The pointer has moved: the last point follows.
 */
void
galley_mark_draft_move (GalleyMarkDraft *self, double x, double y, gboolean constrain)
{
  GalleyPoint *data = (GalleyPoint *)(gpointer)self->points->data;
  GalleyPoint place = { x, y };
  guint last = self->points->len - 1;

  g_return_if_fail (self->shape != GALLEY_SHAPE_PATH);

  data[last] = constrain ? galley_mark_hit_constrain (self->shape, &data[last - 1], &place) : place;
}

/**
 * galley_mark_draft_add_corner:
 * @zoom: screen units an asset unit
 *
 * A polygon's last point stays where it is, and another one follows the pointer.
 *
 * Returns: %TRUE if the corner is on the first one, which closes the polygon
 */
gboolean
galley_mark_draft_add_corner (GalleyMarkDraft *self, double zoom)
{
  const GalleyPoint *data = (const GalleyPoint *)(gpointer)self->points->data;
  guint last = self->points->len - 1;
  GalleyPoint corner = data[last];
  double to_first = hypot (corner.x - data[0].x, corner.y - data[0].y) * zoom;
  double to_before = hypot (corner.x - data[last - 1].x, corner.y - data[last - 1].y) * zoom;

  g_return_val_if_fail (self->shape == GALLEY_SHAPE_POLYGON, FALSE);

  if (last >= 3 && to_first <= GALLEY_MARK_REACH + 2)
    return TRUE;
  if (to_before >= SMALLEST && self->points->len < GALLEY_STROKE_MAX_POINTS)
    g_array_append_val (self->points, corner);
  return FALSE;
}

/**
 * galley_mark_draft_get_points:
 *
 * Returns: (transfer full): what to show now
 */
GalleyPoints *
galley_mark_draft_get_points (const GalleyMarkDraft *self)
{
  return galley_points_new ((const GalleyPoint *)(gpointer)self->points->data, self->points->len);
}

/**
 * galley_mark_draft_get_width:
 * @width: what was chosen
 *
 * Returns: what the mark gets: more for a pen that was pressed harder
 */
double
galley_mark_draft_get_width (const GalleyMarkDraft *self, double width)
{
  return width * (0.4 + 1.2 * self->pressure_sum / self->n_pressures);
}

/* A polygon without the point that follows the pointer and without corners on one another. */
static GalleyPoints *
finish_polygon (const GalleyMarkDraft *self, double zoom)
{
  const GalleyPoint *data = (const GalleyPoint *)(gpointer)self->points->data;
  g_autofree GalleyPoint *corners = g_new (GalleyPoint, self->points->len);
  guint count = 0;

  for (guint i = 0; i + 1 < self->points->len; i++)
    if (count == 0 ||
        (hypot (data[i].x - corners[count - 1].x, data[i].y - corners[count - 1].y) * zoom >=
             SMALLEST &&
         hypot (data[i].x - corners[0].x, data[i].y - corners[0].y) * zoom >= SMALLEST))
      corners[count++] = data[i];

  return count >= 3 ? galley_points_new (corners, count) : NULL;
}

/**
 * galley_mark_draft_finish:
 * @zoom: screen units an asset unit
 *
 * Returns: (transfer full) (nullable): the points to keep; %NULL if it is too small to be meant
 */
GalleyPoints *
galley_mark_draft_finish (const GalleyMarkDraft *self, double zoom)
{
  const GalleyPoint *data = (const GalleyPoint *)(gpointer)self->points->data;

  switch (self->shape)
    {
    case GALLEY_SHAPE_PATH:
      return galley_stroke_finish (data, self->points->len, TOLERANCE / zoom);
    case GALLEY_SHAPE_POLYGON:
      return finish_polygon (self, zoom);
    case GALLEY_SHAPE_RECT:
    case GALLEY_SHAPE_ELLIPSE:
    case GALLEY_SHAPE_HIGHLIGHT:
      if (MIN (fabs (data[1].x - data[0].x), fabs (data[1].y - data[0].y)) * zoom < SMALLEST)
        return NULL;
      return galley_points_new_pair (MIN (data[0].x, data[1].x), MIN (data[0].y, data[1].y),
                                     MAX (data[0].x, data[1].x), MAX (data[0].y, data[1].y));
    case GALLEY_SHAPE_LINE:
    case GALLEY_SHAPE_ARROW:
      if (hypot (data[1].x - data[0].x, data[1].y - data[0].y) * zoom < SMALLEST)
        return NULL;
      return galley_mark_draft_get_points (self);
    case GALLEY_SHAPE_PIN:
    case GALLEY_SHAPE_TEXT:
    default:
      return galley_points_new (data, 1);
    }
}

/**
 * galley_mark_draft_make_default:
 * @shape: any but text, whose size is known from its words
 * @x: its middle
 * @y: its middle
 * @size: how wide it shall be
 *
 * Returns: (transfer full): the points of a mark made without a pointer
 */
GalleyPoints *
galley_mark_draft_make_default (GalleyShape shape, double x, double y, double size)
{
  double half = size / 2;
  GalleyPoint triangle[] = { { x, y - half }, { x + half, y + half }, { x - half, y + half } };
  GalleyPoint wave[] = { { x - half, y },
                         { x - half / 2, y - half / 4 },
                         { x, y },
                         { x + half / 2, y + half / 4 },
                         { x + half, y } };

  switch (shape)
    {
    case GALLEY_SHAPE_PIN:
    case GALLEY_SHAPE_TEXT:
      return galley_points_new (&(GalleyPoint){ x, y }, 1);
    case GALLEY_SHAPE_LINE:
      return galley_points_new_pair (x - half, y, x + half, y);
    case GALLEY_SHAPE_ARROW:
      return galley_points_new_pair (x - half, y + half / 2, x + half, y - half / 2);
    case GALLEY_SHAPE_POLYGON:
      return galley_points_new (triangle, G_N_ELEMENTS (triangle));
    case GALLEY_SHAPE_PATH:
      return galley_points_new (wave, G_N_ELEMENTS (wave));
    case GALLEY_SHAPE_HIGHLIGHT:
      return galley_points_new_pair (x - half, y - half / 6, x + half, y + half / 6);
    case GALLEY_SHAPE_RECT:
    case GALLEY_SHAPE_ELLIPSE:
    default:
      return galley_points_new_pair (x - half, y - half * 2 / 3, x + half, y + half * 2 / 3);
    }
}
