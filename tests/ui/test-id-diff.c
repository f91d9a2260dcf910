/* test-id-diff.c: how one list of ids becomes another, in few steps
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "ui/galley-id-diff.h"

#include "tests/galley-test.h"

#include <string.h>

static GArray *
make_list (const char *letters)
{
  GArray *list = g_array_new (FALSE, TRUE, sizeof (GalleyId));

  for (const char *at = letters; *at != '\0'; at++)
    {
      GalleyId id = { { 0 } };

      id.bytes[0] = (guint8)*at;
      g_array_append_val (list, id);
    }

  return list;
}

/* As the list model applies it, from the end. */
static void
apply (GArray *list, const GalleyIdDiff *diff)
{
  for (guint i = diff->hunks->len; i > 0; i--)
    {
      const GalleyIdHunk *hunk = &g_array_index (diff->hunks, GalleyIdHunk, i - 1);

      g_assert_cmpuint (hunk->position + hunk->removed, <=, list->len);
      g_array_remove_range (list, hunk->position, hunk->removed);
      if (hunk->added > 0)
        g_array_insert_vals (list, hunk->position, &g_array_index (diff->ids, GalleyId, hunk->from),
                             hunk->added);
    }
}

static void
check (const char *before_letters, const char *after_letters, guint most_touched)
{
  g_autoptr (GArray) before = make_list (before_letters);
  g_autoptr (GArray) after = make_list (after_letters);
  g_autoptr (GalleyIdDiff) diff = galley_id_diff_new (before, after);
  guint touched = 0;

  for (guint i = 0; i < diff->hunks->len; i++)
    touched += g_array_index (diff->hunks, GalleyIdHunk, i).removed +
               g_array_index (diff->hunks, GalleyIdHunk, i).added;

  apply (before, diff);
  g_assert_cmpmem (before->data, before->len * sizeof (GalleyId), after->data,
                   after->len * sizeof (GalleyId));
  g_assert_cmpuint (touched, <=, most_touched);
}

static void
test_small_steps (void)
{
  check ("abcdef", "abcdef", 0);
  check ("", "abc", 3);
  check ("abc", "", 3);
  check ("abcdef", "abdef", 1);
  check ("abcdef", "abcxdef", 1);
  check ("abcdef", "xabdefy", 3);
  check ("abcdef", "fabcde", 2);  /* the last came to the top */
  check ("abcdef", "bcdefa", 2);  /* the first went to the end */
  check ("abcdef", "acdbef", 2);  /* one moved within */
  check ("abcdef", "fedcba", 12); /* all new is allowed, wrong is not */
}

static void
shuffle (GArray *list)
{
  for (guint i = list->len; i > 1; i--)
    {
      guint other = g_test_rand_int_range (0, (gint32)i);
      GalleyId id = g_array_index (list, GalleyId, i - 1);

      g_array_index (list, GalleyId, i - 1) = g_array_index (list, GalleyId, other);
      g_array_index (list, GalleyId, other) = id;
    }
}

static GArray *
make_random_list (gboolean mixed)
{
  GArray *list = g_array_new (FALSE, TRUE, sizeof (GalleyId));

  for (guint i = 0; i < 300; i++)
    {
      GalleyId id = { { 0 } };

      id.bytes[0] = i & 0xff;
      id.bytes[1] = i >> 8;
      if (g_test_rand_int_range (0, 10) > 0)
        g_array_append_val (list, id);
    }
  if (mixed)
    shuffle (list);

  return list;
}

static void
test_any_lists (void)
{
  g_test_summary ("Whatever the lists, the steps lead from one to the other");

  for (guint round = 0; round < 300; round++)
    {
      g_autoptr (GArray) before = make_random_list (round % 3 == 0);
      g_autoptr (GArray) after = make_random_list (round % 5 == 0);
      g_autoptr (GalleyIdDiff) diff = galley_id_diff_new (before, after);

      apply (before, diff);
      g_assert_cmpmem (before->data, before->len * sizeof (GalleyId), after->data,
                       after->len * sizeof (GalleyId));
    }
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/id-diff/small-steps", test_small_steps);
  g_test_add_func ("/id-diff/any-lists", test_any_lists);
  return g_test_run ();
}
