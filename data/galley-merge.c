/* galley-merge.c: what concurrent values of a field come to: a pure function with its reason
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-merge"

#include "data/galley-merge.h"

#include "data/galley-decision.h"
#include "data/galley-draft-private.h"
#include "data/galley-sabotage.h"
#include "data/galley-text-merge.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
values_equal (GVariant *a, GVariant *b)
{
  if (a == NULL || b == NULL)
    return a == b;

  return g_variant_equal (a, b);
}

static gboolean
all_equal (const GalleyHead *heads, guint n_heads)
{
  for (guint i = 1; i < n_heads; i++)
    if (!values_equal (heads[0].value, heads[i].value))
      return FALSE;

  return TRUE;
}

/* The order in which everyone sees contested heads: as the server accepted them, then those that
 * only this device has. */
static gboolean
stands_before (const GalleyHead *a, const GalleyHead *b)
{
  if (GALLEY_SABOTAGED (CLOCK_DECIDES))
    return a->hlc > b->hlc;
  if (a->position != b->position)
    return a->position != 0 && (b->position == 0 || a->position < b->position);
  if (!galley_id_equal (&a->ref.device, &b->ref.device))
    return galley_id_compare (&a->ref.device, &b->ref.device) < 0;

  return a->ref.seq < b->ref.seq;
}

static const GalleyHead *
find_earliest (const GalleyHead *heads, guint n_heads)
{
  const GalleyHead *earliest = &heads[0];

  for (guint i = 1; i < n_heads; i++)
    if (stands_before (&heads[i], earliest))
      earliest = &heads[i];

  return earliest;
}

static void
settle (GalleyMerge *out, GalleyFieldState state, const char *rule, GVariant *value)
{
  out->state = state;
  out->rule = rule;
  out->value = value != NULL ? g_variant_ref_sink (value) : NULL;
}

/* Each head is a state of one element: an add wins over a concurrent remove. */
static void
merge_element (const GalleyHead *heads, guint n_heads, GalleyMerge *out)
{
  GVariant *added = NULL;

  for (guint i = 0; i < n_heads; i++)
    if (heads[i].value != NULL)
      added = heads[i].value;

  settle (out, GALLEY_STATE_MERGED, "set", added);
}

/* The greatest key: any choice would do that all devices make alike, and that no clock decides. */
static void
merge_order (const GalleyHead *heads, guint n_heads, GalleyMerge *out)
{
  GVariant *chosen = NULL;

  for (guint i = 0; i < n_heads; i++)
    if (heads[i].value != NULL &&
        (chosen == NULL || strcmp (g_variant_get_string (heads[i].value, NULL),
                                   g_variant_get_string (chosen, NULL)) > 0))
      chosen = heads[i].value;

  settle (out, GALLEY_STATE_MERGED, "order", chosen);
}

static gboolean
merge_text (
    gboolean base_known, GVariant *base, const GalleyHead *heads, guint n_heads, GalleyMerge *out)
{
  g_autofree const char **texts = g_new (const char *, n_heads);
  GalleyTextMerge merged = { 0 };
  gboolean clean;

  if (!base_known || (base != NULL && !g_variant_is_of_type (base, G_VARIANT_TYPE_STRING)))
    return FALSE;
  for (guint i = 0; i < n_heads; i++)
    {
      if (heads[i].value == NULL)
        return FALSE;
      texts[i] = g_variant_get_string (heads[i].value, NULL);
    }

  galley_text_merge_many (base != NULL ? g_variant_get_string (base, NULL) : "", texts, n_heads,
                          &merged);
  clean = merged.clean;
  if (clean)
    settle (out, GALLEY_STATE_MERGED, "text-words",
            g_variant_new_string (GALLEY_SABOTAGED (TEXT_DROPS_A_SIDE) ? texts[0] : merged.text));
  galley_text_merge_clear (&merged);

  return clean;
}

static int
strictness (GVariant *value)
{
  const char *verdict;

  if (value == NULL)
    return -1;

  g_variant_get_child (value, 0, "&s", &verdict);
  return galley_decision_get_strictness (verdict);
}

