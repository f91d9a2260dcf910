/* test-renderer.c: images and PDFs are what they are, and look as they should
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-renderer.h"

#include "galley-test-image.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define inspect galley_test_renderer_inspect
#define assert_pixel galley_test_renderer_assert_pixel

static GalleyPixels *
render (GalleyRenderer *renderer, const char *path, guint page, double scale, int width, int height)
{
  g_autoptr (GError) error = NULL;
  GalleyPixels *pixels = galley_test_renderer_render (renderer, path, page, scale, 0, 0, width,
                                                      height, &error);

  g_assert_no_error (error);
  g_assert_cmpint (pixels->width, ==, width);
  g_assert_cmpint (pixels->height, ==, height);
  return pixels;
}

static const guint8 *
pixel_at (const GalleyPixels *pixels, int x, int y)
{
  return (const guint8 *)g_bytes_get_data (pixels->pixels, NULL) + y * pixels->stride + 4 * x;
}

static const struct
{
  const char *name, *media_type;
  guint n_pages;
  double width, height;
} good[] = {
  { "flag.png", "image/png", 1, 40, 20 },     { "flag.jpg", "image/jpeg", 1, 40, 20 },
  { "turned.jpg", "image/jpeg", 1, 20, 40 }, /* lies on its side; EXIF says which way up */
  { "flag.webp", "image/webp", 1, 40, 20 },   { "flag.tif", "image/tiff", 1, 40, 20 },
  { "flag.svg", "image/svg+xml", 1, 40, 20 }, { "two-pages.pdf", "application/pdf", 2, 200, 100 },
};

static void
test_good_files (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = galley_test_renderer_fixture (good[i].name);
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyMediaInfo) info = inspect (renderer, path, &error);
      g_autoptr (GalleyMediaInfo) copy = NULL;
      const GalleyPageSize *size;

      g_test_message ("%s", good[i].name);
      g_assert_no_error (error);
      copy = galley_media_info_copy (info);
      g_assert_cmpstr (copy->media_type, ==, good[i].media_type);
      g_assert_cmpuint (copy->n_pages, ==, good[i].n_pages);
      g_assert_cmpuint (copy->pages->len, ==, good[i].n_pages);
      size = &g_array_index (copy->pages, GalleyPageSize, 0);
      g_assert_cmpfloat (size->width, ==, good[i].width);
      g_assert_cmpfloat (size->height, ==, good[i].height);
    }
}

/* Left half red, right half blue, at any scale. */
static void
test_colours (void)
{
  static const char *const names[] = { "flag.png", "flag.jpg", "flag.webp", "flag.tif",
                                       "flag.svg" };
  static const double scales[] = { 0.1, 0.25, 0.5, 0.8, 1, 1.7, 4, 16 };
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (guint j = 0; j < G_N_ELEMENTS (scales); j++)
      {
        g_autofree char *path = galley_test_renderer_fixture (names[i]);
        int width = 40 * scales[j], height = 20 * scales[j];
        g_autoptr (GalleyPixels) pixels = render (renderer, path, 1, scales[j], width, height);

        g_test_message ("%s at %g", names[i], scales[j]);
        assert_pixel (pixels, width / 5, height / 2, 220, 30, 40);
        assert_pixel (pixels, width - 1 - width / 5, height / 2, 30, 60, 200);
      }
}

/* A mark that is put on a pixel stays on it: no scale moves the picture. */
static void
test_place (void)
{
  static const double scales[] = { 0.5, 0.75, 1, 2, 2.5, 8 };
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_renderer_fixture ("flag.png");

  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      int width = 40 * scales[i], height = 20 * scales[i];
      g_autoptr (GalleyPixels) pixels = render (renderer, path, 1, scales[i], width, height);
      int red = 0;

      /* As many pixels are more red than blue as the other way round. */
      for (int x = 0; x < width; x++)
        red += pixel_at (pixels, x, height / 2)[0] > pixel_at (pixels, x, height / 2)[2];
      g_test_message ("at %g", scales[i]);
      g_assert_cmpint (ABS (2 * red - width), <=, 1);
    }
}

