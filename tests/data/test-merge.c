/* test-merge.c: what concurrent values come to, from both sides of each rule
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "data/galley-draft-private.h"
#include "data/galley-merge.h"

#define MAX_HEADS 3

typedef struct
{
  GalleyMergeRules rules;
  const GalleyFieldSpec *spec;
  GVariant *base;
  GalleyHead heads[MAX_HEADS];
  guint n_heads;
} Case;

static void
add_head (Case *c, guint8 device, guint64 position, GVariant *value)
{
  GalleyHead *head = &c->heads[c->n_heads++];

  *head = (GalleyHead){ .position = position,
                        .value = value != NULL ? g_variant_ref_sink (value) : NULL };
  head->ref.device.bytes[0] = device;
  head->ref.seq = 1;
}

/* In every order of the heads, and with what is to come. */
static void
assert_merge (
    Case *c, gboolean base_known, GalleyFieldState state, const char *rule, const char *shown)
{
  static const guint orders[][MAX_HEADS] = { { 0, 1, 2 }, { 1, 0, 2 }, { 2, 1, 0 }, { 1, 2, 0 } };

  for (guint o = 0; o < G_N_ELEMENTS (orders); o++)
    {
      GalleyHead heads[MAX_HEADS];
      g_auto (GalleyMerge) merge = { 0 };
      g_autofree char *text = NULL;
      guint n = 0;

      for (guint i = 0; i < MAX_HEADS; i++)
        if (orders[o][i] < c->n_heads)
          heads[n++] = c->heads[orders[o][i]];
      galley_merge (&c->rules, c->spec, base_known, c->base, heads, n, &merge);
      text = merge.value != NULL ? g_variant_print (merge.value, FALSE) : g_strdup ("nothing");
      g_assert_cmpstr (merge.rule, ==, rule);
      g_assert_cmpint (merge.state, ==, state);
      g_assert_cmpstr (text, ==, shown);
      g_assert_cmpstr (galley_merge_explain (merge.rule), !=, "");
    }

  for (guint i = 0; i < c->n_heads; i++)
    g_clear_pointer (&c->heads[i].value, g_variant_unref);
  g_clear_pointer (&c->base, g_variant_unref);
}

static Case
case_of (guint8 kind, guint16 field, GVariant *base)
{
  return (Case){ .rules = { .set = GALLEY_MERGE_RULES_USUAL },
                 .spec = galley_schema_get_field (kind, field),
                 .base = base != NULL ? g_variant_ref_sink (base) : NULL };
}

static void
test_register (void)
{
  Case c = case_of (GALLEY_KIND_ITEM, GALLEY_ITEM_NAME, g_variant_new_string ("old"));

  add_head (&c, 1, 5, g_variant_new_string ("same"));
  add_head (&c, 2, 6, g_variant_new_string ("same"));
  assert_merge (&c, TRUE, GALLEY_STATE_SETTLED, "equal", "'same'");

  c = case_of (GALLEY_KIND_ITEM, GALLEY_ITEM_NAME, g_variant_new_string ("old"));
  add_head (&c, 1, 6, g_variant_new_string ("later"));
  add_head (&c, 2, 5, g_variant_new_string ("earlier"));
  add_head (&c, 3, 0, g_variant_new_string ("mine, not sent"));
  assert_merge (&c, TRUE, GALLEY_STATE_CONFLICT, "earliest", "'earlier'");

  /* Nobody's clock or value decides between two that were not accepted yet: the device's id does.
   */
  c = case_of (GALLEY_KIND_ITEM, GALLEY_ITEM_NAME, NULL);
  add_head (&c, 9, 0, g_variant_new_string ("a"));
  add_head (&c, 4, 0, g_variant_new_string ("b"));
  assert_merge (&c, FALSE, GALLEY_STATE_CONFLICT, "earliest", "'b'");
}

