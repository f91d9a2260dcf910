/* galley-review.h: one item under review: the asset with its marks, the notes, the decision
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-workspace.h"
#include "ui/galley-annotation-model.h"
#include "ui/galley-health.h"
#include "ui/galley-item-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_REVIEW (galley_review_get_type ())
G_DECLARE_FINAL_TYPE (GalleyReview, galley_review, GALLEY, REVIEW, GtkWidget)

/* actions: review.next, review.previous, review.decide("s"), review.add-note, review.reply,
 *   review.show("s") of threads, decision and history, review.panel (boolean)
 */

void galley_review_set_workspace (GalleyReview *self,
                                  GalleyWorkspace *workspace,
                                  GalleyHealth *health);
void galley_review_open (GalleyReview *self, GalleyItemList *list, const GalleyId *item);
gboolean galley_review_shows (GalleyReview *self, const GalleyId *item);
void galley_review_show_past (GalleyReview *self, guint64 past_hlc);
void galley_review_close (GalleyReview *self);
void galley_review_popup_sync (GalleyReview *self);
GalleyAnnotationModel *galley_review_get_model (GalleyReview *self);
gboolean galley_review_get_project (GalleyReview *self, GalleyId *project);

G_END_DECLS
