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
 *   "retry" (char *heading, char *body)  it is to be opened again; what was done, or NULL
 */

GtkWidget *galley_trouble_new (GtkApplication *application,
                               const char *folder,
                               const GError *error);
void galley_trouble_rebuild (GalleyTrouble *self);

G_END_DECLS
