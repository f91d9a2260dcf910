/* galley-composer.c: a place to write a note or a reply, sent with Ctrl+Enter
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-composer"

#include "ui/galley-composer.h"

#include "ui/galley-ui.h"

struct _GalleyComposer
{
  GtkWidget parent_instance;

  gboolean can_cancel;
  gboolean has_verb;

  GtkTextView *view;
  GtkLabel *placeholder;
  GtkWidget *buttons;
  GtkWidget *cancel;
  GtkButton *submit;
};

enum
{
  PROP_0,
  PROP_PLACEHOLDER,
  PROP_VERB,
  PROP_CAN_CANCEL,
  PROP_TEXT,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  SIGNAL_SUBMIT,
  SIGNAL_CANCEL,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyComposer, galley_composer, GTK_TYPE_WIDGET)

static void
text_changed_cb (GalleyComposer *self)
{
  g_autofree char *text = galley_composer_get_text (self);
  gboolean empty = *text == '\0';

  gtk_widget_set_visible (GTK_WIDGET (self->placeholder),
                          gtk_text_buffer_get_char_count (gtk_text_view_get_buffer (self->view)) ==
                              0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "composer.submit", !empty);
  /* Buttons come with the first letter: an empty field is quiet. */
  gtk_widget_set_visible (self->buttons, (self->has_verb && !empty) || self->can_cancel);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
}

static void
submit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyComposer *self = GALLEY_COMPOSER (widget);
  g_autofree char *text = galley_composer_get_text (self);

  if (*text != '\0')
    g_signal_emit (self, signals[SIGNAL_SUBMIT], 0, text);
}

static void
cancel (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, signals[SIGNAL_CANCEL], 0);
}

static gboolean
key_pressed_cb (GalleyComposer *self, guint key, guint code, GdkModifierType modifiers)
{
  if ((key == GDK_KEY_Return || key == GDK_KEY_KP_Enter) && (modifiers & GDK_CONTROL_MASK) != 0)
    {
      submit (GTK_WIDGET (self), NULL, NULL);
      return TRUE;
    }
  if (key == GDK_KEY_Escape && self->can_cancel)
    {
      cancel (GTK_WIDGET (self), NULL, NULL);
      return TRUE;
    }

  return FALSE;
}

static void
galley_composer_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  GalleyComposer *self = GALLEY_COMPOSER (object);

  switch (property)
    {
    case PROP_PLACEHOLDER:
      g_value_set_string (value, gtk_label_get_text (self->placeholder));
      break;
    case PROP_VERB:
      g_value_set_string (value, gtk_button_get_label (self->submit));
      break;
    case PROP_CAN_CANCEL:
      g_value_set_boolean (value, self->can_cancel);
      break;
    case PROP_TEXT:
      g_value_take_string (value, galley_composer_get_text (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
set_placeholder (GalleyComposer *self, const char *text)
{
  gtk_label_set_text (self->placeholder, text != NULL ? text : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text != NULL ? text : "", -1);
}

static void
set_verb (GalleyComposer *self, const char *verb)
{
  self->has_verb = verb != NULL;
  galley_ui_set_button_label (self->submit, verb != NULL ? verb : "");
  gtk_widget_set_visible (GTK_WIDGET (self->submit), verb != NULL);
  text_changed_cb (self);
}

static void
galley_composer_set_property (GObject *object,
                              guint property,
                              const GValue *value,
                              GParamSpec *pspec)
{
  GalleyComposer *self = GALLEY_COMPOSER (object);

  switch (property)
    {
    case PROP_PLACEHOLDER:
      set_placeholder (self, g_value_get_string (value));
      break;
    case PROP_VERB:
      set_verb (self, g_value_get_string (value));
      break;
    case PROP_CAN_CANCEL:
      self->can_cancel = g_value_get_boolean (value);
      gtk_widget_set_visible (self->cancel, self->can_cancel);
      text_changed_cb (self);
      break;
    case PROP_TEXT:
      galley_composer_set_text (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
galley_composer_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (galley_composer_parent_class)->dispose (object);
}

static gboolean
galley_composer_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (GALLEY_COMPOSER (widget)->view));
}

static void
galley_composer_class_init (GalleyComposerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = galley_composer_get_property;
  object_class->set_property = galley_composer_set_property;
  object_class->dispose = galley_composer_dispose;
  widget_class->grab_focus = galley_composer_grab_focus;

  properties[PROP_PLACEHOLDER] = g_param_spec_string ("placeholder", NULL, NULL, NULL, flags);
  properties[PROP_VERB] = g_param_spec_string ("verb", NULL, NULL, NULL, flags);
  properties[PROP_CAN_CANCEL] = g_param_spec_boolean ("can-cancel", NULL, NULL, FALSE, flags);
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[SIGNAL_SUBMIT] = g_signal_new ("submit", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_CANCEL] = g_signal_new ("cancel", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-composer.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyComposer, view);
  gtk_widget_class_bind_template_child (widget_class, GalleyComposer, placeholder);
  gtk_widget_class_bind_template_child (widget_class, GalleyComposer, buttons);
  gtk_widget_class_bind_template_child (widget_class, GalleyComposer, cancel);
  gtk_widget_class_bind_template_child (widget_class, GalleyComposer, submit);
  gtk_widget_class_install_action (widget_class, "composer.submit", NULL, submit);
  gtk_widget_class_install_action (widget_class, "composer.cancel", NULL, cancel);
}

static void
galley_composer_init (GalleyComposer *self)
{
  GtkEventController *keys;

  gtk_widget_init_template (GTK_WIDGET (self));
  keys = gtk_event_controller_key_new ();
  /* Before the text view takes Enter as a new line. */
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
  g_signal_connect_object (gtk_text_view_get_buffer (self->view), "changed",
                           G_CALLBACK (text_changed_cb), self, G_CONNECT_SWAPPED);
  set_verb (self, NULL);
}

/**
 * galley_composer_new:
 * @placeholder: what it is for
 * @verb: (nullable): on the button
 */
GtkWidget *
galley_composer_new (const char *placeholder, const char *verb)
{
  return g_object_new (GALLEY_TYPE_COMPOSER, "placeholder", placeholder, "verb", verb, NULL);
}

/**
 * galley_composer_get_text:
 *
 * Returns: (transfer full): without blanks at the ends
 */
char *
galley_composer_get_text (GalleyComposer *self)
{
  GtkTextBuffer *buffer;
  GtkTextIter start, end;

  g_return_val_if_fail (GALLEY_IS_COMPOSER (self), NULL);

  buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return g_strstrip (gtk_text_buffer_get_text (buffer, &start, &end, FALSE));
}

void
galley_composer_set_text (GalleyComposer *self, const char *text)
{
  g_return_if_fail (GALLEY_IS_COMPOSER (self));

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->view), text != NULL ? text : "", -1);
}
