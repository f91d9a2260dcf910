/* galley-id-diff.h: how one list of ids becomes another, in few steps
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-id.h"

G_BEGIN_DECLS

/* At @position of the old list @removed ids go and @added come, which stand at @from in the new. */
typedef struct
{
  guint position;
  guint removed;
  guint from;
  guint added;
} GalleyIdHunk;

typedef struct
{
  GArray *ids;   /* of GalleyId: the new list */
  GArray *hunks; /* of GalleyIdHunk, ascending, apart from each other */
} GalleyIdDiff;

GalleyIdDiff *galley_id_diff_new (GArray *before, GArray *after);
void galley_id_diff_free (gpointer self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyIdDiff, galley_id_diff_free)

G_END_DECLS
