/* galley-mark-entry.c: asks for the words of a text mark, at the place where they will stand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-mark-entry"

#include "ui/galley-mark-entry.h"

#include <glib/gi18n-lib.h>

struct _GalleyMarkEntry
{
  GtkPopover parent_instance;

  GtkWidget *text;
  GtkWidget *add;
};

G_DEFINE_FINAL_TYPE (GalleyMarkEntry, galley_mark_entry, GTK_TYPE_POPOVER)

static guint accepted_signal;

static char *
get_words (GalleyMarkEntry *self)
{
  GtkTextBuffer *buffer = galley_mark_entry_get_buffer (self);
  GtkTextIter start, end;
  char *text;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  return g_strstrip (text);
}

static void
changed_cb (GtkTextBuffer *buffer, gpointer user_data)
{
  GalleyMarkEntry *self = user_data;
  g_autofree char *words = get_words (self);

  gtk_widget_set_sensitive (self->add, *words != '\0');
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                gpointer user_data)
{
  gboolean is_enter = keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter;

  if (!is_enter || (state & GDK_CONTROL_MASK) == 0)
    return FALSE;

  galley_mark_entry_accept (user_data);
  return TRUE;
}

static void
clicked_cb (GtkButton *button, gpointer user_data)
{
  galley_mark_entry_accept (user_data);
}

static GtkWidget *
build_text (GalleyMarkEntry *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_set_focusable (scrolled, FALSE);
  self->text = gtk_text_view_new ();
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->text), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self->text), FALSE);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (self->text), 8);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (self->text), 8);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (self->text), 10);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (self->text), 10);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->text), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Text to put on the page"), -1);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self, 0);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (self->text, keys);
  g_signal_connect_object (galley_mark_entry_get_buffer (self), "changed", G_CALLBACK (changed_cb),
                           self, 0);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->text);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 200);
  gtk_widget_set_size_request (scrolled, 260, 72);
  gtk_widget_add_css_class (scrolled, "card");
  gtk_widget_set_overflow (scrolled, GTK_OVERFLOW_HIDDEN);
  return scrolled;
}

static GtkWidget *
build_buttons (GalleyMarkEntry *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *hint = gtk_label_new (_ ("Ctrl+Enter to add, Esc to drop"));

  gtk_label_set_xalign (GTK_LABEL (hint), 0);
  gtk_widget_set_hexpand (hint, TRUE);
  gtk_widget_add_css_class (hint, "dim-label");
  gtk_widget_add_css_class (hint, "caption");
  self->add = gtk_button_new_with_mnemonic (_ ("_Add"));
  gtk_widget_add_css_class (self->add, "suggested-action");
  gtk_widget_set_sensitive (self->add, FALSE);
  g_signal_connect_object (self->add, "clicked", G_CALLBACK (clicked_cb), self, 0);
  gtk_box_append (GTK_BOX (row), hint);
  gtk_box_append (GTK_BOX (row), self->add);
  return row;
}

static void
galley_mark_entry_class_init (GalleyMarkEntryClass *klass)
{
  /**
   * GalleyMarkEntry::accepted:
   * @text: what was written
   */
  accepted_signal = g_signal_new ("accepted", GALLEY_TYPE_MARK_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
galley_mark_entry_init (GalleyMarkEntry *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  gtk_box_append (GTK_BOX (box), build_text (self));
  gtk_box_append (GTK_BOX (box), build_buttons (self));
  gtk_popover_set_child (GTK_POPOVER (self), box);
  gtk_widget_add_css_class (GTK_WIDGET (self), "mark-entry");
}

GalleyMarkEntry *
galley_mark_entry_new (void)
{
  return g_object_new (GALLEY_TYPE_MARK_ENTRY, NULL);
}

/**
 * galley_mark_entry_ask:
 * @place: where the text will stand, in the parent's coordinates
 *
 * Pops up, empty.
 */
void
galley_mark_entry_ask (GalleyMarkEntry *self, const GdkRectangle *place)
{
  g_return_if_fail (GALLEY_IS_MARK_ENTRY (self));

  gtk_text_buffer_set_text (galley_mark_entry_get_buffer (self), "", -1);
  gtk_popover_set_pointing_to (GTK_POPOVER (self), place);
  gtk_popover_popup (GTK_POPOVER (self));
  gtk_widget_grab_focus (self->text);
}

/**
 * galley_mark_entry_get_buffer:
 *
 * Returns: (transfer none): what is being written
 */
GtkTextBuffer *
galley_mark_entry_get_buffer (GalleyMarkEntry *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK_ENTRY (self), NULL);

  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));
}

/**
 * galley_mark_entry_accept:
 *
 * As if the button had been pressed.
 *
 * Returns: whether there were words
 */
gboolean
galley_mark_entry_accept (GalleyMarkEntry *self)
{
  g_autofree char *words = NULL;

  g_return_val_if_fail (GALLEY_IS_MARK_ENTRY (self), FALSE);

  words = get_words (self);
  if (*words == '\0')
    return FALSE;

  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, accepted_signal, 0, words);
  return TRUE;
}
