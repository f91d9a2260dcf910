/* test-text-difference.c: what is shown of what somebody made of a text
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "ui/galley-text-difference.h"

#include <string.h>

static void
assert_shown (
    const char *before, const char *after, guint max_chars, const char *text, const char *said)
{
  g_autoptr (GalleyTextDifference)
      difference = galley_text_difference_new (before, after, max_chars);
  g_autofree char *spoken = galley_text_difference_describe (difference);
  PangoAttrList *attributes = galley_text_difference_make_attributes (difference);

  g_assert_cmpstr (galley_text_difference_get_text (difference), ==, text);
  g_assert_cmpstr (spoken, ==, said);
  pango_attr_list_unref (attributes);
}

static void
test_words (void)
{
  g_test_summary ("Words that came and went stand where they are; unlike texts are just shown");

  assert_shown ("the big red house", "the big blue house", 100, "the big red blue house",
                "the big (gone: red) (new: blue) house");
  assert_shown ("same text", "same text", 100, "same text", "same text");
  assert_shown ("one two three", "four five six", 100, "four five six", "four five six");
  assert_shown ("", "hello", 100, "hello", "(new: hello)");
  assert_shown ("שלום עולם", "שלום ארץ", 100, "שלום עולם ארץ", "שלום (gone: עולם) (new: ארץ)");
}

static void
test_long (void)
{
  g_test_summary ("Of a long text the part is shown where it begins to differ");
  g_autoptr (GString) before = g_string_new (NULL), after = NULL;
  g_autoptr (GalleyTextDifference) difference = NULL;
  const char *text;

  for (guint i = 0; i < 30000; i++)
    g_string_append_printf (before, "word%u ", i % 100);
  after = g_string_new (before->str);
  g_string_insert (after, after->len / 2, " éclair ");
  difference = galley_text_difference_new (before->str, after->str, 200);
  text = galley_text_difference_get_text (difference);
  g_assert_nonnull (strstr (text, "éclair"));
  g_assert_cmpint (g_utf8_strlen (text, -1), <=, 201);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_true (g_str_has_prefix (text, "…"));
  g_assert_true (g_str_has_suffix (text, "…"));
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/text-difference/words", test_words);
  g_test_add_func ("/text-difference/long", test_long);
  return g_test_run ();
}
