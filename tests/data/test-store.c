/* test-store.c: one device and another: edits, conflicts, undo, refusals, replay
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"
#include "data/galley-quarantine.h"

#include "data/galley-decision.h"
#include "data/galley-intent.h"
#include "data/galley-directory.h"
#include "data/galley-replay.h"
#include "data/galley-resolve.h"

#include <glib/gstdio.h>
#include <string.h>

/* Two devices with one project, one item and one note that both know. */
typedef struct
{
  TestDevice *a, *b;
  TestStream *stream;
  GalleyId project, item, note;
} Pair;

static void
pair_init (Pair *pair)
{
  pair->a = test_device_new ("a");
  pair->b = test_device_new ("b");
  test_device_make_project (pair->a, &pair->project);
  test_device_make_item (pair->a, &pair->project, "Poster", &pair->item);
  test_device_make_note (pair->a, &pair->project, &pair->item, "move the logo to the left",
                         &pair->note);
  pair->stream = test_stream_new (&pair->project);
  test_stream_sync (pair->stream, pair->a, pair->b);
}

/* Both see the same, the journal gives the same again, and nothing is left waiting. */
static void
pair_finish (Pair *pair)
{
  g_autofree char *a = test_device_get_digest (pair->a, &pair->project);
  g_autofree char *b = test_device_get_digest (pair->b, &pair->project);

  g_assert_cmpstr (a, ==, b);
  test_device_assert_replay (pair->a);
  test_device_assert_replay (pair->b);
  test_stream_free (pair->stream);
  test_device_free (pair->a);
  test_device_free (pair->b);
}

static void
set_note (Pair *pair, TestDevice *device, guint16 field, GVariant *value)
{
  test_device_set (device, &pair->project, GALLEY_KIND_ANNOTATION, &pair->note, field, NULL, value);
}

static void
assert_both (Pair *pair, const GalleyId *entity, guint16 field, const char *expected)
{
  g_autofree char *a = test_device_get (pair->a, entity, field);
  g_autofree char *b = test_device_get (pair->b, entity, field);

  g_assert_cmpstr (a, ==, expected);
  g_assert_cmpstr (b, ==, expected);
}

static void
test_edit_arrives (void)
{
  Pair pair;

  pair_init (&pair);
  set_note (&pair, pair.b, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#00ff00"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_COLOR, "'#00ff00'");
  g_assert_cmpint (test_device_get_state (pair.a, &pair.note, GALLEY_ANNOTATION_COLOR), ==,
                   GALLEY_STATE_SETTLED);
  pair_finish (&pair);
}

static void
test_survives_reopening (void)
{
  Pair pair;
  g_autofree char *before = NULL, *after = NULL, *text = NULL;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, g_variant_new_string ("kept"));
  before = test_device_get_digest (pair.a, &pair.project);
  test_device_reopen (pair.a);
  after = test_device_get_digest (pair.a, &pair.project);
  text = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpstr (text, ==, "'kept'");
  test_stream_sync (pair.stream, pair.a, pair.b);
  pair_finish (&pair);
}

static void
test_different_fields_merge (void)
{
  Pair pair;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#0000ff"));
  set_note (&pair, pair.b, GALLEY_ANNOTATION_STATUS, g_variant_new_string ("resolved"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_COLOR, "'#0000ff'");
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_STATUS, "'resolved'");
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 0);
  pair_finish (&pair);
}

static void
test_same_field_is_a_conflict (void)
{
  Pair pair;
  g_autoptr (GPtrArray) fields = NULL;
  const GalleyConflictField *field;
  g_autoptr (GalleyEntity) note = NULL;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#111111"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#aaaaaa"));
  set_note (&pair, pair.b, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#bbbbbb"));
  test_stream_sync (pair.stream, pair.a, pair.b);

  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 1);
  g_assert_cmpuint (test_device_count_conflicts (pair.b), ==, 1);
  /* The one that the server accepted first is in force, the other is shown to its author. */
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_COLOR, "'#aaaaaa'");
  note = galley_reader_get_entity (pair.b->reader, &pair.note, NULL);
  g_assert_cmpstr (g_variant_get_string (galley_entity_get_field (note, GALLEY_ANNOTATION_COLOR)
                                             ->mine,
                                         NULL),
                   ==, "#bbbbbb");

  fields = galley_reader_get_conflict (pair.a->reader, &pair.note, NULL);
  g_assert_cmpuint (fields->len, ==, 1);
  field = g_ptr_array_index (fields, 0);
  g_assert_true (field->base_known);
  g_assert_cmpstr (g_variant_get_string (field->base, NULL), ==, "#111111");
  g_assert_cmpuint (field->heads->len, ==, 2);
  pair_finish (&pair);
}

static void
test_resolving_settles_it_for_all (void)
{
  Pair pair;
  g_autoptr (GPtrArray) fields = NULL;
  g_autofree GalleyRef *seen = NULL;
  const GalleyConflictField *field;
  GalleyDraft *draft;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#aaaaaa"));
  set_note (&pair, pair.b, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#bbbbbb"));
  test_stream_sync (pair.stream, pair.a, pair.b);

  fields = galley_reader_get_conflict (pair.b->reader, &pair.note, NULL);
  field = g_ptr_array_index (fields, 0);
  seen = g_new (GalleyRef, field->heads->len);
  for (guint i = 0; i < field->heads->len; i++)
    seen[i] = g_array_index (field->heads, GalleyHead, i).ref;
  draft = galley_draft_new (&pair.project, "resolve conflict");
  galley_draft_set (draft, GALLEY_KIND_ANNOTATION, &pair.note, GALLEY_ANNOTATION_COLOR, NULL,
                    g_variant_new_string ("#bbbbbb"), seen, field->heads->len);
  test_device_commit (pair.b, draft);
  test_stream_sync (pair.stream, pair.a, pair.b);

  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 0);
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_COLOR, "'#bbbbbb'");
  pair_finish (&pair);
}

