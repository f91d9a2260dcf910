/* galley-note-mark.h: a note of the database as a mark on the canvas
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-mark.h"
#include "ui/galley-thread.h"

G_BEGIN_DECLS

gboolean galley_note_mark_read_anchor (const GalleyEntity *note, GalleyId *version, guint *page);
GalleyMark *galley_note_mark_new (const GalleyEntity *note, guint page, GalleyThread *thread);
void galley_note_mark_copy (GalleyMark *from, GalleyMark *into);

G_END_DECLS
