/* galley-repair-row.h: one repair: what it will do, how far it is, what came of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-repair.h"
#include "sync/galley-sync-service.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_REPAIR_ROW (galley_repair_row_get_type ())
G_DECLARE_FINAL_TYPE (GalleyRepairRow, galley_repair_row, GALLEY, REPAIR_ROW, GtkListBoxRow)

/* signals:
 *   "ended"  it is over, well or not, and says so
 */

GtkWidget *galley_repair_row_new (GalleyStore *store,
                                  GalleySyncService *service,
                                  GalleyRepair repair);
gboolean galley_repair_row_is_running (GalleyRepairRow *self);

G_END_DECLS
