/* galley-background-portal.c: asks the desktop whether a program in a sandbox may go on, or start,
 * without a window
 *
 *   listen at the address that the answer will have ──► ask ──► the person, or a rule, decides
 *
 * By org.freedesktop.portal.Background and org.freedesktop.portal.Request of the XDG desktop
 * portals. The address has to be known before: an answer may come before that of the call.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-background-portal"

#include "app/galley-background-portal.h"

#include <glib/gi18n.h>

#define PORTAL "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"

/* One question. */
typedef struct
{
  gboolean autostart;
  char *token;
  GDBusConnection *bus;
  guint subscription;
  GalleyBackgroundGrant grant;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  if (question->subscription != 0)
    g_dbus_connection_signal_unsubscribe (question->bus, question->subscription);
  g_clear_object (&question->bus);
  g_free (question->token);
  g_free (question);
}

/**
 * galley_background_portal_is_needed:
 *
 * Returns: whether the program is in a sandbox, or was told by GTK_USE_PORTAL to do as if
 */
gboolean
galley_background_portal_is_needed (void)
{
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) ||
         g_strcmp0 (g_getenv ("GTK_USE_PORTAL"), "1") == 0;
}

/* ── the answer ── */

static gboolean
is_granted (GVariant *results, const char *name)
{
  gboolean granted = FALSE;

  return g_variant_lookup (results, name, "b", &granted) && granted;
}

/* 0: done, 1: it is not allowed, 2: something else; and what holds from now on, which says more. */
static void
response_cb (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *interface,
             const char *signal,
             GVariant *parameters,
             gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  Question *question = g_task_get_task_data (task);
  g_autoptr (GVariant) results = NULL;
  guint32 response;

  g_variant_get (parameters, "(u@a{sv})", &response, &results);
  g_dbus_connection_signal_unsubscribe (bus, question->subscription);
  question->subscription = 0;
  question->grant.background = is_granted (results, "background");
  question->grant.autostart = is_granted (results, "autostart");
  g_task_return_boolean (task, TRUE);
}

/**
 * galley_background_portal_explain_denied:
 *
 * Returns: (transfer full): why it is not as somebody wants it
 */
GError *
galley_background_portal_explain_denied (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                              _ ("The desktop does not allow it. Let Galley run in the background "
                                 "in the desktop’s settings, then try again."));
}

/* ── the question ── */

static void
called_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Question *question = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant)
      handle = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (handle != NULL || question->subscription == 0)
    return;

  g_dbus_connection_signal_unsubscribe (question->bus, question->subscription);
  question->subscription = 0;
  g_dbus_error_strip_remote_error (error);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                           _ ("The desktop could not be asked: %s"), error->message);
}

/* ":1.42" is "1_42" in the address of an answer. */
static char *
get_answer_path (const Question *question)
{
  g_autofree char *sender = g_strdup (g_dbus_connection_get_unique_name (question->bus) + 1);

  return g_strdup_printf (PORTAL_PATH "/request/%s/%s", g_strdelimit (sender, ".", '_'),
                          question->token);
}

static GVariant *
make_options (const Question *question)
{
  const char *const command[] = { "galley", "--background", NULL };
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (question->token));
  g_variant_builder_add (&options, "{sv}", "reason",
                         g_variant_new_string (_ ("Changes are sent and fetched meanwhile.")));
  g_variant_builder_add (&options, "{sv}", "autostart",
                         g_variant_new_boolean (question->autostart));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  return g_variant_builder_end (&options);
}

static void
bus_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Question *question = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  g_autofree char *path = NULL;

  question->bus = g_bus_get_finish (result, &error);
  if (question->bus == NULL)
    return g_task_return_error (task, error);

  path = get_answer_path (question);
  question->subscription =
      g_dbus_connection_signal_subscribe (question->bus, PORTAL, "org.freedesktop.portal.Request",
                                          "Response", path, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                          response_cb, g_object_ref (task), g_object_unref);
  g_dbus_connection_call (question->bus, PORTAL, PORTAL_PATH, "org.freedesktop.portal.Background",
                          "RequestBackground",
                          g_variant_new ("(s@a{sv})", "", make_options (question)),
                          G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, -1,
                          g_task_get_cancellable (task), called_cb, g_object_ref (task));
}

/**
 * galley_background_portal_ask_async:
 * @autostart: whether it is to start with the session as well, or not any more
 *
 * The person may be asked by the desktop, which takes as long as it takes.
 */
void
galley_background_portal_ask_async (gboolean autostart,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Question *question = g_new0 (Question, 1);

  g_task_set_source_tag (task, galley_background_portal_ask_async);
  question->autostart = autostart;
  question->token = g_strdup_printf ("galley_%u", g_random_int ());
  g_task_set_task_data (task, question, question_free);
  g_bus_get (G_BUS_TYPE_SESSION, cancellable, bus_found_cb, task);
}

/**
 * galley_background_portal_ask_finish:
 * @grant: (out caller-allocates): what holds from now on, whatever was wanted
 *
 * Returns: whether there is an answer; %FALSE with @error set, a sentence, when nobody answers
 */
gboolean
galley_background_portal_ask_finish (GAsyncResult *result,
                                     GalleyBackgroundGrant *grant,
                                     GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  *grant = ((Question *)g_task_get_task_data (G_TASK (result)))->grant;
  return g_task_propagate_boolean (G_TASK (result), error);
}
