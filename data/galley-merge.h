/* galley-merge.h: what concurrent values of a field come to: a pure function with its reason
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-change.h"
#include "data/galley-policy.h"

G_BEGIN_DECLS

/* Which set of rules is in force is a field of the project, so that all devices compute the same. A
 * new set is known everywhere before anybody switches it on; a device that does not know the number
 * shows what it would decide as unsettled and edits that no further. A set never changes once it is
 * released: docs/decisions/0011-rule-sets.md. */
#define GALLEY_MERGE_RULES_USUAL 1 /* where nothing is said, and of new projects */
#define GALLEY_MERGE_RULES_CAREFUL 2
#define GALLEY_MERGE_RULES_POLICIES 3 /* as the first, and what the project says of a field */
#define GALLEY_MERGE_RULES_NEWEST 3
/* The rule of a value that a newer Galley would settle. */
#define GALLEY_MERGE_RULE_NEWER "newer"

typedef enum
{
  GALLEY_STATE_SETTLED,
  GALLEY_STATE_MERGED,   /* two or more heads came together by a rule */
  GALLEY_STATE_CONFLICT, /* a person must look */
} GalleyFieldState;

/* A value that nobody has superseded. */
typedef struct
{
  GalleyRef ref;
  guint64 position; /* in the project's stream; 0 while only this device has it */
  GalleyId actor;
  guint64 hlc;
  GVariant *value; /* (nullable) (owned by whoever holds the head) */
} GalleyHead;

/* By which rules a field is settled. */
typedef struct
{
  guint set;               /* which set of rules is in force in the project */
  GalleyPolicyKind policy; /* from the third set on: what the project says of the field */
  GArray *favoured;        /* (owned) (nullable): of GalleyId: whose value counts by the policy: the
                            * first one's who has any; of assignees all alike */
} GalleyMergeRules;

typedef struct
{
  GalleyFieldState state;
  GVariant *value;  /* (nullable) (owned): what everyone sees */
  const char *rule; /* static name: "one", "equal", "text-words", "set", "order", "earliest", … */
} GalleyMerge;

void galley_merge (const GalleyMergeRules *rules,
                   const GalleyFieldSpec *spec,
                   gboolean base_known,
                   GVariant *base,
                   const GalleyHead *heads,
                   guint n_heads,
                   GalleyMerge *out);
void galley_merge_clear (GalleyMerge *merge);
void galley_merge_rules_clear (GalleyMergeRules *rules);
const char *galley_merge_explain (const char *rule);
const char *galley_merge_rule_intern (const char *rule);
const char *galley_merge_describe_rules (guint rules);

const char *galley_field_state_to_string (GalleyFieldState state); /* settled merged conflict */

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyMerge, galley_merge_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyMergeRules, galley_merge_rules_clear)

G_END_DECLS
