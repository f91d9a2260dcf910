/* test-versions.c: an older and a newer Galley at the same project: what the older one does not
 * know it keeps and passes on, and does not write
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"
#include "galley-test-newer.h"

#include "data/galley-compactor.h"
#include "data/galley-merge.h"
#include "data/galley-resolve.h"

#include <string.h>

/* ── a project with an item, on an older device and on two newer ones ── */

typedef struct
{
  TestDevice *old, *ana, *ben; /* Ana and Ben have the newer Galley */
  TestStream *stream;
  GalleyId project, item;
} Bench;

static void
set_up (Bench *bench, gconstpointer data)
{
  bench->old = test_device_new ("old");
  test_device_make_project (bench->old, &bench->project);
  test_device_make_item (bench->old, &bench->project, "Poster", &bench->item);
  bench->stream = test_stream_new (&bench->project);
  test_be_newer (TRUE);
  bench->ana = test_device_new ("ana");
  bench->ben = test_device_new ("ben");
  test_be_newer (FALSE);
  test_stream_sync (bench->stream, bench->old, bench->ana);
  test_stream_pull (bench->stream, bench->ben);
}

static void
tear_down (Bench *bench, gconstpointer data)
{
  test_be_newer (FALSE);
  test_device_free (bench->old);
  test_device_free (bench->ana);
  test_device_free (bench->ben);
  test_stream_free (bench->stream);
}

/* Everybody has everything; each works with what its own Galley knows. */
static void
sync_all (Bench *bench)
{
  for (guint round = 0; round < 2; round++)
    {
      test_be_newer (TRUE);
      test_stream_sync (bench->stream, bench->ana, bench->ben);
      test_be_newer (FALSE);
      test_stream_push (bench->stream, bench->old);
      test_stream_pull (bench->stream, bench->old);
    }
}

static void
assert_same (Bench *bench)
{
  g_autofree char *old = test_device_get_digest (bench->old, &bench->project);
  g_autofree char *ana = test_device_get_digest (bench->ana, &bench->project);
  g_autofree char *ben = test_device_get_digest (bench->ben, &bench->project);

  g_assert_cmpstr (old, ==, ana);
  g_assert_cmpstr (old, ==, ben);
  test_device_assert_replay (bench->old);
  test_be_newer (TRUE);
  test_device_assert_replay (bench->ana);
  test_be_newer (FALSE);
}

static void
set_as_newer (Bench *bench, TestDevice *device, guint16 field, const char *text)
{
  test_be_newer (TRUE);
  test_device_set (device, &bench->project, GALLEY_KIND_ITEM, &bench->item, field, NULL,
                   g_variant_new_string (text));
  test_be_newer (FALSE);
}

static void
assert_value (TestDevice *device, const GalleyId *entity, guint16 field, const char *expected)
{
  g_autofree char *value = test_device_get (device, entity, field);

  g_assert_cmpstr (value, ==, expected);
}

/* Says why, and nothing has changed. */
static void
assert_refuses (TestDevice *device,
                const GalleyId *project,
                guint8 kind,
                const GalleyId *entity,
                guint16 field,
                GVariant *value,
                const char *why)
{
  g_autofree char *before = test_device_get_digest (device, project), *after = NULL;
  g_autoptr (GalleyDraft) draft = galley_draft_new (project, "edit");
  g_autoptr (GError) error = NULL;

  galley_draft_set_shown (draft, kind, entity, field, NULL, value);
  g_assert_false (galley_store_commit (device->store, draft, NULL, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, why));
  after = test_device_get_digest (device, project);
  g_assert_cmpstr (after, ==, before);
}

/* ── fields ── */

