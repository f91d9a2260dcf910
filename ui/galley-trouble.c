/* galley-trouble.c: the window that opens instead when a workspace cannot be opened
 *
 * Nothing is started over behind anybody's back: it says what is wrong and that the files are kept,
 * offers what helps with just that, and leaves the next step to the person.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-trouble"

#include "ui/galley-trouble.h"

#include "data/galley-error.h"
#include "data/galley-folder.h"
#include "ui/galley-rebuild.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

struct _GalleyTrouble
{
  AdwApplicationWindow parent_instance;

  char *folder;
  gboolean rebuilding;

  AdwStatusPage *page;
  GtkProgressBar *progress;
  GtkLabel *message;
  GtkWidget *rebuild;
  GtkWidget *new_device;
  GtkWidget *start_over;
  GtkWidget *retry;
};

enum
{
  SIGNAL_RETRY,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyTrouble, galley_trouble, ADW_TYPE_APPLICATION_WINDOW)

static void
show_message (GalleyTrouble *self, const char *text)
{
  gtk_label_set_text (self->message, text);
  gtk_widget_set_visible (GTK_WIDGET (self->message), TRUE);
}

static void
set_rebuilding (GalleyTrouble *self, gboolean rebuilding)
{
  static const char *const actions[] = { "trouble.rebuild", "trouble.new-device",
                                         "trouble.start-over", "trouble.retry" };

  self->rebuilding = rebuilding;
  gtk_widget_set_visible (GTK_WIDGET (self->progress), rebuilding);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), actions[i], !rebuilding);
}

/* @heading, @body: (nullable): what was done */
static void
open_again (GalleyTrouble *self, const char *heading, const char *body)
{
  g_signal_emit (self, signals[SIGNAL_RETRY], 0, heading, body);
}

/* ── rebuilding ── */

static void
progress_cb (double fraction, gpointer data)
{
  gtk_progress_bar_set_fraction (GALLEY_TROUBLE (data)->progress, fraction);
}

static void
rebuilt_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyTrouble) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = galley_rebuild_finish (result, &error);

  set_rebuilding (self, FALSE);
  if (text != NULL)
    {
      open_again (self, _ ("Rebuilt from the Journal"), text);
      return;
    }

  show_message (self, error->message);
  gtk_widget_set_visible (self->start_over, TRUE);
}

static void
rebuild (GtkWidget *widget, const char *action, GVariant *parameter)
{
  galley_trouble_rebuild (GALLEY_TROUBLE (widget));
}

/* ── a new identity, or a new beginning ── */

static void
go_on_as_new_device (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyTrouble *self = GALLEY_TROUBLE (widget);
  g_autofree char *kept = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (!galley_folder_put_key_aside (self->folder, &kept, &error))
    {
      show_message (self, error->message);
      return;
    }

  text = g_strdup_printf (_ ("All work is here. The damaged key is kept as %s."), kept);
  open_again (self, _ ("This Computer Is a New Device"), text);
}

static void
start_over_answered_cb (GalleyTrouble *self, const char *response)
{
  g_autofree char *kept = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_str_equal (response, "start"))
    return;

  if (!galley_folder_put_all_aside (self->folder, &kept, &error))
    {
      show_message (self, error->message);
      return;
    }

  text = g_strdup_printf (_ ("What was left of the old one is kept in %s."), kept);
  open_again (self, _ ("This Workspace Is New"), text);
}

