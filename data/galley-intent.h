/* galley-intent.h: what people do, as edits of a draft: the same for the window and the command
 * line
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-draft.h"
#include "data/galley-shape.h"

G_BEGIN_DECLS

/* Words of galley_draft_new() for the audit; a window translates them where it shows them. */
#define GALLEY_INTENT_CREATE_PROJECT "create project"
#define GALLEY_INTENT_ADD_ITEM "import"
#define GALLEY_INTENT_ADD_VERSION "add version"
#define GALLEY_INTENT_ADD_ANNOTATION "add note"
#define GALLEY_INTENT_ADD_COMMENT "reply"
#define GALLEY_INTENT_ADD_REMARK "remark"
#define GALLEY_INTENT_DECIDE "decide"
#define GALLEY_INTENT_RENAME "rename"
#define GALLEY_INTENT_RESOLVE_NOTE "resolve note"
#define GALLEY_INTENT_REOPEN_NOTE "reopen note"
#define GALLEY_INTENT_SET_FIELD "set field"
#define GALLEY_INTENT_DELETE "delete"
#define GALLEY_INTENT_RESTORE "restore"
#define GALLEY_INTENT_RESOLVE "resolve conflict"
#define GALLEY_INTENT_SWITCH_RULES "switch rules"
#define GALLEY_INTENT_TOGETHER "several edits"

/* All of them add to @draft and may share one: then it is one change, all or nothing. Ids of new
 * things are made by the caller with galley_id_new(). */

void galley_intent_create_project (GalleyDraft *draft,
                                   const char *name,
                                   guint approvals,
                                   GalleyRole least_role);

typedef struct
{
  GalleyId item;
  GalleyId version;  /* that it is drawn on */
  const char *shape; /* as the schema names it */
  const double *xy;  /* absolute, see galley-shape.h */
  guint n_points;
  guint page;              /* from 1 */
  guint first_frame;       /* 0: not of a moving picture */
  guint last_frame;        /* 0: as first_frame */
  const char *body;        /* (nullable) */
  const char *color;       /* (nullable): #RRGGBB */
  double width;            /* of the line, in the asset's own units; 0: as usual */
  const char *const *tags; /* (nullable) */
  gboolean blocking;
} GalleyNewAnnotation;

gboolean galley_intent_add_annotation (GalleyDraft *draft,
                                       const GalleyId *id,
                                       const GalleyNewAnnotation *annotation,
                                       GError **error);
void galley_intent_add_comment (GalleyDraft *draft,
                                const GalleyId *id,
                                const GalleyId *annotation,
                                const char *body);
void galley_intent_add_remark (GalleyDraft *draft,
                               const GalleyId *id,
                               const GalleyId *entity,
                               const char *body,
                               const GalleyId *asked,
                               guint n_asked);

/* @seen: the heads that were on screen when the editor opened; none: what is shown at the moment of
 * the commit, for what happens in one go. */
void galley_intent_set (GalleyDraft *draft,
                        guint8 kind,
                        const GalleyId *entity,
                        guint16 field,
                        const char *element,
                        GVariant *value,
                        const GalleyRef *seen,
                        guint n_seen);
void galley_intent_rename (GalleyDraft *draft,
                           guint8 kind,
                           const GalleyId *entity,
                           const char *name,
                           const GalleyRef *seen,
                           guint n_seen);
void galley_intent_set_status (GalleyDraft *draft,
                               const GalleyId *annotation,
                               gboolean resolved,
                               const GalleyRef *seen,
                               guint n_seen);
void galley_intent_set_tag (
    GalleyDraft *draft, guint8 kind, const GalleyId *entity, const char *tag, gboolean present);
void galley_intent_set_policies (GalleyDraft *draft,
                                 const GalleyId *project,
                                 GVariant *set,
                                 GVariant *policies);
void galley_intent_delete (GalleyDraft *draft, guint8 kind, const GalleyId *entity);
void galley_intent_restore (GalleyDraft *draft, guint8 kind, const GalleyId *entity);

G_END_DECLS
