/* fuzz-change.c: whatever bytes come as a change, they are refused or can be read in full
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz-sample.h"
#include "galley-fuzz.h"

#include "data/galley-schema.h"
#include "sync/wire/galley-wire-json.h"

#include <string.h>

/* As the server does with a change that came in: every value against the schema. */
static void
read_edits (GalleyChange *change)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      const GalleyFieldSpec *spec = galley_schema_get_field (edit->kind, edit->field);
      g_autofree char *printed = NULL;
      gsize bytes;

      galley_change_get_value_bytes (change, i, &bytes);
      g_assert_cmpint (bytes == 0, ==, edit->value == NULL);
      if (edit->value != NULL)
        printed = g_variant_print (edit->value, TRUE);
      if (spec != NULL)
        galley_schema_check_value (spec, edit->element, edit->value, NULL);
      for (guint k = 0; k < edit->n_supersedes; k++)
        galley_ref_hash (&edit->supersedes[k]);
    }
}

/* As the server does when somebody asks for JSON. */
static void
tell (GalleyChange *change)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GBytes) told = NULL;
  g_autoptr (JsonNode) read = NULL;
  gsize bytes;
  const char *text;

  json_builder_begin_object (builder);
  galley_change_add_to_json (builder, change, 1);
  json_builder_end_object (builder);
  told = galley_json_finish (builder);
  text = g_bytes_get_data (told, &bytes);
  read = galley_json_parse_any (text, bytes);
  g_assert_nonnull (read);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyChange) change = galley_change_new_from_bytes (bytes, &error);

  if (change == NULL)
    {
      if (!g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER))
        g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
      return 0;
    }

  g_assert_cmpuint (galley_change_get_header (change)->seq, >, 0);
  g_assert_true (g_utf8_validate (galley_change_get_intent (change), -1, NULL));
  /* What was taken is what was sent: nothing is made anew on the way. */
  g_assert_true (g_bytes_equal (galley_change_get_bytes (change), bytes));
  read_edits (change);
  tell (change);
  return 0;
}

GBytes *
galley_fuzz_get_seed (void)
{
  GalleyHash nothing = { 0 };
  g_autoptr (GalleyChange) change = galley_fuzz_make_change (1, &nothing);

  return g_bytes_ref (galley_change_get_bytes (change));
}