static void
test_text (void)
{
  Case c = case_of (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BODY,
                    g_variant_new_string ("move the blue logo to the left"));

  add_head (&c, 1, 1, g_variant_new_string ("move the red logo to the left"));
  add_head (&c, 2, 2, g_variant_new_string ("move the blue logo to the right"));
  assert_merge (&c, TRUE, GALLEY_STATE_MERGED, "text-words", "'move the red logo to the right'");

  c = case_of (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BODY,
               g_variant_new_string ("the blue logo"));
  add_head (&c, 1, 1, g_variant_new_string ("the red logo"));
  add_head (&c, 2, 2, g_variant_new_string ("the green logo"));
  assert_merge (&c, TRUE, GALLEY_STATE_CONFLICT, "earliest", "'the red logo'");

  /* Without a true common ancestor nothing merges by itself. */
  c = case_of (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BODY, NULL);
  add_head (&c, 1, 1, g_variant_new_string ("move the red logo to the left"));
  add_head (&c, 2, 2, g_variant_new_string ("move the blue logo to the right"));
  assert_merge (&c, FALSE, GALLEY_STATE_CONFLICT, "earliest", "'move the red logo to the left'");

  /* One cleared it. */
  c = case_of (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BODY, g_variant_new_string ("old"));
  add_head (&c, 1, 1, NULL);
  add_head (&c, 2, 2, g_variant_new_string ("old, but longer"));
  assert_merge (&c, TRUE, GALLEY_STATE_CONFLICT, "earliest", "nothing");
}

static void
test_set (void)
{
  Case c = case_of (GALLEY_KIND_ITEM, GALLEY_ITEM_TAGS, g_variant_new_boolean (TRUE));

  add_head (&c, 1, 1, NULL);
  add_head (&c, 2, 2, g_variant_new_boolean (TRUE));
  assert_merge (&c, TRUE, GALLEY_STATE_MERGED, "set", "true");

  c = case_of (GALLEY_KIND_ITEM, GALLEY_ITEM_TAGS, g_variant_new_boolean (TRUE));
  add_head (&c, 1, 1, NULL);
  add_head (&c, 2, 2, NULL);
  assert_merge (&c, TRUE, GALLEY_STATE_SETTLED, "equal", "nothing");
}

static void
test_order (void)
{
  Case c = case_of (GALLEY_KIND_PLAYLIST, GALLEY_PLAYLIST_ENTRIES, g_variant_new_string ("m"));

  add_head (&c, 1, 2, g_variant_new_string ("b"));
  add_head (&c, 2, 1, g_variant_new_string ("x"));
  assert_merge (&c, TRUE, GALLEY_STATE_MERGED, "order", "'x'");
}

static void
test_geometry (void)
{
  Case c = case_of (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_PLACE,
                    g_variant_new ("(dd)", 0.0, 0.0));

  add_head (&c, 1, 2, g_variant_new ("(dd)", 1.0, 1.0));
  add_head (&c, 2, 1, g_variant_new ("(dd)", 2.0, 2.0));
  assert_merge (&c, TRUE, GALLEY_STATE_CONFLICT, "earliest", "(2.0, 2.0)");
}

static void
test_lifecycle (void)
{
  Case c = case_of (GALLEY_KIND_ITEM, GALLEY_F_ALIVE, NULL);

  add_head (&c, 1, 1, galley_lifecycle_value (FALSE, NULL, 0));
  add_head (&c, 2, 2, galley_lifecycle_value (TRUE, NULL, 0));
  assert_merge (&c, TRUE, GALLEY_STATE_CONFLICT, "kept", "(true, [])");

  /* Both deleted it, having seen different things: it is deleted. */
  c = case_of (GALLEY_KIND_ITEM, GALLEY_F_ALIVE, NULL);
  add_head (&c, 1, 2, galley_lifecycle_value (FALSE, NULL, 0));
  add_head (&c, 2, 1, galley_lifecycle_value (FALSE, &(GalleyRef){ .seq = 3 }, 1));
  assert_merge (&c, TRUE, GALLEY_STATE_SETTLED, "equal",
                "(false, [([0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, "
                "0x00, "
                "0x00, 0x00, 0x00, 0x00], 3)])");
}

