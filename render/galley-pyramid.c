/* galley-pyramid.c: a large image in tiles, at all scales, in a file of the cache
 *
 * The tiles are stored without loss. A pyramid is written in another folder first and then moved
 * to its place, so one that is there is whole; several processes may share a cache.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-pyramid"

#include "render/galley-pyramid.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SUFFIX ".pyramid"
/* In the cache: where pyramids are while they are made. */
#define WORK_FOLDER "work"
/* To be changed with what is in the file, so that older ones are not mistaken for it. */
#define FORMAT 1
/* Pyramids that were not looked at for longest go when there is more, in bytes. */
#define CACHE_MAX_BYTES (G_GUINT64_CONSTANT (4) << 30)
/* A disk with less is full, in bytes. */
#define LITTLE_ROOM_BYTES (32 * 1024 * 1024)
/* Of the fast compressions the one that keeps up with the decoders, measured. */
#define COMPRESSION VIPS_FOREIGN_TIFF_COMPRESSION_ZSTD
#define COMPRESSION_LEVEL 1
#define TILE_PX 512

/**
 * galley_pyramid_name:
 * @cache: a folder
 * @path: the image that it is of
 *
 * Returns: (transfer full) (nullable): where the pyramid is, or is to be made: another place as
 * soon as the image's file has changed
 */
char *
galley_pyramid_name (const char *cache, const char *path)
{
  struct stat info;
  g_autofree char *key = NULL;
  g_autofree char *sum = NULL;

  if (stat (path, &info) != 0)
    return NULL;

  key = g_strdup_printf ("%d %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld", FORMAT, path,
                         (gint64)info.st_size, (gint64)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);
  return g_strdup_printf ("%s/%.32s" SUFFIX, cache, sum);
}

/* ── room ── */

typedef struct
{
  char *path;
  gint64 used_at_s;
  guint64 bytes;
} Entry;

static void
entry_clear (gpointer data)
{
  g_free (((Entry *)data)->path);
}

static int
compare_use (gconstpointer a, gconstpointer b)
{
  const Entry *one = a, *other = b;

  return (one->used_at_s > other->used_at_s) - (one->used_at_s < other->used_at_s);
}

static GArray *
list_pyramids (const char *cache)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autoptr (GDir) folder = g_dir_open (cache, 0, NULL);
  const char *name;

  g_array_set_clear_func (entries, entry_clear);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (cache, name, NULL);
      struct stat info;
      Entry entry;

      if (!g_str_has_suffix (name, SUFFIX) || lstat (path, &info) != 0 || !S_ISREG (info.st_mode))
        continue;
      entry = (Entry){ g_steal_pointer (&path), info.st_mtim.tv_sec, info.st_size };
      g_array_append_val (entries, entry);
    }

  return entries;
}

/* Whoever makes a pyramid shares the cache's lock; who removes what is half made has it alone. The
 * lock ends with the process, however that ends. */
static int
lock_cache (const char *cache, int how)
{
  int fd = open (cache, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0 && flock (fd, how) == 0)
    return fd;

  if (fd >= 0)
    close (fd);
  return -1;
}

static void
remove_half_made (const char *cache)
{
  g_autofree char *work = g_build_filename (cache, WORK_FOLDER, NULL);
  g_autoptr (GDir) folder = g_dir_open (work, 0, NULL);
  int lock = folder != NULL ? lock_cache (cache, LOCK_EX | LOCK_NB) : -1;
  const char *name;

  if (lock < 0)
    return;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (work, name, NULL);

      g_unlink (path);
    }
  close (lock);
}

/**
 * galley_pyramid_tidy:
 * @cache: a folder, which may not be there yet
 *
 * Removes what killed processes have left, and the pyramids that were not looked at for longest
 * when there are too many.
 */
void
galley_pyramid_tidy (const char *cache)
{
  g_autoptr (GArray) entries = list_pyramids (cache);
  guint64 total = 0;

  remove_half_made (cache);
  g_array_sort (entries, compare_use);
  for (guint i = 0; i < entries->len; i++)
    total += g_array_index (entries, Entry, i).bytes;
  for (guint i = 0; i < entries->len && total > CACHE_MAX_BYTES; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);

      g_unlink (entry->path);
      total -= entry->bytes;
    }
}

