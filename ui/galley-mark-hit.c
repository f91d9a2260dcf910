/* galley-mark-hit.c: which mark is under a pointer, and the handles that change its form
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-mark-hit"

#include "ui/galley-mark-hit.h"

#include "ui/galley-mark-text.h"

#include <math.h>

/* A rectangle's handles, clockwise from the top left, as parts of its size. */
static const GalleyPoint box_handles[] = { { 0, 0 }, { 0.5, 0 }, { 1, 0 }, { 1, 0.5 },
                                           { 1, 1 }, { 0.5, 1 }, { 0, 1 }, { 0, 0.5 } };

/* What a box may not be smaller than, or it could not be pulled apart again. */
#define SMALLEST 1e-3

static double
distance_to_line (const GalleyPoint *data, guint count, double x, double y)
{
  GalleyPoint place = { x, y };
  double distance = galley_point_distance_to_segment (&place, &data[0], &data[0]);

  for (guint i = 0; i + 1 < count; i++)
    distance = MIN (distance, galley_point_distance_to_segment (&place, &data[i], &data[i + 1]));
  return distance;
}

static gboolean
is_in_polygon (const GalleyPoint *data, guint count, double x, double y)
{
  gboolean inside = FALSE;

  for (guint i = 0, j = count - 1; i < count; j = i++)
    if ((data[i].y > y) != (data[j].y > y) &&
        x < (data[j].x - data[i].x) * (y - data[i].y) / (data[j].y - data[i].y) + data[i].x)
      inside = !inside;

  return inside;
}

static GalleyHit
test_pin (const GalleyPoint *tip, double x, double y, double zoom)
{
  double radius = GALLEY_MARK_PIN_RADIUS;
  /* The badge stands above and to the right of its tip. */
  double dx = (x - tip->x) * zoom - radius, dy = (y - tip->y) * zoom + radius;
  gboolean in_badge = hypot (dx, dy) <= radius + 1;
  gboolean in_corner = dx <= 0 && dy >= 0 && dx >= -radius - 1 && dy <= radius + 1;

  return in_badge || in_corner ? GALLEY_HIT_OUTLINE : GALLEY_HIT_NONE;
}

static GalleyHit
test_box (const graphene_rect_t *box, double x, double y, double reach)
{
  double left = box->origin.x, right = left + box->size.width;
  double top = box->origin.y, bottom = top + box->size.height;
  double outside = MAX (MAX (left - x, x - right), MAX (top - y, y - bottom));

  if (outside > reach)
    return GALLEY_HIT_NONE;

  return outside > -reach ? GALLEY_HIT_OUTLINE : GALLEY_HIT_INSIDE;
}

static GalleyHit
test_ellipse (const graphene_rect_t *box, double x, double y, double reach)
{
  double a = MAX (box->size.width / 2, SMALLEST), b = MAX (box->size.height / 2, SMALLEST);
  double dx = x - box->origin.x - box->size.width / 2;
  double dy = y - box->origin.y - box->size.height / 2;
  gboolean within = pow (dx / (a + reach), 2) + pow (dy / (b + reach), 2) <= 1;
  gboolean deep = a > reach && b > reach &&
                  pow (dx / (a - reach), 2) + pow (dy / (b - reach), 2) < 1;

  if (!within)
    return GALLEY_HIT_NONE;

  return deep ? GALLEY_HIT_INSIDE : GALLEY_HIT_OUTLINE;
}

static GalleyHit
test_polygon (const GalleyPoint *data, guint count, double x, double y, double reach)
{
  GalleyPoint place = { x, y };

  if (distance_to_line (data, count, x, y) <= reach ||
      galley_point_distance_to_segment (&place, &data[count - 1], &data[0]) <= reach)
    return GALLEY_HIT_OUTLINE;

  return is_in_polygon (data, count, x, y) ? GALLEY_HIT_INSIDE : GALLEY_HIT_NONE;
}

/**
 * galley_mark_hit_test:
 * @x: asset units
 * @y: asset units
 * @zoom: screen units an asset unit
 *
 * Returns: whether a pointer there means @mark
 */
