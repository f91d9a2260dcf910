/* galley-raster.c: pixels on their way to the screen: sRGB of 8 bits, with or without alpha
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-raster"

#include "render/galley-raster.h"

#include <math.h>
#include <string.h>

/* From here on each pixel is shown as a square, so that one can be told from the next. */
#define SQUARES_FROM_SCALE 3.0

/**
 * galley_raster_take_error:
 *
 * Turns what vips has said into a %GALLEY_PICTURE_ERROR: damaged, or more than there is memory for.
 *
 * Returns: %FALSE
 */
gboolean
galley_raster_take_error (GError **error)
{
  g_autofree char *details = g_utf8_make_valid (vips_error_buffer (), -1);
  g_autofree char *folded = g_ascii_strdown (details, -1);
  /* vips, libjpeg and libtiff each say it in their own words. */
  gboolean no_memory = strstr (folded, "out of memory") != NULL ||
                       strstr (folded, "insufficient memory") != NULL ||
                       strstr (folded, "memory allocation") != NULL;

  vips_error_clear ();
  g_set_error_literal (error, GALLEY_PICTURE_ERROR,
                       no_memory ? GALLEY_RENDER_FAULT_TOO_MUCH_MEMORY
                                 : GALLEY_RENDER_FAULT_DAMAGED,
                       *details != '\0' ? g_strstrip (details) : "vips failed");
  return FALSE;
}

/* An embedded profile is obeyed if it is one; without, vips knows what each kind of numbers means.
 */
static VipsImage *
to_srgb (VipsImage *image)
{
  VipsImage *srgb = NULL;

  if (vips_image_get_typeof (image, VIPS_META_ICC_NAME) != 0 &&
      vips_icc_transform (image, &srgb, "srgb", "embedded", TRUE, "intent", VIPS_INTENT_RELATIVE,
                          NULL) == 0)
    return srgb;

  vips_error_clear ();
  return vips_colourspace (image, &srgb, VIPS_INTERPRETATION_sRGB, NULL) == 0 ? srgb : NULL;
}

/**
 * galley_raster_from:
 * @image: of any kind of numbers
 *
 * Returns: (transfer full) (nullable): the same in sRGB
 */
VipsImage *
galley_raster_from (VipsImage *image)
{
  g_autoptr (VipsImage) srgb = to_srgb (image);
  g_autoptr (VipsImage) bytes = NULL;
  VipsImage *raster = NULL;

  if (srgb == NULL || vips_cast_uchar (srgb, &bytes, NULL) != 0)
    return NULL;
  /* Prepress files carry bands beyond alpha, which no screen shows. */
  if (bytes->Bands > 4)
    return vips_extract_band (bytes, &raster, 0, "n", 4, NULL) == 0 ? raster : NULL;
  if (bytes->Bands < 3)
    {
      vips_error ("raster", "%d bands", bytes->Bands);
      return NULL;
    }

  return g_steal_pointer (&bytes);
}

/* Hidden colours of what shines through must not bleed into what does not. */
static VipsImage *
premultiply (VipsImage *image)
{
  VipsImage *out = NULL;

  if (!vips_image_hasalpha (image))
    return g_object_ref (image);

  return vips_premultiply (image, &out, NULL) == 0 ? out : NULL;
}

static VipsImage *
unpremultiply (VipsImage *image, VipsImage *like)
{
  g_autoptr (VipsImage) straight = NULL;
  VipsImage *out = NULL;

  if (!vips_image_hasalpha (like))
    return g_object_ref (image);
  if (vips_unpremultiply (image, &straight, NULL) != 0)
    return NULL;

  return vips_cast (straight, &out, like->BandFmt, NULL) == 0 ? out : NULL;
}

/**
 * galley_raster_shrink:
 * @image: of any kind of numbers; it is read from top to bottom
 * @factor: each pixel of the result is the mean of as many, in both directions
 *
 * Returns: (transfer full) (nullable): at least one pixel wide and high
 */
VipsImage *
galley_raster_shrink (VipsImage *image, int factor)
{
  g_autoptr (VipsImage) premultiplied = NULL;
  g_autoptr (VipsImage) shrunk = NULL;

  if (factor <= 1)
    return g_object_ref (image);

  premultiplied = premultiply (image);
  if (premultiplied == NULL || vips_shrink (premultiplied, &shrunk, MIN (factor, image->Xsize),
                                            MIN (factor, image->Ysize), NULL) != 0)
    return NULL;

  return unpremultiply (shrunk, image);
}

/**
 * galley_raster_orient:
 * @image: pixels can be had from it in any order
 * @orientation: as EXIF counts, from 1 to 8
 *
 * Returns: (transfer full) (nullable): the image as it is to be seen
 */
