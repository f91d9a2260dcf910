/* test-viewport.c: where a page lies on the screen
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "ui/galley-viewport.h"

#define NEAR 1e-6

static GalleyViewport
make_viewport (void)
{
  return (GalleyViewport){
    .page_width = 600,
    .page_height = 800,
    .view_width = 1000,
    .view_height = 500,
    .margin = 20,
    .zoom = 1,
  };
}

static void
test_fit (void)
{
  GalleyViewport viewport = make_viewport ();
  double x, y, width, height;

  g_assert_cmpfloat_with_epsilon (galley_viewport_get_fit_zoom (&viewport), 460.0 / 800, NEAR);
  g_assert_cmpfloat_with_epsilon (galley_viewport_get_width_zoom (&viewport), 960.0 / 600, NEAR);

  viewport.zoom = galley_viewport_get_fit_zoom (&viewport);
  galley_viewport_get_content (&viewport, &width, &height);
  g_assert_cmpfloat (width, ==, 1000);
  g_assert_cmpfloat (height, ==, 500); /* no scroll bar */
  galley_viewport_get_origin (&viewport, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, (1000 - 345) / 2.0, NEAR);
  g_assert_cmpfloat_with_epsilon (y, 20, NEAR);
}

static void
test_inset (void)
{
  GalleyViewport viewport = make_viewport ();
  double x, y;

  viewport.inset = 60;
  viewport.zoom = galley_viewport_get_fit_zoom (&viewport);
  g_assert_cmpfloat_with_epsilon (viewport.zoom, 400.0 / 800, NEAR);
  galley_viewport_get_origin (&viewport, &x, &y);
  g_assert_cmpfloat_with_epsilon (y, 20, NEAR);

  /* Scrolled to the end, the last line is above what lies at the bottom. */
  viewport.zoom = 2;
  galley_viewport_scroll_to (&viewport, 0, 1e9);
  galley_viewport_to_screen (&viewport, 0, 800, &x, &y);
  g_assert_cmpfloat_with_epsilon (y, 500 - 20 - 60, NEAR);
}

static void
test_there_and_back (void)
{
  GalleyViewport viewport = make_viewport ();
  double screen_x, screen_y, x, y;

  viewport.zoom = 3.7;
  galley_viewport_scroll_to (&viewport, 321, 1234);
  galley_viewport_to_screen (&viewport, 123.25, 456.5, &screen_x, &screen_y);
  galley_viewport_to_asset (&viewport, screen_x, screen_y, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 123.25, NEAR);
  g_assert_cmpfloat_with_epsilon (y, 456.5, NEAR);
}

static void
test_zoom_keeps_the_place (void)
{
  g_test_summary ("What is under the pointer stays there while the wheel zooms in and out");
  GalleyViewport viewport = make_viewport ();
  double x, y, screen_x, screen_y;

  viewport.zoom = 4;
  galley_viewport_scroll_to (&viewport, 700, 900);
  galley_viewport_to_asset (&viewport, 420, 250, &x, &y);
  for (double zoom = 4; zoom < 8; zoom *= 1.15)
    {
      galley_viewport_zoom_at (&viewport, zoom, 420, 250);
      galley_viewport_to_screen (&viewport, x, y, &screen_x, &screen_y);
      g_assert_cmpfloat_with_epsilon (screen_x, 420, 1e-3);
      g_assert_cmpfloat_with_epsilon (screen_y, 250, 1e-3);
    }
}

static void
test_zoom_limits (void)
{
  GalleyViewport viewport = make_viewport ();
  GalleyViewport none = { .zoom = 1, .view_width = 100, .view_height = 100 };
  double x, y;

  galley_viewport_zoom_at (&viewport, 1e12, 0, 0);
  g_assert_cmpfloat (viewport.zoom, ==, GALLEY_ZOOM_MAX);
  galley_viewport_zoom_at (&viewport, -5, 0, 0);
  g_assert_cmpfloat (viewport.zoom, ==, GALLEY_ZOOM_MIN);

  /* Far out, the page is in the middle whatever was held fast. */
  galley_viewport_get_origin (&viewport, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, (1000 - 600 * GALLEY_ZOOM_MIN) / 2, NEAR);
  g_assert_cmpfloat (viewport.x, ==, 0);

  galley_viewport_zoom_at (&none, 3, 10, 10);
  g_assert_cmpfloat (none.zoom, ==, 1);
}

static void
test_scroll_is_clamped (void)
{
  GalleyViewport viewport = make_viewport ();

  viewport.zoom = 2;
  galley_viewport_scroll_to (&viewport, -50, 1e9);
  g_assert_cmpfloat (viewport.x, ==, 0);
  g_assert_cmpfloat (viewport.y, ==, 800 * 2 + 40 - 500);
}

static void
test_visible (void)
{
  GalleyViewport viewport = make_viewport ();
  GalleyViewport none = { .zoom = 1, .view_width = 100, .view_height = 100 };
  graphene_rect_t visible;

  g_assert_true (galley_viewport_get_visible (&viewport, &visible));
  g_assert_cmpfloat (visible.origin.x, ==, 0);
  g_assert_cmpfloat (visible.size.width, ==, 600);
  g_assert_cmpfloat (visible.origin.y, ==, 0);
  g_assert_cmpfloat (visible.size.height, ==, 480);

  viewport.zoom = 2;
  galley_viewport_scroll_to (&viewport, 0, 620);
  g_assert_true (galley_viewport_get_visible (&viewport, &visible));
  g_assert_cmpfloat (visible.origin.y, ==, 300);
  g_assert_cmpfloat (visible.size.height, ==, 250);

  g_assert_false (galley_viewport_get_visible (&none, &visible));
}

static void
test_reveal (void)
{
  GalleyViewport viewport = make_viewport ();
  double x, y, before;

  viewport.zoom = 2;
  galley_viewport_reveal (&viewport, &GRAPHENE_RECT_INIT (10, 700, 20, 20), 10);
  galley_viewport_to_screen (&viewport, 10, 720, &x, &y);
  g_assert_cmpfloat_with_epsilon (y, 490, NEAR);

  before = viewport.y;
  galley_viewport_reveal (&viewport, &GRAPHENE_RECT_INIT (10, 690, 20, 20), 10);
  g_assert_cmpfloat (viewport.y, ==, before); /* seen already: nothing moves */

  galley_viewport_reveal (&viewport, &GRAPHENE_RECT_INIT (10, 100, 20, 20), 10);
  galley_viewport_to_screen (&viewport, 10, 100, &x, &y);
  g_assert_cmpfloat_with_epsilon (y, 10, NEAR);

  /* Of what is larger than the view its beginning is seen. */
  galley_viewport_reveal (&viewport, &GRAPHENE_RECT_INIT (0, 200, 600, 500), 0);
  galley_viewport_to_screen (&viewport, 0, 200, &x, &y);
  g_assert_cmpfloat_with_epsilon (y, 0, NEAR);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/viewport/fit", test_fit);
  g_test_add_func ("/viewport/inset", test_inset);
  g_test_add_func ("/viewport/there-and-back", test_there_and_back);
  g_test_add_func ("/viewport/zoom-keeps-the-place", test_zoom_keeps_the_place);
  g_test_add_func ("/viewport/zoom-limits", test_zoom_limits);
  g_test_add_func ("/viewport/scroll-is-clamped", test_scroll_is_clamped);
  g_test_add_func ("/viewport/visible", test_visible);
  g_test_add_func ("/viewport/reveal", test_reveal);
  return g_test_run ();
}
