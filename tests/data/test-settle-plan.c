/* test-settle-plan.c: one choice for many conflicts: which it settles, and which it leaves
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include "data/galley-settle-plan.h"

#define N_NOTES 4

/* Three devices that disagree on the colour of every note and on the status of the first. */
typedef struct
{
  TestDevice *a, *b, *c;
  TestStream *stream;
  GalleyId project, item, notes[N_NOTES];
} Team;

static void
set_color (Team *team, TestDevice *device, guint note, const char *color)
{
  test_device_set (device, &team->project, GALLEY_KIND_ANNOTATION, &team->notes[note],
                   GALLEY_ANNOTATION_COLOR, NULL, g_variant_new_string (color));
}

static void
team_init (Team *team)
{
  team->a = test_device_new ("a");
  team->b = test_device_new ("b");
  team->c = test_device_new ("c");
  test_device_make_project (team->a, &team->project);
  test_device_make_item (team->a, &team->project, "Poster", &team->item);
  for (guint i = 0; i < N_NOTES; i++)
    test_device_make_note (team->a, &team->project, &team->item, "one", &team->notes[i]);
  team->stream = test_stream_new (&team->project);
  test_stream_sync (team->stream, team->a, team->b);
  test_stream_pull (team->stream, team->c);

  for (guint i = 0; i < N_NOTES; i++)
    {
      set_color (team, team->a, i, "#aa0000");
      set_color (team, team->b, i, "#00bb00");
    }
  set_color (team, team->c, 3, "#0000cc");
  test_device_set (team->a, &team->project, GALLEY_KIND_ITEM, &team->item, GALLEY_ITEM_NAME, NULL,
                   g_variant_new_string ("by a"));
  test_device_set (team->b, &team->project, GALLEY_KIND_ITEM, &team->item, GALLEY_ITEM_NAME, NULL,
                   g_variant_new_string ("by b"));
  test_stream_push (team->stream, team->a);
  test_stream_push (team->stream, team->b);
  test_stream_push (team->stream, team->c);
  test_stream_pull (team->stream, team->a);
  test_stream_pull (team->stream, team->b);
  test_stream_pull (team->stream, team->c);
}

static void
team_clear (Team *team)
{
  test_stream_free (team->stream);
  test_device_free (team->a);
  test_device_free (team->b);
  test_device_free (team->c);
}

static GalleySettlePlan *
plan (TestDevice *device, const GalleySettleRule *rule)
{
  GalleyChooser chooser;
  g_autoptr (GError) error = NULL;
  GalleySettlePlan *plan;

  galley_store_get_person (device->store, &chooser.person);
  chooser.device = *galley_store_get_device (device->store);
  plan = galley_settle_plan_make (device->reader, rule, &chooser, &error);
  g_assert_no_error (error);
  return plan;
}

static void
assert_plan (TestDevice *device, const GalleySettleRule *rule, guint n_fields, guint n_left)
{
  g_autoptr (GalleySettlePlan) made = plan (device, rule);

  g_assert_cmpuint (made->n_fields, ==, n_fields);
  g_assert_cmpuint (made->n_left, ==, n_left);
}

