/* galley-bundle-import.h: takes what a bundle holds, once all of it has been checked
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-bundle-check.h"

G_BEGIN_DECLS

typedef struct
{
  GalleyId project;
  gboolean joined;     /* the project was not here before */
  char *maker;         /* the name of who made the bundle */
  GPtrArray *met;      /* of text: names of persons who were not known here before */
  guint64 n_changes;   /* that were not here */
  guint64 n_gaps;      /* refused ones that were not known here: their hash alone came */
  guint n_files;       /* that were not here */
  guint n_files_known; /* that were, or that no version speaks of */
} GalleyBundleImportReport;

gboolean galley_bundle_import (GalleyStore *store,
                               const char *path,
                               GCancellable *cancellable,
                               GalleyBundleProgress progress,
                               gpointer progress_data,
                               GalleyBundleImportReport *report,
                               GError **error);
void galley_bundle_import_report_clear (GalleyBundleImportReport *report);

/* What a bundle says it is about, unchecked: for the title of the work that checks it. */
gboolean galley_bundle_peek (const char *path, GalleyId *project, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyBundleImportReport, galley_bundle_import_report_clear)

G_END_DECLS
