/* galley-conflict-card.h: one conflict as a row: what each person made of each field, and the
 * choice
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-conflict.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_CONFLICT_CARD (galley_conflict_card_get_type ())
G_DECLARE_FINAL_TYPE (GalleyConflictCard, galley_conflict_card, GALLEY, CONFLICT_CARD, GtkWidget)

/* signals:
 *   "take" (guint contest, guint side)  the person chose this side of this field
 *   "show-item"                         the person wants to see the item
 */

GtkWidget *galley_conflict_card_new (void);
void galley_conflict_card_set_conflict (GalleyConflictCard *self, GalleyConflict *conflict);
GalleyConflict *galley_conflict_card_get_conflict (GalleyConflictCard *self);

G_END_DECLS