static void
start_over (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (widget),
                                              _ ("Start with an Empty Workspace?"),
                                              _ ("What is left of the old one is kept in a folder "
                                                 "beside it. What was shared with a server comes "
                                                 "back when you connect to it again."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "start",
                                    _ ("_Start Empty"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "start",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (start_over_answered_cb), widget,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ── the window ── */

static void
retry (GtkWidget *widget, const char *action, GVariant *parameter)
{
  open_again (GALLEY_TROUBLE (widget), NULL, NULL);
}

static void
show_folder (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyTrouble *self = GALLEY_TROUBLE (widget);
  g_autofree char *uri = g_filename_to_uri (self->folder, NULL, NULL);

  if (uri != NULL)
    gtk_show_uri (GTK_WINDOW (self), uri, GDK_CURRENT_TIME);
}

/* Leaving in the midst would lose nothing, but the rebuilding is done with the window. */
static gboolean
galley_trouble_close_request (GtkWindow *window)
{
  return GALLEY_TROUBLE (window)->rebuilding ||
         GTK_WINDOW_CLASS (galley_trouble_parent_class)->close_request (window);
}

static void
galley_trouble_finalize (GObject *object)
{
  g_free (GALLEY_TROUBLE (object)->folder);
  G_OBJECT_CLASS (galley_trouble_parent_class)->finalize (object);
}

static void
galley_trouble_class_init (GalleyTroubleClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = galley_trouble_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = galley_trouble_close_request;
  signals[SIGNAL_RETRY] = g_signal_new ("retry", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                        G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-trouble.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyTrouble, page);
  gtk_widget_class_bind_template_child (widget_class, GalleyTrouble, progress);
  gtk_widget_class_bind_template_child (widget_class, GalleyTrouble, message);
  gtk_widget_class_bind_template_child (widget_class, GalleyTrouble, rebuild);
  gtk_widget_class_bind_template_child (widget_class, GalleyTrouble, new_device);
  gtk_widget_class_bind_template_child (widget_class, GalleyTrouble, start_over);
  gtk_widget_class_bind_template_child (widget_class, GalleyTrouble, retry);
  gtk_widget_class_install_action (widget_class, "trouble.rebuild", NULL, rebuild);
  gtk_widget_class_install_action (widget_class, "trouble.new-device", NULL, go_on_as_new_device);
  gtk_widget_class_install_action (widget_class, "trouble.start-over", NULL, start_over);
  gtk_widget_class_install_action (widget_class, "trouble.retry", NULL, retry);
  gtk_widget_class_install_action (widget_class, "trouble.show-folder", NULL, show_folder);
}

static void
galley_trouble_init (GalleyTrouble *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static const char *
title_for (GalleyFolderState state, const GError *error)
{
  if (state == GALLEY_FOLDER_BAD_KEY)
    return _ ("The Key of This Device Is Damaged");
  if (state == GALLEY_FOLDER_LOST)
    return _ ("The Database Is Gone");
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
    return _ ("This Workspace Is Damaged");
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER))
    return _ ("Made by a Newer Galley");
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NO_SPACE))
    return _ ("The Disk Is Full");

  return _ ("This Workspace Cannot Be Opened");
}

static const char *
words_for (GalleyFolderState state, const GError *error)
{
  if (state == GALLEY_FOLDER_BAD_KEY)
    return _ ("The file device.key is no key any more. With a new one this computer goes on as a "
              "new device: all work is kept, and the damaged file too. To share again, it needs a "
              "new invite to the server.");
  if (state == GALLEY_FOLDER_LOST)
    return _ ("This folder was a workspace: its key is here, but its database is missing or empty. "
              "If there is a backup, put galley.db back and try again. What was shared with a "
              "server can be had from there.");

  return error->message;
}

/* The first one that helps is the one that Enter means. */
static void
show_ways_out (GalleyTrouble *self, GalleyFolderState state, const GError *error)
{
  gboolean damaged = g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
  GtkWidget *first = self->retry;

  gtk_widget_set_visible (self->new_device, state == GALLEY_FOLDER_BAD_KEY);
  gtk_widget_set_visible (self->start_over, state == GALLEY_FOLDER_LOST);
  gtk_widget_set_visible (self->rebuild,
                          damaged && state != GALLEY_FOLDER_BAD_KEY && state != GALLEY_FOLDER_LOST);
  if (gtk_widget_get_visible (self->rebuild))
    first = self->rebuild;
  if (gtk_widget_get_visible (self->new_device))
    first = self->new_device;
  gtk_window_set_default_widget (GTK_WINDOW (self), first);
  gtk_window_set_focus (GTK_WINDOW (self), first);
}

/**
 * galley_trouble_new:
 * @application: (nullable): %NULL in tests
 * @folder: of the workspace, which nobody has open here
 * @error: why it cannot be opened
 */
GtkWidget *
galley_trouble_new (GtkApplication *application, const char *folder, const GError *error)
{
  GalleyTrouble *self = g_object_new (GALLEY_TYPE_TROUBLE, "application", application, NULL);
  GalleyFolderState state = galley_folder_look (folder);
  g_autofree char *escaped = g_markup_escape_text (words_for (state, error), -1);
  g_autofree char *escaped_folder = g_markup_escape_text (folder, -1);
  /* Translators: what is wrong, and the folder of the workspace */
  g_autofree char *text = g_strdup_printf (_ ("%s\n\nNothing was changed. Everything is kept in "
                                              "%s."),
                                           escaped, escaped_folder);

  self->folder = g_strdup (folder);
  adw_status_page_set_title (self->page, title_for (state, error));
  adw_status_page_set_description (self->page, text);
  show_ways_out (self, state, error);
  return GTK_WIDGET (self);
}

/**
 * galley_trouble_rebuild:
 *
 * Makes everything again from the journal, as its button does.
 */
void
galley_trouble_rebuild (GalleyTrouble *self)
{
  g_return_if_fail (GALLEY_IS_TROUBLE (self));

  if (self->rebuilding)
    return;

  set_rebuilding (self, TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->message), FALSE);
  galley_rebuild_async (self->folder, progress_cb, self, rebuilt_cb, g_object_ref (self));
}
