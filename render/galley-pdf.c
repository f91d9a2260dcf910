/* galley-pdf.c: a PDF's pages, in points
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-pdf"

#include "render/galley-picture.h"

#include <poppler.h>

/* Poppler does not say how its objects are let go. */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PopplerDocument, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PopplerPage, g_object_unref)

typedef struct
{
  GalleyPicture parent;
  PopplerDocument *document;
} GalleyPdf;

static gboolean
fail (GError **error, GalleyPictureError code, const char *message)
{
  g_set_error_literal (error, GALLEY_PICTURE_ERROR, code, message);
  return FALSE;
}

static void
pdf_free (GalleyPicture *picture)
{
  GalleyPdf *self = (GalleyPdf *)picture;

  g_object_unref (self->document);
  g_free (self);
}

static PopplerPage *
open_page (GalleyPicture *picture, guint page, GError **error)
{
  PopplerPage *opened = page >= 1 && page <= picture->n_pages
                            ? poppler_document_get_page (((GalleyPdf *)picture)->document, page - 1)
                            : NULL;

  if (opened == NULL)
    fail (error, GALLEY_PICTURE_ERROR_DAMAGED, "This page of the PDF is damaged.");
  return opened;
}

static gboolean
pdf_get_size (GalleyPicture *picture, guint page, double *width, double *height, GError **error)
{
  g_autoptr (PopplerPage) opened = open_page (picture, page, error);

  if (opened == NULL)
    return FALSE;

  poppler_page_get_size (opened, width, height);
  return TRUE;
}

/* Cairo's pixels are words of the machine, premultiplied; on white paper nothing shines through. */
static guint8 *
take_pixels (cairo_surface_t *surface, int width, int height)
{
  guint8 *pixels = g_malloc ((gsize)width * height * 4);
  const guint8 *data;
  int stride;

  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  stride = cairo_image_surface_get_stride (surface);
  for (int y = 0; y < height; y++)
    {
      const guint32 *from = (const guint32 *)(data + (gsize)y * stride);
      guint8 *to = pixels + (gsize)y * width * 4;

      for (int x = 0; x < width; x++, to += 4)
        {
          to[0] = from[x] >> 16;
          to[1] = from[x] >> 8;
          to[2] = from[x];
          to[3] = 255;
        }
    }

  return pixels;
}

static guint8 *
pdf_render (GalleyPicture *picture, guint page, double scale, const int area[4], GError **error)
{
  g_autoptr (PopplerPage) opened = open_page (picture, page, error);
  cairo_surface_t *surface;
  guint8 *pixels = NULL;
  cairo_t *cr;

  if (opened == NULL)
    return NULL;

  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, area[2], area[3]);
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_translate (cr, -area[0], -area[1]);
  cairo_scale (cr, scale, scale);
  poppler_page_render (opened, cr);
  if (cairo_status (cr) == CAIRO_STATUS_SUCCESS)
    pixels = take_pixels (surface, area[2], area[3]);
  else
    fail (error, GALLEY_PICTURE_ERROR_DAMAGED, "This page of the PDF cannot be drawn.");
  cairo_destroy (cr);
  cairo_surface_destroy (surface);

  return pixels;
}

GalleyPicture *
galley_pdf_open (const char *path, GError **error)
{
  g_autofree char *uri = g_filename_to_uri (path, NULL, error);
  g_autoptr (PopplerDocument) document = NULL;
  g_autoptr (GError) local = NULL;
  GalleyPdf *self;

  if (uri == NULL)
    return NULL;
  document = poppler_document_new_from_file (uri, NULL, &local);
  if (g_error_matches (local, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
    {
      fail (error, GALLEY_PICTURE_ERROR_PASSWORD,
            "This PDF is protected by a password. Save a copy without it and import that.");
      return NULL;
    }
  if (document == NULL || poppler_document_get_n_pages (document) < 1)
    {
      fail (error, GALLEY_PICTURE_ERROR_DAMAGED,
            "This PDF is damaged and cannot be opened. Export it again.");
      return NULL;
    }

  self = g_new0 (GalleyPdf, 1);
  self->parent = (GalleyPicture){
    .media_type = "application/pdf",
    .n_pages = poppler_document_get_n_pages (document),
    .free = pdf_free,
    .get_size = pdf_get_size,
    .render = pdf_render,
  };
  self->document = g_steal_pointer (&document);
  return &self->parent;
}
