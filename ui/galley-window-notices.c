/* galley-window-notices.c: what stays on screen until somebody has seen to it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-window-notices"

#include "ui/galley-window-private.h"

#include "data/galley-directory.h"

#include <glib/gi18n-lib.h>

/* ── a damaged database ── */

static void
damaged_cb (GalleyWindow *self, const char *message)
{
  g_free (self->damage_message);
  self->damage_message = g_strdup (message);
  gtk_label_set_text (self->damage_text, message);
  gtk_info_bar_set_revealed (self->damage, TRUE);
}

static void
damage_answered_cb (GalleyWindow *self)
{
  g_signal_emit_by_name (self, "rebuild");
}

/* ── another device than before ── */

static gpointer
read_former_device (GalleyReader *reader, gpointer data, GError **error)
{
  return galley_directory_get (reader, GALLEY_SETTING_FORMER_DEVICE);
}

static void
former_device_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyWindow) self = user_data;
  g_autofree char *former = galley_store_read_finish (GALLEY_STORE (source), result, NULL);
  gboolean connected;

  if (former == NULL || self->workspace == NULL)
    return;

  connected = galley_sync_service_get_state (galley_workspace_get_service (self->workspace)) !=
              GALLEY_SYNC_LOCAL_ONLY;
  gtk_label_set_text (
      self->new_device_text,
      connected ? _ ("The key of this device was not there any more, so this computer goes on as a "
                     "new device. All work is kept. To share again, connect to the server with a "
                     "new invite.")
                : _ ("The key of this device was not there any more, so this computer goes on as a "
                     "new device. All work is kept."));
  gtk_info_bar_set_revealed (self->new_device, TRUE);
}

/* writer thread */
static gboolean
forget_former_device (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, GALLEY_SETTING_FORMER_DEVICE, NULL, error);
}

static void
forgotten_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  /* It is said once more at the next start. */
  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    g_warning ("could not note that the new device was told of: %s", error->message);
}

static void
new_device_answered_cb (GalleyWindow *self)
{
  gtk_info_bar_set_revealed (self->new_device, FALSE);
  galley_store_write_async (galley_workspace_get_store (self->workspace), forget_former_device,
                            NULL, NULL, NULL, forgotten_cb, NULL);
}

/* ── the window ── */

void
galley_window_watch (GalleyWindow *self)
{
  GalleyStore *store = galley_workspace_get_store (self->workspace);

  gtk_info_bar_add_button (self->damage, _ ("_Rebuild from the Journal"), GTK_RESPONSE_ACCEPT);
  gtk_info_bar_add_button (self->new_device, _ ("_Close"), GTK_RESPONSE_CLOSE);
  g_signal_connect_object (self->damage, "response", G_CALLBACK (damage_answered_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->new_device, "response", G_CALLBACK (new_device_answered_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (store, "damaged", G_CALLBACK (damaged_cb), self, G_CONNECT_SWAPPED);
  galley_store_read_async (store, read_former_device, NULL, NULL, g_free, NULL,
                           former_device_read_cb, g_object_ref (self));
}

/**
 * galley_window_tell:
 *
 * Says something that somebody should have read before going on.
 */
void
galley_window_tell (GalleyWindow *self, const char *heading, const char *body)
{
  GtkWidget *dialog;

  g_return_if_fail (GALLEY_IS_WINDOW (self));

  dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  gtk_window_present (GTK_WINDOW (dialog));
}
