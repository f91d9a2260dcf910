/* galley-workspace.c: one account on one server, or none: everything of it that a program holds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-workspace"

#include "sync/galley-workspace.h"

#include "data/galley-directory.h"
#include "sync/galley-caretaker.h"
#include "sync/galley-enrolment.h"
#include "sync/galley-meter.h"
#include "sync/galley-soup-transport.h"

#include <glib/gi18n-lib.h>

/* How long the server may give no sign of life, in seconds. */
#define TIMEOUT_S 30

struct _GalleyWorkspace
{
  GObject parent_instance;

  GalleyStore *store;
  GalleyFileStore *files;
  GalleySyncService *service;
  GalleyMeter *meter;
  GalleyCaretaker *caretaker;
  GalleyRenderer *renderer;
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (GalleyWorkspace, galley_workspace, G_TYPE_OBJECT)

static void
galley_workspace_dispose (GObject *object)
{
  GalleyWorkspace *self = GALLEY_WORKSPACE (object);

  if (self->meter != NULL)
    galley_meter_stop (self->meter);
  g_clear_object (&self->meter);
  g_clear_object (&self->caretaker);
  g_clear_object (&self->service);
  g_clear_object (&self->renderer);
  if (self->store != NULL && !self->closed)
    galley_store_close (self->store);
  self->closed = TRUE;
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_workspace_parent_class)->dispose (object);
}

static void
galley_workspace_finalize (GObject *object)
{
  GalleyWorkspace *self = GALLEY_WORKSPACE (object);

  g_clear_pointer (&self->files, galley_file_store_free);
  G_OBJECT_CLASS (galley_workspace_parent_class)->finalize (object);
}

static void
galley_workspace_class_init (GalleyWorkspaceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = galley_workspace_dispose;
  object_class->finalize = galley_workspace_finalize;
}

static void
galley_workspace_init (GalleyWorkspace *self)
{
}

static GalleyWorkspace *
open_workspace (const char *folder, GalleyStoreFlags flags, GError **error)
{
  g_autoptr (GalleyStore) store = galley_store_open (folder, flags, galley_world_real (), error);
  g_autoptr (GalleyTransport) transport = NULL;
  g_autofree char *files = g_build_filename (folder, "files", NULL);
  g_autofree char *cache = g_build_filename (folder, "cache", NULL);
  GalleyWorkspace *self;

  if (store == NULL)
    return NULL;
  if (!galley_enrolment_repair (store, error))
    {
      galley_store_close (store);
      return NULL;
    }

  transport = galley_soup_transport_new (TIMEOUT_S);
  self = g_object_new (GALLEY_TYPE_WORKSPACE, NULL);
  self->service = galley_sync_service_new (store, transport, g_network_monitor_get_default ());
  self->meter = galley_meter_new (store, self->service, transport);
  self->caretaker = galley_caretaker_new (store, self->service);
  self->files = galley_file_store_new (files);
  self->renderer = galley_renderer_new (NULL, cache);
  self->store = g_steal_pointer (&store);
  return self;
}

/* writer thread */
static gboolean
write_name (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, "name", data, error);
}

/**
 * galley_workspace_create:
 * @folder: must hold no workspace yet; made when it is not there
 * @name: (nullable): what the person who works here is called
 * @error: %GALLEY_DATA_ERROR_EXISTS when there is one already
 *
 * Blocks for a moment. The calling thread's default main context must be the main one.
 *
 * Returns: (transfer full): a local workspace; its sync service does nothing until it is started
 */