static void
test_orientation (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_renderer_fixture ("turned.jpg");
  g_autoptr (GalleyPixels) pixels = render (renderer, path, 1, 1, 20, 40);

  assert_pixel (pixels, 10, 6, 220, 30, 40);
  assert_pixel (pixels, 10, 34, 30, 60, 200);
}

static void
test_pdf_pages (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_renderer_fixture ("two-pages.pdf");
  g_autoptr (GalleyPixels) first = render (renderer, path, 1, 1, 200, 100);
  g_autoptr (GalleyPixels) second = render (renderer, path, 2, 2, 400, 200);
  g_autoptr (GalleyPixels) again = galley_pixels_copy (second);
  g_autoptr (GalleyPixels) third = NULL;
  g_autoptr (GError) error = NULL;

  assert_pixel (first, 20, 50, 220, 30, 40);
  assert_pixel (first, 180, 50, 255, 255, 255);
  assert_pixel (again, 360, 100, 30, 60, 200);

  third = galley_test_renderer_render (renderer, path, 3, 1, 0, 0, 10, 10, &error);
  g_assert_null (third);
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_DAMAGED);
  galley_test_renderer_assert_sentence (error);
}

/* Regions are parts of one picture: put side by side, they show no seam. */
static void
test_regions (void)
{
  static const struct
  {
    const char *name;
    double scale;
  } cases[] = { { "flag.png", 0.5 },
                { "flag.jpg", 1.37 },
                { "flag.svg", 2.3 },
                { "turned.jpg", 0.8 },
                { "two-pages.pdf", 0.7 } };
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = galley_test_renderer_fixture (cases[i].name);
      g_autoptr (GalleyPixels) whole = render (renderer, path, 1, cases[i].scale, 14, 8);
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyPixels)
          part = galley_test_renderer_render (renderer, path, 1, cases[i].scale, 5, 3, 9, 5,
                                              &error);

      g_test_message ("%s", cases[i].name);
      g_assert_no_error (error);
      for (int y = 0; y < 5; y++)
        g_assert_cmpmem (pixel_at (part, 0, y), 9 * 4, pixel_at (whole, 5, y + 3), 9 * 4);
    }
}

/* The last row and column of pixels are seldom whole ones; they belong to the picture all the same.
 */
static void
test_edges (void)
{
  static const double scales[] = { 0.3, 0.51, 0.77, 1.1, 2.9, 3.3 };
  static const char *const names[] = { "flag.png", "flag.svg", "turned.jpg" };
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();

  for (guint i = 0; i < G_N_ELEMENTS (scales) * G_N_ELEMENTS (names); i++)
    {
      const char *name = names[i / G_N_ELEMENTS (scales)];
      double scale = scales[i % G_N_ELEMENTS (scales)];
      gboolean upright = g_str_equal (name, "turned.jpg");
      int width = ceil ((upright ? 20 : 40) * scale), height = ceil ((upright ? 40 : 20) * scale);
      g_autofree char *path = galley_test_renderer_fixture (name);
      g_autoptr (GalleyPixels) pixels = render (renderer, path, 1, scale, width, height);

      g_test_message ("%s at %g", name, scale);
      assert_pixel (pixels, 0, 0, 220, 30, 40);
      assert_pixel (pixels, width - 1, height - 1, 30, 60, 200);
    }
}

/* Red that half shines through, beside green that cannot be seen at all. */
static void
half_red (int x, int y, guint8 rgba[4])
{
  memcpy (rgba, x % 2 == 0 ? (const guint8[]){ 200, 0, 0, 128 } : (const guint8[]){ 0, 255, 0, 0 },
          4);
}

