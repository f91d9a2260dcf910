/* test-change.c: a change is what its author made, to the byte
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "data/galley-change.h"
#include "data/galley-schema.h"

#include <math.h>
#include <string.h>

/* As docs/contract.md has it. */
#define WHOLE_TYPE "(((t(tt)t(tttt)(tt)t(tt)(tt))sa((tt)qqsa((tt)t))a{sv})aay)"

static GalleyChange *
make_change (guint64 seq, const char *body)
{
  GalleyChangeHeader header = { .seq = seq, .hlc = G_GUINT64_CONSTANT (1700000000000) << 16 };
  GalleyRef seen = { .seq = 7 };
  GalleyEdit edits[] = {
    { .kind = GALLEY_KIND_ANNOTATION,
      .field = GALLEY_ANNOTATION_BODY,
      .element = "",
      .supersedes = &seen,
      .n_supersedes = 1 },
    { .kind = GALLEY_KIND_ANNOTATION, .field = GALLEY_ANNOTATION_TAGS, .element = "urgent" },
  };
  g_autoptr (GError) error = NULL;
  GalleyChange *change;

  memset (&header.project, 1, 16);
  memset (&header.device, 2, 16);
  memset (&header.actor, 3, 16);
  memset (header.salt, 4, 16);
  memset (&header.previous, 5, 32);
  memset (&seen.device, 6, 16);
  memset (&edits[0].entity, 8, 16);
  memset (&edits[1].entity, 8, 16);
  edits[0].value = g_variant_new_string (body);
  change = galley_change_new (&header, "edit note", edits, 2, NULL, &error);
  g_assert_no_error (error);
  return change;
}

static void
test_round_trip (void)
{
  g_autoptr (GalleyChange) made = make_change (3, "Größer, bitte");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyChange)
      read = galley_change_new_from_bytes (galley_change_get_bytes (made), &error);
  const GalleyEdit *edit;

  g_assert_no_error (error);
  g_assert_cmpmem (galley_change_get_hash (made), 32, galley_change_get_hash (read), 32);
  g_assert_cmpuint (galley_change_get_header (read)->seq, ==, 3);
  g_assert_cmpstr (galley_change_get_intent (read), ==, "edit note");
  g_assert_cmpint (galley_change_get_time_us (read), ==, G_GINT64_CONSTANT (1700000000000000));
  g_assert_cmpuint (galley_change_get_n_edits (read), ==, 2);

  edit = galley_change_get_edit (read, 0);
  g_assert_cmpstr (g_variant_get_string (edit->value, NULL), ==, "Größer, bitte");
  g_assert_cmpuint (edit->n_supersedes, ==, 1);
  g_assert_cmpuint (edit->supersedes[0].seq, ==, 7);
  edit = galley_change_get_edit (read, 1);
  g_assert_null (edit->value);
  g_assert_cmpstr (edit->element, ==, "urgent");
}