GalleyWorkspace *
galley_workspace_create (const char *folder,
                         const char *name,
                         GalleyStoreFlags flags,
                         GError **error)
{
  g_autofree char *database = g_build_filename (folder, "galley.db", NULL);
  g_autoptr (GalleyWorkspace) self = NULL;

  if (g_file_test (database, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_EXISTS,
                   _ ("There is a workspace in “%s” already. It was left as it is."), folder);
      return NULL;
    }

  self = open_workspace (folder, flags | GALLEY_STORE_CREATE, error);
  if (self == NULL)
    return NULL;
  if (name != NULL && !galley_store_write (self->store, write_name, (gpointer)name, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * galley_workspace_open:
 * @flags: with %GALLEY_STORE_CREATE a workspace that is not there is made
 * @error: %GALLEY_DATA_ERROR_NOT_FOUND when there is none
 *
 * Blocks for a moment.
 *
 * Returns: (transfer full): the workspace; its sync service does nothing until it is started
 */
GalleyWorkspace *
galley_workspace_open (const char *folder, GalleyStoreFlags flags, GError **error)
{
  return open_workspace (folder, flags, error);
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyWorkspace *self = g_task_get_source_object (task);

  galley_sync_service_stop_finish (GALLEY_SYNC_SERVICE (source), result);
  if (!self->closed)
    galley_store_close (self->store);
  self->closed = TRUE;
  g_task_return_boolean (task, TRUE);
}

/**
 * galley_workspace_close_async:
 *
 * What runs is stopped and goes on at the next start; all is on disk once @callback runs.
 */
void
galley_workspace_close_async (GalleyWorkspace *self,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task;

  g_return_if_fail (GALLEY_IS_WORKSPACE (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, galley_workspace_close_async);
  g_clear_object (&self->caretaker);
  galley_meter_stop (self->meter);
  galley_sync_service_stop_async (self->service, stopped_cb, task);
}

void
galley_workspace_close_finish (GalleyWorkspace *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* A GAsyncReadyCallback of the functions that block. */
static void
keep_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/**
 * galley_workspace_close:
 *
 * For programs without a window: runs the main loop until all is on disk.
 */
void
galley_workspace_close (GalleyWorkspace *self)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_workspace_close_async (self, keep_result_cb, &result);
  wait_for (&result);
  galley_workspace_close_finish (self, result);
}

const char *
galley_workspace_get_folder (GalleyWorkspace *self)
{
  g_return_val_if_fail (GALLEY_IS_WORKSPACE (self), NULL);

  return galley_store_get_folder (self->store);
}

/**
 * galley_workspace_get_store:
 *
 * Returns: (transfer none): the database
 */
GalleyStore *
galley_workspace_get_store (GalleyWorkspace *self)
{
  g_return_val_if_fail (GALLEY_IS_WORKSPACE (self), NULL);

  return self->store;
}

/**
 * galley_workspace_get_files:
 *
 * Returns: (transfer none): the bytes of versions
 */
GalleyFileStore *
galley_workspace_get_files (GalleyWorkspace *self)
{
  g_return_val_if_fail (GALLEY_IS_WORKSPACE (self), NULL);

  return self->files;
}

/**
 * galley_workspace_get_service:
 *
 * Returns: (transfer none): start it with galley_sync_service_start()
 */
GalleySyncService *
galley_workspace_get_service (GalleyWorkspace *self)
{
  g_return_val_if_fail (GALLEY_IS_WORKSPACE (self), NULL);

  return self->service;
}

/**
 * galley_workspace_get_renderer:
 *
 * Returns: (transfer none): looks into images and PDFs
 */
GalleyRenderer *
galley_workspace_get_renderer (GalleyWorkspace *self)
{
  g_return_val_if_fail (GALLEY_IS_WORKSPACE (self), NULL);

  return self->renderer;
}

static void
enrolled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyWorkspace *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */

  if (!galley_enrolment_run_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  galley_sync_service_look (self->service);
  g_task_return_boolean (task, TRUE);
}

/**
 * galley_workspace_connect_async:
 * @url: the server's address, as a person typed it
 * @invite: the code
 *
 * Makes this device one of the server's. Everything made before is kept, and shared from now on.
 */
void
galley_workspace_connect_async (GalleyWorkspace *self,
                                const char *url,
                                const char *invite,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GalleyTransport) transport = NULL;
  GTask *task;

  g_return_if_fail (GALLEY_IS_WORKSPACE (self));
  g_return_if_fail (url != NULL && invite != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, galley_workspace_connect_async);
  transport = galley_soup_transport_new (TIMEOUT_S);
  galley_enrolment_run_async (self->store, transport, url, invite, cancellable, enrolled_cb, task);
}

/**
 * galley_workspace_connect_finish:
 * @error: a %GALLEY_SYNC_ERROR with a sentence: a wrong address or code, no server there, …
 */
gboolean
galley_workspace_connect_finish (GalleyWorkspace *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * galley_workspace_connect:
 *
 * galley_workspace_connect_async() for programs without a window.
 */
gboolean
galley_workspace_connect (GalleyWorkspace *self,
                          const char *url,
                          const char *invite,
                          GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_workspace_connect_async (self, url, invite, NULL, keep_result_cb, &result);
  wait_for (&result);
  return galley_workspace_connect_finish (self, result, error);
}

/**
 * galley_workspace_sync_once:
 * @timeout_s: in seconds; 0: as long as it takes
 * @error: see galley_sync_service_run_once_finish()
 *
 * For programs without a window: starts the service when it is not, and runs everything that is
 * due, here or in the process that syncs this workspace, until nothing is left that would go on by
 * itself.
 */
gboolean
galley_workspace_sync_once (GalleyWorkspace *self, guint timeout_s, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_sync_service_start (self->service);
  galley_sync_service_run_once_async (self->service, timeout_s, NULL, keep_result_cb, &result);
  wait_for (&result);
  return galley_sync_service_run_once_finish (self->service, result, error);
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */
  GPtrArray *results = galley_importer_run_finish (GALLEY_STORE (source), result, &error);

  if (results == NULL)
    return g_task_return_error (task, error);

  g_task_return_pointer (task, results, (GDestroyNotify)g_ptr_array_unref);
}

/**
 * galley_workspace_import_async:
 * @paths: %NULL-terminated
 * @progress: (nullable): told after each file
 * @cancellable: (nullable): what is imported by then stays
 *
 * Makes an item of each file. One that is damaged, empty, of an unknown kind, locked with a
 * password or too large is passed over with its reason.
 */
void
galley_workspace_import_async (GalleyWorkspace *self,
                               const GalleyId *project,
                               const char *const *paths,
                               GalleyImportProgress progress,
                               gpointer progress_data,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task;

  g_return_if_fail (GALLEY_IS_WORKSPACE (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, galley_workspace_import_async);
  galley_importer_run_async (self->store, self->renderer, project, NULL, paths, progress,
                             progress_data, cancellable, imported_cb, task);
}

/**
 * galley_workspace_import_finish:
 * @error: only when it was cancelled
 *
 * Returns: (transfer full) (element-type GalleyImportResult): one for each path, in their order
 */
GPtrArray *
galley_workspace_import_finish (GalleyWorkspace *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * galley_workspace_import:
 *
 * galley_workspace_import_async() for programs without a window.
 */
GPtrArray *
galley_workspace_import (GalleyWorkspace *self,
                         const GalleyId *project,
                         const char *const *paths,
                         GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_workspace_import_async (self, project, paths, NULL, NULL, NULL, keep_result_cb, &result);
  wait_for (&result);
  return galley_workspace_import_finish (self, result, error);
}

/**
 * galley_workspace_add_version_async:
 * @item: gets a next version
 */
void
galley_workspace_add_version_async (GalleyWorkspace *self,
                                    const GalleyId *item,
                                    const char *path,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  const char *paths[] = { path, NULL };
  GTask *task;

  g_return_if_fail (GALLEY_IS_WORKSPACE (self));
  g_return_if_fail (item != NULL && path != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, galley_workspace_add_version_async);
  galley_importer_run_async (self->store, self->renderer, NULL, item, paths, NULL, NULL,
                             cancellable, imported_cb, task);
}

/**
 * galley_workspace_add_version_finish:
 * @version: (out) (optional): its id
 */
gboolean
galley_workspace_add_version_finish (GalleyWorkspace *self,
                                     GAsyncResult *result,
                                     GalleyId *version,
                                     GError **error)
{
  g_autoptr (GPtrArray) results = NULL;
  GalleyImportResult *imported;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  results = g_task_propagate_pointer (G_TASK (result), error);
  if (results == NULL)
    return FALSE;

  imported = results->pdata[0];
  if (version != NULL)
    *version = imported->version;
  if (imported->error != NULL)
    g_propagate_error (error, g_steal_pointer (&imported->error));
  return !galley_id_is_nil (&imported->version);
}

/**
 * galley_workspace_add_version:
 *
 * galley_workspace_add_version_async() for programs without a window.
 */
gboolean
galley_workspace_add_version (GalleyWorkspace *self,
                              const GalleyId *item,
                              const char *path,
                              GalleyId *version,
                              GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_workspace_add_version_async (self, item, path, NULL, keep_result_cb, &result);
  wait_for (&result);
  return galley_workspace_add_version_finish (self, result, version, error);
}
