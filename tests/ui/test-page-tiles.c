/* test-page-tiles.c: the pictures of a page are asked for, kept and given up
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-checker-source.h"
#include "ui/galley-page-tiles.h"

#define WHOLE GRAPHENE_RECT_INIT (0, 0, 1000, 1000)

typedef struct
{
  GalleyCheckerSource *source;
  GalleyPageTiles *tiles;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->source = galley_checker_source_new (5, 1000, 1000);
  fixture->tiles = galley_page_tiles_new (GALLEY_PAGE_SOURCE (fixture->source));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  galley_page_tiles_forget (fixture->tiles);
  galley_checker_source_release (fixture->source);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (fixture->tiles);
  g_assert_finalize_object (fixture->source);
}

static void
wait_until_sharp (Fixture *fixture)
{
  while (!galley_page_tiles_is_sharp (fixture->tiles))
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_until_quiet (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_becomes_sharp (Fixture *fixture, gconstpointer data)
{
  galley_page_tiles_show (fixture->tiles, 1, 1, &WHOLE);
  g_assert_false (galley_page_tiles_is_sharp (fixture->tiles));
  g_assert_false (galley_page_tiles_has_picture (fixture->tiles));
  wait_until_sharp (fixture);
  g_assert_true (galley_page_tiles_has_picture (fixture->tiles));
}

static void
test_shows_the_whole_first (Fixture *fixture, gconstpointer data)
{
  galley_page_tiles_show (fixture->tiles, 1, 4, &WHOLE);
  while (!galley_page_tiles_has_picture (fixture->tiles))
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (galley_page_tiles_is_sharp (fixture->tiles));
}

static void
test_asks_once (Fixture *fixture, gconstpointer data)
{
  guint asked;

  galley_page_tiles_show (fixture->tiles, 1, 1, &WHOLE);
  wait_until_sharp (fixture);
  wait_until_quiet ();
  asked = galley_checker_source_get_n_asked (fixture->source);
  galley_page_tiles_show (fixture->tiles, 1, 1, &GRAPHENE_RECT_INIT (300, 300, 100, 100));
  galley_page_tiles_show (fixture->tiles, 1, 1, &WHOLE);
  wait_until_quiet ();
  g_assert_cmpuint (galley_checker_source_get_n_asked (fixture->source), ==, asked);
}

static void
test_few_requests_at_a_time (Fixture *fixture, gconstpointer data)
{
  galley_checker_source_hold (fixture->source);
  galley_page_tiles_show (fixture->tiles, 1, 8, &WHOLE);
  wait_until_quiet ();
  g_assert_cmpuint (galley_checker_source_get_n_held (fixture->source), >=, 1);
  g_assert_cmpuint (galley_checker_source_get_n_held (fixture->source), <=, 4);
}

static void
test_outdated_are_cancelled (Fixture *fixture, gconstpointer data)
{
  galley_checker_source_hold (fixture->source);
  galley_page_tiles_show (fixture->tiles, 1, 2, &GRAPHENE_RECT_INIT (0, 0, 300, 300));
  galley_page_tiles_show (fixture->tiles, 4, 2, &GRAPHENE_RECT_INIT (700, 700, 300, 300));
  galley_checker_source_release (fixture->source);
  wait_until_sharp (fixture);
  g_assert_cmpuint (galley_checker_source_get_n_cancelled (fixture->source), >=, 1);
}

static void
test_memory_is_bounded (Fixture *fixture, gconstpointer data)
{
  gsize limit = 24 * 1024 * 1024;

  galley_page_tiles_set_max_bytes (fixture->tiles, limit);
  for (guint page = 1; page <= 5; page++)
    {
      galley_page_tiles_show (fixture->tiles, page, 2, &WHOLE);
      wait_until_sharp (fixture);
      wait_until_quiet ();
      /* What is on the screen may go beyond: 2000 x 2000 pixels and three whole pages here. */
      g_assert_cmpuint (galley_page_tiles_get_bytes (fixture->tiles), <=,
                        MAX (limit, (2000 * 2000 + 3 * 1024 * 1024) * 4));
    }
}

static void
test_failure_is_told_and_not_repeated (Fixture *fixture, gconstpointer data)
{
  guint asked;

  galley_checker_source_set_error (fixture->source, "The file is damaged.");
  galley_page_tiles_show (fixture->tiles, 1, 1, &WHOLE);
  while (galley_page_tiles_get_error (fixture->tiles) == NULL)
    g_main_context_iteration (NULL, TRUE);
  wait_until_quiet ();
  g_assert_cmpstr (galley_page_tiles_get_error (fixture->tiles)->message, ==,
                   "The file is damaged.");
  asked = galley_checker_source_get_n_asked (fixture->source);
  galley_page_tiles_show (fixture->tiles, 1, 1, &GRAPHENE_RECT_INIT (1, 1, 900, 900));
  wait_until_quiet ();
  g_assert_cmpuint (galley_checker_source_get_n_asked (fixture->source), ==, asked);

  galley_checker_source_set_error (fixture->source, NULL);
  galley_page_tiles_forget (fixture->tiles);
  galley_page_tiles_show (fixture->tiles, 1, 1, &WHOLE);
  wait_until_sharp (fixture);
  g_assert_null (galley_page_tiles_get_error (fixture->tiles));
}

static void
test_no_more_than_there_is (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A photograph zoomed in far is not blown up by the decoder");
  galley_checker_source_set_max_scale (fixture->source, 1);
  galley_page_tiles_show (fixture->tiles, 1, 32, &GRAPHENE_RECT_INIT (0, 0, 40, 40));
  wait_until_sharp (fixture);
  wait_until_quiet ();
  /* the page, its neighbour, one tile */
  g_assert_cmpuint (galley_checker_source_get_n_asked (fixture->source), ==, 3);
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  ADD ("/page-tiles/becomes-sharp", test_becomes_sharp);
  ADD ("/page-tiles/shows-the-whole-first", test_shows_the_whole_first);
  ADD ("/page-tiles/asks-once", test_asks_once);
  ADD ("/page-tiles/few-requests-at-a-time", test_few_requests_at_a_time);
  ADD ("/page-tiles/outdated-are-cancelled", test_outdated_are_cancelled);
  ADD ("/page-tiles/memory-is-bounded", test_memory_is_bounded);
  ADD ("/page-tiles/failure-is-told-and-not-repeated", test_failure_is_told_and_not_repeated);
  ADD ("/page-tiles/no-more-than-there-is", test_no_more_than_there_is);
  return g_test_run ();
}
