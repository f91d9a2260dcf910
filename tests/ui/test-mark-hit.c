/* test-mark-hit.c: which mark is under a pointer, and what its handles do
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "ui/galley-mark-hit.h"
#include "ui/galley-mark-text.h"

static GalleyMark *
make_mark (GalleyShape shape, double x1, double y1, double x2, double y2)
{
  GalleyPoint data[] = { { x1, y1 }, { x2, y2 } };
  g_autoptr (GalleyPoints) points = galley_points_new (data, shape == GALLEY_SHAPE_PIN ? 1 : 2);

  return galley_mark_new ("m", shape, 1, points);
}

static void
assert_hits (GalleyMark *mark, double x, double y, GalleyHit expected)
{
  g_assert_cmpint (galley_mark_hit_test (mark, x, y, 1), ==, expected);
}

static void
test_rect (void)
{
  g_autoptr (GalleyMark) mark = make_mark (GALLEY_SHAPE_RECT, 100, 100, 200, 180);

  assert_hits (mark, 100, 140, GALLEY_HIT_OUTLINE);
  assert_hits (mark, 95, 95, GALLEY_HIT_OUTLINE);
  assert_hits (mark, 150, 140, GALLEY_HIT_INSIDE);
  assert_hits (mark, 90, 140, GALLEY_HIT_NONE);
  assert_hits (mark, 150, 190, GALLEY_HIT_NONE);
}

static void
test_ellipse (void)
{
  g_autoptr (GalleyMark) mark = make_mark (GALLEY_SHAPE_ELLIPSE, 100, 100, 300, 200);

  assert_hits (mark, 100, 150, GALLEY_HIT_OUTLINE);
  assert_hits (mark, 200, 150, GALLEY_HIT_INSIDE);
  assert_hits (mark, 110, 108, GALLEY_HIT_NONE); /* in the box, not in the ellipse */
}

static void
test_lines (void)
{
  GalleyPoint corners[] = { { 0, 0 }, { 100, 0 }, { 100, 100 }, { 50, 20 } };
  g_autoptr (GalleyPoints) points = galley_points_new (corners, 4);
  g_autoptr (GalleyMark) arrow = make_mark (GALLEY_SHAPE_ARROW, 0, 0, 100, 100);
  g_autoptr (GalleyMark) polygon = galley_mark_new (NULL, GALLEY_SHAPE_POLYGON, 1, points);
  g_autoptr (GalleyMark) path = galley_mark_new (NULL, GALLEY_SHAPE_PATH, 1, points);

  assert_hits (arrow, 50, 54, GALLEY_HIT_OUTLINE);
  assert_hits (arrow, 50, 70, GALLEY_HIT_NONE);
  assert_hits (polygon, 92, 20, GALLEY_HIT_INSIDE);
  assert_hits (polygon, 25, 10, GALLEY_HIT_OUTLINE); /* the side that closes it */
  assert_hits (path, 25, 10, GALLEY_HIT_NONE);       /* a stroke is not closed */
  assert_hits (path, 92, 40, GALLEY_HIT_NONE);
}

static void
test_pin (void)
{
  g_autoptr (GalleyMark) mark = make_mark (GALLEY_SHAPE_PIN, 100, 100, 0, 0);

  assert_hits (mark, 112, 88, GALLEY_HIT_OUTLINE); /* the badge's middle */
  assert_hits (mark, 101, 99, GALLEY_HIT_OUTLINE); /* its tip */
  assert_hits (mark, 90, 110, GALLEY_HIT_NONE);
  /* The badge keeps its size on the screen, so it covers less of a page that is zoomed in. */
  g_assert_cmpint (galley_mark_hit_test (mark, 112, 88, 4), ==, GALLEY_HIT_NONE);
  g_assert_cmpint (galley_mark_hit_test (mark, 103, 97, 4), ==, GALLEY_HIT_OUTLINE);
}

static void
test_reach_follows_zoom (void)
{
  g_autoptr (GalleyMark) mark = make_mark (GALLEY_SHAPE_LINE, 0, 0, 100, 0);

  g_assert_cmpint (galley_mark_hit_test (mark, 50, 5, 1), ==, GALLEY_HIT_OUTLINE);
  g_assert_cmpint (galley_mark_hit_test (mark, 50, 5, 8), ==, GALLEY_HIT_NONE);
  g_assert_cmpint (galley_mark_hit_test (mark, 50, 50, 0.1), ==, GALLEY_HIT_OUTLINE);
}

