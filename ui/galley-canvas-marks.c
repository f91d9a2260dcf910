/* galley-canvas-marks.c: the marks of the canvas: which there are, which is selected, what is told
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-canvas-marks"

#include "ui/galley-canvas-private.h"

#include <glib/gi18n-lib.h>

/* Screen units: the size of a mark made by keyboard. */
#define DEFAULT_SIZE 120.0

static gboolean
has_mark (GalleyCanvas *self, GalleyMark *mark)
{
  guint count = self->marks != NULL ? g_list_model_get_n_items (self->marks) : 0;

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (GalleyMark) other = g_list_model_get_item (self->marks, i);

      if (other == mark)
        return TRUE;
    }
  return FALSE;
}

/**
 * galley_canvas_emit_drawn:
 * @width: asset units
 * @body: (nullable): a text's words
 */
void
galley_canvas_emit_drawn (
    GalleyCanvas *self, GalleyShape shape, GalleyPoints *points, double width, const char *body)
{
  g_autoptr (GalleyMark) mark = galley_mark_new (NULL, shape, self->page, points);

  galley_mark_set_color (mark, &self->color);
  galley_mark_set_width (mark, width);
  galley_mark_set_body (mark, body);
  g_signal_emit_by_name (self, "mark-drawn", mark);
  if (has_mark (self, mark))
    galley_canvas_select_quietly (self, mark);
}

/**
 * galley_canvas_emit_moved:
 * @before: the points it had
 */
void
galley_canvas_emit_moved (GalleyCanvas *self, GalleyMark *mark, GalleyPoints *before)
{
  if (!galley_points_equal (galley_mark_get_points (mark), before))
    g_signal_emit_by_name (self, "mark-moved", mark, before);
}

void
galley_canvas_emit_activated (GalleyCanvas *self, GalleyMark *mark)
{
  g_signal_emit_by_name (self, "mark-activated", mark);
}

void
galley_canvas_emit_delete (GalleyCanvas *self, GalleyMark *mark)
{
  g_signal_emit_by_name (self, "delete-requested", mark);
}

static guint
count_marks (GalleyCanvas *self)
{
  guint count = self->marks != NULL ? g_list_model_get_n_items (self->marks) : 0;
  guint here = 0;

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (GalleyMark) mark = g_list_model_get_item (self->marks, i);

      here += galley_mark_get_page (mark) == self->page;
    }
  return here;
}

/**
 * galley_canvas_update_words:
 *
 * What a screen reader says of the canvas and of the mark that is selected.
 */
void
galley_canvas_update_words (GalleyCanvas *self)
{
  guint n_pages = galley_canvas_get_n_pages (self), n_marks = count_marks (self);
  const char *name = *self->asset_name != '\0' ? self->asset_name : _ ("Page");
  g_autofree char *marks = g_strdup_printf (ngettext ("%u mark", "%u marks", n_marks), n_marks);
  g_autofree char *label =
      n_pages > 1
          /* Translators: the asset's name, which page of how many, and how many marks */
          ? g_strdup_printf (_ ("%s, page %u of %u, %s"), name, self->page, n_pages, marks)
          : g_strdup_printf (_ ("%s, %s"), name, marks);
  g_autofree char *selected = self->selected != NULL ? galley_mark_describe (self->selected)
                                                     : g_strdup ("");

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, selected, -1);
}

static void
selected_changed_cb (GalleyMark *mark, GParamSpec *pspec, gpointer user_data)
{
  galley_canvas_update_words (user_data);
}

/**
 * galley_canvas_select_quietly:
 * @mark: (nullable): one of this page
 *
 * Selects without scrolling: what is under the pointer must not run away from it.
 */
