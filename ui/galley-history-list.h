/* galley-history-list.h: who did what to an item, newest first
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_HISTORY_LIST (galley_history_list_get_type ())
G_DECLARE_FINAL_TYPE (GalleyHistoryList, galley_history_list, GALLEY, HISTORY_LIST, GtkWidget)

void galley_history_list_set_store (GalleyHistoryList *self, GalleyStore *store);
void galley_history_list_set_item (GalleyHistoryList *self, const GalleyId *item);

G_END_DECLS
