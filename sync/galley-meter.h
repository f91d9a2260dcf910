/* galley-meter.h: writes down, once a minute, how much waits, travels and fails
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-sync-service.h"
#include "sync/galley-transport.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_METER (galley_meter_get_type ())
G_DECLARE_FINAL_TYPE (GalleyMeter, galley_meter, GALLEY, METER, GObject)

/* signals:
 *   "written"  a minute is on disk: see galley-metric-table.h
 */

GalleyMeter *galley_meter_new (GalleyStore *store,
                               GalleySyncService *service,
                               GalleyTransport *transport);
void galley_meter_stop (GalleyMeter *self);

G_END_DECLS
