/* galley-text-merge.c: three-way merge of texts, word by word
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-text-merge"

#include "data/galley-text-merge.h"

#include "data/galley-word-diff.h"

#include <string.h>

/* A text beside the base: its tokens and which of the base's they are. */
typedef struct
{
  const char *text;
  GArray *tokens; /* of GalleyToken */
  int *match;     /* (nullable): for each token of the base; NULL for the base itself */
} Side;

/* A stretch of all texts, in tokens: the base first. */
typedef struct
{
  gboolean stable; /* all agree, token by token */
  gboolean has_word;
  guint *starts, *counts; /* of every side */
} Chunk;

static void
clear_chunk (gpointer data)
{
  Chunk *chunk = data;

  g_free (chunk->starts);
  g_free (chunk->counts);
}

static void
clear_side (gpointer data)
{
  Side *side = data;

  g_clear_pointer (&side->tokens, g_array_unref);
  g_free (side->match);
}

/* sides[0] is the base. */
static GArray *
read_sides (const char *base, const char *const *heads, guint n_heads)
{
  g_autoptr (GalleyTokenTable) table = galley_token_table_new ();
  GArray *sides = g_array_new (FALSE, TRUE, sizeof (Side));
  Side side = { .text = base, .tokens = galley_token_table_split (table, base) };
  const GArray *base_tokens = side.tokens;

  g_array_set_clear_func (sides, clear_side);
  g_array_append_val (sides, side);
  for (guint i = 0; i < n_heads; i++)
    {
      side.text = heads[i];
      side.tokens = galley_token_table_split_like (table, heads[i], base, base_tokens);
      side.match = galley_word_diff_match (base_tokens, side.tokens);
      g_array_append_val (sides, side);
    }

  return sides;
}

static const GalleyToken *
token_of (const Side *side, guint index)
{
  return &g_array_index (side->tokens, GalleyToken, index);
}

static gsize
byte_at (const Side *side, guint index)
{
  return index < side->tokens->len ? token_of (side, index)->start : strlen (side->text);
}

/* ── chunks ── */

static void
add_chunk (GArray *chunks, const GArray *sides, const guint *from, const guint *to, gboolean stable)
{
  Chunk chunk = {
    .stable = stable,
    .starts = g_memdup2 (from, sides->len * sizeof *from),
    .counts = g_new (guint, sides->len),
  };
  const Side *base = &g_array_index (sides, Side, 0);
  gboolean any = FALSE;

  for (guint i = 0; i < sides->len; i++)
    {
      chunk.counts[i] = to[i] - from[i];
      any |= chunk.counts[i] > 0;
    }
  for (guint i = from[0]; stable && i < to[0]; i++)
    chunk.has_word |= token_of (base, i)->is_word;

  if (any)
    g_array_append_val (chunks, chunk);
  else
    clear_chunk (&chunk);
}

static gboolean
is_anchor (const GArray *sides, guint token)
{
  for (guint i = 1; i < sides->len; i++)
    if (g_array_index (sides, Side, i).match[token] < 0)
      return FALSE;

  return TRUE;
}

static gboolean
is_next (const GArray *sides, guint token, const guint *at)
{
  for (guint i = 1; i < sides->len; i++)
    if (g_array_index (sides, Side, i).match[token] != (int)at[i])
      return FALSE;

  return token == at[0];
}

/* Cuts all texts at the tokens of the base that every side kept (Khanna, Kunal and Pierce, A Formal
 * Investigation of Diff3, 2007). */
