/* galley-thread-row.h: a note with its replies, and what can be done about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-thread.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_THREAD_ROW (galley_thread_row_get_type ())
G_DECLARE_FINAL_TYPE (GalleyThreadRow, galley_thread_row, GALLEY, THREAD_ROW, GtkWidget)

/* properties:
 *   expanded (boolean)  the reply field and the buttons are shown; writable
 * signals:
 *   "reply" (char *text)
 *   "edit" (char *text, GArray *seen)  the text of the note; @seen: heads when editing began
 *   "command" (char *name)             resolve, reopen, block, unblock, delete, retry
 */

GtkWidget *galley_thread_row_new (void);
void galley_thread_row_set_thread (GalleyThreadRow *self, GalleyThread *thread);
GalleyThread *galley_thread_row_get_thread (GalleyThreadRow *self);
void galley_thread_row_edit (GalleyThreadRow *self);
void galley_thread_row_focus_reply (GalleyThreadRow *self);

G_END_DECLS
