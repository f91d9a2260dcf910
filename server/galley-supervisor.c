/* galley-supervisor.c: what a server tells the program that started it, and gets from it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-supervisor"

#include "server/galley-supervisor.h"

#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <stdlib.h>
#include <unistd.h>

/* The first descriptor that is handed over; sd_listen_fds(3). */
#define FIRST_FD 3

/* A name that begins with @ is not in the file system. */
static GSocketAddress *
make_address (const char *path)
{
  return *path == '@'
             ? g_unix_socket_address_new_with_type (path + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT)
             : g_unix_socket_address_new (path);
}

/**
 * galley_supervisor_tell:
 * @state: lines of NAME=VALUE
 *
 * A datagram, which is not waited for; that nobody takes it is no reason to stop.
 */
void
galley_supervisor_tell (const char *state)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL || (*path != '/' && *path != '@'))
    return;

  address = make_address (path);
  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT,
                         &error);
  if (socket != NULL)
    g_socket_set_blocking (socket, FALSE);
  if (socket == NULL || g_socket_send_to (socket, address, state, strlen (state), NULL, &error) < 0)
    g_warning ("the supervisor was not told “%s”: %s", state, error->message);
}

static gboolean
watchdog_cb (gpointer data)
{
  galley_supervisor_tell ("WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

static gboolean
is_for_us (const char *name)
{
  const char *text = g_getenv (name);
  gint64 pid;

  return text == NULL ||
         (g_ascii_string_to_signed (text, 10, 1, G_MAXINT, &pid, NULL) && pid == getpid ());
}

/**
 * galley_supervisor_watch:
 *
 * From the main loop, twice as often as the supervisor wants to hear it: so it speaks of that loop.
 *
 * Returns: a source that is removed with g_source_remove(); 0 when nobody wants to hear it
 */
guint
galley_supervisor_watch (void)
{
  const char *text = g_getenv ("WATCHDOG_USEC");
  guint64 every_us;

  if (text == NULL || !is_for_us ("WATCHDOG_PID") ||
      !g_ascii_string_to_unsigned (text, 10, 1000, G_MAXUINT32, &every_us, NULL))
    return 0;

  return g_timeout_add ((guint)(every_us / 2000), watchdog_cb, NULL);
}

/**
 * galley_supervisor_take_socket:
 *
 * Returns: (transfer full) (nullable): the socket that was opened for this server beforehand; %NULL
 *   without an error when there is none
 */
GSocket *
galley_supervisor_take_socket (GError **error)
{
  const char *text = g_getenv ("LISTEN_FDS");
  guint64 n_fds;

  if (text == NULL || g_getenv ("LISTEN_PID") == NULL || !is_for_us ("LISTEN_PID") ||
      !g_ascii_string_to_unsigned (text, 10, 1, 1024, &n_fds, NULL))
    return NULL;

  fcntl (FIRST_FD, F_SETFD, FD_CLOEXEC);
  return g_socket_new_from_fd (FIRST_FD, error);
}
