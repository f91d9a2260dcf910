/* galley-canvas-drawing.c: how the canvas looks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-canvas-drawing"

#include "ui/galley-canvas-private.h"

#include "ui/galley-mark-drawing.h"

#include <math.h>

static void
get_accent (GalleyCanvas *self, GdkRGBA *accent)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));

  if (!gtk_style_context_lookup_color (style, "accent_bg_color", accent))
    gdk_rgba_parse (accent, "#3584e4");
}

/* A cairo node no larger than what it shows, and never larger than the screen. */
static cairo_t *
append_cairo (GtkSnapshot *snapshot, GalleyMark *mark, double zoom, const graphene_rect_t *visible)
{
  graphene_rect_t bounds;

  galley_mark_drawing_get_bounds (mark, zoom, &bounds);
  if (!graphene_rect_intersection (&bounds, visible, &bounds))
    return NULL;

  return gtk_snapshot_append_cairo (snapshot, &bounds);
}

static void
snapshot_shadow (GtkSnapshot *snapshot, const graphene_rect_t *sheet)
{
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (&outline, sheet, 0);
  gtk_snapshot_append_outset_shadow (snapshot, &outline, &(GdkRGBA){ 0, 0, 0, 0.16 }, 0, 0, 1, 0);
  gtk_snapshot_append_outset_shadow (snapshot, &outline, &(GdkRGBA){ 0, 0, 0, 0.22 }, 0, 2, 0, 12);
}

/* The ink of a highlight that is in no layer: the selected one, or the one being drawn. */
static void
snapshot_live_ink (GalleyCanvas *self,
                   GtkSnapshot *snapshot,
                   GalleyMark *mark,
                   const graphene_rect_t *visible)
{
  cairo_t *cr = append_cairo (snapshot, mark, self->viewport.zoom, visible);

  if (cr == NULL)
    return;

  galley_mark_drawing_draw_ink (mark, cr, self->viewport.zoom);
  cairo_destroy (cr);
}

static gboolean
is_live_highlight (GalleyCanvas *self, GalleyMark *mark)
{
  return mark != NULL && galley_mark_get_page (mark) == self->page &&
         galley_mark_get_shape (mark) == GALLEY_SHAPE_HIGHLIGHT;
}

static void
snapshot_sheet (GalleyCanvas *self, GtkSnapshot *snapshot, const graphene_rect_t *area)
{
  gtk_snapshot_push_clip (snapshot, area);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 1, 1, 1, 1 }, area);
  if (self->tiles != NULL)
    galley_page_tiles_snapshot (self->tiles, snapshot, self->viewport.zoom);
  gtk_snapshot_pop (snapshot);
}

/* The page and, multiplied with it, the ink of highlights. Multiplying takes pictures of both: only
 * where there is ink, and never more than is seen. */
static void
snapshot_page (GalleyCanvas *self,
               GtkSnapshot *snapshot,
               GalleyMark *draft,
               const graphene_rect_t *visible)
{
  double zoom = self->viewport.zoom;
  graphene_rect_t sheet = GRAPHENE_RECT_INIT (0, 0, self->viewport.page_width * zoom,
                                              self->viewport.page_height * zoom);
  graphene_rect_t area;

  snapshot_shadow (snapshot, &sheet);
  if (!graphene_rect_intersection (&sheet, visible, &area))
    return;

  if (galley_mark_layer_is_empty (self->ink) && !is_live_highlight (self, self->selected) &&
      !is_live_highlight (self, draft))
    {
      snapshot_sheet (self, snapshot, &area);
      return;
    }

  gtk_snapshot_push_blend (snapshot, GSK_BLEND_MODE_MULTIPLY);
  snapshot_sheet (self, snapshot, &area);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_push_clip (snapshot, &area);
  galley_mark_layer_snapshot (self->ink, snapshot, visible);
  if (is_live_highlight (self, self->selected))
    snapshot_live_ink (self, snapshot, self->selected, visible);
  if (is_live_highlight (self, draft))
    snapshot_live_ink (self, snapshot, draft, visible);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_pop (snapshot);
}