static void
test_no_points (void)
{
  g_test_summary ("Whatever comes from elsewhere, a mark without points harms nobody");
  g_autoptr (GalleyPoints) none = galley_points_new (NULL, 0);

  for (int shape = GALLEY_SHAPE_PIN; shape <= GALLEY_SHAPE_TEXT; shape++)
    {
      g_autoptr (GalleyMark) mark = galley_mark_new (NULL, (GalleyShape)shape, 1, none);
      graphene_rect_t area;

      assert_hits (mark, 0, 0, GALLEY_HIT_NONE);
      g_assert_cmpuint (galley_mark_hit_get_n_handles (mark), ==, 0);
      galley_mark_hit_get_area (mark, 1, &area);
    }
}

static void
test_which_is_meant (void)
{
  g_autoptr (GListStore) marks = g_list_store_new (GALLEY_TYPE_MARK);
  g_autoptr (GalleyMark) pin = make_mark (GALLEY_SHAPE_PIN, 150, 150, 0, 0);
  g_autoptr (GalleyMark) small = make_mark (GALLEY_SHAPE_RECT, 140, 120, 190, 190);
  g_autoptr (GalleyMark) line = make_mark (GALLEY_SHAPE_LINE, 100, 180, 200, 180);
  g_autoptr (GalleyMark) large = make_mark (GALLEY_SHAPE_RECT, 0, 0, 400, 400);
  g_autoptr (GalleyMark) other_page = make_mark (GALLEY_SHAPE_RECT, 0, 0, 400, 400);
  GListModel *model = G_LIST_MODEL (marks);

  g_object_set (other_page, "page", 2, NULL);
  g_list_store_append (marks, pin);
  g_list_store_append (marks, line);
  g_list_store_append (marks, small);
  g_list_store_append (marks, large);
  g_list_store_append (marks, other_page);

  g_assert_true (galley_mark_hit_find (model, 1, 162, 138, 1) == pin);
  g_assert_true (galley_mark_hit_find (model, 1, 180, 170, 1) == small);
  g_assert_true (galley_mark_hit_find (model, 1, 160, 180, 1) == line);
  g_assert_true (galley_mark_hit_find (model, 1, 300, 300, 1) == large);
  g_assert_true (galley_mark_hit_find (model, 2, 300, 300, 1) == other_page);
  g_assert_null (galley_mark_hit_find (model, 1, 500, 500, 1));
  g_assert_null (galley_mark_hit_find (NULL, 1, 0, 0, 1));
}

static void
assert_pair (const GalleyPoints *points, double x1, double y1, double x2, double y2)
{
  const GalleyPoint *data = galley_points_get_data (points);

  g_assert_cmpuint (galley_points_get_count (points), ==, 2);
  g_assert_cmpfloat_with_epsilon (data[0].x, x1, 1e-3);
  g_assert_cmpfloat_with_epsilon (data[0].y, y1, 1e-3);
  g_assert_cmpfloat_with_epsilon (data[1].x, x2, 1e-3);
  g_assert_cmpfloat_with_epsilon (data[1].y, y2, 1e-3);
}

static void
test_rect_handles (void)
{
  g_autoptr (GalleyMark) mark = make_mark (GALLEY_SHAPE_RECT, 100, 100, 200, 180);
  GalleyPoints *before = galley_mark_get_points (mark);
  g_autoptr (GalleyPoints) corner = NULL;
  g_autoptr (GalleyPoints) side = NULL;
  g_autoptr (GalleyPoints) square = NULL;
  int handle = galley_mark_hit_find_handle (mark, 202, 183, 1);

  g_assert_cmpuint (galley_mark_hit_get_n_handles (mark), ==, 8);
  g_assert_cmpint (handle, ==, 4);
  g_assert_cmpint (galley_mark_hit_find_handle (mark, 150, 140, 1), ==, -1);

  corner = galley_mark_hit_drag_handle (GALLEY_SHAPE_RECT, before, 4, &(GalleyPoint){ 260, 300 },
                                        FALSE);
  assert_pair (corner, 100, 100, 260, 300);
  side = galley_mark_hit_drag_handle (GALLEY_SHAPE_RECT, before, 1, &(GalleyPoint){ 999, 50 },
                                      FALSE);
  assert_pair (side, 100, 50, 200, 180);
  square = galley_mark_hit_drag_handle (GALLEY_SHAPE_RECT, before, 4, &(GalleyPoint){ 250, 110 },
                                        TRUE);
  assert_pair (square, 100, 100, 250, 250);
}

