/* galley-trouble.h: the window that opens instead when a workspace cannot be opened
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_TROUBLE (galley_trouble_get_type ())
G_DECLARE_FINAL_TYPE (GalleyTrouble, galley_trouble, GALLEY, TROUBLE, AdwApplicationWindow)

/* signals:
 *   "retry" ()  the person wants it opened again
 */

GtkWidget *galley_trouble_new (GtkApplication *application,
                               const char *folder,
                               const GError *error);

G_END_DECLS
