/* galley-repair-page.h: what can be done when something is wrong, and the backups there are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-sync-service.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_REPAIR_PAGE (galley_repair_page_get_type ())
G_DECLARE_FINAL_TYPE (GalleyRepairPage, galley_repair_page, GALLEY, REPAIR_PAGE, GtkWidget)

void galley_repair_page_set_store (GalleyRepairPage *self,
                                   GalleyStore *store,
                                   GalleySyncService *service);

G_END_DECLS
