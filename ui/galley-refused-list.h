/* galley-refused-list.h: own changes that the server refused: why, and what to do about each
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_REFUSED_LIST (galley_refused_list_get_type ())
G_DECLARE_FINAL_TYPE (GalleyRefusedList, galley_refused_list, GALLEY, REFUSED_LIST, GtkWidget)

void galley_refused_list_set_store (GalleyRefusedList *self, GalleyStore *store);

G_END_DECLS
