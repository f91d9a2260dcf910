/* galley-contest-row.h: one field of a conflict: what it was, what each made of it, the result
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-conflict.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_CONTEST_ROW (galley_contest_row_get_type ())
G_DECLARE_FINAL_TYPE (GalleyContestRow, galley_contest_row, GALLEY, CONTEST_ROW, GtkWidget)

/* The values are one stop of the Tab key: arrow keys go from one to the next, and the keys 1 to 9
 * take one.
 *
 * actions: contest.take (uint: which, from the left; the first is 0), contest.history */

GtkWidget *galley_contest_row_new (GalleyConflict *conflict, guint contest);
void galley_contest_row_update (GalleyContestRow *self);
gboolean galley_contest_row_is_about (GalleyContestRow *self, guint contest);

G_END_DECLS