void
galley_canvas_select_quietly (GalleyCanvas *self, GalleyMark *mark)
{
  if (self->selected == mark)
    return;

  galley_canvas_end_nudge (self);
  if (self->hand == GALLEY_HAND_MOVE || self->hand == GALLEY_HAND_HANDLE)
    galley_canvas_cancel (self);
  if (self->selected != NULL)
    g_signal_handlers_disconnect_by_func (self->selected, selected_changed_cb, self);
  g_set_object (&self->selected, mark);
  if (mark != NULL)
    g_signal_connect (mark, "notify", G_CALLBACK (selected_changed_cb), self);
  galley_mark_layer_set_live (self->layer, mark);
  galley_mark_layer_set_live (self->ink, mark);
  galley_canvas_update_words (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify (G_OBJECT (self), "selected");
}

static void
marks_changed_cb (GListModel *marks, guint position, guint removed, guint added, gpointer user_data)
{
  GalleyCanvas *self = user_data;

  if (removed > 0 && self->hovered != NULL && !has_mark (self, self->hovered))
    g_clear_object (&self->hovered);
  if (removed > 0 && self->selected != NULL && !has_mark (self, self->selected))
    {
      galley_canvas_cancel (self);
      galley_canvas_select_quietly (self, NULL);
    }
  galley_canvas_update_words (self);
}

/**
 * galley_canvas_set_marks:
 * @marks: (nullable): of #GalleyMark, of all pages; the last is on top
 */
void
galley_canvas_set_marks (GalleyCanvas *self, GListModel *marks)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));

  if (self->marks == marks)
    return;

  galley_canvas_cancel (self);
  if (self->marks != NULL)
    g_signal_handlers_disconnect_by_func (self->marks, marks_changed_cb, self);
  g_set_object (&self->marks, marks);
  galley_mark_layer_set_marks (self->layer, marks);
  galley_mark_layer_set_marks (self->ink, marks);
  if (marks != NULL)
    g_signal_connect (marks, "items-changed", G_CALLBACK (marks_changed_cb), self);
  if (self->selected != NULL && !has_mark (self, self->selected))
    galley_canvas_select_quietly (self, NULL);
  g_clear_object (&self->hovered);
  galley_canvas_update_words (self);
  g_object_notify (G_OBJECT (self), "marks");
}

/**
 * galley_canvas_get_marks:
 *
 * Returns: (transfer none) (nullable):
 */
GListModel *
galley_canvas_get_marks (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), NULL);

  return self->marks;
}

/**
 * galley_canvas_set_selected:
 * @mark: (nullable): turns to its page and scrolls to where it is
 */
void
galley_canvas_set_selected (GalleyCanvas *self, GalleyMark *mark)
{
  g_return_if_fail (GALLEY_IS_CANVAS (self));
  g_return_if_fail (mark == NULL || GALLEY_IS_MARK (mark));

  if (self->selected == mark)
    return;

  galley_canvas_select_quietly (self, mark);
  if (mark != NULL && galley_mark_get_page (mark) != self->page)
    galley_canvas_set_page (self, galley_mark_get_page (mark));
  if (mark != NULL)
    galley_canvas_reveal (self, mark);
}

/**
 * galley_canvas_get_selected:
 *
 * Returns: (transfer none) (nullable):
 */
GalleyMark *
galley_canvas_get_selected (GalleyCanvas *self)
{
  g_return_val_if_fail (GALLEY_IS_CANVAS (self), NULL);

  return self->selected;
}

/**
 * galley_canvas_place_mark:
 *
 * What a pointer does with the tool in use, without a pointer: a mark of a usual size in the middle
 * of what is seen. Arrow keys move it from there.
 */
void
galley_canvas_place_mark (GalleyCanvas *self)
{
  g_autoptr (GalleyPoints) points = NULL;
  graphene_rect_t visible;
  GalleyShape shape;
  double x, y;

  g_return_if_fail (GALLEY_IS_CANVAS (self));

  if (!galley_canvas_can_edit (self) || !galley_tool_get_shape (self->tool, &shape) ||
      !galley_viewport_get_visible (&self->viewport, &visible))
    return;

  galley_canvas_cancel (self);
  x = (double)visible.origin.x + visible.size.width / 2.0;
  y = (double)visible.origin.y + visible.size.height / 2.0;
  if (shape == GALLEY_SHAPE_TEXT)
    {
      galley_canvas_ask_text (self, x, y);
      return;
    }
  points = galley_mark_draft_make_default (shape, x, y, DEFAULT_SIZE / self->viewport.zoom);
  galley_canvas_emit_drawn (self, shape, points, galley_canvas_get_stroke_width (self), NULL);
}

void
galley_canvas_marks_dispose (GalleyCanvas *self)
{
  if (self->selected != NULL)
    g_signal_handlers_disconnect_by_func (self->selected, selected_changed_cb, self);
  g_clear_object (&self->selected);
  if (self->marks != NULL)
    g_signal_handlers_disconnect_by_func (self->marks, marks_changed_cb, self);
  g_clear_object (&self->marks);
}