static void
test_which (void)
{
  g_test_summary ("A rule is about what it says, and leaves what the choice says nothing for");
  Team team;
  GalleyId person;

  team_init (&team);
  galley_store_get_person (team.c->store, &person);
  assert_plan (team.a, &(GalleySettleRule){ .scope = GALLEY_SETTLE_ALL, .take = GALLEY_TAKE_MINE },
               N_NOTES + 1, 0);
  /* Of two others neither is "theirs". */
  assert_plan (team.a,
               &(GalleySettleRule){ .scope = GALLEY_SETTLE_ALL, .take = GALLEY_TAKE_THEIRS },
               N_NOTES, 1);
  /* C has a value of its own in one of them alone. */
  assert_plan (team.c, &(GalleySettleRule){ .scope = GALLEY_SETTLE_ALL, .take = GALLEY_TAKE_MINE },
               1, N_NOTES);
  assert_plan (team.a,
               &(GalleySettleRule){
                   .scope = GALLEY_SETTLE_PERSON, .id = person, .take = GALLEY_TAKE_THEIRS },
               1, 0);
  assert_plan (team.a,
               &(GalleySettleRule){ .scope = GALLEY_SETTLE_DEVICE,
                                    .id = *galley_store_get_device (team.b->store),
                                    .take = GALLEY_TAKE_THEIRS },
               N_NOTES + 1, 0);
  assert_plan (team.a,
               &(GalleySettleRule){ .scope = GALLEY_SETTLE_FIELD,
                                    .kind = GALLEY_KIND_ANNOTATION,
                                    .field = GALLEY_ANNOTATION_COLOR,
                                    .take = GALLEY_TAKE_BASE },
               N_NOTES, 0);
  assert_plan (team.a,
               &(GalleySettleRule){
                   .scope = GALLEY_SETTLE_ITEM, .id = team.notes[0], .take = GALLEY_TAKE_MINE },
               1, 0);
  team_clear (&team);
}

static void
test_done (void)
{
  g_test_summary ("What is settled is settled everywhere, in one transaction");
  Team team;
  GalleySettleRule rule = { .scope = GALLEY_SETTLE_DEVICE, .take = GALLEY_TAKE_THEIRS };
  g_autoptr (GalleySettlePlan) made = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *color = NULL;

  team_init (&team);
  rule.id = *galley_store_get_device (team.b->store);
  made = plan (team.a, &rule);
  galley_store_commit_many (team.a->store, made->drafts, NULL, &error);
  g_assert_no_error (error);
  test_stream_push (team.stream, team.a);
  test_stream_pull (team.stream, team.c);
  g_assert_cmpuint (test_device_count_conflicts (team.c), ==, 0);
  color = test_device_get (team.c, &team.notes[3], GALLEY_ANNOTATION_COLOR);
  g_assert_cmpstr (color, ==, "'#00bb00'");
  team_clear (&team);
}

static void
test_deleted (void)
{
  g_test_summary (
      "Whoever has said nothing on a delete has no word to be taken; of one it is theirs");
  Team team;
  GalleySettleRule rule = { .scope = GALLEY_SETTLE_DEVICE, .take = GALLEY_TAKE_THEIRS };
  GalleyDraft *draft;
  g_autoptr (GalleySettlePlan) made = NULL;
  g_autoptr (GalleyEntity) note = NULL;
  g_autoptr (GError) error = NULL;

  team_init (&team);
  draft = galley_draft_new (&team.project, "delete");
  galley_draft_delete (draft, GALLEY_KIND_ANNOTATION, &team.notes[0]);
  test_device_commit (team.b, draft);
  set_color (&team, team.a, 0, "#123456");
  test_stream_push (team.stream, team.b);
  test_stream_push (team.stream, team.a);
  test_stream_pull (team.stream, team.c);

  /* C has taken no part in it: nothing of it is C's, and nothing is "not C's". */
  made = plan (team.c, &(GalleySettleRule){ .scope = GALLEY_SETTLE_ITEM,
                                            .id = team.notes[0],
                                            .take = GALLEY_TAKE_MINE });
  g_assert_cmpuint (made->n_fields, ==, 0);
  g_assert_cmpuint (made->n_left, >, 0);
  g_clear_pointer (&made, galley_settle_plan_free);

  rule.id = *galley_store_get_device (team.b->store);
  made = plan (team.c, &rule);
  galley_store_commit_many (team.c->store, made->drafts, NULL, &error);
  g_assert_no_error (error);
  test_device_reopen (team.c);
  note = galley_reader_get_entity (team.c->reader, &team.notes[0], NULL);
  g_assert_true (note == NULL || !note->alive);
  team_clear (&team);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/settle-plan/which", test_which);
  g_test_add_func ("/settle-plan/done", test_done);
  g_test_add_func ("/settle-plan/deleted", test_deleted);
  return g_test_run ();
}