static GArray *
cut (const GArray *sides)
{
  GArray *chunks = g_array_new (FALSE, TRUE, sizeof (Chunk));
  g_autofree guint *from = g_new0 (guint, sides->len), *to = g_new0 (guint, sides->len);
  guint n_base = g_array_index (sides, Side, 0).tokens->len;

  g_array_set_clear_func (chunks, clear_chunk);
  for (guint token = 0; token <= n_base;)
    {
      if (token < n_base && !is_anchor (sides, token))
        {
          token++;
          continue;
        }

      /* What lies before the anchor is one unstable chunk; what follows in step is one stable one.
       */
      to[0] = token;
      for (guint i = 1; i < sides->len; i++)
        to[i] = token < n_base ? (guint)g_array_index (sides, Side, i).match[token]
                               : g_array_index (sides, Side, i).tokens->len;
      add_chunk (chunks, sides, from, to, FALSE);
      memcpy (from, to, sides->len * sizeof *from);
      while (token < n_base && is_next (sides, token, to))
        {
          token++;
          for (guint i = 0; i < sides->len; i++)
            to[i]++;
        }
      add_chunk (chunks, sides, from, to, TRUE);
      memcpy (from, to, sides->len * sizeof *from);
      if (token == n_base && from[0] == n_base)
        {
          for (guint i = 1; i < sides->len; i++)
            to[i] = g_array_index (sides, Side, i).tokens->len;
          add_chunk (chunks, sides, from, to, FALSE);
          break;
        }
    }

  return chunks;
}

static gboolean
reads_same (const GArray *sides, const Chunk *chunk, guint a, guint b)
{
  const Side *x = &g_array_index (sides, Side, a), *y = &g_array_index (sides, Side, b);

  if (chunk->counts[a] != chunk->counts[b])
    return FALSE;
  for (guint i = 0; i < chunk->counts[a]; i++)
    if (token_of (x, chunk->starts[a] + i)->id != token_of (y, chunk->starts[b] + i)->id)
      return FALSE;

  return TRUE;
}

/* The one side that speaks for the chunk: 0 when nobody changed it; @clash when two changed it
 * differently. Of those that read the same, the one whose bytes sort first: the same whoever asks.
 */
static guint
find_speaker (const GArray *sides, const Chunk *chunk, gboolean *clash)
{
  guint speaker = 0;

  *clash = FALSE;
  for (guint i = 1; i < sides->len; i++)
    {
      if (reads_same (sides, chunk, i, 0))
        continue;
      if (speaker == 0)
        speaker = i;
      else if (!reads_same (sides, chunk, i, speaker))
        *clash = TRUE;
      else
        {
          const Side *old = &g_array_index (sides, Side, speaker);
          const Side *new = &g_array_index (sides, Side, i);
          gsize old_start = byte_at (old, chunk->starts[speaker]);
          gsize new_start = byte_at (new, chunk->starts[i]);
          gsize old_bytes = byte_at (old, chunk->starts[speaker] + chunk->counts[speaker]) -
                            old_start;
          gsize new_bytes = byte_at (new, chunk->starts[i] + chunk->counts[i]) - new_start;
          int order = memcmp (new->text + new_start, old->text + old_start,
                              MIN (new_bytes, old_bytes));

          if (order < 0 || (order == 0 && new_bytes < old_bytes))
            speaker = i;
        }
    }

  return speaker;
}

/* Whether the two chunks are changes of exactly the same people, so that they cannot clash. */
static gboolean
same_authors (const GArray *sides, const Chunk *a, const Chunk *b)
{
  for (guint i = 1; i < sides->len; i++)
    if (reads_same (sides, a, i, 0) != reads_same (sides, b, i, 0))
      return FALSE;

  return TRUE;
}

/* Changes of different people with no unchanged word between them belong together: a person looks.
 * What has been joined is a change of more people than before, so it may now belong to what stands
 * before it. */
static void
join_neighbours (const GArray *sides, GArray *chunks)
{
  for (guint i = 0; i + 1 < chunks->len;)
    {
      Chunk *first = &g_array_index (chunks, Chunk, i);
      Chunk *next = &g_array_index (chunks, Chunk, i + 1);
      Chunk *second = next->stable && i + 2 < chunks->len ? &g_array_index (chunks, Chunk, i + 2)
                                                          : next;
      guint gone = second == next ? 1 : 2;

      if (first->stable || second->stable || (gone == 2 && next->has_word) ||
          same_authors (sides, first, second))
        {
          i++;
          continue;
        }
      for (guint side = 0; side < sides->len; side++)
        first->counts[side] = second->starts[side] + second->counts[side] - first->starts[side];
      g_array_remove_range (chunks, i + 1, gone);
      i -= MIN (i, 2);
    }
}

/* ── the merge ── */

static void
append_side (GString *text, const GArray *sides, const Chunk *chunk, guint side)
{
  const Side *from = &g_array_index (sides, Side, side);
  gsize start = byte_at (from, chunk->starts[side]);
  gsize end = byte_at (from, chunk->starts[side] + chunk->counts[side]);

  g_string_append_len (text, from->text + start, end - start);
}

