/* galley-image.c: an image of pixels, at any scale, with bounded memory
 *
 * What is shown is cut from levels, each half as large as the one before, level 0 being the whole
 * image. The first that is asked for is made while the file is read, so the first sight of an image
 * never holds the whole of it. If then more is asked for, the whole is kept in memory; of an image
 * that is too large for that, a pyramid in the cache has all levels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-image"

#include "render/galley-image.h"

#include "render/galley-pyramid.h"

#include <math.h>

/* So many pixels are held in memory. */
#define MAX_KEPT_PIXELS (50.0 * 1000 * 1000)
/* So many are made while a file is read: what a screen shows, with some to spare. */
#define MAX_SIGHT_PIXELS (16.0 * 1000 * 1000)
/* Beyond, an image is refused: its pyramid would take minutes and many gigabytes. */
#define MAX_PIXELS (2.0 * 1000 * 1000 * 1000)
/* libjpeg makes an image smaller while it reads, by 8 at most. */
#define JPEG_MAX_SHRINK_LEVEL 3
#define MAX_LEVELS GALLEY_PYRAMID_MAX_LEVELS

typedef struct
{
  GalleyPicture parent;
  char *path, *cache;            /* (nullable) cache */
  int orientation;               /* as EXIF counts */
  double width, height;          /* as it is to be seen: after its orientation */
  VipsImage *levels[MAX_LEVELS]; /* (owned) (nullable); as they are to be seen */
  gboolean was_seen;             /* some level was made before */
} GalleyImage;

static void
image_free (GalleyPicture *picture)
{
  GalleyImage *self = (GalleyImage *)picture;

  for (guint i = 0; i < MAX_LEVELS; i++)
    g_clear_object (&self->levels[i]);
  g_free (self->path);
  g_free (self->cache);
  g_free (self);
}

static gboolean
image_get_size (GalleyPicture *picture, guint page, double *width, double *height, GError **error)
{
  GalleyImage *self = (GalleyImage *)picture;

  *width = self->width;
  *height = self->height;
  return TRUE;
}

/* ── levels ── */

/* Opens the file at a level that its format can make while it is read, at most at @level. */
static VipsImage *
open_file (const char *path, const char *media_type, guint level, guint *opened_level)
{
  VipsImage *image = NULL;
  int failed;

  *opened_level = 0;
  if (g_str_equal (media_type, "image/jpeg"))
    {
      *opened_level = MIN (level, JPEG_MAX_SHRINK_LEVEL);
      failed = vips_jpegload (path, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                              VIPS_FAIL_ON_TRUNCATED, "shrink", 1 << *opened_level, NULL);
    }
  else if (g_str_equal (media_type, "image/png"))
    failed = vips_pngload (path, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                           VIPS_FAIL_ON_TRUNCATED, NULL);
  else if (g_str_equal (media_type, "image/webp"))
    {
      *opened_level = level;
      failed = vips_webpload (path, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                              VIPS_FAIL_ON_TRUNCATED, "scale", exp2 (-(double)*opened_level), NULL);
    }
  else
    failed = vips_tiffload (path, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                            VIPS_FAIL_ON_TRUNCATED, NULL);

  return failed == 0 ? image : NULL;
}

/* A level as it is to be seen; turning reads in another order, so it comes after the reading. */
static gboolean
set_level (GalleyImage *self, guint level, VipsImage *raster, GError **error)
{
  g_autoptr (VipsImage) kept = raster != NULL ? vips_image_copy_memory (raster) : NULL;

  if (kept != NULL)
    self->levels[level] = galley_raster_orient (kept, self->orientation);

  return self->levels[level] != NULL || galley_raster_take_error (error);
}

static gboolean
read_level (GalleyImage *self, guint level, GError **error)
{
  /* The formats make nothing of a side that is too short; what is left to shrink minds that. */
  guint most = (guint)log2 (MIN (self->width, self->height));
  guint opened_level;
  g_autoptr (VipsImage) image = NULL;
  g_autoptr (VipsImage) shrunk = NULL;
  g_autoptr (VipsImage) raster = NULL;

  image = open_file (self->path, self->parent.media_type, MIN (level, most), &opened_level);
  if (image != NULL)
    shrunk = galley_raster_shrink (image, 1 << (level - opened_level));
  if (shrunk != NULL)
    raster = galley_raster_from (shrunk);

  return set_level (self, level, raster, error);
}

static gboolean
shrink_level (GalleyImage *self, guint from, guint level, GError **error)
{
  g_autoptr (VipsImage) shrunk = galley_raster_shrink (self->levels[from], 1 << (level - from));

  self->levels[level] = shrunk != NULL ? vips_image_copy_memory (shrunk) : NULL;
  return self->levels[level] != NULL || galley_raster_take_error (error);
}

/* Levels of a pyramid lie in the file as they were read, and are turned tile by tile. */
static gboolean
open_pyramid (GalleyImage *self, const char *pyramid, GError **error)
{
  VipsImage *stored[MAX_LEVELS] = { NULL };
  guint n_levels = galley_pyramid_open (pyramid, stored);
  gboolean opened = n_levels > 0;

  for (guint i = 0; i < n_levels; i++)
    {
      g_clear_object (&self->levels[i]);
      self->levels[i] = galley_raster_orient (stored[i], self->orientation);
      opened = opened && self->levels[i] != NULL;
      g_object_unref (stored[i]);
    }

  return opened || galley_raster_take_error (error);
}

