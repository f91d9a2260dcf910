/* galley-sync-plots.h: what waited, travelled and failed in the last hour, day or week
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_SYNC_PLOTS (galley_sync_plots_get_type ())
G_DECLARE_FINAL_TYPE (GalleySyncPlots, galley_sync_plots, GALLEY, SYNC_PLOTS, GtkWidget)

void galley_sync_plots_set_store (GalleySyncPlots *self, GalleyStore *store);

G_END_DECLS
