/* galley-ui.h: what the widgets need once: their templates, icons and style
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The application id as a path: where GtkApplication looks as well. */
#define GALLEY_RESOURCES "/io/github/galley_review/Galley"

void galley_ui_init (void);
GtkWidget *galley_ui_label_new (const char *text, const char *css_class);
void galley_ui_set_button_label (GtkButton *button, const char *label);
void galley_ui_close_with (GtkWindow *window, GtkWindow *parent);
void galley_ui_name_inner (GtkWidget *widget, const char *label);
void galley_ui_name_drop_down (GtkDropDown *drop_down, const char *label);

G_END_DECLS
