/* test-shadow.c: what other rules or another Galley would show, before they are switched on; and
 * the replay of one project
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"
#include "galley-test-newer.h"

#include "data/galley-replay.h"
#include "data/galley-shadow.h"
#include "data/galley-store-private.h"

#include <string.h>

/* Two people have disagreed about a note and about the item's date and name. */
typedef struct
{
  TestDevice *a, *b;
  TestStream *stream;
  GalleyId project, item, note;
} Bench;

static void
set_note (Bench *bench, TestDevice *device, guint16 field, GVariant *value)
{
  test_device_set (device, &bench->project, GALLEY_KIND_ANNOTATION, &bench->note, field, NULL,
                   value);
}

static void
set_item (Bench *bench, TestDevice *device, guint16 field, GVariant *value)
{
  test_device_set (device, &bench->project, GALLEY_KIND_ITEM, &bench->item, field, NULL, value);
}

static void
set_up (Bench *bench, gconstpointer data)
{
  bench->a = test_device_new ("a");
  bench->b = test_device_new ("b");
  test_device_make_project (bench->a, &bench->project);
  test_device_make_item (bench->a, &bench->project, "Poster", &bench->item);
  test_device_make_note (bench->a, &bench->project, &bench->item, "here", &bench->note);
  bench->stream = test_stream_new (&bench->project);
  test_stream_sync (bench->stream, bench->a, bench->b);

  set_note (bench, bench->a, GALLEY_ANNOTATION_STATUS, g_variant_new_string ("resolved"));
  set_note (bench, bench->b, GALLEY_ANNOTATION_STATUS, g_variant_new_string ("open"));
  set_item (bench, bench->a, GALLEY_ITEM_DUE, g_variant_new_int64 (100));
  set_item (bench, bench->b, GALLEY_ITEM_DUE, g_variant_new_int64 (200));
  set_item (bench, bench->a, GALLEY_ITEM_NAME, g_variant_new_string ("Cover"));
  set_item (bench, bench->b, GALLEY_ITEM_NAME, g_variant_new_string ("Front"));
  test_stream_sync (bench->stream, bench->a, bench->b);
}

static void
tear_down (Bench *bench, gconstpointer data)
{
  test_be_newer (FALSE);
  test_device_free (bench->a);
  test_device_free (bench->b);
  test_stream_free (bench->stream);
}

static void
rehearse (TestDevice *device, const GalleyId *project, guint rules, GalleyShadowReport *report)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyShadow) shadow = galley_shadow_new (device->folder, &error);

  g_assert_no_error (error);
  galley_shadow_run (shadow, project, rules, NULL, NULL, NULL, NULL, report, &error);
  g_assert_no_error (error);
}

static const GalleyShadowField *
find_field (const GalleyShadowReport *report, const GalleyId *entity, guint16 number)
{
  for (guint i = 0; i < report->fields->len; i++)
    {
      const GalleyShadowField *field = report->fields->pdata[i];

      if (galley_id_equal (&field->entity, entity) && field->field == number)
        return field;
    }

  return NULL;
}

static void
assert_side (const GalleyShadowSide *side,
             GalleyFieldState state,
             const char *rule,
             const char *value)
{
  g_autofree char *text = side->value != NULL ? g_variant_print (side->value, FALSE) : NULL;

  g_assert_cmpint (side->state, ==, state);
  g_assert_cmpstr (side->rule, ==, rule);
  g_assert_cmpstr (text, ==, value);
}