static void
test_field (Bench *bench, gconstpointer data)
{
  g_test_summary ("A field that an older Galley does not know stands there unread and unharmed");

  set_as_newer (bench, bench->ana, TEST_ITEM_PRIORITY, "high");
  sync_all (bench);
  assert_same (bench);
  assert_value (bench->old, &bench->item, TEST_ITEM_PRIORITY, "'high'");
  assert_refuses (bench->old, &bench->project, GALLEY_KIND_ITEM, &bench->item, TEST_ITEM_PRIORITY,
                  g_variant_new_string ("low"), "does not know");

  /* What it knows of the same thing it goes on editing, and the other way round. */
  test_device_set (bench->old, &bench->project, GALLEY_KIND_ITEM, &bench->item, GALLEY_ITEM_NAME,
                   NULL, g_variant_new_string ("Cover"));
  set_as_newer (bench, bench->ben, TEST_ITEM_PRIORITY, "low");
  sync_all (bench);
  assert_same (bench);
  assert_value (bench->ana, &bench->item, GALLEY_ITEM_NAME, "'Cover'");
  assert_value (bench->ana, &bench->item, TEST_ITEM_PRIORITY, "'low'");
  assert_value (bench->old, &bench->item, TEST_ITEM_PRIORITY, "'low'");
}

static GalleyJournalRow *
find_last (TestDevice *device, const GalleyId *project, const GalleyRef *ref)
{
  g_autoptr (GError) error = NULL;
  GalleyJournalRow *row = galley_reader_get_change (device->reader, project, ref, &error);

  g_assert_no_error (error);
  return row;
}

static void
test_bytes_are_kept (Bench *bench, gconstpointer data)
{
  const GalleyCompactOptions all = { .keep_recent = 1, .min_changes = 1 };
  g_autoptr (GalleyJournalRow) made = NULL, kept = NULL, packed = NULL;
  GalleyCompactReport report;
  g_autoptr (GError) error = NULL;
  GalleyChange *change;
  GalleyRef ref;

  g_test_summary ("An older Galley has the very bytes, so that it could give them to anybody");

  set_as_newer (bench, bench->ana, TEST_ITEM_BRIEF, "Large and red");
  sync_all (bench);
  change = bench->stream->changes->pdata[bench->stream->changes->len - 1];
  ref = (GalleyRef){ galley_change_get_header (change)->device,
                     galley_change_get_header (change)->seq };
  made = find_last (bench->ana, &bench->project, &ref);
  kept = find_last (bench->old, &bench->project, &ref);
  g_assert_true (g_bytes_equal (galley_change_get_bytes (kept->change),
                                galley_change_get_bytes (made->change)));

  set_as_newer (bench, bench->ana, TEST_ITEM_BRIEF, "Small and red");
  sync_all (bench);
  galley_compact (bench->old->store, &all, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.n_changes, >, 0);
  packed = find_last (bench->old, &bench->project, &ref);
  g_assert_true (g_bytes_equal (galley_change_get_bytes (packed->change),
                                galley_change_get_bytes (made->change)));
  assert_same (bench);
}

/* Ana and Ben change it at the same time. */
static void
contest (Bench *bench, guint16 field, const char *base, const char *by_ana, const char *by_ben)
{
  set_as_newer (bench, bench->ana, field, base);
  sync_all (bench);
  set_as_newer (bench, bench->ana, field, by_ana);
  set_as_newer (bench, bench->ben, field, by_ben);
  sync_all (bench);
}

static void
test_contested_field (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyEntity) item = NULL;

  g_test_summary ("What the newer Galley puts together the older one shows as unsettled");

  contest (bench, TEST_ITEM_BRIEF, "move the blue logo to the left",
           "move the red logo to the left", "move the blue logo to the right");
  assert_same (bench);
  g_assert_cmpint (test_device_get_state (bench->ana, &bench->item, TEST_ITEM_BRIEF), ==,
                   GALLEY_STATE_MERGED);
  assert_value (bench->ana, &bench->item, TEST_ITEM_BRIEF, "'move the red logo to the right'");
  item = galley_reader_get_entity (bench->old->reader, &bench->item, &error);
  g_assert_no_error (error);
  g_assert_cmpint (galley_entity_get_field (item, TEST_ITEM_BRIEF)->state, ==,
                   GALLEY_STATE_CONFLICT);
  g_assert_cmpstr (galley_entity_get_field (item, TEST_ITEM_BRIEF)->rule, ==, "unknown");
  assert_refuses (bench->old, &bench->project, GALLEY_KIND_ITEM, &bench->item, TEST_ITEM_BRIEF,
                  g_variant_new_string ("mine"), "does not know");

  set_as_newer (bench, bench->ana, TEST_ITEM_BRIEF, "move the red logo to the right");
  sync_all (bench);
  assert_same (bench);
  g_assert_cmpint (test_device_get_state (bench->old, &bench->item, TEST_ITEM_BRIEF), ==,
                   GALLEY_STATE_SETTLED);
  g_assert_cmpuint (test_device_count_conflicts (bench->old), ==, 0);
}

