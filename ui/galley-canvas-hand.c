/* galley-canvas-hand.c: what a pointer on the canvas means
 *
 * galley-canvas-gestures.c says what the pointer did; pressed, moved, released and hovered decide
 * here what it was for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-canvas-hand"

#include "ui/galley-canvas-private.h"

#include "ui/galley-mark-hit.h"
#include "ui/galley-mark-text.h"

#include <math.h>

/* Screen units: a press that moved less was a click. */
#define CLICK_REACH 4.0

static void
to_asset (GalleyCanvas *self, double x, double y, GalleyPoint *place)
{
  galley_viewport_to_asset (&self->viewport, x, y, &place->x, &place->y);
}

/* New marks begin on the page, wherever the pointer was. */
static void
to_page (GalleyCanvas *self, double x, double y, GalleyPoint *place)
{
  to_asset (self, x, y, place);
  place->x = CLAMP (place->x, 0, self->viewport.page_width);
  place->y = CLAMP (place->y, 0, self->viewport.page_height);
}

static GalleyMark *
find_mark (GalleyCanvas *self, double x, double y)
{
  GalleyPoint place;

  if (!galley_viewport_has_page (&self->viewport))
    return NULL;

  to_asset (self, x, y, &place);
  return galley_mark_hit_find (self->marks, self->page, place.x, place.y, self->viewport.zoom);
}

static int
find_handle (GalleyCanvas *self, double x, double y)
{
  GalleyPoint place;

  if (self->selected == NULL || !galley_canvas_can_edit (self) ||
      galley_mark_get_page (self->selected) != self->page)
    return -1;

  to_asset (self, x, y, &place);
  return galley_mark_hit_find_handle (self->selected, place.x, place.y, self->viewport.zoom);
}

/* The shape that the tool in use would make, if it may. */
static gboolean
get_drawn_shape (GalleyCanvas *self, GalleyShape *shape)
{
  return galley_canvas_can_edit (self) && galley_tool_get_shape (self->tool, shape);
}

static gboolean
is_click_shape (GalleyShape shape)
{
  return shape == GALLEY_SHAPE_PIN || shape == GALLEY_SHAPE_TEXT;
}

/* A pin or a text there already is what a click with their tools means, and not another one on it.
 */
static GalleyMark *
find_click_mark (GalleyCanvas *self, double x, double y)
{
  GalleyMark *mark = find_mark (self, x, y);

  return mark != NULL && is_click_shape (galley_mark_get_shape (mark)) ? mark : NULL;
}

static const char *
get_cursor (GalleyCanvas *self)
{
  GalleyShape shape;
  int handle;

  if (self->hand == GALLEY_HAND_PAN)
    return "grabbing";
  if (self->space_held)
    return "grab";
  if (self->hand == GALLEY_HAND_MOVE)
    return "move";
  if (self->hand == GALLEY_HAND_DRAW || self->draft != NULL)
    return "crosshair";

  handle = self->hand == GALLEY_HAND_HANDLE ? self->handle
                                            : find_handle (self, self->pointer_x, self->pointer_y);
  if (handle >= 0 && self->selected != NULL)
    return galley_mark_hit_get_cursor (self->selected, (guint)handle);
  if (get_drawn_shape (self, &shape) &&
      (!is_click_shape (shape) || find_click_mark (self, self->pointer_x, self->pointer_y) == NULL))
    return shape == GALLEY_SHAPE_TEXT ? "text" : "crosshair";
  if (self->hovered == NULL)
    return "default";

  return self->hovered == self->selected && galley_canvas_can_edit (self) ? "move" : "pointer";
}

/**
 * galley_canvas_update_cursor:
 *
 * Lets the pointer say what a press would do.
 */
void
galley_canvas_update_cursor (GalleyCanvas *self)
{
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), get_cursor (self));
}

static void
begin_pan (GalleyCanvas *self)
{
  self->hand = GALLEY_HAND_PAN;
  self->scroll_x = self->viewport.x;
  self->scroll_y = self->viewport.y;
}

