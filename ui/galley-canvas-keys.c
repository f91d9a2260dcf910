/* galley-canvas-keys.c: the canvas by keyboard
 *
 * Letters count without modifiers only, so that the window may give Shift+A and the like a meaning.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-canvas-keys"

#include "ui/galley-canvas-private.h"

#include "ui/galley-mark-hit.h"

/* Screen units an arrow key scrolls by. */
#define SCROLL_STEP 48.0

static gboolean
get_direction (guint keyval, GalleyPoint *direction)
{
  switch (keyval)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      *direction = (GalleyPoint){ -1, 0 };
      return TRUE;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      *direction = (GalleyPoint){ 1, 0 };
      return TRUE;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      *direction = (GalleyPoint){ 0, -1 };
      return TRUE;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      *direction = (GalleyPoint){ 0, 1 };
      return TRUE;
    default:
      return FALSE;
    }
}

/* One change for as long as the key is held, not one for each step. */
static void
nudge (GalleyCanvas *self, const GalleyPoint *direction, double step)
{
  g_autoptr (GalleyPoints) moved = NULL;

  if (self->before == NULL)
    self->before = galley_points_ref (galley_mark_get_points (self->selected));
  self->nudging = TRUE;
  moved = galley_points_move (galley_mark_get_points (self->selected), direction->x * step,
                              direction->y * step);
  galley_mark_set_points (self->selected, moved);
  galley_canvas_reveal (self, self->selected);
}

/**
 * galley_canvas_end_nudge:
 *
 * Tells of what the arrow keys moved, if they did.
 */
void
galley_canvas_end_nudge (GalleyCanvas *self)
{
  g_autoptr (GalleyPoints) before = NULL;

  if (!self->nudging)
    return;

  self->nudging = FALSE;
  before = g_steal_pointer (&self->before);
  if (self->selected != NULL && before != NULL)
    galley_canvas_emit_moved (self, self->selected, before);
}

static gboolean
move_or_scroll (GalleyCanvas *self, const GalleyPoint *direction, GdkModifierType state)
{
  gboolean far = (state & GDK_SHIFT_MASK) != 0;

  if (self->hand != GALLEY_HAND_IDLE)
    return TRUE;

  if (self->selected != NULL && galley_canvas_can_edit (self))
    nudge (self, direction, far ? 10 : 1);
  else
    galley_canvas_scroll_by (self, direction->x * SCROLL_STEP, direction->y * SCROLL_STEP);
  return TRUE;
}

/* From left to right within a line, from line to line. A mark's line is where its top is. */
static int
compare_places (gconstpointer a, gconstpointer b, gpointer user_data)
{
  GalleyCanvas *self = user_data;
  double line = MAX (self->viewport.page_height / 100, 1);
  graphene_rect_t first, second;
  int first_line, second_line;

  galley_points_get_bounds (galley_mark_get_points (*(GalleyMark *const *)a), &first);
  galley_points_get_bounds (galley_mark_get_points (*(GalleyMark *const *)b), &second);
  first_line = (int)(first.origin.y / line);
  second_line = (int)(second.origin.y / line);
  if (first_line != second_line)
    return first_line < second_line ? -1 : 1;

  return (first.origin.x > second.origin.x) - (first.origin.x < second.origin.x);
}

static GPtrArray *
sort_marks (GalleyCanvas *self)
{
  GPtrArray *sorted = g_ptr_array_new_with_free_func (g_object_unref);
  guint count = self->marks != NULL ? g_list_model_get_n_items (self->marks) : 0;

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (GalleyMark) mark = g_list_model_get_item (self->marks, i);

      if (galley_mark_get_page (mark) == self->page)
        g_ptr_array_add (sorted, g_steal_pointer (&mark));
    }
  g_ptr_array_sort_with_data (sorted, compare_places, self);
  return sorted;
}

/**
 * galley_canvas_select_next:
 * @direction: 1 or -1
 *
 * Returns: %FALSE after the last mark of the page, so that the focus goes on to another widget
 */
gboolean
galley_canvas_select_next (GalleyCanvas *self, int direction)
{
  g_autoptr (GPtrArray) sorted = sort_marks (self);
  guint place, count = sorted->len;
  gint64 next;

  galley_canvas_end_nudge (self);
  if (self->selected != NULL && g_ptr_array_find (sorted, self->selected, &place))
    next = (gint64)place + direction;
  else
    next = direction > 0 ? 0 : (gint64)count - 1;

  if (next < 0 || next >= (gint64)count)
    return FALSE;

  galley_canvas_set_selected (self, g_ptr_array_index (sorted, (guint)next));
  return TRUE;
}

static gboolean
press_enter (GalleyCanvas *self)
{
  GalleyShape shape;

  if (galley_canvas_finish_polygon (self))
    return TRUE;
  if (galley_tool_get_shape (self->tool, &shape) && galley_canvas_can_edit (self))
    {
      galley_canvas_place_mark (self);
      return TRUE;
    }
  if (self->selected == NULL)
    return FALSE;

  galley_canvas_end_nudge (self);
  galley_canvas_emit_activated (self, self->selected);
  return TRUE;
}

