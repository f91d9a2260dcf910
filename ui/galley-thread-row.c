/* galley-thread-row.c: a note with its replies, and what can be done about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-thread-row"

#include "ui/galley-thread-row.h"

#include "ui/galley-audit-window.h"
#include "ui/galley-composer.h"
#include "ui/galley-tooltip.h"
#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

struct _GalleyThreadRow
{
  GtkWidget parent_instance;

  GalleyThread *thread; /* (nullable) */
  GArray *edit_seen;    /* (nullable): heads of the text that was shown when editing began */
  gboolean expanded;

  GtkLabel *number;
  GtkLabel *author;
  GtkLabel *time;
  GtkWidget *blocking;
  GtkWidget *contested;
  GtkWidget *resolved;
  GtkWidget *menu;
  GtkLabel *body;
  GalleyComposer *editor;
  GtkImage *saved_icon;
  GtkLabel *saved;
  GtkWidget *retry;
  GtkBox *replies;
  GtkRevealer *revealer;
  GalleyComposer *reply;
  GtkButton *resolve;
};

enum
{
  PROP_0,
  PROP_EXPANDED,
  PROP_BLOCKING,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  SIGNAL_REPLY,
  SIGNAL_EDIT,
  SIGNAL_COMMAND,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyThreadRow, galley_thread_row, GTK_TYPE_WIDGET)

static const char *
words_for_saved (GalleySaved saved)
{
  switch (saved)
    {
    case GALLEY_SAVED_NOT_YET:
      return _ ("Saving…");
    case GALLEY_SAVED_FAILED:
      return _ ("Not saved yet");
    case GALLEY_SAVED_SHARED:
      return _ ("Shared");
    case GALLEY_SAVED_HERE:
    default:
      return _ ("Saved on this computer");
    }
}

static const char *
icon_for_saved (GalleySaved saved)
{
  switch (saved)
    {
    case GALLEY_SAVED_NOT_YET:
      return "content-loading-symbolic";
    case GALLEY_SAVED_FAILED:
      return "dialog-warning-symbolic";
    case GALLEY_SAVED_SHARED:
      return "galley-sync-done-symbolic";
    case GALLEY_SAVED_HERE:
    default:
      return "galley-sync-local-symbolic";
    }
}

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);

  return label;
}

static void
set_conflict_of (GtkWidget *button, const GalleyId *entity)
{
  g_autofree char *id = galley_id_to_string (entity);

  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", id);
}

static GtkWidget *
make_conflict_button (const GalleyId *entity)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("galley-conflict-symbolic");

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_add_css_class (button, "galley-changes");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.show-conflict");
  set_conflict_of (button, entity);
  galley_tooltip_set (button, _ ("Settle the Conflict"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Settle the Conflict"), -1);
  return button;
}

static GtkWidget *
make_reply (const GalleyReply *reply)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *body = make_label (reply->body, NULL);
  GtkWidget *saved = gtk_image_new_from_icon_name (icon_for_saved (reply->saved));
  g_autofree char *when = galley_words_for_time (reply->created_us, g_get_real_time ());
  GtkWidget *author = make_label (reply->author, "caption-heading");
  GtkWidget *time = make_label (when, "caption");

  gtk_label_set_ellipsize (GTK_LABEL (author), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (time, "dim-label");
  gtk_widget_set_hexpand (time, TRUE);
  gtk_image_set_pixel_size (GTK_IMAGE (saved), 12);
  gtk_widget_add_css_class (saved, "dim-label");
  galley_tooltip_set (saved, words_for_saved (reply->saved));
  gtk_accessible_update_property (GTK_ACCESSIBLE (saved), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  words_for_saved (reply->saved), -1);
  gtk_label_set_wrap (GTK_LABEL (body), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (body), PANGO_WRAP_WORD_CHAR);
  gtk_box_append (GTK_BOX (top), author);
  gtk_box_append (GTK_BOX (top), time);
  if (reply->contested)
    gtk_box_append (GTK_BOX (top), make_conflict_button (&reply->id));
  gtk_box_append (GTK_BOX (top), saved);
  gtk_box_append (GTK_BOX (box), top);
  gtk_box_append (GTK_BOX (box), body);
  return box;
}

static void
update_replies (GalleyThreadRow *self)
{
  GPtrArray *replies = galley_thread_get_replies (self->thread);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->replies))) != NULL)
    gtk_box_remove (self->replies, child);
  for (guint i = 0; i < replies->len; i++)
    gtk_box_append (self->replies, make_reply (replies->pdata[i]));
  gtk_widget_set_visible (GTK_WIDGET (self->replies), replies->len > 0);
}