static void
test_alpha (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_path ("half.png");
  g_autoptr (GalleyPixels) whole = NULL, small = NULL;

  galley_test_image_write_rgba (path, 16, 16, half_red);
  whole = render (renderer, path, 1, 1, 16, 16);
  small = render (renderer, path, 1, 0.5, 8, 8);

  /* Not premultiplied. */
  g_assert_cmpuint (pixel_at (whole, 4, 4)[0], ==, 200);
  g_assert_cmpuint (pixel_at (whole, 4, 4)[3], ==, 128);
  g_assert_cmpuint (pixel_at (whole, 5, 4)[3], ==, 0);
  /* What cannot be seen does not bleed. */
  g_assert_cmpint (pixel_at (small, 4, 4)[0], >, 190);
  g_assert_cmpint (pixel_at (small, 4, 4)[1], <, 5);
  g_assert_cmpint (ABS (pixel_at (small, 4, 4)[3] - 64), <, 3);
}

static void
test_thumbnails (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = galley_test_renderer_fixture (good[i].name);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) thumbnail = galley_renderer_thumbnail (renderer, path, 1, 256, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (thumbnail), >, 100);
      g_assert_cmpuint (g_bytes_get_size (thumbnail), <=, 12 * 1024);
      g_assert_cmpmem (g_bytes_get_data (thumbnail, NULL), 2, "\xff\xd8", 2);
    }
}

/* A side that is much shorter than the other does not vanish when the picture is made small. */
static void
test_narrow (void)
{
  static const char *const names[] = { "narrow.jpg", "narrow.webp", NULL };
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *wide = galley_test_path ("wide.png");

  galley_test_image_write_bits (wide, 3000, 1, 1500);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = names[i] != NULL ? galley_test_renderer_fixture (names[i])
                                               : g_strdup (wide);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) thumbnail = galley_renderer_thumbnail (renderer, path, 1, 256, &error);
      g_autoptr (GalleyPixels) pixels = NULL;
      gboolean is_wide = !g_str_has_suffix (path, "webp");

      g_test_message ("%s", path);
      g_assert_no_error (error);
      g_assert_nonnull (thumbnail);
      pixels = render (renderer, path, 1, 0.1, is_wide ? 300 : 1, is_wide ? 1 : 300);
      assert_pixel (pixels, is_wide ? 50 : 0, is_wide ? 0 : 50, 220, 30, 40);
      assert_pixel (pixels, is_wide ? 250 : 0, is_wide ? 0 : 250, 30, 60, 200);
    }
}

static void
noise (int x, int y, guint8 rgba[4])
{
  guint32 number = g_test_rand_int ();

  memcpy (rgba, &number, 4);
  rgba[3] = 255;
}

/* Nothing packs worse; a thumbnail of it is small all the same. And a picture that was drawn as a
 * thumbnail is a picture again: it is looked into like any other. */
static void
test_thumbnail_of_noise (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_path ("noise.png");
  g_autofree char *small = galley_test_path ("noise.jpg");
  g_autoptr (GBytes) thumbnail = NULL;
  g_autoptr (GalleyMediaInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  galley_test_image_write_rgba (path, 600, 300, noise);
  thumbnail = galley_renderer_thumbnail (renderer, path, 1, 256, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (thumbnail), <=, 12 * 1024);

  g_assert_true (g_file_set_contents (small, g_bytes_get_data (thumbnail, NULL),
                                      g_bytes_get_size (thumbnail), NULL));
  info = galley_renderer_inspect (renderer, small, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (g_array_index (info->pages, GalleyPageSize, 0).width, ==, 256);
  g_assert_cmpfloat (g_array_index (info->pages, GalleyPageSize, 0).height, ==, 128);
}

/* A path's file is exported again while it is open. */
static void
test_changed_file (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_path ("changing.png");
  g_autoptr (GalleyPixels) before = NULL, after = NULL;

  galley_test_image_write_bits (path, 40, 20, 40);
  before = render (renderer, path, 1, 1, 40, 20);
  g_assert_cmpint (g_unlink (path), ==, 0);
  galley_test_image_write_bits (path, 40, 20, 0);
  after = render (renderer, path, 1, 1, 40, 20);

  assert_pixel (before, 20, 10, 220, 30, 40);
  assert_pixel (after, 20, 10, 30, 60, 200);
}

/* ── what cannot be opened ── */

static const struct
{
  const char *name;
  int code;
} bad[] = {
  { "empty.png", GALLEY_RENDER_ERROR_EMPTY },
  { "text.png", GALLEY_RENDER_ERROR_UNSUPPORTED },
  { "page.pdf", GALLEY_RENDER_ERROR_UNSUPPORTED }, /* HTML */
  { "password.pdf", GALLEY_RENDER_ERROR_PASSWORD },
  { "cut.pdf", GALLEY_RENDER_ERROR_DAMAGED },
  { "not-there.png", GALLEY_RENDER_ERROR_NOT_FOUND },
  { "", GALLEY_RENDER_ERROR_UNSUPPORTED }, /* a folder */
};

static void
test_bad_files (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = galley_test_renderer_fixture (bad[i].name);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i].name);
      g_assert_null (inspect (renderer, path, &error));
      g_assert_error (error, GALLEY_RENDER_ERROR, bad[i].code);
      galley_test_renderer_assert_sentence (error);
    }
}

