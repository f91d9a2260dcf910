/* galley-thread-list.h: the notes of an item as a list: the twin of the canvas, for eye and ear
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-annotation-model.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_THREAD_LIST (galley_thread_list_get_type ())
G_DECLARE_FINAL_TYPE (GalleyThreadList, galley_thread_list, GALLEY, THREAD_LIST, GtkWidget)

/* signals:
 *   "selected" (GalleyThread *thread)  the person chose a note in the list; NULL: none
 */

void galley_thread_list_set_model (GalleyThreadList *self, GalleyAnnotationModel *model);
void galley_thread_list_select (GalleyThreadList *self, const GalleyId *note);
void galley_thread_list_edit (GalleyThreadList *self, const GalleyId *note);
void galley_thread_list_reply (GalleyThreadList *self);
GalleyThread *galley_thread_list_get_selected (GalleyThreadList *self);

G_END_DECLS
