/* test-contradictions.c: changes in a stream that cannot be meant stop nobody and part nobody
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include "data/galley-past.h"

#include "data/galley-schema.h"

/* A device of another make: it writes what it likes. */
typedef struct
{
  GalleyId device, person, project;
  guint64 seq;
  GalleyHash last;
} Stranger;

static void
stranger_init (Stranger *stranger, const GalleyId *project)
{
  *stranger = (Stranger){ .project = *project };
  galley_id_new (&stranger->device, galley_world_real ());
  galley_id_new (&stranger->person, galley_world_real ());
}

/* Into @stream, as an old server would have let it in. */
static void
write_change (Stranger *stranger, TestStream *stream, const GalleyEdit *edits, guint n_edits)
{
  GalleyChangeHeader header = {
    .project = stranger->project,
    .previous = stranger->last,
    .device = stranger->device,
    .seq = ++stranger->seq,
    .hlc = (guint64)1700000000000 << 16,
    .actor = stranger->person,
  };
  g_autoptr (GError) error = NULL;
  GalleyChange *change = galley_change_new (&header, "odd", edits, n_edits, NULL, &error);

  g_assert_no_error (error);
  stranger->last = *galley_change_get_hash (change);
  g_ptr_array_add (stream->changes, change);
}

static GalleyEdit
set (guint8 kind, const GalleyId *entity, guint16 field, GVariant *value)
{
  return (
      GalleyEdit){ .kind = kind, .entity = *entity, .field = field, .element = "", .value = value };
}

static GalleyEdit
make (guint8 kind, const GalleyId *entity)
{
  return set (kind, entity, GALLEY_F_ALIVE,
              g_variant_new ("(b@a(ayt))", TRUE, g_variant_new ("a(ayt)", NULL)));
}

static GalleyEdit
put_under (guint8 kind, const GalleyId *entity, const GalleyId *parent)
{
  return set (kind, entity, GALLEY_F_PARENT,
              g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, parent, sizeof *parent, 1));
}

static void
assert_same (TestDevice *a, TestDevice *b, const GalleyId *project)
{
  g_autofree char *first = test_device_get_digest (a, project);
  g_autofree char *second = test_device_get_digest (b, project);

  g_assert_cmpstr (first, ==, second);
}

static void
assert_value (TestDevice *device, const GalleyId *entity, guint16 field, const char *expected)
{
  g_autofree char *value = test_device_get (device, entity, field);

  g_assert_cmpstr (value, ==, expected);
}

/* Two devices of one project that both know, and a third that follows neither's order. */
typedef struct
{
  TestDevice *a, *b;
  TestStream *stream;
  GalleyId project, item;
  Stranger stranger;
} Pair;

static void
pair_init (Pair *pair)
{
  pair->a = test_device_new ("a");
  pair->b = test_device_new ("b");
  test_device_make_project (pair->a, &pair->project);
  test_device_make_item (pair->a, &pair->project, "Poster", &pair->item);
  pair->stream = test_stream_new (&pair->project);
  test_stream_sync (pair->stream, pair->a, pair->b);
  stranger_init (&pair->stranger, &pair->project);
}

/* What is made of the journal for a moment passes over the same. */
static void
assert_past_is_present (TestDevice *device, const GalleyId *item)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyEntity) now = galley_reader_get_entity (device->reader, item, &error);
  gboolean whole, found = FALSE;
  g_autoptr (GPtrArray)
      past = galley_past_list_item (device->reader, item, G_MAXUINT64, &whole, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < past->len; i++)
    {
      const GalleyEntity *entity = past->pdata[i];

      if (!galley_id_equal (&entity->id, item) || entity->kind != now->kind)
        continue;
      found = TRUE;
      g_assert_cmpuint (entity->fields->len, ==, now->fields->len);
      for (guint f = 0; f < now->fields->len; f++)
        {
          const GalleyField *was = entity->fields->pdata[f], *is = now->fields->pdata[f];

          g_assert_cmpuint (was->number, ==, is->number);
          g_assert_cmpint (was->state, ==, is->state);
          g_assert_cmpuint (was->heads->len, ==, is->heads->len);
          g_assert_true (is->value == NULL ? was->value == NULL
                                           : g_variant_equal (was->value, is->value));
        }
    }
  g_assert_true (found);
}

