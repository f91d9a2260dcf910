/* galley-courier.h: bundles out of the window and into it: chosen, written, taken in
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_COURIER (galley_courier_get_type ())
G_DECLARE_FINAL_TYPE (GalleyCourier, galley_courier, GALLEY, COURIER, GObject)

/* The work is among the jobs, where it can be cancelled. What went wrong is said in a dialog.
 *
 * signals:
 *   "done" (char *text, GalleyId *joined)  a sentence that says what came of it; and the project
 *                                          that is new here, or NULL
 */

GalleyCourier *galley_courier_new (GtkWindow *window, GalleyStore *store);
void galley_courier_choose_export (GalleyCourier *self, const GalleyId *project, const char *name);
void galley_courier_choose_import (GalleyCourier *self);
void galley_courier_export (GalleyCourier *self, const GalleyId *project, GFile *file);
void galley_courier_import (GalleyCourier *self, GFile *file);

G_END_DECLS
