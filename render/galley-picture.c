/* galley-picture.c: what the decoder opens: told by its first bytes, never by its name
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define _GNU_SOURCE /* memmem() */
#define G_LOG_DOMAIN "galley-picture"

#include "render/galley-picture.h"

#include "render/galley-drawing.h"
#include "render/galley-image.h"
#include "render/galley-pdf.h"
#include "render/galley-raster.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SNIFF_BYTES 4096
#define MAX_AREA_SIDE 16384
#define MIN_SCALE 1e-4
#define MAX_SCALE 1000.0

G_DEFINE_QUARK (galley_picture_error_quark, galley_picture_error)

static gboolean
fail (GError **error, GalleyRenderFault fault, const char *details)
{
  g_set_error_literal (error, GALLEY_PICTURE_ERROR, fault, details);
  return FALSE;
}

/* ── what it is ── */

static gboolean
read_start (const char *path, char start[SNIFF_BYTES + 1], gsize *bytes, GError **error)
{
  struct stat info;
  FILE *file;

  /* A pipe or a device would keep the reader waiting for ever. */
  if (stat (path, &info) == 0 && !S_ISREG (info.st_mode))
    return fail (error, GALLEY_RENDER_FAULT_UNSUPPORTED, "not a plain file");
  file = fopen (path, "rbe");
  if (file == NULL)
    return fail (error,
                 errno == ENOENT ? GALLEY_RENDER_FAULT_NOT_FOUND : GALLEY_RENDER_FAULT_NOT_READABLE,
                 g_strerror (errno));

  *bytes = fread (start, 1, SNIFF_BYTES, file);
  start[*bytes] = '\0';
  if (ferror (file) != 0)
    fail (error, GALLEY_RENDER_FAULT_NOT_READABLE, "reading failed");
  else if (*bytes == 0)
    fail (error, GALLEY_RENDER_FAULT_EMPTY, "no bytes");
  else
    {
      fclose (file);
      return TRUE;
    }

  fclose (file);
  return FALSE;
}

static gboolean
begins_with (const char *start, gsize bytes, const char *magic, gsize magic_bytes)
{
  return bytes >= magic_bytes && memcmp (start, magic, magic_bytes) == 0;
}

/* (nullable): what follows @marker, if it is there */
static const char *
skip_past (const char *text, const char *marker)
{
  const char *found = strstr (text, marker);

  return found != NULL ? found + strlen (marker) : NULL;
}

/* Whether a text's first element is <svg>: before it stand comments and declarations. */
static gboolean
is_svg (const char *start)
{
  const char *at = g_str_has_prefix (start, "\xef\xbb\xbf") ? start + 3 : start;

  while (at != NULL)
    {
      at += strspn (at, " \t\r\n");
      if (g_str_has_prefix (at, "<!--"))
        at = skip_past (at, "-->");
      else if (g_str_has_prefix (at, "<?"))
        at = skip_past (at, "?>");
      else if (g_str_has_prefix (at, "<!") && at[strcspn (at, "[>")] == '[')
        at = skip_past (at, "]>"); /* a document type with entities of its own */
      else if (g_str_has_prefix (at, "<!"))
        at = skip_past (at, ">");
      else
        return g_str_has_prefix (at, "<svg") || g_str_has_prefix (at, "<svg:svg");
    }

  return FALSE;
}

static const char *
sniff (const char *start, gsize bytes)
{
  if (begins_with (start, bytes, "\x89PNG\r\n\x1a\n", 8))
    return "image/png";
  if (begins_with (start, bytes, "\xff\xd8\xff", 3))
    return "image/jpeg";
  if (begins_with (start, bytes, "RIFF", 4) && bytes >= 12 && memcmp (start + 8, "WEBP", 4) == 0)
    return "image/webp";
  if (begins_with (start, bytes, "II*\0", 4) || begins_with (start, bytes, "MM\0*", 4) ||
      begins_with (start, bytes, "II+\0", 4) || begins_with (start, bytes, "MM\0+", 4))
    return "image/tiff";
  /* Readers accept some bytes of other things before it. */
  if (memmem (start, MIN (bytes, 1024), "%PDF-", 5) != NULL)
    return "application/pdf";
  if (is_svg (start))
    return "image/svg+xml";

  return NULL;
}

/**
 * galley_picture_open:
 * @path: a file, of whatever name
 * @cache: (nullable): a folder for what is costly to make again
 * @error: return location for a %GALLEY_PICTURE_ERROR
 *
 * Returns: (transfer full): the picture, of which only the head has been read; or %NULL
 */