/* Opening one would wait for somebody to write into it. */
static void
test_pipe (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_path ("pipe.png");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_null (inspect (renderer, path, &error));
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_UNSUPPORTED);
}

/* The head of an image is well and its body is cut: that is found before it is imported. */
static void
test_cut_image (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_renderer_fixture ("cut.png");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) thumbnail = galley_renderer_thumbnail (renderer, path, 1, 256, &error);

  g_assert_null (thumbnail);
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_DAMAGED);
  galley_test_renderer_assert_sentence (error);
}

/* Names are bytes, whatever language they were given in. */
static void
test_odd_name (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_path ("\xff[page=7] %s\n.png");
  g_autoptr (GalleyPixels) pixels = NULL;

  galley_test_image_write_bits (path, 40, 20, 40);
  pixels = render (renderer, path, 1, 1, 40, 20);
  assert_pixel (pixels, 20, 10, 220, 30, 40);
}

/* A drawing cannot look at what lies beside it: it might be passed on to somebody. */
static void
test_svg_sees_nothing_else (void)
{
  static const char secret[] = "<rect xmlns='http://www.w3.org/2000/svg' width='40' height='20' "
                               "fill='#dc1e28'/>";
  static const char svg[] =
      "<!-- from a stranger --><!DOCTYPE svg [<!ENTITY e SYSTEM \"secret.xml\">]>"
      "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xi='http://www.w3.org/2001/XInclude' "
      "width='40' height='20'><rect width='40' height='20' fill='#1e3cc8'/>"
      "<xi:include href='secret.xml' parse='xml'/></svg>";
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_path ("drawing.svg");
  g_autofree char *beside = galley_test_path ("secret.xml");
  g_autoptr (GalleyPixels) pixels = NULL;

  g_assert_true (g_file_set_contents (beside, secret, -1, NULL));
  g_assert_true (g_file_set_contents (path, svg, -1, NULL));
  pixels = render (renderer, path, 1, 1, 40, 20);
  assert_pixel (pixels, 20, 10, 30, 60, 200);
}

/* ── what is large ── */

static void
test_too_much_at_once (void)
{
  static const struct
  {
    double scale;
    int width, height;
  } cases[] = { { 1, 5000, 5000 }, { 1, 0, 10 },     { 1, -1, 10 },  { -1, 10, 10 },
                { 0, 10, 10 },     { 5000, 10, 10 }, { NAN, 10, 10 } };
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_renderer_fixture ("flag.png");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (galley_test_renderer_render (renderer, path, 1, cases[i].scale, 0, 0,
                                                  cases[i].width, cases[i].height, &error));
      g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_TOO_LARGE);
      galley_test_renderer_assert_sentence (error);
    }
}

/* 1,600 million pixels, of which no one could be kept in memory with the others. */
static void
test_large_image (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_path ("large.png");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyMediaInfo) info = NULL;
  g_autoptr (GBytes) thumbnail = NULL;

  galley_test_image_write_bits (path, 40000, 40000, 20000);
  info = inspect (renderer, path, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (g_array_index (info->pages, GalleyPageSize, 0).width, ==, 40000);

  thumbnail = galley_renderer_thumbnail (renderer, path, 1, 256, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (thumbnail), <=, 12 * 1024);
}

