/* galley-pixels.h: a picture in memory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * GalleyPixels:
 * @pixels: rows of RGBA, 8 bits each, not premultiplied, sRGB; exactly @height times @stride bytes
 * @width: in pixels
 * @height: in pixels
 * @stride: in bytes
 */
typedef struct
{
  GBytes *pixels;
  int width, height, stride;
} GalleyPixels;

#define GALLEY_TYPE_PIXELS (galley_pixels_get_type ())
GType galley_pixels_get_type (void);

GalleyPixels *galley_pixels_new (GBytes *pixels, int width, int height);
GalleyPixels *galley_pixels_copy (const GalleyPixels *self);
void galley_pixels_free (GalleyPixels *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPixels, galley_pixels_free)

G_END_DECLS
