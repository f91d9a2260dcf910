/* galley-drawing.c: an SVG, drawn at the scale it is seen at
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-drawing"

#include "render/galley-drawing.h"

#include "render/galley-raster.h"

#include <math.h>

/* The longest side, in pixels, that is ever drawn; beyond, what was drawn is made larger. */
#define MAX_DRAWN_SIDE 32000.0
/* Up to so many pixels a drawing is kept; a larger one is drawn part by part. */
#define MAX_KEPT_PIXELS (16.0 * 1000 * 1000)

typedef struct
{
  GalleyPicture parent;
  char *path;
  double width, height;
  VipsImage *drawn;   /* (owned) (nullable) */
  double drawn_scale; /* what it was drawn at */
  int shrunk_by;      /* and made smaller by afterwards */
} GalleyDrawing;

static void
drawing_free (GalleyPicture *picture)
{
  GalleyDrawing *self = (GalleyDrawing *)picture;

  g_clear_object (&self->drawn);
  g_free (self->path);
  g_free (self);
}

static gboolean
drawing_get_size (GalleyPicture *picture, guint page, double *width, double *height, GError **error)
{
  GalleyDrawing *self = (GalleyDrawing *)picture;

  *width = self->width;
  *height = self->height;
  return TRUE;
}

/* Through a stream, not by its name: so the drawing does not know where it is, and can ask for
 * nothing that lies beside it. */
static VipsImage *
load (const char *path, double scale)
{
  VipsSource *source = vips_source_new_from_file (path);
  VipsImage *image = NULL;

  if (source == NULL)
    return NULL;
  if (vips_svgload_source (source, &image, "scale", scale, NULL) != 0)
    image = NULL;

  g_object_unref (source);
  return image;
}

static gboolean
draw (GalleyDrawing *self, double scale, int shrink_by, GError **error)
{
  g_autoptr (VipsImage) image = NULL;
  g_autoptr (VipsImage) shrunk = NULL;
  g_autoptr (VipsImage) raster = NULL;

  if (self->drawn != NULL && self->drawn_scale == scale && self->shrunk_by == shrink_by)
    return TRUE;

  g_clear_object (&self->drawn);
  image = load (self->path, scale);
  shrunk = image != NULL ? galley_raster_shrink (image, shrink_by) : NULL;
  raster = shrunk != NULL ? galley_raster_from (shrunk) : NULL;
  if (raster != NULL && (double)raster->Xsize * raster->Ysize <= MAX_KEPT_PIXELS)
    self->drawn = vips_image_copy_memory (raster);
  else
    self->drawn = g_steal_pointer (&raster);
  self->drawn_scale = scale;
  self->shrunk_by = shrink_by;

  return self->drawn != NULL || galley_raster_take_error (error);
}

/* In steps of two, so that zooming does not draw everything again for each notch of the wheel. And
 * not below its own size, unless that is large: a small one would end between two pixels there. */
static guint8 *
drawing_render (
    GalleyPicture *picture, guint page, double scale, const GalleyArea *area, GError **error)
{
  GalleyDrawing *self = (GalleyDrawing *)picture;
  double least = MIN (sqrt (MAX_KEPT_PIXELS / (self->width * self->height)), 1);
  double most = MAX_DRAWN_SIDE / MAX (self->width, self->height);
  double drawn_scale = MIN (MAX (exp2 (ceil (log2 (scale))), least), most);
  double smaller = MIN (drawn_scale / scale, MAX_DRAWN_SIDE);

  if (!draw (self, drawn_scale, smaller > 1 ? (int)exp2 (floor (log2 (smaller))) : 1, error))
    return NULL;

  return galley_raster_cut (self->drawn, self->width * scale / self->drawn->Xsize,
                            self->height * scale / self->drawn->Ysize, area, error);
}

/**
 * galley_drawing_open:
 * @path: an SVG
 *
 * Its units are its own pixels, those of scale 1.
 */
GalleyPicture *
galley_drawing_open (const char *path, GError **error)
{
  g_autoptr (VipsImage) image = load (path, 1);
  GalleyDrawing *self;

  if (image == NULL)
    {
      galley_raster_take_error (error);
      return NULL;
    }

  self = g_new0 (GalleyDrawing, 1);
  self->parent = (GalleyPicture){
    .media_type = "image/svg+xml",
    .n_pages = 1,
    .is_sharp_at_any_scale = TRUE,
    .free = drawing_free,
    .get_size = drawing_get_size,
    .render = drawing_render,
  };
  self->path = g_strdup (path);
  self->width = image->Xsize;
  self->height = image->Ysize;
  return &self->parent;
}
