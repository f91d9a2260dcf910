/* test-text-merge.c: merging texts by words, from both sides, and against git's merge
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "data/galley-text-merge.h"
#include "data/galley-word-diff.h"

#include <string.h>
#include <sys/wait.h>

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
join (GPtrArray *words, const char *separator)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++)
    g_string_append_printf (text, "%s%s", (const char *)g_ptr_array_index (words, i), separator);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* (nullable): what git makes of @texts, the base first; %NULL when it sees a conflict. */
static char *
git_merge (const char *git, const char *const texts[3])
{
  g_autofree char *base = galley_test_path ("base"), *mine = galley_test_path ("mine"),
                  *theirs = galley_test_path ("theirs");
  const char *argv[] = { git, "merge-file", "-p", "-q", mine, base, theirs, NULL };
  const char *paths[] = { base, mine, theirs };
  char *out = NULL;
  int status;

  for (guint i = 0; i < 3; i++)
    g_assert_true (g_file_set_contents (paths[i], texts[i], -1, NULL));
  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                               &out, NULL, &status, NULL));
  /* The number of conflicts; from 128 on git could not do its work. */
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) < 128);
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
      g_autofree char *base_text = NULL, *mine_text = NULL, *theirs_text = NULL;
      g_autofree char *ours = NULL, *gits = NULL;

      for (int i = 0, n = g_test_rand_int_range (1, MAX_WORDS); i < n; i++)
        g_ptr_array_add (base, g_strdup_printf ("w%d", i));
      mine = random_edit (base, 'm');
      theirs = random_edit (base, 't');
      base_text = join (base, "\n");
      mine_text = join (mine, "\n");
      theirs_text = join (theirs, "\n");
      ours = merge (base_text, mine_text, theirs_text);
      gits = git_merge (git, (const char *[]){ base_text, mine_text, theirs_text });
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

/* ── sentences, a token a line for git ── */

typedef struct
{
  const char *git;
  guint n, n_git, n_ours; /* triples, and who merged them */
} Comparison;

/* "two  words" as the lines "two", "  " and "words". */
static char *
to_lines (const char *text)
{
  g_autoptr (GalleyTokenTable) table = galley_token_table_new ();
  g_autoptr (GArray) tokens = galley_token_table_split (table, text);
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < tokens->len; i++)
    {
      const GalleyToken *token = &g_array_index (tokens, GalleyToken, i);

      g_string_append_len (lines, text + token->start, token->bytes);
      g_string_append_c (lines, '\n');
    }

  return g_string_free (g_steal_pointer (&lines), FALSE);
}

static char *
from_lines (const char *lines)
{
  g_auto (GStrv) tokens = g_strsplit (lines, "\n", -1);

  return g_strjoinv ("", tokens);
}

static GHashTable *
words_of (const char *text)
{
  GHashTable *words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GalleyTokenTable) table = galley_token_table_new ();
  g_autoptr (GArray) tokens = galley_token_table_split (table, text);

  for (guint i = 0; i < tokens->len; i++)
    {
      const GalleyToken *token = &g_array_index (tokens, GalleyToken, i);

      if (token->is_word)
        g_hash_table_add (words, g_strndup (text + token->start, token->bytes));
    }

  return words;
}

/* A word that one side wrote and that was nowhere before is in the result. */
static void
assert_keeps_new_words (const char *base, const char *side, const char *merged)
{
  g_autoptr (GHashTable) before = words_of (base), written = words_of (side),
                         kept = words_of (merged);
  GHashTableIter iter;
  gpointer word;

  g_hash_table_iter_init (&iter, written);
  while (g_hash_table_iter_next (&iter, &word, NULL))
    if (!g_hash_table_contains (before, word) && !g_hash_table_contains (kept, word))
      g_error ("“%s” was lost from “%s” in “%s”", (char *)word, side, merged);
}

/* Where git merges, so do we and to the same, or somebody looks because the two changes touch. Of
 * words that come twice in a row one may be gone, and which it was git and we may take otherwise:
 * so we may merge what git does not. */
static void
compare_with_git (Comparison *comparison, const char *base, const char *mine, const char *theirs)
{
  g_autofree char *base_lines = to_lines (base), *mine_lines = to_lines (mine),
                  *theirs_lines = to_lines (theirs);
  g_autofree char *lines = git_merge (comparison->git,
                                      (const char *[]){ base_lines, mine_lines, theirs_lines });
  g_autofree char *gits = lines != NULL ? from_lines (lines) : NULL;
  g_autofree char *ours = merge (base, mine, theirs);

  comparison->n++;
  comparison->n_git += gits != NULL;
  comparison->n_ours += ours != NULL;
  if (ours == NULL)
    return;

  assert_keeps_new_words (base, mine, ours);
  assert_keeps_new_words (base, theirs, ours);
  if (gits != NULL && !g_str_equal (ours, gits))
    g_error ("“%s” / “%s” / “%s” came to “%s”, with git to “%s”", base, mine, theirs, ours, gits);
}