/* How wide the ends of what it holds are written depends on the sizes: all of them are met. */
static void
test_sizes (void)
{
  GalleyChangeHeader header = { .seq = 1 };

  for (gsize bytes = 0; bytes < 200000; bytes = bytes * 3 / 2 + 1)
    {
      GalleyRef seen[12] = { { .seq = 5 }, { .seq = G_MAXINT64 } };
      guint n_seen = bytes % G_N_ELEMENTS (seen);
      g_autofree char *text = g_strnfill (bytes, 'x');
      GalleyEdit edits[] = {
        { .kind = GALLEY_KIND_ANNOTATION,
          .element = text,
          .supersedes = seen,
          .n_supersedes = n_seen,
          .value = g_variant_new_uint16 (7) },
        { .kind = GALLEY_KIND_ANNOTATION, .element = "", .value = g_variant_new_string (text) },
        { .kind = GALLEY_KIND_ANNOTATION,
          .element = "last",
          .supersedes = seen,
          .n_supersedes = 1 },
      };
      g_autoptr (GalleyChange) change = NULL;
      g_autoptr (GError) error = NULL;

      for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
        memset (&edits[i].entity, i + 1, 16);
      change = galley_change_new (&header, text, edits, G_N_ELEMENTS (edits), NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (galley_change_get_intent (change), ==, text);
      g_assert_cmpuint (galley_change_get_n_edits (change), ==, G_N_ELEMENTS (edits));
      g_assert_cmpstr (galley_change_get_edit (change, 0)->element, ==, text);
      g_assert_cmpuint (galley_change_get_edit (change, 0)->n_supersedes, ==, n_seen);
      g_assert_cmpmem (galley_change_get_edit (change, 0)->supersedes, n_seen * sizeof *seen, seen,
                       n_seen * sizeof *seen);
      g_assert_cmpuint (g_variant_get_uint16 (galley_change_get_edit (change, 0)->value), ==, 7);
      g_assert_cmpstr (g_variant_get_string (galley_change_get_edit (change, 1)->value, NULL), ==,
                       text);
      g_assert_cmpuint (galley_change_get_edit (change, 1)->n_supersedes, ==, 0);
      g_assert_cmpstr (galley_change_get_edit (change, 2)->element, ==, "last");
      g_assert_cmpuint (galley_change_get_edit (change, 2)->n_supersedes, ==, 1);
      g_assert_null (galley_change_get_edit (change, 2)->value);
    }
}

static void
test_previous_stands_where_it_must (void)
{
  g_autoptr (GalleyChange) change = make_change (1, "x");
  const guint8 *data = g_bytes_get_data (galley_change_get_bytes (change), NULL);

  g_assert_cmpmem (data + GALLEY_CHANGE_PREVIOUS_OFFSET, 32,
                   &galley_change_get_header (change)->previous, 32);
}

/* Whatever byte is altered: it is refused, or it is another change with another hash. */
static void
test_every_byte_counts (void)
{
  g_autoptr (GalleyChange) change = make_change (2, "a note");
  gsize bytes;
  const guint8 *data = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

  for (gsize i = 0; i < bytes; i++)
    {
      g_autofree guint8 *altered = g_memdup2 (data, bytes);
      g_autoptr (GBytes) again = NULL;
      g_autoptr (GalleyChange) read = NULL;

      altered[i] ^= 0x01;
      again = g_bytes_new (altered, bytes);
      read = galley_change_new_from_bytes (again, NULL);
      if (read != NULL)
        g_assert_false (
            galley_hash_equal (galley_change_get_hash (read), galley_change_get_hash (change)));
    }
}

/* What is taken is what GLib takes as well, which looks at all of it byte by byte. */
static void
test_form_is_the_normal_one (void)
{
  g_autofree char *long_text = g_strnfill (300, 'x');
  const char *bodies[] = { "", "a note", long_text };
  guint n_taken = 0;

  for (guint b = 0; b < G_N_ELEMENTS (bodies); b++)
    {
      g_autoptr (GalleyChange) change = make_change (2, bodies[b]);
      gsize bytes;
      const guint8 *data = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

      for (gsize i = 0; i < 256 * bytes; i++)
        {
          g_autofree guint8 *altered = g_memdup2 (data, bytes);
          g_autoptr (GBytes) again = NULL;
          g_autoptr (GVariant) whole = NULL;
          g_autoptr (GalleyChange) read = NULL;

          altered[i / 256] = i % 256;
          again = g_bytes_new_take (g_steal_pointer (&altered), bytes);
          read = galley_change_new_from_bytes (again, NULL);
          if (read == NULL)
            continue;
          whole = g_variant_ref_sink (
              g_variant_new_from_bytes (G_VARIANT_TYPE (WHOLE_TYPE), again, FALSE));
          g_assert_true (g_variant_is_normal_form (whole));
          n_taken++;
        }
    }

  g_assert_cmpuint (n_taken, >, 1000);
}

static void
test_cut_anywhere_is_refused (void)
{
  g_autoptr (GalleyChange) change = make_change (2, "a note");
  gsize bytes;
  const guint8 *data = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

  for (gsize i = 0; i < bytes; i++)
    {
      g_autoptr (GBytes) part = g_bytes_new (data, i);
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyChange) read = galley_change_new_from_bytes (part, &error);

      if (read != NULL)
        g_assert_false (
            galley_hash_equal (galley_change_get_hash (read), galley_change_get_hash (change)));
      else
        g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
    }
}

/* What a later format puts behind its number need not look like anything known. */
static void
test_later_format (void)
{
  g_autoptr (GalleyChange) change = make_change (2, "a note");
  gsize bytes;
  const guint8 *data = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

  for (guint format = GALLEY_CHANGE_FORMAT + 1; format < 400; format++)
    {
      g_autofree guint8 *later = g_memdup2 (data, bytes);
      guint64 number = GUINT64_TO_LE ((guint64)format);
      g_autoptr (GBytes) again = NULL;
      g_autoptr (GError) error = NULL;

      if (format % 2 == 0)
        memset (later, 0xaa, bytes);
      memcpy (later, &number, sizeof number);
      again = g_bytes_new (later, bytes);
      g_assert_null (galley_change_new_from_bytes (again, &error));
      g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER);
    }
}

