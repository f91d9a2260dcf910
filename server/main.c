/* main.c: galley-server: serves, and answers administrators
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-server"

#include "server/galley-server-admin.h"
#include "server/galley-server.h"
#include "server/galley-supervisor.h"

#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <sys/resource.h>

/* How long those who are being answered may take to take it. */
#define DRAIN_US (10 * G_USEC_PER_SEC)
#define DRAIN_STEP_MS 20

typedef struct
{
  GMainLoop *loop;
  GalleyServer *server;
  gint64 drain_until_us; /* monotonic */
} Serving;

static gboolean
drained_cb (gpointer data)
{
  Serving *serving = data;

  if (!galley_server_drain (serving->server) && g_get_monotonic_time () < serving->drain_until_us)
    return G_SOURCE_CONTINUE;

  g_main_loop_quit (serving->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
terminated_cb (gpointer data)
{
  Serving *serving = data;

  galley_supervisor_tell ("STOPPING=1\nSTATUS=Answering those who are still here");
  serving->drain_until_us = g_get_monotonic_time () + DRAIN_US;
  g_timeout_add (DRAIN_STEP_MS, drained_cb, serving);
  return G_SOURCE_REMOVE;
}

/* Each connected device takes a descriptor, and the usual bound is made for programs that wait for
 * one thing at a time. */
static void
allow_many_connections (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
}

/* On the socket that was opened beforehand, if there is one: then nobody is turned away while the
 * server is being started anew. */
static gboolean
listen_somewhere (GalleyServer *server,
                  const char *address,
                  const char *certificate,
                  const char *key,
                  GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GSocket) socket = galley_supervisor_take_socket (&local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  return socket != NULL ? galley_server_listen_on (server, socket, certificate, key, error)
                        : galley_server_listen (server, address, certificate, key, error);
}

static int
serve (const char *folder,
       const char *address,
       const char *certificate,
       const char *key,
       gboolean logs)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyServer) server = NULL;
  Serving serving = { .loop = loop };
  g_autofree char *status = NULL;
  guint watchdog;

  allow_many_connections ();
  serving.server = server = galley_server_new (folder, galley_world_real (), &error);
  if (server != NULL && logs)
    galley_server_set_log (server, stderr);
  if (server == NULL || !listen_somewhere (server, address, certificate, key, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  /* Before anybody is told that it is there, and could tell it to go. */
  g_unix_signal_add (SIGTERM, terminated_cb, &serving);
  g_unix_signal_add (SIGINT, terminated_cb, &serving);
  g_print ("listening on %s\n", galley_server_get_uri (server));
  fflush (stdout);
  status = g_strdup_printf ("READY=1\nSTATUS=Listening on %s", galley_server_get_uri (server));
  galley_supervisor_tell (status);
  watchdog = galley_supervisor_watch ();
  g_main_loop_run (loop);
  if (watchdog != 0)
    g_source_remove (watchdog);
  galley_server_close (server);
  return 0;
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL, *address = NULL, *certificate = NULL, *key = NULL;
  g_autofree char *person = NULL, *role = NULL, *reason = NULL;
  int uses = 1, percent = -1;
  gboolean json = FALSE, logs = FALSE;
  g_auto (GStrv) rest = NULL;
  const GOptionEntry entries[] = {
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Where everything is kept", "DIR" },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &address, "Where to listen; port 0 takes a free one",
      "ADDRESS:PORT" },
    { "tls-certificate", 0, 0, G_OPTION_ARG_FILENAME, &certificate, "PEM file", "FILE" },
    { "tls-key", 0, 0, G_OPTION_ARG_FILENAME, &key, "PEM file", "FILE" },
    { "log", 0, 0, G_OPTION_ARG_NONE, &logs, "Write a line of JSON for each request", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Answer in JSON", NULL },
    { "uses", 0, 0, G_OPTION_ARG_INT, &uses, "How often an invite can be used", "N" },
    { "percent", 0, 0, G_OPTION_ARG_INT, &percent, "On how many of a hundred devices a flag is on",
      "N" },
    { "reason", 0, 0, G_OPTION_ARG_STRING, &reason, "Why a flag is switched", "TEXT" },
    { "person", 0, 0, G_OPTION_ARG_STRING, &person, "Whose", "NAME" },
    { "role", 0, 0, G_OPTION_ARG_STRING, &role, "none, guest, reviewer, lead or admin", "ROLE" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &rest, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("[admin NOUN VERB …]");
  g_autoptr (GError) error = NULL;

  /* The server's words go to people of all languages, whose devices translate them: it speaks
   * English, in the letters of the terminal. */
  setlocale (LC_CTYPE, "");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_description (
      context, "admin invite create --person NAME --role guest|reviewer|lead|admin [--uses N]\n"
               "admin person list\n"
               "admin device list | device revoke DEVICE\n"
               "admin project list | project roles PROJECT [--person PERSON --role ROLE]\n"
               "admin flag list | flag history\n"
               "admin flag set NAME --percent N [--role ROLE] [--reason TEXT]\n"
               "admin flag forget NAME [--role ROLE] [--reason TEXT]\n"
               "admin health | stream verify [PROJECT]\n"
               "admin backup DIR | backup verify DIR | restore DIR\n");
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (folder == NULL)
    {
      g_printerr ("Say with --data DIR where everything is kept.\n");
      return 2;
    }
  if ((certificate == NULL) != (key == NULL))
    {
      g_printerr ("TLS needs both --tls-certificate and --tls-key.\n");
      return 2;
    }

  if (rest != NULL && g_str_equal (rest[0], "admin"))
    {
      const GalleyAdminOptions options = {
        .person = person, .role = role, .reason = reason, .uses = uses, .percent = percent
      };

      return galley_server_admin_run (folder, json, &options, rest + 1);
    }
  if (rest != NULL)
    {
      g_printerr ("There is no command “%s”; see --help.\n", rest[0]);
      return 2;
    }

  return serve (folder, address != NULL ? address : "127.0.0.1:8443", certificate, key, logs);
}