GalleyPicture *
galley_picture_open (const char *path, const char *cache, GError **error)
{
  char start[SNIFF_BYTES + 1];
  const char *media_type;
  gsize bytes;

  if (!read_start (path, start, &bytes, error))
    return NULL;

  media_type = sniff (start, bytes);
  if (media_type == NULL)
    {
      fail (error, GALLEY_RENDER_FAULT_UNSUPPORTED, "unknown first bytes");
      return NULL;
    }
  if (g_str_equal (media_type, "application/pdf"))
    return galley_pdf_open (path, error);
  if (g_str_equal (media_type, "image/svg+xml"))
    return galley_drawing_open (path, error);

  return galley_image_open (path, media_type, cache, error);
}

void
galley_picture_free (GalleyPicture *self)
{
  self->free (self);
}

/* ── pages ── */

/**
 * galley_picture_get_size:
 * @page: from 1
 * @width: (out): in the asset's own units, as @height
 */
gboolean
galley_picture_get_size (
    GalleyPicture *self, guint page, double *width, double *height, GError **error)
{
  if (page < 1 || page > self->n_pages)
    return fail (error, GALLEY_RENDER_FAULT_PAGE, "no such page");

  return self->get_size (self, page, width, height, error);
}

static gboolean
area_is_sane (double scale, const GalleyArea *area)
{
  return isfinite (scale) && scale >= MIN_SCALE && scale <= MAX_SCALE && area->width > 0 &&
         area->height > 0 && area->width <= MAX_AREA_SIDE && area->height <= MAX_AREA_SIDE &&
         (gint64)area->width * area->height * 4 <= GALLEY_RENDER_MAX_PICTURE &&
         ABS ((gint64)area->x) < 1 << 28 && ABS ((gint64)area->y) < 1 << 28;
}

/**
 * galley_picture_render:
 * @page: from 1
 * @scale: in pixels for each of the asset's own units
 * @area: of the page at that scale; it may reach over the page's edge
 *
 * Each pixel of the answer is at the same place of the page whichever area is asked for, so areas
 * that are put side by side show no seam.
 *
 * Returns: (transfer full): @area's pixels as RGBA, not premultiplied, without padding
 */
guint8 *
galley_picture_render (
    GalleyPicture *self, guint page, double scale, const GalleyArea *area, GError **error)
{
  if (page < 1 || page > self->n_pages)
    {
      fail (error, GALLEY_RENDER_FAULT_PAGE, "no such page");
      return NULL;
    }
  if (!area_is_sane (scale, area))
    {
      fail (error, GALLEY_RENDER_FAULT_TOO_MUCH_ASKED, "not a sane area");
      return NULL;
    }

  return self->render (self, page, scale, area, error);
}

/* JPEG, which every toolkit reads; the quality goes down until it is small enough. */
static GBytes *
encode (const guint8 *pixels, const GalleyArea *area, int box_px, GError **error)
{
  gsize max_bytes = GALLEY_RENDER_MAX_THUMBNAIL (box_px);

  for (int quality = 80; quality > 0; quality -= 15)
    {
      g_autoptr (GBytes)
          bytes = galley_raster_encode (pixels, area->width, area->height, quality, error);

      if (bytes == NULL)
        return NULL;
      if (g_bytes_get_size (bytes) <= max_bytes)
        return g_steal_pointer (&bytes);
    }

  fail (error, GALLEY_RENDER_FAULT_TOO_MUCH_ASKED, "no thumbnail of that size is small enough");
  return NULL;
}

/**
 * galley_picture_make_thumbnail:
 * @page: from 1
 * @box_px: at most as wide and as high, in pixels
 *
 * An image is not made larger than it is. What shines through is put on white.
 *
 * Returns: (transfer full): a JPEG of at most GALLEY_RENDER_MAX_THUMBNAIL() bytes
 */
GBytes *
galley_picture_make_thumbnail (GalleyPicture *self, guint page, int box_px, GError **error)
{
  GalleyArea area = { 0 };
  g_autofree guint8 *pixels = NULL;
  double width, height, scale;

  if (!galley_picture_get_size (self, page, &width, &height, error))
    return NULL;

  scale = CLAMP (box_px / MAX (width, height), MIN_SCALE, MAX_SCALE);
  if (!self->is_sharp_at_any_scale)
    scale = MIN (scale, 1);
  area.width = CLAMP ((int)round (width * scale), 1, box_px);
  area.height = CLAMP ((int)round (height * scale), 1, box_px);
  pixels = galley_picture_render (self, page, scale, &area, error);
  return pixels != NULL ? encode (pixels, &area, box_px, error) : NULL;
}