/* What came after the odd change has arrived as well. */
static void
pair_finish (Pair *pair)
{
  test_device_set (pair->a, &pair->project, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_NAME, NULL,
                   g_variant_new_string ("after it"));
  test_stream_sync (pair->stream, pair->a, pair->b);
  assert_value (pair->b, &pair->item, GALLEY_ITEM_NAME, "'after it'");
  assert_same (pair->a, pair->b, &pair->project);
  assert_past_is_present (pair->a, &pair->item);
  assert_past_is_present (pair->b, &pair->item);
  test_device_assert_replay (pair->a);
  test_device_assert_replay (pair->b);
  test_stream_free (pair->stream);
  test_device_free (pair->a);
  test_device_free (pair->b);
}

static void
test_two_kinds_in_one_change (void)
{
  g_test_summary ("What a change makes is of the kind that its making says.");
  g_autoptr (GPtrArray) playlists = NULL;
  g_autoptr (GError) error = NULL;
  Pair pair;
  GalleyId odd;

  pair_init (&pair);
  galley_id_new (&odd, galley_world_real ());
  {
    GalleyEdit edits[] = {
      set (GALLEY_KIND_PLAYLIST, &odd, GALLEY_PLAYLIST_NAME, g_variant_new_string ("a list?")),
      make (GALLEY_KIND_ITEM, &odd),
      put_under (GALLEY_KIND_ITEM, &odd, &pair.project),
      set (GALLEY_KIND_ITEM, &odd, GALLEY_ITEM_NAME, g_variant_new_string ("an item")),
      make (GALLEY_KIND_PLAYLIST, &odd),
    };

    write_change (&pair.stranger, pair.stream, edits, G_N_ELEMENTS (edits));
  }
  test_stream_sync (pair.stream, pair.a, pair.b);

  assert_value (pair.b, &odd, GALLEY_ITEM_NAME, "'an item'");
  playlists = galley_reader_list_kind (pair.b->reader, &pair.project, GALLEY_KIND_PLAYLIST, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (playlists->len, ==, 0);
  pair_finish (&pair);
}

static void
test_same_field_twice (void)
{
  g_test_summary ("Of two values for one field in one change the first counts.");
  Pair pair;

  pair_init (&pair);
  {
    GalleyEdit edits[] = {
      set (GALLEY_KIND_ITEM, &pair.item, GALLEY_ITEM_DUE, g_variant_new_int64 (1)),
      set (GALLEY_KIND_ITEM, &pair.item, GALLEY_ITEM_DUE, g_variant_new_int64 (2)),
    };

    write_change (&pair.stranger, pair.stream, edits, G_N_ELEMENTS (edits));
  }
  test_stream_sync (pair.stream, pair.a, pair.b);

  assert_value (pair.a, &pair.item, GALLEY_ITEM_DUE, "1");
  assert_value (pair.b, &pair.item, GALLEY_ITEM_DUE, "1");
  pair_finish (&pair);
}

static void
test_wrong_type (void)
{
  g_test_summary ("A number where a text belongs is passed over, also as a base of later texts.");
  Pair pair;
  GalleyRef odd;

  pair_init (&pair);
  {
    GalleyEdit edits[] = {
      set (GALLEY_KIND_ITEM, &pair.item, GALLEY_ITEM_DESCRIPTION, g_variant_new_uint32 (7)),
      set (GALLEY_KIND_ITEM, &pair.item, GALLEY_ITEM_DUE, g_variant_new_int64 (1)),
    };

    write_change (&pair.stranger, pair.stream, edits, G_N_ELEMENTS (edits));
  }
  odd = (GalleyRef){ pair.stranger.device, pair.stranger.seq };
  for (guint i = 0; i < 3; i++)
    {
      Stranger other;
      GalleyEdit edit = set (GALLEY_KIND_ITEM, &pair.item, GALLEY_ITEM_DESCRIPTION,
                             i == 2 ? g_variant_new_uint32 (8)
                                    : g_variant_new_string (i == 0 ? "one" : "two"));

      stranger_init (&other, &pair.project);
      edit.supersedes = &odd;
      edit.n_supersedes = 1;
      write_change (&other, pair.stream, &edit, 1);
    }
  test_stream_sync (pair.stream, pair.a, pair.b);

  assert_value (pair.b, &pair.item, GALLEY_ITEM_DUE, "1");
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 1);
  g_assert_cmpuint (test_device_count_conflicts (pair.b), ==, 1);
  pair_finish (&pair);
}

