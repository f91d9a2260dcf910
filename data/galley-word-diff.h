/* galley-word-diff.h: texts as words, and which words two texts share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint32 start; /* bytes, in the text */
  guint32 bytes : 31;
  guint32 is_word : 1;
  guint32 id; /* equal for tokens that read the same, within one table */
} GalleyToken;

/* Gives equal tokens equal ids; one table serves all texts that are compared. */
typedef struct _GalleyTokenTable GalleyTokenTable;

GalleyTokenTable *galley_token_table_new (void);
void galley_token_table_free (GalleyTokenTable *table);
GArray *galley_token_table_split (GalleyTokenTable *table, const char *text);
GArray *galley_token_table_split_like (GalleyTokenTable *table,
                                       const char *text,
                                       const char *like,
                                       const GArray *like_tokens);

/* For each token of @before the index of the one in @after that it became, or -1. */
int *galley_word_diff_match (const GArray *before, const GArray *after);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyTokenTable, galley_token_table_free)

G_END_DECLS
