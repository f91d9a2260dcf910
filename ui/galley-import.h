/* galley-import.h: files on their way into a project: chosen, dropped, pasted
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-workspace.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_IMPORT (galley_import_get_type ())
G_DECLARE_FINAL_TYPE (GalleyImport, galley_import, GALLEY, IMPORT, GObject)

/* A file that cannot be imported does not keep the others from it; all of those are listed in one
 * dialog at the end.
 *
 * signals:
 *   "done" (char *text, GArray *changes)  a sentence that says how many files are in, and the
 *                                         GalleyCommitted of each; none: why there are none
 */

GalleyImport *galley_import_new (GtkWindow *window, GalleyWorkspace *workspace);
void galley_import_choose (GalleyImport *self, const GalleyId *project);
void galley_import_files (GalleyImport *self, const GalleyId *project, GListModel *files);
GListModel *galley_import_list_files (const GValue *value);
void galley_import_clipboard (GalleyImport *self, const GalleyId *project, GdkClipboard *clipboard);

G_END_DECLS
