/* galley-support-window.h: a support bundle, shown before it is saved
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_SUPPORT_WINDOW (galley_support_window_get_type ())
G_DECLARE_FINAL_TYPE (GalleySupportWindow, galley_support_window, GALLEY, SUPPORT_WINDOW, AdwWindow)

GtkWidget *galley_support_window_new (GalleyStore *store);

G_END_DECLS
