/* galley-media-info.h: what a file of pictures is: its kind, its pages and their sizes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* In the asset's own units: pixels as they are to be seen, or PDF points; more than 0. */
typedef struct
{
  double width, height;
} GalleyPageSize;

/**
 * GalleyMediaInfo:
 * @media_type: such as `image/png` or `application/pdf`, by the file's bytes
 * @n_pages: at least 1; 1 for an image
 * @pages: of GalleyPageSize; of a PDF with more than 5,000 pages, those of the first 5,000
 */
typedef struct
{
  char *media_type;
  guint n_pages;
  GArray *pages;
} GalleyMediaInfo;

#define GALLEY_TYPE_MEDIA_INFO (galley_media_info_get_type ())
GType galley_media_info_get_type (void);

GalleyMediaInfo *galley_media_info_new_from_answer (GVariant *answer);
GalleyMediaInfo *galley_media_info_copy (const GalleyMediaInfo *self);
void galley_media_info_free (GalleyMediaInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyMediaInfo, galley_media_info_free)

G_END_DECLS
