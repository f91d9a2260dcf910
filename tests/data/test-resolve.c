/* test-resolve.c: what each choice makes of a conflict, and what it leaves open
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include "data/galley-draft-private.h"
#include "data/galley-intent.h"
#include "data/galley-resolve.h"

/* ── the choice alone ── */

/* Persons and devices by letters. */
static GalleyId
id_of (char letter)
{
  GalleyId id = { { (guint8)letter } };

  return id;
}

static void
clear_head (gpointer head)
{
  g_clear_pointer (&((GalleyHead *)head)->value, g_variant_unref);
}

static void
add_head (GalleyConflictField *field, char person, char device, GVariant *value)
{
  GalleyHead head = { .ref = { id_of (device), 1 }, .actor = id_of (person) };

  head.value = value != NULL ? g_variant_ref_sink (value) : NULL;
  g_array_append_val (field->heads, head);
}

static void
init_field (GalleyConflictField *field)
{
  *field = (GalleyConflictField){ .rule = "earliest", .state = GALLEY_STATE_CONFLICT };
  field->element = g_strdup ("");
  field->heads = g_array_new (FALSE, TRUE, sizeof (GalleyHead));
  g_array_set_clear_func (field->heads, clear_head);
}

static void
clear_field (GalleyConflictField *field)
{
  g_free (field->element);
  g_array_unref (field->heads);
  g_clear_pointer (&field->base, g_variant_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyConflictField, clear_field)

static const GalleyChooser *
chooser (char person, char device)
{
  static GalleyChooser who;

  who = (GalleyChooser){ id_of (person), id_of (device) };
  return &who;
}

/* NULL: refused, with a sentence. */
static char *
take (const GalleyConflictField *field,
      GalleyFieldType type,
      const GalleyChooser *who,
      GalleyTake what)
{
  GalleyChoice choice = { .take = what };
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  if (!galley_resolve_get_value (field, type, who, &choice, &value, &error))
    {
      g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
      return NULL;
    }

  g_assert_no_error (error);
  return value != NULL ? g_variant_print (value, FALSE) : g_strdup ("cleared");
}

static void
assert_take (const GalleyConflictField *field,
             GalleyFieldType type,
             const GalleyChooser *who,
             GalleyTake what,
             const char *expected)
{
  g_autofree char *value = take (field, type, who, what);

  g_assert_cmpstr (value, ==, expected);
}

static void
test_whose (void)
{
  g_auto (GalleyConflictField) field = { 0 };

  init_field (&field);
  add_head (&field, 'A', 'a', g_variant_new_string ("red"));
  add_head (&field, 'B', 'b', g_variant_new_string ("blue"));

#define REGISTER GALLEY_FIELD_REGISTER
  assert_take (&field, REGISTER, chooser ('A', 'a'), GALLEY_TAKE_MINE, "'red'");
  assert_take (&field, REGISTER, chooser ('A', 'a'), GALLEY_TAKE_THEIRS, "'blue'");
  assert_take (&field, REGISTER, chooser ('B', 'b'), GALLEY_TAKE_MINE, "'blue'");
  /* The same person at another computer. */
  assert_take (&field, REGISTER, chooser ('B', 'x'), GALLEY_TAKE_MINE, "'blue'");
  assert_take (&field, REGISTER, chooser ('B', 'x'), GALLEY_TAKE_THEIRS, "'red'");
  /* Somebody else has none, and must name whose. */
  assert_take (&field, REGISTER, chooser ('C', 'c'), GALLEY_TAKE_MINE, NULL);
  assert_take (&field, REGISTER, chooser ('C', 'c'), GALLEY_TAKE_THEIRS, NULL);
  assert_take (&field, REGISTER, chooser ('A', 'a'), GALLEY_TAKE_BOTH, NULL);
}

static void
test_own_device_before_own_person (void)
{
  g_auto (GalleyConflictField) field = { 0 };

  init_field (&field);
  add_head (&field, 'A', 'x', g_variant_new_string ("red"));
  add_head (&field, 'A', 'a', g_variant_new_string ("blue"));
  assert_take (&field, REGISTER, chooser ('A', 'a'), GALLEY_TAKE_MINE, "'blue'");
  assert_take (&field, REGISTER, chooser ('A', 'a'), GALLEY_TAKE_THEIRS, "'red'");
}

static void
test_named_head (void)
{
  g_auto (GalleyConflictField) field = { 0 };
  GalleyChoice choice = { .take = GALLEY_TAKE_THEIRS, .has_head = TRUE };
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  init_field (&field);
  add_head (&field, 'A', 'a', g_variant_new_string ("red"));
  add_head (&field, 'B', 'b', g_variant_new_string ("blue"));
  add_head (&field, 'C', 'c', NULL);

  assert_take (&field, REGISTER, chooser ('A', 'a'), GALLEY_TAKE_THEIRS, NULL);
  choice.head = (GalleyRef){ id_of ('b'), 1 };
  g_assert_true (
      galley_resolve_get_value (&field, REGISTER, chooser ('A', 'a'), &choice, &value, NULL));
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "blue");
  g_clear_pointer (&value, g_variant_unref);

  choice.head = (GalleyRef){ id_of ('c'), 1 };
  g_assert_true (
      galley_resolve_get_value (&field, REGISTER, chooser ('A', 'a'), &choice, &value, NULL));
  g_assert_null (value);

  choice.head = (GalleyRef){ id_of ('b'), 2 };
  g_assert_false (
      galley_resolve_get_value (&field, REGISTER, chooser ('A', 'a'), &choice, &value, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND);
}

static void
test_base (void)
{
  g_auto (GalleyConflictField) field = { 0 };

  init_field (&field);
  add_head (&field, 'A', 'a', g_variant_new_string ("red"));
  add_head (&field, 'B', 'b', g_variant_new_string ("blue"));
  assert_take (&field, REGISTER, chooser ('A', 'a'), GALLEY_TAKE_BASE, NULL);
  field.base_known = TRUE;
  assert_take (&field, REGISTER, chooser ('A', 'a'), GALLEY_TAKE_BASE, "cleared");
  field.base = g_variant_ref_sink (g_variant_new_string ("green"));
  assert_take (&field, REGISTER, chooser ('A', 'a'), GALLEY_TAKE_BASE, "'green'");
}

static void
test_both_texts (void)
{
  g_auto (GalleyConflictField) field = { 0 };

  init_field (&field);
  add_head (&field, 'A', 'a', g_variant_new_string ("one"));
  add_head (&field, 'B', 'b', g_variant_new_string ("two"));
  add_head (&field, 'C', 'c', NULL);
  assert_take (&field, GALLEY_FIELD_TEXT, chooser ('A', 'a'), GALLEY_TAKE_BOTH, "'one\\n\\ntwo'");
  assert_take (&field, GALLEY_FIELD_TEXT, chooser ('B', 'b'), GALLEY_TAKE_BOTH, "'two\\n\\none'");
  assert_take (&field, GALLEY_FIELD_TEXT, chooser ('D', 'd'), GALLEY_TAKE_BOTH, "'one\\n\\ntwo'");
}

/* ── the choice as a change ── */

/* @keep: -1: refused */
static void
assert_lifecycle (const GalleyConflictField *field,
                  const GalleyChooser *who,
                  const GalleyChoice *choice,
                  int keep)
{
  GalleyId project = id_of ('p'), note = id_of ('n');
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyDraft) draft = galley_resolve_make_draft (&project, GALLEY_KIND_ANNOTATION,
                                                             &note, &field, choice, 1, who, &error);

  g_assert_true ((draft == NULL) == (keep < 0));
  if (keep < 0)
    {
      g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
      return;
    }

  g_assert_cmpuint (galley_draft_get_n_edits (draft), ==, 1);
  g_assert_cmpint (galley_lifecycle_is_alive (galley_draft_get_edit (draft, 0)->value), ==, keep);
  g_assert_cmpuint (galley_draft_get_edit (draft, 0)->n_seen, ==, field->heads->len);
}