static void
assert_nothing_left (TestDevice *device)
{
  g_autoptr (GDir) dir = g_dir_open (device->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_false (g_str_has_prefix (name, "replay-"));
}

static void
test_rules (Bench *bench, gconstpointer data)
{
  g_auto (GalleyShadowReport) report = { 0 }, same = { 0 };
  g_autofree char *before = test_device_get_digest (bench->a, &bench->project), *after = NULL;
  const GalleyShadowField *field;

  rehearse (bench->a, NULL, 2, &report);
  g_assert_cmpuint (report.n_changes, ==, 9);
  g_assert_cmpuint (report.fields->len, ==, 2);
  g_assert_cmpuint (report.n_settled, ==, 2);
  g_assert_cmpuint (report.n_opened, ==, 0);
  /* Of the date the earlier was accepted first as well. */
  g_assert_cmpuint (report.n_values, ==, 1);
  g_assert_cmpuint (report.n_things, ==, 0);
  field = find_field (&report, &bench->note, GALLEY_ANNOTATION_STATUS);
  assert_side (&field->now, GALLEY_STATE_CONFLICT, "earliest", "'resolved'");
  assert_side (&field->then, GALLEY_STATE_MERGED, "careful", "'open'");
  g_assert_nonnull (find_field (&report, &bench->item, GALLEY_ITEM_DUE));
  g_assert_null (find_field (&report, &bench->item, GALLEY_ITEM_NAME));

  g_test_message ("Nothing is changed, and it is as was foretold.");
  after = test_device_get_digest (bench->a, &bench->project);
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpuint (test_device_count_conflicts (bench->a), ==, 2);
  assert_nothing_left (bench->a);
  rehearse (bench->a, NULL, 1, &same);
  g_assert_cmpuint (same.fields->len, ==, 0);
  test_device_set (bench->a, &bench->project, GALLEY_KIND_PROJECT, &bench->project,
                   GALLEY_PROJECT_RULES, NULL, g_variant_new_uint32 (2));
  g_assert_cmpuint (test_device_count_conflicts (bench->a), ==, 1);
  galley_shadow_report_clear (&same);
  rehearse (bench->a, NULL, 2, &same);
  g_assert_cmpuint (same.fields->len, ==, 0);
}

static void
test_back (Bench *bench, gconstpointer data)
{
  g_auto (GalleyShadowReport) report = { 0 };

  g_test_summary ("What would wait for a person again is told as well");

  test_device_set (bench->a, &bench->project, GALLEY_KIND_PROJECT, &bench->project,
                   GALLEY_PROJECT_RULES, NULL, g_variant_new_uint32 (2));
  rehearse (bench->a, NULL, 1, &report);
  g_assert_cmpuint (report.n_opened, ==, 2);
  g_assert_cmpuint (report.n_settled, ==, 0);
}

static gboolean
approve_all (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_database_exec (writer->db, "UPDATE derived_item SET state = 'approved'", error);
}

static void
test_items (Bench *bench, gconstpointer data)
{
  g_auto (GalleyShadowReport) report = { 0 };
  const GalleyShadowItem *item;
  g_autoptr (GError) error = NULL;

  g_test_summary ("An item that would be in another state is named");

  galley_store_write (bench->a->store, approve_all, NULL, &error);
  g_assert_no_error (error);
  rehearse (bench->a, NULL, 1, &report);
  g_assert_cmpuint (report.items->len, ==, 1);
  item = report.items->pdata[0];
  g_assert_true (galley_id_equal (&item->id, &bench->item));
  g_assert_true (galley_id_equal (&item->project, &bench->project));
  g_assert_cmpstr (item->name, ==, "Cover");
  g_assert_cmpstr (item->now, ==, "approved");
  g_assert_cmpstr (item->then, ==, "open");
}

static void
test_one_project (Bench *bench, gconstpointer data)
{
  g_auto (GalleyShadowReport) report = { 0 };
  GalleyId other;

  test_device_make_project (bench->a, &other);
  rehearse (bench->a, &other, 2, &report);
  g_assert_cmpuint (report.n_changes, ==, 1);
  g_assert_cmpuint (report.fields->len, ==, 0);
}

/* ── with another Galley ── */

static void
test_update (Bench *bench, gconstpointer data)
{
  g_auto (GalleyShadowReport) report = { 0 };
  const GalleyShadowField *field;

  g_test_summary ("What a newer Galley would show of the same journal, before it opens it");

  test_be_newer (TRUE);
  test_device_reopen (bench->a);
  set_item (bench, bench->a, TEST_ITEM_BRIEF, g_variant_new_string ("one two three four"));
  set_item (bench, bench->a, TEST_ITEM_PRIORITY, g_variant_new_string ("urgent"));
  test_stream_sync (bench->stream, bench->a, bench->b);
  set_item (bench, bench->a, TEST_ITEM_BRIEF, g_variant_new_string ("1 two three four"));
  set_item (bench, bench->b, TEST_ITEM_BRIEF, g_variant_new_string ("one two three 4"));
  test_stream_sync (bench->stream, bench->a, bench->b);
  test_be_newer (FALSE);
  test_device_reopen (bench->a);
  g_assert_cmpint (test_device_get_state (bench->a, &bench->item, TEST_ITEM_BRIEF), ==,
                   GALLEY_STATE_CONFLICT);

  test_be_newer (TRUE);
  rehearse (bench->a, NULL, 1, &report);
  g_assert_cmpuint (report.fields->len, ==, 1);
  g_assert_cmpuint (report.n_found, ==, 1);
  field = find_field (&report, &bench->item, TEST_ITEM_BRIEF);
  assert_side (&field->now, GALLEY_STATE_CONFLICT, "unknown", "'1 two three four'");
  assert_side (&field->then, GALLEY_STATE_MERGED, "text-words", "'1 two three 4'");
  test_be_newer (FALSE);
  g_assert_cmpint (test_device_get_state (bench->a, &bench->item, TEST_ITEM_BRIEF), ==,
                   GALLEY_STATE_CONFLICT);
}

/* ── the replay of one project ── */

static gboolean
spoil (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_database_exec (writer->db, "UPDATE derived_item SET name = 'spoilt'", error);
}

static void
assert_name (TestDevice *device, const GalleyId *item, const char *name)
{
  g_autoptr (GalleyItemRow) row = galley_reader_get_item (device->reader, item, NULL);

  g_assert_cmpstr (row->name, ==, name);
}

static void
test_replay_one (Bench *bench, gconstpointer data)
{
  GalleyReplayReport report;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL;
  GalleyId project, item;

  test_device_make_project (bench->a, &project);
  test_device_make_item (bench->a, &project, "Map", &item);
  before = test_device_get_digest (bench->a, &project);
  galley_store_write (bench->a->store, spoil, NULL, &error);
  g_assert_no_error (error);

  galley_replay_rebuild_project (bench->a->store, &project, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.n_changes, ==, 2);
  galley_replay_report_clear (&report);
  assert_name (bench->a, &item, "Map");
  assert_name (bench->a, &bench->item, "spoilt");
  after = test_device_get_digest (bench->a, &project);
  g_assert_cmpstr (after, ==, before);

  g_test_message ("Only what was asked for is compared.");
  galley_replay_dry_run_project (bench->a->store, &project, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_true (report.equal);
  g_assert_cmpuint (report.n_changes, ==, 2);
  galley_replay_report_clear (&report);
  galley_replay_dry_run_project (bench->a->store, &bench->project, NULL, NULL, NULL, &report,
                                 &error);
  g_assert_no_error (error);
  g_assert_false (report.equal);
  galley_replay_report_clear (&report);

  galley_replay_rebuild_project (bench->a->store, &bench->project, NULL, NULL, NULL, &report,
                                 &error);
  g_assert_no_error (error);
  galley_replay_report_clear (&report);
  test_device_assert_replay (bench->a);
  g_assert_cmpuint (test_device_count_conflicts (bench->a), ==, 2);
}

static void
test_replay_none (Bench *bench, gconstpointer data)
{
  GalleyReplayReport report;
  g_autoptr (GError) error = NULL;
  GalleyId nothing;

  galley_id_new (&nothing, galley_world_real ());
  g_assert_false (
      galley_replay_rebuild_project (bench->a->store, &nothing, NULL, NULL, NULL, &report, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND);
  test_device_assert_replay (bench->a);
}

#define ADD(path, test) g_test_add (path, Bench, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  ADD ("/shadow/rules", test_rules);
  ADD ("/shadow/back", test_back);
  ADD ("/shadow/items", test_items);
  ADD ("/shadow/one-project", test_one_project);
  ADD ("/shadow/update", test_update);
  ADD ("/replay/one-project", test_replay_one);
  ADD ("/replay/no-such-project", test_replay_none);
  return g_test_run ();
}