static void
test_too_large_image (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_path ("too-large.png");
  g_autoptr (GError) error = NULL;

  galley_test_image_write_head (path, 60000, 60000);
  g_assert_null (inspect (renderer, path, &error));
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_TOO_LARGE);
  galley_test_renderer_assert_sentence (error);
}

/* More than is held in memory: seen whole first, then in tiles from the cache, also another day. */
static void
test_tiles (void)
{
  g_autofree char *path = galley_test_path ("tiles.png");

  galley_test_image_write_bits (path, 9000, 6000, 4001);
  for (guint day = 0; day < 2; day++)
    {
      g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
      g_autoptr (GalleyPixels) all = render (renderer, path, 1, 0.01, 90, 60);
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyPixels)
          tile = galley_test_renderer_render (renderer, path, 1, 1, 3990, 5900, 100, 100, &error);

      g_assert_no_error (error);
      assert_pixel (all, 20, 30, 220, 30, 40);
      assert_pixel (all, 70, 30, 30, 60, 200);
      assert_pixel (tile, 10, 99, 220, 30, 40);
      assert_pixel (tile, 11, 99, 30, 60, 200);
    }
}

/* All eight ways a camera can be held, for images that are turned in memory and tile by tile. */
static void
test_turned_tiles (gconstpointer data)
{
  int long_side = GPOINTER_TO_INT (data);
  int short_side = long_side * 3 / 4, split = long_side / 4;

  for (int orientation = 1; orientation <= 8; orientation++)
    {
      g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
      g_autofree char *path = galley_test_path ("turned.tif");
      gboolean upright = orientation >= 5;
      /* Where the black quarter lies: at the first pixels of a row or column, or at the last. */
      gboolean at_end = orientation == 2 || orientation == 3 || orientation == 7 ||
                        orientation == 8;
      g_autoptr (GalleyMediaInfo) info = NULL;
      g_autoptr (GalleyPixels) tile = NULL;
      g_autoptr (GError) error = NULL;
      int edge = at_end ? long_side - split : split;

      g_test_message ("%d", orientation);
      galley_test_image_write_tiff (path, long_side, short_side, split, orientation);
      info = inspect (renderer, path, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (g_array_index (info->pages, GalleyPageSize, 0).width, ==,
                         upright ? short_side : long_side);
      tile = galley_test_renderer_render (renderer, path, 1, 1, upright ? 0 : edge - 5,
                                          upright ? edge - 5 : 0, 10, 10, &error);
      g_assert_no_error (error);
      for (int i = 0; i < 10; i++)
        {
          guint grey = (i < 5) != at_end ? 0 : 255;

          assert_pixel (tile, upright ? 3 : i, upright ? i : 3, grey, grey, grey);
        }
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

static void
test_no_room_for_tiles (void)
{
  g_autofree char *path = galley_test_path ("tiles.png");
  g_autofree char *cache = galley_test_path ("tiles.png/cache");
  g_autoptr (GalleyRenderer) renderer = galley_renderer_new (NULL, cache);
  g_autoptr (GBytes) thumbnail = NULL;
  g_autoptr (GError) error = NULL;

  galley_test_image_write_bits (path, 9000, 6000, 4000);
  thumbnail = galley_renderer_thumbnail (renderer, path, 1, 256, &error);
  g_assert_no_error (error);
  g_assert_null (galley_test_renderer_render (renderer, path, 1, 1, 0, 0, 10, 10, &error));
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_TOO_LARGE);
  galley_test_renderer_assert_sentence (error);
}

/* What a helper that was killed at work has left behind goes with the next one. */
static void
test_half_made_tiles (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_renderer_fixture ("flag.png");
  g_autofree char *work = galley_test_path ("cache/work");
  g_autofree char *draft = g_build_filename (work, "draft-abcdef", NULL);
  g_autoptr (GalleyMediaInfo) info = NULL;

  g_assert_cmpint (g_mkdir_with_parents (work, 0700), ==, 0);
  g_assert_true (g_file_set_contents (draft, "half", -1, NULL));
  info = galley_renderer_inspect (renderer, path, NULL);
  g_assert_nonnull (info);
  g_assert_false (g_file_test (draft, G_FILE_TEST_EXISTS));
}

static void
write_pdf (const char *path, guint n_pages)
{
  g_autoptr (GString) pdf = g_string_new ("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n");

  g_string_append_printf (pdf, "2 0 obj<</Type/Pages/Count %u/MediaBox[0 0 50 70]/Kids[", n_pages);
  for (guint i = 0; i < n_pages; i++)
    g_string_append_printf (pdf, "%u 0 R ", 3 + i);
  g_string_append (pdf, "]>>endobj\n");
  for (guint i = 0; i < n_pages; i++)
    g_string_append_printf (pdf, "%u 0 obj<</Type/Page/Parent 2 0 R>>endobj\n", 3 + i);
  g_string_append_printf (pdf, "trailer<</Root 1 0 R/Size %u>>\n%%%%EOF\n", n_pages + 3);
  g_assert_true (g_file_set_contents (path, pdf->str, pdf->len, NULL));
}

/* Five thousand pages are told at once; of more, those after are there but not measured. */
static void
test_many_pages (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_path ("many.pdf");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyMediaInfo) info = NULL, more = NULL;
  g_autoptr (GalleyPixels) last = NULL;

  write_pdf (path, 5000);
  info = inspect (renderer, path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (info->n_pages, ==, 5000);
  g_assert_cmpuint (info->pages->len, ==, 5000);
  g_assert_cmpfloat (g_array_index (info->pages, GalleyPageSize, 4999).height, ==, 70);

  write_pdf (path, 5001);
  more = inspect (renderer, path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (more->n_pages, ==, 5001);
  g_assert_cmpuint (more->pages->len, ==, 5000);
  last = render (renderer, path, 5001, 1, 50, 70);
  assert_pixel (last, 25, 35, 255, 255, 255);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/renderer/good-files", test_good_files);
  g_test_add_func ("/renderer/colours", test_colours);
  g_test_add_func ("/renderer/place", test_place);
  g_test_add_func ("/renderer/orientation", test_orientation);
  g_test_add_func ("/renderer/pdf-pages", test_pdf_pages);
  g_test_add_func ("/renderer/regions", test_regions);
  g_test_add_func ("/renderer/edges", test_edges);
  g_test_add_func ("/renderer/alpha", test_alpha);
  g_test_add_func ("/renderer/thumbnails", test_thumbnails);
  g_test_add_func ("/renderer/narrow", test_narrow);
  g_test_add_func ("/renderer/thumbnail-of-noise", test_thumbnail_of_noise);
  g_test_add_func ("/renderer/changed-file", test_changed_file);
  g_test_add_func ("/renderer/bad-files", test_bad_files);
  g_test_add_func ("/renderer/pipe", test_pipe);
  g_test_add_func ("/renderer/cut-image", test_cut_image);
  g_test_add_func ("/renderer/odd-name", test_odd_name);
  g_test_add_func ("/renderer/svg-sees-nothing-else", test_svg_sees_nothing_else);
  g_test_add_func ("/renderer/too-much-at-once", test_too_much_at_once);
  g_test_add_func ("/renderer/large-image", test_large_image);
  g_test_add_func ("/renderer/too-large-image", test_too_large_image);
  g_test_add_func ("/renderer/tiles", test_tiles);
  g_test_add_data_func ("/renderer/turned", GINT_TO_POINTER (800), test_turned_tiles);
  g_test_add_data_func ("/renderer/turned-tiles", GINT_TO_POINTER (8400), test_turned_tiles);
  g_test_add_func ("/renderer/no-room-for-tiles", test_no_room_for_tiles);
  g_test_add_func ("/renderer/half-made-tiles", test_half_made_tiles);
  g_test_add_func ("/renderer/many-pages", test_many_pages);
  return g_test_run ();
}