static void
test_same_id_in_two_projects (void)
{
  g_test_summary ("Whatever else a device follows, and in which order: a project is the same.");
  g_autoptr (TestDevice) only = NULL;
  g_autoptr (TestStream) other_stream = NULL;
  g_autofree char *name = NULL;
  Stranger elsewhere;
  GalleyId other;
  Pair pair;

  pair_init (&pair);
  only = test_device_new ("only");
  galley_id_new (&other, galley_world_real ());
  other_stream = test_stream_new (&other);
  stranger_init (&elsewhere, &other);
  {
    GalleyEdit edits[] = {
      make (GALLEY_KIND_ITEM, &pair.item),
      put_under (GALLEY_KIND_ITEM, &pair.item, &other),
      set (GALLEY_KIND_ITEM, &pair.item, GALLEY_ITEM_NAME, g_variant_new_string ("elsewhere")),
      make (GALLEY_KIND_PROJECT, &other),
      make (GALLEY_KIND_PROJECT, &pair.project),
    };

    write_change (&elsewhere, other_stream, edits, G_N_ELEMENTS (edits));
  }

  /* One knows the one project first, one the other; one nothing but the other. */
  test_stream_pull (other_stream, pair.a);
  test_stream_pull (other_stream, only);
  {
    g_autoptr (TestDevice) late = test_device_new ("late");

    test_stream_pull (other_stream, late);
    test_stream_pull (pair.stream, late);
    assert_same (late, pair.b, &pair.project);
    assert_same (late, only, &other);
    test_device_assert_replay (late);
  }
  assert_same (pair.a, pair.b, &pair.project);
  assert_same (pair.a, only, &other);
  name = test_device_get (pair.a, &pair.item, GALLEY_ITEM_NAME);
  g_assert_cmpstr (name, ==, "'Poster'");
  pair_finish (&pair);
}

static void
test_own_against_accepted (void)
{
  g_test_summary ("What is made here under an id that another kind of thing got is refused alone.");
  Pair pair;
  GalleyId odd;
  GalleyDraft *draft;

  pair_init (&pair);
  galley_id_new (&odd, galley_world_real ());
  draft = galley_draft_new (&pair.project, "refuse me");
  galley_draft_create (draft, GALLEY_KIND_PLAYLIST, &odd, &pair.project);
  test_device_commit (pair.a, draft);
  {
    GalleyEdit edits[] = {
      make (GALLEY_KIND_ITEM, &odd),
      put_under (GALLEY_KIND_ITEM, &odd, &pair.project),
      set (GALLEY_KIND_ITEM, &odd, GALLEY_ITEM_NAME, g_variant_new_string ("an item")),
    };

    write_change (&pair.stranger, pair.stream, edits, G_N_ELEMENTS (edits));
  }
  test_stream_pull (pair.stream, pair.a);
  pair.stream->refuse_intent = "refuse me";
  test_stream_sync (pair.stream, pair.a, pair.b);

  assert_value (pair.b, &odd, GALLEY_ITEM_NAME, "'an item'");
  pair_finish (&pair);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/contradictions/two-kinds-in-one-change", test_two_kinds_in_one_change);
  g_test_add_func ("/contradictions/same-field-twice", test_same_field_twice);
  g_test_add_func ("/contradictions/wrong-type", test_wrong_type);
  g_test_add_func ("/contradictions/same-id-in-two-projects", test_same_id_in_two_projects);
  g_test_add_func ("/contradictions/own-against-accepted", test_own_against_accepted);
  return g_test_run ();
}