/* ── kinds ── */

static void
test_kind (Bench *bench, gconstpointer data)
{
  GalleyId list;
  GalleyDraft *draft = galley_draft_new (&bench->project, "make checklist");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyEntity) found = NULL;

  galley_id_new (&list, galley_world_real ());
  test_be_newer (TRUE);
  galley_draft_create (draft, TEST_KIND_CHECKLIST, &list, &bench->item);
  galley_draft_set (draft, TEST_KIND_CHECKLIST, &list, TEST_CHECKLIST_NAME, NULL,
                    g_variant_new_string ("Before print"), NULL, 0);
  test_device_commit (bench->ana, draft);
  test_be_newer (FALSE);
  sync_all (bench);
  assert_same (bench);
  found = galley_reader_get_entity (bench->old->reader, &list, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->kind, ==, TEST_KIND_CHECKLIST);
  g_assert_true (galley_id_equal (&found->owner, &bench->item));
  assert_refuses (bench->old, &bench->project, TEST_KIND_CHECKLIST, &list, TEST_CHECKLIST_NAME,
                  g_variant_new_string ("After print"), "does not know");

  /* It is a part of its item all the same: who deletes that without having seen it gets to know. */
  test_be_newer (TRUE);
  test_device_set (bench->ana, &bench->project, TEST_KIND_CHECKLIST, &list, TEST_CHECKLIST_NAME,
                   NULL, g_variant_new_string ("Before and after print"));
  test_be_newer (FALSE);
  draft = galley_draft_new (&bench->project, "delete");
  galley_draft_delete (draft, GALLEY_KIND_ITEM, &bench->item);
  test_device_commit (bench->old, draft);
  sync_all (bench);
  assert_same (bench);
  g_assert_cmpint (test_device_get_state (bench->old, &bench->item, GALLEY_F_ALIVE), ==,
                   GALLEY_STATE_CONFLICT);
  g_assert_cmpint (test_device_get_state (bench->ana, &bench->item, GALLEY_F_ALIVE), ==,
                   GALLEY_STATE_CONFLICT);
}

/* ── the update ── */

static guint
count_found (TestDevice *device, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) hits = galley_reader_search (device->reader, word, 10, &error);

  g_assert_no_error (error);
  return hits->len;
}

static void
test_update (Bench *bench, gconstpointer data)
{
  g_test_summary ("With the newer Galley everything is seen that was here unread, and back again");

  set_as_newer (bench, bench->ana, TEST_ITEM_PRIORITY, "urgent");
  contest (bench, TEST_ITEM_BRIEF, "move the blue logo to the left",
           "move the red logo to the left", "move the blue logo to the right");
  g_assert_cmpuint (count_found (bench->ana, "urgent"), ==, 1);
  g_assert_cmpuint (count_found (bench->old, "urgent"), ==, 0);
  g_assert_cmpuint (test_device_count_conflicts (bench->old), ==, 1);

  test_be_newer (TRUE);
  test_device_reopen (bench->old);
  g_assert_cmpuint (count_found (bench->old, "urgent"), ==, 1);
  g_assert_cmpuint (test_device_count_conflicts (bench->old), ==, 0);
  assert_value (bench->old, &bench->item, TEST_ITEM_BRIEF, "'move the red logo to the right'");
  test_device_set (bench->old, &bench->project, GALLEY_KIND_ITEM, &bench->item, TEST_ITEM_PRIORITY,
                   NULL, g_variant_new_string ("low"));
  test_device_assert_replay (bench->old);

  test_be_newer (FALSE);
  test_device_reopen (bench->old);
  assert_value (bench->old, &bench->item, TEST_ITEM_PRIORITY, "'low'");
  g_assert_cmpuint (test_device_count_conflicts (bench->old), ==, 1);
  sync_all (bench);
  assert_same (bench);
}

