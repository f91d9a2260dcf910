/* galley-conflict-drawing.c: where a mark was, and where each person put it, over the page
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-conflict-drawing"

#include "ui/galley-conflict-drawing.h"

#include "ui/galley-mark.h"
#include "ui/galley-note-draft.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define HEIGHT_PX 220
#define PIN_RADIUS_PX 6
#define ARROW_PX 10
#define LEGEND_WIDTH_PX 26
#define LEGEND_HEIGHT_PX 6
/* Of one press of an arrow key, in asset units. */
#define STEP 1.0
#define BIG_STEP 10.0

struct _GalleyConflictDrawing
{
  GtkWidget parent_instance;

  GalleyConflict *conflict;
  guint contest;
  GVariant *dragged; /* (nullable): what was picked when the hand began to drag it */
};

G_DEFINE_FINAL_TYPE (GalleyConflictDrawing, galley_conflict_drawing, GTK_TYPE_WIDGET)

/* How a line looks that is somebody's: told apart without colours as well. */
typedef struct
{
  GdkRGBA color;
  double width; /* px */
  double dashes[2];
  int n_dashes;
} LineStyle;

static const LineStyle before_style = { { 0.5, 0.5, 0.5, 1 }, 1.5, { 2, 3 }, 2 };
static const LineStyle side_styles[] = {
  { { 0.11, 0.44, 0.85, 1 }, 2.5, { 0, 0 }, 0 },  { { 0.80, 0.33, 0.0, 1 }, 2.5, { 8, 4 }, 2 },
  { { 0.38, 0.21, 0.51, 1 }, 2.5, { 14, 3 }, 2 }, { { 0.55, 0.39, 0.16, 1 }, 2.5, { 3, 3 }, 2 },
  { { 0.75, 0.11, 0.16, 1 }, 2.5, { 6, 2 }, 2 },  { { 0.02, 0.45, 0.45, 1 }, 2.5, { 18, 6 }, 2 },
  { { 0.65, 0.12, 0.53, 1 }, 2.5, { 2, 6 }, 2 },  { { 0.35, 0.35, 0.0, 1 }, 2.5, { 10, 8 }, 2 },
};
static const LineStyle result_style = { { 0.15, 0.64, 0.41, 1 }, 4, { 0, 0 }, 0 };

static const LineStyle *
get_side_style (guint side)
{
  return &side_styles[side % G_N_ELEMENTS (side_styles)];
}

static GalleyContest *
get_contest (GalleyConflictDrawing *self)
{
  GPtrArray *contests = galley_conflict_get_contests (self->conflict);

  return contests != NULL && self->contest < contests->len ? contests->pdata[self->contest] : NULL;
}

/* The mark with @value in the contested field. */
static GalleyPoints *
make_points (GalleyConflictDrawing *self, GVariant *value)
{
  const GalleyEntity *shown = galley_conflict_get_shown (self->conflict);
  guint16 field = get_contest (self)->field;
  GVariant *parts[3];
  static const guint16 numbers[] = { GALLEY_ANNOTATION_PLACE, GALLEY_ANNOTATION_EXTENT,
                                     GALLEY_ANNOTATION_PATH };
  static const char *const types[] = { "(dd)", "(dd)", "a(dd)" };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      parts[i] = numbers[i] == field ? value : galley_entity_get_value (shown, numbers[i]);
      if (parts[i] != NULL && !g_variant_is_of_type (parts[i], G_VARIANT_TYPE (types[i])))
        parts[i] = NULL;
    }

  return galley_note_geometry_to_points (parts[0], parts[1], parts[2]);
}

/* ── the page ── */

typedef struct
{
  double x, y, zoom; /* of the page's corner, in px; px an asset unit */
} Place;

static void
place_page (GalleyConflictDrawing *self, Place *place)
{
  const GalleyScene *scene = galley_conflict_get_scene (self->conflict);
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));

  place->zoom = MIN (width / scene->width, height / scene->height);
  place->x = (width - scene->width * place->zoom) / 2;
  place->y = (height - scene->height * place->zoom) / 2;
}

static void
draw_arrow_head (cairo_t *cr, const GalleyPoint *from, const GalleyPoint *to)
{
  double angle = atan2 (to->y - from->y, to->x - from->x);

  for (int side = -1; side <= 1; side += 2)
    {
      cairo_move_to (cr, to->x, to->y);
      cairo_line_to (cr, to->x - ARROW_PX * cos (angle + side * 0.5),
                     to->y - ARROW_PX * sin (angle + side * 0.5));
    }
}

static void
trace_ellipse (cairo_t *cr, const GalleyPoint *a, const GalleyPoint *b)
{
  cairo_save (cr);
  cairo_translate (cr, (a->x + b->x) / 2, (a->y + b->y) / 2);
  cairo_scale (cr, MAX (fabs (b->x - a->x) / 2, 0.5), MAX (fabs (b->y - a->y) / 2, 0.5));
  cairo_arc (cr, 0, 0, 1, 0, 2 * G_PI);
  cairo_restore (cr);
}

