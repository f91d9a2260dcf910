/* galley-courier.c: bundles out of the window and into it: chosen, written, taken in
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-courier"

#include "ui/galley-courier.h"

#include "sync/galley-bundle-errand.h"

#include <glib/gi18n-lib.h>

struct _GalleyCourier
{
  GObject parent_instance;

  GtkWindow *window; /* borrowed: it owns this */
  GalleyStore *store;
  GtkFileChooserNative *chooser; /* (nullable): while it is open */
  GalleyId project;              /* what is exported to what is chosen */
  GCancellable *cancellable;     /* of the window */
};

enum
{
  SIGNAL_DONE,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyCourier, galley_courier, G_TYPE_OBJECT)

/* Nobody needs to be told of what they stopped, nor when the window has gone. */
static void
say_fault (GalleyCourier *self, const char *heading, const GError *error)
{
  GtkWidget *dialog;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      g_cancellable_is_cancelled (self->cancellable))
    return;

  dialog = adw_message_dialog_new (self->window, heading, error->message);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
say_done (GalleyCourier *self, const char *text, const GalleyId *joined)
{
  if (!g_cancellable_is_cancelled (self->cancellable))
    g_signal_emit (self, signals[SIGNAL_DONE], 0, text, joined);
}

/* ── out ── */

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyCourier) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GalleyBundleExportReport report;
  gint64 job;
  guint n;

  if (!galley_bundle_errand_export_finish (result, &report, &job, &error))
    return say_fault (self, _ ("The Bundle Was Not Written"), error);

  n = (guint)MIN (report.n_changes, G_MAXUINT);
  text = g_strdup_printf (ngettext ("Bundle with %u change written",
                                    "Bundle with %u changes written", n),
                          n);
  say_done (self, text, NULL);
}

/**
 * galley_courier_export:
 * @file: on this computer; what is there is replaced once the bundle is whole
 *
 * All of @project, with its files.
 */
void
galley_courier_export (GalleyCourier *self, const GalleyId *project, GFile *file)
{
  const GalleyBundleExportOptions options = { .with_files = TRUE };

  g_return_if_fail (GALLEY_IS_COURIER (self) && project != NULL && g_file_peek_path (file) != NULL);

  galley_bundle_errand_export_async (self->store, project, g_file_peek_path (file), &options,
                                     self->cancellable, exported_cb, g_object_ref (self));
}

/* ── in ── */

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyCourier) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto (GalleyBundleImportReport) report = { 0 };
  gint64 job;
  guint n;

  if (!galley_bundle_errand_import_finish (result, &report, &job, &error))
    return say_fault (self, _ ("The Bundle Was Not Imported"), error);

  n = (guint)MIN (report.n_changes, G_MAXUINT);
  /* Translators: the name is that of who made the bundle */
  text = n == 0
             ? g_strdup_printf (_ ("Everything in the bundle of %s was here already"), report.maker)
             : g_strdup_printf (ngettext ("%u change imported from a bundle of %s",
                                          "%u changes imported from a bundle of %s", n),
                                n, report.maker);
  say_done (self, text, report.joined ? &report.project : NULL);
}

/**
 * galley_courier_import:
 * @file: on this computer
 */
void
galley_courier_import (GalleyCourier *self, GFile *file)
{
  g_return_if_fail (GALLEY_IS_COURIER (self) && g_file_peek_path (file) != NULL);

  galley_bundle_errand_import_async (self->store, g_file_peek_path (file), self->cancellable,
                                     imported_cb, g_object_ref (self));
}

/* ── the file chooser ── */

static void
chosen_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  GalleyCourier *self = user_data;
  gboolean out = gtk_file_chooser_get_action (GTK_FILE_CHOOSER (dialog)) ==
                 GTK_FILE_CHOOSER_ACTION_SAVE;
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;

  if (file != NULL && g_file_peek_path (file) == NULL)
    {
      g_autoptr (GError)
          error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                       _ ("A bundle must be on this computer, or on something "
                                          "that is plugged into it. Choose another place."));

      say_fault (self, out ? _ ("The Bundle Was Not Written") : _ ("The Bundle Was Not Imported"),
                 error);
    }
  else if (file != NULL && out)
    galley_courier_export (self, &self->project, file);
  else if (file != NULL)
    galley_courier_import (self, file);

  g_clear_object (&self->chooser);
}

static void
choose (GalleyCourier *self,
        GtkFileChooserAction action,
        const char *title,
        const char *accept,
        const char *name)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  self->chooser = gtk_file_chooser_native_new (title, self->window, action, accept, _ ("_Cancel"));
  gtk_file_filter_set_name (filter, _ ("Bundles"));
  gtk_file_filter_add_pattern (filter, "*.bundle");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  if (name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/**
 * galley_courier_choose_export:
 * @name: of the project
 *
 * Lets the person choose where, then writes all of @project there.
 */
void
galley_courier_choose_export (GalleyCourier *self, const GalleyId *project, const char *name)
{
  g_autofree char *file = NULL;

  g_return_if_fail (GALLEY_IS_COURIER (self) && project != NULL);

  if (self->chooser != NULL)
    return;
  file = g_strdup_printf ("%s.bundle", name);
  self->project = *project;
  choose (self, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Export Bundle"), _ ("_Export"),
          g_strdelimit (file, "/", '-'));
}

/**
 * galley_courier_choose_import:
 *
 * Lets the person choose a bundle, then takes it in.
 */
void
galley_courier_choose_import (GalleyCourier *self)
{
  g_return_if_fail (GALLEY_IS_COURIER (self));

  if (self->chooser == NULL)
    choose (self, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Import Bundle"), _ ("_Import"), NULL);
}

/* ── the object ── */

static void
galley_courier_dispose (GObject *object)
{
  GalleyCourier *self = GALLEY_COURIER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->chooser);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_courier_parent_class)->dispose (object);
}

static void
galley_courier_finalize (GObject *object)
{
  g_object_unref (GALLEY_COURIER (object)->cancellable);
  G_OBJECT_CLASS (galley_courier_parent_class)->finalize (object);
}

static void
galley_courier_class_init (GalleyCourierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_courier_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_courier_finalize;
  signals[SIGNAL_DONE] = g_signal_new ("done", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                       G_TYPE_POINTER);
}

static void
galley_courier_init (GalleyCourier *self)
{
  self->cancellable = g_cancellable_new ();
}

/**
 * galley_courier_new:
 * @window: (transfer none): over which dialogs are shown; it must live longer
 */
GalleyCourier *
galley_courier_new (GtkWindow *window, GalleyStore *store)
{
  GalleyCourier *self = g_object_new (GALLEY_TYPE_COURIER, NULL);

  self->window = window;
  self->store = g_object_ref (store);
  return self;
}
