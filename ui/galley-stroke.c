/* galley-stroke.c: what a hand drew, made smooth and small enough to keep
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-stroke"

#include "ui/galley-stroke.h"

#include <math.h>

/**
 * galley_stroke_smooth:
 * @points: (inout) (array length=count): changed in place
 * @passes: how often; 2 takes a hand's and a tablet's jitter away
 *
 * Weighs each point with its neighbours 1:2:1. The ends stay where they are.
 */
void
galley_stroke_smooth (GalleyPoint *points, guint count, guint passes)
{
  for (guint pass = 0; pass < passes; pass++)
    {
      GalleyPoint before = count > 0 ? points[0] : (GalleyPoint){ 0, 0 };

      for (guint i = 1; i + 1 < count; i++)
        {
          GalleyPoint here = points[i];

          points[i].x = (before.x + 2 * here.x + points[i + 1].x) / 4;
          points[i].y = (before.y + 2 * here.y + points[i + 1].y) / 4;
          before = here;
        }
    }
}

static guint
find_farthest (const GalleyPoint *points, guint first, guint last, double *distance)
{
  guint farthest = first;

  *distance = 0;
  for (guint i = first + 1; i < last; i++)
    {
      double here = galley_point_distance_to_segment (&points[i], &points[first], &points[last]);

      if (here > *distance)
        {
          *distance = here;
          farthest = i;
        }
    }
  return farthest;
}

/* Marks what has to stay. The spans still to look at are kept in a list: a long stroke must not
 * grow the C stack. */
static void
mark_kept (const GalleyPoint *points, guint count, double tolerance, gboolean *kept)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, 2 * sizeof (guint));
  guint whole[2] = { 0, count - 1 };

  kept[0] = kept[count - 1] = TRUE;
  g_array_append_val (spans, whole);
  while (spans->len > 0)
    {
      const guint *last = &((const guint *)(gpointer)spans->data)[2 * (spans->len - 1)];
      guint from = last[0], to = last[1], middle;
      double distance;

      g_array_set_size (spans, spans->len - 1);
      middle = find_farthest (points, from, to, &distance);
      if (distance > tolerance)
        {
          guint halves[2][2] = { { from, middle }, { middle, to } };

          kept[middle] = TRUE;
          g_array_append_vals (spans, halves, 2);
        }
    }
}

/**
 * galley_stroke_simplify:
 * @points: (inout) (array length=count): what stays is moved to the front
 * @tolerance: how far the simpler line may be from any point that was left out
 *
 * The way of Ramer (1972), Douglas and Peucker (1973).
 *
 * Returns: how many points stay
 */
guint
galley_stroke_simplify (GalleyPoint *points, guint count, double tolerance)
{
  g_autofree gboolean *kept = NULL;
  guint stay = 0;

  if (count < 3)
    return count;

  kept = g_new0 (gboolean, count);
  mark_kept (points, count, tolerance, kept);
  for (guint i = 0; i < count; i++)
    if (kept[i])
      points[stay++] = points[i];

  return stay;
}

/**
 * galley_stroke_finish:
 * @points: (array length=count): all that the pointer said
 * @tolerance: see galley_stroke_simplify()
 *
 * Returns: (transfer full): the stroke to keep, of at most %GALLEY_STROKE_MAX_POINTS
 */
GalleyPoints *
galley_stroke_finish (const GalleyPoint *points, guint count, double tolerance)
{
  g_autofree GalleyPoint *work = g_memdup2 (points, count * sizeof (GalleyPoint));

  galley_stroke_smooth (work, count, 2);
  count = galley_stroke_simplify (work, count, tolerance);
  while (count > GALLEY_STROKE_MAX_POINTS && tolerance > 0)
    {
      tolerance *= 2;
      count = galley_stroke_simplify (work, count, tolerance);
    }
  return galley_points_new (work, MIN (count, GALLEY_STROKE_MAX_POINTS));
}

/**
 * galley_stroke_get_controls:
 * @segment: 0 to @count - 2
 * @first: (out): control point after the segment's start
 * @second: (out): control point before its end
 *
 * A Catmull-Rom spline as Bézier curves: it passes through every point.
 */
void
galley_stroke_get_controls (
    const GalleyPoint *points, guint count, guint segment, GalleyPoint *first, GalleyPoint *second)
{
  const GalleyPoint *start = &points[segment], *end = &points[segment + 1];
  const GalleyPoint *before = segment > 0 ? start - 1 : start;
  const GalleyPoint *after = segment + 2 < count ? end + 1 : end;
  double length = hypot (end->x - start->x, end->y - start->y);
  double wide_first = hypot (end->x - before->x, end->y - before->y);
  double wide_second = hypot (after->x - start->x, after->y - start->y);
  /* A short piece between long ones would loop: its handles may not be longer than itself. */
  double first_part = wide_first > 0 ? MIN (1.0 / 6, length / 3 / wide_first) : 0;
  double second_part = wide_second > 0 ? MIN (1.0 / 6, length / 3 / wide_second) : 0;

  first->x = start->x + (end->x - before->x) * first_part;
  first->y = start->y + (end->y - before->y) * first_part;
  second->x = end->x - (after->x - start->x) * second_part;
  second->y = end->y - (after->y - start->y) * second_part;
}
