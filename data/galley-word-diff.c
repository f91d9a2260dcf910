/* galley-word-diff.c: texts as words, and which words two texts share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-word-diff"

#include "data/galley-word-diff.h"

#include <string.h>

/* How many differences are looked for one by one. Two texts further apart than this have nothing to
 * merge; memory is at most about MAX_DIFFERENCES² · 4 bytes. */
#define MAX_DIFFERENCES 2000

/* Longer tokens are compared as they were typed: GLib sorts a run of combining marks in quadratic
 * time, so that one word of nothing else could hold the program for hours. */
#define MAX_NORMALIZED_BYTES 256

struct _GalleyTokenTable
{
  GHashTable *ids; /* normalised text (owned) → id + 1 */
};

GalleyTokenTable *
galley_token_table_new (void)
{
  GalleyTokenTable *table = g_new (GalleyTokenTable, 1);

  table->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return table;
}

void
galley_token_table_free (GalleyTokenTable *table)
{
  g_hash_table_unref (table->ids);
  g_free (table);
}

/* Two ways of writing the same letter are the same word; the bytes stay as they were typed. GLib
 * reads past the end of what is not valid UTF-8, so that is taken as it is. */
static guint
intern (GalleyTokenTable *table, const char *start, gsize bytes, gboolean valid)
{
  g_autofree char *raw = g_strndup (start, bytes);
  char *normal = valid && bytes <= MAX_NORMALIZED_BYTES
                     ? g_utf8_normalize (raw, -1, G_NORMALIZE_DEFAULT_COMPOSE)
                     : NULL;
  gpointer known;

  if (normal == NULL)
    normal = g_steal_pointer (&raw);
  known = g_hash_table_lookup (table->ids, normal);
  if (known != NULL)
    {
      g_free (normal);
      return GPOINTER_TO_UINT (known) - 1;
    }

  g_hash_table_insert (table->ids, normal, GUINT_TO_POINTER (g_hash_table_size (table->ids) + 1));
  return g_hash_table_size (table->ids) - 1;
}

static gboolean
is_word_sign (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c) || c == '_';
}

/* A word, a run of white space, or one other sign. */
static const char *
find_end (const char *start, gboolean *is_word)
{
  gunichar first = g_utf8_get_char (start);
  const char *end = g_utf8_next_char (start);
  gboolean space = g_unichar_isspace (first);

  *is_word = is_word_sign (first);
  while (*end != '\0' && (*is_word ? is_word_sign (g_utf8_get_char (end))
                                   : space && g_unichar_isspace (g_utf8_get_char (end))))
    end = g_utf8_next_char (end);

  return end;
}

/**
 * galley_token_table_split:
 * @text: UTF-8; anything else counts as one single word
 *
 * Returns: (transfer full) (element-type GalleyToken): tokens that cover the text without a gap
 */
GArray *
galley_token_table_split (GalleyTokenTable *table, const char *text)
{
  GArray *tokens = g_array_new (FALSE, FALSE, sizeof (GalleyToken));
  gboolean valid = g_utf8_validate (text, -1, NULL);

  for (const char *start = text, *end; *start != '\0'; start = end)
    {
      GalleyToken token = { .start = start - text, .is_word = TRUE };

      end = valid ? find_end (start, &token.is_word) : start + strlen (start);
      token.bytes = end - start;
      token.id = intern (table, start, token.bytes, valid);
      g_array_append_val (tokens, token);
    }

  return tokens;
}

static guint
id_at (const GArray *tokens, int index)
{
  return g_array_index (tokens, GalleyToken, index).id;
}

/* One range of each text that is being compared. */
typedef struct
{
  const GArray *a, *b;
  int a_start, b_start, n, m;
} Range;

static int
follow_snake (const Range *range, int x, int k)
{
  while (x < range->n && x - k >= 0 && x - k < range->m &&
         id_at (range->a, range->a_start + x) == id_at (range->b, range->b_start + x - k))
    x++;

  return x;
}

/* The points that round @d - 1 reached, by diagonal: those of round d have d + 1 entries, for the
 * diagonals -d, -d + 2 … d. */
static int
point_at (const int *points, int d, int k)
{
  return points[(k + d) / 2];
}

/* Whether the furthest path with @d differences reaches diagonal @k by a step down. */
static gboolean
comes_down (const int *before, int d, int k)
{
  return k == -d || (k != d && point_at (before, d - 1, k - 1) < point_at (before, d - 1, k + 1));
}

static int
step_to (const int *before, int d, int k)
{
  return comes_down (before, d, k) ? point_at (before, d - 1, k + 1)
                                   : point_at (before, d - 1, k - 1) + 1;
}

static void
trace_back (const Range *range, GPtrArray *trace, int *match)
{
  int x = range->n, y = range->m;

  for (int d = (int)trace->len - 1; d >= 0; d--)
    {
      const int *before = d > 0 ? g_ptr_array_index (trace, d - 1) : NULL;
      int k = x - y;
      int start = d > 0 ? step_to (before, d, k) : 0;

      while (x > start)
        {
          x--;
          y--;
          match[range->a_start + x] = range->b_start + y;
        }
      if (d > 0 && comes_down (before, d, k))
        y--;
      else if (d > 0)
        x--;
    }
}

/* Myers, An O(ND) Difference Algorithm and Its Variations (1986), the greedy form; the points of
 * each round are kept so that the path can be walked back. */
static void
match_range (const Range *range, int *match)
{
  g_autoptr (GPtrArray) trace = g_ptr_array_new_with_free_func (g_free);
  int limit = MIN (range->n + range->m, MAX_DIFFERENCES);

  for (int d = 0; d <= limit; d++)
    {
      const int *before = d > 0 ? g_ptr_array_index (trace, d - 1) : NULL;
      int *now = g_new (int, d + 1);

      g_ptr_array_add (trace, now);
      for (int k = -d; k <= d; k += 2)
        {
          int x = follow_snake (range, d > 0 ? step_to (before, d, k) : 0, k);

          now[(k + d) / 2] = x;
          if (x >= range->n && x - k >= range->m)
            {
              trace_back (range, trace, match);
              return;
            }
        }
    }
}

/**
 * galley_word_diff_match:
 * @before: tokens of one text
 * @after: tokens of the other, from the same table
 *
 * Texts that are too far apart share only their common beginning and end.
 *
 * Returns: (transfer full): for each token of @before the index of the one in @after that stayed,
 * or -1; rising
 */
int *
galley_word_diff_match (const GArray *before, const GArray *after)
{
  int n = before->len, m = after->len, head = 0, tail = 0;
  int *match = g_new (int, MAX (n, 1));
  Range range = { .a = before, .b = after };

  for (int i = 0; i < n; i++)
    match[i] = -1;
  for (; head < n && head < m && id_at (before, head) == id_at (after, head); head++)
    match[head] = head;
  for (; tail < n - head && tail < m - head &&
         id_at (before, n - 1 - tail) == id_at (after, m - 1 - tail);
       tail++)
    match[n - 1 - tail] = m - 1 - tail;

  range.a_start = range.b_start = head;
  range.n = n - head - tail;
  range.m = m - head - tail;
  if (range.n > 0 && range.m > 0)
    match_range (&range, match);

  return match;
}
