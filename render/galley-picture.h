/* galley-picture.h: what the decoder opens: an image, a drawing or a PDF
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "render/galley-render-protocol.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Codes are GalleyRenderFault; messages are for the log. */
#define GALLEY_PICTURE_ERROR (galley_picture_error_quark ())
GQuark galley_picture_error_quark (void);

typedef struct
{
  int x, y, width, height; /* in pixels of the page at the scale that is asked for */
} GalleyArea;

typedef struct _GalleyPicture GalleyPicture;

/* The kinds begin with this. */
struct _GalleyPicture
{
  const char *media_type; /* static */
  guint n_pages;
  gboolean is_sharp_at_any_scale; /* made of shapes, not of pixels */
  void (*free) (GalleyPicture *self);
  /* In the asset's own units: pixels as they are to be seen, or PDF points; more than 0. */
  gboolean (*get_size) (
      GalleyPicture *self, guint page, double *width, double *height, GError **error);
  /* @scale is in pixels a unit; returns RGBA, not premultiplied, without padding. */
  guint8 *(*render) (
      GalleyPicture *self, guint page, double scale, const GalleyArea *area, GError **error);
};

GalleyPicture *galley_picture_open (const char *path, const char *cache, GError **error);
void galley_picture_free (GalleyPicture *self);

gboolean galley_picture_get_size (
    GalleyPicture *self, guint page, double *width, double *height, GError **error);
guint8 *galley_picture_render (
    GalleyPicture *self, guint page, double scale, const GalleyArea *area, GError **error);
GBytes *galley_picture_make_thumbnail (GalleyPicture *self, guint page, int box_px, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPicture, galley_picture_free)

G_END_DECLS
