/* galley-bundle-export.h: writes a bundle: a project's changes and files, to be carried by hand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-bundle-check.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean with_files; /* also those files of it that are on this computer */
  const char *since;   /* (nullable): a bundle that the receiver made: what they had is left out */
} GalleyBundleExportOptions;

typedef struct
{
  guint64 n_changes;
  guint64 n_gaps;     /* refused ones, of which the hash alone goes along */
  guint64 n_left_out; /* that nobody could check, since their device signed only further on */
  guint n_files, n_files_away; /* not on this computer, so not in the bundle */
  guint64 bytes;
} GalleyBundleExportReport;

gboolean galley_bundle_export (GalleyStore *store,
                               const GalleyId *project,
                               const char *path,
                               const GalleyBundleExportOptions *options,
                               GCancellable *cancellable,
                               GalleyBundleProgress progress,
                               gpointer progress_data,
                               GalleyBundleExportReport *report,
                               GError **error);

G_END_DECLS
