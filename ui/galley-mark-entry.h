/* galley-mark-entry.h: asks for the words of a text mark, at the place where they will stand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_MARK_ENTRY (galley_mark_entry_get_type ())
G_DECLARE_FINAL_TYPE (GalleyMarkEntry, galley_mark_entry, GALLEY, MARK_ENTRY, GtkPopover)

/* signals:
 *   accepted (text)   words without white space round them, never empty; popped down already
 */

GalleyMarkEntry *galley_mark_entry_new (void);
void galley_mark_entry_ask (GalleyMarkEntry *self, const GdkRectangle *place);
GtkTextBuffer *galley_mark_entry_get_buffer (GalleyMarkEntry *self);
gboolean galley_mark_entry_accept (GalleyMarkEntry *self);

G_END_DECLS
