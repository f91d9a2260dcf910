/* galley-draft.h: a change in the making: what one gesture wants, before it has a number
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-change.h"
#include "data/galley-schema.h"

G_BEGIN_DECLS

typedef struct _GalleyDraft GalleyDraft;

GalleyDraft *galley_draft_new (const GalleyId *project, const char *intent);
GalleyDraft *galley_draft_ref (GalleyDraft *self);
void galley_draft_unref (GalleyDraft *self);

void galley_draft_create (GalleyDraft *self,
                          GalleyKind kind,
                          const GalleyId *entity,
                          const GalleyId *parent);
void galley_draft_set (GalleyDraft *self,
                       guint8 kind,
                       const GalleyId *entity,
                       guint16 field,
                       const char *element,
                       GVariant *value,
                       const GalleyRef *seen,
                       guint n_seen);
void galley_draft_set_shown (GalleyDraft *self,
                             guint8 kind,
                             const GalleyId *entity,
                             guint16 field,
                             const char *element,
                             GVariant *value);
void galley_draft_delete (GalleyDraft *self, guint8 kind, const GalleyId *entity);
void galley_draft_delete_shown (GalleyDraft *self,
                                guint8 kind,
                                const GalleyId *entity,
                                const GalleyRef *heads,
                                guint n_heads,
                                const GalleyRef *tips,
                                guint n_tips);
void galley_draft_restore (GalleyDraft *self, guint8 kind, const GalleyId *entity);
void galley_draft_add_extra (GalleyDraft *self, const char *key, GVariant *value);

const GalleyId *galley_draft_get_project (GalleyDraft *self);
guint galley_draft_get_n_edits (GalleyDraft *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyDraft, galley_draft_unref)

G_END_DECLS
