/* galley-composer.h: a place to write a note or a reply, sent with Ctrl+Enter
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_COMPOSER (galley_composer_get_type ())
G_DECLARE_FINAL_TYPE (GalleyComposer, galley_composer, GALLEY, COMPOSER, GtkWidget)

/* properties, writable:
 *   placeholder (text)  what it is for: shown while empty, and the name for the screen reader
 *   verb (text)         on the button; NULL: there is none, the owner takes the text
 *   can-cancel (boolean)
 *   text (text)
 * signals:
 *   "submit" (char *text)  never empty
 *   "cancel" ()
 */

GtkWidget *galley_composer_new (const char *placeholder, const char *verb);
char *galley_composer_get_text (GalleyComposer *self);
void galley_composer_set_text (GalleyComposer *self, const char *text);

G_END_DECLS
