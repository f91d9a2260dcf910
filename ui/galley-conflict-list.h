/* galley-conflict-list.h: everything that people changed at the same time, for a person to settle
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_CONFLICT_LIST (galley_conflict_list_get_type ())
G_DECLARE_FINAL_TYPE (GalleyConflictList, galley_conflict_list, GALLEY, CONFLICT_LIST, GtkWidget)

/* The list, and beside it the conflict that is looked at; in a small window one of both.
 *
 * signals:
 *   "show-item" (const GalleyId *item)  the person wants to see the item of a conflict
 * actions: conflicts.back, conflicts.settle-several
 */

void galley_conflict_list_set_store (GalleyConflictList *self, GalleyStore *store);
void galley_conflict_list_show (GalleyConflictList *self, const GalleyId *entity);

G_END_DECLS
