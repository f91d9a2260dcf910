/* test-mark-draft.c: from where a pointer went to the points of a mark
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "ui/galley-mark-draft.h"

static void
test_rect_is_put_upright (void)
{
  g_autoptr (GalleyMarkDraft) draft = galley_mark_draft_new (GALLEY_SHAPE_RECT, 200, 150, 0.5);
  g_autoptr (GalleyPoints) points = NULL;

  galley_mark_draft_move (draft, 100, 50, FALSE);
  points = galley_mark_draft_finish (draft, 1);
  g_assert_cmpuint (galley_points_get_count (points), ==, 2);
  g_assert_cmpfloat (galley_points_get_data (points)[0].x, ==, 100);
  g_assert_cmpfloat (galley_points_get_data (points)[1].y, ==, 150);
}

static void
test_click_is_no_mark (void)
{
  GalleyShape shapes[] = { GALLEY_SHAPE_RECT, GALLEY_SHAPE_ELLIPSE, GALLEY_SHAPE_HIGHLIGHT,
                           GALLEY_SHAPE_LINE, GALLEY_SHAPE_ARROW };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (GalleyMarkDraft) draft = galley_mark_draft_new (shapes[i], 10, 10, 0.5);
      g_autoptr (GalleyPoints) close_in = NULL;

      galley_mark_draft_move (draft, 12, 12, FALSE);
      g_assert_null (galley_mark_draft_finish (draft, 1));
      /* The same way across the page is a mark where it is long on the screen. */
      close_in = galley_mark_draft_finish (draft, 10);
      g_assert_nonnull (close_in);
    }
}

static void
test_constrained (void)
{
  g_autoptr (GalleyMarkDraft) draft = galley_mark_draft_new (GALLEY_SHAPE_LINE, 0, 0, 0.5);
  g_autoptr (GalleyPoints) points = NULL;

  galley_mark_draft_move (draft, 100, 96, TRUE);
  points = galley_mark_draft_finish (draft, 1);
  g_assert_cmpfloat_with_epsilon (galley_points_get_data (points)[1].x, 98, 1e-6);
  g_assert_cmpfloat_with_epsilon (galley_points_get_data (points)[1].y, 98, 1e-6);
}

static void
test_stroke (void)
{
  g_autoptr (GalleyMarkDraft) draft = galley_mark_draft_new (GALLEY_SHAPE_PATH, 0, 0, 0.5);
  g_autoptr (GalleyPoints) points = NULL;

  for (guint i = 1; i <= 300; i++)
    galley_mark_draft_add (draft, i, i < 150 ? 0 : i - 150, 0.5);
  points = galley_mark_draft_finish (draft, 1);
  g_assert_cmpuint (galley_points_get_count (points), >=, 3);
  g_assert_cmpuint (galley_points_get_count (points), <, 20);
  g_assert_cmpfloat (galley_mark_draft_get_width (draft, 4), ==, 4);
}

static void
test_pressure (void)
{
  g_autoptr (GalleyMarkDraft) soft = galley_mark_draft_new (GALLEY_SHAPE_PATH, 0, 0, 0.1);
  g_autoptr (GalleyMarkDraft) hard = galley_mark_draft_new (GALLEY_SHAPE_PATH, 0, 0, 0.9);

  galley_mark_draft_add (soft, 1, 1, 0.1);
  galley_mark_draft_add (hard, 1, 1, 5); /* a device that says nonsense */
  g_assert_cmpfloat (galley_mark_draft_get_width (soft, 4), <, 4);
  g_assert_cmpfloat (galley_mark_draft_get_width (hard, 4), >, 4);
  g_assert_cmpfloat (galley_mark_draft_get_width (hard, 4), <=, 4 * 1.6);
}

static void
click (GalleyMarkDraft *draft, double x, double y, gboolean closes)
{
  galley_mark_draft_move (draft, x, y, FALSE);
  g_assert_cmpint (galley_mark_draft_add_corner (draft, 1), ==, closes);
}

static void
test_polygon (void)
{
  g_autoptr (GalleyMarkDraft) draft = galley_mark_draft_new (GALLEY_SHAPE_POLYGON, 0, 0, 0.5);
  g_autoptr (GalleyPoints) points = NULL;

  click (draft, 0, 0, FALSE); /* the press that began it comes up */
  click (draft, 100, 0, FALSE);
  g_assert_null (galley_mark_draft_finish (draft, 1));
  click (draft, 100, 0, FALSE); /* twice at one place is one corner */
  click (draft, 100, 100, FALSE);
  click (draft, 0, 100, FALSE);
  click (draft, 2, 3, TRUE);
  points = galley_mark_draft_finish (draft, 1);
  g_assert_cmpuint (galley_points_get_count (points), ==, 4);
}

static void
test_defaults (void)
{
  for (int shape = GALLEY_SHAPE_PIN; shape <= GALLEY_SHAPE_HIGHLIGHT; shape++)
    {
      g_autoptr (GalleyPoints)
          points = galley_mark_draft_make_default ((GalleyShape)shape, 300, 200, 100);
      graphene_rect_t bounds;

      galley_points_get_bounds (points, &bounds);
      g_assert_cmpfloat (bounds.origin.x, >=, 250);
      g_assert_cmpfloat (bounds.origin.x + bounds.size.width, <=, 350);
      g_assert_cmpfloat_with_epsilon (bounds.origin.y + bounds.size.height / 2, 200, 1e-3);
    }
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/mark-draft/rect-is-put-upright", test_rect_is_put_upright);
  g_test_add_func ("/mark-draft/click-is-no-mark", test_click_is_no_mark);
  g_test_add_func ("/mark-draft/constrained", test_constrained);
  g_test_add_func ("/mark-draft/stroke", test_stroke);
  g_test_add_func ("/mark-draft/pressure", test_pressure);
  g_test_add_func ("/mark-draft/polygon", test_polygon);
  g_test_add_func ("/mark-draft/defaults", test_defaults);
  return g_test_run ();
}
