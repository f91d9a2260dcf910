/* galley-connect-dialog.c: joins a server with its address and an invite code
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-connect-dialog"

#include "ui/galley-connect-dialog.h"

#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

struct _GalleyConnectDialog
{
  AdwWindow parent_instance;

  GalleyWorkspace *workspace;
  GCancellable *cancellable;
  gboolean busy;

  GtkEditable *address;
  GtkEditable *invite;
  GtkSpinner *spinner;
  GtkLabel *message;
};

enum
{
  SIGNAL_CONNECTED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyConnectDialog, galley_connect_dialog, ADW_TYPE_WINDOW)

static void
update (GalleyConnectDialog *self)
{
  gboolean ready = *gtk_editable_get_text (self->address) != '\0' &&
                   *gtk_editable_get_text (self->invite) != '\0';

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "connect.go", ready && !self->busy);
  /* Not insensitive: the focus would be lost, and the toolkit with it. */
  gtk_editable_set_editable (self->address, !self->busy);
  gtk_editable_set_editable (self->invite, !self->busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->busy);
  gtk_spinner_set_spinning (self->spinner, self->busy);
}

static void
show_message (GalleyConnectDialog *self, const char *text, gboolean is_error)
{
  gtk_label_set_text (self->message, text);
  if (is_error)
    gtk_widget_add_css_class (GTK_WIDGET (self->message), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->message), "error");
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyConnectDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean connected = galley_workspace_connect_finish (GALLEY_WORKSPACE (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  self->busy = FALSE;
  update (self);
  if (!connected)
    {
      show_message (self, error->message, TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (self->invite));
      return;
    }

  g_signal_emit (self, signals[SIGNAL_CONNECTED], 0);
  gtk_window_close (GTK_WINDOW (self));
}

static void
go (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyConnectDialog *self = GALLEY_CONNECT_DIALOG (widget);
  g_autofree char *address = g_strstrip (g_strdup (gtk_editable_get_text (self->address)));
  g_autofree char *invite = g_strstrip (g_strdup (gtk_editable_get_text (self->invite)));

  self->busy = TRUE;
  update (self);
  show_message (self, _ ("Asking the server…"), FALSE);
  galley_workspace_connect_async (self->workspace, address, invite, self->cancellable, connected_cb,
                                  g_object_ref (self));
}

static void
cancel (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_window_close (GTK_WINDOW (widget));
}

static gboolean
galley_connect_dialog_close_request (GtkWindow *window)
{
  g_cancellable_cancel (GALLEY_CONNECT_DIALOG (window)->cancellable);
  return GTK_WINDOW_CLASS (galley_connect_dialog_parent_class)->close_request (window);
}

static void
galley_connect_dialog_dispose (GObject *object)
{
  GalleyConnectDialog *self = GALLEY_CONNECT_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (galley_connect_dialog_parent_class)->dispose (object);
}

static void
galley_connect_dialog_finalize (GObject *object)
{
  g_object_unref (GALLEY_CONNECT_DIALOG (object)->cancellable);
  G_OBJECT_CLASS (galley_connect_dialog_parent_class)->finalize (object);
}

static void
galley_connect_dialog_class_init (GalleyConnectDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = galley_connect_dialog_dispose;
  object_class->finalize = galley_connect_dialog_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = galley_connect_dialog_close_request;
  signals[SIGNAL_CONNECTED] = g_signal_new ("connected", G_TYPE_FROM_CLASS (klass),
                                            G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-connect-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyConnectDialog, address);
  gtk_widget_class_bind_template_child (widget_class, GalleyConnectDialog, invite);
  gtk_widget_class_bind_template_child (widget_class, GalleyConnectDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, GalleyConnectDialog, message);
  gtk_widget_class_install_action (widget_class, "connect.go", NULL, go);
  gtk_widget_class_install_action (widget_class, "connect.cancel", NULL, cancel);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "connect.cancel", NULL);
}

static void
galley_connect_dialog_init (GalleyConnectDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  g_signal_connect_object (self->address, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->invite, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

/**
 * galley_connect_dialog_new:
 *
 * Returns: (transfer none): a dialog that destroys itself when it is closed
 */
GtkWidget *
galley_connect_dialog_new (GtkWindow *parent, GalleyWorkspace *workspace)
{
  GalleyConnectDialog *self = g_object_new (GALLEY_TYPE_CONNECT_DIALOG, "transient-for", parent,
                                            NULL);

  self->workspace = g_object_ref (workspace);
  return GTK_WIDGET (self);
}
