/* test-renderer.c: files are looked into, and bad ones harm nobody
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "sync/galley-renderer.h"

#include <signal.h>
#include <string.h>

static GalleyRenderer *
make_renderer (void)
{
  g_autofree char *cache = galley_test_path ("cache");

  return galley_renderer_new (NULL, cache);
}

static char *
fixture (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "fixtures", "media", name, NULL);
}

static GalleyPixels *
render (GalleyRenderer *renderer, const char *path, guint page, double scale, int width, int height)
{
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;
  GalleyPixels *pixels;

  galley_renderer_render_async (renderer, path, page, scale, 0, 0, width, height, NULL,
                                galley_test_store_result, &result);
  pixels = galley_renderer_render_finish (renderer, galley_test_wait (&result), &error);
  g_assert_no_error (error);
  g_object_unref (result);
  return pixels;
}

static GalleyMediaInfo *
inspect (GalleyRenderer *renderer, const char *path, GError **error)
{
  GAsyncResult *result = NULL;
  GalleyMediaInfo *info;

  galley_renderer_inspect_async (renderer, path, NULL, galley_test_store_result, &result);
  info = galley_renderer_inspect_finish (renderer, galley_test_wait (&result), error);
  g_object_unref (result);
  return info;
}

static void
assert_pixel (const GalleyPixels *pixels, int x, int y, guint red, guint green, guint blue)
{
  const guint8 *pixel = (const guint8 *)g_bytes_get_data (pixels->pixels, NULL) +
                        y * pixels->stride + 4 * x;

  g_assert_cmpint (ABS ((int)pixel[0] - (int)red), <, 12);
  g_assert_cmpint (ABS ((int)pixel[1] - (int)green), <, 12);
  g_assert_cmpint (ABS ((int)pixel[2] - (int)blue), <, 12);
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
  g_autoptr (GalleyRenderer) renderer = make_renderer ();

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = fixture (good[i].name);
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyMediaInfo) info = inspect (renderer, path, &error);

      g_test_message ("%s", good[i].name);
      g_assert_no_error (error);
      g_assert_cmpstr (info->media_type, ==, good[i].media_type);
      g_assert_cmpuint (info->n_pages, ==, good[i].n_pages);
      g_assert_cmpuint (info->pages->len, ==, good[i].n_pages);
      g_assert_cmpfloat (g_array_index (info->pages, GalleyPageSize, 0).width, ==, good[i].width);
      g_assert_cmpfloat (g_array_index (info->pages, GalleyPageSize, 0).height, ==, good[i].height);
    }
}

/* Left half red, right half blue, at any scale. */
static void
test_colours (void)
{
  static const char *const names[] = { "flag.png", "flag.jpg", "flag.webp", "flag.tif",
                                       "flag.svg" };
  g_autoptr (GalleyRenderer) renderer = make_renderer ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (double scale = 0.25; scale <= 4; scale *= 4)
      {
        g_autofree char *path = fixture (names[i]);
        int width = 40 * scale, height = 20 * scale;
        g_autoptr (GalleyPixels) pixels = render (renderer, path, 1, scale, width, height);

        g_test_message ("%s at %g", names[i], scale);
        g_assert_cmpint (pixels->width, ==, width);
        assert_pixel (pixels, width / 5, height / 2, 220, 30, 40);
        assert_pixel (pixels, width - 1 - width / 5, height / 2, 30, 60, 200);
      }
}

static void
test_orientation (void)
{
  g_autoptr (GalleyRenderer) renderer = make_renderer ();
  g_autofree char *path = fixture ("turned.jpg");
  g_autoptr (GalleyPixels) pixels = render (renderer, path, 1, 1, 20, 40);

  assert_pixel (pixels, 10, 6, 220, 30, 40);
  assert_pixel (pixels, 10, 34, 30, 60, 200);
}

static void
test_pdf_pages (void)
{
  g_autoptr (GalleyRenderer) renderer = make_renderer ();
  g_autofree char *path = fixture ("two-pages.pdf");
  g_autoptr (GalleyPixels) first = render (renderer, path, 1, 1, 200, 100);
  g_autoptr (GalleyPixels) second = render (renderer, path, 2, 2, 400, 200);

  assert_pixel (first, 20, 50, 220, 30, 40);
  assert_pixel (first, 180, 50, 255, 255, 255);
  assert_pixel (second, 360, 100, 30, 60, 200);
}

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
};

static void
test_bad_files (void)
{
  g_autoptr (GalleyRenderer) renderer = make_renderer ();

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = fixture (bad[i].name);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i].name);
      g_assert_null (inspect (renderer, path, &error));
      g_assert_error (error, GALLEY_RENDER_ERROR, bad[i].code);
      /* A whole sentence. */
      g_assert_true (g_str_has_suffix (error->message, "."));
    }
}