static void
begin_draft (GalleyCanvas *self, GalleyShape shape, double x, double y, double pressure)
{
  GalleyPoint place;

  to_page (self, x, y, &place);
  self->hand = GALLEY_HAND_DRAW;
  self->draft = galley_mark_draft_new (shape, place.x, place.y, pressure);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
take_mark (GalleyCanvas *self, GalleyMark *mark)
{
  galley_canvas_select_quietly (self, mark);
  self->hand = GALLEY_HAND_CLICK;
  self->before = galley_points_ref (galley_mark_get_points (mark));
}

static void
press_with_selection (GalleyCanvas *self, double x, double y)
{
  GalleyMark *mark = find_mark (self, x, y);

  if (mark == NULL)
    {
      galley_canvas_set_selected (self, NULL);
      begin_pan (self);
      return;
    }

  take_mark (self, mark);
}

static void
press_to_draw (GalleyCanvas *self, GalleyShape shape, double x, double y, double pressure)
{
  GalleyMark *mark = is_click_shape (shape) ? find_click_mark (self, x, y) : NULL;

  if (self->draft != NULL) /* a polygon's next corner; it is set when the button comes up */
    {
      self->hand = GALLEY_HAND_DRAW;
      galley_canvas_pointer_moved (self, x, y, 0, pressure);
      return;
    }
  if (mark != NULL)
    {
      take_mark (self, mark);
      return;
    }
  galley_canvas_set_selected (self, NULL);
  begin_draft (self, shape, x, y, pressure);
}

/**
 * galley_canvas_pointer_pressed:
 * @x: screen, from the widget's corner
 * @pressure: 0 to 1
 */
void
galley_canvas_pointer_pressed (
    GalleyCanvas *self, double x, double y, guint button, GdkModifierType state, double pressure)
{
  GalleyShape shape;

  galley_canvas_end_nudge (self);
  g_clear_pointer (&self->before, galley_points_unref);
  self->start_x = self->pointer_x = x;
  self->start_y = self->pointer_y = y;
  self->handle = -1;
  self->hand = GALLEY_HAND_IDLE;
  if (!galley_viewport_has_page (&self->viewport))
    return;

  if (button == GDK_BUTTON_MIDDLE || self->space_held)
    begin_pan (self);
  else if (button != GDK_BUTTON_PRIMARY)
    return;
  else if (self->draft == NULL && (self->handle = find_handle (self, x, y)) >= 0)
    {
      self->hand = GALLEY_HAND_HANDLE;
      self->before = galley_points_ref (galley_mark_get_points (self->selected));
    }
  else if (get_drawn_shape (self, &shape))
    press_to_draw (self, shape, x, y, pressure);
  else
    press_with_selection (self, x, y);
  galley_canvas_update_cursor (self);
}

static void
move_selected (GalleyCanvas *self, double x, double y, GdkModifierType state)
{
  double dx = (x - self->start_x) / self->viewport.zoom;
  double dy = (y - self->start_y) / self->viewport.zoom;
  g_autoptr (GalleyPoints) moved = NULL;

  if ((state & GDK_SHIFT_MASK) != 0)
    {
      if (fabs (dx) > fabs (dy))
        dy = 0;
      else
        dx = 0;
    }
  moved = galley_points_move (self->before, dx, dy);
  galley_mark_set_points (self->selected, moved);
}

static void
drag_handle (GalleyCanvas *self, double x, double y, GdkModifierType state)
{
  g_autoptr (GalleyPoints) points = NULL;
  GalleyPoint place;

  to_asset (self, x, y, &place);
  points = galley_mark_hit_drag_handle (galley_mark_get_shape (self->selected), self->before,
                                        (guint)self->handle, &place, (state & GDK_SHIFT_MASK) != 0);
  galley_mark_set_points (self->selected, points);
}

static void
extend_draft (GalleyCanvas *self, double x, double y, GdkModifierType state, double pressure)
{
  GalleyShape shape = galley_mark_draft_get_shape (self->draft);
  GalleyPoint place;

  if (is_click_shape (shape))
    return;

  to_page (self, x, y, &place);
  if (shape == GALLEY_SHAPE_PATH)
    galley_mark_draft_add (self->draft, place.x, place.y, pressure);
  else
    galley_mark_draft_move (self->draft, place.x, place.y, (state & GDK_SHIFT_MASK) != 0);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
is_click (GalleyCanvas *self, double x, double y)
{
  return hypot (x - self->start_x, y - self->start_y) < CLICK_REACH;
}

/**
 * galley_canvas_pointer_moved:
 *
 * While the button is down.
 */
void
galley_canvas_pointer_moved (
    GalleyCanvas *self, double x, double y, GdkModifierType state, double pressure)
{
  self->pointer_x = x;
  self->pointer_y = y;
  if (self->hand == GALLEY_HAND_CLICK && !is_click (self, x, y))
    {
      if (galley_canvas_can_edit (self) && self->selected != NULL)
        self->hand = GALLEY_HAND_MOVE;
      else
        begin_pan (self);
      galley_canvas_update_cursor (self);
    }

  switch (self->hand)
    {
    case GALLEY_HAND_PAN:
      galley_viewport_scroll_to (&self->viewport, self->scroll_x + self->start_x - x,
                                 self->scroll_y + self->start_y - y);
      galley_canvas_view_changed (self);
      break;
    case GALLEY_HAND_DRAW:
      if (self->draft != NULL)
        extend_draft (self, x, y, state, pressure);
      break;
    case GALLEY_HAND_MOVE:
      if (self->selected != NULL)
        move_selected (self, x, y, state);
      break;
    case GALLEY_HAND_HANDLE:
      if (self->selected != NULL)
        drag_handle (self, x, y, state);
      break;
    case GALLEY_HAND_IDLE:
    case GALLEY_HAND_CLICK:
    default:
      break;
    }
}

/* A click with a tool that draws by dragging means the mark that is there. */
static void
finish_draft (GalleyCanvas *self, double x, double y)
{
  g_autoptr (GalleyMarkDraft) draft = g_steal_pointer (&self->draft);
  GalleyShape shape = galley_mark_draft_get_shape (draft);
  g_autoptr (GalleyPoints) points = galley_mark_draft_finish (draft, self->viewport.zoom);
  double width = galley_mark_draft_get_width (draft, galley_canvas_get_stroke_width (self));

  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (shape == GALLEY_SHAPE_TEXT && points != NULL)
    {
      const GalleyPoint *place = galley_points_get_data (points);

      galley_canvas_ask_text (self, place->x, place->y);
      return;
    }
  if (is_click (self, x, y) && shape != GALLEY_SHAPE_PIN && shape != GALLEY_SHAPE_POLYGON)
    {
      GalleyMark *mark = find_mark (self, x, y);

      if (mark != NULL)
        {
          galley_canvas_select_quietly (self, mark);
          return;
        }
    }
  if (points != NULL)
    galley_canvas_emit_drawn (self, shape, points, width, NULL);
}

/**
 * galley_canvas_finish_polygon:
 *
 * Returns: whether there was one to finish
 */
gboolean
galley_canvas_finish_polygon (GalleyCanvas *self)
{
  if (self->draft == NULL || galley_mark_draft_get_shape (self->draft) != GALLEY_SHAPE_POLYGON)
    return FALSE;

  self->hand = GALLEY_HAND_IDLE;
  finish_draft (self, self->pointer_x, self->pointer_y);
  galley_canvas_update_cursor (self);
  return TRUE;
}

static void
release_draft (GalleyCanvas *self, double x, double y)
{
  if (galley_mark_draft_get_shape (self->draft) != GALLEY_SHAPE_POLYGON)
    finish_draft (self, x, y);
  else if (galley_mark_draft_add_corner (self->draft, self->viewport.zoom))
    galley_canvas_finish_polygon (self);
}

/**
 * galley_canvas_pointer_released:
 *
 * The gesture is done: what was drawn or moved is told.
 */
void
galley_canvas_pointer_released (GalleyCanvas *self, double x, double y, GdkModifierType state)
{
  GalleyHand hand = self->hand;
  g_autoptr (GalleyPoints) before = g_steal_pointer (&self->before);

  self->hand = GALLEY_HAND_IDLE;
  self->pointer_x = x;
  self->pointer_y = y;
  if (hand == GALLEY_HAND_DRAW && self->draft != NULL)
    release_draft (self, x, y);
  else if ((hand == GALLEY_HAND_MOVE || hand == GALLEY_HAND_HANDLE) && self->selected != NULL &&
           before != NULL)
    galley_canvas_emit_moved (self, self->selected, before);
  galley_canvas_pointer_hovered (self, x, y, state);
}

/**
 * galley_canvas_pointer_double_clicked:
 *
 * The second press of two; it was a press before.
 */
void
galley_canvas_pointer_double_clicked (GalleyCanvas *self, double x, double y)
{
  gboolean draws = self->tool != GALLEY_TOOL_SELECT && galley_canvas_can_edit (self);
  GalleyMark *mark = draws ? NULL : find_mark (self, x, y);

  if (!galley_canvas_finish_polygon (self) && mark != NULL)
    galley_canvas_emit_activated (self, mark);
}

/**
 * galley_canvas_pointer_hovered:
 *
 * The pointer is there with no button down.
 */
void
galley_canvas_pointer_hovered (GalleyCanvas *self, double x, double y, GdkModifierType state)
{
  GalleyMark *mark;

  self->pointer_x = x;
  self->pointer_y = y;
  if (self->draft != NULL)
    extend_draft (self, x, y, state, GALLEY_MARK_DRAFT_PRESSURE);
  mark = self->draft == NULL ? find_mark (self, x, y) : NULL;
  if (g_set_object (&self->hovered, mark))
    gtk_widget_queue_draw (GTK_WIDGET (self));
  galley_canvas_update_cursor (self);
}

/**
 * galley_canvas_cancel:
 *
 * Drops the gesture under way; what it moved goes back to where it was.
 *
 * Returns: whether there was one
 */
gboolean
galley_canvas_cancel (GalleyCanvas *self)
{
  gboolean was_busy = self->hand != GALLEY_HAND_IDLE || self->draft != NULL || self->nudging;
  g_autoptr (GalleyPoints) before = g_steal_pointer (&self->before);

  self->hand = GALLEY_HAND_IDLE;
  self->nudging = FALSE;
  g_clear_pointer (&self->draft, galley_mark_draft_free);
  if (before != NULL && self->selected != NULL)
    galley_mark_set_points (self->selected, before);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  galley_canvas_update_cursor (self);
  return was_busy;
}

static void
accepted_cb (GalleyMarkEntry *entry, const char *text, gpointer user_data)
{
  GalleyCanvas *self = user_data;
  double width = galley_canvas_get_stroke_width (self);
  g_autoptr (GalleyPoints)
      points = galley_mark_text_get_points (text, width, self->entry_place.x, self->entry_place.y,
                                            self->viewport.page_width - self->entry_place.x);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  galley_canvas_emit_drawn (self, GALLEY_SHAPE_TEXT, points, width, text);
}

static void
entry_closed_cb (GtkPopover *popover, gpointer user_data)
{
  GalleyCanvas *self = user_data;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * galley_canvas_ask_text:
 * @x: asset units: where the text will begin
 * @y: likewise
 */
void
galley_canvas_ask_text (GalleyCanvas *self, double x, double y)
{
  double height = galley_canvas_get_stroke_width (self) * GALLEY_MARK_TEXT_SIZE;
  double screen_x, screen_y;

  if (self->entry == NULL)
    {
      self->entry = galley_mark_entry_new ();
      gtk_widget_set_parent (GTK_WIDGET (self->entry), GTK_WIDGET (self));
      g_signal_connect (self->entry, "accepted", G_CALLBACK (accepted_cb), self);
      g_signal_connect (self->entry, "closed", G_CALLBACK (entry_closed_cb), self);
    }
  self->entry_place = (GalleyPoint){ x, y };
  galley_viewport_to_screen (&self->viewport, x, y, &screen_x, &screen_y);
  galley_mark_entry_ask (self->entry,
                         &(GdkRectangle){ (int)screen_x, (int)screen_y, 1,
                                          (int)MAX (height * self->viewport.zoom, 1) });
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
is_within (GalleyCanvas *self, GalleyMark *mark, double x, double y)
{
  GalleyPoint place;

  to_asset (self, x, y, &place);
  return galley_mark_get_shape (mark) != GALLEY_SHAPE_HIGHLIGHT &&
         galley_mark_hit_test (mark, place.x, place.y, self->viewport.zoom) == GALLEY_HIT_INSIDE;
}

static gboolean
tooltip_cb (
    GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer user_data)
{
  GalleyCanvas *self = GALLEY_CANVAS (widget);
  GalleyMark *mark = keyboard ? self->selected : find_mark (self, x, y);
  g_autofree char *words = NULL;

  /* Not within large shapes, where people look at something else. */
  if (mark == NULL || self->hand != GALLEY_HAND_IDLE || self->draft != NULL ||
      (!keyboard && is_within (self, mark, x, y)))
    return FALSE;

  words = galley_mark_describe (mark);
  gtk_tooltip_set_text (tooltip, words);
  return TRUE;
}

void
galley_canvas_hand_init (GalleyCanvas *self)
{
  self->handle = -1;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (tooltip_cb), NULL);
}

void
galley_canvas_hand_dispose (GalleyCanvas *self)
{
  g_clear_pointer (&self->draft, galley_mark_draft_free);
  g_clear_pointer (&self->before, galley_points_unref);
  g_clear_object (&self->hovered);
  if (self->entry != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->entry, self);
      gtk_widget_unparent (GTK_WIDGET (self->entry));
      self->entry = NULL;
    }
}
