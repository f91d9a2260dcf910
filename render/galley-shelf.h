/* galley-shelf.h: the files that were opened last, kept open
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "render/galley-picture.h"

G_BEGIN_DECLS

GalleyPicture *galley_shelf_open (const char *path, const char *cache, GError **error);

G_END_DECLS
