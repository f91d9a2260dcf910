/* galley-mark-text.c: the lines of a text mark: how large they are, and how they are drawn
 *
 * All is in asset units: the same lines are broken at the same words at every zoom.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-mark-text"

#include "ui/galley-mark-text.h"

#include <math.h>

/* What is kept at a mark so that a pointer moving over a page does not lay out text. */
typedef struct
{
  guint serial;
  graphene_rect_t box;
} Known;

static PangoContext *
make_context (void)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_font_options_t *options = cairo_font_options_create ();

  /* Hinted letters change their widths with the zoom. */
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  pango_cairo_context_set_font_options (context, options);
  pango_context_set_round_glyph_positions (context, FALSE);
  cairo_font_options_destroy (options);
  return context;
}

/**
 * galley_mark_text_layout:
 * @body: what is written
 * @width: the mark's, in asset units: says how large the letters are
 * @line: asset units: where lines are broken; 0 or less for nowhere
 *
 * Returns: (transfer full): to be drawn with a matrix that brings asset units to the screen
 */
PangoLayout *
galley_mark_text_layout (const char *body, double width, double line)
{
  PangoContext *context = make_context ();
  g_autoptr (PangoFontDescription) font = pango_font_description_from_string ("Sans Semi-Bold");
  double size = CLAMP (width * GALLEY_MARK_TEXT_SIZE, 1, 10000);
  PangoLayout *layout = pango_layout_new (context);

  g_object_unref (context);
  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_text (layout, body, -1);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  if (line > 0)
    pango_layout_set_width (layout, (int)MIN (line * PANGO_SCALE, G_MAXINT / 2));
  return layout;
}

static void
compute_box (GalleyMark *mark, graphene_rect_t *box)
{
  GalleyPoints *points = galley_mark_get_points (mark);
  const GalleyPoint *data = galley_points_get_data (points);
  guint count = galley_points_get_count (points);
  double line = count > 1 ? data[1].x - data[0].x : 0;
  g_autoptr (PangoLayout) layout = NULL;
  PangoRectangle logical;

  *box = GRAPHENE_RECT_INIT (0, 0, 0, 0);
  if (count == 0)
    return;

  layout = galley_mark_text_layout (galley_mark_get_body (mark), galley_mark_get_width (mark),
                                    line);
  pango_layout_get_extents (layout, NULL, &logical);
  *box = GRAPHENE_RECT_INIT (data[0].x + (double)logical.x / PANGO_SCALE,
                             data[0].y + (double)logical.y / PANGO_SCALE,
                             (double)logical.width / PANGO_SCALE,
                             (double)logical.height / PANGO_SCALE);
}

/**
 * galley_mark_text_get_box:
 * @mark: a text
 * @box: (out caller-allocates): what its lines cover, in asset units
 */
void
galley_mark_text_get_box (GalleyMark *mark, graphene_rect_t *box)
{
  Known *known = g_object_get_data (G_OBJECT (mark), "galley-mark-text-box");

  if (known == NULL)
    {
      known = g_new0 (Known, 1);
      known->serial = galley_mark_get_serial (mark) + 1;
      g_object_set_data_full (G_OBJECT (mark), "galley-mark-text-box", known, g_free);
    }
  if (known->serial != galley_mark_get_serial (mark))
    {
      compute_box (mark, &known->box);
      known->serial = galley_mark_get_serial (mark);
    }
  *box = known->box;
}

/**
 * galley_mark_text_get_points:
 * @width: the mark's width
 * @x: where it is put
 * @y: likewise
 * @room: how far lines may go to the right
 *
 * Lines get some more room than they need, so that a word may be added later.
 *
 * Returns: (transfer full): the points of a new text
 */
GalleyPoints *
galley_mark_text_get_points (const char *body, double width, double x, double y, double room)
{
  g_autoptr (PangoLayout) layout = galley_mark_text_layout (body, width, 0);
  double size = width * GALLEY_MARK_TEXT_SIZE;
  PangoRectangle logical;
  double line;

  pango_layout_get_extents (layout, NULL, &logical);
  line = ceil ((double)logical.width / PANGO_SCALE + size / 2);
  line = MAX (line, 12 * size);
  line = MIN (line, MAX (room, 4 * size));
  pango_layout_set_width (layout, (int)MIN (line * PANGO_SCALE, G_MAXINT / 2));
  pango_layout_get_extents (layout, NULL, &logical);
  return galley_points_new_pair (x, y, x + line, y + (double)logical.height / PANGO_SCALE);
}
