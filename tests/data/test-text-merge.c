/* test-text-merge.c: merging texts by words, from both sides, and against git's merge
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "data/galley-text-merge.h"

#include <string.h>

static char *
merge (const char *base, const char *mine, const char *theirs)
{
  GalleyTextMerge out, back;
  char *text;

  galley_text_merge (base, mine, theirs, &out);
  galley_text_merge (base, theirs, mine, &back);
  /* It must not matter who asks. */
  g_assert_cmpstr (out.text, ==, back.text);
  text = g_strdup (out.text);
  galley_text_merge_clear (&out);
  galley_text_merge_clear (&back);
  return text;
}

static void
assert_merge (const char *base, const char *mine, const char *theirs, const char *expected)
{
  g_autofree char *text = merge (base, mine, theirs);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_rules (void)
{
  assert_merge ("the blue logo is small", "the red logo is small", "the blue logo is large",
                "the red logo is large");
  assert_merge ("a b c", "a b c", "a x c", "a x c");
  assert_merge ("a b c", "a x c", "a x c", "a x c");
  assert_merge ("a b c d", "a x c d", "a y c d", NULL);
  assert_merge ("same", "same", "same", "same");
  assert_merge ("one two three", "two three", "one two", "two");
  assert_merge ("", "", "new text", "new text");
  assert_merge ("", "mine", "theirs", NULL);
  assert_merge ("gone", "", "gone", "");
  assert_merge ("gone", "", "kept", NULL);
  assert_merge ("end", "end of mine", "start end", "start end of mine");
}

static void
test_neighbours_clash (void)
{
  /* No unchanged word between the two changes: a person looks. */
  assert_merge ("move it left", "move that left", "move it right", NULL);
  assert_merge ("move it a bit left", "move that a bit left", "move it a bit right",
                "move that a bit right");
  assert_merge ("yes, no", "yes; no", "yes, not", NULL);
}

static void
test_unicode (void)
{
  /* The same word, composed and decomposed. */
  assert_merge ("caf\xc3\xa9 is open today", "cafe\xcc\x81 is open today",
                "caf\xc3\xa9 is open tomorrow", "caf\xc3\xa9 is open tomorrow");
  assert_merge ("größer und schöner", "kleiner und schöner", "größer und besser",
                "kleiner und besser");
  assert_merge ("\xff\xfe", "\xff\xfe", "fine", "fine");
}

static void
test_three_heads (void)
{
  const char *orders[][3] = {
    { "A b c d e", "a b C d e", "a b c d E" },
    { "a b c d E", "A b c d e", "a b C d e" },
    { "a b C d e", "a b c d E", "A b c d e" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      GalleyTextMerge out;

      galley_text_merge_many ("a b c d e", orders[i], 3, &out);
      g_assert_cmpstr (out.text, ==, "A b C d E");
      galley_text_merge_clear (&out);
    }
}

static void
test_hunks_cover (void)
{
  g_autoptr (GArray) hunks = galley_word_diff ("keep old tail", "keep new and tail");
  g_autoptr (GString) before = g_string_new (NULL), after = g_string_new (NULL);

  for (guint i = 0; i < hunks->len; i++)
    {
      const GalleyHunk *hunk = &g_array_index (hunks, GalleyHunk, i);

      g_string_append_len (before, &"keep old tail"[hunk->base_start], hunk -> base_bytes);
      g_string_append_len (after, &"keep new and tail"[hunk->mine_start], hunk -> mine_bytes);
    }
  g_assert_cmpstr (before->str, ==, "keep old tail");
  g_assert_cmpstr (after->str, ==, "keep new and tail");
}

static void
test_hostile (void)
{
  g_autoptr (GString) a = g_string_new (NULL), b = g_string_new (NULL);

  for (guint i = 0; i < 20000; i++)
    {
      g_string_append_printf (a, "a%u ", i);
      g_string_append_printf (b, "b%u ", i);
    }
  assert_merge ("base", a->str, b->str, NULL);
  assert_merge (a->str, b->str, a->str, b->str);
}

/* One word of nothing but combining marks, in an order that is costly to normalise. */
static void
test_hostile_marks (void)
{
  g_autoptr (GString) marks = g_string_new ("a");
  g_autofree char *longer = NULL;

  for (guint i = 0; i < 250000; i++)
    g_string_append (marks, i % 2 == 1 ? "\xcc\x81" : "\xcc\x96");
  longer = g_strconcat (marks->str, " more", NULL);
  assert_merge (marks->str, longer, marks->str, longer);
}

static void
test_random_bytes (void)
{
  for (guint round = 0; round < 300; round++)
    {
      char texts[3][64];

      for (guint t = 0; t < 3; t++)
        {
          guint length = g_test_rand_int_range (0, 63);

          for (guint i = 0; i < length; i++)
            texts[t][i] = g_test_rand_int_range (1, 256);
          texts[t][length] = '\0';
        }
      g_free (merge (texts[0], texts[1], texts[2]));
    }
}

static gboolean
has_word (const char *text, const GalleyHunk *hunk)
{
  for (gsize i = 0; i < hunk->base_bytes; i++)
    if (g_ascii_isalnum (text[hunk->base_start + i]))
      return TRUE;

  return FALSE;
}

/* Both people changed what both changed, alike or not. */
static guint
authors_of (const GalleyHunk *hunk)
{
  switch (hunk->kind)
    {
    case GALLEY_HUNK_MINE:
      return 1;

    case GALLEY_HUNK_THEIRS:
      return 2;

    default:
      return 3;
    }
}

/* Of two changes without an unchanged word in between, both are of the same people. */
static void
assert_apart (const char *base, const char *mine, const char *theirs)
{
  GalleyTextMerge merge;
  guint before = 0;

  galley_text_merge (base, mine, theirs, &merge);
  for (guint i = 0; i < merge.hunks->len; i++)
    {
      const GalleyHunk *hunk = &g_array_index (merge.hunks, GalleyHunk, i);

      if (hunk->kind != GALLEY_HUNK_SAME)
        {
          if (before != 0 && before != authors_of (hunk))
            g_error ("changes stand too close in “%s” / “%s” / “%s”", base, mine, theirs);
          before = authors_of (hunk);
        }
      else if (has_word (base, hunk))
        {
          before = 0;
        }
    }
  galley_text_merge_clear (&merge);
}

static char *
random_text (void)
{
  static const char *const tokens[] = { "a", "b", "c", ",", ".", " " };
  GString *text = g_string_new (NULL);

  for (int i = g_test_rand_int_range (0, 10); i > 0; i--)
    g_string_append (text, tokens[g_test_rand_int_range (0, G_N_ELEMENTS (tokens))]);
  return g_string_free (text, FALSE);
}

static void
test_neighbours_before (void)
{
  /* Two changes of mine, then one of theirs that touches the second: all three go together. */
  assert_apart ("a,b,c", "x,y,c", "a,b,z");
  for (guint round = 0; round < 20000; round++)
    {
      g_autofree char *base = random_text (), *mine = random_text (), *theirs = random_text ();

      assert_apart (base, mine, theirs);
    }
}

static void
test_nobody (void)
{
  GalleyTextMerge merge;

  g_test_expect_message ("galley-text-merge", G_LOG_LEVEL_CRITICAL, "*n_heads > 0*");
  galley_text_merge_many ("base", NULL, 0, &merge);
  g_test_assert_expected_messages ();
  g_assert_false (merge.clean);
  galley_text_merge_clear (&merge);
}

/* ── the oracle ── */

#define MAX_WORDS 14

/* Words that appear once each, so that there is one way to align two texts and any right diff finds
 * it: "w7" of the base, or new ones. */
static GPtrArray *
random_edit (GPtrArray *base, char side)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < base->len; i++)
    {
      int dice = g_test_rand_int_range (0, 12);

      if (dice == 0)
        continue;
      if (dice == 1)
        g_ptr_array_add (words, g_strdup_printf ("%c%d", side, g_test_rand_int_range (0, 100000)));
      if (dice == 2)
        g_ptr_array_add (words, g_strdup_printf ("x%u", i)); /* both may choose the same */
      else
        g_ptr_array_add (words, g_strdup (g_ptr_array_index (base, i)));
    }

  return words;
}

