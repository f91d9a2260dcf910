/* galley-application.c: the program with the window
 *
 * One process a workspace: the usual one is found over the session bus, so that a second start only
 * brings its window to the front; one that is named on the command line is a program of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-application"

#include "app/galley-application.h"

#include "app/galley-sample.h"
#include "data/galley-error.h"
#include "sync/galley-workspace.h"
#include "ui/galley-trouble.h"
#include "ui/galley-ui.h"
#include "ui/galley-window.h"

#include <glib/gi18n.h>

struct _GalleyApplication
{
  AdwApplication parent_instance;

  char *folder;               /* (nullable): as given; NULL: the usual one */
  GalleyWorkspace *workspace; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (GalleyApplication, galley_application, ADW_TYPE_APPLICATION)

static void open_workspace (GalleyApplication *self);

static char *
get_folder (GalleyApplication *self)
{
  return self->folder != NULL
             ? g_strdup (self->folder)
             : g_build_filename (g_get_user_data_dir (), "galley", "default", NULL);
}

/* ── opening ── */

static void
retry_cb (GalleyApplication *self, const char *heading, const char *body, GtkWindow *trouble)
{
  GtkWindow *window;

  gtk_window_destroy (trouble);
  open_workspace (self);
  window = gtk_application_get_active_window (GTK_APPLICATION (self));
  if (heading != NULL && GALLEY_IS_WINDOW (window))
    galley_window_tell (GALLEY_WINDOW (window), heading, body);
}

static GtkWidget *
show_trouble (GalleyApplication *self, const char *folder, const GError *error)
{
  GtkWidget *trouble = galley_trouble_new (GTK_APPLICATION (self), folder, error);

  g_signal_connect_object (trouble, "retry", G_CALLBACK (retry_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (trouble));
  return trouble;
}

static void
closed_for_rebuild_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyApplication) self = user_data;
  g_autofree char *folder = get_folder (self);
  g_autoptr (GError) damage = g_error_new_literal (GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                                                   _ ("Everything that can be read is made again "
                                                      "from the journal."));

  galley_workspace_close_finish (GALLEY_WORKSPACE (source), result);
  g_clear_object (&self->workspace);
  galley_trouble_rebuild (GALLEY_TROUBLE (show_trouble (self, folder, damage)));
  g_application_release (G_APPLICATION (self));
}

static void
rebuild_cb (GalleyApplication *self, GtkWindow *window)
{
  g_application_hold (G_APPLICATION (self));
  gtk_window_destroy (window);
  galley_workspace_close_async (self->workspace, closed_for_rebuild_cb, g_object_ref (self));
}

static GtkWidget *
show_window (GalleyApplication *self)
{
  GtkWidget *window = galley_window_new (GTK_APPLICATION (self), self->workspace);

  g_signal_connect_object (window, "rebuild", G_CALLBACK (rebuild_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
  galley_sync_service_start (galley_workspace_get_service (self->workspace));
  return window;
}

static void
sample_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyApplication) self = user_data;
  g_autoptr (GError) error = NULL;
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  GalleyId project;

  g_application_release (G_APPLICATION (self));
  if (!galley_sample_make_finish (result, &project, &error))
    {
      /* The sample is a courtesy: without it there is an empty workspace that works. */
      g_warning ("no sample project: %s", error->message);
      return;
    }

  if (GALLEY_IS_WINDOW (window))
    galley_window_suggest_project (GALLEY_WINDOW (window), &project);
}

static void
create_workspace (GalleyApplication *self, const char *folder)
{
  const char *real_name = g_get_real_name ();
  const char *name = g_strcmp0 (real_name, "Unknown") != 0 && *real_name != '\0'
                         ? real_name
                         : g_get_user_name ();
  g_autoptr (GError) error = NULL;

  self->workspace = galley_workspace_create (folder, name, 0, &error);
  if (self->workspace == NULL)
    {
      show_trouble (self, folder, error);
      return;
    }

  show_window (self);
  g_application_hold (G_APPLICATION (self));
  galley_sample_make_async (self->workspace, sample_made_cb, g_object_ref (self));
}

static void
open_workspace (GalleyApplication *self)
{
  g_autofree char *folder = get_folder (self);
  g_autofree char *database = g_build_filename (folder, "galley.db", NULL);
  g_autofree char *key = g_build_filename (folder, "device.key", NULL);
  g_autoptr (GError) error = NULL;

  /* A folder with a key was a workspace: it is not taken for a new one when its database is gone.
   */
  if (!g_file_test (database, G_FILE_TEST_EXISTS) && !g_file_test (key, G_FILE_TEST_EXISTS))
    {
      create_workspace (self, folder);
      return;
    }

  self->workspace = galley_workspace_open (folder, 0, &error);
  if (self->workspace == NULL)
    show_trouble (self, folder, error);
  else
    show_window (self);
}