/* An editor that was open while a change arrived has not seen it. */
static void
test_seen_means_seen (void)
{
  Pair pair;
  g_autoptr (GalleyEntity) shown = NULL;
  const GalleyField *field;
  GalleyDraft *draft;

  pair_init (&pair);
  shown = galley_reader_get_entity (pair.a->reader, &pair.note, NULL);
  field = galley_entity_get_field (shown, GALLEY_ANNOTATION_PLACE);
  set_note (&pair, pair.b, GALLEY_ANNOTATION_PLACE, g_variant_new ("(dd)", 5.0, 5.0));
  test_stream_sync (pair.stream, pair.b, pair.a);

  draft = galley_draft_new (&pair.project, "move shape");
  galley_draft_set (draft, GALLEY_KIND_ANNOTATION, &pair.note, GALLEY_ANNOTATION_PLACE, NULL,
                    g_variant_new ("(dd)", 7.0, 7.0),
                    &g_array_index (field->heads, GalleyHead, 0).ref, 1);
  test_device_commit (pair.a, draft);
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 1);
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_PLACE, "(5.0, 5.0)");
  pair_finish (&pair);
}

/* An ordinary edit settles nobody else's conflict. */
static void
test_innocent_edit (void)
{
  Pair pair;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#aaaaaa"));
  set_note (&pair, pair.b, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#bbbbbb"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#cccccc"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 1);
  g_assert_cmpuint (test_device_count_conflicts (pair.b), ==, 1);
  pair_finish (&pair);
}

static void
test_texts_merge_by_words (void)
{
  Pair pair;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY,
            g_variant_new_string ("move the red logo to the left"));
  set_note (&pair, pair.b, GALLEY_ANNOTATION_BODY,
            g_variant_new_string ("move the logo to the right"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_BODY, "'move the red logo to the right'");
  g_assert_cmpint (test_device_get_state (pair.a, &pair.note, GALLEY_ANNOTATION_BODY), ==,
                   GALLEY_STATE_MERGED);
  g_assert_cmpuint (test_device_count_conflicts (pair.b), ==, 0);
  pair_finish (&pair);
}

/* Both said the same: whoever edits it next has seen both. */
static void
test_edit_of_what_both_said (void)
{
  Pair pair;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#aaaaaa"));
  set_note (&pair, pair.b, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#aaaaaa"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#cccccc"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 0);
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_COLOR, "'#cccccc'");
  pair_finish (&pair);
}

static void
test_edit_of_a_merged_text (void)
{
  g_test_summary ("What somebody takes out of a merged text does not come back");
  Pair pair;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY,
            g_variant_new_string ("move the red logo to the left"));
  set_note (&pair, pair.b, GALLEY_ANNOTATION_BODY,
            g_variant_new_string ("move the logo to the right"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, g_variant_new_string ("move the red logo"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_BODY, "'move the red logo'");
  g_assert_cmpint (test_device_get_state (pair.b, &pair.note, GALLEY_ANNOTATION_BODY), ==,
                   GALLEY_STATE_SETTLED);
  pair_finish (&pair);
}

static void
set_tag (Pair *pair, TestDevice *device, const char *tag, gboolean there)
{
  test_device_set (device, &pair->project, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_TAGS, tag,
                   there ? g_variant_new_boolean (TRUE) : NULL);
}

static void
test_tags_are_a_set (void)
{
  Pair pair;
  g_autoptr (GalleyEntity) item = NULL;
  g_auto (GStrv) tags = NULL;

  pair_init (&pair);
  set_tag (&pair, pair.a, "print", TRUE);
  set_tag (&pair, pair.a, "old", TRUE);
  test_stream_sync (pair.stream, pair.a, pair.b);
  set_tag (&pair, pair.a, "web", TRUE);
  set_tag (&pair, pair.b, "urgent", TRUE);
  set_tag (&pair, pair.b, "old", FALSE);
  set_tag (&pair, pair.a, "print", FALSE);
  set_tag (&pair, pair.b, "print", TRUE);
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 0);

  item = galley_reader_get_entity (pair.a->reader, &pair.item, NULL);
  tags = galley_entity_get_elements (item, GALLEY_ITEM_TAGS);
  g_assert_cmpuint (g_strv_length (tags), ==, 3);
  g_assert_true (g_strv_contains ((const char *const *)tags, "print"));
  g_assert_true (g_strv_contains ((const char *const *)tags, "urgent"));
  g_assert_true (g_strv_contains ((const char *const *)tags, "web"));
  pair_finish (&pair);
}

static void
delete_note (Pair *pair, TestDevice *device)
{
  GalleyDraft *draft = galley_draft_new (&pair->project, "delete");

  galley_draft_delete (draft, GALLEY_KIND_ANNOTATION, &pair->note);
  test_device_commit (device, draft);
}

static gboolean
is_alive (TestDevice *device, const GalleyId *id)
{
  g_autoptr (GalleyEntity) entity = galley_reader_get_entity (device->reader, id, NULL);

  return entity->alive;
}

static void
test_delete (void)
{
  Pair pair;

  pair_init (&pair);
  delete_note (&pair, pair.a);
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_false (is_alive (pair.a, &pair.note));
  g_assert_false (is_alive (pair.b, &pair.note));
  g_assert_cmpuint (test_device_count_conflicts (pair.b), ==, 0);
  pair_finish (&pair);
}

/* Whichever arrives first: it stays, it is marked, and a person looks. */
static void
test_delete_against_edit (gconstpointer delete_first)
{
  Pair pair;

  pair_init (&pair);
  delete_note (&pair, pair.a);
  set_note (&pair, pair.b, GALLEY_ANNOTATION_BODY, g_variant_new_string ("still working on it"));
  if (GPOINTER_TO_INT (delete_first))
    test_stream_sync (pair.stream, pair.a, pair.b);
  else
    test_stream_sync (pair.stream, pair.b, pair.a);
  g_assert_true (is_alive (pair.a, &pair.note));
  g_assert_true (is_alive (pair.b, &pair.note));
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 1);
  g_assert_cmpuint (test_device_count_conflicts (pair.b), ==, 1);
  pair_finish (&pair);
}

