/* galley-trouble.c: the window that opens instead when a workspace cannot be opened
 *
 * Nothing is started over behind anybody's back: it says what is wrong and that the files are kept,
 * and leaves the next step to the person.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-trouble"

#include "ui/galley-trouble.h"

#include "data/galley-error.h"
#include "data/galley-key.h"
#include "data/galley-rescue.h"
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
  self->rebuilding = rebuilding;
  gtk_widget_set_visible (GTK_WIDGET (self->progress), rebuilding);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "trouble.rebuild", !rebuilding);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "trouble.retry", !rebuilding);
}

/* ── rebuilding ── */

typedef struct
{
  GalleyTrouble *self;
  double fraction;
} Step;

static void
step_free (gpointer data)
{
  Step *step = data;

  g_object_unref (step->self);
  g_free (step);
}

static gboolean
show_step (gpointer data)
{
  Step *step = data;

  gtk_progress_bar_set_fraction (step->self->progress, step->fraction);
  return G_SOURCE_REMOVE;
}

/* On the worker's thread, for every bunch of changes. */
static void
progress_cb (guint64 done, guint64 total, gpointer data)
{
  Step *step = g_new0 (Step, 1);

  step->self = g_object_ref (data);
  step->fraction = total > 0 ? (double)done / total : 0;
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, show_step, step, step_free);
}

typedef struct
{
  char *folder;
  char *kept; /* (nullable): where the damaged file was put */
  guint64 n_changes;
  GalleyTrouble *self; /* borrowed: the callback holds it, and a worker must not drop a widget */
} Rebuild;

static void
rebuild_free (gpointer data)
{
  Rebuild *work = data;

  g_free (work->folder);
  g_free (work->kept);
  g_free (work);
}

/* Opening makes the derived tables again where that is needed; an open one is made again anyway. */
static gboolean
rebuild_open (Rebuild *work, GError **error)
{
  g_autoptr (GalleyStore)
      store = galley_store_open (work->folder, GALLEY_STORE_QUIET, galley_world_real (), error);
  GalleyReplayReport report = { 0 };
  gboolean rebuilt;

  if (store == NULL)
    return FALSE;

  rebuilt = galley_replay_rebuild (store, NULL, progress_cb, work->self, &report, error);
  galley_replay_report_clear (&report);
  galley_store_close (store);
  return rebuilt;
}

/* A key that is damaged says so by itself, and no journal brings it back. */
static gboolean
key_is_sound (Rebuild *work, GError **error)
{
  g_autofree char *path = g_build_filename (work->folder, "device.key", NULL);
  g_autoptr (GalleyKey) key = galley_key_load (path, error);

  return key != NULL;
}

static void
rebuild_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Rebuild *work = task_data;
  GError *error = NULL;
  gboolean rebuilt = key_is_sound (work, &error) && rebuild_open (work, &error);

  if (!rebuilt && g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED) &&
      key_is_sound (work, NULL))
    {
      g_clear_error (&error);
      rebuilt = galley_rescue (work->folder, &work->kept, &work->n_changes, &error) &&
                rebuild_open (work, &error);
    }

  if (rebuilt)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
show_rescued (GalleyTrouble *self, const Rebuild *work)
{
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, work->n_changes);
  /* Translators: %s is a number */
  g_autofree char *count = g_strdup_printf (ngettext ("%s change was read.",
                                                      "%s changes were read.", work->n_changes),
                                            number);
  g_autofree char *text = g_strdup_printf (
      /* Translators: the first part is a sentence: how many changes were read. */
      _ ("%s The damaged file is kept as %s. Try again to open what was read."), count, work->kept);

  show_message (self, text);
}

static void
rebuilt_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyTrouble) self = user_data;
  const Rebuild *work = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  set_rebuilding (self, FALSE);
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    show_message (self, error->message);
  else if (work->kept != NULL)
    show_rescued (self, work);
  else
    g_signal_emit (self, signals[SIGNAL_RETRY], 0);
}

static void
rebuild (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyTrouble *self = GALLEY_TROUBLE (widget);
  g_autoptr (GTask) task = NULL;
  Rebuild *work;

  set_rebuilding (self, TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->message), FALSE);
  task = g_task_new (NULL, NULL, rebuilt_cb, g_object_ref (self));
  work = g_new0 (Rebuild, 1);
  work->folder = g_strdup (self->folder);
  work->self = self;
  g_task_set_task_data (task, work, rebuild_free);
  g_task_run_in_thread (task, rebuild_in_thread);
}

/* ── the window ── */

static void
retry (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, signals[SIGNAL_RETRY], 0);
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
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-trouble.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyTrouble, page);
  gtk_widget_class_bind_template_child (widget_class, GalleyTrouble, progress);
  gtk_widget_class_bind_template_child (widget_class, GalleyTrouble, message);
  gtk_widget_class_bind_template_child (widget_class, GalleyTrouble, rebuild);
  gtk_widget_class_install_action (widget_class, "trouble.rebuild", NULL, rebuild);
  gtk_widget_class_install_action (widget_class, "trouble.retry", NULL, retry);
  gtk_widget_class_install_action (widget_class, "trouble.show-folder", NULL, show_folder);
}

static void
galley_trouble_init (GalleyTrouble *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static const char *
title_for (const GError *error)
{
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
    return _ ("This Workspace Is Damaged");
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER))
    return _ ("Made by a Newer Galley");
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NO_SPACE))
    return _ ("The Disk Is Full");

  return _ ("This Workspace Cannot Be Opened");
}

/**
 * galley_trouble_new:
 * @folder: of the workspace
 * @error: why it cannot be opened
 */
GtkWidget *
galley_trouble_new (GtkApplication *application, const char *folder, const GError *error)
{
  GalleyTrouble *self = g_object_new (GALLEY_TYPE_TROUBLE, "application", application, NULL);
  g_autofree char *escaped = g_markup_escape_text (error->message, -1);
  g_autofree char *escaped_folder = g_markup_escape_text (folder, -1);
  /* Translators: what is wrong, and the folder of the workspace */
  g_autofree char *text = g_strdup_printf (_ ("%s\n\nNothing was changed. Everything is kept in "
                                              "%s."),
                                           escaped, escaped_folder);

  self->folder = g_strdup (folder);
  adw_status_page_set_title (self->page, title_for (error));
  adw_status_page_set_description (self->page, text);
  gtk_widget_set_visible (self->rebuild,
                          g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED));
  return GTK_WIDGET (self);
}