/* ── making ── */

static gboolean
fail_for_room (GError **error)
{
  vips_error_clear ();
  g_set_error_literal (error, GALLEY_PICTURE_ERROR, GALLEY_RENDER_FAULT_NO_ROOM, "no room");
  return FALSE;
}

/* Whether @draft could not grow; asked after a failure, since vips does not pass on why. */
static gboolean
is_out_of_room (const char *draft)
{
  struct statvfs disk;
  struct rlimit limit;
  struct stat info;

  if (statvfs (draft, &disk) == 0 && (guint64)disk.f_bavail * disk.f_frsize < LITTLE_ROOM_BYTES)
    return TRUE;

  return stat (draft, &info) == 0 && getrlimit (RLIMIT_FSIZE, &limit) == 0 &&
         limit.rlim_cur != RLIM_INFINITY &&
         (guint64)info.st_size + LITTLE_ROOM_BYTES > limit.rlim_cur;
}

/* Beside the draft, vips has a file for each level while it writes. */
static gboolean
write_draft (const char *draft, VipsImage *image)
{
  g_autofree char *work = g_path_get_dirname (draft);

  g_setenv ("TMPDIR", work, TRUE);
  return vips_tiffsave (image, draft, "tile", TRUE, "pyramid", TRUE, "tile_width", TILE_PX,
                        "tile_height", TILE_PX, "compression", COMPRESSION, "level",
                        COMPRESSION_LEVEL, "bigtiff", TRUE, "strip", TRUE, NULL) == 0;
}

static gboolean
make_locked (const char *pyramid, const char *work, VipsImage *image, GError **error)
{
  g_autofree char *draft = g_build_filename (work, "draft-XXXXXX", NULL);
  int fd = g_mkstemp_full (draft, O_RDWR | O_CLOEXEC, 0600);
  gboolean full;

  if (fd < 0)
    return fail_for_room (error);
  close (fd);
  if (write_draft (draft, image) && g_rename (draft, pyramid) == 0)
    return TRUE;

  full = is_out_of_room (draft);
  g_unlink (draft);
  return full ? fail_for_room (error) : galley_raster_take_error (error);
}

/**
 * galley_pyramid_make:
 * @pyramid: from galley_pyramid_name()
 * @image: sRGB; it is read once, from top to bottom
 *
 * Takes seconds for each hundred million pixels.
 */
gboolean
galley_pyramid_make (const char *pyramid, VipsImage *image, GError **error)
{
  g_autofree char *cache = g_path_get_dirname (pyramid);
  g_autofree char *work = g_build_filename (cache, WORK_FOLDER, NULL);
  gboolean made;
  int lock;

  if (g_mkdir_with_parents (work, 0700) != 0)
    return fail_for_room (error);
  galley_pyramid_tidy (cache);
  lock = lock_cache (cache, LOCK_SH);
  if (lock < 0)
    return fail_for_room (error);

  made = make_locked (pyramid, work, image, error);
  close (lock);
  return made;
}

/**
 * galley_pyramid_open:
 * @levels: (out): each half as large as the one before; each is the caller's
 *
 * Returns: how many levels there are; 0 when there is no such pyramid
 */
guint
galley_pyramid_open (const char *pyramid, VipsImage *levels[GALLEY_PYRAMID_MAX_LEVELS])
{
  guint n_levels = 0;

  if (!g_file_test (pyramid, G_FILE_TEST_IS_REGULAR))
    return 0;

  while (n_levels < GALLEY_PYRAMID_MAX_LEVELS &&
         vips_tiffload (pyramid, &levels[n_levels], "page", (int)n_levels, NULL) == 0)
    n_levels++;
  /* The first page that is not there is no error. */
  if (n_levels < GALLEY_PYRAMID_MAX_LEVELS)
    levels[n_levels] = NULL;
  vips_error_clear ();

  if (n_levels > 0)
    utimensat (AT_FDCWD, pyramid, NULL, 0);
  else
    g_unlink (pyramid);
  return n_levels;
}