/* A reply is an edit of its thread: it is not swept away with it. */
static void
test_delete_against_reply (void)
{
  Pair pair;
  GalleyId comment;
  GalleyDraft *draft;
  char text[GALLEY_ID_TEXT_SIZE];

  pair_init (&pair);
  delete_note (&pair, pair.a);
  galley_id_new (&comment, galley_world_real ());
  draft = galley_draft_new (&pair.project, "reply");
  galley_draft_create (draft, GALLEY_KIND_COMMENT, &comment, &pair.note);
  galley_draft_set (draft, GALLEY_KIND_COMMENT, &comment, GALLEY_COMMENT_BODY, NULL,
                    g_variant_new_string ("wait, I need this"), NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_ANNOTATION, &pair.note, GALLEY_ANNOTATION_REPLIES,
                    galley_id_print (&comment, text), g_variant_new_boolean (TRUE), NULL, 0);
  test_device_commit (pair.b, draft);
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_true (is_alive (pair.a, &pair.note));
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 1);
  pair_finish (&pair);
}

/* ── undo ── */

static gboolean
undo (TestDevice *device, const GalleyId *project, gboolean redo, GError **error)
{
  GAsyncResult *result = NULL;
  gboolean done;

  galley_store_undo_async (device->store, project, redo, NULL, galley_test_store_result, &result);
  done = galley_store_undo_finish (device->store, galley_test_wait (&result), NULL, NULL, error);
  g_object_unref (result);
  return done;
}

static void
test_undo_and_redo (void)
{
  Pair pair;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL, *second = NULL, *third = NULL;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, g_variant_new_string ("one"));
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, g_variant_new_string ("two"));
  g_assert_true (undo (pair.a, &pair.project, FALSE, &error));
  first = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (first, ==, "'one'");
  g_assert_true (undo (pair.a, &pair.project, FALSE, &error));
  second = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (second, ==, "'move the logo to the left'");
  g_assert_true (undo (pair.a, NULL, TRUE, &error));
  g_assert_true (undo (pair.a, NULL, TRUE, &error));
  third = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (third, ==, "'two'");
  g_assert_false (undo (pair.a, NULL, TRUE, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND);
  test_stream_sync (pair.stream, pair.a, pair.b);
  pair_finish (&pair);
}

/* Two projects, and in each a field that was changed twice, by turns. */
typedef struct
{
  TestDevice *device;
  GalleyId projects[2];
} Twins;

static guint64
rename_project (TestDevice *device, const GalleyId *project, const char *name)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (project, "rename");
  g_autoptr (GError) error = NULL;
  GalleyCommitted committed;

  galley_draft_set_shown (draft, GALLEY_KIND_PROJECT, project, GALLEY_PROJECT_NAME, NULL,
                          g_variant_new_string (name));
  galley_store_commit (device->store, draft, &committed, &error);
  g_assert_no_error (error);
  g_assert_true (galley_id_equal (&committed.project, project));
  return committed.ref.seq;
}

static void
assert_names (Twins *twins, const char *first, const char *second)
{
  g_autofree char *one = test_device_get (twins->device, &twins->projects[0], GALLEY_PROJECT_NAME);
  g_autofree char *two = test_device_get (twins->device, &twins->projects[1], GALLEY_PROJECT_NAME);

  g_assert_cmpstr (one, ==, first);
  g_assert_cmpstr (two, ==, second);
}

static void
test_undo_anywhere (void)
{
  Pair pair;
  Twins twins;
  g_autoptr (GError) error = NULL;

  g_test_summary ("Without a project, undo goes back in the order in which things were done");
  pair_init (&pair);
  twins.device = pair.a;
  twins.projects[0] = pair.project;
  test_device_make_project (pair.a, &twins.projects[1]);
  rename_project (pair.a, &twins.projects[0], "alpha 1");
  rename_project (pair.a, &twins.projects[1], "beta 1");
  rename_project (pair.a, &twins.projects[0], "alpha 2");
  rename_project (pair.a, &twins.projects[1], "beta 2");
  g_assert_true (undo (pair.a, NULL, FALSE, &error));
  assert_names (&twins, "'alpha 2'", "'beta 1'");
  g_assert_true (undo (pair.a, NULL, FALSE, &error));
  assert_names (&twins, "'alpha 1'", "'beta 1'");
  g_assert_true (undo (pair.a, NULL, TRUE, &error));
  assert_names (&twins, "'alpha 2'", "'beta 1'");
  g_assert_true (undo (pair.a, NULL, TRUE, &error));
  assert_names (&twins, "'alpha 2'", "'beta 2'");
  test_stream_sync (pair.stream, pair.a, pair.b);
  pair_finish (&pair);
}

static gboolean
undo_change (TestDevice *device, const GalleyId *project, guint64 seq, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_store_undo_change_async (device->store, project, seq, NULL, galley_test_store_result,
                                  &result);
  return galley_store_undo_finish (device->store, galley_test_wait (&result), NULL, NULL, error);
}

