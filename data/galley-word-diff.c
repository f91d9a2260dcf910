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

/* What tokens are told apart by: their normalised text. */
typedef struct
{
  const char *text; /* not ended by a NUL */
  gsize bytes;
} Key;

struct _GalleyTokenTable
{
  GHashTable *ids; /* Key (owned, its text behind it) → id + 1 */
};

/* Of Daniel J. Bernstein, as g_str_hash() is. */
static guint
hash_key (gconstpointer data)
{
  const Key *key = data;
  guint32 hash = 5381;

  for (gsize i = 0; i < key->bytes; i++)
    hash = hash * 33 + (guchar)key->text[i];
  return hash;
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  const Key *x = a, *y = b;

  return x->bytes == y->bytes && memcmp (x->text, y->text, x->bytes) == 0;
}

GalleyTokenTable *
galley_token_table_new (void)
{
  GalleyTokenTable *table = g_new (GalleyTokenTable, 1);

  table->ids = g_hash_table_new_full (hash_key, equal_keys, g_free, NULL);
  return table;
}

void
galley_token_table_free (GalleyTokenTable *table)
{
  g_hash_table_unref (table->ids);
  g_free (table);
}

static guint
intern_key (GalleyTokenTable *table, const char *text, gsize bytes)
{
  const Key key = { text, bytes };
  gpointer known = g_hash_table_lookup (table->ids, &key);
  Key *kept;

  if (known != NULL)
    return GPOINTER_TO_UINT (known) - 1;

  kept = g_malloc (sizeof *kept + bytes);
  *kept = (Key){ memcpy (kept + 1, text, bytes), bytes };
  g_hash_table_insert (table->ids, kept, GUINT_TO_POINTER (g_hash_table_size (table->ids) + 1));
  return g_hash_table_size (table->ids) - 1;
}

static gboolean
is_ascii (const char *text, gsize bytes)
{
  for (gsize i = 0; i < bytes; i++)
    if ((guchar)text[i] >= 0x80)
      return FALSE;

  return TRUE;
}

/* Two ways of writing the same letter are the same word; the bytes stay as they were typed. ASCII
 * has but one way. GLib reads past the end of what is not valid UTF-8, so that is taken as it is.
 */
static guint
intern (GalleyTokenTable *table, const char *start, gsize bytes, gboolean valid)
{
  g_autofree char *normal = NULL;

  if (valid && bytes <= MAX_NORMALIZED_BYTES && !is_ascii (start, bytes))
    normal = g_utf8_normalize (start, bytes, G_NORMALIZE_DEFAULT_COMPOSE);

  return normal != NULL ? intern_key (table, normal, strlen (normal))
                        : intern_key (table, start, bytes);
}

/* GLib's tables are asked only where ASCII ends: they are most of the work otherwise. */
static gboolean
is_word_sign (gunichar c)
{
  if (c < 0x80)
    return g_ascii_isalnum (c) || c == '_';

  return g_unichar_isalnum (c) || g_unichar_ismark (c);
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

/* How many tokens of the other text are looked at to fall into step with it again. */
#define STEP_TOKENS 8

/* A text that is much like the one that is being split, and the token in it that is expected next.
 */
typedef struct
{
  const char *text;
  const GArray *tokens; /* of GalleyToken */
  guint next;
} Like;

static const GalleyToken *
token_at (const GArray *tokens, guint index)
{
  return &g_array_index (tokens, GalleyToken, index);
}

/* Whether the expected token stands here too. Where a token ends depends on the sign behind it. */
static gboolean
is_expected (const Like *like, const char *start)
{
  const GalleyToken *token;
  const char *expected;
  gsize bytes;

  if (like == NULL || like->next >= like->tokens->len)
    return FALSE;

  token = token_at (like->tokens, like->next);
  expected = like->text + token->start;
  bytes = token->bytes;
  bytes += expected[bytes] != '\0' ? g_utf8_skip[(guchar)expected[bytes]] : 1;
  return strncmp (start, expected, bytes) == 0;
}

static void
fall_into_step (Like *like, guint32 id)
{
  guint end = MIN (like->next + STEP_TOKENS, like->tokens->len);

  for (guint i = like->next; i < end; i++)
    if (token_at (like->tokens, i)->id == id)
      {
        like->next = i + 1;
        return;
      }
}

static GArray *
split (GalleyTokenTable *table, const char *text, Like *like)
{
  /* A word and what stands around it are seldom less than eight bytes. */
  GArray *tokens = g_array_sized_new (FALSE, FALSE, sizeof (GalleyToken), strlen (text) / 4);
  gboolean valid = g_utf8_validate (text, -1, NULL);

  for (const char *start = text, *end; *start != '\0'; start = end)
    {
      GalleyToken token = { .start = start - text };
      gboolean is_word = TRUE;

      if (valid && is_expected (like, start))
        {
          token = *token_at (like->tokens, like->next++);
          token.start = start - text;
          g_array_append_val (tokens, token);
          end = start + token.bytes;
          continue;
        }

      end = valid ? find_end (start, &is_word) : start + strlen (start);
      token.bytes = end - start;
      token.is_word = is_word;
      token.id = intern (table, start, token.bytes, valid);
      if (like != NULL)
        fall_into_step (like, token.id);
      g_array_append_val (tokens, token);
    }

  return tokens;
}

/**
 * galley_token_table_split:
 * @text: UTF-8 of less than 2 GiB; anything else counts as one single word
 *
 * Returns: (transfer full) (element-type GalleyToken): tokens that cover the text without a gap
 */
GArray *
galley_token_table_split (GalleyTokenTable *table, const char *text)
{
  return split (table, text, NULL);
}

/**
 * galley_token_table_split_like:
 * @like: a valid text that much of @text is alike
 * @like_tokens: of it, from the same table
 *
 * As galley_token_table_split(), and quicker: where the texts are alike no word is looked up.
 */
GArray *
galley_token_table_split_like (GalleyTokenTable *table,
                               const char *text,
                               const char *like,
                               const GArray *like_tokens)
{
  Like step = { .text = like, .tokens = like_tokens };

  return split (table, text, g_utf8_validate (like, -1, NULL) ? &step : NULL);
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
