/* galley-conflict-text.h: a text to settle on: what people wrote, put together, to be typed into
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_CONFLICT_TEXT (galley_conflict_text_get_type ())
G_DECLARE_FINAL_TYPE (GalleyConflictText, galley_conflict_text, GALLEY, CONFLICT_TEXT, GtkWidget)

/* signals: "edited" when the person has typed
 * actions: text.next-clash (F8) */

GtkWidget *galley_conflict_text_new (const char *label);
void galley_conflict_text_set_woven (GalleyConflictText *self, const char *woven, GArray *overlaps);
void galley_conflict_text_set_text (GalleyConflictText *self, const char *text);
char *galley_conflict_text_get_text (GalleyConflictText *self);
gboolean galley_conflict_text_next_clash (GalleyConflictText *self);

G_END_DECLS
