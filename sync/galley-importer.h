/* galley-importer.h: makes items and versions of files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"
#include "sync/galley-renderer.h"

G_BEGIN_DECLS

/* What became of one file. */
typedef struct
{
  char *path;
  GalleyId item;
  GalleyId version;
  GalleyCommitted change; /* that made them */
  GError *error; /* (nullable): a sentence: why it was not imported; the ids are nil then */
} GalleyImportResult;

void galley_import_result_free (GalleyImportResult *result);

/* How many files are done; main loop. */
typedef void (*GalleyImportProgress) (guint done, guint total, gpointer data);

void galley_importer_run_async (GalleyStore *store,
                                GalleyRenderer *renderer,
                                const GalleyId *project,
                                const GalleyId *item,
                                const char *const *paths,
                                GalleyImportProgress progress,
                                gpointer progress_data,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
GPtrArray *galley_importer_run_finish (GalleyStore *store, GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyImportResult, galley_import_result_free)

G_END_DECLS
