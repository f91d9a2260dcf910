/* galley-test-image.c: writes images that are too large, or too odd, to be kept as fixtures
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-image.h"

#include <gio/gio.h>
#include <string.h>

/* Of a row of bits: those left of @split are 0, the others 1. */
static void
fill_bits (guint8 *row, int width, int split)
{
  for (int x = split; x < width; x++)
    row[x / 8] |= 0x80 >> (x % 8);
}

/* ── PNG ── */

/* As in the PNG specification, annex D. */
static guint32
checksum (const guint8 *data, gsize bytes)
{
  guint32 sum = 0xffffffff;

  for (gsize i = 0; i < bytes; i++)
    {
      sum ^= data[i];
      for (guint bit = 0; bit < 8; bit++)
        sum = (sum >> 1) ^ (0xedb88320 & -(sum & 1));
    }

  return ~sum;
}

static void
append_number (GByteArray *file, guint32 number)
{
  guint32 big_endian = GUINT32_TO_BE (number);

  g_byte_array_append (file, (const guint8 *)&big_endian, sizeof big_endian);
}

static void
append_chunk (GByteArray *file, const char *type, gconstpointer data, gsize bytes)
{
  guint start;

  append_number (file, bytes);
  start = file->len;
  g_byte_array_append (file, (const guint8 *)type, 4);
  if (bytes > 0)
    g_byte_array_append (file, data, bytes);
  append_number (file, checksum (file->data + start, file->len - start));
}

static GByteArray *
begin_png (int width, int height, guint8 bits, guint8 colour_type)
{
  GByteArray *file = g_byte_array_new ();
  g_autoptr (GByteArray) head = g_byte_array_new ();
  const guint8 rest[5] = { bits, colour_type };

  append_number (head, width);
  append_number (head, height);
  g_byte_array_append (head, rest, sizeof rest);
  g_byte_array_append (file, (const guint8 *)"\x89PNG\r\n\x1a\n", 8);
  append_chunk (file, "IHDR", head->data, head->len);
  return file;
}

static void
end_png (const char *path, GByteArray *file, GOutputStream *rows)
{
  GOutputStream *memory = g_filter_output_stream_get_base_stream (G_FILTER_OUTPUT_STREAM (rows));

  g_assert_true (g_output_stream_close (rows, NULL, NULL));
  append_chunk (file, "IDAT", g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (memory)),
                g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory)));
  append_chunk (file, "IEND", NULL, 0);
  g_assert_true (g_file_set_contents (path, (const char *)file->data, file->len, NULL));
}

static GOutputStream *
open_rows (void)
{
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GZlibCompressor) zlib = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 1);

  return g_converter_output_stream_new (memory, G_CONVERTER (zlib));
}

static void
write_row (GOutputStream *rows, const guint8 *row, gsize bytes)
{
  g_assert_true (g_output_stream_write_all (rows, "", 1, NULL, NULL, NULL)); /* no filter */
  g_assert_true (g_output_stream_write_all (rows, row, bytes, NULL, NULL, NULL));
}

/**
 * galley_test_image_write_rgba:
 *
 * Writes a PNG with an alpha channel.
 */
void
galley_test_image_write_rgba (const char *path, int width, int height, GalleyTestPixel pixel)
{
  g_autoptr (GByteArray) file = begin_png (width, height, 8, 6);
  g_autoptr (GOutputStream) rows = open_rows ();
  g_autofree guint8 *row = g_malloc (4 * width);

  for (int y = 0; y < height; y++)
    {
      for (int x = 0; x < width; x++)
        pixel (x, y, row + 4 * x);
      write_row (rows, row, 4 * width);
    }
  end_png (path, file, rows);
}

/**
 * galley_test_image_write_bits:
 * @split: how many columns are (220, 30, 40); the others are (30, 60, 200)
 *
 * Writes a PNG of one bit a pixel, so that even a very large one is made soon.
 */
void
galley_test_image_write_bits (const char *path, int width, int height, int split)
{
  static const guint8 palette[] = { 220, 30, 40, 30, 60, 200 };
  g_autoptr (GByteArray) file = begin_png (width, height, 1, 3);
  g_autoptr (GOutputStream) rows = open_rows ();
  gsize bytes = (width + 7) / 8;
  g_autofree guint8 *row = g_malloc0 (bytes);

  append_chunk (file, "PLTE", palette, sizeof palette);
  fill_bits (row, width, split);
  for (int y = 0; y < height; y++)
    write_row (rows, row, bytes);
  end_png (path, file, rows);
}

/**
 * galley_test_image_write_head:
 *
 * Writes a PNG that says how large it is, and has no pixels.
 */
void
galley_test_image_write_head (const char *path, int width, int height)
{
  g_autoptr (GByteArray) file = begin_png (width, height, 8, 2);

  append_chunk (file, "IDAT", "", 0);
  append_chunk (file, "IEND", NULL, 0);
  g_assert_true (g_file_set_contents (path, (const char *)file->data, file->len, NULL));
}

/* ── TIFF ── */

static void
append_tag (GByteArray *file, guint16 tag, guint32 value)
{
  const guint16 head[] = { GUINT16_TO_LE (tag), GUINT16_TO_LE (4) }; /* a LONG */
  const guint32 rest[] = { GUINT32_TO_LE (1), GUINT32_TO_LE (value) };

  g_byte_array_append (file, (const guint8 *)head, sizeof head);
  g_byte_array_append (file, (const guint8 *)rest, sizeof rest);
}

/**
 * galley_test_image_write_tiff:
 * @split: how many columns are black; the others are white
 * @orientation: as EXIF counts, from 1 to 8
 *
 * Writes a TIFF of one bit a pixel that is to be turned before it is seen.
 */
void
galley_test_image_write_tiff (const char *path, int width, int height, int split, int orientation)
{
  static const guint8 head[] = { 'I', 'I', 42, 0, 8, 0, 0, 0, 9, 0 };
  g_autoptr (GByteArray) file = g_byte_array_new ();
  guint32 row_bytes = (width + 7) / 8, start = sizeof head + 9 * 12 + 4;
  g_autofree guint8 *row = g_malloc0 (row_bytes);

  g_byte_array_append (file, head, sizeof head);
  append_tag (file, 256, width);
  append_tag (file, 257, height);
  append_tag (file, 259, 1); /* no compression */
  append_tag (file, 262, 1); /* 0 is black */
  append_tag (file, 273, start);
  append_tag (file, 274, orientation);
  append_tag (file, 277, 1); /* bands */
  append_tag (file, 278, height);
  append_tag (file, 279, row_bytes * height);
  append_number (file, 0);
  fill_bits (row, width, split);
  for (int y = 0; y < height; y++)
    g_byte_array_append (file, row, row_bytes);
  g_assert_true (g_file_set_contents (path, (const char *)file->data, file->len, NULL));
}
