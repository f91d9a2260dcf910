/* galley-connections.c: how many may connect, and for how long a silent one may stay
 *
 * libsoup bounds neither. Worse, it stops listening for good when it runs out of file descriptors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-connections"

#include "server/galley-connections.h"

#include <sys/resource.h>

#define SEEN_KEY "galley-connection"
/* How long a connection may give no sign of life; lines for events do so on their own. */
#define IDLE_S 120
/* The rest of the file descriptors is for files on their way and the database. */
#define SHARE 3 / 4
#define AT_MOST 16384

struct _GalleyConnections
{
  guint *n_open; /* shared with the connections, which may outlive this */
  guint most;
};

static guint
get_most (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return 512;

  return MIN (limit.rlim_cur, AT_MOST) * SHARE;
}

GalleyConnections *
galley_connections_new (void)
{
  GalleyConnections *self = g_new0 (GalleyConnections, 1);

  self->n_open = g_rc_box_new0 (guint);
  self->most = get_most ();
  return self;
}

void
galley_connections_free (GalleyConnections *self)
{
  g_rc_box_release (self->n_open);
  g_free (self);
}

static void
connection_gone (gpointer n_open)
{
  (*(guint *)n_open)--;
  g_rc_box_release (n_open);
}

static void
started_cb (SoupServer *soup, SoupServerMessage *message, gpointer data)
{
  GalleyConnections *self = data;
  GSocket *socket = soup_server_message_get_socket (message);

  /* Of a connection's requests the first one counts. */
  if (socket == NULL || g_object_get_data (G_OBJECT (socket), SEEN_KEY) != NULL)
    return;

  g_object_set_data_full (G_OBJECT (socket), SEEN_KEY, g_rc_box_acquire (self->n_open),
                          connection_gone);
  g_socket_set_timeout (socket, IDLE_S);
  if (++*self->n_open > self->most)
    g_socket_close (socket, NULL);

  /* libsoup before 3.4 forgets the reference that it got from accepting: each connection would stay
   * in memory for ever. */
  if (!soup_check_version (3, 4, 0))
    g_object_unref (socket);
}

/**
 * galley_connections_watch:
 * @soup: goes before @self does
 */
void
galley_connections_watch (GalleyConnections *self, SoupServer *soup)
{
  g_signal_connect (soup, "request-started", G_CALLBACK (started_cb), self);
}

guint
galley_connections_get_n_open (GalleyConnections *self)
{
  return *self->n_open;
}