static void
test_delete_against_edit (void)
{
  g_auto (GalleyConflictField) field = { 0 };
  g_autoptr (GVariant) yes = g_variant_ref_sink (g_variant_new_boolean (TRUE));
  g_autoptr (GVariant) word = g_variant_ref_sink (g_variant_new_string ("yes"));

  init_field (&field);
  field.field = GALLEY_F_ALIVE;
  field.delete_against_edit = TRUE;
  add_head (&field, 'A', 'a', galley_lifecycle_value (FALSE, NULL, 0));

#define CHOICE(...) (&(GalleyChoice){ __VA_ARGS__ })
  assert_lifecycle (&field, chooser ('A', 'a'), CHOICE (.take = GALLEY_TAKE_MINE), FALSE);
  assert_lifecycle (&field, chooser ('A', 'a'), CHOICE (.take = GALLEY_TAKE_THEIRS), TRUE);
  assert_lifecycle (&field, chooser ('B', 'b'), CHOICE (.take = GALLEY_TAKE_MINE), TRUE);
  assert_lifecycle (&field, chooser ('B', 'b'), CHOICE (.take = GALLEY_TAKE_THEIRS), FALSE);
  assert_lifecycle (&field, chooser ('A', 'a'), CHOICE (.take = GALLEY_TAKE_BASE), TRUE);
  assert_lifecycle (&field, chooser ('A', 'a'), CHOICE (.take = GALLEY_TAKE_BOTH), -1);
  assert_lifecycle (&field, chooser ('A', 'a'), CHOICE (GALLEY_TAKE_VALUE, .value = yes), TRUE);
  assert_lifecycle (&field, chooser ('A', 'a'), CHOICE (GALLEY_TAKE_VALUE, .value = word), -1);
  assert_lifecycle (&field, chooser ('A', 'a'), CHOICE (GALLEY_TAKE_VALUE), -1);
}

