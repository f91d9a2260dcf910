/* galley-state-style.c: the symbol and colour of an item's state
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-state-style"

#include "ui/galley-state-style.h"

#include "ui/galley-words.h"

/**
 * galley_state_style_set_image:
 * @state: (nullable): of an item
 *
 * Each state has a shape and a colour of its own.
 */
void
galley_state_style_set_image (GtkImage *image, const char *state)
{
  const char *classes[] = { galley_words_class_for_state (state), NULL };

  gtk_image_set_from_icon_name (image, galley_words_icon_for_state (state));
  gtk_widget_set_css_classes (GTK_WIDGET (image), classes);
}
