/* galley-application.c: the program with the window
 *
 * One process a workspace: the usual one is found over the session bus, so that a second start only
 * brings its window to the front; one that is named on the command line is a program of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-application"

#include "app/galley-application.h"

#include "app/galley-autostart.h"
#include "app/galley-background-portal.h"
#include "app/galley-sleep.h"
#include "app/galley-sample.h"
#include "data/galley-error.h"
#include "sync/galley-workspace.h"
#include "ui/galley-notices.h"
#include "ui/galley-trouble.h"
#include "ui/galley-ui.h"
#include "ui/galley-window.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

struct _GalleyApplication
{
  AdwApplication parent_instance;

  char *folder;               /* (nullable): as given; NULL: the usual one */
  GalleyWorkspace *workspace; /* (nullable) */
  GalleyNotices *notices;     /* (nullable): of the workspace, as the next one */
  GPowerProfileMonitor *power;
  GalleySleep *sleep; /* (nullable) */
  GSettings *settings;
  gboolean hidden; /* started without a window, until somebody wants one */
  gboolean held;   /* goes on without a window */
  guint resting;   /* until it is clear that nothing more comes */
};

/* So long nothing runs before the program ends that was only kept for what ran. */
#define REST_S 2

G_DEFINE_FINAL_TYPE (GalleyApplication, galley_application, ADW_TYPE_APPLICATION)

static void open_workspace (GalleyApplication *self);

static char *
get_folder (GalleyApplication *self)
{
  return self->folder != NULL
             ? g_strdup (self->folder)
             : g_build_filename (g_get_user_data_dir (), "galley", "default", NULL);
}

/* ── with the window closed ── */

static void
release (GalleyApplication *self)
{
  g_clear_handle_id (&self->resting, g_source_remove);
  if (!self->held)
    return;
  self->held = FALSE;
  g_application_withdraw_notification (G_APPLICATION (self), "busy");
  g_application_release (G_APPLICATION (self));
}

static gboolean
is_syncing (GalleyApplication *self)
{
  return self->workspace != NULL &&
         galley_sync_service_get_state (galley_workspace_get_service (self->workspace)) ==
             GALLEY_SYNC_SYNCING;
}

static gboolean
stays_in_background (GalleyApplication *self)
{
  return g_settings_get_boolean (self->settings, "background");
}

static void
tell_busy (GalleyApplication *self)
{
  g_autoptr (GNotification) notification = g_notification_new (_ ("Galley Is Still Syncing"));

  g_notification_set_body (notification, _ ("It ends by itself once that is done. Nothing is lost "
                                            "if the computer "
                                            "is switched off before."));
  g_notification_set_default_action_and_target (notification, "app.show", "s", "sync");
  g_application_send_notification (G_APPLICATION (self), "busy", notification);
}

/* What runs is brought to its end; longer only for whom it is switched on. */
static void
window_removed_cb (GalleyApplication *self)
{
  if (self->held || self->workspace == NULL ||
      gtk_application_get_windows (GTK_APPLICATION (self)) != NULL)
    return;
  if (!stays_in_background (self) && !is_syncing (self))
    return;

  self->held = TRUE;
  g_application_hold (G_APPLICATION (self));
  if (!stays_in_background (self))
    tell_busy (self);
}

static gboolean
rested_cb (gpointer user_data)
{
  GalleyApplication *self = user_data;

  self->resting = 0;
  if (self->held && !stays_in_background (self) && !is_syncing (self))
    release (self);
  return G_SOURCE_REMOVE;
}

/* Between two jobs nothing runs either. */
static void
sync_state_cb (GalleyApplication *self)
{
  g_clear_handle_id (&self->resting, g_source_remove);
  if (self->sleep != NULL && galley_sleep_is_near (self->sleep))
    return;
  if (self->held && !stays_in_background (self) && !is_syncing (self))
    self->resting = g_timeout_add_seconds (REST_S, rested_cb, self);
}

static void
send_notice_cb (GalleyApplication *self, guint notice, guint n, const char *words)
{
  static const char *const places[] = { "inbox", "conflicts", "sync" };
  const char *const titles[] = { _ ("Others Ask for You"), _ ("People Changed the Same Thing"),
                                 _ ("Syncing Needs You") };
  g_autoptr (GNotification) notification = g_notification_new (titles[notice]);

  g_notification_set_body (notification, words);
  g_notification_set_default_action_and_target (notification, "app.show", "s", places[notice]);
  g_notification_add_button_with_target (notification, _ ("Show"), "app.show", "s", places[notice]);
  g_application_send_notification (G_APPLICATION (self), places[notice], notification);
}