VipsImage *
galley_raster_orient (VipsImage *image, int orientation)
{
  g_autoptr (VipsImage) marked = NULL;
  VipsImage *upright = NULL;

  if (vips_copy (image, &marked, NULL) != 0)
    return NULL;

  vips_image_set_int (marked, VIPS_META_ORIENTATION, orientation);
  return vips_autorot (marked, &upright, NULL) == 0 ? upright : NULL;
}

/* The edge is repeated for a pixel of the result at least: one that is partly beyond it would be
 * black otherwise. */
static VipsImage *
add_margin (VipsImage *raster, int margin)
{
  VipsImage *out = NULL;

  return vips_embed (raster, &out, margin, margin, raster->Xsize + 2 * margin,
                     raster->Ysize + 2 * margin, "extend", VIPS_EXTEND_COPY, NULL) == 0
             ? out
             : NULL;
}

/* Pixels are squares whose middles lie at half numbers, which vips_affine() has to be told. It
 * minds what shines through itself. */
static VipsImage *
scale_area (VipsImage *raster, double scale_x, double scale_y, const GalleyArea *area)
{
  gboolean squares = MIN (scale_x, scale_y) >= SQUARES_FROM_SCALE;
  int margin = 2 + (int)ceil (1 / MIN (scale_x, scale_y));
  double middle = squares ? 0 : 0.5;
  g_autoptr (VipsImage) wider = add_margin (raster, margin);
  VipsInterpolate *interpolate = vips_interpolate_new (squares ? "nearest" : "bilinear");
  VipsArrayInt *where = vips_array_int_newv (4, area->x, area->y, area->width, area->height);
  VipsImage *out = NULL;

  if (wider == NULL ||
      vips_affine (wider, &out, scale_x, 0.0, 0.0, scale_y, "oarea", where, "interpolate",
                   interpolate, "idx", middle - margin, "idy", middle - margin, "odx", -middle,
                   "ody", -middle, "extend", VIPS_EXTEND_COPY, NULL) != 0)
    out = NULL;
  vips_area_unref (VIPS_AREA (where));
  g_object_unref (interpolate);
  return out;
}

/* As bytes of our own, in four bands. */
static guint8 *
take_pixels (VipsImage *raster, const GalleyArea *area)
{
  g_autoptr (VipsImage) opaque = NULL;
  VipsImage *rgba = raster;
  size_t bytes = 0;
  guint8 *pixels;

  if (raster->Bands == 3)
    {
      if (vips_bandjoin_const1 (raster, &opaque, 255, NULL) != 0)
        return NULL;
      rgba = opaque;
    }

  pixels = vips_image_write_to_memory (rgba, &bytes);
  if (pixels != NULL && bytes == (gsize)area->width * area->height * 4)
    return pixels;

  g_free (pixels);
  return NULL;
}

/**
 * galley_raster_cut:
 * @scale_x: pixels of the result for one of @raster's, as @scale_y
 * @area: of the raster at that scale; for a pixel beyond its edge, the edge is repeated
 *
 * Returns: (transfer full) (nullable): RGBA, not premultiplied, without padding
 */
guint8 *
galley_raster_cut (
    VipsImage *raster, double scale_x, double scale_y, const GalleyArea *area, GError **error)
{
  g_autoptr (VipsImage) scaled = scale_area (raster, scale_x, scale_y, area);
  guint8 *pixels = scaled != NULL ? take_pixels (scaled, area) : NULL;

  if (pixels == NULL)
    galley_raster_take_error (error);

  return pixels;
}

/**
 * galley_raster_encode:
 * @pixels: RGBA, not premultiplied, without padding
 * @quality: from 1 to 100
 *
 * Returns: (transfer full) (nullable): a JPEG; what shines through is put on white
 */
GBytes *
galley_raster_encode (const guint8 *pixels, int width, int height, int quality, GError **error)
{
  g_autoptr (VipsImage) rgba = vips_image_new_from_memory (pixels, (gsize)width * height * 4, width,
                                                           height, 4, VIPS_FORMAT_UCHAR);
  g_autoptr (VipsImage) marked = NULL, rgb = NULL;
  VipsArrayDouble *white = vips_array_double_newv (3, 255.0, 255.0, 255.0);
  void *data = NULL;
  size_t bytes = 0;
  gboolean made = rgba != NULL &&
                  vips_copy (rgba, &marked, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) ==
                      0 &&
                  vips_flatten (marked, &rgb, "background", white, NULL) == 0 &&
                  vips_jpegsave_buffer (rgb, &data, &bytes, "Q", quality, "strip", TRUE, NULL) == 0;

  vips_area_unref (VIPS_AREA (white));
  if (!made)
    {
      galley_raster_take_error (error);
      return NULL;
    }

  return g_bytes_new_take (data, bytes);
}
