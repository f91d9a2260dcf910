/* galley-drawing.h: an SVG, drawn at the scale it is seen at
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "render/galley-picture.h"

G_BEGIN_DECLS

GalleyPicture *galley_drawing_open (const char *path, GError **error);

G_END_DECLS
