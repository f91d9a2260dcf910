/* galley-decision.h: a person's word on a version, signed; and what an item's decisions come to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-key.h"
#include "data/galley-store.h"

G_BEGIN_DECLS

typedef struct
{
  char *verdict;         /* approve, request-changes, comment */
  GalleyHash file;       /* of the version's bytes */
  guint64 seen_position; /* how far the project's stream had been seen */
  GArray *seen_notes;    /* of GalleyId: the open blocking notes that were on screen */
  guint8 signature[GALLEY_SIGNATURE_BYTES];
} GalleyDecision;

/* The decision of @person on @version has always the same id, on whatever device it is made. */
void galley_decision_get_id (const GalleyId *person, const GalleyId *version, GalleyId *id);

/* What of an item was on screen, and so what a decision on it covers. */
typedef struct
{
  GalleyHash file;  /* of the version's bytes */
  guint64 position; /* how far the project's stream had been read; 0: not known */
  GArray *notes;    /* of GalleyId: the open blocking notes that were shown */
} GalleyDecisionScope;

GalleyDecisionScope *galley_decision_scope_new (const GalleyHash *file, guint64 position);
void galley_decision_scope_free (GalleyDecisionScope *scope);

/* Adds to @draft what it takes for @person to decide on the newest version of @item; signs it. */
gboolean galley_decision_prepare (GalleyDraft *draft,
                                  GalleyReader *reader,
                                  GalleyKey *key,
                                  const GalleyId *person,
                                  const GalleyId *item,
                                  const GalleyDecisionScope *scope,
                                  const char *verdict,
                                  const char *note,
                                  GError **error);

void galley_decision_sign (GalleyDecision *decision,
                           GalleyKey *key,
                           const GalleyId *project,
                           const GalleyId *entity,
                           const GalleyId *person);
GVariant *galley_decision_to_variant (const GalleyDecision *decision);
GalleyDecision *galley_decision_from_variant (GVariant *value, GError **error);
void galley_decision_free (GalleyDecision *decision);
gboolean galley_decision_verify (const GalleyDecision *decision,
                                 const GalleyId *project,
                                 const GalleyId *entity,
                                 const GalleyId *person,
                                 const guint8 public_key[GALLEY_PUBLIC_KEY_BYTES]);

int galley_decision_get_strictness (const char *verdict);

/* What the approval rule makes of the decisions on one version: a pure function. */
typedef struct
{
  GalleyId person;
  GalleyRole role;
  const char *verdict;
  gboolean counts; /* on this version's bytes, and nothing unseen came in between */
} GalleyVote;

typedef struct
{
  const char *state; /* static: open, approved, changes-requested, partly */
  guint approvals;
  guint needed;
} GalleyApproval;

void galley_approval_derive (guint needed,
                             GalleyRole least_role,
                             const GalleyVote *votes,
                             guint n_votes,
                             GalleyApproval *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyDecision, galley_decision_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyDecisionScope, galley_decision_scope_free)

G_END_DECLS
