/* galley-image.h: an image of pixels, at any scale, with bounded memory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "render/galley-picture.h"

G_BEGIN_DECLS

GalleyPicture *galley_image_open (const char *path,
                                  const char *media_type,
                                  const char *cache,
                                  GError **error);

G_END_DECLS
