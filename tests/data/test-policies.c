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
#include "data/galley-resolve.h"
#include "data/galley-shadow.h"

#include <string.h>

typedef struct
{
  TestDevice *a, *b;
  TestStream *stream;
  GalleyId project, item, note, person_a, person_b;
} Pair;

static void
pair_init (Pair *pair)
{
  pair->a = test_device_new ("a");
  pair->b = test_device_new ("b");
  galley_store_get_person (pair->a->store, &pair->person_a);
  galley_store_get_person (pair->b->store, &pair->person_b);
  test_device_make_project (pair->a, &pair->project);
  test_device_make_item (pair->a, &pair->project, "Poster", &pair->item);
  test_device_make_note (pair->a, &pair->project, &pair->item, "one", &pair->note);
  pair->stream = test_stream_new (&pair->project);
  test_stream_sync (pair->stream, pair->a, pair->b);
}

static void
pair_clear (Pair *pair)
{
  test_device_assert_replay (pair->a);
  test_device_assert_replay (pair->b);
  test_stream_free (pair->stream);
  test_device_free (pair->a);
  test_device_free (pair->b);
}

static void
sync_all (Pair *pair)
{
  test_stream_sync (pair->stream, pair->a, pair->b);
}

static void
set_color (Pair *pair, TestDevice *device, const char *color)
{
  test_device_set (device, &pair->project, GALLEY_KIND_ANNOTATION, &pair->note,
                   GALLEY_ANNOTATION_COLOR, NULL, g_variant_new_string (color));
}

/* A's first, so that it is what everyone sees where nothing else is said. */
static void
come_apart (Pair *pair)
{
  set_color (pair, pair->a, "#aaaaaa");
  set_color (pair, pair->b, "#bbbbbb");
  sync_all (pair);
}

static void
say (Pair *pair, TestDevice *device, guint8 kind, guint16 field, const GalleyPolicy *policy)
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
say_of_color (Pair *pair, GalleyPolicyKind kind)
{
  say (pair, pair->a, GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR, &(GalleyPolicy){ kind });
}

static void
assign (Pair *pair, TestDevice *device, const GalleyId *person, gboolean on)
{
  char id[GALLEY_ID_TEXT_SIZE];

  test_device_set (device, &pair->project, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_ASSIGNEES,
                   galley_id_print (person, id), on ? g_variant_new_boolean (TRUE) : NULL);
}

static void
assert_color (Pair *pair, const char *shown, GalleyFieldState state)
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
  Pair pair;

  pair_init (&pair);
  come_apart (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_CONFLICT);
  say (&pair, pair.a, GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR,
       &(GalleyPolicy){ GALLEY_POLICY_PERSONS, 1, { pair.person_b } });
  sync_all (&pair);
  assert_color (&pair, "'#bbbbbb'", GALLEY_STATE_MERGED);
  say_of_color (&pair, GALLEY_POLICY_AUTHOR);
  sync_all (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_MERGED);
  say_of_color (&pair, GALLEY_POLICY_ASK);
  sync_all (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_CONFLICT);
  pair_clear (&pair);
}

/* Whom the item is assigned to may change at any time, before and after people disagree. */
static void
test_assignees (void)
{
  Pair pair;

  pair_init (&pair);
  say_of_color (&pair, GALLEY_POLICY_ASSIGNEES);
  sync_all (&pair);
  come_apart (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_CONFLICT);
  assign (&pair, pair.a, &pair.person_b, TRUE);
  sync_all (&pair);
  assert_color (&pair, "'#bbbbbb'", GALLEY_STATE_MERGED);
  assign (&pair, pair.b, &pair.person_a, TRUE);
  sync_all (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_CONFLICT);
  assign (&pair, pair.b, &pair.person_b, FALSE);
  sync_all (&pair);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_MERGED);

  /* Overruled: somebody who has seen both. */
  set_color (&pair, pair.b, "#cccccc");
  sync_all (&pair);
  assert_color (&pair, "'#cccccc'", GALLEY_STATE_SETTLED);
  pair_clear (&pair);
}

/* Whatever the order in which a device hears of it all. */
static void
test_any_order (void)
{
  for (guint round = 0; round < 12; round++)
    {
      Pair pair;

      pair_init (&pair);
      for (guint step = 0; step < 12; step++)
        {
          TestDevice *device = g_test_rand_bit () ? pair.a : pair.b;
          const GalleyId *person = g_test_rand_bit () ? &pair.person_a : &pair.person_b;

          switch (g_test_rand_int_range (0, 6))
            {
            case 0:
              assign (&pair, device, person, g_test_rand_bit ());
              break;
            case 1:
              say (&pair, pair.a, GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR,
                   &(GalleyPolicy){
                       g_test_rand_int_range (0, GALLEY_POLICY_NEWER), 1, { *person } });
              break;
            case 2:
              sync_all (&pair);
              break;
            default:
              set_color (&pair, device, g_test_rand_bit () ? "#111111" : "#222222");
              break;
            }
        }
      sync_all (&pair);
      {
        g_autofree char *a = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_COLOR);
        g_autofree char *b = test_device_get (pair.b, &pair.note, GALLEY_ANNOTATION_COLOR);

        g_assert_cmpstr (a, ==, b);
        g_assert_cmpint (test_device_get_state (pair.a, &pair.note, GALLEY_ANNOTATION_COLOR), ==,
                         test_device_get_state (pair.b, &pair.note, GALLEY_ANNOTATION_COLOR));
      }
      pair_clear (&pair);
    }
}

