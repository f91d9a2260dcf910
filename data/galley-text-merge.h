/* galley-text-merge.h: three-way merge of texts, word by word
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GALLEY_HUNK_SAME,
  GALLEY_HUNK_MINE,
  GALLEY_HUNK_THEIRS,
  GALLEY_HUNK_BOTH, /* the same change on both sides */
  GALLEY_HUNK_CONFLICT,
} GalleyHunkKind;

/* Byte ranges in the three texts. */
typedef struct
{
  GalleyHunkKind kind;
  gsize base_start, base_bytes;
  gsize mine_start, mine_bytes;
  gsize theirs_start, theirs_bytes;
} GalleyHunk;

typedef struct
{
  gboolean clean;
  char *text;    /* (owned) (nullable): the merged text when it is clean */
  GArray *hunks; /* (owned): of GalleyHunk */
} GalleyTextMerge;

/* The words of one side where several clash, in a woven text. */
typedef struct
{
  gsize start, bytes;
  guint head;  /* whose, of several that wrote the same the first */
  guint clash; /* the first is 0; pieces of one clash share it */
} GalleyOverlap;

char *galley_text_weave (const char *base,
                         const char *const *heads,
                         guint n_heads,
                         GArray **overlaps);
void galley_text_merge (const char *base,
                        const char *mine,
                        const char *theirs,
                        GalleyTextMerge *out);
void galley_text_merge_many (const char *base,
                             const char *const *heads,
                             guint n_heads,
                             GalleyTextMerge *out);
GArray *galley_word_diff (const char *before, const char *after);
void galley_text_merge_clear (GalleyTextMerge *merge);

G_END_DECLS
