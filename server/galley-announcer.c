/* galley-announcer.c: tells connected devices that there is something new, and where
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-announcer"

#include "server/galley-announcer.h"

/* Pushes that follow each other closely are told in one go: two hundred listeners and a thousand
 * pushes a second would be nothing but announcements. No person sees this delay. */
#define GATHER_MS 10
/* An administrator works in another process: who is who is compared this often. */
#define DIRECTORY_MS 1000
/* Shorter than what proxies and routers let a silent line live. */
#define KEEPALIVE_S 30
/* Devices have nothing to say on this line. */
#define INCOMING_MAX_BYTES 4096

typedef struct
{
  GalleyAnnouncer *announcer;
  SoupWebsocketConnection *connection; /* (owned) */
  GalleySession session;
} Listener;

struct _GalleyAnnouncer
{
  GalleyBackend *backend;
  const GalleyWorld *world;
  GPtrArray *listeners; /* of Listener */
  GHashTable *grown;    /* GalleyId of a project to guint64, both owned: not yet told */
  guint gathering;      /* timer; 0: none */
  guint watch;          /* timer */
  gint64 directory_version;
  guint64 n_sent;
};

static void
listener_free (gpointer data)
{
  Listener *listener = data;

  g_signal_handlers_disconnect_by_data (listener->connection, listener);
  if (soup_websocket_connection_get_state (listener->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (listener->connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
  g_object_unref (listener->connection);
  g_free (listener);
}

static void
send_text (Listener *listener, const char *text)
{
  if (soup_websocket_connection_get_state (listener->connection) != SOUP_WEBSOCKET_STATE_OPEN)
    return;

  soup_websocket_connection_send_text (listener->connection, text);
  listener->announcer->n_sent++;
}

/* ── who is who ── */

static void
tell_directory (GalleyAnnouncer *self)
{
  /* From the end: those whose access was withdrawn go out of the list. */
  for (guint i = self->listeners->len; i > 0; i--)
    {
      Listener *listener = self->listeners->pdata[i - 1];
      g_autoptr (GError) error = NULL;

      if (self->backend->ops->refresh (self->backend, &listener->session, &error))
        send_text (listener, "{\"directory\":1}");
      else if (g_error_matches (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_UNAUTHORIZED))
        g_ptr_array_remove_index_fast (self->listeners, i - 1);
    }
}

/**
 * galley_announcer_directory:
 *
 * Looks whether persons, devices, roles or projects changed, and says so.
 */
void
galley_announcer_directory (GalleyAnnouncer *self)
{
  g_autoptr (GError) error = NULL;
  gint64 version;

  if (!self->backend->ops->get_directory_version (self->backend, &version, &error))
    {
      g_warning ("Cannot see who is who: %s", error->message);
      return;
    }
  if (version == self->directory_version)
    return;

  self->directory_version = version;
  tell_directory (self);
}

static gboolean
watch_cb (gpointer data)
{
  GalleyAnnouncer *self = data;

  self->watch = galley_world_add_timeout (self->world, DIRECTORY_MS, watch_cb, self);
  if (self->listeners->len > 0)
    galley_announcer_directory (self);
  return G_SOURCE_REMOVE;
}

/* ── what has grown ── */

static void
tell_stream (GalleyAnnouncer *self, const GalleyId *project, guint64 position)
{
  g_autofree char *event = galley_event_to_text (project, position);
  g_autoptr (GHashTable)
      readers = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL, NULL);

  for (guint i = 0; i < self->listeners->len; i++)
    {
      Listener *listener = self->listeners->pdata[i];
      gpointer may_read;
      GalleyRole role;

      /* A person has several devices, and asking costs more than sending. */
      if (!g_hash_table_lookup_extended (readers, &listener->session.person, NULL, &may_read))
        {
          may_read = GINT_TO_POINTER (self->backend->ops->get_role (self->backend,
                                                                    &listener->session, project,
                                                                    &role, NULL));
          g_hash_table_insert (readers, &listener->session.person, may_read);
        }
      if (GPOINTER_TO_INT (may_read))
        send_text (listener, event);
    }
}

static gboolean
gathered_cb (gpointer data)
{
  GalleyAnnouncer *self = data;
  g_autoptr (GHashTable) grown = g_steal_pointer (&self->grown);
  GHashTableIter iter;
  gpointer project, position;

  self->grown = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, g_free);
  self->gathering = 0;
  g_hash_table_iter_init (&iter, grown);
  while (g_hash_table_iter_next (&iter, &project, &position))
    tell_stream (self, project, *(guint64 *)position);
  return G_SOURCE_REMOVE;
}

/**
 * galley_announcer_stream:
 * @position: where the project's stream now ends
 *
 * Tells the devices of those who may read the project, in a moment.
 */
void
galley_announcer_stream (GalleyAnnouncer *self, const GalleyId *project, guint64 position)
{
  if (self->listeners->len == 0)
    return;

  g_hash_table_replace (self->grown, g_memdup2 (project, sizeof *project),
                        g_memdup2 (&position, sizeof position));
  if (self->gathering == 0)
    self->gathering = galley_world_add_timeout (self->world, GATHER_MS, gathered_cb, self);
}

/* ── listeners ── */

static void
closed_cb (SoupWebsocketConnection *connection, gpointer data)
{
  Listener *listener = data;

  g_ptr_array_remove_fast (listener->announcer->listeners, listener);
}

/**
 * galley_announcer_add:
 * @session: whose device it is; the line is closed when its access is withdrawn
 */
void
galley_announcer_add (GalleyAnnouncer *self,
                      const GalleySession *session,
                      SoupWebsocketConnection *connection)
{
  Listener *listener = g_new0 (Listener, 1);

  listener->announcer = self;
  listener->connection = g_object_ref (connection);
  listener->session = *session;
  g_ptr_array_add (self->listeners, listener);
  soup_websocket_connection_set_keepalive_interval (connection, KEEPALIVE_S);
  soup_websocket_connection_set_max_incoming_payload_size (connection, INCOMING_MAX_BYTES);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), listener);
  send_text (listener, "{\"hello\":1}");
}

/**
 * galley_announcer_hang_up:
 *
 * Closes all lines.
 */
void
galley_announcer_hang_up (GalleyAnnouncer *self)
{
  g_ptr_array_set_size (self->listeners, 0);
}

guint
galley_announcer_get_n_listeners (GalleyAnnouncer *self)
{
  return self->listeners->len;
}

guint64
galley_announcer_get_n_sent (GalleyAnnouncer *self)
{
  return self->n_sent;
}

/**
 * galley_announcer_new:
 * @backend: outlives it
 *
 * On the calling thread's default main context.
 */
GalleyAnnouncer *
galley_announcer_new (GalleyBackend *backend, const GalleyWorld *world)
{
  GalleyAnnouncer *self = g_new0 (GalleyAnnouncer, 1);

  self->backend = backend;
  self->world = world;
  self->listeners = g_ptr_array_new_with_free_func (listener_free);
  self->grown = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, g_free);
  galley_announcer_directory (self);
  self->watch = galley_world_add_timeout (self->world, DIRECTORY_MS, watch_cb, self);
  return self;
}

void
galley_announcer_free (GalleyAnnouncer *self)
{
  galley_world_remove_timeout (self->world, self->watch);
  if (self->gathering != 0)
    galley_world_remove_timeout (self->world, self->gathering);
  g_ptr_array_unref (self->listeners);
  g_hash_table_unref (self->grown);
  g_free (self);
}
