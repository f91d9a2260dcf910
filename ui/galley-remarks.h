/* galley-remarks.h: what was said about a conflict, and a place to say more or to ask somebody
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-conflict.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_REMARKS (galley_remarks_get_type ())
G_DECLARE_FINAL_TYPE (GalleyRemarks, galley_remarks, GALLEY, REMARKS, GtkWidget)

void galley_remarks_set_conflict (GalleyRemarks *self, GalleyConflict *conflict);
void galley_remarks_write (GalleyRemarks *self);

G_END_DECLS