static char *
join (GPtrArray *words, const char *separator, gboolean closed)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? separator : "",
                            (const char *)g_ptr_array_index (words, i));
  if (closed && words->len > 0)
    g_string_append (text, separator);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
git_merge (const char *git, GPtrArray *base, GPtrArray *mine, GPtrArray *theirs)
{
  GPtrArray *texts[] = { mine, base, theirs };
  g_autofree char *paths[3] = { galley_test_path ("mine"), galley_test_path ("base"),
                                galley_test_path ("theirs") };
  const char *argv[] = { git, "merge-file", "-p", "-q", paths[0], paths[1], paths[2], NULL };
  char *out = NULL;
  int status;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *text = join (texts[i], "\n", TRUE);

      g_assert_true (g_file_set_contents (paths[i], text, -1, NULL));
    }
  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                               &out, NULL, &status, NULL));
  for (guint i = 1; i < 3; i++)
    g_free (g_steal_pointer (&paths[i]));
  if (status != 0)
    g_clear_pointer (&out, g_free);
  return out;
}

/* One word a line for git, one word a "line" for us: a separator of its own token that is no word
 * would let our rule of neighbours clash where git's does not, so only one direction is exact: what
 * we merge, git merges, and alike. */
static void
test_against_git (void)
{
  g_autofree char *git = g_find_program_in_path ("git");
  guint n_clean = 0, n_both = 0;

  if (git == NULL)
    {
      g_test_skip ("git is not here");
      return;
    }

  for (guint round = 0; round < 250; round++)
    {
      g_autoptr (GPtrArray) base = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GPtrArray) mine = NULL, theirs = NULL;
      g_autofree char *base_text = NULL, *mine_text = NULL, *theirs_text = NULL, *ours = NULL;
      g_autofree char *gits = NULL;

      for (int i = 0, n = g_test_rand_int_range (1, MAX_WORDS); i < n; i++)
        g_ptr_array_add (base, g_strdup_printf ("w%d", i));
      mine = random_edit (base, 'm');
      theirs = random_edit (base, 't');
      base_text = join (base, "\n", TRUE);
      mine_text = join (mine, "\n", TRUE);
      theirs_text = join (theirs, "\n", TRUE);
      ours = merge (base_text, mine_text, theirs_text);
      gits = git_merge (git, base, mine, theirs);
      n_clean += gits != NULL;
      if (ours != NULL)
        {
          n_both++;
          if (gits != NULL)
            g_assert_cmpstr (ours, ==, gits);
          else
            g_test_message ("git sees a conflict in “%s” / “%s” / “%s”", base_text, mine_text,
                            theirs_text);
          g_assert_nonnull (gits);
        }
    }

  g_test_message ("git merged %u of 250, we merged %u", n_clean, n_both);
  g_assert_cmpuint (n_both, >, 20);
}

