/* galley-test-renderer.c: what the tests of the renderer share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-renderer.h"

#include <string.h>

/* JPEG and WebP do not keep colours exactly. */
#define NEAR 12

/**
 * galley_test_renderer_new:
 *
 * Returns: (transfer full): a renderer with the built helper and an empty cache
 */
GalleyRenderer *
galley_test_renderer_new (void)
{
  g_autofree char *cache = galley_test_path ("cache");

  return galley_renderer_new (NULL, cache);
}

char *
galley_test_renderer_fixture (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "fixtures", "media", name, NULL);
}

GalleyMediaInfo *
galley_test_renderer_inspect (GalleyRenderer *renderer, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_renderer_inspect_async (renderer, path, NULL, galley_test_store_result, &result);
  return galley_renderer_inspect_finish (renderer, galley_test_wait (&result), error);
}

GalleyPixels *
galley_test_renderer_render (GalleyRenderer *renderer,
                             const char *path,
                             guint page,
                             double scale,
                             int x,
                             int y,
                             int width,
                             int height,
                             GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_renderer_render_async (renderer, path, page, scale, x, y, width, height, NULL,
                                galley_test_store_result, &result);
  return galley_renderer_render_finish (renderer, galley_test_wait (&result), error);
}

void
galley_test_renderer_assert_pixel (
    const GalleyPixels *pixels, int x, int y, guint red, guint green, guint blue)
{
  const guint8 *pixel = (const guint8 *)g_bytes_get_data (pixels->pixels, NULL) +
                        (gsize)y * pixels->stride + 4 * x;

  g_assert_cmpint (x, <, pixels->width);
  g_assert_cmpint (y, <, pixels->height);
  g_assert_cmpint (ABS ((int)pixel[0] - (int)red), <, NEAR);
  g_assert_cmpint (ABS ((int)pixel[1] - (int)green), <, NEAR);
  g_assert_cmpint (ABS ((int)pixel[2] - (int)blue), <, NEAR);
  g_assert_cmpuint (pixel[3], ==, 255);
}

/* Something a person can read, and not a library's grumbling. */
void
galley_test_renderer_assert_sentence (const GError *error)
{
  g_assert_true (g_ascii_isupper (error->message[0]));
  g_assert_true (g_str_has_suffix (error->message, "."));
  g_assert_null (strstr (error->message, "vips"));
  g_assert_null (strstr (error->message, "\n"));
}
