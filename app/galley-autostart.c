/* galley-autostart.c: whether the program starts with the desktop, without a window
 *
 * By the XDG Desktop Application Autostart Specification a file in the person's own folder; in a
 * sandbox that folder is not the desktop's, and its portal is asked instead.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-autostart"

#include "app/galley-autostart.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

/* What the desktop's portal has allowed: nobody can ask it for that. */
#define SETTING "autostart"

static char *
get_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "autostart", GALLEY_APP_ID ".desktop", NULL);
}

/**
 * galley_autostart_is_on:
 * @settings: of the program
 */
gboolean
galley_autostart_is_on (GSettings *settings)
{
  g_autofree char *path = get_path ();

  return galley_background_portal_is_needed () ? g_settings_get_boolean (settings, SETTING)
                                               : g_file_test (path, G_FILE_TEST_EXISTS);
}

/**
 * galley_autostart_take_grant:
 *
 * Each answer of the desktop says whether it still holds.
 */
void
galley_autostart_take_grant (GSettings *settings, const GalleyBackgroundGrant *grant)
{
  g_settings_set_boolean (settings, SETTING, grant->autostart);
}

static gboolean
write_file (const char *path, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *folder = g_path_get_dirname (path);

  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_TYPE,
                         "Application");
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_NAME, _ ("Galley"));
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_EXEC,
                         "galley --background");
  g_key_file_set_string (file, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_ICON,
                         GALLEY_APP_ID);
  g_mkdir_with_parents (folder, 0700);
  return g_key_file_save_to_file (file, path, error);
}

static gboolean
remove_file (const char *path, GError **error)
{
  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
               _ ("The file “%s” cannot be removed: %s"), path, g_strerror (errno));
  return FALSE;
}

typedef struct
{
  GSettings *settings;
  gboolean on;
} Wish;

static void
wish_free (gpointer data)
{
  g_object_unref (((Wish *)data)->settings);
  g_free (data);
}

static void
set_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Wish *wish = data;
  g_autofree char *path = get_path ();
  GError *error = NULL; /* handed to the task */

  if (wish->on ? write_file (path, &error) : remove_file (path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Wish *wish = g_task_get_task_data (task);
  GalleyBackgroundGrant grant;
  GError *error = NULL; /* handed to the task */

  if (!galley_background_portal_ask_finish (result, &grant, &error))
    return g_task_return_error (task, error);

  galley_autostart_take_grant (wish->settings, &grant);
  if (grant.autostart == wish->on)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, galley_background_portal_explain_denied ());
}

/**
 * galley_autostart_set_async:
 * @settings: of the program
 */
void
galley_autostart_set_async (GSettings *settings,
                            gboolean on,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Wish *wish = g_new0 (Wish, 1);

  wish->settings = g_object_ref (settings);
  wish->on = on;
  g_task_set_source_tag (task, galley_autostart_set_async);
  g_task_set_task_data (task, wish, wish_free);
  if (galley_background_portal_is_needed ())
    galley_background_portal_ask_async (on, NULL, asked_cb, g_steal_pointer (&task));
  else
    g_task_run_in_thread (task, set_in_thread);
}

/**
 * galley_autostart_set_finish:
 * @error: why it is as it was
 */
gboolean
galley_autostart_set_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
