/* galley-mark-drawing.c: how a mark looks; one drawing for the canvas and for small pictures
 *
 * A stroke lies on a light halo, and that on a dark one, so that it reads on any background. What
 * is said by colour or dimming is said by a shape as well: a tick for resolved, a triangle for
 * contested.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-mark-drawing"

#include "ui/galley-mark-drawing.h"

#include "ui/galley-mark-hit.h"
#include "ui/galley-mark-text.h"
#include "ui/galley-stroke.h"

#include <math.h>

/* Screen units. */
#define THINNEST_STROKE 1.5
#define LIGHT_HALO 2.0 /* wider than the stroke by this much */
#define DARK_HALO 3.5
#define GLOW 14.0
#define BADGE_RADIUS 7.0

#define RESOLVED_ALPHA 0.45
#define AREA_ALPHA 0.08
/* A highlight's ink is multiplied with the page, as a marker's on paper: letters stay black. */
#define INK_PART 0.45
#define VEIL_ALPHA 0.14
#define SMALL_HIGHLIGHT_ALPHA 0.38

static double
stroke_width (GalleyMark *mark, double zoom)
{
  return MAX (galley_mark_get_width (mark) * zoom, THINNEST_STROKE);
}

static void
set_color (cairo_t *cr, const GdkRGBA *color, double alpha)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha * alpha);
}

/* Rec. 709 luma is near enough to choose between black and white. */
static gboolean
is_bright (const GdkRGBA *color)
{
  return 0.2126 * color->red + 0.7152 * color->green + 0.0722 * color->blue > 0.6;
}

static double
arrow_head_length (const GalleyPoint *from, const GalleyPoint *to, double width, double zoom)
{
  double length = hypot (to->x - from->x, to->y - from->y) * zoom;

  return MIN (MAX (10, 4 * width), MAX (length * 0.6, 1));
}

static void
trace_ellipse (cairo_t *cr, const graphene_rect_t *box, double zoom)
{
  double width = MAX (box->size.width * zoom, 0.5), height = MAX (box->size.height * zoom, 0.5);

  cairo_save (cr);
  cairo_translate (cr, box->origin.x * zoom + width / 2, box->origin.y * zoom + height / 2);
  cairo_scale (cr, width / 2, height / 2);
  cairo_new_sub_path (cr);
  cairo_arc (cr, 0, 0, 1, 0, 2 * G_PI);
  cairo_close_path (cr);
  cairo_restore (cr);
}

static void
trace_path (cairo_t *cr, const GalleyPoint *data, guint count, double zoom)
{
  cairo_move_to (cr, data[0].x * zoom, data[0].y * zoom);
  if (count == 1)
    cairo_line_to (cr, data[0].x * zoom, data[0].y * zoom);
  for (guint i = 0; i + 1 < count; i++)
    {
      GalleyPoint first, second;

      galley_stroke_get_controls (data, count, i, &first, &second);
      cairo_curve_to (cr, first.x * zoom, first.y * zoom, second.x * zoom, second.y * zoom,
                      data[i + 1].x * zoom, data[i + 1].y * zoom);
    }
}

static void
trace_corners (cairo_t *cr, const GalleyPoint *data, guint count, double zoom)
{
  for (guint i = 0; i < count; i++)
    cairo_line_to (cr, data[i].x * zoom, data[i].y * zoom);
}

/* A round badge whose corner at the bottom left is the tip. */
static void
trace_pin (cairo_t *cr, const GalleyPoint *tip, double zoom)
{
  double x = tip->x * zoom, y = tip->y * zoom, radius = GALLEY_MARK_PIN_RADIUS;

  cairo_new_sub_path (cr);
  cairo_arc (cr, x + radius, y - radius, radius, G_PI, 2.5 * G_PI);
  cairo_line_to (cr, x + 2, y);
  cairo_arc (cr, x + 2, y - 2, 2, 0.5 * G_PI, G_PI);
  cairo_close_path (cr);
}

static void
trace_arrow (cairo_t *cr, const GalleyPoint *data, double width, double zoom)
{
  double angle = atan2 (data[1].y - data[0].y, data[1].x - data[0].x);
  double head = arrow_head_length (&data[0], &data[1], width, zoom);
  double x = data[1].x * zoom, y = data[1].y * zoom;

  cairo_move_to (cr, data[0].x * zoom, data[0].y * zoom);
  cairo_line_to (cr, x, y);
  cairo_move_to (cr, x - head * cos (angle - 0.5), y - head * sin (angle - 0.5));
  cairo_line_to (cr, x, y);
  cairo_line_to (cr, x - head * cos (angle + 0.5), y - head * sin (angle + 0.5));
}

