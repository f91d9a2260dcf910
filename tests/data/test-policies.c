/* test-policies.c: a project's policies: the same on every device, whatever came first
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include "data/galley-intent.h"
#include "data/galley-merge.h"
#include "data/galley-past.h"
#include "data/galley-policy-trial.h"
#include "data/galley-shadow.h"

#include <string.h>

static GalleyId
person_of (TestDevice *device)
{
  GalleyId person;

  galley_store_get_person (device->store, &person);
  return person;
}

static void
clear (TestPair *pair)
{
  test_device_assert_replay (pair->a);
  test_device_assert_replay (pair->b);
  test_pair_clear (pair);
}

static void
set_color (TestPair *pair, TestDevice *device, const char *color)
{
  test_pair_set_note (pair, device, GALLEY_ANNOTATION_COLOR, color);
}

/* A's first, so that it is what everyone sees where nothing else is said. */
static void
come_apart (TestPair *pair)
{
  set_color (pair, pair->a, "#aaaaaa");
  set_color (pair, pair->b, "#bbbbbb");
  test_pair_sync (pair);
}

static void
say (TestPair *pair, TestDevice *device, guint8 kind, guint16 field, const GalleyPolicy *policy)
{
  g_autoptr (GalleyEntity) entity = galley_reader_get_entity (device->reader, &pair->project, NULL);
  g_autoptr (GalleyDraft) draft = galley_draft_new (&pair->project, GALLEY_INTENT_SWITCH_RULES);
  g_autoptr (GVariant) policies = g_variant_ref_sink (
      galley_policies_set (galley_entity_get_value (entity, GALLEY_PROJECT_POLICIES), kind, field,
                           policy));

  galley_intent_set_policies (draft, &pair->project,
                              galley_entity_get_value (entity, GALLEY_PROJECT_RULES), policies);
  test_device_commit (device, g_steal_pointer (&draft));
}

static void
say_of_color (TestPair *pair, GalleyPolicyKind kind)
{
  say (pair, pair->a, GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR, &(GalleyPolicy){ kind });
}

/* @person: whose device that is */
static void
assign (TestPair *pair, TestDevice *device, TestDevice *person, gboolean on)
{
  GalleyId id = person_of (person);
  char text[GALLEY_ID_TEXT_SIZE];

  test_device_set (device, &pair->project, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_ASSIGNEES,
                   galley_id_print (&id, text), on ? g_variant_new_boolean (TRUE) : NULL);
}

static void
assert_color (TestPair *pair, const char *shown, GalleyFieldState state)
{
  TestDevice *const devices[] = { pair->a, pair->b };

  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    {
      g_autofree char *value = test_device_get (devices[i], &pair->note, GALLEY_ANNOTATION_COLOR);

      g_assert_cmpstr (value, ==, shown);
      g_assert_cmpint (test_device_get_state (devices[i], &pair->note, GALLEY_ANNOTATION_COLOR), ==,
                       state);
      g_assert_cmpuint (test_device_count_conflicts (devices[i]), ==,
                        state == GALLEY_STATE_CONFLICT);
    }
}

/* What was open before is settled as soon as the project says so, and open again when it does not.
 */
static void
test_switched (void)
{
  TestPair pair;

  test_pair_init (&pair, "one");
  come_apart (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_CONFLICT);
  say (&pair, pair.a, GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR,
       &(GalleyPolicy){ GALLEY_POLICY_PERSONS, 1, { person_of (pair.b) } });
  test_pair_sync (&pair);
  assert_color (&pair, "'#bbbbbb'", GALLEY_STATE_MERGED);
  say_of_color (&pair, GALLEY_POLICY_AUTHOR);
  test_pair_sync (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_MERGED);
  say_of_color (&pair, GALLEY_POLICY_ASK);
  test_pair_sync (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_CONFLICT);
  clear (&pair);
}