static void
update_saved (GalleyThreadRow *self)
{
  GalleySaved saved = galley_thread_get_saved (self->thread);
  const char *failure = galley_thread_get_failure (self->thread);

  gtk_image_set_from_icon_name (self->saved_icon, icon_for_saved (saved));
  gtk_label_set_text (self->saved, failure != NULL ? failure : words_for_saved (saved));
  gtk_widget_set_visible (self->retry, saved == GALLEY_SAVED_FAILED);
}

static void
update_actions (GalleyThreadRow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean may = galley_thread_may_edit (self->thread);

  gtk_widget_set_visible (GTK_WIDGET (self->reply), may);
  gtk_widget_set_visible (GTK_WIDGET (self->resolve), may);
  galley_ui_set_button_label (self->resolve, galley_thread_is_resolved (self->thread)
                                                 ? _ ("Open _Again")
                                                 : _ ("Re_solve"));
  gtk_widget_action_set_enabled (widget, "thread.edit", may);
  gtk_widget_action_set_enabled (widget, "thread.resolve", may);
  gtk_widget_action_set_enabled (widget, "thread.blocking", may);
  gtk_widget_action_set_enabled (widget, "thread.command", may);
}

static void
update_text (GalleyThreadRow *self)
{
  const char *body = galley_thread_get_body (self->thread);
  gboolean empty = *body == '\0';

  gtk_label_set_text (self->body, empty ? _ ("No text yet") : body);
  if (empty)
    gtk_widget_add_css_class (GTK_WIDGET (self->body), "dim-label");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->body), "dim-label");
  if (galley_thread_is_resolved (self->thread))
    gtk_widget_add_css_class (GTK_WIDGET (self), "resolved");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "resolved");
}

static void
update (GalleyThreadRow *self)
{
  GalleyThread *thread = self->thread;
  g_autofree char *number = g_strdup_printf ("%u", galley_thread_get_number (thread));
  g_autofree char *when = galley_words_for_time (galley_thread_get_created (thread),
                                                 g_get_real_time ());
  g_autofree char *exact = galley_words_for_exact_time (galley_thread_get_created (thread));
  g_autofree char *spoken = galley_thread_describe (thread);
  GtkWidget *row = gtk_widget_get_parent (GTK_WIDGET (self));

  gtk_label_set_text (self->number, number);
  gtk_label_set_text (self->author, galley_thread_get_author (thread));
  gtk_label_set_text (self->time, when);
  galley_tooltip_set (GTK_WIDGET (self->time), exact);
  gtk_widget_set_visible (self->blocking, galley_thread_is_blocking (thread));
  gtk_widget_set_visible (self->contested, galley_thread_is_contested (thread));
  set_conflict_of (self->contested, galley_thread_get_id (thread));
  gtk_widget_set_visible (self->resolved, galley_thread_is_resolved (thread));
  update_text (self);
  update_saved (self);
  update_replies (self);
  update_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BLOCKING]);
  if (row != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                    -1);
}

/* ── editing ── */

static void
stop_editing (GalleyThreadRow *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->editor), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->body), TRUE);
  g_clear_pointer (&self->edit_seen, g_array_unref);
}

static void
edit_submitted_cb (GalleyThreadRow *self, const char *text)
{
  g_signal_emit (self, signals[SIGNAL_EDIT], 0, text, self->edit_seen);
  stop_editing (self);
}

static void
reply_submitted_cb (GalleyThreadRow *self, const char *text)
{
  g_signal_emit (self, signals[SIGNAL_REPLY], 0, text);
  galley_composer_set_text (self->reply, "");
}

static void
edit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  galley_thread_row_edit (GALLEY_THREAD_ROW (widget));
}

static void
resolve (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyThreadRow *self = GALLEY_THREAD_ROW (widget);

  if (self->thread != NULL)
    g_signal_emit (self, signals[SIGNAL_COMMAND], 0,
                   galley_thread_is_resolved (self->thread) ? "reopen" : "resolve");
}

static void
command (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyThreadRow *self = GALLEY_THREAD_ROW (widget);

  if (self->thread != NULL)
    g_signal_emit (self, signals[SIGNAL_COMMAND], 0, g_variant_get_string (parameter, NULL));
}

static void
show_history (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyThreadRow *self = GALLEY_THREAD_ROW (widget);
  char id[GALLEY_ID_TEXT_SIZE];

  if (self->thread != NULL)
    gtk_widget_activate_action (widget, "win.show-history", "(sqs)",
                                galley_id_print (galley_thread_get_id (self->thread), id),
                                GALLEY_AUDIT_ALL_FIELDS, "");
}

/* ── the widget ── */