static void
test_undo_of_one_change (void)
{
  Pair pair;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL, *kept = NULL;
  guint64 seq;

  g_test_summary ("A certain change is taken back once, and nothing else with it");
  pair_init (&pair);
  seq = rename_project (pair.a, &pair.project, "a slip");
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, g_variant_new_string ("later"));
  g_assert_true (undo_change (pair.a, &pair.project, seq, &error));
  kept = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (kept, ==, "'later'");
  g_assert_false (undo_change (pair.a, &pair.project, seq, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND);
  g_assert_true (undo (pair.a, &pair.project, FALSE, NULL));
  body = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (body, ==, "'move the logo to the left'");
  test_stream_sync (pair.stream, pair.a, pair.b);
  pair_finish (&pair);
}

static void
test_undo_of_making (void)
{
  Pair pair;
  GalleyId note;

  pair_init (&pair);
  test_device_make_note (pair.a, &pair.project, &pair.item, "a slip", &note);
  g_assert_true (undo (pair.a, &pair.project, FALSE, NULL));
  g_assert_false (is_alive (pair.a, &note));
  g_assert_true (undo (pair.a, &pair.project, TRUE, NULL));
  g_assert_true (is_alive (pair.a, &note));
  test_stream_sync (pair.stream, pair.a, pair.b);
  pair_finish (&pair);
}

static void
reply (Pair *pair, TestDevice *device, const GalleyId *note)
{
  GalleyDraft *draft = galley_draft_new (&pair->project, GALLEY_INTENT_ADD_COMMENT);
  GalleyId comment;

  galley_id_new (&comment, galley_world_real ());
  galley_intent_add_comment (draft, &comment, note, "I need this");
  test_device_commit (device, draft);
}

static void
assert_undo_moved_on (Pair *pair, TestDevice *device, gboolean redo)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (undo (device, &pair->project, redo, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_MOVED_ON);
}

static void
test_undo_of_making_spares_others (void)
{
  g_test_summary ("What somebody else has worked on does not go by an undo of its making.");
  Pair pair;
  GalleyId note, item;

  pair_init (&pair);
  /* A reply beneath it. */
  test_device_make_note (pair.a, &pair.project, &pair.item, "mine", &note);
  test_stream_sync (pair.stream, pair.a, pair.b);
  reply (&pair, pair.b, &note);
  test_stream_sync (pair.stream, pair.b, pair.a);
  assert_undo_moved_on (&pair, pair.a, FALSE);
  g_assert_true (is_alive (pair.a, &note));

  /* A field of the thing itself. */
  test_device_make_note (pair.a, &pair.project, &pair.item, "mine too", &note);
  test_stream_sync (pair.stream, pair.a, pair.b);
  test_device_set (pair.b, &pair.project, GALLEY_KIND_ANNOTATION, &note, GALLEY_ANNOTATION_COLOR,
                   NULL, g_variant_new_string ("#bbbbbb"));
  test_stream_sync (pair.stream, pair.b, pair.a);
  assert_undo_moved_on (&pair, pair.a, FALSE);
  g_assert_true (is_alive (pair.a, &note));

  /* A note on an item. */
  test_device_make_item (pair.a, &pair.project, "Flyer", &item);
  test_stream_sync (pair.stream, pair.a, pair.b);
  test_device_make_note (pair.b, &pair.project, &item, "theirs", &note);
  test_stream_sync (pair.stream, pair.b, pair.a);
  assert_undo_moved_on (&pair, pair.a, FALSE);
  g_assert_true (is_alive (pair.a, &item));
  pair_finish (&pair);
}

/* What had been deleted with somebody's work in it may go again, but not with newer work. */
static void
test_undo_of_restoring (void)
{
  Pair pair;
  GalleyDraft *draft;

  pair_init (&pair);
  reply (&pair, pair.b, &pair.note);
  test_stream_sync (pair.stream, pair.b, pair.a);
  delete_note (&pair, pair.a);
  draft = galley_draft_new (&pair.project, "restore");
  galley_draft_restore (draft, GALLEY_KIND_ANNOTATION, &pair.note);
  test_device_commit (pair.a, draft);
  g_assert_true (undo (pair.a, &pair.project, FALSE, NULL));
  g_assert_false (is_alive (pair.a, &pair.note));
  g_assert_true (undo (pair.a, &pair.project, TRUE, NULL));
  test_stream_sync (pair.stream, pair.a, pair.b);
  reply (&pair, pair.b, &pair.note);
  test_stream_sync (pair.stream, pair.b, pair.a);
  assert_undo_moved_on (&pair, pair.a, FALSE);
  g_assert_true (is_alive (pair.a, &pair.note));
  pair_finish (&pair);
}

static void
test_undo_never_overwrites (void)
{
  Pair pair;
  g_autoptr (GError) error = NULL;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#aaaaaa"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  set_note (&pair, pair.b, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#bbbbbb"));
  test_stream_sync (pair.stream, pair.b, pair.a);
  g_assert_false (undo (pair.a, &pair.project, FALSE, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_MOVED_ON);
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_COLOR, "'#bbbbbb'");
  pair_finish (&pair);
}

static void
test_undo_over_a_merge (void)
{
  g_test_summary ("Undoing an edit of a merged text brings back the words of both sides");
  Pair pair;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY,
            g_variant_new_string ("move the red logo to the left"));
  set_note (&pair, pair.b, GALLEY_ANNOTATION_BODY,
            g_variant_new_string ("move the logo to the right"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  set_note (&pair, pair.b, GALLEY_ANNOTATION_BODY, g_variant_new_string ("leave it"));
  g_assert_true (undo (pair.b, &pair.project, FALSE, NULL));
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_BODY, "'move the red logo to the right'");
  pair_finish (&pair);
}