static void
withdraw_notice_cb (GalleyApplication *self, guint notice)
{
  static const char *const places[] = { "inbox", "conflicts", "sync" };

  g_application_withdraw_notification (G_APPLICATION (self), places[notice]);
}

static void
active_window_cb (GalleyApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (self->notices != NULL)
    galley_notices_set_watched (self->notices, window != NULL && gtk_window_is_active (window));
}

static void
power_cb (GalleyApplication *self)
{
  galley_job_limits_set_saving_battery (galley_sync_service_get_limits (
                                            galley_workspace_get_service (self->workspace)),
                                        g_power_profile_monitor_get_power_saver_enabled (
                                            self->power));
}

/* Once for a workspace, with or without a window. */
static void
start_syncing (GalleyApplication *self)
{
  GalleySyncService *service = galley_workspace_get_service (self->workspace);

  if (self->notices != NULL)
    return;

  self->notices = galley_notices_new (galley_workspace_get_store (self->workspace), service);
  g_signal_connect_object (self->notices, "send", G_CALLBACK (send_notice_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->notices, "withdraw", G_CALLBACK (withdraw_notice_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::state", G_CALLBACK (sync_state_cb), self,
                           G_CONNECT_SWAPPED);
  self->power = g_power_profile_monitor_dup_default ();
  g_signal_connect_object (self->power, "notify::power-saver-enabled", G_CALLBACK (power_cb), self,
                           G_CONNECT_SWAPPED);
  power_cb (self);
  galley_sync_service_start (service);
  self->sleep = galley_sleep_new (service);
}

/* Before the workspace goes. */
static void
stop_following (GalleyApplication *self)
{
  if (self->power != NULL)
    g_signal_handlers_disconnect_by_func (self->power, power_cb, self);
  g_clear_object (&self->power);
  if (self->sleep != NULL)
    g_object_run_dispose (G_OBJECT (self->sleep));
  g_clear_object (&self->sleep);
  g_clear_object (&self->notices);
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
  release (self);
  stop_following (self);
  galley_workspace_close_async (self->workspace, closed_for_rebuild_cb, g_object_ref (self));
}

static GtkWidget *
show_window (GalleyApplication *self)
{
  GtkWidget *window = galley_window_new (GTK_APPLICATION (self), self->workspace);

  release (self);
  g_signal_connect_object (window, "rebuild", G_CALLBACK (rebuild_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (window, "notify::is-active", G_CALLBACK (active_window_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
  start_syncing (self);
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

  if (self->workspace == NULL)
    self->workspace = galley_workspace_open (folder, 0, &error);
  if (self->workspace == NULL)
    show_trouble (self, folder, error);
  else
    show_window (self);
}

/* With the desktop: what is there is synced. Where nothing is there yet, or something is wrong, a
 * window says so when somebody opens it. */
static void
open_hidden (GalleyApplication *self)
{
  g_autofree char *folder = get_folder (self);
  g_autoptr (GError) error = NULL;

  self->workspace = galley_workspace_open (folder, 0, &error);
  if (self->workspace == NULL)
    {
      g_message ("nothing to sync: %s", error->message);
      return;
    }

  self->held = TRUE;
  g_application_hold (G_APPLICATION (self));
  start_syncing (self);
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

/* From a notification: a place of the window, which may have to be opened first. */
static void
show_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autofree char *name = g_strconcat ("show-", g_variant_get_string (parameter, NULL), NULL);
  GtkWindow *window;

  g_application_activate (user_data);
  window = gtk_application_get_active_window (user_data);
  if (GALLEY_IS_WINDOW (window) && g_action_group_has_action (G_ACTION_GROUP (window), name))
    g_action_group_activate_action (G_ACTION_GROUP (window), name, NULL);
}

static void
tell_not_allowed (GApplication *application, const char *heading, const GError *error)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (GALLEY_IS_WINDOW (window))
    galley_window_tell (GALLEY_WINDOW (window), heading, error->message);
  else
    g_warning ("%s: %s", heading, error->message);
}

static void
show_autostart (GalleyApplication *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "autostart");

  g_simple_action_set_state (G_SIMPLE_ACTION (action),
                             g_variant_new_boolean (galley_autostart_is_on (self->settings)));
}

static void
autostart_set_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GApplication) application = user_data;
  g_autoptr (GError) error = NULL;

  if (!galley_autostart_set_finish (result, &error))
    tell_not_allowed (application, _ ("It Does Not Start With the Desktop"), error);
  if (GALLEY_APPLICATION (application)->settings != NULL)
    show_autostart (GALLEY_APPLICATION (application));
}

static void
autostart_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  galley_autostart_set_async (GALLEY_APPLICATION (user_data)->settings,
                              g_variant_get_boolean (state), autostart_set_cb,
                              g_object_ref (user_data));
}

static void
background_asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GApplication) application = user_data;
  GalleyApplication *self = GALLEY_APPLICATION (application);
  g_autoptr (GError) error = NULL;
  GalleyBackgroundGrant grant;
  gboolean answered = galley_background_portal_ask_finish (result, &grant, &error);

  if (answered && self->settings != NULL)
    {
      galley_autostart_take_grant (self->settings, &grant);
      show_autostart (self);
    }
  if (answered && grant.background)
    return;
  if (error == NULL)
    error = galley_background_portal_explain_denied ();

  tell_not_allowed (application, _ ("It Does Not Go On Without a Window"), error);
  if (self->settings != NULL)
    g_settings_set_boolean (self->settings, "background", FALSE);
}

