/* galley-fuzz-folder.c: a folder of its own for what a fuzz target keeps on disk
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define _GNU_SOURCE /* nftw() */

#include "galley-fuzz-folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_OPEN_FOLDERS 16

static char *folder; /* (nullable): not made yet */

static int
remove_cb (const char *path, const struct stat *info, int type, struct FTW *where)
{
  return remove (path);
}

static void
remove_folder (void)
{
  nftw (folder, remove_cb, MAX_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
  g_free (folder);
}

/**
 * galley_fuzz_path:
 *
 * Returns: (transfer full): where @name is kept
 */
char *
galley_fuzz_path (const char *name)
{
  if (folder == NULL)
    {
      folder = g_dir_make_tmp ("galley-fuzz-XXXXXX", NULL);
      g_assert_nonnull (folder);
      atexit (remove_folder);
    }

  return g_build_filename (folder, name, NULL);
}

/* Nobody wants it after a power cut: it is written as fast as it goes. */
void
galley_fuzz_write (const char *path, gconstpointer data, gsize bytes)
{
  FILE *file = fopen (path, "wbe");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (data, 1, bytes, file), ==, bytes);
  g_assert_cmpint (fclose (file), ==, 0);
}
