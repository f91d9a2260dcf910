/* galley-merge.h: what concurrent values of a field come to: a pure function with its reason
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-change.h"
#include "data/galley-schema.h"

G_BEGIN_DECLS

/* The rules in force are a field of the project; a device that does not know the number shows
 * contested fields as unsettled and edits them no further. */
#define GALLEY_MERGE_RULES_VERSION 1

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

typedef struct
{
  GalleyFieldState state;
  GVariant *value;  /* (nullable) (owned): what everyone sees */
  const char *rule; /* static name: "one", "equal", "text-words", "set", "order", "earliest", … */
} GalleyMerge;

void galley_merge (const GalleyFieldSpec *spec,
                   gboolean base_known,
                   GVariant *base,
                   const GalleyHead *heads,
                   guint n_heads,
                   GalleyMerge *out);
void galley_merge_clear (GalleyMerge *merge);
const char *galley_merge_explain (const char *rule);
const char *galley_merge_rule_intern (const char *rule);

const char *galley_field_state_to_string (GalleyFieldState state); /* settled merged conflict */

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyMerge, galley_merge_clear)

G_END_DECLS