static void
test_value_must_fit (void)
{
  g_auto (GalleyConflictField) field = { 0 };
  GalleyId project = id_of ('p'), note = id_of ('n');
  g_autoptr (GVariant) word = g_variant_ref_sink (g_variant_new_string ("blue"));
  const GalleyConflictField *fields[] = { &field };

  init_field (&field);
  field.field = GALLEY_ANNOTATION_COLOR;
  add_head (&field, 'A', 'a', g_variant_new_string ("#111111"));
  add_head (&field, 'B', 'b', g_variant_new_string ("#222222"));
  g_assert_null (galley_resolve_make_draft (&project, GALLEY_KIND_ANNOTATION, &note, fields,
                                            CHOICE (GALLEY_TAKE_VALUE, .value = word), 1,
                                            chooser ('A', 'a'), NULL));
  field.field = 900; /* a newer Galley's */
  g_assert_null (galley_resolve_make_draft (&project, GALLEY_KIND_ANNOTATION, &note, fields,
                                            CHOICE (GALLEY_TAKE_MINE), 1, chooser ('A', 'a'),
                                            NULL));
}

static void
set_color (TestDevice *device, const GalleyId *project, const GalleyId *note, const char *color)
{
  test_device_set (device, project, GALLEY_KIND_ANNOTATION, note, GALLEY_ANNOTATION_COLOR, NULL,
                   g_variant_new_string (color));
}

static GalleyDraft *
resolve (TestDevice *device, const GalleyId *project, const GalleyId *note, GalleyTake what)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) fields = galley_reader_get_conflict (device->reader, note, &error);
  GalleyChoice choices[4] = { 0 };
  GalleyChooser who = { .device = *galley_store_get_device (device->store) };
  GalleyDraft *draft;

  g_assert_no_error (error);
  g_assert_cmpuint (fields->len, <=, G_N_ELEMENTS (choices));
  galley_store_get_person (device->store, &who.person);
  for (guint i = 0; i < fields->len; i++)
    choices[i].take = what;
  draft = galley_resolve_make_draft (project, GALLEY_KIND_ANNOTATION, note,
                                     (const GalleyConflictField *const *)fields->pdata, choices,
                                     fields->len, &who, &error);
  g_assert_no_error (error);
  return draft;
}

/* What the newest change says of the choices that it made. */
static void
assert_record (TestDevice *device, const GalleyId *note, guint n_fields, const char *whose)
{
  GalleyJournalFilter filter = { .entity = note, .limit = 1 };
  g_autoptr (GPtrArray) rows = galley_reader_list_journal (device->reader, &filter, NULL);
  GalleyChange *change = ((GalleyJournalRow *)g_ptr_array_index (rows, 0))->change;
  g_autoptr (GVariant) extra = galley_change_dup_extra (change);
  g_autoptr (GVariant)
      records = g_variant_lookup_value (extra, "resolved", G_VARIANT_TYPE ("aa{sv}"));

  g_assert_cmpstr (galley_change_get_intent (change), ==, GALLEY_INTENT_RESOLVE);
  g_assert_cmpuint (g_variant_n_children (records), ==, n_fields);
  for (guint i = 0; i < n_fields; i++)
    {
      g_autoptr (GVariant) record = g_variant_get_child_value (records, i);
      const char *said;

      g_assert_true (g_variant_lookup (record, "take", "&s", &said));
      g_assert_cmpstr (said, ==, whose);
      g_assert_true (g_variant_lookup (record, "rule", "&s", &said));
      g_assert_true (g_variant_lookup (record, "head", "&s", &said));
    }
}

