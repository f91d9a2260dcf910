/* galley-conflict-text.c: a text to settle on: what people wrote, put together, to be typed into
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-conflict-text"

#include "ui/galley-conflict-text.h"

#include "data/galley-text-merge.h"

#include <glib/gi18n-lib.h>

#define MIN_HEIGHT_PX 88
#define MAX_HEIGHT_PX 220

struct _GalleyConflictText
{
  GtkWidget parent_instance;

  GtkWidget *scrolled;
  GtkTextView *view;
  GtkTextTag *own, *others; /* where words clash: those of the first, and of the rest */
  gboolean filling;
};

enum
{
  SIGNAL_EDITED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyConflictText, galley_conflict_text, GTK_TYPE_WIDGET)

static void
changed_cb (GalleyConflictText *self)
{
  if (!self->filling)
    g_signal_emit (self, signals[SIGNAL_EDITED], 0);
}

static gboolean
is_in_clash (GalleyConflictText *self, const GtkTextIter *iter)
{
  return gtk_text_iter_has_tag (iter, self->own) || gtk_text_iter_has_tag (iter, self->others);
}

/* To where the pieces of a clash begin. */
static gboolean
find_clash (GalleyConflictText *self, GtkTextIter *iter)
{
  while (!gtk_text_iter_is_end (iter) && is_in_clash (self, iter))
    if (!gtk_text_iter_forward_to_tag_toggle (iter, NULL))
      return FALSE;
  while (!is_in_clash (self, iter))
    if (!gtk_text_iter_forward_to_tag_toggle (iter, NULL))
      return FALSE;

  return TRUE;
}

/**
 * galley_conflict_text_next_clash:
 *
 * Selects the next place where words clash, from the start again after the last.
 *
 * Returns: whether there is one
 */
gboolean
galley_conflict_text_next_clash (GalleyConflictText *self)
{
  GtkTextBuffer *buffer;
  GtkTextIter from, start, end;

  g_return_val_if_fail (GALLEY_IS_CONFLICT_TEXT (self), FALSE);

  buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_buffer_get_selection_bounds (buffer, &start, &from);
  start = from;
  if (!find_clash (self, &start))
    {
      gtk_text_buffer_get_start_iter (buffer, &start);
      if (!is_in_clash (self, &start) && !find_clash (self, &start))
        return FALSE;
    }
  end = start;
  while (is_in_clash (self, &end) && gtk_text_iter_forward_to_tag_toggle (&end, NULL))
    ;
  gtk_text_buffer_select_range (buffer, &start, &end);
  gtk_text_view_scroll_mark_onscreen (self->view, gtk_text_buffer_get_insert (buffer));
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
  return TRUE;
}

static void
next_clash (GtkWidget *widget, const char *action, GVariant *parameter)
{
  if (!galley_conflict_text_next_clash (GALLEY_CONFLICT_TEXT (widget)))
    gtk_widget_error_bell (widget);
}

static gboolean
galley_conflict_text_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (GALLEY_CONFLICT_TEXT (widget)->view));
}