static void
resolve_note (Pair *pair, TestDevice *device, GalleyTake what)
{
  g_autoptr (GPtrArray) fields = galley_reader_get_conflict (device->reader, &pair->note, NULL);
  GalleyChooser who = { .device = *galley_store_get_device (device->store) };
  GalleyChoice choice = { .take = what };
  g_autoptr (GError) error = NULL;
  GalleyDraft *draft;

  galley_store_get_person (device->store, &who.person);
  g_assert_cmpuint (fields->len, ==, 1);
  draft = galley_resolve_make_draft (&pair->project, GALLEY_KIND_ANNOTATION, &pair->note,
                                     (const GalleyConflictField *const *)fields->pdata, &choice, 1,
                                     &who, &error);
  g_assert_no_error (error);
  test_device_commit (device, draft);
}

/* What everyone saw while it was in conflict is what everyone sees again. */
static void
test_undo_of_resolving (void)
{
  Pair pair;
  TestDevice *devices[2];

  pair_init (&pair);
  devices[0] = pair.a;
  devices[1] = pair.b;
  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    {
      set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#aaaaaa"));
      set_note (&pair, pair.b, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#bbbbbb"));
      test_stream_sync (pair.stream, pair.b, pair.a);
      assert_both (&pair, &pair.note, GALLEY_ANNOTATION_COLOR, "'#bbbbbb'");
      resolve_note (&pair, devices[i], i == 0 ? GALLEY_TAKE_MINE : GALLEY_TAKE_THEIRS);
      g_assert_true (undo (devices[i], &pair.project, FALSE, NULL));
      test_stream_sync (pair.stream, pair.a, pair.b);
      assert_both (&pair, &pair.note, GALLEY_ANNOTATION_COLOR, "'#bbbbbb'");
      set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#000000"));
      test_stream_sync (pair.stream, pair.a, pair.b);
    }
  pair_finish (&pair);
}

/* Deleted by one and edited by another: the word on it taken back, the conflict is open again. */
static void
test_undo_of_keeping (gconstpointer take)
{
  Pair pair;

  pair_init (&pair);
  delete_note (&pair, pair.a);
  set_note (&pair, pair.b, GALLEY_ANNOTATION_BODY, g_variant_new_string ("still working on it"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  resolve_note (&pair, pair.a, GPOINTER_TO_INT (take));
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 0);
  g_assert_true (undo (pair.a, &pair.project, FALSE, NULL));
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 1);
  g_assert_cmpuint (test_device_count_conflicts (pair.b), ==, 1);
  g_assert_true (is_alive (pair.b, &pair.note));
  pair_finish (&pair);
}

/* ── refusals, search, states ── */

static void
test_refused_change_is_kept (void)
{
  Pair pair;
  GalleyDraft *draft;
  g_autoptr (GPtrArray) refused = NULL;
  GalleyStatus status;

  pair_init (&pair);
  set_note (&pair, pair.b, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#010101"));
  draft = galley_draft_new (&pair.project, "not allowed");
  galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, &pair.note, GALLEY_ANNOTATION_COLOR, NULL,
                          g_variant_new_string ("#020202"));
  test_device_commit (pair.b, draft);
  set_note (&pair, pair.b, GALLEY_ANNOTATION_STATUS, g_variant_new_string ("resolved"));
  pair.stream->refuse_intent = "not allowed";
  test_stream_sync (pair.stream, pair.a, pair.b);

  /* Out of the shared state, with what it replaced back; what came after it arrived. */
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_COLOR, "'#010101'");
  assert_both (&pair, &pair.note, GALLEY_ANNOTATION_STATUS, "'resolved'");
  refused = galley_quarantine_list (pair.b->reader, FALSE, NULL);
  g_assert_cmpuint (refused->len, ==, 1);
  g_assert_cmpstr (((GalleyRefused *)g_ptr_array_index (refused, 0))->message, ==,
                   "Your role does not allow it.");
  g_assert_true (galley_reader_get_status (pair.b->reader, &status, NULL));
  g_assert_cmpuint (status.unsent, ==, 0);
  g_assert_cmpuint (status.needs_attention, ==, 1);
  pair_finish (&pair);
}

/* Everything is a part of the project, however far down. */
static void
test_delete_of_project_against_note (void)
{
  Pair pair;
  GalleyDraft *draft;

  pair_init (&pair);
  draft = galley_draft_new (&pair.project, "delete");
  galley_draft_delete (draft, GALLEY_KIND_PROJECT, &pair.project);
  test_device_commit (pair.a, draft);
  set_note (&pair, pair.b, GALLEY_ANNOTATION_BODY, g_variant_new_string ("still working on it"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_true (is_alive (pair.a, &pair.project));
  g_assert_true (is_alive (pair.b, &pair.project));
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 1);
  g_assert_cmpuint (test_device_count_conflicts (pair.b), ==, 1);
  pair_finish (&pair);
}

static gboolean
is_known (TestDevice *device, const GalleyId *id)
{
  g_autoptr (GalleyEntity) entity = galley_reader_get_entity (device->reader, id, NULL);

  return entity != NULL;
}

static void
test_refused_making_leaves_nothing (void)
{
  Pair pair;
  GalleyId item, note;
  GalleyDraft *draft;
  g_autoptr (GPtrArray) hits = NULL;

  pair_init (&pair);
  galley_id_new (&item, galley_world_real ());
  galley_id_new (&note, galley_world_real ());
  draft = galley_draft_new (&pair.project, "not allowed");
  galley_draft_create (draft, GALLEY_KIND_ITEM, &item, &pair.project);
  galley_draft_set (draft, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME, NULL,
                    g_variant_new_string ("Forbidden"), NULL, 0);
  test_device_commit (pair.b, draft);
  /* What stands on it is let go of. */
  test_device_make_note (pair.b, &pair.project, &item, "stray", &note);
  pair.stream->refuse_intent = "not allowed";
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_false (is_known (pair.b, &item));
  hits = galley_reader_search (pair.b->reader, "Forbidden", 10, NULL);
  g_assert_cmpuint (hits->len, ==, 0);
  pair_finish (&pair);
}

static void
test_refused_edit_lets_go (gconstpointer with_reply)
{
  g_test_summary ("A delete is contested no longer once the edit against it was refused");
  Pair pair;
  GalleyDraft *draft;
  GalleyId comment;

  pair_init (&pair);
  draft = galley_draft_new (&pair.project, "not allowed");
  if (with_reply != NULL)
    {
      galley_id_new (&comment, galley_world_real ());
      galley_intent_add_comment (draft, &comment, &pair.note, "wait");
    }
  else
    galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, &pair.note, GALLEY_ANNOTATION_COLOR,
                            NULL, g_variant_new_string ("#020202"));
  test_device_commit (pair.b, draft);
  delete_note (&pair, pair.a);
  test_stream_push (pair.stream, pair.a);
  test_stream_pull (pair.stream, pair.b);
  g_assert_cmpuint (test_device_count_conflicts (pair.b), ==, 1);

  pair.stream->refuse_intent = "not allowed";
  test_stream_sync (pair.stream, pair.b, pair.a);
  g_assert_cmpuint (test_device_count_conflicts (pair.b), ==, 0);
  g_assert_false (is_alive (pair.b, &pair.note));
  pair_finish (&pair);
}