/* The outline of @mark as cairo's path. Needs at least one point. */
static void
trace (GalleyMark *mark, cairo_t *cr, double zoom)
{
  GalleyPoints *points = galley_mark_get_points (mark);
  const GalleyPoint *data = galley_points_get_data (points);
  guint count = galley_points_get_count (points);
  graphene_rect_t box;

  galley_mark_hit_get_area (mark, zoom, &box);
  cairo_new_path (cr);
  switch (galley_mark_get_shape (mark))
    {
    case GALLEY_SHAPE_PIN:
      trace_pin (cr, &data[0], zoom);
      break;
    case GALLEY_SHAPE_ELLIPSE:
      trace_ellipse (cr, &box, zoom);
      break;
    case GALLEY_SHAPE_RECT:
    case GALLEY_SHAPE_HIGHLIGHT:
    case GALLEY_SHAPE_TEXT:
      cairo_rectangle (cr, box.origin.x * zoom, box.origin.y * zoom, box.size.width * zoom,
                       box.size.height * zoom);
      break;
    case GALLEY_SHAPE_POLYGON:
      trace_corners (cr, data, count, zoom);
      cairo_close_path (cr);
      break;
    case GALLEY_SHAPE_ARROW:
      if (count > 1)
        trace_arrow (cr, data, stroke_width (mark, zoom), zoom);
      break;
    case GALLEY_SHAPE_LINE:
      trace_corners (cr, data, count, zoom);
      break;
    case GALLEY_SHAPE_PATH:
    default:
      trace_path (cr, data, count, zoom);
    }
}

static void
stroke_with_halo (cairo_t *cr, const GdkRGBA *color, double width, gboolean dashed)
{
  double dash[] = { MAX (6, 2.5 * width), MAX (5, 2 * width) };

  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, width + DARK_HALO);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.2);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, width + LIGHT_HALO);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.85);
  cairo_stroke_preserve (cr);

  if (dashed)
    cairo_set_dash (cr, dash, G_N_ELEMENTS (dash), 0);
  cairo_set_line_width (cr, width);
  set_color (cr, color, 1);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
draw_outline (GalleyMark *mark, cairo_t *cr, double zoom)
{
  GalleyShape shape = galley_mark_get_shape (mark);
  const GdkRGBA *color = galley_mark_get_color (mark);

  trace (mark, cr, zoom);
  if (shape == GALLEY_SHAPE_RECT || shape == GALLEY_SHAPE_ELLIPSE || shape == GALLEY_SHAPE_POLYGON)
    {
      set_color (cr, color, AREA_ALPHA);
      cairo_fill_preserve (cr);
    }
  stroke_with_halo (cr, color, stroke_width (mark, zoom), galley_mark_get_contested (mark));
}

/* Its ink is drawn apart. On a dark picture ink does not show: this thin layer does. */
static void
draw_highlight (GalleyMark *mark, cairo_t *cr, double zoom)
{
  trace (mark, cr, zoom);
  set_color (cr, galley_mark_get_color (mark), VEIL_ALPHA);
  cairo_fill_preserve (cr);
  if (!galley_mark_get_contested (mark))
    {
      cairo_new_path (cr);
      return;
    }
  stroke_with_halo (cr, galley_mark_get_color (mark), THINNEST_STROKE, TRUE);
}

static void
draw_text (GalleyMark *mark, cairo_t *cr, double zoom)
{
  GalleyPoints *points = galley_mark_get_points (mark);
  const GalleyPoint *data = galley_points_get_data (points);
  double line = galley_points_get_count (points) > 1 ? data[1].x - data[0].x : 0;
  g_autoptr (PangoLayout) layout = galley_mark_text_layout (galley_mark_get_body (mark),
                                                            galley_mark_get_width (mark), line);
  double size = galley_mark_get_width (mark) * GALLEY_MARK_TEXT_SIZE * zoom;
  gboolean bright = is_bright (galley_mark_get_color (mark));

  if (galley_mark_get_contested (mark))
    {
      trace (mark, cr, zoom);
      stroke_with_halo (cr, galley_mark_get_color (mark), THINNEST_STROKE, TRUE);
    }

  cairo_save (cr);
  cairo_translate (cr, data[0].x * zoom, data[0].y * zoom);
  cairo_scale (cr, zoom, zoom);
  cairo_move_to (cr, 0, 0);
  pango_cairo_layout_path (cr, layout);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, CLAMP (size / 5, 2, 6) / zoom);
  cairo_set_source_rgba (cr, !bright, !bright, !bright, bright ? 0.7 : 0.85);
  cairo_stroke_preserve (cr);
  set_color (cr, galley_mark_get_color (mark), 1);
  cairo_fill (cr);
  cairo_restore (cr);
}

