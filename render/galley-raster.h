/* galley-raster.h: pixels on their way to the screen: sRGB of 8 bits, with or without alpha
 *
 * A raster is a VipsImage of three or four bands. Functions that return one return %NULL when vips
 * fails; galley_raster_take_error() then says why.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "render/galley-picture.h"

#include <vips/vips.h>

G_BEGIN_DECLS

VipsImage *galley_raster_from (VipsImage *image);
VipsImage *galley_raster_shrink (VipsImage *image, int factor);
VipsImage *galley_raster_orient (VipsImage *image, int orientation);

guint8 *galley_raster_cut (
    VipsImage *raster, double scale_x, double scale_y, const GalleyArea *area, GError **error);
GBytes *galley_raster_encode (
    const guint8 *pixels, int width, int height, int quality, GError **error);

gboolean galley_raster_take_error (GError **error);

/* Newer ones define it themselves. */
#if VIPS_MAJOR_VERSION == 8 && VIPS_MINOR_VERSION < 16
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VipsImage, g_object_unref)
#endif

G_END_DECLS
