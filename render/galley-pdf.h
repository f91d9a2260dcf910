/* galley-pdf.h: a PDF's pages, in points
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "render/galley-picture.h"

G_BEGIN_DECLS

GalleyPicture *galley_pdf_open (const char *path, GError **error);

G_END_DECLS