static void
draw_number (guint number, cairo_t *cr, double x, double y, gboolean dark)
{
  g_autofree char *digits = g_strdup_printf ("%u", number);
  double size = number < 10 ? 13 : number < 100 ? 12 : number < 1000 ? 9.5 : 7.5;
  g_autoptr (PangoLayout)
      layout = galley_mark_text_layout (digits, size / GALLEY_MARK_TEXT_SIZE, 0);
  PangoRectangle ink;

  pango_layout_get_extents (layout, &ink, NULL);
  cairo_move_to (cr, x - (ink.x + ink.width / 2.0) / PANGO_SCALE,
                 y - (ink.y + ink.height / 2.0) / PANGO_SCALE);
  cairo_set_source_rgba (cr, !dark, !dark, !dark, dark ? 0.85 : 1);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_pin (GalleyMark *mark, cairo_t *cr, double zoom)
{
  const GalleyPoint *tip = galley_points_get_data (galley_mark_get_points (mark));
  const GdkRGBA *color = galley_mark_get_color (mark);
  double x = tip->x * zoom + GALLEY_MARK_PIN_RADIUS, y = tip->y * zoom - GALLEY_MARK_PIN_RADIUS;
  double dash[] = { 4, 3 };

  trace_pin (cr, tip, zoom);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 5.5);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.12);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, 4);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.18);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, 3);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_stroke_preserve (cr);
  set_color (cr, color, 1);
  if (galley_mark_get_contested (mark))
    {
      cairo_set_dash (cr, dash, G_N_ELEMENTS (dash), 0);
      cairo_set_line_width (cr, 1.5);
      cairo_stroke_preserve (cr);
      cairo_set_dash (cr, NULL, 0, 0);
    }
  cairo_fill (cr);
  if (galley_mark_get_number (mark) > 0)
    {
      draw_number (galley_mark_get_number (mark), cr, x, y, is_bright (color));
      return;
    }
  cairo_arc (cr, x, y, 3.5, 0, 2 * G_PI);
  cairo_set_source_rgb (cr, !is_bright (color), !is_bright (color), !is_bright (color));
  cairo_fill (cr);
}

static void
draw_warning_badge (cairo_t *cr, double x, double y)
{
  double r = BADGE_RADIUS;

  cairo_new_path (cr);
  cairo_move_to (cr, x, y - r + 1);
  cairo_line_to (cr, x + r, y + r - 2);
  cairo_line_to (cr, x - r, y + r - 2);
  cairo_close_path (cr);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 5);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.65);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, 2.5);
  cairo_set_source_rgb (cr, 0.96, 0.76, 0.07);
  cairo_stroke_preserve (cr);
  cairo_fill (cr);

  cairo_set_source_rgb (cr, 0, 0, 0);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width (cr, 2);
  cairo_move_to (cr, x, y - 2.5);
  cairo_line_to (cr, x, y + 1);
  cairo_move_to (cr, x, y + 4);
  cairo_line_to (cr, x, y + 4);
  cairo_stroke (cr);
}

static void
draw_tick_badge (cairo_t *cr, double x, double y)
{
  cairo_new_path (cr);
  cairo_arc (cr, x, y, BADGE_RADIUS, 0, 2 * G_PI);
  cairo_set_line_width (cr, 2);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_stroke_preserve (cr);
  cairo_set_source_rgb (cr, 0.15, 0.64, 0.41);
  cairo_fill (cr);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 2);
  cairo_move_to (cr, x - 3, y);
  cairo_line_to (cr, x - 0.8, y + 2.4);
  cairo_line_to (cr, x + 3.2, y - 2.4);
  cairo_stroke (cr);
}

/* At the mark's top right; further badges go on to the left. */
static void
draw_badges (GalleyMark *mark, cairo_t *cr, double zoom)
{
  graphene_rect_t area;
  double x, y;

  galley_mark_hit_get_area (mark, zoom, &area);
  x = (area.origin.x + area.size.width) * zoom + 2;
  y = area.origin.y * zoom - 2;
  if (galley_mark_get_contested (mark))
    {
      draw_warning_badge (cr, x, y);
      x -= 2 * BADGE_RADIUS + 6;
    }
  if (galley_mark_get_resolved (mark))
    draw_tick_badge (cr, x, y);
}