static void
test_receiving_again_changes_nothing (void)
{
  Pair pair;
  g_autofree char *before = NULL, *after = NULL;
  GalleyOutboxState state;

  pair_init (&pair);
  before = test_device_get_digest (pair.b, &pair.project);
  for (guint round = 0; round < 3; round++)
    test_stream_pull (pair.stream, pair.b);
  after = test_device_get_digest (pair.b, &pair.project);
  g_assert_cmpstr (before, ==, after);
  g_assert_true (galley_outbox_get_state (pair.b->reader, &pair.project, &state, NULL));
  g_assert_cmpuint (state.position, ==, pair.stream->changes->len);
  galley_outbox_state_clear (&state);
  pair_finish (&pair);
}

static void
test_search (void)
{
  Pair pair;
  g_autoptr (GPtrArray) found = NULL, gone = NULL, strange = NULL;

  pair_init (&pair);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, g_variant_new_string ("Größe prüfen"));
  found = galley_reader_search (pair.a->reader, "grosse pruf", 10, NULL);
  g_assert_cmpuint (found->len, ==, 0);
  g_clear_pointer (&found, g_ptr_array_unref);
  found = galley_reader_search (pair.a->reader, "GRÖ PRUF", 10, NULL);
  g_assert_cmpuint (found->len, ==, 1);
  gone = galley_reader_search (pair.a->reader, "logo", 10, NULL);
  g_assert_cmpuint (gone->len, ==, 0);
  strange = galley_reader_search (pair.a->reader, "\" OR * ( NEAR", 10, NULL);
  g_assert_nonnull (strange);
  test_stream_sync (pair.stream, pair.a, pair.b);
  pair_finish (&pair);
}

static guint64
count_waiting_bytes (TestDevice *device)
{
  GalleyStatus status;
  g_autoptr (GError) error = NULL;

  galley_reader_get_status (device->reader, &status, &error);
  g_assert_no_error (error);
  return status.waiting_bytes;
}

/* writer thread */
static gboolean
write_here (GalleyWriter *writer, gpointer data, GError **error)
{
  GalleyHash hash;
  guint8 content = 7;

  galley_hash_bytes (&hash, &content, sizeof content);
  return galley_outbox_set_file_here (writer, &hash, TRUE, error);
}

static void
test_waiting_bytes (void)
{
  Pair pair;
  GalleyId version;
  g_autoptr (GError) error = NULL;

  g_test_summary ("What waits is what will be sent: no file of what is gone, nothing refused");

  pair_init (&pair);
  g_assert_cmpuint (count_waiting_bytes (pair.a), ==, 0);
  test_device_make_version (pair.a, &pair.project, &pair.item, 7, 1, &version);
  galley_store_write (pair.a->store, write_here, NULL, &error);
  g_assert_no_error (error);
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_cmpuint (count_waiting_bytes (pair.a), ==, 1);

  g_assert_true (undo (pair.a, &pair.project, FALSE, &error));
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_cmpuint (count_waiting_bytes (pair.a), ==, 0);

  pair.stream->refuse_intent = "edit";
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, g_variant_new_string ("not allowed"));
  g_assert_cmpuint (count_waiting_bytes (pair.a), >, 0);
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_cmpuint (count_waiting_bytes (pair.a), ==, 0);
  pair_finish (&pair);
}

static void
decide_on (Pair *pair, TestDevice *device, const GalleyDecisionScope *scope, const char *verdict)
{
  g_autoptr (GError) error = NULL;
  GalleyDraft *draft = galley_draft_new (&pair->project, verdict);
  GalleyId person;

  galley_store_get_person (device->store, &person);
  galley_decision_prepare (draft, device->reader, galley_store_get_key (device->store), &person,
                           &pair->item, scope, verdict, NULL, &error);
  g_assert_no_error (error);
  test_device_commit (device, draft);
}

static void
decide (Pair *pair, TestDevice *device, const char *verdict)
{
  decide_on (pair, device, NULL, verdict);
}

static void
assert_item_state (TestDevice *device, const GalleyId *item, const char *expected)
{
  g_autoptr (GalleyItemRow) row = galley_reader_get_item (device->reader, item, NULL);

  g_assert_cmpstr (row->state, ==, expected);
}