static void
galley_thread_row_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  GalleyThreadRow *self = GALLEY_THREAD_ROW (object);

  switch (property)
    {
    case PROP_EXPANDED:
      g_value_set_boolean (value, self->expanded);
      break;
    case PROP_BLOCKING:
      g_value_set_boolean (value, self->thread != NULL && galley_thread_is_blocking (self->thread));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
set_expanded (GalleyThreadRow *self, gboolean expanded)
{
  if (self->expanded == expanded)
    return;

  self->expanded = expanded;
  /* A revealer that is not visible takes no place between the rows. */
  gtk_widget_set_visible (GTK_WIDGET (self->revealer), expanded);
  gtk_revealer_set_reveal_child (self->revealer, expanded);
}

static void
galley_thread_row_set_property (GObject *object,
                                guint property,
                                const GValue *value,
                                GParamSpec *pspec)
{
  GalleyThreadRow *self = GALLEY_THREAD_ROW (object);

  switch (property)
    {
    case PROP_EXPANDED:
      set_expanded (self, g_value_get_boolean (value));
      break;
    case PROP_BLOCKING:
      g_signal_emit (self, signals[SIGNAL_COMMAND], 0,
                     g_value_get_boolean (value) ? "block" : "unblock");
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
galley_thread_row_dispose (GObject *object)
{
  GalleyThreadRow *self = GALLEY_THREAD_ROW (object);
  GtkWidget *child;

  galley_thread_row_set_thread (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (galley_thread_row_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, number);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, author);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, time);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, blocking);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, contested);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, resolved);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, menu);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, body);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, editor);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, saved_icon);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, saved);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, retry);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, replies);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, revealer);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, reply);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadRow, resolve);
}

static void
galley_thread_row_class_init (GalleyThreadRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = galley_thread_row_get_property;
  object_class->set_property = galley_thread_row_set_property;
  object_class->dispose = galley_thread_row_dispose;

  properties[PROP_EXPANDED] = g_param_spec_boolean ("expanded", NULL, NULL, FALSE,
                                                    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_BLOCKING] = g_param_spec_boolean ("blocking", NULL, NULL, FALSE,
                                                    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[SIGNAL_REPLY] = g_signal_new ("reply", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_EDIT] = g_signal_new ("edit", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                       G_TYPE_ARRAY);
  signals[SIGNAL_COMMAND] = g_signal_new ("command", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (GALLEY_TYPE_COMPOSER);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-thread-row.ui");
  bind_children (widget_class);
  gtk_widget_class_install_action (widget_class, "thread.edit", NULL, edit);
  gtk_widget_class_install_action (widget_class, "thread.resolve", NULL, resolve);
  gtk_widget_class_install_action (widget_class, "thread.command", "s", command);
  gtk_widget_class_install_action (widget_class, "thread.history", NULL, show_history);
  gtk_widget_class_install_property_action (widget_class, "thread.blocking", "blocking");
}

static void
galley_thread_row_init (GalleyThreadRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->editor, "submit", G_CALLBACK (edit_submitted_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->editor, "cancel", G_CALLBACK (stop_editing), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->reply, "submit", G_CALLBACK (reply_submitted_cb), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
galley_thread_row_new (void)
{
  return g_object_new (GALLEY_TYPE_THREAD_ROW, NULL);
}

/**
 * galley_thread_row_set_thread:
 * @thread: (nullable): what to show and follow from now on
 */
void
galley_thread_row_set_thread (GalleyThreadRow *self, GalleyThread *thread)
{
  g_return_if_fail (GALLEY_IS_THREAD_ROW (self));

  if (self->thread == thread)
    return;

  if (self->thread != NULL)
    g_signal_handlers_disconnect_by_func (self->thread, update, self);
  g_set_object (&self->thread, thread);
  if (thread == NULL)
    return;

  stop_editing (self);
  galley_composer_set_text (self->reply, "");
  g_signal_connect_object (thread, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

GalleyThread *
galley_thread_row_get_thread (GalleyThreadRow *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD_ROW (self), NULL);

  return self->thread;
}

/**
 * galley_thread_row_edit:
 *
 * Opens the editor on the text that is shown now: what comes in meanwhile counts as not seen.
 */
void
galley_thread_row_edit (GalleyThreadRow *self)
{
  GArray *seen;

  g_return_if_fail (GALLEY_IS_THREAD_ROW (self));

  if (self->thread == NULL || !galley_thread_may_edit (self->thread))
    return;

  seen = galley_thread_get_seen (self->thread, GALLEY_ANNOTATION_BODY);
  g_clear_pointer (&self->edit_seen, g_array_unref);
  if (seen != NULL)
    self->edit_seen = g_array_copy (seen);
  else if (*galley_thread_get_body (self->thread) == '\0')
    self->edit_seen = g_array_new (FALSE, FALSE, sizeof (GalleyRef));
  galley_composer_set_text (self->editor, galley_thread_get_body (self->thread));
  gtk_widget_set_visible (GTK_WIDGET (self->body), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->editor), TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->editor));
}

void
galley_thread_row_focus_reply (GalleyThreadRow *self)
{
  g_return_if_fail (GALLEY_IS_THREAD_ROW (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->reply));
}
