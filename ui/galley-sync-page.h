/* galley-sync-page.h: the backlog: is everything safe, what is under way, and what is stuck
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-health.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_SYNC_PAGE (galley_sync_page_get_type ())
G_DECLARE_FINAL_TYPE (GalleySyncPage, galley_sync_page, GALLEY, SYNC_PAGE, GtkWidget)

gboolean galley_sync_page_show_job (GalleySyncPage *self, gint64 id);
void galley_sync_page_show_tab (GalleySyncPage *self, const char *name);
void galley_sync_page_search (GalleySyncPage *self);
void galley_sync_page_set_health (GalleySyncPage *self, GalleyHealth *health);

G_END_DECLS