static void
assert_woven (const char *base, const char *one, const char *two, const char *expected, guint n)
{
  const char *heads[] = { one, two };
  g_autoptr (GArray) overlaps = NULL;
  g_autofree char *woven = galley_text_weave (base, heads, 2, &overlaps);

  g_assert_cmpstr (woven, ==, expected);
  g_assert_cmpuint (overlaps->len, ==, n);
  for (guint i = 0; i < overlaps->len; i++)
    {
      const GalleyOverlap *overlap = &g_array_index (overlaps, GalleyOverlap, i);
      g_autofree char *words = g_strndup (woven + overlap->start, overlap->bytes);

      g_assert_nonnull (strstr (heads[overlap->head], g_strstrip (words)));
    }
}

static void
test_weave (void)
{
  g_test_summary ("What merges is merged; where words clash, those of both stand there");

  assert_woven ("the big red house", "the small red house", "the big red barn",
                "the small red barn", 0);
  assert_woven ("the red house", "the blue house", "the green house", "the blue green house", 2);
  assert_woven ("one two three", "one three", "one four three", "one four three", 1);
  assert_woven ("", "hello", "goodbye", "hello goodbye", 2);
  assert_woven ("same", "other", "other", "other", 0);
  assert_woven ("is this the date or the preview", "the programme is right: the 14th",
                "this must say the 15th",
                "the programme is right: the 14th\n\nthis must say the 15th", 2);
  assert_woven ("שלום עולם", "שלום ארץ", "שלום ים", "שלום ארץ ים", 2);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/text-merge/rules", test_rules);
  g_test_add_func ("/text-merge/neighbours-clash", test_neighbours_clash);
  g_test_add_func ("/text-merge/neighbours-before", test_neighbours_before);
  g_test_add_func ("/text-merge/nobody", test_nobody);
  g_test_add_func ("/text-merge/unicode", test_unicode);
  g_test_add_func ("/text-merge/three-heads", test_three_heads);
  g_test_add_func ("/text-merge/hunks-cover", test_hunks_cover);
  g_test_add_func ("/text-merge/weave", test_weave);
  g_test_add_func ("/text-merge/hostile", test_hostile);
  g_test_add_func ("/text-merge/hostile-marks", test_hostile_marks);
  g_test_add_func ("/text-merge/random-bytes", test_random_bytes);
  g_test_add_func ("/text-merge/against-git", test_against_git);
  return g_test_run ();
}