/* ── sets of rules ── */

/* The change by which somebody with a newer Galley switches the project's rules. */
static void
switch_rules (Bench *bench, guint rules, const GalleyRef *seen)
{
  GalleyEdit edit = { .kind = GALLEY_KIND_PROJECT,
                      .field = GALLEY_PROJECT_RULES,
                      .entity = bench->project,
                      .element = "",
                      .value = g_variant_ref_sink (g_variant_new_uint32 (rules)),
                      .supersedes = seen,
                      .n_supersedes = seen != NULL };
  GalleyChangeHeader header = { .project = bench->project, .seq = 1, .hlc = 1 };
  GalleyChange *change;
  g_autoptr (GError) error = NULL;

  galley_id_new (&header.device, galley_world_real ());
  galley_id_new (&header.actor, galley_world_real ());
  change = galley_change_new (&header, "switch rules", &edit, 1, NULL, &error);
  g_assert_no_error (error);
  g_variant_unref (edit.value);
  g_ptr_array_add (bench->stream->changes, change);
}

static GalleyRef
last_of (Bench *bench)
{
  const GalleyChangeHeader *header = galley_change_get_header (
      bench->stream->changes->pdata[bench->stream->changes->len - 1]);

  return (GalleyRef){ header->device, header->seq };
}

static void
set_description (Bench *bench, TestDevice *device, const char *text)
{
  test_device_set (device, &bench->project, GALLEY_KIND_ITEM, &bench->item, GALLEY_ITEM_DESCRIPTION,
                   NULL, g_variant_new_string (text));
}

static void
test_newer_rules (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyEntity) item = NULL;
  const GalleyField *field;
  GalleyRef seen;

  set_description (bench, bench->ana, "move the blue logo to the left");
  sync_all (bench);
  set_description (bench, bench->ana, "move the red logo to the left");
  set_description (bench, bench->ben, "move the blue logo to the right");
  sync_all (bench);
  g_assert_cmpint (test_device_get_state (bench->old, &bench->item, GALLEY_ITEM_DESCRIPTION), ==,
                   GALLEY_STATE_MERGED);

  switch_rules (bench, GALLEY_MERGE_RULES_NEWEST + 1, NULL);
  seen = last_of (bench);
  sync_all (bench);
  assert_same (bench);
  item = galley_reader_get_entity (bench->old->reader, &bench->item, NULL);
  field = galley_entity_get_field (item, GALLEY_ITEM_DESCRIPTION);
  g_assert_cmpint (field->state, ==, GALLEY_STATE_CONFLICT);
  g_assert_cmpstr (field->rule, ==, GALLEY_MERGE_RULE_NEWER);
  assert_refuses (bench->old, &bench->project, GALLEY_KIND_ITEM, &bench->item,
                  GALLEY_ITEM_DESCRIPTION, g_variant_new_string ("mine"), "newer Galley");
  assert_refuses (bench->old, &bench->project, GALLEY_KIND_PROJECT, &bench->project,
                  GALLEY_PROJECT_RULES, g_variant_new_uint32 (1), "newer Galley");

  g_test_message ("What is not in doubt is edited as ever.");
  test_device_set (bench->old, &bench->project, GALLEY_KIND_ITEM, &bench->item, GALLEY_ITEM_NAME,
                   NULL, g_variant_new_string ("Cover"));
  test_device_set (bench->old, &bench->project, GALLEY_KIND_ITEM, &bench->item, GALLEY_ITEM_TAGS,
                   "urgent", g_variant_new_boolean (TRUE));

  g_test_message ("And when the rules are known ones again, so is what they say.");
  switch_rules (bench, GALLEY_MERGE_RULES_USUAL, &seen);
  sync_all (bench);
  assert_same (bench);
  assert_value (bench->old, &bench->item, GALLEY_ITEM_DESCRIPTION,
                "'move the red logo to the right'");
  set_description (bench, bench->old, "settled");
}