GalleyHit
galley_mark_hit_test (GalleyMark *mark, double x, double y, double zoom)
{
  GalleyPoints *points = galley_mark_get_points (mark);
  const GalleyPoint *data = galley_points_get_data (points);
  guint count = galley_points_get_count (points);
  double reach = GALLEY_MARK_REACH / zoom + galley_mark_get_width (mark) / 2;
  graphene_rect_t box;

  if (count == 0)
    return GALLEY_HIT_NONE;

  galley_points_get_bounds (points, &box);
  switch (galley_mark_get_shape (mark))
    {
    case GALLEY_SHAPE_PIN:
      return test_pin (data, x, y, zoom);
    case GALLEY_SHAPE_RECT:
      return test_box (&box, x, y, reach);
    case GALLEY_SHAPE_ELLIPSE:
      return test_ellipse (&box, x, y, reach);
    case GALLEY_SHAPE_HIGHLIGHT:
      return test_box (&box, x, y, 0) != GALLEY_HIT_NONE ? GALLEY_HIT_INSIDE : GALLEY_HIT_NONE;
    case GALLEY_SHAPE_TEXT:
      galley_mark_text_get_box (mark, &box);
      return test_box (&box, x, y, 2 / zoom) != GALLEY_HIT_NONE ? GALLEY_HIT_OUTLINE
                                                                : GALLEY_HIT_NONE;
    case GALLEY_SHAPE_POLYGON:
      return test_polygon (data, count, x, y, reach);
    case GALLEY_SHAPE_LINE:
    case GALLEY_SHAPE_ARROW:
    case GALLEY_SHAPE_PATH:
    default:
      return distance_to_line (data, count, x, y) <= reach ? GALLEY_HIT_OUTLINE : GALLEY_HIT_NONE;
    }
}

/**
 * galley_mark_hit_get_area:
 * @area: (out caller-allocates): where the mark is, in asset units; for a pin with its badge
 *
 * Without the stroke's width and what is drawn round it: that is galley_mark_drawing_get_bounds().
 */
void
galley_mark_hit_get_area (GalleyMark *mark, double zoom, graphene_rect_t *area)
{
  if (galley_mark_get_shape (mark) == GALLEY_SHAPE_TEXT)
    {
      galley_mark_text_get_box (mark, area);
      return;
    }

  galley_points_get_bounds (galley_mark_get_points (mark), area);
  if (galley_mark_get_shape (mark) == GALLEY_SHAPE_PIN)
    {
      double size = 2 * GALLEY_MARK_PIN_RADIUS / zoom;

      *area = GRAPHENE_RECT_INIT (area->origin.x, area->origin.y - size, size, size);
    }
}

static double
area_size (GalleyMark *mark, double zoom)
{
  graphene_rect_t area;

  galley_mark_hit_get_area (mark, zoom, &area);
  return (double)area.size.width * area.size.height;
}

/* Is @a to be taken before @b, which is below it? */
static gboolean
is_meant_before (GalleyMark *a, GalleyHit hit_a, GalleyMark *b, GalleyHit hit_b, double zoom)
{
  gboolean a_is_pin = galley_mark_get_shape (a) == GALLEY_SHAPE_PIN;
  gboolean b_is_pin = galley_mark_get_shape (b) == GALLEY_SHAPE_PIN;

  if (a_is_pin != b_is_pin)
    return a_is_pin;
  if (hit_a != hit_b)
    return hit_a > hit_b;
  if (hit_a == GALLEY_HIT_INSIDE)
    return area_size (a, zoom) <= area_size (b, zoom);

  return TRUE;
}

/**
 * galley_mark_hit_find:
 * @marks: (nullable): of #GalleyMark, the last is on top
 * @page: only the marks of this page count
 *
 * A pin comes before all else, an outline before an inside, the smaller area before the larger, so
 * that what lies within a large mark can be reached.
 *
 * Returns: (transfer none) (nullable): the mark that is meant
 */
GalleyMark *
galley_mark_hit_find (GListModel *marks, guint page, double x, double y, double zoom)
{
  guint count = marks != NULL ? g_list_model_get_n_items (marks) : 0;
  GalleyMark *best = NULL;
  GalleyHit best_hit = GALLEY_HIT_NONE;

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (GalleyMark) mark = g_list_model_get_item (marks, i);
      GalleyHit hit;

      if (galley_mark_get_page (mark) != page)
        continue;
      hit = galley_mark_hit_test (mark, x, y, zoom);
      if (hit == GALLEY_HIT_NONE ||
          (best != NULL && !is_meant_before (mark, hit, best, best_hit, zoom)))
        continue;
      best = mark; /* the model keeps it */
      best_hit = hit;
    }
  return best;
}