static void
trace (cairo_t *cr, GalleyShape shape, const GalleyPoint *points, guint n_points)
{
  cairo_new_path (cr);
  if (n_points == 1)
    {
      cairo_arc (cr, points[0].x, points[0].y, PIN_RADIUS_PX, 0, 2 * G_PI);
      return;
    }
  if (shape == GALLEY_SHAPE_ELLIPSE)
    {
      trace_ellipse (cr, &points[0], &points[1]);
      return;
    }
  if (shape == GALLEY_SHAPE_RECT || shape == GALLEY_SHAPE_HIGHLIGHT || shape == GALLEY_SHAPE_TEXT)
    {
      cairo_rectangle (cr, MIN (points[0].x, points[1].x), MIN (points[0].y, points[1].y),
                       fabs (points[1].x - points[0].x), fabs (points[1].y - points[0].y));
      return;
    }

  cairo_move_to (cr, points[0].x, points[0].y);
  for (guint i = 1; i < n_points; i++)
    cairo_line_to (cr, points[i].x, points[i].y);
  if (shape == GALLEY_SHAPE_POLYGON)
    cairo_close_path (cr);
  if (shape == GALLEY_SHAPE_ARROW)
    draw_arrow_head (cr, &points[0], &points[1]);
}

static void
stroke (cairo_t *cr, const LineStyle *style)
{
  cairo_set_dash (cr, style->dashes, style->n_dashes, 0);
  cairo_set_line_width (cr, style->width);
  gdk_cairo_set_source_rgba (cr, &style->color);
  cairo_stroke (cr);
}

static GalleyShape
get_shape (GalleyConflictDrawing *self)
{
  const GalleyEntity *shown = galley_conflict_get_shown (self->conflict);
  GalleyShape shape;

  return galley_shape_from_text (galley_entity_get_string (shown, GALLEY_ANNOTATION_SHAPE, "pin"),
                                 &shape)
             ? shape
             : GALLEY_SHAPE_PIN;
}

static void
draw_value (GalleyConflictDrawing *self,
            cairo_t *cr,
            const Place *place,
            GVariant *value,
            const LineStyle *style)
{
  g_autoptr (GalleyPoints) points = make_points (self, value);
  const GalleyPoint *data = galley_points_get_data (points);
  guint count = galley_points_get_count (points);
  g_autofree GalleyPoint *on_screen = g_new (GalleyPoint, count);

  for (guint i = 0; i < count; i++)
    on_screen[i] = (GalleyPoint){ place->x + data[i].x * place->zoom,
                                  place->y + data[i].y * place->zoom };
  trace (cr, get_shape (self), on_screen, count);
  /* On a dark picture as on a light one. */
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_width (cr, style->width + 2);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.7);
  cairo_stroke_preserve (cr);
  stroke (cr, style);
}

static void
snapshot_page (GalleyConflictDrawing *self, GtkSnapshot *snapshot, const Place *place)
{
  const GalleyScene *scene = galley_conflict_get_scene (self->conflict);
  graphene_rect_t page = GRAPHENE_RECT_INIT (place->x, place->y, scene->width * place->zoom,
                                             scene->height * place->zoom);
  GdkRGBA paper = { 1, 1, 1, 1 };

  gtk_snapshot_append_color (snapshot, &paper, &page);
  if (scene->picture != NULL)
    gtk_snapshot_append_texture (snapshot, scene->picture, &page);
}

static void
galley_conflict_drawing_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GalleyConflictDrawing *self = GALLEY_CONFLICT_DRAWING (widget);
  const GalleyContest *contest = get_contest (self);
  graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget),
                                            gtk_widget_get_height (widget));
  Place place;
  cairo_t *cr;

  if (contest == NULL || !galley_conflict_drawing_can_show (self->conflict, self->contest))
    return;

  place_page (self, &place);
  gtk_snapshot_push_clip (snapshot, &all);
  snapshot_page (self, snapshot, &place);
  cr = gtk_snapshot_append_cairo (snapshot, &all);
  if (contest->base_known)
    draw_value (self, cr, &place, contest->base, &before_style);
  for (guint i = contest->sides->len; i > 0; i--)
    draw_value (self, cr, &place, ((GalleyConflictSide *)contest->sides->pdata[i - 1])->value,
                get_side_style (i - 1));
  if (contest->pick == GALLEY_PICK_OWN)
    draw_value (self, cr, &place, contest->own, &result_style);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
}

static void
galley_conflict_drawing_measure (GtkWidget *widget,
                                 GtkOrientation orientation,
                                 int for_size,
                                 int *minimum,
                                 int *natural,
                                 int *minimum_baseline,
                                 int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT_PX : 100;
}

/* ── moving what is picked ── */

static GVariant *
move (GVariant *value, double dx, double dy)
{
  GVariantBuilder builder;
  double x, y;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE ("(dd)")))
    {
      g_variant_get (value, "(dd)", &x, &y);
      return g_variant_new ("(dd)", x + dx, y + dy);
    }

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(dd)"));
  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_variant_get_child (value, i, "(dd)", &x, &y);
      g_variant_builder_add (&builder, "(dd)", x + dx, y + dy);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