static void
snapshot_hovered (GalleyCanvas *self, GtkSnapshot *snapshot, const graphene_rect_t *visible)
{
  GdkRGBA accent;
  cairo_t *cr;

  if (self->hovered == NULL || self->hovered == self->selected ||
      galley_mark_get_page (self->hovered) != self->page)
    return;

  cr = append_cairo (snapshot, self->hovered, self->viewport.zoom, visible);
  if (cr == NULL)
    return;

  get_accent (self, &accent);
  galley_mark_drawing_draw_glow (self->hovered, cr, self->viewport.zoom, &accent, 0.6);
  cairo_destroy (cr);
}

static void
snapshot_selected (GalleyCanvas *self, GtkSnapshot *snapshot, const graphene_rect_t *visible)
{
  double zoom = self->viewport.zoom;
  GdkRGBA accent;
  cairo_t *cr;

  if (self->selected == NULL || galley_mark_get_page (self->selected) != self->page)
    return;

  cr = append_cairo (snapshot, self->selected, zoom, visible);
  if (cr == NULL)
    return;

  get_accent (self, &accent);
  galley_mark_drawing_draw_glow (self->selected, cr, zoom, &accent, 1);
  galley_mark_drawing_draw (self->selected, cr, zoom);
  if (galley_canvas_can_edit (self))
    galley_mark_drawing_draw_handles (self->selected, cr, zoom, &accent);
  cairo_destroy (cr);
}

/* Returns: (nullable): what is being drawn, as the mark it would be now */
static GalleyMark *
make_draft_mark (GalleyCanvas *self)
{
  double width = galley_canvas_get_stroke_width (self);
  g_autoptr (GalleyPoints) points = NULL;
  GalleyMark *mark;

  if (self->draft == NULL || galley_mark_draft_get_shape (self->draft) == GALLEY_SHAPE_TEXT)
    return NULL;

  points = galley_mark_draft_get_points (self->draft);
  mark = galley_mark_new (NULL, galley_mark_draft_get_shape (self->draft), self->page, points);
  galley_mark_set_color (mark, &self->color);
  galley_mark_set_width (mark, galley_mark_draft_get_width (self->draft, width));
  return mark;
}

static void
snapshot_draft (GalleyCanvas *self,
                GtkSnapshot *snapshot,
                GalleyMark *draft,
                const graphene_rect_t *visible)
{
  cairo_t *cr = draft != NULL ? append_cairo (snapshot, draft, self->viewport.zoom, visible) : NULL;

  if (cr == NULL)
    return;

  galley_mark_drawing_draw (draft, cr, self->viewport.zoom);
  cairo_destroy (cr);
}

/**
 * galley_canvas_draw:
 *
 * The snapshot of the widget. What is finished comes from textures that are kept; only the mark
 * that is selected, the one under the pointer and the one being drawn are drawn with every frame.
 */
void
galley_canvas_draw (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GalleyCanvas *self = GALLEY_CANVAS (widget);
  double scale = galley_canvas_get_device_scale (self);
  g_autoptr (GalleyMark) draft = make_draft_mark (self);
  double left, top;
  graphene_rect_t visible;

  if (galley_viewport_has_page (&self->viewport))
    {
      /* On whole pixels of the device, or every letter would be blurred. */
      galley_viewport_get_origin (&self->viewport, &left, &top);
      left = round (left * scale) / scale;
      top = round (top * scale) / scale;
      visible = GRAPHENE_RECT_INIT (-left, -top, self->viewport.view_width,
                                    self->viewport.view_height);

      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (left, top));
      snapshot_page (self, snapshot, draft, &visible);
      snapshot_hovered (self, snapshot, &visible);
      galley_mark_layer_snapshot (self->layer, snapshot, &visible);
      snapshot_selected (self, snapshot, &visible);
      snapshot_draft (self, snapshot, draft, &visible);
      gtk_snapshot_restore (snapshot);
    }
  gtk_widget_snapshot_child (widget, self->spinner, snapshot);
  gtk_widget_snapshot_child (widget, self->notice, snapshot);
}
