/* galley-policy.h: what a project wants done where people entered different values in a field
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-schema.h"

G_BEGIN_DECLS

/**
 * GalleyPolicyKind:
 * @GALLEY_POLICY_ASK: somebody chooses; where nothing else is said
 * @GALLEY_POLICY_CAREFUL: the value under which nothing is missed, of the fields that have one
 * @GALLEY_POLICY_ASSIGNEES: what those entered whom the item is assigned to, if they agree
 * @GALLEY_POLICY_AUTHOR: what the one entered who made the thing
 * @GALLEY_POLICY_PERSONS: what the first of certain persons entered who entered anything
 * @GALLEY_POLICY_NEWER: one that only a newer Galley knows
 */
typedef enum
{
  GALLEY_POLICY_ASK,
  GALLEY_POLICY_CAREFUL,
  GALLEY_POLICY_ASSIGNEES,
  GALLEY_POLICY_AUTHOR,
  GALLEY_POLICY_PERSONS,
  GALLEY_POLICY_NEWER,
} GalleyPolicyKind;

#define GALLEY_POLICY_MAX_PERSONS 16

typedef struct
{
  GalleyPolicyKind kind;
  guint n_persons; /* of GALLEY_POLICY_PERSONS */
  GalleyId persons[GALLEY_POLICY_MAX_PERSONS];
} GalleyPolicy;

gboolean galley_policy_is_possible (guint8 kind, guint16 field, GalleyPolicyKind policy);
gboolean galley_policy_parse (const char *text, GalleyPolicy *policy);
char *galley_policy_to_string (const GalleyPolicy *policy);
const char *galley_policy_describe (GalleyPolicyKind kind);

/* The project's field "policies". */
void galley_policies_find (GVariant *policies, guint8 kind, guint16 field, GalleyPolicy *policy);
GVariant *galley_policies_set (GVariant *policies,
                               guint8 kind,
                               guint16 field,
                               const GalleyPolicy *policy);

G_END_DECLS