static void
fill_range (const GArray *sides, const Chunk *chunk, guint side, gsize *start, gsize *bytes)
{
  const Side *from = &g_array_index (sides, Side, MIN (side, sides->len - 1));
  guint index = MIN (side, sides->len - 1);

  *start = byte_at (from, chunk->starts[index]);
  *bytes = byte_at (from, chunk->starts[index] + chunk->counts[index]) - *start;
}

static void
add_hunk (GArray *hunks, const GArray *sides, const Chunk *chunk, gboolean clash)
{
  GalleyHunk hunk = { .kind = GALLEY_HUNK_SAME };
  gboolean mine = !reads_same (sides, chunk, 1, 0);
  gboolean theirs = !reads_same (sides, chunk, MIN (2, sides->len - 1), 0);

  if (clash)
    hunk.kind = GALLEY_HUNK_CONFLICT;
  else if (mine && theirs && sides->len > 2)
    hunk.kind = GALLEY_HUNK_BOTH;
  else if (mine)
    hunk.kind = GALLEY_HUNK_MINE;
  else if (theirs)
    hunk.kind = GALLEY_HUNK_THEIRS;
  fill_range (sides, chunk, 0, &hunk.base_start, &hunk.base_bytes);
  fill_range (sides, chunk, 1, &hunk.mine_start, &hunk.mine_bytes);
  fill_range (sides, chunk, 2, &hunk.theirs_start, &hunk.theirs_bytes);
  g_array_append_val (hunks, hunk);
}

/**
 * galley_text_merge_many:
 * @base: what all of @heads were made from
 * @heads: (array length=n_heads): at least one; their order does not matter
 * @out: (out caller-allocates): clear it with galley_text_merge_clear(). With more than two heads
 *   the hunks show the first two
 *
 * Keeps every part that exactly one side changed, and those that all who changed them changed
 * alike. Changes of different people that have no unchanged word between them clash. Texts that are
 * very far apart count as changed as a whole.
 */
