/* galley-journal-page.h: every change of a workspace, newest first
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_JOURNAL_PAGE (galley_journal_page_get_type ())
G_DECLARE_FINAL_TYPE (GalleyJournalPage, galley_journal_page, GALLEY, JOURNAL_PAGE, GtkWidget)

void galley_journal_page_set_store (GalleyJournalPage *self, GalleyStore *store);

G_END_DECLS