/**
 * galley_mark_hit_get_n_handles:
 *
 * Returns: how many handles change the form of @mark; 0 for one that can only be moved
 */
guint
galley_mark_hit_get_n_handles (GalleyMark *mark)
{
  guint count = galley_points_get_count (galley_mark_get_points (mark));

  switch (galley_mark_get_shape (mark))
    {
    case GALLEY_SHAPE_RECT:
    case GALLEY_SHAPE_ELLIPSE:
    case GALLEY_SHAPE_HIGHLIGHT:
      return count == 2 ? G_N_ELEMENTS (box_handles) : 0;
    case GALLEY_SHAPE_PATH:
      return count > 1 ? G_N_ELEMENTS (box_handles) : 0;
    case GALLEY_SHAPE_LINE:
    case GALLEY_SHAPE_ARROW:
    case GALLEY_SHAPE_POLYGON:
      return count;
    case GALLEY_SHAPE_TEXT:
      return count == 2 ? 1 : 0;
    case GALLEY_SHAPE_PIN:
    default:
      return 0;
    }
}

static gboolean
has_box_handles (GalleyShape shape)
{
  return shape == GALLEY_SHAPE_RECT || shape == GALLEY_SHAPE_ELLIPSE ||
         shape == GALLEY_SHAPE_HIGHLIGHT || shape == GALLEY_SHAPE_PATH;
}

/**
 * galley_mark_hit_get_handle:
 * @handle: 0 to galley_mark_hit_get_n_handles() - 1
 * @place: (out caller-allocates): asset units
 */
void
galley_mark_hit_get_handle (GalleyMark *mark, guint handle, GalleyPoint *place)
{
  const GalleyPoint *data = galley_points_get_data (galley_mark_get_points (mark));
  graphene_rect_t box;

  g_return_if_fail (handle < galley_mark_hit_get_n_handles (mark));

  if (galley_mark_get_shape (mark) == GALLEY_SHAPE_TEXT)
    {
      galley_mark_text_get_box (mark, &box);
      *place = (GalleyPoint){ data[1].x, box.origin.y + box.size.height / 2 };
    }
  else if (has_box_handles (galley_mark_get_shape (mark)))
    {
      galley_points_get_bounds (galley_mark_get_points (mark), &box);
      place->x = box.origin.x + box_handles[handle].x * box.size.width;
      place->y = box.origin.y + box_handles[handle].y * box.size.height;
    }
  else
    {
      *place = data[handle];
    }
}

/**
 * galley_mark_hit_find_handle:
 *
 * Returns: the handle nearest to the pointer within its reach, or -1
 */
int
galley_mark_hit_find_handle (GalleyMark *mark, double x, double y, double zoom)
{
  guint count = galley_mark_hit_get_n_handles (mark);
  double nearest = (GALLEY_MARK_HANDLE_RADIUS + 4) / zoom;
  int found = -1;

  for (guint i = 0; i < count; i++)
    {
      GalleyPoint place;
      double distance;

      galley_mark_hit_get_handle (mark, i, &place);
      distance = hypot (place.x - x, place.y - y);
      if (distance <= nearest)
        {
          nearest = distance;
          found = (int)i;
        }
    }
  return found;
}

/**
 * galley_mark_hit_constrain:
 * @from: the point that stays
 * @to: where the pointer is
 *
 * Returns: the point nearest to @to at which a line goes at a multiple of 45 degrees, or a box is
 *   a square
 */
GalleyPoint
galley_mark_hit_constrain (GalleyShape shape, const GalleyPoint *from, const GalleyPoint *to)
{
  double dx = to->x - from->x, dy = to->y - from->y;

  if (shape == GALLEY_SHAPE_RECT || shape == GALLEY_SHAPE_ELLIPSE ||
      shape == GALLEY_SHAPE_HIGHLIGHT)
    {
      double side = MAX (fabs (dx), fabs (dy));

      return (GalleyPoint){ from->x + copysign (side, dx), from->y + copysign (side, dy) };
    }
  if (shape == GALLEY_SHAPE_LINE || shape == GALLEY_SHAPE_ARROW || shape == GALLEY_SHAPE_POLYGON)
    {
      double angle = round (atan2 (dy, dx) / G_PI_4) * G_PI_4;
      double length = hypot (dx, dy) * cos (atan2 (dy, dx) - angle);

      return (GalleyPoint){ from->x + length * cos (angle), from->y + length * sin (angle) };
    }
  return *to;
}