static gboolean
press_escape (GalleyCanvas *self)
{
  if (galley_canvas_cancel (self))
    return TRUE;

  galley_canvas_end_nudge (self);
  if (self->selected != NULL)
    galley_canvas_set_selected (self, NULL);
  else if (self->tool != GALLEY_TOOL_SELECT)
    galley_canvas_set_tool (self, GALLEY_TOOL_SELECT);
  else
    return FALSE;

  return TRUE;
}

static gboolean
press_delete (GalleyCanvas *self)
{
  if (self->selected == NULL || !galley_canvas_can_edit (self))
    return FALSE;

  galley_canvas_end_nudge (self);
  galley_canvas_emit_delete (self, self->selected);
  return TRUE;
}

static gboolean
press_view_key (GalleyCanvas *self, guint keyval)
{
  switch (keyval)
    {
    case GDK_KEY_plus:
    case GDK_KEY_equal: /* the same key without Shift on many keyboards */
    case GDK_KEY_KP_Add:
      galley_canvas_zoom_in (self);
      return TRUE;
    case GDK_KEY_minus:
    case GDK_KEY_underscore:
    case GDK_KEY_KP_Subtract:
      galley_canvas_zoom_out (self);
      return TRUE;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      galley_canvas_set_zoom_mode (self, GALLEY_ZOOM_FIT);
      return TRUE;
    case GDK_KEY_1:
    case GDK_KEY_KP_1:
      galley_canvas_set_zoom_mode (self, GALLEY_ZOOM_ACTUAL);
      return TRUE;
    case GDK_KEY_2:
    case GDK_KEY_KP_2:
      galley_canvas_set_zoom_mode (self, GALLEY_ZOOM_WIDTH);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
turn_page (GalleyCanvas *self, guint keyval)
{
  guint n_pages = galley_canvas_get_n_pages (self);
  guint page = self->page;

  if (n_pages == 0)
    return FALSE;

  switch (keyval)
    {
    case GDK_KEY_Page_Down:
    case GDK_KEY_KP_Page_Down:
      page = MIN (page + 1, n_pages);
      break;
    case GDK_KEY_Page_Up:
    case GDK_KEY_KP_Page_Up:
      page = MAX (page, 2) - 1;
      break;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      page = 1;
      break;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      page = n_pages;
      break;
    default:
      return FALSE;
    }
  galley_canvas_end_nudge (self);
  galley_canvas_set_page (self, page);
  return TRUE;
}

static gboolean
press_letter (GalleyCanvas *self, guint keyval, GdkModifierType state)
{
  GalleyTool tool;

  if ((state & GDK_SHIFT_MASK) != 0 || !self->editable ||
      !galley_tool_from_key (gdk_keyval_to_lower (keyval), &tool))
    return FALSE;

  galley_canvas_set_tool (self, tool);
  return TRUE;
}

static gboolean
hold_space (GalleyCanvas *self)
{
  self->space_held = TRUE;
  galley_canvas_update_cursor (self);
  return TRUE;
}

/**
 * galley_canvas_key_pressed:
 *
 * Returns: whether the canvas has a use for the key
 */
gboolean
galley_canvas_key_pressed (GalleyCanvas *self, guint keyval, GdkModifierType state)
{
  GalleyPoint direction;

  if ((state & GDK_CONTROL_MASK) != 0)
    return press_view_key (self, keyval);
  if ((state & (GDK_ALT_MASK | GDK_SUPER_MASK | GDK_META_MASK)) != 0)
    return FALSE;
  if (get_direction (keyval, &direction))
    return move_or_scroll (self, &direction, state);

  switch (keyval)
    {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
      return press_enter (self);
    case GDK_KEY_Escape:
      return press_escape (self);
    case GDK_KEY_Delete:
    case GDK_KEY_KP_Delete:
    case GDK_KEY_BackSpace:
      return press_delete (self);
    case GDK_KEY_space:
      return hold_space (self);
    default:
      return press_view_key (self, keyval) || turn_page (self, keyval) ||
             press_letter (self, keyval, state);
    }
}

/**
 * galley_canvas_key_released:
 */
void
galley_canvas_key_released (GalleyCanvas *self, guint keyval)
{
  GalleyPoint direction;

  if (get_direction (keyval, &direction))
    galley_canvas_end_nudge (self);
  if (keyval == GDK_KEY_space)
    {
      self->space_held = FALSE;
      galley_canvas_update_cursor (self);
    }
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                gpointer user_data)
{
  /* What is typed into the popover comes by here on its way up. */
  return gtk_widget_is_focus (GTK_WIDGET (user_data)) &&
         galley_canvas_key_pressed (user_data, keyval, state);
}

static void
key_released_cb (GtkEventControllerKey *controller,
                 guint keyval,
                 guint keycode,
                 GdkModifierType state,
                 gpointer user_data)
{
  galley_canvas_key_released (user_data, keyval);
}

static void
focus_left_cb (GtkEventControllerFocus *controller, gpointer user_data)
{
  GalleyCanvas *self = user_data;

  galley_canvas_end_nudge (self);
  self->space_held = FALSE;
  galley_canvas_update_cursor (self);
}

void
galley_canvas_keys_init (GalleyCanvas *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect (keys, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect (focus, "leave", G_CALLBACK (focus_left_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
}