static void
test_decisions (void)
{
  Pair pair;
  GalleyId version;

  pair_init (&pair);
  test_device_make_version (pair.a, &pair.project, &pair.item, 1, 1, &version);
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_item_state (pair.b, &pair.item, "open");
  decide (&pair, pair.b, "approve");
  assert_item_state (pair.b, &pair.item, "approved");
  test_stream_sync (pair.stream, pair.b, pair.a);
  assert_item_state (pair.a, &pair.item, "approved");
  decide (&pair, pair.a, "request-changes");
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_item_state (pair.b, &pair.item, "changes-requested");
  decide (&pair, pair.a, "approve");
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_item_state (pair.b, &pair.item, "approved");
  /* An approval is for these bytes and no others. */
  test_device_make_version (pair.a, &pair.project, &pair.item, 2, 2, &version);
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_item_state (pair.a, &pair.item, "open");
  assert_item_state (pair.b, &pair.item, "open");
  pair_finish (&pair);
}

/* It is made again, as a part of its item. */
static void
test_refused_decision_made_again (void)
{
  Pair pair;
  GalleyId version;

  pair_init (&pair);
  test_device_make_version (pair.a, &pair.project, &pair.item, 1, 1, &version);
  test_stream_sync (pair.stream, pair.a, pair.b);
  decide (&pair, pair.b, "approve");
  pair.stream->refuse_intent = "approve";
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_item_state (pair.b, &pair.item, "open");
  pair.stream->refuse_intent = NULL;
  decide (&pair, pair.b, "approve");
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_item_state (pair.b, &pair.item, "approved");
  assert_item_state (pair.a, &pair.item, "approved");
  pair_finish (&pair);
}

/* A blocking note that the approver had not seen: the approval waits to be confirmed. */
static void
test_approval_covers_what_was_seen (void)
{
  Pair pair;
  GalleyId version;

  pair_init (&pair);
  test_device_make_version (pair.a, &pair.project, &pair.item, 1, 1, &version);
  test_stream_sync (pair.stream, pair.a, pair.b);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BLOCKING, g_variant_new_boolean (TRUE));
  decide (&pair, pair.b, "approve");
  assert_item_state (pair.b, &pair.item, "approved");
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_item_state (pair.a, &pair.item, "open");
  assert_item_state (pair.b, &pair.item, "open");
  decide (&pair, pair.b, "approve");
  assert_item_state (pair.b, &pair.item, "approved");
  test_stream_sync (pair.stream, pair.a, pair.b);
  pair_finish (&pair);
}

static GalleyDecisionScope *
show_item (Pair *pair, TestDevice *device)
{
  g_autoptr (GalleyItemRow) row = galley_reader_get_item (device->reader, &pair->item, NULL);

  return galley_decision_scope_new (&row->file, 7);
}

static void
test_decision_is_on_what_was_shown (void)
{
  g_test_summary ("What comes in between looking and deciding is not covered by the decision.");
  Pair pair;
  g_autoptr (GalleyDecisionScope) shown = NULL;
  g_autoptr (GalleyDraft) draft = NULL;
  g_autoptr (GError) error = NULL;
  GalleyId version, person;

  pair_init (&pair);
  test_device_make_version (pair.a, &pair.project, &pair.item, 1, 1, &version);
  test_stream_sync (pair.stream, pair.a, pair.b);
  shown = show_item (&pair, pair.b);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_BLOCKING, g_variant_new_boolean (TRUE));
  test_stream_sync (pair.stream, pair.a, pair.b);
  decide_on (&pair, pair.b, shown, "approve");
  assert_item_state (pair.b, &pair.item, "open");
  g_array_append_val (shown->notes, pair.note);
  decide_on (&pair, pair.b, shown, "approve");
  assert_item_state (pair.b, &pair.item, "approved");

  test_device_make_version (pair.a, &pair.project, &pair.item, 2, 2, &version);
  test_stream_sync (pair.stream, pair.a, pair.b);
  draft = galley_draft_new (&pair.project, "approve");
  galley_store_get_person (pair.b->store, &person);
  g_assert_false (galley_decision_prepare (draft, pair.b->reader,
                                           galley_store_get_key (pair.b->store), &person,
                                           &pair.item, shown, "approve", NULL, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_MOVED_ON);
  g_assert_cmpuint (galley_draft_get_n_edits (draft), ==, 0);
  pair_finish (&pair);
}

static gboolean
set_person (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, "person", data, error);
}

/* As when both are enrolled for one person. */
static void
share_person (Pair *pair)
{
  GalleyId person;
  char text[GALLEY_ID_TEXT_SIZE];

  galley_store_get_person (pair->a->store, &person);
  galley_id_print (&person, text);
  g_assert_true (galley_store_write (pair->b->store, set_person, text, NULL));
}

static void
test_undo_of_deciding (void)
{
  g_test_summary ("A decision that another device signed cannot be put back by this one");
  Pair pair;
  GalleyId version;

  pair_init (&pair);
  share_person (&pair);
  test_device_make_version (pair.a, &pair.project, &pair.item, 1, 1, &version);
  test_stream_sync (pair.stream, pair.a, pair.b);
  decide (&pair, pair.a, "approve");
  test_stream_sync (pair.stream, pair.a, pair.b);
  decide (&pair, pair.b, "request-changes");
  assert_undo_moved_on (&pair, pair.b, FALSE);
  assert_item_state (pair.b, &pair.item, "changes-requested");

  decide (&pair, pair.b, "comment");
  g_assert_true (undo (pair.b, &pair.project, FALSE, NULL));
  assert_item_state (pair.b, &pair.item, "changes-requested");
  test_stream_sync (pair.stream, pair.a, pair.b);
  pair_finish (&pair);
}