static void
draw_plain (GalleyMark *mark, cairo_t *cr, double zoom)
{
  switch (galley_mark_get_shape (mark))
    {
    case GALLEY_SHAPE_PIN:
      draw_pin (mark, cr, zoom);
      break;
    case GALLEY_SHAPE_HIGHLIGHT:
      draw_highlight (mark, cr, zoom);
      break;
    case GALLEY_SHAPE_TEXT:
      draw_text (mark, cr, zoom);
      break;
    case GALLEY_SHAPE_RECT:
    case GALLEY_SHAPE_ELLIPSE:
    case GALLEY_SHAPE_LINE:
    case GALLEY_SHAPE_ARROW:
    case GALLEY_SHAPE_POLYGON:
    case GALLEY_SHAPE_PATH:
    default:
      draw_outline (mark, cr, zoom);
    }
}

/**
 * galley_mark_drawing_get_bounds:
 * @bounds: (out caller-allocates): all that the functions here may draw for @mark
 */
void
galley_mark_drawing_get_bounds (GalleyMark *mark, double zoom, graphene_rect_t *bounds)
{
  double around = stroke_width (mark, zoom) / 2 + GLOW + GALLEY_MARK_HANDLE_RADIUS;
  graphene_rect_t area;

  /* The head of an arrow and a freehand curve may stand out from between their points. */
  if (galley_mark_get_shape (mark) == GALLEY_SHAPE_ARROW)
    around += MAX (10, 4 * stroke_width (mark, zoom)) / 2;
  galley_mark_hit_get_area (mark, zoom, &area);
  if (galley_mark_get_shape (mark) == GALLEY_SHAPE_TEXT)
    {
      graphene_rect_t points;

      /* The handle is where lines are broken, which may be beyond what is written. */
      galley_points_get_bounds (galley_mark_get_points (mark), &points);
      graphene_rect_union (&area, &points, &area);
    }
  graphene_rect_scale (&area, (float)zoom, (float)zoom, bounds);
  if (galley_mark_get_shape (mark) == GALLEY_SHAPE_PATH)
    around += (double)MAX (bounds->size.width, bounds->size.height) / 8;
  graphene_rect_inset (bounds, (float)-around, (float)-around);
}

/**
 * galley_mark_drawing_draw_ink:
 * @mark: draws nothing for what is no highlight
 *
 * What is to be multiplied with the page (%GSK_BLEND_MODE_MULTIPLY).
 */
void
galley_mark_drawing_draw_ink (GalleyMark *mark, cairo_t *cr, double zoom)
{
  double part = galley_mark_get_resolved (mark) ? INK_PART * RESOLVED_ALPHA : INK_PART;
  const GdkRGBA *color = galley_mark_get_color (mark);

  if (galley_mark_get_shape (mark) != GALLEY_SHAPE_HIGHLIGHT ||
      galley_points_get_count (galley_mark_get_points (mark)) == 0)
    return;

  /* A lighter colour and not a thinner one, and no soft edges: GTK 4.8's GL renderer multiplies
   * what is half transparent wrongly. */
  cairo_save (cr);
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
  trace (mark, cr, zoom);
  cairo_set_source_rgb (cr, 1 - part * (1 - color->red), 1 - part * (1 - color->green),
                        1 - part * (1 - color->blue));
  cairo_fill (cr);
  cairo_restore (cr);
}

/**
 * galley_mark_drawing_draw:
 * @cr: its origin is the page's top left corner, its unit is the screen's
 * @zoom: screen units an asset unit
 *
 * All but a highlight's ink.
 */
void
galley_mark_drawing_draw (GalleyMark *mark, cairo_t *cr, double zoom)
{
  if (galley_points_get_count (galley_mark_get_points (mark)) == 0)
    return;

  cairo_save (cr);
  if (galley_mark_get_resolved (mark))
    {
      cairo_push_group (cr);
      draw_plain (mark, cr, zoom);
      cairo_pop_group_to_source (cr);
      cairo_paint_with_alpha (cr, RESOLVED_ALPHA);
    }
  else
    {
      draw_plain (mark, cr, zoom);
    }
  draw_badges (mark, cr, zoom);
  cairo_restore (cr);
}

/**
 * galley_mark_drawing_draw_small:
 *
 * For a picture in which a pin's badge would cover all: a pin is a dot, a text a bar.
 */
