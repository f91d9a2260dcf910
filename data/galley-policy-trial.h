/* galley-policy-trial.h: what a policy would have done in all that a project has seen so far
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-merge.h"
#include "data/galley-reader.h"

G_BEGIN_DECLS

/* Where somebody had to choose, or still has to. */
typedef struct
{
  GalleyId entity;
  GalleyRef chosen_in; /* the change that settled it; a zero seq: it is open */
  GalleyId chooser;    /* who did */
  GVariant *chosen;    /* (owned) (nullable): what they chose */
  gboolean settled;    /* the policy would have settled it */
  GVariant *value;     /* (owned) (nullable): with this */
} GalleyTrialCase;

typedef struct
{
  GPtrArray *cases; /* of GalleyTrialCase: open ones first, then by the journal's order */
  guint n_settled;  /* by the policy */
  guint n_alike;    /* of those, as people chose */
  guint n_unlike;   /* of those, otherwise than people chose; the rest is open */
} GalleyPolicyTrial;

GalleyPolicyTrial *galley_policy_trial_run (GalleyReader *reader,
                                            const GalleyId *project,
                                            guint8 kind,
                                            guint16 field,
                                            const GalleyPolicy *policy,
                                            GCancellable *cancellable,
                                            GError **error);
void galley_policy_trial_free (GalleyPolicyTrial *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPolicyTrial, galley_policy_trial_free)

G_END_DECLS