static void
test_too_large (void)
{
  GalleyChangeHeader header = { .seq = 1 };
  g_autofree char *text = g_strnfill (GALLEY_CHANGE_MAX_BYTES, 'x');
  GalleyEdit edit = { .kind = 5, .field = 8, .element = "", .value = g_variant_new_string (text) };
  g_autoptr (GError) error = NULL;

  memset (&edit.entity, 1, 16);
  g_assert_null (galley_change_new (&header, "edit", &edit, 1, NULL, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
}

static void
test_ids (void)
{
  GalleyId id, again;
  g_autofree char *text = NULL;
  GalleyRef ref, ref_again;
  g_autofree char *ref_text = NULL;

  galley_id_new (&id, galley_world_real ());
  text = galley_id_to_string (&id);
  g_assert_cmpuint (strlen (text), ==, 36);
  g_assert_cmpint (text[14], ==, '7');
  g_assert_true (galley_id_parse (text, &again, NULL));
  g_assert_true (galley_id_equal (&id, &again));
  g_assert_false (galley_id_parse ("0190", &again, NULL));
  g_assert_false (galley_id_parse ("", &again, NULL));
  g_assert_false (galley_id_parse ("0190aaaa-bbbb-cccc-dddd-eeeeeeeeeeeef", &again, NULL));

  ref = (GalleyRef){ id, 42 };
  ref_text = galley_ref_to_string (&ref);
  g_assert_true (galley_ref_parse (ref_text, &ref_again, NULL));
  g_assert_true (galley_ref_equal (&ref, &ref_again));
  g_assert_false (galley_ref_parse (text, &ref_again, NULL));
}

static void
test_schema (void)
{
  const GalleyFieldSpec *color = galley_schema_find_field (GALLEY_KIND_ANNOTATION, "color");
  const GalleyFieldSpec *verdict = galley_schema_find_field (GALLEY_KIND_DECISION, "verdict");
  const GalleyFieldSpec *body = galley_schema_find_field (GALLEY_KIND_COMMENT, "body");
  const GalleyFieldSpec *place = galley_schema_find_field (GALLEY_KIND_ANNOTATION, "place");
  g_autoptr (GVariant) red = g_variant_ref_sink (g_variant_new_string ("#ff0000"));
  g_autoptr (GVariant) word = g_variant_ref_sink (g_variant_new_string ("red"));
  g_autoptr (GVariant) point = g_variant_ref_sink (g_variant_new ("(dd)", 1.0, 2.0));
  g_autoptr (GVariant) nowhere = g_variant_ref_sink (g_variant_new ("(dd)", 1.0, NAN));

  g_assert_true (galley_schema_check_value (color, "", red, NULL));
  g_assert_false (galley_schema_check_value (color, "", word, NULL));
  g_assert_false (galley_schema_check_value (color, "", point, NULL));
  g_assert_false (galley_schema_check_value (color, "x", red, NULL));
  g_assert_true (galley_schema_check_value (place, "", point, NULL));
  g_assert_false (galley_schema_check_value (place, "", nowhere, NULL));

  g_assert_true (galley_schema_may_write (color, GALLEY_ROLE_REVIEWER, FALSE));
  g_assert_false (galley_schema_may_write (color, GALLEY_ROLE_GUEST, TRUE));
  g_assert_true (galley_schema_may_write (body, GALLEY_ROLE_REVIEWER, TRUE));
  g_assert_false (galley_schema_may_write (body, GALLEY_ROLE_REVIEWER, FALSE));
  g_assert_true (galley_schema_may_write (body, GALLEY_ROLE_LEAD, FALSE));
  g_assert_true (galley_schema_may_write (verdict, GALLEY_ROLE_REVIEWER, TRUE));
  g_assert_false (galley_schema_may_write (verdict, GALLEY_ROLE_ADMIN, FALSE));
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/change/round-trip", test_round_trip);
  g_test_add_func ("/change/sizes", test_sizes);
  g_test_add_func ("/change/previous-stands-where-it-must", test_previous_stands_where_it_must);
  g_test_add_func ("/change/every-byte-counts", test_every_byte_counts);
  g_test_add_func ("/change/form-is-the-normal-one", test_form_is_the_normal_one);
  g_test_add_func ("/change/cut-anywhere-is-refused", test_cut_anywhere_is_refused);
  g_test_add_func ("/change/later-format", test_later_format);
  g_test_add_func ("/change/too-large", test_too_large);
  g_test_add_func ("/change/ids", test_ids);
  g_test_add_func ("/change/schema", test_schema);
  return g_test_run ();
}