/* Two devices of one person disagree: the stricter one gates until that person settles it. */
static void
merge_decision (const GalleyHead *heads, guint n_heads, GalleyMerge *out)
{
  const GalleyHead *strictest = find_earliest (heads, n_heads);

  for (guint i = 0; i < n_heads; i++)
    if (strictness (heads[i].value) > strictness (strictest->value))
      strictest = &heads[i];

  settle (out, GALLEY_STATE_CONFLICT, "strictest", strictest->value);
}

/* Of a few fields the value counts under which nothing is missed: of all of them by the second set
 * of rules, by policy in the third. */
static gboolean
merge_carefully (const GalleyMergeRules *rules,
                 const GalleyFieldSpec *spec,
                 const GalleyHead *heads,
                 guint n_heads,
                 GalleyMerge *out)
{
  GVariant *chosen = heads[0].value;

  if (spec->careful == GALLEY_CAREFUL_NOT ||
      (rules->set != GALLEY_MERGE_RULES_CAREFUL &&
       (rules->set < GALLEY_MERGE_RULES_POLICIES || rules->policy != GALLEY_POLICY_CAREFUL)))
    return FALSE;

  for (guint i = 0; i < n_heads; i++)
    {
      int order;

      /* What it is worth that somebody cleared it only a person can say. */
      if (heads[i].value == NULL)
        return FALSE;
      order = g_variant_compare (heads[i].value, chosen);
      if (spec->careful == GALLEY_CAREFUL_LEAST ? order < 0 : order > 0)
        chosen = heads[i].value;
    }

  settle (out, GALLEY_STATE_MERGED, "careful", chosen);
  return TRUE;
}

/* Whether @person has one value there, and which. */
static gboolean
find_value_of (const GalleyHead *heads, guint n_heads, const GalleyId *person, GVariant **value)
{
  const GalleyHead *found = NULL;

  for (guint i = 0; i < n_heads; i++)
    {
      if (!galley_id_equal (&heads[i].actor, person))
        continue;
      if (found != NULL && !values_equal (found->value, heads[i].value))
        return FALSE;
      found = &heads[i];
    }

  *value = found != NULL ? found->value : NULL;
  return found != NULL;
}

static gboolean
has_value (const GalleyHead *heads, guint n_heads, const GalleyId *person)
{
  for (guint i = 0; i < n_heads; i++)
    if (galley_id_equal (&heads[i].actor, person))
      return TRUE;

  return FALSE;
}

/* Of those who count no two may disagree: the first one of certain persons counts alone, assignees
 * all alike. */
static gboolean
merge_favoured (const GalleyMergeRules *rules,
                const GalleyHead *heads,
                guint n_heads,
                GalleyMerge *out)
{
  static const char *const names[] = { [GALLEY_POLICY_ASSIGNEES] = "assignees",
                                       [GALLEY_POLICY_AUTHOR] = "author",
                                       [GALLEY_POLICY_PERSONS] = "persons" };
  gboolean any = FALSE;
  GVariant *chosen = NULL;

  for (guint i = 0; rules->favoured != NULL && i < rules->favoured->len; i++)
    {
      const GalleyId *person = &g_array_index (rules->favoured, GalleyId, i);
      GVariant *value;

      if (!has_value (heads, n_heads, person))
        continue;
      if (!find_value_of (heads, n_heads, person, &value) || (any && !values_equal (chosen, value)))
        return FALSE;
      any = TRUE;
      chosen = value;
      if (rules->policy != GALLEY_POLICY_ASSIGNEES)
        break;
    }

  if (any)
    settle (out, GALLEY_STATE_MERGED, names[rules->policy], chosen);
  return any;
}