/* Whom the item is assigned to may change at any time, before and after people disagree. */
static void
test_assignees (void)
{
  TestPair pair;

  test_pair_init (&pair, "one");
  say_of_color (&pair, GALLEY_POLICY_ASSIGNEES);
  test_pair_sync (&pair);
  come_apart (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_CONFLICT);
  assign (&pair, pair.a, pair.b, TRUE);
  test_pair_sync (&pair);
  assert_color (&pair, "'#bbbbbb'", GALLEY_STATE_MERGED);
  assign (&pair, pair.b, pair.a, TRUE);
  test_pair_sync (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_CONFLICT);
  assign (&pair, pair.b, pair.b, FALSE);
  test_pair_sync (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_MERGED);

  /* Overruled: somebody who has seen both. */
  set_color (&pair, pair.b, "#cccccc");
  test_pair_sync (&pair);
  assert_color (&pair, "'#cccccc'", GALLEY_STATE_SETTLED);
  clear (&pair);
}

/* Whatever the order in which a device hears of it all. */
static void
test_any_order (void)
{
  for (guint round = 0; round < 12; round++)
    {
      TestPair pair;

      test_pair_init (&pair, "one");
      for (guint step = 0; step < 12; step++)
        {
          TestDevice *device = g_test_rand_bit () ? pair.a : pair.b;
          TestDevice *person = g_test_rand_bit () ? pair.a : pair.b;

          switch (g_test_rand_int_range (0, 6))
            {
            case 0:
              assign (&pair, device, person, g_test_rand_bit ());
              break;
            case 1:
              say (&pair, pair.a, GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR,
                   &(GalleyPolicy){
                       g_test_rand_int_range (0, GALLEY_POLICY_NEWER), 1, { person_of (person) } });
              break;
            case 2:
              test_pair_sync (&pair);
              break;
            default:
              set_color (&pair, device, g_test_rand_bit () ? "#111111" : "#222222");
              break;
            }
        }
      test_pair_sync (&pair);
      {
        g_autofree char *a = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_COLOR);
        g_autofree char *b = test_device_get (pair.b, &pair.note, GALLEY_ANNOTATION_COLOR);

        g_assert_cmpstr (a, ==, b);
        g_assert_cmpint (test_device_get_state (pair.a, &pair.note, GALLEY_ANNOTATION_COLOR), ==,
                         test_device_get_state (pair.b, &pair.note, GALLEY_ANNOTATION_COLOR));
      }
      clear (&pair);
    }
}

/* What the careful set did stays when the first policy is said. */
static void
test_from_careful (void)
{
  TestPair pair;

  test_pair_init (&pair, "one");
  test_device_set (pair.a, &pair.project, GALLEY_KIND_PROJECT, &pair.project, GALLEY_PROJECT_RULES,
                   NULL, g_variant_new_uint32 (GALLEY_MERGE_RULES_CAREFUL));
  say_of_color (&pair, GALLEY_POLICY_AUTHOR);
  test_pair_sync (&pair);
  test_device_set (pair.a, &pair.project, GALLEY_KIND_ITEM, &pair.item, GALLEY_ITEM_DUE, NULL,
                   g_variant_new_int64 (200));
  test_device_set (pair.b, &pair.project, GALLEY_KIND_ITEM, &pair.item, GALLEY_ITEM_DUE, NULL,
                   g_variant_new_int64 (100));
  test_pair_sync (&pair);
  {
    g_autofree char *due = test_device_get (pair.b, &pair.item, GALLEY_ITEM_DUE);

    g_assert_cmpstr (due, ==, "100");
    g_assert_cmpint (test_device_get_state (pair.b, &pair.item, GALLEY_ITEM_DUE), ==,
                     GALLEY_STATE_MERGED);
  }
  clear (&pair);
}