static void
set_due (Bench *bench, TestDevice *device, gint64 due)
{
  test_device_set (device, &bench->project, GALLEY_KIND_ITEM, &bench->item, GALLEY_ITEM_DUE, NULL,
                   g_variant_new_int64 (due));
}

static void
set_rules (Bench *bench, TestDevice *device, guint rules)
{
  GalleyDraft *draft = galley_draft_new (&bench->project, "switch rules");

  galley_draft_set_shown (draft, GALLEY_KIND_PROJECT, &bench->project, GALLEY_PROJECT_RULES, NULL,
                          g_variant_new_uint32 (rules));
  test_device_commit (device, draft);
}

static void
assert_due (TestDevice *device, const GalleyId *item, GalleyFieldState state, const char *due)
{
  g_assert_cmpint (test_device_get_state (device, item, GALLEY_ITEM_DUE), ==, state);
  assert_value (device, item, GALLEY_ITEM_DUE, due);
}

static void
test_switch (Bench *bench, gconstpointer data)
{
  g_test_summary (
      "The second set of rules settles a date, on every device, and the first unsettles it");

  set_due (bench, bench->ana, 200);
  set_due (bench, bench->ben, 100);
  sync_all (bench);
  assert_due (bench->ana, &bench->item, GALLEY_STATE_CONFLICT, "200");

  set_rules (bench, bench->old, 2);
  assert_due (bench->old, &bench->item, GALLEY_STATE_MERGED, "100");
  assert_due (bench->ana, &bench->item, GALLEY_STATE_CONFLICT, "200");
  sync_all (bench);
  assert_same (bench);
  assert_due (bench->ana, &bench->item, GALLEY_STATE_MERGED, "100");
  assert_due (bench->ben, &bench->item, GALLEY_STATE_MERGED, "100");
  g_assert_cmpuint (test_device_count_conflicts (bench->ben), ==, 0);

  set_rules (bench, bench->ana, 1);
  sync_all (bench);
  assert_same (bench);
  assert_due (bench->old, &bench->item, GALLEY_STATE_CONFLICT, "200");
  assert_refuses (bench->old, &bench->project, GALLEY_KIND_PROJECT, &bench->project,
                  GALLEY_PROJECT_RULES, g_variant_new_uint32 (GALLEY_MERGE_RULES_NEWEST + 1),
                  "sets of rules");
}

static void
test_switch_refused (Bench *bench, gconstpointer data)
{
  g_test_summary ("Rules that the server refused to switch are not in force on the device either");

  set_due (bench, bench->ana, 200);
  set_due (bench, bench->ben, 100);
  sync_all (bench);
  set_rules (bench, bench->old, 2);
  assert_due (bench->old, &bench->item, GALLEY_STATE_MERGED, "100");
  bench->stream->refuse_intent = "switch rules";
  sync_all (bench);
  assert_due (bench->old, &bench->item, GALLEY_STATE_CONFLICT, "200");
  assert_same (bench);
}

/* Two leads at the same time: the one accepted first is in force, for everyone. */
static void
test_switch_contested (Bench *bench, gconstpointer data)
{
  set_due (bench, bench->ana, 200);
  set_due (bench, bench->ben, 100);
  sync_all (bench);
  set_rules (bench, bench->ana, 2);
  set_rules (bench, bench->old, 1);
  test_stream_push (bench->stream, bench->old);
  sync_all (bench);
  assert_same (bench);
  assert_due (bench->ana, &bench->item, GALLEY_STATE_CONFLICT, "200");
  assert_due (bench->old, &bench->item, GALLEY_STATE_CONFLICT, "200");
}

#define ADD(path, test) g_test_add (path, Bench, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  ADD ("/versions/field", test_field);
  ADD ("/versions/bytes-are-kept", test_bytes_are_kept);
  ADD ("/versions/contested-field", test_contested_field);
  ADD ("/versions/kind", test_kind);
  ADD ("/versions/update", test_update);
  ADD ("/versions/newer-rules", test_newer_rules);
  ADD ("/versions/switch", test_switch);
  ADD ("/versions/switch-refused", test_switch_refused);
  ADD ("/versions/switch-contested", test_switch_contested);
  return g_test_run ();
}
