/* galley-conflict-pane.h: one conflict: a row for each field, and what is to stand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-conflict.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_CONFLICT_PANE (galley_conflict_pane_get_type ())
G_DECLARE_FINAL_TYPE (GalleyConflictPane, galley_conflict_pane, GALLEY, CONFLICT_PANE, GtkWidget)

/* signals:
 *   "applied" (GalleyConflict, const GalleyCommitted *change)  the choice is on disk
 *   "next"                                     the person goes on to the next one
 *   "show-item" (const GalleyId *item)         the person wants to see the item
 *   "put-off" (gint64 until_us)                not to be seen before; 0: again
 * actions: conflict.apply (Ctrl+Enter), conflict.next (N), conflict.show-item, conflict.put-off
 *   (hour, tomorrow (P), week, back)
 *
 * Nothing is settled by leaving it. What somebody else settles stays in sight, with who it was. */

void galley_conflict_pane_set_conflict (GalleyConflictPane *self, GalleyConflict *conflict);
void galley_conflict_pane_focus_next (GalleyConflictPane *self);
GalleyConflict *galley_conflict_pane_get_conflict (GalleyConflictPane *self);

G_END_DECLS
