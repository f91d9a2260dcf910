/* galley-pdf.c: a PDF's pages, in points
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-pdf"

#include "render/galley-pdf.h"

#include <math.h>
#include <poppler.h>

/* A page of no sane size is as large as a sheet of A4, in points. */
#define USUAL_WIDTH 595.0
#define USUAL_HEIGHT 842.0
/* Of a page's side, in points: a hundred times what the format's own limit was. */
#define MAX_SIDE (100 * 14400.0)

/* By names of our own: there are popplers that define the same for theirs. */
typedef PopplerDocument Document;
typedef PopplerPage Page;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Document, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Page, g_object_unref)

typedef struct
{
  GalleyPicture parent;
  PopplerDocument *document; /* (owned) */
} GalleyPdf;

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
  PopplerPage *opened = poppler_document_get_page (((GalleyPdf *)picture)->document, page - 1);

  if (opened == NULL)
    g_set_error (error, GALLEY_PICTURE_ERROR, GALLEY_RENDER_FAULT_PAGE, "page %u", page);
  return opened;
}

static gboolean
side_is_sane (double side)
{
  return isfinite (side) && side > 0 && side <= MAX_SIDE;
}

static gboolean
pdf_get_size (GalleyPicture *picture, guint page, double *width, double *height, GError **error)
{
  g_autoptr (Page) opened = open_page (picture, page, error);

  if (opened == NULL)
    return FALSE;

  poppler_page_get_size (opened, width, height);
  if (!side_is_sane (*width) || !side_is_sane (*height))
    {
      *width = USUAL_WIDTH;
      *height = USUAL_HEIGHT;
    }
  return TRUE;
}

/* Cairo's pixels are words of the machine; on white paper nothing shines through. */
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
pdf_render (
    GalleyPicture *picture, guint page, double scale, const GalleyArea *area, GError **error)
{
  g_autoptr (Page) opened = open_page (picture, page, error);
  cairo_surface_t *surface;
  guint8 *pixels = NULL;
  cairo_t *cr;

  if (opened == NULL)
    return NULL;

  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, area->width, area->height);
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_translate (cr, -area->x, -area->y);
  cairo_scale (cr, scale, scale);
  poppler_page_render (opened, cr);
  if (cairo_status (cr) == CAIRO_STATUS_SUCCESS)
    pixels = take_pixels (surface, area->width, area->height);
  else
    g_set_error_literal (error, GALLEY_PICTURE_ERROR,
                         cairo_status (cr) == CAIRO_STATUS_NO_MEMORY
                             ? GALLEY_RENDER_FAULT_TOO_MUCH_MEMORY
                             : GALLEY_RENDER_FAULT_PAGE,
                         cairo_status_to_string (cairo_status (cr)));
  cairo_destroy (cr);
  cairo_surface_destroy (surface);

  return pixels;
}

/**
 * galley_pdf_open:
 * @path: a PDF; one that asks for a password is not opened, one that only forbids printing is
 */
GalleyPicture *
galley_pdf_open (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (Document) document = NULL;
  g_autoptr (GError) cause = NULL;
  GalleyPdf *self;

  document = poppler_document_new_from_gfile (file, NULL, NULL, &cause);
  if (document == NULL || poppler_document_get_n_pages (document) < 1)
    {
      g_set_error_literal (error, GALLEY_PICTURE_ERROR,
                           g_error_matches (cause, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED)
                               ? GALLEY_RENDER_FAULT_PASSWORD
                               : GALLEY_RENDER_FAULT_DAMAGED,
                           cause != NULL ? cause->message : "no pages");
      return NULL;
    }

  self = g_new0 (GalleyPdf, 1);
  self->parent = (GalleyPicture){
    .media_type = "application/pdf",
    .n_pages = poppler_document_get_n_pages (document),
    .is_sharp_at_any_scale = TRUE,
    .free = pdf_free,
    .get_size = pdf_get_size,
    .render = pdf_render,
  };
  self->document = g_steal_pointer (&document);
  return &self->parent;
}
