/* galley-browser.h: the items of a project or of the inbox, as a grid of pictures or as a list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-item-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_BROWSER (galley_browser_get_type ())
G_DECLARE_FINAL_TYPE (GalleyBrowser, galley_browser, GALLEY, BROWSER, GtkWidget)

/* properties:
 *   mode (text)         "grid" or "list"; writable
 *   searching (boolean) the search entry is shown; writable
 *   filter (text)       a state, "conflict" or "" for all; writable
 *   sort (text)         "name", "updated" or "state"; writable
 *   n-items (uint)
 * signals:
 *   "open" (GalleyItem *item)
 */

void galley_browser_set_store (GalleyBrowser *self, GalleyStore *store);
void galley_browser_show_inbox (GalleyBrowser *self);
void galley_browser_show_project (GalleyBrowser *self, const GalleyId *project);
const GalleyId *galley_browser_get_project (GalleyBrowser *self);
GalleyItemList *galley_browser_get_list (GalleyBrowser *self);
GPtrArray *galley_browser_get_selected (GalleyBrowser *self);
void galley_browser_search (GalleyBrowser *self);
void galley_browser_grab_focus (GalleyBrowser *self);
void galley_browser_sort (GalleyBrowser *self, GalleyItemSort sort, gboolean descending);

G_END_DECLS