static GVariant *
verdict (const char *word)
{
  return g_variant_new_parsed ("(%s, @ay [], uint64 0, @aay [], @ay [])", word);
}

static void
test_decision (void)
{
  Case c = case_of (GALLEY_KIND_DECISION, GALLEY_DECISION_VERDICT, NULL);

  /* Approved on one device, changes requested on another: the stricter one gates. */
  add_head (&c, 1, 1, verdict ("approve"));
  add_head (&c, 2, 2, verdict ("request-changes"));
  add_head (&c, 3, 3, verdict ("comment"));
  assert_merge (&c, TRUE, GALLEY_STATE_CONFLICT, "strictest", "('request-changes', [], 0, [], [])");
}

static void
test_unknown_field (void)
{
  Case c = { .rules = { .set = GALLEY_MERGE_RULES_USUAL } };

  add_head (&c, 1, 1, g_variant_new_string ("a"));
  add_head (&c, 2, 2, g_variant_new_string ("b"));
  assert_merge (&c, TRUE, GALLEY_STATE_CONFLICT, "unknown", "'a'");
}

/* ── sets of rules ── */

/* @careful: (nullable): what everyone sees by the second set; %NULL: a person must look */
static void
assert_careful (guint8 kind, guint16 field, GVariant *first, GVariant *second, const char *careful)
{
  g_autoptr (GVariant) a = g_variant_ref_sink (first), b = g_variant_ref_sink (second);
  g_autofree char *earliest = g_variant_print (a, FALSE);

  for (guint rules = 1; rules <= 2; rules++)
    {
      Case c = case_of (kind, field, NULL);

      c.rules.set = rules;
      add_head (&c, 1, 5, a);
      add_head (&c, 2, 6, b);
      if (rules == 2 && careful != NULL)
        assert_merge (&c, FALSE, GALLEY_STATE_MERGED, "careful", careful);
      else
        assert_merge (&c, FALSE, GALLEY_STATE_CONFLICT, "earliest", earliest);
    }
}

static void
test_careful (void)
{
#define STRING(text) g_variant_new_string (text)
  assert_careful (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_STATUS, STRING ("resolved"),
                  STRING ("open"), "'open'");
  assert_careful (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_STATUS, STRING ("open"),
                  STRING ("resolved"), "'open'");
  assert_careful (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BLOCKING, g_variant_new_boolean (FALSE),
                  g_variant_new_boolean (TRUE), "true");
  assert_careful (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BLOCKING, g_variant_new_boolean (TRUE),
                  g_variant_new_boolean (FALSE), "true");
  assert_careful (GALLEY_KIND_ITEM, GALLEY_ITEM_DUE, g_variant_new_int64 (200),
                  g_variant_new_int64 (100), "100");
  assert_careful (GALLEY_KIND_ITEM, GALLEY_ITEM_DUE, g_variant_new_int64 (-5),
                  g_variant_new_int64 (100), "-5");
  /* Of these neither is more careful than the other. */
  assert_careful (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR, STRING ("#0000aa"),
                  STRING ("#aa0000"), NULL);
  assert_careful (GALLEY_KIND_ITEM, GALLEY_ITEM_NAME, STRING ("b"), STRING ("a"), NULL);
}

static void
test_careful_of_cleared (void)
{
  Case c = case_of (GALLEY_KIND_ITEM, GALLEY_ITEM_DUE, g_variant_new_int64 (100));

  g_test_summary ("What it is worth that somebody took the date away, only a person can say");

  c.rules.set = 2;
  add_head (&c, 1, 6, g_variant_new_int64 (50));
  add_head (&c, 2, 5, NULL);
  assert_merge (&c, TRUE, GALLEY_STATE_CONFLICT, "earliest", "nothing");
}