/* A desktop ends what goes on in a sandbox without having asked. */
static void
background_changed_cb (GalleyApplication *self)
{
  if (stays_in_background (self) && galley_background_portal_is_needed ())
    galley_background_portal_ask_async (galley_autostart_is_on (self->settings), NULL,
                                        background_asked_cb, g_object_ref (self));
}

static const GActionEntry entries[] = {
  { "show", show_cb, "s", NULL, NULL, { 0 } },
  { "autostart", NULL, NULL, "false", autostart_cb, { 0 } },
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

  self->hidden = g_variant_dict_contains (options, "background");
  if (!g_variant_dict_lookup (options, "workspace", "^ay", &self->folder) && environment != NULL &&
      *environment != '\0')
    self->folder = g_strdup (environment);
  if (self->folder != NULL)
    g_application_set_flags (application,
                             g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);

  return -1;
}

/* The session ends, or somebody with a terminal wants it to: what runs is stopped cleanly, and goes
 * on at the next start. */
static gboolean
terminated_cb (gpointer user_data)
{
  g_application_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static void
add_settings (GalleyApplication *self)
{
  g_autoptr (GAction) background = NULL;

  self->settings = g_settings_new (GALLEY_APP_ID);
  background = g_settings_create_action (self->settings, "background");
  g_action_map_add_action (G_ACTION_MAP (self), background);
  show_autostart (self);
  g_signal_connect_object (self->settings, "changed::background",
                           G_CALLBACK (background_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "window-removed", G_CALLBACK (window_removed_cb), self,
                           G_CONNECT_AFTER);
}

static void
galley_application_startup (GApplication *application)
{
  G_APPLICATION_CLASS (galley_application_parent_class)->startup (application);
  galley_ui_init ();
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   application);
  add_settings (GALLEY_APPLICATION (application));
  g_unix_signal_add (SIGTERM, terminated_cb, application);
  g_unix_signal_add (SIGINT, terminated_cb, application);
  set_accelerators (GTK_APPLICATION (application));
}

static void
galley_application_activate (GApplication *application)
{
  GalleyApplication *self = GALLEY_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window != NULL)
    gtk_window_present (window);
  else if (self->hidden)
    open_hidden (self);
  else
    open_workspace (self);
  self->hidden = FALSE;
}

static void
galley_application_shutdown (GApplication *application)
{
  GalleyApplication *self = GALLEY_APPLICATION (application);

  stop_following (self);
  g_clear_handle_id (&self->resting, g_source_remove);
  if (self->workspace != NULL)
    galley_workspace_close (self->workspace);
  g_clear_object (&self->workspace);
  g_clear_object (&self->settings);
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
  g_application_add_main_option (G_APPLICATION (self), "background", 0, 0, G_OPTION_ARG_NONE,
                                 _ ("Sync without a window, until one is asked for"), NULL);
  g_application_add_main_option (G_APPLICATION (self), "version", 0, 0, G_OPTION_ARG_NONE,
                                 _ ("Say which version this is"), NULL);
}

GalleyApplication *
galley_application_new (void)
{
  return g_object_new (GALLEY_TYPE_APPLICATION, "application-id", GALLEY_APP_ID, NULL);
}