static void
test_what_was_not_shown_stays_open (void)
{
  g_test_summary ("A value that arrives while somebody chooses is not settled with the others.");
  TestDevice *a = test_device_new ("a"), *b = test_device_new ("b"), *c = test_device_new ("c");
  GalleyId project, item, note;
  TestStream *stream;
  g_autofree char *color = NULL;

  test_device_make_project (a, &project);
  test_device_make_item (a, &project, "Poster", &item);
  test_device_make_note (a, &project, &item, "here", &note);
  stream = test_stream_new (&project);
  test_stream_sync (stream, a, b);
  test_stream_pull (stream, c);
  set_color (a, &project, &note, "#aaaaaa");
  set_color (b, &project, &note, "#bbbbbb");
  set_color (c, &project, &note, "#cccccc");
  test_stream_sync (stream, a, b);

  test_device_commit (a, resolve (a, &project, &note, GALLEY_TAKE_THEIRS));
  assert_record (a, &note, 1, "theirs");
  g_assert_cmpuint (test_device_count_conflicts (a), ==, 0);
  test_stream_push (stream, c);
  test_stream_sync (stream, a, b);
  test_stream_pull (stream, c);
  g_assert_cmpuint (test_device_count_conflicts (a), ==, 1);
  g_assert_cmpuint (test_device_count_conflicts (c), ==, 1);

  test_device_commit (c, resolve (c, &project, &note, GALLEY_TAKE_MINE));
  test_stream_push (stream, c);
  test_stream_sync (stream, a, b);
  g_assert_cmpuint (test_device_count_conflicts (a), ==, 0);
  color = test_device_get (b, &note, GALLEY_ANNOTATION_COLOR);
  g_assert_cmpstr (color, ==, "'#cccccc'");

  test_device_assert_replay (a);
  test_stream_free (stream);
  test_device_free (a);
  test_device_free (b);
  test_device_free (c);
}

static void
test_delete_takes_what_was_shown (void)
{
  g_test_summary ("Deleting after all takes along what was looked at, not what came in meanwhile.");
  TestDevice *a = test_device_new ("a"), *b = test_device_new ("b");
  GalleyId project, item, note;
  TestStream *stream;
  GalleyDraft *draft;

  test_device_make_project (a, &project);
  test_device_make_item (a, &project, "Poster", &item);
  test_device_make_note (a, &project, &item, "here", &note);
  stream = test_stream_new (&project);
  test_stream_sync (stream, a, b);
  draft = galley_draft_new (&project, GALLEY_INTENT_DELETE);
  galley_draft_delete (draft, GALLEY_KIND_ANNOTATION, &note);
  test_device_commit (a, draft);
  set_color (b, &project, &note, "#bbbbbb");
  test_stream_sync (stream, a, b);
  g_assert_cmpuint (test_device_count_conflicts (a), ==, 1);

  draft = resolve (a, &project, &note, GALLEY_TAKE_MINE);
  set_color (b, &project, &note, "#cccccc");
  test_stream_sync (stream, b, a);
  test_device_commit (a, draft);
  test_stream_sync (stream, a, b);
  g_assert_cmpuint (test_device_count_conflicts (a), ==, 1);
  g_assert_cmpuint (test_device_count_conflicts (b), ==, 1);

  test_device_commit (a, resolve (a, &project, &note, GALLEY_TAKE_MINE));
  test_stream_sync (stream, a, b);
  g_assert_cmpuint (test_device_count_conflicts (a), ==, 0);
  g_assert_cmpuint (test_device_count_conflicts (b), ==, 0);

  test_device_assert_replay (a);
  test_stream_free (stream);
  test_device_free (a);
  test_device_free (b);
}

static const GalleyConflictRow *
only_row (GPtrArray *rows)
{
  g_assert_cmpuint (rows->len, ==, 1);
  return rows->pdata[0];
}