/* A set of rules that this Galley does not know: nothing is settled that they may settle otherwise.
 */
static void
test_newer_rules (void)
{
  const guint newer = GALLEY_MERGE_RULES_NEWEST + 1;
  Case c = case_of (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BODY,
                    g_variant_new_string ("move the blue logo to the left"));

  c.rules.set = newer;
  add_head (&c, 1, 1, g_variant_new_string ("move the red logo to the left"));
  add_head (&c, 2, 2, g_variant_new_string ("move the blue logo to the right"));
  assert_merge (&c, TRUE, GALLEY_STATE_CONFLICT, "newer", "'move the red logo to the left'");

  c = case_of (GALLEY_KIND_ITEM, GALLEY_ITEM_TAGS, NULL);
  c.rules.set = newer;
  add_head (&c, 1, 1, NULL);
  add_head (&c, 2, 2, g_variant_new_boolean (TRUE));
  assert_merge (&c, TRUE, GALLEY_STATE_CONFLICT, "newer", "nothing");

  c = (Case){ .rules = { .set = newer }, .spec = NULL };
  add_head (&c, 1, 2, STRING ("a"));
  add_head (&c, 2, 1, STRING ("b"));
  assert_merge (&c, FALSE, GALLEY_STATE_CONFLICT, "newer", "'b'");

  /* These do not depend on it. */
  c = case_of (GALLEY_KIND_ITEM, GALLEY_ITEM_NAME, NULL);
  c.rules.set = newer;
  add_head (&c, 1, 2, STRING ("one"));
  assert_merge (&c, FALSE, GALLEY_STATE_SETTLED, "one", "'one'");
  c = case_of (GALLEY_KIND_ITEM, GALLEY_ITEM_NAME, NULL);
  c.rules.set = newer;
  add_head (&c, 1, 2, STRING ("same"));
  add_head (&c, 2, 1, STRING ("same"));
  assert_merge (&c, FALSE, GALLEY_STATE_SETTLED, "equal", "'same'");
  c = case_of (GALLEY_KIND_ITEM, GALLEY_F_ALIVE, NULL);
  c.rules.set = newer;
  add_head (&c, 1, 1, galley_lifecycle_value (FALSE, NULL, 0));
  add_head (&c, 2, 2, galley_lifecycle_value (TRUE, NULL, 0));
  assert_merge (&c, FALSE, GALLEY_STATE_CONFLICT, "kept", "(true, [])");
}

/* ── policies ── */

static GalleyId
person (guint8 number)
{
  return (GalleyId){ { number } };
}

/* What persons 1 and 2 and once more 2 entered, when those of @favoured count. */
static void
assert_policy (GalleyPolicyKind policy,
               const char *favoured,
               const char *const values[MAX_HEADS],
               const char *rule,
               const char *shown)
{
  static const guint8 actors[MAX_HEADS] = { 1, 2, 2 };
  Case c = case_of (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR, NULL);

  c.rules = (GalleyMergeRules){ .set = GALLEY_MERGE_RULES_POLICIES, .policy = policy };
  c.rules.favoured = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  for (; *favoured != '\0'; favoured++)
    {
      GalleyId id = person (g_ascii_digit_value (*favoured));

      g_array_append_val (c.rules.favoured, id);
    }
  for (guint i = 0; i < MAX_HEADS; i++)
    if (values[i] != NULL)
      {
        add_head (&c, i + 1, i + 1, *values[i] != '\0' ? STRING (values[i]) : NULL);
        c.heads[c.n_heads - 1].actor = person (actors[i]);
      }
  assert_merge (&c, FALSE,
                g_str_equal (rule, "earliest") || g_str_equal (rule, "newer")
                    ? GALLEY_STATE_CONFLICT
                    : GALLEY_STATE_MERGED,
                rule, shown);
  galley_merge_rules_clear (&c.rules);
}

