/* fuzz-text-merge.c: whatever three texts say, merging them ends, and alike from both sides
 *
 * The input is the three texts, each but the last ended by a zero byte.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz.h"

#include "data/galley-text-merge.h"

#include <string.h>

static void
assert_covers (const GalleyTextMerge *merge, const char *base, const char *mine, const char *theirs)
{
  gsize in_base = 0, in_mine = 0, in_theirs = 0;

  for (guint i = 0; i < merge->hunks->len; i++)
    {
      const GalleyHunk *hunk = &g_array_index (merge->hunks, GalleyHunk, i);

      g_assert_cmpuint (hunk->base_start, ==, in_base);
      g_assert_cmpuint (hunk->mine_start, ==, in_mine);
      g_assert_cmpuint (hunk->theirs_start, ==, in_theirs);
      in_base += hunk->base_bytes;
      in_mine += hunk->mine_bytes;
      in_theirs += hunk->theirs_bytes;
    }
  g_assert_cmpuint (in_base, ==, strlen (base));
  g_assert_cmpuint (in_mine, ==, strlen (mine));
  g_assert_cmpuint (in_theirs, ==, strlen (theirs));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *texts = g_malloc0 (size + 3); /* three texts, however few zeros there are */
  const char *base = texts, *mine, *theirs;
  GalleyTextMerge merge, back;

  if (size > 0)
    memcpy (texts, data, size);
  mine = base + strlen (base) + 1;
  theirs = mine + strlen (mine) + 1;

  galley_text_merge (base, mine, theirs, &merge);
  galley_text_merge (base, theirs, mine, &back);
  g_assert_cmpstr (merge.text, ==, back.text);
  g_assert_cmpint (merge.clean, ==, merge.text != NULL);
  assert_covers (&merge, base, mine, theirs);
  galley_text_merge_clear (&merge);
  galley_text_merge_clear (&back);

  return 0;
}

GBytes *
galley_fuzz_get_seed (void)
{
  static const char seed[] = "Move the logo left, and mind the caf\xc3\xa9.\0"
                             "Move the mark left, and mind the cafe\xcc\x81.\0"
                             "Move the logo right, and mind the bar.";

  return g_bytes_new_static (seed, sizeof seed - 1);
}
