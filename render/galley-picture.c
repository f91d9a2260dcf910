/* galley-picture.c: what the decoder opens: told by its first bytes, never by its name
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-picture"

#include "render/galley-picture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <vips/vips.h>

/* A thumbnail travels inside a change, so it is small: in bytes. */
#define THUMBNAIL_MAX_BYTES (12 * 1024)
#define SNIFF_BYTES 4096

G_DEFINE_QUARK (galley_picture_error_quark, galley_picture_error)

static gboolean
read_start (const char *path, char start[SNIFF_BYTES + 1], gsize *bytes, GError **error)
{
  FILE *file = fopen (path, "rbe");

  if (file == NULL)
    {
      g_set_error (error, GALLEY_PICTURE_ERROR, GALLEY_PICTURE_ERROR_NOT_FOUND,
                   "The file cannot be read: %s.", g_strerror (errno));
      return FALSE;
    }

  *bytes = fread (start, 1, SNIFF_BYTES, file);
  start[*bytes] = '\0';
  fclose (file);
  if (*bytes == 0)
    {
      g_set_error_literal (error, GALLEY_PICTURE_ERROR, GALLEY_PICTURE_ERROR_EMPTY,
                           "The file is empty. Export it again.");
      return FALSE;
    }

  return TRUE;
}

static gboolean
begins_with (const char *start, gsize bytes, const char *magic, gsize magic_bytes)
{
  return bytes >= magic_bytes && memcmp (start, magic, magic_bytes) == 0;
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
  if (g_strstr_len (start, MIN (bytes, 1024), "%PDF-") != NULL)
    return "application/pdf";
  if ((start[0] == '<' || g_ascii_isspace (start[0]) || (guint8)start[0] == 0xef) &&
      g_strstr_len (start, bytes, "<svg") != NULL)
    return "image/svg+xml";

  return NULL;
}

/**
 * galley_picture_open:
 * @cache: (nullable): a folder for what is costly to make again
 *
 * Returns: (transfer full): the picture; %NULL with a sentence for the person
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
      g_set_error_literal (error, GALLEY_PICTURE_ERROR, GALLEY_PICTURE_ERROR_UNSUPPORTED,
                           "This kind of file cannot be reviewed yet. Galley opens PNG, JPEG, "
                           "WebP, "
                           "TIFF, SVG and PDF.");
      return NULL;
    }

  return g_str_equal (media_type, "application/pdf")
             ? galley_pdf_open (path, error)
             : galley_image_open (path, media_type, cache, error);
}

void
galley_picture_free (GalleyPicture *self)
{
  self->free (self);
}

/* JPEG, which every toolkit reads; the quality goes down until it is small enough. */
static GBytes *
encode (guint8 *pixels, int width, int height, GError **error)
{
  VipsImage *rgba = vips_image_new_from_memory (pixels, (gsize)width * height * 4, width, height, 4,
                                                VIPS_FORMAT_UCHAR);
  VipsArrayDouble *white = vips_array_double_newv (3, 255.0, 255.0, 255.0);
  VipsImage *rgb = NULL, *tagged = NULL;
  GBytes *bytes = NULL;

  if (rgba != NULL &&
      vips_copy (rgba, &tagged, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) == 0 &&
      vips_flatten (tagged, &rgb, "background", white, NULL) == 0)
    for (int quality = 80; quality >= 20 && bytes == NULL; quality -= 15)
      {
        void *data = NULL;
        size_t size = 0;

        if (vips_jpegsave_buffer (rgb, &data, &size, "Q", quality, "strip", TRUE, NULL) != 0)
          break;
        if (size <= THUMBNAIL_MAX_BYTES || quality < 35)
          bytes = g_bytes_new (data, size);
        g_free (data);
      }
  vips_area_unref (VIPS_AREA (white));
  g_clear_object (&rgb);
  g_clear_object (&tagged);
  g_clear_object (&rgba);
  if (bytes == NULL)
    g_set_error_literal (error, GALLEY_PICTURE_ERROR, GALLEY_PICTURE_ERROR_DAMAGED,
                         "No small picture could be made of this file.");

  return bytes;
}

/**
 * galley_picture_make_thumbnail:
 * @box: at most as wide and as high, in pixels
 *
 * Returns: (transfer full): a JPEG
 */
GBytes *
galley_picture_make_thumbnail (GalleyPicture *self, guint page, int box, GError **error)
{
  g_autofree guint8 *pixels = NULL;
  int width = 0, height = 0;

  if (self->thumbnail != NULL)
    {
      pixels = self->thumbnail (self, box, &width, &height, error);
    }
  else
    {
      double page_width, page_height, scale;

      if (!self->get_size (self, page, &page_width, &page_height, error))
        return NULL;
      scale = box / MAX (MAX (page_width, page_height), 1.0);
      width = CLAMP ((int)(page_width * scale), 1, box);
      height = CLAMP ((int)(page_height * scale), 1, box);
      pixels = self->render (self, page, scale, (int[]){ 0, 0, width, height }, error);
    }

  return pixels != NULL ? encode (pixels, width, height, error) : NULL;
}
