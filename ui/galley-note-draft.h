/* galley-note-draft.h: the changes that a person makes to notes, each as one draft
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-draft.h"
#include "ui/galley-mark.h"

G_BEGIN_DECLS

GalleyPoints *galley_note_geometry_to_points (GVariant *place, GVariant *extent, GVariant *path);

GalleyDraft *galley_note_draft_add (const GalleyId *project,
                                    const GalleyId *item,
                                    const GalleyId *version,
                                    const GalleyId *note,
                                    GalleyMark *mark,
                                    GError **error);
void galley_note_draft_set (
    GalleyDraft *draft, const GalleyId *note, guint16 field, GVariant *value, GArray *seen);
gboolean galley_note_draft_reshape (GalleyDraft *draft,
                                    const GalleyId *note,
                                    GalleyShape shape,
                                    const GalleyPoints *before,
                                    const GalleyPoints *after,
                                    GArray *(*seen) (gpointer data, guint16 field),
                                    gpointer data,
                                    GError **error);

G_END_DECLS