static void
test_path_is_stretched (void)
{
  GalleyPoint stroke[] = { { 0, 0 }, { 10, 20 }, { 20, 10 } };
  g_autoptr (GalleyPoints) before = galley_points_new (stroke, 3);
  g_autoptr (GalleyPoints) wide = galley_mark_hit_drag_handle (GALLEY_SHAPE_PATH, before, 3,
                                                               &(GalleyPoint){ 40, 0 }, FALSE);
  g_autoptr (GalleyPoints) mirrored = galley_mark_hit_drag_handle (GALLEY_SHAPE_PATH, before, 3,
                                                                   &(GalleyPoint){ -20, 0 }, FALSE);

  g_assert_cmpfloat_with_epsilon (galley_points_get_data (wide)[1].x, 20, 1e-3);
  g_assert_cmpfloat_with_epsilon (galley_points_get_data (wide)[1].y, 20, 1e-3);
  g_assert_cmpfloat_with_epsilon (galley_points_get_data (mirrored)[2].x, -20, 1e-3);
}

static void
test_flat_path_can_be_stretched (void)
{
  g_autoptr (GalleyPoints) before = galley_points_new_pair (0, 5, 10, 5);
  g_autoptr (GalleyPoints) after = galley_mark_hit_drag_handle (GALLEY_SHAPE_PATH, before, 4,
                                                                &(GalleyPoint){ 20, 50 }, FALSE);

  g_assert_cmpfloat_with_epsilon (galley_points_get_data (after)[1].x, 20, 1e-3);
  g_assert_cmpfloat_with_epsilon (galley_points_get_data (after)[1].y, 5, 1e-3);
}

static void
test_line_ends (void)
{
  g_autoptr (GalleyPoints) before = galley_points_new_pair (0, 0, 100, 10);
  g_autoptr (GalleyPoints) moved = galley_mark_hit_drag_handle (GALLEY_SHAPE_ARROW, before, 1,
                                                                &(GalleyPoint){ 50, 60 }, FALSE);
  g_autoptr (GalleyPoints) level = galley_mark_hit_drag_handle (GALLEY_SHAPE_ARROW, before, 1,
                                                                &(GalleyPoint){ 80, 9 }, TRUE);

  assert_pair (moved, 0, 0, 50, 60);
  assert_pair (level, 0, 0, 80, 0);
}

static void
test_text (void)
{
  g_autoptr (GalleyPoints) points = galley_mark_text_get_points ("Two words", 3, 50, 60, 1000);
  g_autoptr (GalleyPoints) narrow = NULL;
  g_autoptr (GalleyMark) mark = galley_mark_new (NULL, GALLEY_SHAPE_TEXT, 1, points);
  graphene_rect_t box, taller;

  galley_mark_set_width (mark, 3);
  galley_mark_set_body (mark, "Two words");
  galley_mark_text_get_box (mark, &box);
  g_assert_cmpfloat_with_epsilon (box.origin.x, 50, 0.5);
  g_assert_cmpfloat (box.size.width, >, 20);
  assert_hits (mark, 55, 65, GALLEY_HIT_OUTLINE);
  assert_hits (mark, 40, 65, GALLEY_HIT_NONE);

  /* Pulled narrower, its lines break and it grows downwards. */
  narrow = galley_mark_hit_drag_handle (GALLEY_SHAPE_TEXT, points, 0, &(GalleyPoint){ 110, 0 },
                                        FALSE);
  galley_mark_set_points (mark, narrow);
  galley_mark_text_get_box (mark, &taller);
  g_assert_cmpfloat (taller.size.height, >, box.size.height * 1.5);
}

static void
test_text_stays_on_page (void)
{
  g_autoptr (GalleyPoints)
      points = galley_mark_text_get_points ("A long sentence that goes on and on until there is no "
                                            "more room for it on the page",
                                            3, 500, 60, 95);

  g_assert_cmpfloat (galley_points_get_data (points)[1].x, <=, 595);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/mark-hit/rect", test_rect);
  g_test_add_func ("/mark-hit/ellipse", test_ellipse);
  g_test_add_func ("/mark-hit/lines", test_lines);
  g_test_add_func ("/mark-hit/pin", test_pin);
  g_test_add_func ("/mark-hit/reach-follows-zoom", test_reach_follows_zoom);
  g_test_add_func ("/mark-hit/no-points", test_no_points);
  g_test_add_func ("/mark-hit/which-is-meant", test_which_is_meant);
  g_test_add_func ("/mark-hit/rect-handles", test_rect_handles);
  g_test_add_func ("/mark-hit/path-is-stretched", test_path_is_stretched);
  g_test_add_func ("/mark-hit/flat-path-can-be-stretched", test_flat_path_can_be_stretched);
  g_test_add_func ("/mark-hit/line-ends", test_line_ends);
  g_test_add_func ("/mark-hit/text", test_text);
  g_test_add_func ("/mark-hit/text-stays-on-page", test_text_stays_on_page);
  return g_test_run ();
}
