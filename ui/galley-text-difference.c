/* galley-text-difference.c: what somebody made of a text, with the words that came and went
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-text-difference"

#include "ui/galley-text-difference.h"

#include "data/galley-text-merge.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Of the text before the first difference, about. */
#define LEAD_BYTES 60

typedef struct
{
  guint start, end; /* bytes, in the text */
  gboolean gone;    /* else new */
} Span;

struct _GalleyTextDifference
{
  char *text;
  GArray *spans; /* of Span */
};

static void
append_span (GString *text, GArray *spans, const char *words, gsize bytes, gboolean gone)
{
  Span span = { .start = text->len, .gone = gone };

  if (bytes == 0)
    return;
  g_string_append_len (text, words, bytes);
  span.end = text->len;
  g_array_append_val (spans, span);
}

/* Where little has stayed, the new text alone is easier to read. */
static gboolean
are_alike (const GArray *hunks, const char *before, const char *after)
{
  gsize same_bytes = 0;

  for (guint i = 0; i < hunks->len; i++)
    if (g_array_index (hunks, GalleyHunk, i).kind == GALLEY_HUNK_SAME)
      same_bytes += g_array_index (hunks, GalleyHunk, i).mine_bytes;
  return 2 * same_bytes >= MIN (strlen (before), strlen (after));
}

static void
compose (GString *text, GArray *spans, const char *before, const char *after)
{
  g_autoptr (GArray) hunks = galley_word_diff (before, after);

  if (!are_alike (hunks, before, after))
    {
      g_string_append (text, after);
      return;
    }
  for (guint i = 0; i < hunks->len; i++)
    {
      const GalleyHunk *hunk = &g_array_index (hunks, GalleyHunk, i);

      if (hunk->kind == GALLEY_HUNK_SAME)
        {
          g_string_append_len (text, after + hunk->mine_start, hunk->mine_bytes);
          continue;
        }
      append_span (text, spans, before + hunk->base_start, hunk->base_bytes, TRUE);
      /* Two words that stand for each other are told apart by more than their look. */
      if (hunk->base_bytes > 0 && hunk->mine_bytes > 0 &&
          !g_ascii_isspace (text->str[text->len - 1]))
        g_string_append_c (text, ' ');
      append_span (text, spans, after + hunk->mine_start, hunk->mine_bytes, FALSE);
    }
}

static gsize
count_common (const char *before, const char *after)
{
  gsize common = 0, word = 0;

  while (before[common] != '\0' && before[common] == after[common])
    {
      if (g_ascii_isspace (before[common]))
        word = common + 1;
      common++;
    }

  return before[common] == after[common] ? common : word;
}

/* So many characters, from a byte on. */
static char *
cut (const char *text, gsize from, guint max_chars)
{
  const char *start = text + from, *end = start;

  for (guint i = 0; i < max_chars && *end != '\0'; i++)
    end = g_utf8_next_char (end);
  return g_strndup (start, end - start);
}

/* Where shortly before the first difference a word begins. */
static gsize
find_start (const char *text, gsize common)
{
  gsize start = common > LEAD_BYTES ? common - LEAD_BYTES : 0;

  while (start > 0 && start < common && !g_ascii_isspace (text[start - 1]))
    start++;
  return start;
}

static void
shorten (GString *text, GArray *spans, guint max_chars, gboolean more)
{
  gsize end = g_utf8_offset_to_pointer (text->str,
                                        MIN (g_utf8_strlen (text->str, -1), (glong)max_chars)) -
              text->str;

  more |= end < text->len;
  g_string_truncate (text, end);
  for (guint i = spans->len; i > 0; i--)
    {
      Span *span = &g_array_index (spans, Span, i - 1);

      span->end = MIN (span->end, end);
      if (span->start >= end)
        g_array_remove_index (spans, i - 1);
    }
  if (more)
    g_string_append (text, "…");
}

/**
 * galley_text_difference_new:
 * @max_chars: as many are shown at most, from shortly before the first difference
 *
 * Returns: (transfer full): @after, with the words of @before that are gone where they stood
 */
GalleyTextDifference *
galley_text_difference_new (const char *before, const char *after, guint max_chars)
{
  GalleyTextDifference *self = g_new0 (GalleyTextDifference, 1);
  gsize start = find_start (after, count_common (before, after));
  g_autofree char *old = cut (before, start, 2 * max_chars);
  g_autofree char *new = cut (after, start, 2 * max_chars);
  g_autoptr (GString) text = g_string_new (start > 0 ? "…" : "");

  self->spans = g_array_new (FALSE, FALSE, sizeof (Span));
  compose (text, self->spans, old, new);
  shorten (text, self->spans, max_chars, after[start + strlen (new)] != '\0');
  self->text = g_string_free (g_steal_pointer (&text), FALSE);
  return self;
}

void
galley_text_difference_free (GalleyTextDifference *self)
{
  if (self == NULL)
    return;

  g_free (self->text);
  g_array_unref (self->spans);
  g_free (self);
}

const char *
galley_text_difference_get_text (const GalleyTextDifference *self)
{
  return self->text;
}

static void
add_attribute (PangoAttrList *list, const Span *span, PangoAttribute *attribute)
{
  attribute->start_index = span->start;
  attribute->end_index = span->end;
  pango_attr_list_insert (list, attribute);
}

/**
 * galley_text_difference_make_attributes:
 *
 * Returns: (transfer full): new words bold and underlined, words that are gone struck through: told
 *   apart without colours
 */
PangoAttrList *
galley_text_difference_make_attributes (const GalleyTextDifference *self)
{
  PangoAttrList *list = pango_attr_list_new ();

  for (guint i = 0; i < self->spans->len; i++)
    {
      const Span *span = &g_array_index (self->spans, Span, i);

      if (span->gone)
        {
          add_attribute (list, span, pango_attr_strikethrough_new (TRUE));
          add_attribute (list, span, pango_attr_foreground_alpha_new (G_MAXUINT16 / 2));
        }
      else
        {
          add_attribute (list, span, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
          add_attribute (list, span, pango_attr_underline_new (PANGO_UNDERLINE_SINGLE));
        }
    }

  return list;
}

/**
 * galley_text_difference_describe:
 *
 * Returns: (transfer full): the same for who hears it
 */
char *
galley_text_difference_describe (const GalleyTextDifference *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint at = 0;

  for (guint i = 0; i < self->spans->len; i++)
    {
      const Span *span = &g_array_index (self->spans, Span, i);
      g_autofree char *words = g_strndup (self->text + span->start, span->end - span->start);

      g_string_append_len (text, self->text + at, span->start - at);
      /* Translators: read aloud within a text: words that somebody took away, or added */
      g_string_append_printf (text, span->gone ? _ ("(gone: %s)") : _ ("(new: %s)"),
                              g_strstrip (words));
      at = span->end;
    }
  g_string_append (text, self->text + at);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
