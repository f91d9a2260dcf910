/* galley-support-window.c: a support bundle, shown before it is saved
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-support-window"

#include "ui/galley-support-window.h"

#include "sync/galley-support.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _GalleySupportWindow
{
  AdwWindow parent_instance;

  GalleyStore *store;
  char *bundle; /* (nullable): as it is shown */
  gboolean reading;
  gboolean read_again;
  GtkFileChooserNative *chooser; /* (nullable) */

  GtkCheckButton *words;
  GtkTextView *text;
  AdwToastOverlay *toasts;
};

G_DEFINE_FINAL_TYPE (GalleySupportWindow, galley_support_window, ADW_TYPE_WINDOW)

static void read_bundle (GalleySupportWindow *self);

static void
say (GalleySupportWindow *self, const char *text)
{
  AdwToast *toast = adw_toast_new ("");

  adw_toast_set_title (toast, text);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleySupportWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  char *bundle = galley_support_describe_finish (result, &error);

  self->reading = FALSE;
  if (self->store == NULL)
    {
      g_free (bundle);
      return;
    }

  g_free (self->bundle);
  self->bundle = bundle;
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text),
                            bundle != NULL ? bundle : error->message, -1);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "support.save", bundle != NULL);
  if (self->read_again)
    read_bundle (self);
}

static void
read_bundle (GalleySupportWindow *self)
{
  self->read_again = self->reading;
  if (self->reading)
    return;

  self->reading = TRUE;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "support.save", FALSE);
  galley_support_describe_async (self->store, gtk_check_button_get_active (self->words), read_cb,
                                 g_object_ref (self));
}

/* ── saving ── */

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleySupportWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    say (self, _ ("Saved"));
  else
    say (self, error->message);
}

static void
file_chosen_cb (GalleySupportWindow *self, int response)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_autoptr (GBytes) bytes = NULL;

  if (response != GTK_RESPONSE_ACCEPT || file == NULL || self->bundle == NULL)
    return;

  bytes = g_bytes_new (self->bundle, strlen (self->bundle));
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL,
                                       saved_cb, g_object_ref (self));
}

static void
save_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleySupportWindow *self = GALLEY_SUPPORT_WINDOW (widget);

  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (_ ("Save the Support Bundle"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), "galley-support.json");
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (file_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* ── the window ── */

static void
galley_support_window_dispose (GObject *object)
{
  GalleySupportWindow *self = GALLEY_SUPPORT_WINDOW (object);

  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  g_clear_object (&self->store);
  g_clear_pointer (&self->bundle, g_free);
  G_OBJECT_CLASS (galley_support_window_parent_class)->dispose (object);
}

static void
galley_support_window_class_init (GalleySupportWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_support_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-support-window.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleySupportWindow, words);
  gtk_widget_class_bind_template_child (widget_class, GalleySupportWindow, text);
  gtk_widget_class_bind_template_child (widget_class, GalleySupportWindow, toasts);
  gtk_widget_class_install_action (widget_class, "support.save", NULL, save_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_w, GDK_CONTROL_MASK, "window.close",
                                       NULL);
}

static void
galley_support_window_init (GalleySupportWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->words, "toggled", G_CALLBACK (read_bundle), self,
                           G_CONNECT_SWAPPED);
}

/**
 * galley_support_window_new:
 *
 * Returns: (transfer none): a window, not on screen yet
 */
GtkWidget *
galley_support_window_new (GalleyStore *store)
{
  GalleySupportWindow *self = g_object_new (GALLEY_TYPE_SUPPORT_WINDOW, NULL);

  self->store = g_object_ref (store);
  read_bundle (self);
  return GTK_WIDGET (self);
}
