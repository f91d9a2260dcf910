/* galley-picture.h: what the decoder opens: an image or a PDF, page by page
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The numbers go over the pipe: see sync/galley-renderer.h. */
typedef enum
{
  GALLEY_PICTURE_ERROR_DAMAGED = 1,
  GALLEY_PICTURE_ERROR_EMPTY,
  GALLEY_PICTURE_ERROR_UNSUPPORTED,
  GALLEY_PICTURE_ERROR_PASSWORD,
  GALLEY_PICTURE_ERROR_TOO_LARGE,
  GALLEY_PICTURE_ERROR_NOT_FOUND,
} GalleyPictureError;

#define GALLEY_PICTURE_ERROR (galley_picture_error_quark ())
GQuark galley_picture_error_quark (void);

typedef struct _GalleyPicture GalleyPicture;

struct _GalleyPicture
{
  const char *media_type; /* static */
  guint n_pages;
  void (*free) (GalleyPicture *self);
  /* In the asset's own units: pixels as they are to be seen, or PDF points. */
  gboolean (*get_size) (
      GalleyPicture *self, guint page, double *width, double *height, GError **error);
  /* @scale pixels a unit; RGBA, not premultiplied, without padding. */
  guint8 *(*render) (
      GalleyPicture *self, guint page, double scale, const int area[4], GError **error);
  /* (nullable): else render() at a small scale does it */
  guint8 *(*thumbnail) (GalleyPicture *self, int box, int *width, int *height, GError **error);
};

GalleyPicture *galley_picture_open (const char *path, const char *cache, GError **error);
void galley_picture_free (GalleyPicture *self);
GBytes *galley_picture_make_thumbnail (GalleyPicture *self, guint page, int box, GError **error);

GalleyPicture *galley_image_open (const char *path,
                                  const char *media_type,
                                  const char *cache,
                                  GError **error);
GalleyPicture *galley_pdf_open (const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPicture, galley_picture_free)

G_END_DECLS
