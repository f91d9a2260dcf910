/* galley-pyramid.h: a large image in tiles, at all scales, in a file of the cache
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "render/galley-raster.h"

G_BEGIN_DECLS

/* Half as large each time: more than an image of two thousand million pixels can have. */
#define GALLEY_PYRAMID_MAX_LEVELS 24

char *galley_pyramid_name (const char *cache, const char *path);
gboolean galley_pyramid_make (const char *pyramid, VipsImage *image, GError **error);
void galley_pyramid_tidy (const char *cache);
guint galley_pyramid_open (const char *pyramid, VipsImage *levels[GALLEY_PYRAMID_MAX_LEVELS]);

G_END_DECLS
