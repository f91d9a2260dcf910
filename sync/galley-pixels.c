/* galley-pixels.c: a picture in memory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-pixels"

#include "sync/galley-pixels.h"

#define BYTES_PER_PIXEL 4

G_DEFINE_BOXED_TYPE (GalleyPixels, galley_pixels, galley_pixels_copy, galley_pixels_free)

/**
 * galley_pixels_new:
 * @pixels: RGBA, without padding
 *
 * Returns: (transfer full) (nullable): the picture; %NULL when @pixels are not of that size
 */
GalleyPixels *
galley_pixels_new (GBytes *pixels, int width, int height)
{
  GalleyPixels *self;

  if (width <= 0 || height <= 0 || width > G_MAXINT / BYTES_PER_PIXEL ||
      g_bytes_get_size (pixels) != (guint64)width * height * BYTES_PER_PIXEL)
    return NULL;

  self = g_new0 (GalleyPixels, 1);
  self->pixels = g_bytes_ref (pixels);
  self->width = width;
  self->height = height;
  self->stride = width * BYTES_PER_PIXEL;
  return self;
}

/**
 * galley_pixels_copy:
 *
 * Returns: (transfer full): an equal picture, which shares the bytes
 */
GalleyPixels *
galley_pixels_copy (const GalleyPixels *self)
{
  return galley_pixels_new (self->pixels, self->width, self->height);
}

void
galley_pixels_free (GalleyPixels *self)
{
  g_bytes_unref (self->pixels);
  g_free (self);
}
