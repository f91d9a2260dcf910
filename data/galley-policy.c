/* galley-policy.c: what a project wants done where people entered different values in a field
 *
 * A policy is a text such as "assignees" or "persons:ID,ID", under the name of its field, such as
 * "annotation.color". docs/decisions/0017-policies.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-policy"

#include "data/galley-policy.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PERSONS "persons:"

static const char *const names[] = {
  [GALLEY_POLICY_ASK] = "ask",
  [GALLEY_POLICY_CAREFUL] = "careful",
  [GALLEY_POLICY_ASSIGNEES] = "assignees",
  [GALLEY_POLICY_AUTHOR] = "author",
};

/**
 * galley_policy_is_possible:
 *
 * Sets and orders come together by themselves; whether a thing is there and what somebody has
 * decided are never for a rule to settle; and the rules themselves are settled as ever, or nobody
 * could say which settle them.
 */
gboolean
galley_policy_is_possible (guint8 kind, guint16 field, GalleyPolicyKind policy)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (kind, field);

  if (spec == NULL || spec->number <= GALLEY_F_PARENT ||
      (kind == GALLEY_KIND_PROJECT &&
       (field == GALLEY_PROJECT_RULES || field == GALLEY_PROJECT_POLICIES)))
    return FALSE;
  if (policy == GALLEY_POLICY_CAREFUL)
    return spec->type == GALLEY_FIELD_REGISTER && spec->careful != GALLEY_CAREFUL_NOT;

  return spec->type == GALLEY_FIELD_REGISTER || spec->type == GALLEY_FIELD_TEXT ||
         spec->type == GALLEY_FIELD_GEOMETRY;
}

static gboolean
parse_persons (const char *text, GalleyPolicy *policy)
{
  g_auto (GStrv) ids = g_strsplit (text, ",", GALLEY_POLICY_MAX_PERSONS + 1);

  policy->n_persons = g_strv_length (ids);
  if (policy->n_persons == 0 || policy->n_persons > GALLEY_POLICY_MAX_PERSONS)
    return FALSE;
  for (guint i = 0; i < policy->n_persons; i++)
    if (!galley_id_parse (ids[i], &policy->persons[i], NULL))
      return FALSE;

  return TRUE;
}

/**
 * galley_policy_parse:
 * @policy: (out): of %GALLEY_POLICY_NEWER when @text is none that this Galley knows
 *
 * Returns: whether it is one that this Galley knows
 */
gboolean
galley_policy_parse (const char *text, GalleyPolicy *policy)
{
  memset (policy, 0, sizeof *policy);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], text))
      {
        policy->kind = i;
        return TRUE;
      }

  policy->kind = GALLEY_POLICY_PERSONS;
  if (g_str_has_prefix (text, PERSONS) && parse_persons (text + strlen (PERSONS), policy))
    return TRUE;

  policy->kind = GALLEY_POLICY_NEWER;
  return FALSE;
}

/**
 * galley_policy_to_string:
 *
 * Returns: (transfer full): what galley_policy_parse() reads
 */
char *
galley_policy_to_string (const GalleyPolicy *policy)
{
  g_autoptr (GString) text = NULL;

  if (policy->kind < G_N_ELEMENTS (names))
    return g_strdup (names[policy->kind]);

  text = g_string_new (PERSONS);
  for (guint i = 0; i < policy->n_persons; i++)
    {
      char id[GALLEY_ID_TEXT_SIZE];

      g_string_append_printf (text, "%s%s", i > 0 ? "," : "",
                              galley_id_print (&policy->persons[i], id));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * galley_policy_describe:
 *
 * Returns: (transfer none): what it does, for people, in their language
 */
const char *
galley_policy_describe (GalleyPolicyKind kind)
{
  static const char *const words[] = {
    N_ ("Somebody chooses"),
    N_ ("The more careful value"),
    N_ ("The value of whom the item is assigned to"),
    N_ ("The value of who made it"),
    N_ ("The value of certain people"),
    N_ ("Something that only a newer Galley knows"),
  };

  return kind < G_N_ELEMENTS (words) ? _ (words[kind]) : "";
}

static char *
name_field (guint8 kind, guint16 field)
{
  const GalleyKindSpec *kind_spec = galley_schema_get_kind (kind);
  const GalleyFieldSpec *spec = galley_schema_get_field (kind, field);

  return spec != NULL ? g_strdup_printf ("%s.%s", kind_spec->name, spec->name) : NULL;
}

/**
 * galley_policies_find:
 * @policies: (nullable): a{ss}, the value of the project's field
 * @policy: (out): %GALLEY_POLICY_ASK where nothing is said, or what cannot be done there
 */
void
galley_policies_find (GVariant *policies, guint8 kind, guint16 field, GalleyPolicy *policy)
{
  g_autofree char *name = name_field (kind, field);
  const char *text;

  memset (policy, 0, sizeof *policy);
  if (policies == NULL || name == NULL || !g_variant_lookup (policies, name, "&s", &text))
    return;

  galley_policy_parse (text, policy);
  if (!galley_policy_is_possible (kind, field, policy->kind))
    memset (policy, 0, sizeof *policy);
}

/**
 * galley_policies_set:
 * @policies: (nullable): as they were; what is said there of other fields stays, also what only a
 *   newer Galley knows
 *
 * Returns: (transfer floating): a{ss}, by name
 */
GVariant *
galley_policies_set (GVariant *policies, guint8 kind, guint16 field, const GalleyPolicy *policy)
{
  g_autofree char *name = name_field (kind, field);
  g_autofree char *text = galley_policy_to_string (policy);
  g_autoptr (GTree)
      sorted = g_tree_new_full ((GCompareDataFunc)(void (*) (void))strcmp, NULL, g_free, g_free);
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  GVariantIter iter;
  char *key, *value;

  if (policies != NULL)
    {
      g_variant_iter_init (&iter, policies);
      while (g_variant_iter_next (&iter, "{ss}", &key, &value))
        g_tree_insert (sorted, key, value);
    }
  if (policy->kind == GALLEY_POLICY_ASK)
    g_tree_remove (sorted, name);
  else
    g_tree_insert (sorted, g_strdup (name), g_strdup (text));
  for (GTreeNode *node = g_tree_node_first (sorted); node != NULL; node = g_tree_node_next (node))
    g_variant_builder_add (&builder, "{ss}", g_tree_node_key (node), g_tree_node_value (node));

  return g_variant_builder_end (&builder);
}
