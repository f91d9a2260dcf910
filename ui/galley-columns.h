/* galley-columns.h: things side by side, as many as there is room for, and the others below
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_COLUMNS (galley_columns_get_type ())
G_DECLARE_FINAL_TYPE (GalleyColumns, galley_columns, GALLEY, COLUMNS, GtkWidget)

GtkWidget *galley_columns_new (guint max_columns);
void galley_columns_append (GalleyColumns *self, GtkWidget *child);

G_END_DECLS