void
galley_text_merge_many (const char *base,
                        const char *const *heads,
                        guint n_heads,
                        GalleyTextMerge *out)
{
  g_autoptr (GArray) sides = NULL, chunks = NULL;
  g_autoptr (GString) text = NULL;

  memset (out, 0, sizeof *out);
  g_return_if_fail (n_heads > 0);

  sides = read_sides (base, heads, n_heads);
  chunks = cut (sides);
  text = g_string_new (NULL);
  join_neighbours (sides, chunks);
  out->clean = TRUE;
  out->hunks = g_array_new (FALSE, FALSE, sizeof (GalleyHunk));
  for (guint i = 0; i < chunks->len; i++)
    {
      const Chunk *chunk = &g_array_index (chunks, Chunk, i);
      gboolean clash = FALSE;
      guint speaker = chunk->stable ? 0 : find_speaker (sides, chunk, &clash);

      append_side (text, sides, chunk, speaker);
      out->clean &= !clash;
      add_hunk (out->hunks, sides, chunk, clash);
    }

  out->text = out->clean ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static gboolean
is_said_before (const GArray *sides, const Chunk *chunk, guint side)
{
  for (guint before = 1; before < side; before++)
    if (reads_same (sides, chunk, before, side))
      return TRUE;

  return chunk->counts[side] == 0;
}

static gboolean
ends_with_space (const GString *text)
{
  const char *last = g_utf8_find_prev_char (text->str, text->str + text->len);

  return last == NULL || g_unichar_isspace (g_utf8_get_char (last));
}

/* Words that all have kept are too few to hold the rest together: what stands between them would be
 * a heap of words. */
static gboolean
are_apart (const GArray *sides, const GArray *chunks)
{
  const Side *base = &g_array_index (sides, Side, 0);
  guint n_kept = 0, n_words = 0, n_clashes = 0;

  for (guint i = 0; i < base->tokens->len; i++)
    n_words += token_of (base, i)->is_word;
  for (guint i = 0; i < chunks->len; i++)
    {
      const Chunk *chunk = &g_array_index (chunks, Chunk, i);
      gboolean clash = FALSE;

      for (guint t = 0; chunk->stable && t < chunk->counts[0]; t++)
        n_kept += token_of (base, chunk->starts[0] + t)->is_word;
      if (!chunk->stable)
        find_speaker (sides, chunk, &clash);
      n_clashes += clash;
    }

  return n_clashes > 1 && 2 * n_kept < n_words;
}

/* One text after the other, as one clash. */
static char *
set_apart (const char *const *heads, guint n_heads, GArray *overlaps)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n_heads; i++)
    {
      GalleyOverlap overlap = { .head = i, .bytes = strlen (heads[i]) };

      if (overlap.bytes == 0)
        continue;
      if (text->len > 0)
        g_string_append (text, "\n\n");
      overlap.start = text->len;
      g_string_append (text, heads[i]);
      g_array_append_val (overlaps, overlap);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What each side has there, one after the other; what several have alike, and the base's own words
 * that somebody kept, once. */
static void
append_clash (GString *text, const GArray *sides, const Chunk *chunk, guint clash, GArray *overlaps)
{
  for (guint side = 1; side < sides->len; side++)
    {
      GalleyOverlap overlap = { .head = side - 1, .clash = clash };

      if (is_said_before (sides, chunk, side) || reads_same (sides, chunk, side, 0))
        continue;
      if (text->len > 0 && !ends_with_space (text))
        g_string_append_c (text, ' ');
      overlap.start = text->len;
      append_side (text, sides, chunk, side);
      overlap.bytes = text->len - overlap.start;
      g_array_append_val (overlaps, overlap);
    }
}

/**
 * galley_text_weave:
 * @base: what all of @heads were made from
 * @heads: (array length=n_heads): at least one, in the order in which clashing words are to stand
 * @overlaps: (out) (transfer full) (element-type GalleyOverlap): where words clash, in order
 *
 * What galley_text_merge_many() makes of them; and where that leaves it to a person, the words of
 * every side, so that nothing has to be looked for elsewhere. Texts that have little in common
 * stand one below the other.
 *
 * Returns: (transfer full): a text to go on with
 */
char *
galley_text_weave (const char *base, const char *const *heads, guint n_heads, GArray **overlaps)
{
  g_autoptr (GArray) sides = read_sides (base, heads, n_heads);
  g_autoptr (GArray) chunks = cut (sides);
  GString *text;
  guint n_clashes = 0;

  *overlaps = g_array_new (FALSE, FALSE, sizeof (GalleyOverlap));
  join_neighbours (sides, chunks);
  if (are_apart (sides, chunks))
    return set_apart (heads, n_heads, *overlaps);

  text = g_string_new (NULL);
  for (guint i = 0; i < chunks->len; i++)
    {
      const Chunk *chunk = &g_array_index (chunks, Chunk, i);
      gboolean clash = FALSE;
      guint speaker = chunk->stable ? 0 : find_speaker (sides, chunk, &clash);

      if (clash)
        append_clash (text, sides, chunk, n_clashes++, *overlaps);
      else
        append_side (text, sides, chunk, speaker);
    }

  return g_string_free (text, FALSE);
}

/**
 * galley_text_merge:
 *
 * As galley_text_merge_many() with two heads.
 */
void
galley_text_merge (const char *base, const char *mine, const char *theirs, GalleyTextMerge *out)
{
  const char *heads[] = { mine, theirs };

  galley_text_merge_many (base, heads, G_N_ELEMENTS (heads), out);
}

void
galley_text_merge_clear (GalleyTextMerge *merge)
{
  g_clear_pointer (&merge->text, g_free);
  g_clear_pointer (&merge->hunks, g_array_unref);
}

/**
 * galley_word_diff:
 *
 * Returns: (transfer full) (element-type GalleyHunk): what stayed (%GALLEY_HUNK_SAME) and what
 *   @after has instead of @before (%GALLEY_HUNK_MINE), in order, for showing
 */
GArray *
galley_word_diff (const char *before, const char *after)
{
  GalleyTextMerge merge;
  GArray *hunks;

  galley_text_merge_many (before, &after, 1, &merge);
  hunks = g_steal_pointer (&merge.hunks);
  galley_text_merge_clear (&merge);
  return hunks;
}