static void
test_written (void)
{
  g_autofree char *git = g_find_program_in_path ("git");
  Comparison comparison = { .git = git };
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (git == NULL)
    {
      g_test_skip ("git is not here");
      return;
    }

  g_assert_true (
      g_file_get_contents (g_test_get_filename (G_TEST_DIST, "data", "merge-triples.txt", NULL),
                           &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) texts = g_strsplit (lines[i], "|", -1);

      if (lines[i][0] == '#' || g_strv_length (texts) != 3)
        continue;
      /* One space on either side of a bar is the file's, any more are the text's. */
      for (guint t = 0; t < 3; t++)
        {
          gsize bytes = strlen (texts[t]);

          if (t < 2 && bytes > 0 && texts[t][bytes - 1] == ' ')
            texts[t][bytes - 1] = '\0';
          if (t > 0 && texts[t][0] == ' ')
            memmove (texts[t], texts[t] + 1, strlen (texts[t]));
        }
      compare_with_git (&comparison, texts[0], texts[1], texts[2]);
    }

  g_test_message ("of %u git merged %u, we %u", comparison.n, comparison.n_git, comparison.n_ours);
  g_assert_cmpuint (comparison.n, >=, 200);
  g_assert_cmpuint (comparison.n_git, >=, 120);
  g_assert_cmpuint (comparison.n_ours, >=, 100);
}

/* Words that come again, as in a note, but never side by side: of two alike it is anybody's guess
 * which one went. */
static char *
random_sentence (GRand *chance)
{
  GString *text = g_string_new (NULL);
  static const char *const words[] = { "the", "red",  "logo", "is",   "too", "small",
                                       "on",  "page", "two",  "here", "and", "wide" };
  int last = -1;

  for (int i = 0, n = g_rand_int_range (chance, 4, 24); i < n; i++)
    {
      int word = g_rand_int_range (chance, 0, G_N_ELEMENTS (words) - 1);

      word += word >= last && last >= 0;
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", words[word]);
      last = word;
    }

  return g_string_free (text, FALSE);
}

/* One to three words of @text replaced, added or taken away. */
static char *
random_change (GRand *chance, const char *text, char side)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  g_autoptr (GString) changed = g_string_new (NULL);
  guint n = g_strv_length (words);
  int at[] = { g_rand_int_range (chance, 0, n), g_rand_int_range (chance, 0, n) };

  for (guint i = 0; i < n; i++)
    {
      int act = (int)i == at[0] || (int)i == at[1] ? g_rand_int_range (chance, 0, 3) : 3;

      if (act == 0)
        continue;
      if (changed->len > 0)
        g_string_append_c (changed, ' ');
      if (act == 1)
        g_string_append_printf (changed, "%c%d ", side, g_rand_int_range (chance, 0, 1000));
      if (act == 2)
        g_string_append_printf (changed, "%c%d", side, g_rand_int_range (chance, 0, 1000));
      else
        g_string_append (changed, words[i]);
    }

  return g_string_free (g_steal_pointer (&changed), FALSE);
}

/* The same few each time; 10,000 others with `meson test --suite slow`. */
static void
test_sentences (void)
{
  g_autofree char *git = g_find_program_in_path ("git");
  Comparison comparison = { .git = git };
  g_autoptr (GRand)
      chance = g_rand_new_with_seed (g_test_slow () ? (guint32)g_test_rand_int () : 1);
  guint n = g_test_slow () ? 10000 : 200;

  if (git == NULL)
    {
      g_test_skip ("git is not here");
      return;
    }

  while (comparison.n < n)
    {
      g_autofree char *base = random_sentence (chance);
      g_autofree char *mine = random_change (chance, base, 'm'),
                      *theirs = random_change (chance, base, 't');

      compare_with_git (&comparison, base, mine, theirs);
    }

  g_test_message ("of %u git merged %u, we %u", comparison.n, comparison.n_git, comparison.n_ours);
  g_assert_cmpuint (comparison.n_git, >=, n / 2);
  g_assert_cmpuint (comparison.n_ours, >=, n / 3);
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

/* Whatever it is split beside, a text falls into the same tokens. */
static void
test_split_like (void)
{
  const char *signs[] = { "a", "ab",      " ",      "  ", "\n", ".",
                          "é", "e\u0301", "\u0301", "日", "_",  "\xff" };

  for (guint round = 0; round < 3000; round++)
    {
      g_autoptr (GString) one = g_string_new (NULL), other = g_string_new (NULL);
      g_autoptr (GalleyTokenTable) table = galley_token_table_new ();
      g_autoptr (GArray) tokens = NULL, plain = NULL, beside = NULL;

      for (int i = g_test_rand_int_range (0, 40); i > 0; i--)
        {
          const char *sign =
              signs[g_test_rand_int_range (0, G_N_ELEMENTS (signs) - (round % 10 != 0))];

          g_string_append (one, sign);
          if (g_test_rand_int_range (0, 5) != 0)
            g_string_append (other, sign);
          else
            g_string_append (other, signs[g_test_rand_int_range (0, G_N_ELEMENTS (signs) - 1)]);
        }
      tokens = galley_token_table_split (table, one->str);
      plain = galley_token_table_split (table, other->str);
      beside = galley_token_table_split_like (table, other->str, one->str, tokens);
      g_assert_cmpmem (beside->data, beside->len * sizeof (GalleyToken), plain->data,
                       plain->len * sizeof (GalleyToken));
    }
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
  g_test_add_func ("/text-merge/split-like", test_split_like);
  g_test_add_func ("/text-merge/against-git", test_against_git);
  g_test_add_func ("/text-merge/written", test_written);
  g_test_add_func ("/text-merge/sentences", test_sentences);
  return g_test_run ();
}
