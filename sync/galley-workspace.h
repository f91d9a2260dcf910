/* galley-workspace.h: one account on one server, or none: everything of it that a program holds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-file-store.h"
#include "data/galley-store.h"
#include "sync/galley-importer.h"
#include "sync/galley-renderer.h"
#include "sync/galley-sync-service.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_WORKSPACE (galley_workspace_get_type ())
G_DECLARE_FINAL_TYPE (GalleyWorkspace, galley_workspace, GALLEY, WORKSPACE, GObject)

GalleyWorkspace *galley_workspace_create (const char *folder,
                                          const char *name,
                                          GalleyStoreFlags flags,
                                          GError **error);
GalleyWorkspace *galley_workspace_open (const char *folder, GalleyStoreFlags flags, GError **error);
void galley_workspace_close_async (GalleyWorkspace *self,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
void galley_workspace_close_finish (GalleyWorkspace *self, GAsyncResult *result);
void galley_workspace_close (GalleyWorkspace *self);

const char *galley_workspace_get_folder (GalleyWorkspace *self);
GalleyStore *galley_workspace_get_store (GalleyWorkspace *self);
GalleyFileStore *galley_workspace_get_files (GalleyWorkspace *self);
GalleySyncService *galley_workspace_get_service (GalleyWorkspace *self);
GalleyRenderer *galley_workspace_get_renderer (GalleyWorkspace *self);

void galley_workspace_connect_async (GalleyWorkspace *self,
                                     const char *url,
                                     const char *invite,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean galley_workspace_connect_finish (GalleyWorkspace *self,
                                          GAsyncResult *result,
                                          GError **error);
gboolean galley_workspace_connect (GalleyWorkspace *self,
                                   const char *url,
                                   const char *invite,
                                   GError **error);
gboolean galley_workspace_sync_once (GalleyWorkspace *self, guint timeout_s, GError **error);

/* Files into a project, each an item of its own. */
void galley_workspace_import_async (GalleyWorkspace *self,
                                    const GalleyId *project,
                                    const char *const *paths,
                                    GalleyImportProgress progress,
                                    gpointer progress_data,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
GPtrArray *galley_workspace_import_finish (GalleyWorkspace *self,
                                           GAsyncResult *result,
                                           GError **error);
GPtrArray *galley_workspace_import (GalleyWorkspace *self,
                                    const GalleyId *project,
                                    const char *const *paths,
                                    GError **error);

/* A file as the next version of an item. */
void galley_workspace_add_version_async (GalleyWorkspace *self,
                                         const GalleyId *item,
                                         const char *path,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean galley_workspace_add_version_finish (GalleyWorkspace *self,
                                              GAsyncResult *result,
                                              GalleyId *version,
                                              GError **error);
gboolean galley_workspace_add_version (GalleyWorkspace *self,
                                       const GalleyId *item,
                                       const char *path,
                                       GalleyId *version,
                                       GError **error);

G_END_DECLS