static gboolean
make_pyramid (GalleyImage *self, const char *pyramid, GError **error)
{
  guint opened_level;
  g_autoptr (VipsImage) image = open_file (self->path, self->parent.media_type, 0, &opened_level);
  g_autoptr (VipsImage) raster = image != NULL ? galley_raster_from (image) : NULL;

  if (raster == NULL)
    return galley_raster_take_error (error);

  return galley_pyramid_make (pyramid, raster, error);
}

static char *
name_pyramid (GalleyImage *self)
{
  return self->cache != NULL ? galley_pyramid_name (self->cache, self->path) : NULL;
}

static gboolean
read_whole (GalleyImage *self, GError **error)
{
  g_autofree char *pyramid = NULL;

  if (self->width * self->height <= MAX_KEPT_PIXELS)
    return read_level (self, 0, error);

  pyramid = name_pyramid (self);
  if (pyramid == NULL)
    {
      g_set_error_literal (error, GALLEY_PICTURE_ERROR, GALLEY_RENDER_FAULT_NO_ROOM, "no cache");
      return FALSE;
    }
  if (!g_file_test (pyramid, G_FILE_TEST_EXISTS) && !make_pyramid (self, pyramid, error))
    return FALSE;

  return open_pyramid (self, pyramid, error);
}

/* The nearest level that is there and not smaller; -1 when there is none. */
static int
find_level (GalleyImage *self, guint level)
{
  int found = level;

  while (found >= 0 && self->levels[found] == NULL)
    found--;
  return found;
}

/* The second sight of an image is worth to keep the whole, but not to wait for a pyramid. */
static gboolean
is_for_sight (GalleyImage *self, guint level)
{
  double pixels = self->width * self->height;

  return pixels / exp2 (2.0 * level) <= MAX_SIGHT_PIXELS &&
         (!self->was_seen || pixels > MAX_KEPT_PIXELS);
}

static VipsImage *
get_level (GalleyImage *self, guint level, GError **error)
{
  int found = find_level (self, level);

  if (found < 0 &&
      !(is_for_sight (self, level) ? read_level (self, level, error) : read_whole (self, error)))
    return NULL;
  self->was_seen = TRUE;

  found = find_level (self, level);
  g_assert (found >= 0);
  if (found < (int)level && !shrink_level (self, found, level, error))
    return NULL;

  return self->levels[level];
}

/* The smallest level that is at least as large as what is wanted. */
static guint
choose_level (GalleyImage *self, double scale)
{
  double most = floor (log2 (MAX (self->width, self->height)));

  return scale < 1 ? (guint)MIN (floor (-log2 (scale)), MIN (most, MAX_LEVELS - 1)) : 0;
}

static guint8 *
image_render (
    GalleyPicture *picture, guint page, double scale, const GalleyArea *area, GError **error)
{
  GalleyImage *self = (GalleyImage *)picture;
  guint level = choose_level (self, scale);
  VipsImage *raster = get_level (self, level, error);

  if (raster == NULL)
    return NULL;

  return galley_raster_cut (raster, self->width * scale / raster->Xsize,
                            self->height * scale / raster->Ysize, area, error);
}

/* ── opening ── */

static GalleyImage *
image_new (const char *path, const char *media_type, const char *cache, VipsImage *image)
{
  GalleyImage *self = g_new0 (GalleyImage, 1);
  gboolean turned;

  self->orientation = CLAMP (vips_image_get_orientation (image), 1, 8);
  turned = self->orientation >= 5;
  self->parent = (GalleyPicture){
    .media_type = media_type,
    .n_pages = 1,
    .free = image_free,
    .get_size = image_get_size,
    .render = image_render,
  };
  self->path = g_strdup (path);
  self->cache = g_strdup (cache);
  self->width = turned ? image->Ysize : image->Xsize;
  self->height = turned ? image->Xsize : image->Ysize;
  return self;
}

/**
 * galley_image_open:
 * @path: a PNG, JPEG, WebP or TIFF
 * @media_type: (transfer none) (static): which of them
 * @cache: (nullable): a folder for pyramids; without, a large image is not shown at full size
 *
 * Of a TIFF of several pages, the first one is the image.
 */
GalleyPicture *
galley_image_open (const char *path, const char *media_type, const char *cache, GError **error)
{
  guint opened_level;
  g_autoptr (VipsImage) image = open_file (path, media_type, 0, &opened_level);
  GalleyImage *self;

  if (image == NULL)
    {
      galley_raster_take_error (error);
      return NULL;
    }
  if ((double)image->Xsize * image->Ysize > MAX_PIXELS)
    {
      g_set_error (error, GALLEY_PICTURE_ERROR, GALLEY_RENDER_FAULT_TOO_MANY_PIXELS, "%d × %d",
                   image->Xsize, image->Ysize);
      return NULL;
    }

  self = image_new (path, media_type, cache, image);
  if (self->width * self->height > MAX_KEPT_PIXELS)
    {
      g_autofree char *pyramid = name_pyramid (self);

      /* Not to be read again, if it was seen on another day. */
      if (pyramid != NULL)
        open_pyramid (self, pyramid, NULL);
    }
  return &self->parent;
}