get_movable (GalleyConflictDrawing *self)
{
  const GalleyContest *contest = get_contest (self);
  GVariant *value = galley_conflict_get_result (self->conflict, self->contest);

  if (value == NULL && contest != NULL && contest->sides->len > 0)
    value = ((GalleyConflictSide *)contest->sides->pdata[0])->value;
  return value != NULL && (g_variant_is_of_type (value, G_VARIANT_TYPE ("(dd)")) ||
                           g_variant_is_of_type (value, G_VARIANT_TYPE ("a(dd)")))
             ? value
             : NULL;
}

static void
move_by (GalleyConflictDrawing *self, GVariant *from, double dx, double dy)
{
  if (from != NULL)
    galley_conflict_pick (self->conflict, self->contest, GALLEY_PICK_OWN, 0, move (from, dx, dy));
}

static void
drag_begin_cb (GalleyConflictDrawing *self)
{
  GVariant *movable = get_movable (self);

  g_clear_pointer (&self->dragged, g_variant_unref);
  if (movable != NULL)
    self->dragged = g_variant_ref (movable);
}

static void
drag_update_cb (GalleyConflictDrawing *self, double dx, double dy)
{
  Place place;

  place_page (self, &place);
  move_by (self, self->dragged, dx / place.zoom, dy / place.zoom);
}

static void
nudge (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyConflictDrawing *self = GALLEY_CONFLICT_DRAWING (widget);
  double dx, dy;

  g_variant_get (parameter, "(dd)", &dx, &dy);
  move_by (self, get_movable (self), dx, dy);
}

static void
add_nudge (GtkWidgetClass *widget_class, guint key, double dx, double dy)
{
  gtk_widget_class_add_binding_action (widget_class, key, 0, "drawing.nudge", "(dd)", dx * STEP,
                                       dy * STEP);
  gtk_widget_class_add_binding_action (widget_class, key, GDK_SHIFT_MASK, "drawing.nudge", "(dd)",
                                       dx * BIG_STEP, dy * BIG_STEP);
}

static void
galley_conflict_drawing_dispose (GObject *object)
{
  GalleyConflictDrawing *self = GALLEY_CONFLICT_DRAWING (object);

  g_clear_object (&self->conflict);
  g_clear_pointer (&self->dragged, g_variant_unref);
  G_OBJECT_CLASS (galley_conflict_drawing_parent_class)->dispose (object);
}

static void
galley_conflict_drawing_class_init (GalleyConflictDrawingClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_conflict_drawing_dispose;
  widget_class->snapshot = galley_conflict_drawing_snapshot;
  widget_class->measure = galley_conflict_drawing_measure;
  gtk_widget_class_set_css_name (widget_class, "conflictdrawing");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_install_action (widget_class, "drawing.nudge", "(dd)", nudge);
  add_nudge (widget_class, GDK_KEY_Left, -1, 0);
  add_nudge (widget_class, GDK_KEY_Right, 1, 0);
  add_nudge (widget_class, GDK_KEY_Up, 0, -1);
  add_nudge (widget_class, GDK_KEY_Down, 0, 1);
}

static void
galley_conflict_drawing_init (GalleyConflictDrawing *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}

/**
 * galley_conflict_drawing_can_show:
 *
 * Returns: whether the field is about where a mark is, on a page whose size is known
 */
gboolean
galley_conflict_drawing_can_show (GalleyConflict *conflict, guint contest)
{
  const GalleyScene *scene = galley_conflict_get_scene (conflict);
  GPtrArray *contests = galley_conflict_get_contests (conflict);

  return contests != NULL && contest < contests->len && scene->width > 0 && scene->height > 0 &&
         ((GalleyContest *)contests->pdata[contest])->type == GALLEY_FIELD_GEOMETRY;
}

static void
draw_legend (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  const LineStyle *style = data;

  cairo_move_to (cr, 0, height / 2.0);
  cairo_line_to (cr, width, height / 2.0);
  stroke (cr, style);
}

GtkWidget *
galley_conflict_drawing_legend_new (int side)
{
  GtkWidget *area = gtk_drawing_area_new ();
  const LineStyle *style = side < 0 ? &before_style : get_side_style (side);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), LEGEND_WIDTH_PX);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), LEGEND_HEIGHT_PX);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_legend, (gpointer)style, NULL);
  gtk_widget_set_valign (area, GTK_ALIGN_CENTER);
  return area;
}

GtkWidget *
galley_conflict_drawing_new (GalleyConflict *conflict, guint contest)
{
  GalleyConflictDrawing *self = g_object_new (GALLEY_TYPE_CONFLICT_DRAWING, NULL);

  self->conflict = g_object_ref (conflict);
  self->contest = contest;
  g_signal_connect_object (conflict, "picked", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Where it was, and where each put it. Arrow keys move what is "
                                     "to stand."),
                                  -1);
  return GTK_WIDGET (self);
}
