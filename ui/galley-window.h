/* galley-window.h: the window: places on the left, a page of items or of work on the right
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-workspace.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_WINDOW (galley_window_get_type ())
G_DECLARE_FINAL_TYPE (GalleyWindow, galley_window, GALLEY, WINDOW, AdwApplicationWindow)

/* actions, beside those of its pages, also on the session bus:
 *   win.back, win.show-inbox, win.show-conflicts, win.show-sync, win.show-first-project,
 *   win.show-project("s"), win.open-item("s"), win.show-panel("s"), win.sync-menu
 *   win.search, win.view ("grid", "list"), win.sort ("name", "updated", "state")
 *   win.export-bundle, win.import-bundle
 *   win.import, win.paste, win.new-project, win.connect, win.undo, win.redo
 *   win.undo-changes("a(st)"): of projects, with the numbers of own changes in them
 *   win.decide-selected("s")
 *   win.report("s"), win.offer-undo("(sa(st))"): for the pages, to say something
 */

/* signals:
 *   "rebuild" ()  the person wants the damaged workspace rebuilt, which nobody may have open for it
 */

GtkWidget *galley_window_new (GtkApplication *application, GalleyWorkspace *workspace);
GalleyWorkspace *galley_window_get_workspace (GalleyWindow *self);
void galley_window_show_project (GalleyWindow *self, const GalleyId *project);
void galley_window_suggest_project (GalleyWindow *self, const GalleyId *project);
void galley_window_tell (GalleyWindow *self, const char *heading, const char *body);

G_END_DECLS
