/* galley-test-image.h: writes images that are too large, or too odd, to be kept as fixtures
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The pixel at @x, @y as RGBA. */
typedef void (*GalleyTestPixel) (int x, int y, guint8 rgba[4]);

void galley_test_image_write_rgba (const char *path, int width, int height, GalleyTestPixel pixel);
void galley_test_image_write_bits (const char *path, int width, int height, int split);
void galley_test_image_write_head (const char *path, int width, int height);
void galley_test_image_write_tiff (
    const char *path, int width, int height, int split, int orientation);

G_END_DECLS