static void
test_foreign_process_is_noticed (void)
{
  Pair pair;
  g_autoptr (GalleyStore) other = NULL;
  g_autoptr (GalleyDraft) draft = NULL;
  g_autofree char *body = NULL;

  pair_init (&pair);
  other = galley_store_open (pair.a->folder, GALLEY_STORE_QUIET, galley_world_real (), NULL);
  draft = galley_draft_new (&pair.project, "edit");
  galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, &pair.note, GALLEY_ANNOTATION_BODY, NULL,
                          g_variant_new_string ("from outside"));
  g_assert_true (galley_store_commit (other, draft, NULL, NULL));
  galley_store_close (other);
  body = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (body, ==, "'from outside'");
  /* And this one goes on from there. */
  set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#123456"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  pair_finish (&pair);
}

static void
changed_cb (GalleyStore *store, GalleyTouched *touched, gpointer data)
{
  guint *n_seen = data;

  *n_seen += touched->entities->len;
}

static void
test_signal (void)
{
  Pair pair;
  guint n_seen = 0;

  pair_init (&pair);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_signal_connect (pair.a->store, "changed", G_CALLBACK (changed_cb), &n_seen);
  set_note (&pair, pair.a, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#123456"));
  while (n_seen == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_seen, ==, 1);
  test_stream_sync (pair.stream, pair.a, pair.b);
  pair_finish (&pair);
}

static void
test_invalid_is_refused_whole (void)
{
  Pair pair;
  g_autoptr (GalleyDraft) draft = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL;

  pair_init (&pair);
  before = test_device_get_digest (pair.a, &pair.project);
  draft = galley_draft_new (&pair.project, "half good");
  galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, &pair.note, GALLEY_ANNOTATION_COLOR, NULL,
                          g_variant_new_string ("#123456"));
  galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, &pair.note, GALLEY_ANNOTATION_STATUS, NULL,
                          g_variant_new_string ("whatever"));
  g_assert_false (galley_store_commit (pair.a->store, draft, NULL, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
  after = test_device_get_digest (pair.a, &pair.project);
  g_assert_cmpstr (before, ==, after);
  pair_finish (&pair);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/store/edit-arrives", test_edit_arrives);
  g_test_add_func ("/store/survives-reopening", test_survives_reopening);
  g_test_add_func ("/store/different-fields-merge", test_different_fields_merge);
  g_test_add_func ("/store/same-field-is-a-conflict", test_same_field_is_a_conflict);
  g_test_add_func ("/store/resolving-settles-it-for-all", test_resolving_settles_it_for_all);
  g_test_add_func ("/store/seen-means-seen", test_seen_means_seen);
  g_test_add_func ("/store/innocent-edit", test_innocent_edit);
  g_test_add_func ("/store/texts-merge-by-words", test_texts_merge_by_words);
  g_test_add_func ("/store/edit-of-what-both-said", test_edit_of_what_both_said);
  g_test_add_func ("/store/edit-of-a-merged-text", test_edit_of_a_merged_text);
  g_test_add_func ("/store/tags-are-a-set", test_tags_are_a_set);
  g_test_add_func ("/store/delete", test_delete);
  g_test_add_data_func ("/store/delete-then-edit", GINT_TO_POINTER (TRUE),
                        test_delete_against_edit);
  g_test_add_data_func ("/store/edit-then-delete", GINT_TO_POINTER (FALSE),
                        test_delete_against_edit);
  g_test_add_func ("/store/delete-against-reply", test_delete_against_reply);
  g_test_add_func ("/store/undo-and-redo", test_undo_and_redo);
  g_test_add_func ("/store/undo-anywhere", test_undo_anywhere);
  g_test_add_func ("/store/undo-of-one-change", test_undo_of_one_change);
  g_test_add_func ("/store/undo-of-making", test_undo_of_making);
  g_test_add_func ("/store/undo-of-making-spares-others", test_undo_of_making_spares_others);
  g_test_add_func ("/store/undo-of-restoring", test_undo_of_restoring);
  g_test_add_func ("/store/undo-never-overwrites", test_undo_never_overwrites);
  g_test_add_func ("/store/undo-over-a-merge", test_undo_over_a_merge);
  g_test_add_func ("/store/undo-of-resolving", test_undo_of_resolving);
  g_test_add_data_func ("/store/undo-of-keeping", GINT_TO_POINTER (GALLEY_TAKE_THEIRS),
                        test_undo_of_keeping);
  g_test_add_data_func ("/store/undo-of-deleting-after-all", GINT_TO_POINTER (GALLEY_TAKE_MINE),
                        test_undo_of_keeping);
  g_test_add_func ("/store/undo-of-deciding", test_undo_of_deciding);
  g_test_add_func ("/store/refused-change-is-kept", test_refused_change_is_kept);
  g_test_add_func ("/store/refused-making-leaves-nothing", test_refused_making_leaves_nothing);
  g_test_add_func ("/store/refused-decision-made-again", test_refused_decision_made_again);
  g_test_add_data_func ("/store/refused-edit-lets-go", NULL, test_refused_edit_lets_go);
  g_test_add_data_func ("/store/refused-reply-lets-go", GINT_TO_POINTER (TRUE),
                        test_refused_edit_lets_go);
  g_test_add_func ("/store/delete-of-project-against-note", test_delete_of_project_against_note);
  g_test_add_func ("/store/receiving-again-changes-nothing", test_receiving_again_changes_nothing);
  g_test_add_func ("/store/search", test_search);
  g_test_add_func ("/store/waiting-bytes", test_waiting_bytes);
  g_test_add_func ("/store/decisions", test_decisions);
  g_test_add_func ("/store/approval-covers-what-was-seen", test_approval_covers_what_was_seen);
  g_test_add_func ("/store/decision-is-on-what-was-shown", test_decision_is_on_what_was_shown);
  g_test_add_func ("/store/foreign-process-is-noticed", test_foreign_process_is_noticed);
  g_test_add_func ("/store/signal", test_signal);
  g_test_add_func ("/store/invalid-is-refused-whole", test_invalid_is_refused_whole);
  return g_test_run ();
}