#define VALUES(...) ((const char *const[MAX_HEADS]){ __VA_ARGS__ })

static void
test_policies (void)
{
  const char *const *two = VALUES ("#one", "#two");
  const char *const *apart = VALUES ("#one", "#two", "#three");
  const char *const *again = VALUES ("#one", "#two", "#two");

  assert_policy (GALLEY_POLICY_ASK, "", two, "earliest", "'#one'");
  assert_policy (GALLEY_POLICY_NEWER, "2", two, "newer", "'#one'");
  /* Of a colour no value is the more careful one. */
  assert_policy (GALLEY_POLICY_CAREFUL, "", two, "earliest", "'#one'");

  assert_policy (GALLEY_POLICY_ASSIGNEES, "2", two, "assignees", "'#two'");
  assert_policy (GALLEY_POLICY_ASSIGNEES, "", two, "earliest", "'#one'");
  assert_policy (GALLEY_POLICY_ASSIGNEES, "3", two, "earliest", "'#one'");
  assert_policy (GALLEY_POLICY_ASSIGNEES, "32", two, "assignees", "'#two'");
  /* Assignees who disagree, and one who disagrees with themselves. */
  assert_policy (GALLEY_POLICY_ASSIGNEES, "12", two, "earliest", "'#one'");
  assert_policy (GALLEY_POLICY_ASSIGNEES, "2", apart, "earliest", "'#one'");
  assert_policy (GALLEY_POLICY_ASSIGNEES, "2", again, "assignees", "'#two'");
  assert_policy (GALLEY_POLICY_ASSIGNEES, "1", apart, "assignees", "'#one'");
  /* That they cleared it counts as well. */
  assert_policy (GALLEY_POLICY_ASSIGNEES, "2", VALUES ("#one", ""), "assignees", "nothing");

  assert_policy (GALLEY_POLICY_AUTHOR, "2", two, "author", "'#two'");
  assert_policy (GALLEY_POLICY_AUTHOR, "3", two, "earliest", "'#one'");

  /* The first one who has a value counts alone. */
  assert_policy (GALLEY_POLICY_PERSONS, "21", two, "persons", "'#two'");
  assert_policy (GALLEY_POLICY_PERSONS, "312", two, "persons", "'#one'");
  assert_policy (GALLEY_POLICY_PERSONS, "21", apart, "earliest", "'#one'");
}

/* Before the third set of rules, and where all came together anyway, a policy says nothing. */
static void
test_policy_only_where_asked (void)
{
  GalleyId two = person (2);

  for (guint set = 1; set <= 2; set++)
    {
      Case c = case_of (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR, NULL);

      c.rules = (GalleyMergeRules){ .set = set, .policy = GALLEY_POLICY_PERSONS };
      c.rules.favoured = g_array_new (FALSE, FALSE, sizeof (GalleyId));
      g_array_append_val (c.rules.favoured, two);
      add_head (&c, 1, 1, STRING ("#one"));
      add_head (&c, 2, 2, STRING ("#two"));
      c.heads[1].actor = two;
      assert_merge (&c, FALSE, GALLEY_STATE_CONFLICT, "earliest", "'#one'");
      galley_merge_rules_clear (&c.rules);
    }

  {
    Case c = case_of (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BODY, STRING ("one two three"));

    c.rules = (GalleyMergeRules){ .set = GALLEY_MERGE_RULES_POLICIES,
                                  .policy = GALLEY_POLICY_PERSONS };
    c.rules.favoured = g_array_new (FALSE, FALSE, sizeof (GalleyId));
    g_array_append_val (c.rules.favoured, two);
    add_head (&c, 1, 1, STRING ("ONE two three"));
    add_head (&c, 2, 2, STRING ("one two THREE"));
    c.heads[1].actor = two;
    assert_merge (&c, TRUE, GALLEY_STATE_MERGED, "text-words", "'ONE two THREE'");
    galley_merge_rules_clear (&c.rules);
  }
}

