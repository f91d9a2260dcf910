/* galley-test-server.c: a whole server in the test's own process, on a thread of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-server.h"

#include "server/galley-server.h"

struct _GalleyTestServer
{
  char *folder;
  char *url;
  char *address; /* as it was the first time: the same port again */
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;

  GMutex lock;
  GCond changed;
  gboolean running;
};

static GalleyServer *
open_server (GalleyTestServer *self)
{
  g_autoptr (GError) error = NULL;
  GalleyServer *server = galley_server_new (self->folder, galley_world_real (), &error);

  g_assert_no_error (error);
  galley_server_listen (server, self->address, NULL, NULL, &error);
  g_assert_no_error (error);
  return server;
}

static void
set_running (GalleyTestServer *self, gboolean running)
{
  g_mutex_lock (&self->lock);
  self->running = running;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static gpointer
serve (gpointer data)
{
  GalleyTestServer *self = data;
  GalleyServer *server;

  g_main_context_push_thread_default (self->context);
  server = open_server (self);
  if (self->url == NULL)
    {
      self->url = g_strdup (galley_server_get_uri (server));
      g_free (self->address);
      self->address = g_strdup (g_strrstr (self->url, "/") + 1);
    }
  set_running (self, TRUE);

  g_main_loop_run (self->loop);

  galley_server_close (server);
  while (!galley_server_drain (server) || g_main_context_pending (self->context))
    g_main_context_iteration (self->context, TRUE);
  g_assert_finalize_object (server);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/**
 * galley_test_server_new:
 * @folder: where it keeps everything; made when it is not there
 *
 * Returns: (transfer full): a server that listens on a free port of this machine alone
 */
GalleyTestServer *
galley_test_server_new (const char *folder)
{
  GalleyTestServer *self = g_new0 (GalleyTestServer, 1);

  self->folder = g_strdup (folder);
  self->address = g_strdup ("127.0.0.1:0");
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  galley_test_server_start (self);
  return self;
}

void
galley_test_server_free (GalleyTestServer *self)
{
  if (self->running)
    galley_test_server_stop (self);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self->folder);
  g_free (self->url);
  g_free (self->address);
  g_free (self);
}

const char *
galley_test_server_get_url (GalleyTestServer *self)
{
  return self->url;
}

const char *
galley_test_server_get_folder (GalleyTestServer *self)
{
  return self->folder;
}

void
galley_test_server_start (GalleyTestServer *self)
{
  g_assert_false (self->running);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("test-server", serve, self);

  g_mutex_lock (&self->lock);
  while (!self->running)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

static gboolean
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

void
galley_test_server_stop (GalleyTestServer *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_assert_true (self->running);
  g_source_set_callback (source, quit_cb, self->loop, NULL);
  g_source_attach (source, self->context);
  g_thread_join (g_steal_pointer (&self->thread));
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  self->running = FALSE;
}

static GalleyBackend *
open_backend (GalleyTestServer *self)
{
  g_autoptr (GError) error = NULL;
  GalleyBackend *backend = galley_sqlite_backend_open (self->folder, galley_world_real (), &error);

  g_assert_no_error (error);
  return backend;
}

/**
 * galley_test_server_invite:
 *
 * Returns: (transfer full): a code that can be used once
 */
char *
galley_test_server_invite (GalleyTestServer *self, const char *person, GalleyRole role)
{
  GalleyBackend *backend = open_backend (self);
  g_autoptr (GError) error = NULL;
  char *code = backend->ops->create_invite (backend, person, role, 1, &error);

  g_assert_no_error (error);
  backend->ops->close (backend);
  return code;
}

void
galley_test_server_set_role (GalleyTestServer *self,
                             const GalleyId *project,
                             const GalleyId *person,
                             GalleyRole role)
{
  GalleyBackend *backend = open_backend (self);
  g_autoptr (GError) error = NULL;

  backend->ops->set_role (backend, project, person, role, &error);
  g_assert_no_error (error);
  backend->ops->close (backend);
}

void
galley_test_server_revoke (GalleyTestServer *self, const GalleyId *device)
{
  GalleyBackend *backend = open_backend (self);
  g_autoptr (GError) error = NULL;

  backend->ops->revoke (backend, device, &error);
  g_assert_no_error (error);
  backend->ops->close (backend);
}

void
galley_test_server_set_flag (GalleyTestServer *self, const char *name, GalleyRole role, int percent)
{
  GalleyBackend *backend = open_backend (self);
  const GalleyFlagChange change = {
    .name = (char *)name, .role = role, .percent = percent, .seen = GALLEY_FLAG_NOT_SEEN
  };
  g_autoptr (GError) error = NULL;

  backend->ops->set_flag (backend, &change, &error);
  g_assert_no_error (error);
  backend->ops->close (backend);
}

/* All that the server keeps is what the devices wrote and signed. */
void
galley_test_server_assert_verified (GalleyTestServer *self)
{
  GalleyBackend *backend = open_backend (self);
  g_autoptr (GError) error = NULL;
  guint64 n_changes;

  backend->ops->verify (backend, NULL, &n_changes, &error);
  g_assert_no_error (error);
  backend->ops->close (backend);
}