static void
galley_conflict_text_dispose (GObject *object)
{
  g_clear_pointer (&GALLEY_CONFLICT_TEXT (object)->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (galley_conflict_text_parent_class)->dispose (object);
}

static void
galley_conflict_text_class_init (GalleyConflictTextClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_conflict_text_dispose;
  widget_class->grab_focus = galley_conflict_text_grab_focus;
  signals[SIGNAL_EDITED] = g_signal_new ("edited", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_install_action (widget_class, "text.next-clash", NULL, next_clash);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F8, 0, "text.next-clash", NULL);
}

static void
galley_conflict_text_init (GalleyConflictText *self)
{
  GtkTextBuffer *buffer;

  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  self->scrolled = gtk_scrolled_window_new ();
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  gtk_text_view_set_top_margin (self->view, 8);
  gtk_text_view_set_bottom_margin (self->view, 8);
  gtk_text_view_set_left_margin (self->view, 10);
  gtk_text_view_set_right_margin (self->view, 10);
  gtk_widget_set_focusable (self->scrolled, FALSE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->scrolled), MIN_HEIGHT_PX);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scrolled), MAX_HEIGHT_PX);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), GTK_WIDGET (self->view));
  gtk_widget_add_css_class (self->scrolled, "card");
  gtk_widget_add_css_class (self->scrolled, "galley-settled-text");
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));

  buffer = gtk_text_view_get_buffer (self->view);
  self->own = gtk_text_buffer_create_tag (buffer, NULL, "background", "rgba(53,132,228,0.25)",
                                          "underline", PANGO_UNDERLINE_SINGLE, NULL);
  self->others = gtk_text_buffer_create_tag (buffer, NULL, "background", "rgba(230,97,0,0.25)",
                                             "underline", PANGO_UNDERLINE_DOUBLE, NULL);
  g_signal_connect_swapped (buffer, "changed", G_CALLBACK (changed_cb), self);
}

GtkWidget *
galley_conflict_text_new (const char *label)
{
  GalleyConflictText *self = g_object_new (GALLEY_TYPE_CONFLICT_TEXT, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  return GTK_WIDGET (self);
}

/**
 * galley_conflict_text_set_text:
 *
 * In the place of what stood there; Ctrl+Z brings that back.
 */
void
galley_conflict_text_set_text (GalleyConflictText *self, const char *text)
{
  GtkTextBuffer *buffer;
  GtkTextIter start, end;

  g_return_if_fail (GALLEY_IS_CONFLICT_TEXT (self));

  buffer = gtk_text_view_get_buffer (self->view);
  self->filling = TRUE;
  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  gtk_text_buffer_delete (buffer, &start, &end);
  gtk_text_buffer_insert (buffer, &start, text, -1);
  gtk_text_buffer_end_user_action (buffer);
  self->filling = FALSE;
}

/* Bytes into characters, from one overlap on to the next: the text may be long. */
typedef struct
{
  const char *text, *at;
  glong offset;
} Walk;

static void
walk_to (Walk *walk, gsize byte, GtkTextBuffer *buffer, GtkTextIter *iter)
{
  walk->offset += g_utf8_strlen (walk->at, walk->text + byte - walk->at);
  walk->at = walk->text + byte;
  gtk_text_buffer_get_iter_at_offset (buffer, iter, walk->offset);
}

static void
tag (GalleyConflictText *self, Walk *walk, const GalleyOverlap *overlap)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkTextIter start, end;

  walk_to (walk, overlap->start, buffer, &start);
  walk_to (walk, overlap->start + overlap->bytes, buffer, &end);
  gtk_text_buffer_apply_tag (buffer, overlap->head == 0 ? self->own : self->others, &start, &end);
}

/**
 * galley_conflict_text_set_woven:
 * @woven: from galley_text_weave()
 * @overlaps: (element-type GalleyOverlap): of it
 */
void
galley_conflict_text_set_woven (GalleyConflictText *self, const char *woven, GArray *overlaps)
{
  Walk walk = { woven, woven, 0 };
  GtkTextBuffer *buffer;
  GtkTextIter start;

  g_return_if_fail (GALLEY_IS_CONFLICT_TEXT (self));

  buffer = gtk_text_view_get_buffer (self->view);
  galley_conflict_text_set_text (self, woven);
  for (guint i = 0; i < overlaps->len; i++)
    tag (self, &walk, &g_array_index (overlaps, GalleyOverlap, i));
  gtk_text_buffer_get_start_iter (buffer, &start);
  gtk_text_buffer_place_cursor (buffer, &start);
}

/**
 * galley_conflict_text_get_text:
 *
 * Returns: (transfer full)
 */
char *
galley_conflict_text_get_text (GalleyConflictText *self)
{
  GtkTextBuffer *buffer;
  GtkTextIter start, end;

  g_return_val_if_fail (GALLEY_IS_CONFLICT_TEXT (self), NULL);

  buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}