/* What the careful set did stays when the first policy is said. */
static void
test_from_careful (void)
{
  Pair pair;

  pair_init (&pair);
  test_device_set (pair.a, &pair.project, GALLEY_KIND_PROJECT, &pair.project, GALLEY_PROJECT_RULES,
                   NULL, g_variant_new_uint32 (GALLEY_MERGE_RULES_CAREFUL));
  say_of_color (&pair, GALLEY_POLICY_AUTHOR);
  sync_all (&pair);
  test_device_set (pair.a, &pair.project, GALLEY_KIND_ITEM, &pair.item, GALLEY_ITEM_DUE, NULL,
                   g_variant_new_int64 (200));
  test_device_set (pair.b, &pair.project, GALLEY_KIND_ITEM, &pair.item, GALLEY_ITEM_DUE, NULL,
                   g_variant_new_int64 (100));
  sync_all (&pair);
  {
    g_autofree char *due = test_device_get (pair.b, &pair.item, GALLEY_ITEM_DUE);

    g_assert_cmpstr (due, ==, "100");
    g_assert_cmpint (test_device_get_state (pair.b, &pair.item, GALLEY_ITEM_DUE), ==,
                     GALLEY_STATE_MERGED);
  }
  pair_clear (&pair);
}

static void
choose (Pair *pair, TestDevice *device, GalleyTake take)
{
  g_autoptr (GPtrArray) fields = galley_reader_get_conflict (device->reader, &pair->note, NULL);
  const GalleyConflictField *field = fields->pdata[0];
  GalleyChoice choice = { .take = take };
  GalleyChooser chooser = { .device = *galley_store_get_device (device->store) };

  galley_store_get_person (device->store, &chooser.person);
  test_device_commit (device,
                      galley_resolve_make_draft (&pair->project, GALLEY_KIND_ANNOTATION,
                                                 &pair->note, &field, &choice, 1, &chooser, NULL));
  sync_all (pair);
}

/* Tried on what there has been: two that people settled, one each way, and one that is open. */
static void
test_trial (void)
{
  g_autoptr (GalleyPolicyTrial) trial = NULL, nobody = NULL;
  g_auto (GalleyShadowReport) report = { 0 };
  g_autoptr (GalleyShadow) shadow = NULL;
  g_autoptr (GVariant) policies = NULL;
  g_autoptr (GError) error = NULL;
  const GalleyPolicy policy = { .kind = GALLEY_POLICY_AUTHOR };
  Pair pair;

  pair_init (&pair);
  come_apart (&pair);
  choose (&pair, pair.a, GALLEY_TAKE_MINE);
  come_apart (&pair);
  choose (&pair, pair.a, GALLEY_TAKE_THEIRS);
  come_apart (&pair);

  trial = galley_policy_trial_run (pair.b->reader, &pair.project, GALLEY_KIND_ANNOTATION,
                                   GALLEY_ANNOTATION_COLOR, &policy, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (trial->cases->len, ==, 3);
  g_assert_cmpuint (trial->n_settled, ==, 3);
  g_assert_cmpuint (trial->n_alike, ==, 1);
  g_assert_cmpuint (trial->n_unlike, ==, 1);
  nobody = galley_policy_trial_run (pair.b->reader, &pair.project, GALLEY_KIND_ANNOTATION,
                                    GALLEY_ANNOTATION_COLOR,
                                    &(GalleyPolicy){ GALLEY_POLICY_ASSIGNEES }, &error);
  g_assert_cmpuint (nobody->cases->len, ==, 3);
  g_assert_cmpuint (nobody->n_settled, ==, 0);
  assert_color (&pair, "'#aaaaaa'", GALLEY_STATE_CONFLICT);

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
  sync_all (&pair);
  g_clear_pointer (&shadow, galley_shadow_free);
  galley_shadow_report_clear (&report);
  shadow = galley_shadow_new (pair.b->folder, &error);
  g_assert_no_error (error);
  galley_shadow_run (shadow, &pair.project, GALLEY_MERGE_RULES_POLICIES, NULL, NULL, NULL, NULL,
                     &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.fields->len, ==, 0);
  pair_clear (&pair);
}

/* What a past moment comes to goes by them too. */
static void
test_past (void)
{
  g_autoptr (GPtrArray) past = NULL;
  g_autoptr (GError) error = NULL;
  gboolean whole, found = FALSE;
  Pair pair;

  pair_init (&pair);
  say_of_color (&pair, GALLEY_POLICY_ASSIGNEES);
  assign (&pair, pair.a, &pair.person_b, TRUE);
  sync_all (&pair);
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
  pair_clear (&pair);
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