/* What the project says is to be done where somebody would have to choose. */
static gboolean
merge_by_policy (const GalleyMergeRules *rules,
                 const GalleyHead *heads,
                 guint n_heads,
                 GalleyMerge *out)
{
  switch (rules->policy)
    {
    case GALLEY_POLICY_ASSIGNEES:
    case GALLEY_POLICY_AUTHOR:
    case GALLEY_POLICY_PERSONS:
      return merge_favoured (rules, heads, n_heads, out);

    case GALLEY_POLICY_NEWER:
      settle (out, GALLEY_STATE_CONFLICT, GALLEY_MERGE_RULE_NEWER,
              find_earliest (heads, n_heads)->value);
      return TRUE;

    case GALLEY_POLICY_ASK:
    case GALLEY_POLICY_CAREFUL:
    default:
      return FALSE;
    }
}

static void
merge_by_type (const GalleyMergeRules *rules,
               const GalleyFieldSpec *spec,
               gboolean base_known,
               GVariant *base,
               const GalleyHead *heads,
               guint n_heads,
               GalleyMerge *out)
{
  switch (spec->type)
    {
    case GALLEY_FIELD_SET:
      merge_element (heads, n_heads, out);
      return;

    case GALLEY_FIELD_ORDER:
      merge_order (heads, n_heads, out);
      return;

    case GALLEY_FIELD_DECISION:
      merge_decision (heads, n_heads, out);
      return;

    case GALLEY_FIELD_TEXT:
      if (merge_text (base_known, base, heads, n_heads, out))
        return;
      break;

    case GALLEY_FIELD_LIFECYCLE:
      /* Deleted by one and made again by another: it stays visible until somebody settles it. */
      settle (out, GALLEY_STATE_CONFLICT, "kept", galley_lifecycle_value (TRUE, NULL, 0));
      return;

    case GALLEY_FIELD_REGISTER:
      if (merge_carefully (rules, spec, heads, n_heads, out))
        return;
      break;

    case GALLEY_FIELD_GEOMETRY:
    default:
      break;
    }

  if (rules->set < GALLEY_MERGE_RULES_POLICIES || !merge_by_policy (rules, heads, n_heads, out))
    settle (out, GALLEY_STATE_CONFLICT, "earliest", find_earliest (heads, n_heads)->value);
}

static gboolean
all_deleted (const GalleyFieldSpec *spec, const GalleyHead *heads, guint n_heads)
{
  if (spec->type != GALLEY_FIELD_LIFECYCLE)
    return FALSE;

  for (guint i = 0; i < n_heads; i++)
    if (heads[i].value == NULL || galley_lifecycle_is_alive (heads[i].value))
      return FALSE;

  return TRUE;
}

/* Whether a thing is there, and what somebody has decided, is the same under every set of rules. */
static gboolean
goes_by_rules (const GalleyFieldSpec *spec)
{
  return spec == NULL ||
         (spec->type != GALLEY_FIELD_LIFECYCLE && spec->type != GALLEY_FIELD_DECISION);
}

/**
 * galley_merge:
 * @rules: by which rules of the project
 * @spec: (nullable): the field; %NULL for one from a newer Galley, which nothing merges
 * @base_known: whether the heads have one nearest common ancestor that could be looked up
 * @base: (nullable): its value
 * @heads: (array length=n_heads): at least one, in any order; each value of the field's type
 * @out: (out caller-allocates): cleared with galley_merge_clear()
 *
 * Pure: it reads no clock, file or global and every device computes the same, whatever the order in
 * which the heads arrived. docs/contract.md says what each rule does.
 */
void
galley_merge (const GalleyMergeRules *rules,
              const GalleyFieldSpec *spec,
              gboolean base_known,
              GVariant *base,
              const GalleyHead *heads,
              guint n_heads,
              GalleyMerge *out)
{
  g_return_if_fail (n_heads > 0);

  if (n_heads == 1)
    settle (out, GALLEY_STATE_SETTLED, "one", heads[0].value);
  else if (all_equal (heads, n_heads))
    settle (out, GALLEY_STATE_SETTLED, "equal", heads[0].value);
  else if (rules->set > GALLEY_MERGE_RULES_NEWEST && goes_by_rules (spec))
    settle (out, GALLEY_STATE_CONFLICT, GALLEY_MERGE_RULE_NEWER,
            find_earliest (heads, n_heads)->value);
  else if (spec == NULL)
    settle (out, GALLEY_STATE_CONFLICT, "unknown", find_earliest (heads, n_heads)->value);
  else if (all_deleted (spec, heads, n_heads))
    settle (out, GALLEY_STATE_SETTLED, "equal", find_earliest (heads, n_heads)->value);
  else
    merge_by_type (rules, spec, base_known, base, heads, n_heads, out);
}