/* Tried on what there has been: two that people settled, one each way, and one that is open. */
static void
test_trial (void)
{
  g_autoptr (GalleyPolicyTrial) trial = NULL, nobody = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (GalleyShadowReport) report = { 0 };
  g_autoptr (GalleyShadow) shadow = NULL;
  g_autoptr (GVariant) policies = NULL;
  g_autoptr (GError) error = NULL;
  const GalleyPolicy policy = { .kind = GALLEY_POLICY_AUTHOR };
  TestPair pair;

  test_pair_init (&pair, "one");
  come_apart (&pair);
  test_pair_settle (&pair, pair.a, GALLEY_TAKE_MINE);
  test_pair_sync (&pair);
  come_apart (&pair);
  test_pair_settle (&pair, pair.a, GALLEY_TAKE_THEIRS);
  test_pair_sync (&pair);
  come_apart (&pair);

  trial = galley_policy_trial_run (pair.b->reader, &pair.project, GALLEY_KIND_ANNOTATION,
                                   GALLEY_ANNOTATION_COLOR, &policy, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (trial->cases->len, ==, 3);
  g_assert_cmpuint (trial->n_settled, ==, 3);
  g_assert_cmpuint (trial->n_alike, ==, 1);
  g_assert_cmpuint (trial->n_unlike, ==, 1);
  nobody = galley_policy_trial_run (pair.b->reader, &pair.project, GALLEY_KIND_ANNOTATION,
                                    GALLEY_ANNOTATION_COLOR,
                                    &(GalleyPolicy){ GALLEY_POLICY_ASSIGNEES }, NULL, &error);
  g_assert_cmpuint (nobody->cases->len, ==, 3);
  g_assert_cmpuint (nobody->n_settled, ==, 0);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_CONFLICT);
  g_cancellable_cancel (cancellable);
  g_assert_null (galley_policy_trial_run (pair.b->reader, &pair.project, GALLEY_KIND_ANNOTATION,
                                          GALLEY_ANNOTATION_COLOR, &policy, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  /* The whole project in shadow says the same of what is open. */
  shadow = galley_shadow_new (pair.b->folder, &error);
  g_assert_no_error (error);
  policies = g_variant_ref_sink (
      galley_policies_set (NULL, GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR, &policy));
  galley_shadow_run (shadow, &pair.project, GALLEY_MERGE_RULES_POLICIES, policies, NULL, NULL, NULL,
                     &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.n_settled, ==, 1);

  /* Supposing no policies is not supposing that there are none. */
  say_of_color (&pair, GALLEY_POLICY_AUTHOR);
  test_pair_sync (&pair);
  g_clear_pointer (&shadow, galley_shadow_free);
  galley_shadow_report_clear (&report);
  shadow = galley_shadow_new (pair.b->folder, &error);
  g_assert_no_error (error);
  galley_shadow_run (shadow, &pair.project, GALLEY_MERGE_RULES_POLICIES, NULL, NULL, NULL, NULL,
                     &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.fields->len, ==, 0);
  clear (&pair);
}

/* What a past moment comes to goes by them too. */
static void
test_past (void)
{
  g_autoptr (GPtrArray) past = NULL;
  g_autoptr (GError) error = NULL;
  gboolean whole, found = FALSE;
  TestPair pair;

  test_pair_init (&pair, "one");
  say_of_color (&pair, GALLEY_POLICY_ASSIGNEES);
  assign (&pair, pair.a, pair.b, TRUE);
  test_pair_sync (&pair);
  come_apart (&pair);
  assert_color (&pair, "'#bbbbbb'", GALLEY_STATE_MERGED);
  past = galley_past_list_item (pair.a->reader, &pair.item, G_MAXUINT64, &whole, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < past->len; i++)
    if (galley_id_equal (&((GalleyEntity *)past->pdata[i])->id, &pair.note))
      {
        const GalleyField *field = galley_entity_get_field (past->pdata[i],
                                                            GALLEY_ANNOTATION_COLOR);

        found = TRUE;
        g_assert_cmpstr (g_variant_get_string (field->value, NULL), ==, "#bbbbbb");
        g_assert_cmpstr (field->rule, ==, "assignees");
      }
  g_assert_true (found);
  clear (&pair);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/policies/switched", test_switched);
  g_test_add_func ("/policies/assignees", test_assignees);
  g_test_add_func ("/policies/any-order", test_any_order);
  g_test_add_func ("/policies/from-careful", test_from_careful);
  g_test_add_func ("/policies/trial", test_trial);
  g_test_add_func ("/policies/past", test_past);
  return g_test_run ();
}
