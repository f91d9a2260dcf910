/* galley-image.c: an image, at any scale, with bounded memory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-image"

#include "render/galley-picture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <vips/vips.h>

/* Up to here an image is held in memory; a larger one becomes a tiled pyramid in the cache. */
#define MAX_IN_MEMORY (50.0 * 1000 * 1000)
/* Beyond this, in pixels, it is refused. */
#define MAX_PIXELS (2.0 * 1000 * 1000 * 1000)
#define MAX_LEVELS 16
/* Of a drawing that is made of shapes, the longest side that is ever drawn, in pixels. */
#define MAX_DRAWN 16000

typedef struct
{
  GalleyPicture parent;
  char *path, *cache;
  double width, height;          /* as it is to be seen: after its orientation */
  gboolean is_drawing;           /* SVG */
  double drawn_scale;            /* of a drawing: what levels[0] is drawn at */
  VipsImage *levels[MAX_LEVELS]; /* (owned) (nullable): each half of the one before */
  guint n_levels;                /* of a pyramid in a file; 0: they are made in memory */
} GalleyImage;

static gboolean
fail (GError **error, GalleyPictureError code, const char *message)
{
  if (*vips_error_buffer () != '\0')
    g_debug ("%s", vips_error_buffer ());
  vips_error_clear ();
  g_set_error_literal (error, GALLEY_PICTURE_ERROR, code, message);
  return FALSE;
}

static gboolean
fail_damaged (GError **error)
{
  return fail (error, GALLEY_PICTURE_ERROR_DAMAGED,
               "This image is damaged and cannot be opened. Export it again.");
}

static void
clear_levels (GalleyImage *self)
{
  for (guint i = 0; i < MAX_LEVELS; i++)
    g_clear_object (&self->levels[i]);
  self->n_levels = 0;
}

