/* galley-mark-draft.h: the points of a mark that is being drawn
 *
 * Pure: places are in asset units, as in #GalleyMark.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-mark.h"

G_BEGIN_DECLS

/* What a mouse presses with; a mark drawn with it has the width that was chosen. */
#define GALLEY_MARK_DRAFT_PRESSURE 0.5

typedef struct _GalleyMarkDraft GalleyMarkDraft;

GalleyMarkDraft *galley_mark_draft_new (GalleyShape shape, double x, double y, double pressure);
void galley_mark_draft_free (GalleyMarkDraft *self);

GalleyShape galley_mark_draft_get_shape (const GalleyMarkDraft *self);
void galley_mark_draft_add (GalleyMarkDraft *self, double x, double y, double pressure);
void galley_mark_draft_move (GalleyMarkDraft *self, double x, double y, gboolean constrain);
gboolean galley_mark_draft_add_corner (GalleyMarkDraft *self, double zoom);

GalleyPoints *galley_mark_draft_get_points (const GalleyMarkDraft *self);
double galley_mark_draft_get_width (const GalleyMarkDraft *self, double width);
GalleyPoints *galley_mark_draft_finish (const GalleyMarkDraft *self, double zoom);

GalleyPoints *galley_mark_draft_make_default (GalleyShape shape, double x, double y, double size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyMarkDraft, galley_mark_draft_free)

G_END_DECLS