static void
test_policy_texts (void)
{
  static const char *const unknown[] = { "", "newest", "persons:", "persons:me", "Ask" };
  GalleyPolicy policy = { .kind = GALLEY_POLICY_PERSONS, .n_persons = 2 };
  g_autofree char *text = NULL;
  g_autoptr (GVariant) one = NULL, both = NULL, none = NULL, odd = NULL;

  policy.persons[0] = person (7);
  policy.persons[1] = person (9);
  text = galley_policy_to_string (&policy);
  g_assert_true (galley_policy_parse (text, &policy));
  g_assert_cmpint (policy.kind, ==, GALLEY_POLICY_PERSONS);
  g_assert_cmpuint (policy.n_persons, ==, 2);
  g_assert_cmpuint (policy.persons[1].bytes[0], ==, 9);
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      g_assert_false (galley_policy_parse (unknown[i], &policy));
      g_assert_cmpint (policy.kind, ==, GALLEY_POLICY_NEWER);
    }

  one = g_variant_ref_sink (galley_policies_set (NULL, GALLEY_KIND_ITEM, GALLEY_ITEM_DUE,
                                                 &(GalleyPolicy){ GALLEY_POLICY_CAREFUL }));
  both = g_variant_ref_sink (galley_policies_set (one, GALLEY_KIND_ANNOTATION,
                                                  GALLEY_ANNOTATION_COLOR,
                                                  &(GalleyPolicy){ GALLEY_POLICY_AUTHOR }));
  none = g_variant_ref_sink (galley_policies_set (both, GALLEY_KIND_ITEM, GALLEY_ITEM_DUE,
                                                  &(GalleyPolicy){ GALLEY_POLICY_ASK }));
  g_clear_pointer (&text, g_free);
  text = g_variant_print (both, FALSE);
  g_assert_cmpstr (text, ==, "{'annotation.color': 'author', 'item.due': 'careful'}");
  galley_policies_find (both, GALLEY_KIND_ITEM, GALLEY_ITEM_DUE, &policy);
  g_assert_cmpint (policy.kind, ==, GALLEY_POLICY_CAREFUL);
  galley_policies_find (none, GALLEY_KIND_ITEM, GALLEY_ITEM_DUE, &policy);
  g_assert_cmpint (policy.kind, ==, GALLEY_POLICY_ASK);

  /* Of what says which rules hold no policy says anything. */
  odd = g_variant_ref_sink (g_variant_new_parsed ("{'project.policies': 'author',"
                                                  " 'project.merge_rules': 'of tomorrow'}"));
  galley_policies_find (odd, GALLEY_KIND_PROJECT, GALLEY_PROJECT_POLICIES, &policy);
  g_assert_cmpint (policy.kind, ==, GALLEY_POLICY_ASK);
  galley_policies_find (odd, GALLEY_KIND_PROJECT, GALLEY_PROJECT_RULES, &policy);
  g_assert_cmpint (policy.kind, ==, GALLEY_POLICY_ASK);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/merge/register", test_register);
  g_test_add_func ("/merge/text", test_text);
  g_test_add_func ("/merge/set", test_set);
  g_test_add_func ("/merge/order", test_order);
  g_test_add_func ("/merge/geometry", test_geometry);
  g_test_add_func ("/merge/lifecycle", test_lifecycle);
  g_test_add_func ("/merge/decision", test_decision);
  g_test_add_func ("/merge/unknown-field", test_unknown_field);
  g_test_add_func ("/merge/careful", test_careful);
  g_test_add_func ("/merge/careful-of-cleared", test_careful_of_cleared);
  g_test_add_func ("/merge/newer-rules", test_newer_rules);
  g_test_add_func ("/merge/policies", test_policies);
  g_test_add_func ("/merge/policy-only-where-asked", test_policy_only_where_asked);
  g_test_add_func ("/merge/policy-texts", test_policy_texts);
  return g_test_run ();
}
