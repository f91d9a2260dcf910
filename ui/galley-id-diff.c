/* galley-id-diff.c: how one list of ids becomes another, in few steps
 *
 * Not the shortest way: a cheap one that keeps what stays where it is, so that a list on screen
 * does not jump. Ends are trimmed, then both lists are walked together; an id that went elsewhere
 * is taken out here and put in there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-id-diff"

#include "ui/galley-id-diff.h"

/* With more steps than this one big step is cheaper for whoever shows the list. */
#define MAX_HUNKS 64

typedef struct
{
  const GalleyId *ids;
  guint at;
  guint end;
  GHashTable *set; /* of GalleyId, those between the ends */
} Side;

static GHashTable *
make_set (const GalleyId *ids, guint from, guint to)
{
  GHashTable *set = g_hash_table_new (galley_id_hash, galley_id_equal);

  for (guint i = from; i < to; i++)
    g_hash_table_add (set, (gpointer)&ids[i]);

  return set;
}

/* Whether the id at @side stands nowhere, or elsewhere, in the other list. */
static gboolean
is_gone (const Side *side, const Side *other, GHashTable *moved)
{
  const GalleyId *id;

  if (side->at >= side->end)
    return FALSE;

  id = &side->ids[side->at];
  return !g_hash_table_contains (other->set, id) || g_hash_table_contains (moved, id);
}

/* Whether leaving out the id at @side lets both lists go on together. */
static gboolean
skips_to (const Side *side, const Side *other)
{
  return side->at + 1 < side->end && other->at < other->end &&
         galley_id_equal (&side->ids[side->at + 1], &other->ids[other->at]);
}

static gboolean
step (Side *before, Side *after, GalleyIdHunk *hunk, GHashTable *moved)
{
  if (is_gone (before, after, moved))
    {
      before->at++;
      hunk->removed++;
      return TRUE;
    }
  if (is_gone (after, before, moved))
    {
      after->at++;
      hunk->added++;
      return TRUE;
    }
  if (skips_to (before, after))
    {
      g_hash_table_add (moved, (gpointer)&before->ids[before->at]);
      return TRUE;
    }
  if (skips_to (after, before))
    {
      g_hash_table_add (moved, (gpointer)&after->ids[after->at]);
      return TRUE;
    }

  return FALSE;
}

static gboolean
stand_together (const Side *before, const Side *after)
{
  return before->at < before->end && after->at < after->end &&
         galley_id_equal (&before->ids[before->at], &after->ids[after->at]);
}

/* FALSE: too mixed up to be told in few steps. */
static gboolean
walk (Side *before, Side *after, GArray *hunks)
{
  g_autoptr (GHashTable) moved = g_hash_table_new (galley_id_hash, galley_id_equal);

  while (before->at < before->end || after->at < after->end)
    {
      GalleyIdHunk hunk = { before->at, 0, after->at, 0 };

      if (stand_together (before, after))
        {
          before->at++;
          after->at++;
          continue;
        }

      while (!stand_together (before, after) &&
             (before->at < before->end || after->at < after->end))
        if (!step (before, after, &hunk, moved))
          return FALSE;

      if (hunks->len == MAX_HUNKS)
        return FALSE;
      g_array_append_val (hunks, hunk);
    }

  return TRUE;
}

static void
compare (
    const GalleyId *before, guint n_before, const GalleyId *after, guint n_after, GArray *hunks)
{
  guint start = 0, tail = 0;
  g_autoptr (GHashTable) before_set = NULL;
  g_autoptr (GHashTable) after_set = NULL;

  while (start < n_before && start < n_after && galley_id_equal (&before[start], &after[start]))
    start++;
  while (tail < n_before - start && tail < n_after - start &&
         galley_id_equal (&before[n_before - tail - 1], &after[n_after - tail - 1]))
    tail++;
  n_before -= tail;
  n_after -= tail;
  if (start == n_before && start == n_after)
    return;

  before_set = make_set (before, start, n_before);
  after_set = make_set (after, start, n_after);
  {
    Side old_side = { before, start, n_before, before_set };
    Side new_side = { after, start, n_after, after_set };
    GalleyIdHunk all = { start, n_before - start, start, n_after - start };

    if (walk (&old_side, &new_side, hunks))
      return;

    g_array_set_size (hunks, 0);
    g_array_append_val (hunks, all);
  }
}

/**
 * galley_id_diff_new:
 * @before: of #GalleyId, each once
 * @after: of #GalleyId, each once
 *
 * Returns: (transfer full): steps that make @before into @after; pure, any thread
 */
GalleyIdDiff *
galley_id_diff_new (GArray *before, GArray *after)
{
  GalleyIdDiff *self = g_new0 (GalleyIdDiff, 1);

  self->ids = g_array_ref (after);
  self->hunks = g_array_new (FALSE, FALSE, sizeof (GalleyIdHunk));
  compare ((const GalleyId *)before->data, before->len, (const GalleyId *)after->data, after->len,
           self->hunks);
  return self;
}

void
galley_id_diff_free (gpointer self)
{
  GalleyIdDiff *diff = self;

  if (diff == NULL)
    return;

  g_array_unref (diff->ids);
  g_array_unref (diff->hunks);
  g_free (diff);
}