/* The head of an image is well and its body is cut: that is found before it is imported. */
static void
test_cut_image (void)
{
  g_autoptr (GalleyRenderer) renderer = make_renderer ();
  g_autofree char *path = fixture ("cut.png");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) thumbnail = galley_renderer_thumbnail (renderer, path, 1, 256, &error);

  g_assert_null (thumbnail);
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_DAMAGED);
}

static void
test_thumbnails (void)
{
  g_autoptr (GalleyRenderer) renderer = make_renderer ();

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = fixture (good[i].name);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) thumbnail = galley_renderer_thumbnail (renderer, path, 1, 256, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (thumbnail), >, 100);
      g_assert_cmpuint (g_bytes_get_size (thumbnail), <=, 12 * 1024);
      g_assert_cmpmem (g_bytes_get_data (thumbnail, NULL), 2, "\xff\xd8", 2);
    }
}

/* Whatever kills the helper: the next file opens. */
static void
test_killed_helper (void)
{
  g_autoptr (GalleyRenderer) renderer = make_renderer ();
  g_autofree char *path = fixture ("flag.png");
  GAsyncResult *result = NULL;
  g_autoptr (GalleyPixels) pixels = render (renderer, path, 1, 1, 40, 20), again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (galley_renderer_get_pid (renderer), >, 0);
  kill (galley_renderer_get_pid (renderer), SIGKILL);
  galley_renderer_inspect_async (renderer, path, NULL, galley_test_store_result, &result);
  g_assert_null (galley_renderer_inspect_finish (renderer, galley_test_wait (&result), &error));
  g_object_unref (result);
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_HELPER);

  again = render (renderer, path, 1, 1, 40, 20);
  assert_pixel (again, 5, 10, 220, 30, 40);
}

static void
test_no_helper (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_renderer_new ("/nowhere/galley-render", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (galley_renderer_inspect (renderer, "x.png", &error));
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_HELPER);
}

static void
test_cancel_in_queue (void)
{
  g_autoptr (GalleyRenderer) renderer = make_renderer ();
  g_autofree char *path = fixture ("two-pages.pdf");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *first = NULL, *second = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyMediaInfo) info = NULL;

  galley_renderer_inspect_async (renderer, path, NULL, galley_test_store_result, &first);
  galley_renderer_inspect_async (renderer, path, cancellable, galley_test_store_result, &second);
  g_cancellable_cancel (cancellable);
  info = galley_renderer_inspect_finish (renderer, galley_test_wait (&first), NULL);
  g_assert_nonnull (info);
  g_assert_null (galley_renderer_inspect_finish (renderer, galley_test_wait (&second), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_object_unref (first);
  g_object_unref (second);
}

/* Five thousand pages: told at once, and none of them is drawn for that. */
static void
test_many_pages (void)
{
  g_autoptr (GalleyRenderer) renderer = make_renderer ();
  g_autofree char *path = galley_test_path ("many.pdf");
  g_autoptr (GString) pdf = g_string_new ("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyMediaInfo) info = NULL;

  g_string_append (pdf, "2 0 obj<</Type/Pages/Count 5000/MediaBox[0 0 50 50]/Kids[");
  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (pdf, "%u 0 R ", 3 + i);
  g_string_append (pdf, "]>>endobj\n");
  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (pdf, "%u 0 obj<</Type/Page/Parent 2 0 R>>endobj\n", 3 + i);
  g_string_append (pdf, "trailer<</Root 1 0 R/Size 5003>>\n%%EOF\n");
  g_assert_true (g_file_set_contents (path, pdf->str, pdf->len, NULL));

  info = inspect (renderer, path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (info->n_pages, ==, 5000);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/renderer/good-files", test_good_files);
  g_test_add_func ("/renderer/colours", test_colours);
  g_test_add_func ("/renderer/orientation", test_orientation);
  g_test_add_func ("/renderer/pdf-pages", test_pdf_pages);
  g_test_add_func ("/renderer/bad-files", test_bad_files);
  g_test_add_func ("/renderer/cut-image", test_cut_image);
  g_test_add_func ("/renderer/thumbnails", test_thumbnails);
  g_test_add_func ("/renderer/killed-helper", test_killed_helper);
  g_test_add_func ("/renderer/no-helper", test_no_helper);
  g_test_add_func ("/renderer/cancel-in-queue", test_cancel_in_queue);
  g_test_add_func ("/renderer/many-pages", test_many_pages);
  return g_test_run ();
}