static void
test_asking_somebody (void)
{
  g_test_summary ("What is said about a conflict comes to all; who is asked is told apart.");
  TestPair pair = { 0 };
  g_autoptr (GPtrArray) at_a = NULL, at_b = NULL, remarks = NULL, after = NULL, again = NULL;
  g_auto (GStrv) asked = NULL;
  GalleyDraft *draft;
  const GalleyEntity *remark;
  GalleyId id, person;

  test_pair_init (&pair, "here");
  set_color (pair.a, &pair.project, &pair.note, "#aaaaaa");
  set_color (pair.b, &pair.project, &pair.note, "#bbbbbb");
  test_pair_sync (&pair);

  galley_id_new (&id, galley_store_get_world (pair.a->store));
  galley_store_get_person (pair.b->store, &person);
  draft = galley_draft_new (&pair.project, GALLEY_INTENT_ADD_REMARK);
  galley_intent_add_remark (draft, &id, &pair.note, "You know the colours", &person, 1);
  test_device_commit (pair.a, draft);
  test_pair_sync (&pair);

  at_a = galley_reader_list_conflicts (pair.a->reader, NULL, NULL);
  at_b = galley_reader_list_conflicts (pair.b->reader, &pair.project, NULL);
  g_assert_cmpuint (only_row (at_a)->n_remarks, ==, 1);
  g_assert_false (only_row (at_a)->asked);
  g_assert_true (only_row (at_b)->asked);
  g_assert_cmpuint (only_row (at_b)->n_fields, ==, 1);

  remarks = galley_reader_list_remarks (pair.b->reader, &pair.note, NULL);
  g_assert_cmpuint (remarks->len, ==, 1);
  remark = remarks->pdata[0];
  asked = galley_entity_get_elements (remark, GALLEY_REMARK_ASKED);
  g_assert_cmpuint (g_strv_length (asked), ==, 1);
  g_assert_cmpstr (g_variant_get_string (galley_entity_get_value (remark, GALLEY_REMARK_BODY),
                                         NULL),
                   ==, "You know the colours");

  /* Taken back by who said it. */
  draft = galley_draft_new (&pair.project, GALLEY_INTENT_DELETE);
  galley_draft_delete (draft, GALLEY_KIND_REMARK, &id);
  test_device_commit (pair.a, draft);
  test_pair_sync (&pair);
  after = galley_reader_list_remarks (pair.b->reader, &pair.note, NULL);
  g_assert_cmpuint (after->len, ==, 0);
  again = galley_reader_list_conflicts (pair.b->reader, NULL, NULL);
  g_assert_false (only_row (again)->asked);
  test_device_assert_replay (pair.b);
  test_pair_clear (&pair);
}

static void
test_several_fields_are_one_change (void)
{
  TestDevice *a = test_device_new ("a"), *b = test_device_new ("b");
  TestDevice *both[] = { a, b };
  GalleyId project, item, note;
  TestStream *stream;
  g_autofree char *color = NULL, *place = NULL;

  test_device_make_project (a, &project);
  test_device_make_item (a, &project, "Poster", &item);
  test_device_make_note (a, &project, &item, "here", &note);
  stream = test_stream_new (&project);
  test_stream_sync (stream, a, b);
  for (guint i = 0; i < 2; i++)
    {
      set_color (both[i], &project, &note, i == 0 ? "#aaaaaa" : "#bbbbbb");
      test_device_set (both[i], &project, GALLEY_KIND_ANNOTATION, &note, GALLEY_ANNOTATION_PLACE,
                       NULL, g_variant_new ("(dd)", (double)i, (double)i));
    }
  test_stream_sync (stream, a, b);

  test_device_commit (b, resolve (b, &project, &note, GALLEY_TAKE_MINE));
  assert_record (b, &note, 2, "mine");
  test_stream_sync (stream, a, b);
  g_assert_cmpuint (test_device_count_conflicts (a), ==, 0);
  color = test_device_get (a, &note, GALLEY_ANNOTATION_COLOR);
  place = test_device_get (a, &note, GALLEY_ANNOTATION_PLACE);
  g_assert_cmpstr (color, ==, "'#bbbbbb'");
  g_assert_cmpstr (place, ==, "(1.0, 1.0)");

  test_stream_free (stream);
  test_device_free (a);
  test_device_free (b);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/resolve/whose", test_whose);
  g_test_add_func ("/resolve/own-device-before-own-person", test_own_device_before_own_person);
  g_test_add_func ("/resolve/named-head", test_named_head);
  g_test_add_func ("/resolve/base", test_base);
  g_test_add_func ("/resolve/both-texts", test_both_texts);
  g_test_add_func ("/resolve/delete-against-edit", test_delete_against_edit);
  g_test_add_func ("/resolve/value-must-fit", test_value_must_fit);
  g_test_add_func ("/resolve/what-was-not-shown-stays-open", test_what_was_not_shown_stays_open);
  g_test_add_func ("/resolve/delete-takes-what-was-shown", test_delete_takes_what_was_shown);
  g_test_add_func ("/resolve/asking-somebody", test_asking_somebody);
  g_test_add_func ("/resolve/several-fields-are-one-change", test_several_fields_are_one_change);
  return g_test_run ();
}