void
galley_merge_clear (GalleyMerge *merge)
{
  g_clear_pointer (&merge->value, g_variant_unref);
}

void
galley_merge_rules_clear (GalleyMergeRules *rules)
{
  g_clear_pointer (&rules->favoured, g_array_unref);
}

static const struct
{
  const char *rule, *words;
} explained[] = {
  { "one", N_ ("Nobody else has changed it.") },
  { "equal", N_ ("Everyone entered the same.") },
  { "text-words", N_ ("Different words were changed; both changes were kept.") },
  { "set", N_ ("Both lists were kept; what somebody added stays.") },
  { "order", N_ ("Both moved it; one place was chosen, the same for everyone.") },
  { "strictest", N_ ("The stricter word counts until its person settles it.") },
  { "kept", N_ ("Somebody deleted it while somebody else worked on it; it stays until somebody "
                "settles it.") },
  { "careful",
    N_ ("Different values; the more careful one counts: the earlier date, the note that is "
        "open, the one that blocks.") },
  { "assignees", N_ ("Different values; in this project the one counts that somebody entered whom "
                     "the item is assigned to.") },
  { "author", N_ ("Different values; in this project the one counts of whoever made the thing.") },
  { "persons",
    N_ ("Different values; in this project the one counts that certain people entered.") },
  { "earliest",
    N_ ("Different values; the one accepted first is shown until somebody settles it.") },
  { "unknown", N_ ("A newer Galley made this field; it is shown and not changed here.") },
  { GALLEY_MERGE_RULE_NEWER,
    N_ ("The project follows rules that only a newer Galley knows; what they "
        "make of these values is seen there.") },
};

static const char *const sets[] = {
  [1] = N_ ("somebody chooses between different values"),
  [2] = N_ ("as 1, but the earlier date and the open and blocking note win"),
  [3] = N_ ("as 1, and field by field as the project says: see project policy"),
};

G_STATIC_ASSERT (G_N_ELEMENTS (sets) == GALLEY_MERGE_RULES_NEWEST + 1);

/**
 * galley_merge_describe_rules:
 *
 * Returns: (transfer none) (nullable): what a set of rules does, for people, in their language;
 *   %NULL for one that only a newer Galley knows
 */
const char *
galley_merge_describe_rules (guint rules)
{
  return rules > 0 && rules < G_N_ELEMENTS (sets) ? _ (sets[rules]) : NULL;
}

/**
 * galley_merge_rule_intern:
 *
 * Returns: (transfer none) (nullable): the static name equal to @rule
 */
const char *
galley_merge_rule_intern (const char *rule)
{
  for (guint i = 0; i < G_N_ELEMENTS (explained); i++)
    if (g_strcmp0 (explained[i].rule, rule) == 0)
      return explained[i].rule;

  return NULL;
}

/**
 * galley_merge_explain:
 *
 * Returns: (transfer none): a sentence for people, in their language; "" for an unknown @rule
 */
const char *
galley_merge_explain (const char *rule)
{
  for (guint i = 0; i < G_N_ELEMENTS (explained); i++)
    if (g_strcmp0 (explained[i].rule, rule) == 0)
      return _ (explained[i].words);

  return "";
}

const char *
galley_field_state_to_string (GalleyFieldState state)
{
  static const char *const names[] = { "settled", "merged", "conflict" };

  return state < G_N_ELEMENTS (names) ? names[state] : "settled";
}