static double
at_least (double size)
{
  return fabs (size) < SMALLEST ? copysign (SMALLEST, size) : size;
}

/* The box after pulling one of its handles; mirrored when pulled over the other side. */
static void
pull_box (const graphene_rect_t *box,
          guint handle,
          const GalleyPoint *place,
          gboolean constrain,
          GalleyPoint corners[2])
{
  const GalleyPoint *part = &box_handles[handle];
  double left = box->origin.x, right = left + box->size.width;
  double top = box->origin.y, bottom = top + box->size.height;
  GalleyPoint to = *place;

  if (constrain && part->x != 0.5 && part->y != 0.5)
    {
      GalleyPoint anchor = { part->x == 0 ? right : left, part->y == 0 ? bottom : top };

      to = galley_mark_hit_constrain (GALLEY_SHAPE_RECT, &anchor, place);
    }
  corners[0] = (GalleyPoint){ part->x == 0 ? to.x : left, part->y == 0 ? to.y : top };
  corners[1] = (GalleyPoint){ part->x == 1 ? to.x : right, part->y == 1 ? to.y : bottom };
}

static GalleyPoints *
drag_box (GalleyShape shape,
          const GalleyPoints *points,
          guint handle,
          const GalleyPoint *place,
          gboolean constrain)
{
  GalleyPoint corners[2];
  graphene_rect_t box, pulled;

  galley_points_get_bounds (points, &box);
  pull_box (&box, handle, place, constrain, corners);
  if (shape != GALLEY_SHAPE_PATH)
    return galley_points_new (corners, 2);

  /* Not graphene_rect_init(), which would turn a mirrored one round. */
  pulled.origin.x = (float)corners[0].x;
  pulled.origin.y = (float)corners[0].y;
  pulled.size.width = (float)at_least (corners[1].x - corners[0].x);
  pulled.size.height = (float)at_least (corners[1].y - corners[0].y);
  return galley_points_fit (points, &box, &pulled);
}

/**
 * galley_mark_hit_drag_handle:
 * @points: the mark's points when the drag began
 * @handle: which handle is held
 * @place: where it is now, in asset units
 * @constrain: whether to keep to squares and right angles
 *
 * Returns: (transfer full): the points to show now
 */
GalleyPoints *
galley_mark_hit_drag_handle (GalleyShape shape,
                             const GalleyPoints *points,
                             guint handle,
                             const GalleyPoint *place,
                             gboolean constrain)
{
  guint count = galley_points_get_count (points);
  g_autofree GalleyPoint *data = NULL;

  if (has_box_handles (shape))
    {
      g_return_val_if_fail (handle < G_N_ELEMENTS (box_handles), NULL);
      return drag_box (shape, points, handle, place, constrain);
    }

  data = g_memdup2 (galley_points_get_data (points), count * sizeof (GalleyPoint));
  if (shape == GALLEY_SHAPE_TEXT && count == 2)
    {
      data[1].x = MAX (place->x, data[0].x + 1);
      return galley_points_new (data, count);
    }

  g_return_val_if_fail (handle < count, NULL);
  data[handle] = constrain && count > 1
                     ? galley_mark_hit_constrain (shape, &data[handle > 0 ? handle - 1 : 1], place)
                     : *place;
  return galley_points_new (data, count);
}

/**
 * galley_mark_hit_get_cursor:
 *
 * Returns: the name of the pointer that tells which way @handle pulls
 */
const char *
galley_mark_hit_get_cursor (GalleyMark *mark, guint handle)
{
  static const char *const names[] = { "nw-resize", "n-resize", "ne-resize", "e-resize",
                                       "se-resize", "s-resize", "sw-resize", "w-resize" };

  if (galley_mark_get_shape (mark) == GALLEY_SHAPE_TEXT)
    return "e-resize";
  if (has_box_handles (galley_mark_get_shape (mark)))
    return names[handle % G_N_ELEMENTS (names)];

  return "crosshair";
}