static void
image_free (GalleyPicture *picture)
{
  GalleyImage *self = (GalleyImage *)picture;

  clear_levels (self);
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

/* Upright, sRGB, 8 bits, with an alpha channel. (transfer full) */
static VipsImage *
normalise (VipsImage *image)
{
  VipsImage *upright = NULL, *srgb = NULL, *bytes = NULL, *rgba = NULL, *coloured = NULL;

  if (vips_autorot (image, &upright, NULL) != 0)
    return NULL;
  /* An embedded profile is obeyed; without one the numbers are taken as sRGB. */
  if (vips_image_get_typeof (upright, VIPS_META_ICC_NAME) != 0)
    vips_icc_transform (upright, &coloured, "srgb", "embedded", TRUE, NULL);
  if (vips_colourspace (coloured != NULL ? coloured : upright, &srgb, VIPS_INTERPRETATION_sRGB,
                        NULL) == 0 &&
      vips_cast_uchar (srgb, &bytes, NULL) == 0)
    {
      if (vips_image_hasalpha (bytes))
        rgba = g_object_ref (bytes);
      else if (vips_addalpha (bytes, &rgba, NULL) != 0)
        rgba = NULL;
    }
  vips_error_clear ();
  g_clear_object (&coloured);
  g_object_unref (upright);
  g_clear_object (&srgb);
  g_clear_object (&bytes);
  return rgba;
}

/* ── levels ── */

static VipsImage *
copy_to_memory (VipsImage *image)
{
  VipsImage *copy = image != NULL ? vips_image_copy_memory (image) : NULL;

  g_clear_object (&image);
  return copy;
}

static VipsImage *
load_whole (GalleyImage *self)
{
  VipsImage *image = vips_image_new_from_file (self->path, "access", VIPS_ACCESS_SEQUENTIAL,
                                               "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
  VipsImage *normal = image != NULL ? normalise (image) : NULL;

  g_clear_object (&image);
  return copy_to_memory (normal);
}

static VipsImage *
draw (GalleyImage *self, double scale)
{
  VipsImage *image = NULL, *normal;

  if (vips_svgload (self->path, &image, "scale", scale, NULL) != 0)
    return NULL;
  normal = normalise (image);
  g_object_unref (image);
  return copy_to_memory (normal);
}

static char *
pyramid_path (GalleyImage *self)
{
  GStatBuf info;
  g_autofree char *key = NULL, *name = NULL;

  if (self->cache == NULL || g_stat (self->path, &info) != 0)
    return NULL;
  key = g_strdup_printf ("%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, self->path,
                         (gint64)info.st_size, (gint64)info.st_mtime);
  name = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);
  return g_strdup_printf ("%s/%.32s.tif", self->cache, name);
}

/* Once, and then tiles of any level are there in a millisecond. */
static gboolean
make_pyramid (GalleyImage *self, const char *path, GError **error)
{
  g_autofree char *draft = g_strconcat (path, ".new", NULL);
  VipsImage *image = vips_image_new_from_file (self->path, "access", VIPS_ACCESS_SEQUENTIAL,
                                               "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
  VipsImage *normal = image != NULL ? normalise (image) : NULL;
  gboolean made = normal != NULL &&
                  vips_tiffsave (normal, draft, "tile", TRUE, "pyramid", TRUE, "tile_width", 512,
                                 "tile_height", 512, "compression",
                                 VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE, "bigtiff", TRUE, NULL) == 0;

  g_clear_object (&normal);
  g_clear_object (&image);
  if (made && g_rename (draft, path) == 0)
    return TRUE;

  g_unlink (draft);
  return fail_damaged (error);
}

static gboolean
open_pyramid (GalleyImage *self, GError **error)
{
  g_autofree char *path = pyramid_path (self);

  if (path == NULL || g_mkdir_with_parents (self->cache, 0700) != 0)
    return fail (error, GALLEY_PICTURE_ERROR_TOO_LARGE,
                 "There is no room to prepare this large image.");
  if (!g_file_test (path, G_FILE_TEST_EXISTS) && !make_pyramid (self, path, error))
    return FALSE;

  for (guint i = 0; i < MAX_LEVELS; i++)
    {
      VipsImage *level = NULL;

      if (vips_tiffload (path, &level, "page", (int)i, NULL) != 0)
        break;
      self->levels[self->n_levels++] = level;
    }
  vips_error_clear ();
  return self->n_levels > 0 || fail_damaged (error);
}

static gboolean
open_levels (GalleyImage *self, double scale, GError **error)
{
  if (self->is_drawing)
    {
      double most = MAX_DRAWN / MAX (self->width, self->height);
      double wanted = MIN (exp2 (ceil (log2 (scale))), most);

      if (self->levels[0] != NULL && self->drawn_scale == wanted)
        return TRUE;
      clear_levels (self);
      self->levels[0] = draw (self, wanted);
      self->drawn_scale = wanted;
    }
  else if (self->levels[0] == NULL && self->width * self->height > MAX_IN_MEMORY)
    {
      return open_pyramid (self, error);
    }
  else if (self->levels[0] == NULL)
    {
      self->levels[0] = load_whole (self);
      self->drawn_scale = 1;
    }

  return self->levels[0] != NULL || fail_damaged (error);
}

/* The smallest level that is at least as large as what is wanted. */
static VipsImage *
find_level (GalleyImage *self, double scale, guint *index)
{
  double of_first = scale / (self->is_drawing ? self->drawn_scale : 1);

  *index = 0;
  while (of_first <= 0.5 && *index + 1 < (self->n_levels > 0 ? self->n_levels : MAX_LEVELS))
    {
      VipsImage *half = NULL;

      if (self->n_levels == 0 && self->levels[*index + 1] == NULL)
        {
          const VipsImage *from = self->levels[*index];

          if (MIN (from->Xsize, from->Ysize) < 2 ||
              vips_shrink (self->levels[*index], &half, 2, 2, NULL) != 0)
            break;
          self->levels[*index + 1] = copy_to_memory (half);
          if (self->levels[*index + 1] == NULL)
            break;
        }
      (*index)++;
      of_first *= 2;
    }

  return self->levels[*index];
}

/* ── pixels ── */

/* Each pixel of the answer is at the same place of the page whichever area is asked for, so areas
 * that are put side by side show no seam. */
static VipsImage *
cut (VipsImage *level, double scale_x, double scale_y, const int area[4])
{
  VipsArrayInt *where = vips_array_int_newv (4, area[0], area[1], area[2], area[3]);
  VipsInterpolate *smooth = vips_interpolate_new (scale_x > 3 ? "nearest" : "bilinear");
  VipsImage *out = NULL;

  if (vips_affine (level, &out, scale_x, 0.0, 0.0, scale_y, "oarea", where, "interpolate", smooth,
                   "extend", VIPS_EXTEND_COPY, NULL) != 0)
    out = NULL;
  vips_area_unref (VIPS_AREA (where));
  g_object_unref (smooth);
  return out;
}

static guint8 *
take_pixels (VipsImage *image, int width, int height, GError **error)
{
  size_t size = 0;
  guint8 *pixels = NULL, *copy = NULL;

  if (image->Bands == 4 && image->Xsize == width && image->Ysize == height)
    pixels = vips_image_write_to_memory (image, &size);
  if (pixels != NULL && size == (gsize)width * height * 4)
    copy = g_memdup2 (pixels, size);
  g_free (pixels);
  if (copy == NULL)
    fail_damaged (error);

  return copy;
}

static guint8 *
image_render (GalleyPicture *picture, guint page, double scale, const int area[4], GError **error)
{
  GalleyImage *self = (GalleyImage *)picture;
  VipsImage *level, *out;
  guint8 *pixels;
  guint index;

  if (!open_levels (self, scale, error))
    return NULL;
  level = find_level (self, scale, &index);
  out = cut (level, self->width * scale / level->Xsize, self->height * scale / level->Ysize, area);
  if (out == NULL)
    {
      fail_damaged (error);
      return NULL;
    }

  pixels = take_pixels (out, area[2], area[3], error);
  g_object_unref (out);
  return pixels;
}

/* The decoder shrinks while it reads where the format allows it: a large photograph never stands in
 * memory for its thumbnail. */
static guint8 *
image_thumbnail (GalleyPicture *picture, int box, int *width, int *height, GError **error)
{
  GalleyImage *self = (GalleyImage *)picture;
  VipsImage *small = NULL, *normal;
  guint8 *pixels = NULL;

  if (vips_thumbnail (self->path, &small, box, "height", box, "size", VIPS_SIZE_DOWN, "fail_on",
                      VIPS_FAIL_ON_TRUNCATED, NULL) != 0)
    {
      fail_damaged (error);
      return NULL;
    }

  normal = normalise (small);
  if (normal != NULL)
    {
      *width = normal->Xsize;
      *height = normal->Ysize;
      pixels = take_pixels (normal, *width, *height, error);
      g_object_unref (normal);
    }
  else
    {
      fail_damaged (error);
    }
  g_object_unref (small);
  return pixels;
}

GalleyPicture *
galley_image_open (const char *path, const char *media_type, const char *cache, GError **error)
{
  VipsImage *image = vips_image_new_from_file (path, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
  GalleyImage *self;
  gboolean turned;

  if (image == NULL)
    {
      fail_damaged (error);
      return NULL;
    }
  if ((double)image->Xsize * image->Ysize > MAX_PIXELS)
    {
      g_object_unref (image);
      fail (error, GALLEY_PICTURE_ERROR_TOO_LARGE,
            "This image has more than two thousand million pixels, which is more than Galley "
            "opens. "
            "Import it in parts or smaller.");
      return NULL;
    }

  self = g_new0 (GalleyImage, 1);
  turned = vips_image_get_orientation (image) >= 5;
  self->parent = (GalleyPicture){
    .media_type = media_type,
    .n_pages = 1,
    .free = image_free,
    .get_size = image_get_size,
    .render = image_render,
    .thumbnail = image_thumbnail,
  };
  self->path = g_strdup (path);
  self->cache = g_strdup (cache);
  self->width = turned ? image->Ysize : image->Xsize;
  self->height = turned ? image->Xsize : image->Ysize;
  self->is_drawing = g_str_equal (media_type, "image/svg+xml");
  g_object_unref (image);
  return &self->parent;
}
