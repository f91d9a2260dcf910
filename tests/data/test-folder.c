/* test-folder.c: what is called kept has its name on disk, and so have the folders above it
 *
 * The program's own fsync() stands before the system's, and notes what is synced.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "data/galley-file-store.h"
#include "data/galley-folder.h"
#include "data/galley-store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static GMutex lock;
static GPtrArray *synced; /* (nullable): paths */

int
fsync (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (link, NULL);

  g_mutex_lock (&lock);
  if (synced != NULL && path != NULL)
    g_ptr_array_add (synced, g_steal_pointer (&path));
  g_mutex_unlock (&lock);
  return syscall (SYS_fsync, fd);
}

static void
start_noting (void)
{
  g_assert_null (synced);
  synced = g_ptr_array_new_with_free_func (g_free);
}

static GPtrArray *
stop_noting (void)
{
  GPtrArray *paths;

  g_mutex_lock (&lock);
  paths = g_steal_pointer (&synced);
  g_mutex_unlock (&lock);
  return paths;
}

static guint
count (const GPtrArray *paths, const char *path)
{
  g_autofree char *real = realpath (path, NULL);
  guint n = 0;

  g_assert_nonnull (real);
  for (guint i = 0; i < paths->len; i++)
    n += g_str_equal (paths->pdata[i], real);

  return n;
}

static void
test_folders_above (void)
{
  g_autofree char *top = galley_test_path ("top");
  g_autofree char *middle = g_build_filename (top, "middle", NULL);
  g_autofree char *path = g_build_filename (middle, "bottom", NULL);
  g_autoptr (GPtrArray) first = NULL, again = NULL;

  g_assert_true (galley_folder_make (top));
  start_noting ();
  g_assert_true (galley_folder_make (path));
  first = stop_noting ();
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_DIR));
  g_assert_cmpuint (count (first, top), ==, 1);
  g_assert_cmpuint (count (first, middle), ==, 1);
  g_assert_cmpuint (first->len, ==, 2);

  start_noting ();
  g_assert_true (galley_folder_make (path));
  again = stop_noting ();
  g_assert_cmpuint (again->len, ==, 0);
}

static void
test_in_the_way (void)
{
  g_autofree char *path = galley_test_path ("file");
  g_autofree char *below = g_build_filename (path, "folder", NULL);

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  g_assert_false (galley_folder_make (path));
  g_assert_cmpint (errno, ==, EEXIST);
  g_assert_false (galley_folder_make (below));
}

static void
test_workspace (void)
{
  g_autofree char *above = galley_test_path ("new");
  g_autofree char *folder = g_build_filename (above, "workspace", NULL);
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GError) error = NULL;
  GalleyStore *store;

  start_noting ();
  store = galley_store_open (folder, GALLEY_STORE_CREATE | GALLEY_STORE_QUIET, galley_world_real (),
                             &error);
  paths = stop_noting ();
  g_assert_no_error (error);
  g_assert_cmpuint (count (paths, above), >=, 1);
  galley_store_close (store);
  g_object_unref (store);
}

static void
test_imported_file (void)
{
  g_autofree char *folder = galley_test_path ("files");
  g_autofree char *from = galley_test_path ("picture");
  g_autofree char *above = g_path_get_dirname (folder);
  GalleyFileStore *files = galley_file_store_new (folder);
  g_autofree char *kept = NULL, *shelf = NULL;
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GError) error = NULL;
  guint64 size_bytes;
  GalleyHash hash;

  g_assert_true (g_file_set_contents (from, "pixels", -1, NULL));
  start_noting ();
  galley_file_store_import (files, from, NULL, &hash, &size_bytes, &error);
  paths = stop_noting ();
  g_assert_no_error (error);
  kept = galley_file_store_get_path (files, &hash);
  shelf = g_path_get_dirname (kept);
  g_assert_cmpuint (count (paths, shelf), ==, 1);
  g_assert_cmpuint (count (paths, folder), ==, 1);
  g_assert_cmpuint (count (paths, above), ==, 1);
  galley_file_store_free (files);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/folder/folders-above", test_folders_above);
  g_test_add_func ("/folder/in-the-way", test_in_the_way);
  g_test_add_func ("/folder/workspace", test_workspace);
  g_test_add_func ("/folder/imported-file", test_imported_file);
  return g_test_run ();
}