/* ── actions ── */

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *const developers[] = { _ ("The Galley contributors"), NULL };

  adw_show_about_window (gtk_application_get_active_window (user_data), "application-name",
                         _ ("Galley"), "application-icon", GALLEY_APP_ID, "version", GALLEY_VERSION,
                         "developer-name", _ ("The Galley contributors"), "developers", developers,
                         "license-type", GTK_LICENSE_GPL_3_0, "comments",
                         _ ("Review images and documents together, also offline"),
                         /* Translators: your names, one a line */
                         "translator-credits", _ ("translator-credits"), NULL);
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GList *windows;

  /* Windows first: each keeps its size. */
  while ((windows = gtk_application_get_windows (user_data)) != NULL)
    {
      GtkWindow *window = windows->data;

      gtk_window_close (window);
      if (g_list_find (gtk_application_get_windows (user_data), window) != NULL)
        return;
    }

  g_application_quit (user_data);
}

static const GActionEntry entries[] = {
  { "about", about_cb, NULL, NULL, NULL, { 0 } },
  { "quit", quit_cb, NULL, NULL, NULL, { 0 } },
};

static void
set_accelerators (GtkApplication *application)
{
  static const struct
  {
    const char *action;
    const char *keys[3];
  } accelerators[] = {
    { "app.quit", { "<Control>q", NULL } },
    { "window.close", { "<Control>w", NULL } },
    { "win.search", { "<Control>f", NULL } },
    { "win.import", { "<Control>o", NULL } },
    { "win.paste", { "<Control>v", NULL } },
    { "win.new-project", { "<Control>n", NULL } },
    { "win.undo", { "<Control>z", NULL } },
    { "win.redo", { "<Control><Shift>z", "<Control>y", NULL } },
    { "win.back", { "<Alt>Left", NULL } },
    { "win.show-inbox", { "<Control>1", NULL } },
    { "win.show-first-project", { "<Control>2", NULL } },
    { "win.show-conflicts", { "<Control>3", NULL } },
    { "win.show-sync", { "<Control>4", NULL } },
    { "win.sync-menu", { "<Control>j", NULL } },
    { "win.show-help-overlay", { "<Control>question", NULL } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (application, accelerators[i].action,
                                           accelerators[i].keys);
}

/* ── the application ── */

static int
galley_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  GalleyApplication *self = GALLEY_APPLICATION (application);
  const char *environment = g_getenv ("GALLEY_WORKSPACE");

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("galley %s\n", GALLEY_VERSION);
      return 0;
    }

  if (!g_variant_dict_lookup (options, "workspace", "^ay", &self->folder) && environment != NULL &&
      *environment != '\0')
    self->folder = g_strdup (environment);
  if (self->folder != NULL)
    g_application_set_flags (application,
                             g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);

  return -1;
}

static void
galley_application_startup (GApplication *application)
{
  G_APPLICATION_CLASS (galley_application_parent_class)->startup (application);
  galley_ui_init ();
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   application);
  set_accelerators (GTK_APPLICATION (application));
}

static void
galley_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window != NULL)
    gtk_window_present (window);
  else
    open_workspace (GALLEY_APPLICATION (application));
}

static void
galley_application_shutdown (GApplication *application)
{
  GalleyApplication *self = GALLEY_APPLICATION (application);

  if (self->workspace != NULL)
    galley_workspace_close (self->workspace);
  g_clear_object (&self->workspace);
  G_APPLICATION_CLASS (galley_application_parent_class)->shutdown (application);
}

static void
galley_application_finalize (GObject *object)
{
  g_free (GALLEY_APPLICATION (object)->folder);
  G_OBJECT_CLASS (galley_application_parent_class)->finalize (object);
}

static void
galley_application_class_init (GalleyApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = galley_application_finalize;
  application_class->handle_local_options = galley_application_handle_local_options;
  application_class->startup = galley_application_startup;
  application_class->activate = galley_application_activate;
  application_class->shutdown = galley_application_shutdown;
}

static void
galley_application_init (GalleyApplication *self)
{
  g_application_add_main_option (G_APPLICATION (self), "workspace", 0, 0, G_OPTION_ARG_FILENAME,
                                 _ ("The folder of another workspace than the usual one"),
                                 _ ("DIR"));
  g_application_add_main_option (G_APPLICATION (self), "version", 0, 0, G_OPTION_ARG_NONE,
                                 _ ("Say which version this is"), NULL);
}

GalleyApplication *
galley_application_new (void)
{
  return g_object_new (GALLEY_TYPE_APPLICATION, "application-id", GALLEY_APP_ID, NULL);
}
