/* galley-bundle-errand.h: bundles as jobs that the program runs itself, away from the main loop
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-bundle-export.h"
#include "sync/galley-bundle-import.h"

G_BEGIN_DECLS

void galley_bundle_errand_export_async (GalleyStore *store,
                                        const GalleyId *project,
                                        const char *path,
                                        const GalleyBundleExportOptions *options,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean galley_bundle_errand_export_finish (GAsyncResult *result,
                                             GalleyBundleExportReport *report,
                                             gint64 *job,
                                             GError **error);
void galley_bundle_errand_import_async (GalleyStore *store,
                                        const char *path,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean galley_bundle_errand_import_finish (GAsyncResult *result,
                                             GalleyBundleImportReport *report,
                                             gint64 *job,
                                             GError **error);

G_END_DECLS
