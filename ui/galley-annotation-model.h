/* galley-annotation-model.h: the notes of one item: marks for the canvas, threads for the list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"
#include "ui/galley-contents.h"
#include "ui/galley-mark.h"
#include "ui/galley-thread.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_ANNOTATION_MODEL (galley_annotation_model_get_type ())
G_DECLARE_FINAL_TYPE (
    GalleyAnnotationModel, galley_annotation_model, GALLEY, ANNOTATION_MODEL, GObject)

/* A GListModel of GalleyMark: those on the version that is looked at. Main loop.
 *
 * What a person does is on screen at once and committed behind it; a note that could not be saved
 * stays on screen and can be tried again.
 *
 * signals:
 *   "changed" ()                   the contents were read again
 *   "saved" (char *what, const GalleyCommitted *change)
 *                                  an own change is on disk; a sentence when it is worth a toast
 *   "failed" (char *message)       something could not be read or saved: nothing was lost
 *   "gone" ()                      the item is not there any more
 */

GalleyAnnotationModel *galley_annotation_model_new (GalleyStore *store);

void galley_annotation_model_set_item (GalleyAnnotationModel *self, const GalleyId *item);
void galley_annotation_model_set_past (GalleyAnnotationModel *self, guint64 past_hlc);
void galley_annotation_model_set_version (GalleyAnnotationModel *self, const GalleyId *version);
const GalleyId *galley_annotation_model_get_version (GalleyAnnotationModel *self);
GalleyContents *galley_annotation_model_get_contents (GalleyAnnotationModel *self);
GListModel *galley_annotation_model_get_threads (GalleyAnnotationModel *self);
GalleyThread *galley_annotation_model_find_thread (GalleyAnnotationModel *self,
                                                   const GalleyId *note);
GalleyMark *galley_annotation_model_find_mark (GalleyAnnotationModel *self, const GalleyId *note);

gboolean galley_annotation_model_add (GalleyAnnotationModel *self,
                                      GalleyMark *drawn,
                                      GalleyId *note);
void galley_annotation_model_reshape (GalleyAnnotationModel *self,
                                      const GalleyId *note,
                                      GalleyPoints *before,
                                      GalleyPoints *after);
void galley_annotation_model_set_body (GalleyAnnotationModel *self,
                                       const GalleyId *note,
                                       const char *body,
                                       GArray *seen);
void galley_annotation_model_set_resolved (GalleyAnnotationModel *self,
                                           const GalleyId *note,
                                           gboolean resolved);
void galley_annotation_model_set_blocking (GalleyAnnotationModel *self,
                                           const GalleyId *note,
                                           gboolean blocking);
void galley_annotation_model_reply (GalleyAnnotationModel *self,
                                    const GalleyId *note,
                                    const char *body);
void galley_annotation_model_delete (GalleyAnnotationModel *self, const GalleyId *note);
void galley_annotation_model_retry (GalleyAnnotationModel *self, const GalleyId *note);

G_END_DECLS
