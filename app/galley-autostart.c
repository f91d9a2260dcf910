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

#define PORTAL "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"

static gboolean
is_sandboxed (void)
{
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS);
}

static char *
get_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "autostart", GALLEY_APP_ID ".desktop", NULL);
}

/**
 * galley_autostart_is_on:
 *
 * Returns: whether there is a file for it; what the portal was asked for, nobody can ask
 */
gboolean
galley_autostart_is_on (void)
{
  g_autofree char *path = get_path ();

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* The answer comes to a handle that nobody waits for: the desktop asks the person itself. */
static gboolean
ask_portal (gboolean on, GError **error)
{
  const char *const command[] = { "galley", "--background", NULL };
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, error);
  g_autoptr (GVariant) answer = NULL;
  GVariantBuilder options;

  if (bus == NULL)
    return FALSE;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "reason",
                         g_variant_new_string (_ ("Changes are sent and fetched meanwhile.")));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (on));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  answer = g_dbus_connection_call_sync (bus, PORTAL, PORTAL_PATH,
                                        "org.freedesktop.portal.Background", "RequestBackground",
                                        g_variant_new ("(sa{sv})", "", &options), NULL,
                                        G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
  return answer != NULL;
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

/**
 * galley_autostart_set:
 * @error: why it is as it was
 *
 * Blocks for a moment.
 */
gboolean
galley_autostart_set (gboolean on, GError **error)
{
  g_autofree char *path = get_path ();

  if (is_sandboxed ())
    return ask_portal (on, error);
  if (on)
    return write_file (path, error);

  if (g_unlink (path) != 0 && errno != ENOENT)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _ ("The file “%s” cannot be removed: %s"), path, g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}
