/* galley-journal-row.h: a change of the journal as a row of a list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-journal-line.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

void galley_journal_row_set_up (GtkListItem *list_item, int max_lines);
void galley_journal_row_bind (GtkListItem *list_item, const GalleyJournalLine *line);

G_END_DECLS
