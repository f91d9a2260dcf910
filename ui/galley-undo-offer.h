/* galley-undo-offer.h: what was just done, with a button that takes back exactly that
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

void galley_undo_offer (GtkWidget *widget,
                        const char *text,
                        const GalleyCommitted *changes,
                        guint n_changes);

G_END_DECLS
