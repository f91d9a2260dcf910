/* galley-devices-page.h: the computers of a workspace, and whether they are where they should be
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-sync-service.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_DEVICES_PAGE (galley_devices_page_get_type ())
G_DECLARE_FINAL_TYPE (GalleyDevicesPage, galley_devices_page, GALLEY, DEVICES_PAGE, GtkWidget)

void galley_devices_page_set_store (GalleyDevicesPage *self,
                                    GalleyStore *store,
                                    GalleySyncService *service);

G_END_DECLS