void
galley_mark_drawing_draw_small (GalleyMark *mark, cairo_t *cr, double zoom)
{
  GalleyPoints *points = galley_mark_get_points (mark);
  const GalleyPoint *data = galley_points_get_data (points);
  double alpha = galley_mark_get_resolved (mark) ? RESOLVED_ALPHA : 1;
  GalleyShape shape = galley_mark_get_shape (mark);

  if (galley_points_get_count (points) == 0)
    return;

  cairo_save (cr);
  if (shape == GALLEY_SHAPE_PIN)
    {
      cairo_new_path (cr);
      cairo_arc (cr, data[0].x * zoom, data[0].y * zoom, 3, 0, 2 * G_PI);
      cairo_set_line_width (cr, 1.5);
      cairo_set_source_rgba (cr, 1, 1, 1, alpha);
      cairo_stroke_preserve (cr);
    }
  else
    {
      trace (mark, cr, zoom);
    }
  set_color (cr, galley_mark_get_color (mark), alpha);
  if (shape == GALLEY_SHAPE_PIN)
    cairo_fill (cr);
  else if (shape == GALLEY_SHAPE_HIGHLIGHT || shape == GALLEY_SHAPE_TEXT)
    {
      set_color (cr, galley_mark_get_color (mark), alpha * SMALL_HIGHLIGHT_ALPHA);
      cairo_fill (cr);
    }
  else
    {
      cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
      cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
      cairo_set_line_width (cr, MAX (galley_mark_get_width (mark) * zoom, 1));
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}

/**
 * galley_mark_drawing_draw_glow:
 * @accent: its colour
 * @strength: 0 to 1
 *
 * What says that a mark is selected; to be drawn below the mark.
 */
void
galley_mark_drawing_draw_glow (
    GalleyMark *mark, cairo_t *cr, double zoom, const GdkRGBA *accent, double strength)
{
  GalleyShape shape = galley_mark_get_shape (mark);
  gboolean has_stroke = shape != GALLEY_SHAPE_PIN && shape != GALLEY_SHAPE_HIGHLIGHT &&
                        shape != GALLEY_SHAPE_TEXT;
  double width = has_stroke ? stroke_width (mark, zoom) : 0;

  if (galley_points_get_count (galley_mark_get_points (mark)) == 0)
    return;

  cairo_save (cr);
  trace (mark, cr, zoom);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (int ring = 4; ring > 0; ring--)
    {
      cairo_set_line_width (cr, width + 2 + 3.5 * ring);
      set_color (cr, accent, strength * 0.16);
      cairo_stroke_preserve (cr);
    }
  cairo_new_path (cr);
  cairo_restore (cr);
}

/* Where a shape's handles are not on its outline, a line says what they pull. */
static void
draw_frame (GalleyMark *mark, cairo_t *cr, double zoom, const GdkRGBA *accent)
{
  GalleyShape shape = galley_mark_get_shape (mark);
  graphene_rect_t box;

  if (shape != GALLEY_SHAPE_ELLIPSE && shape != GALLEY_SHAPE_PATH)
    return;

  galley_points_get_bounds (galley_mark_get_points (mark), &box);
  cairo_new_path (cr);
  cairo_rectangle (cr, box.origin.x * zoom, box.origin.y * zoom, box.size.width * zoom,
                   box.size.height * zoom);
  cairo_set_line_width (cr, 2);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.5);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, 1);
  set_color (cr, accent, 0.9);
  cairo_stroke (cr);
}

/**
 * galley_mark_drawing_draw_handles:
 *
 * To be drawn above the mark.
 */
void
galley_mark_drawing_draw_handles (GalleyMark *mark, cairo_t *cr, double zoom, const GdkRGBA *accent)
{
  guint count = galley_mark_hit_get_n_handles (mark);

  cairo_save (cr);
  if (count > 0)
    draw_frame (mark, cr, zoom, accent);
  for (guint i = 0; i < count; i++)
    {
      GalleyPoint place;

      galley_mark_hit_get_handle (mark, i, &place);
      cairo_new_path (cr);
      cairo_arc (cr, place.x * zoom, place.y * zoom, GALLEY_MARK_HANDLE_RADIUS, 0, 2 * G_PI);
      cairo_set_line_width (cr, 3.5);
      cairo_set_source_rgba (cr, 0, 0, 0, 0.18);
      cairo_stroke_preserve (cr);
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_fill_preserve (cr);
      cairo_set_line_width (cr, 1.75);
      set_color (cr, accent, 1);
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}
