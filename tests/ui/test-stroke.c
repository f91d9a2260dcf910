/* test-stroke.c: what a hand drew, made smooth and small
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "ui/galley-stroke.h"

#include <math.h>

#define MANY 5000

/* A walk that turns slowly, as a hand's does, with some jitter. */
static void
draw_walk (GalleyPoint *points, guint count, double jitter)
{
  double x = 0, y = 0, angle = 0;

  for (guint i = 0; i < count; i++)
    {
      angle += g_test_rand_double_range (-0.2, 0.2);
      x += cos (angle);
      y += sin (angle);
      points[i].x = x + g_test_rand_double_range (-1, 1) * jitter;
      points[i].y = y + g_test_rand_double_range (-1, 1) * jitter;
    }
}

static double
distance_to_polyline (const GalleyPoint *point, const GalleyPoint *line, guint count)
{
  double least = G_MAXDOUBLE;

  for (guint i = 0; i + 1 < count; i++)
    least = MIN (least, galley_point_distance_to_segment (point, &line[i], &line[i + 1]));
  return least;
}

static void
test_straight (void)
{
  GalleyPoint points[100];

  for (guint i = 0; i < 100; i++)
    points[i] = (GalleyPoint){ i, 2.0 * i };
  g_assert_cmpuint (galley_stroke_simplify (points, 100, 0.1), ==, 2);
  g_assert_cmpfloat (points[0].x, ==, 0);
  g_assert_cmpfloat (points[1].y, ==, 198);
}

static void
test_corner_stays (void)
{
  GalleyPoint points[] = { { 0, 0 }, { 5, 0 }, { 10, 0 }, { 10, 5 }, { 10, 10 } };

  g_assert_cmpuint (galley_stroke_simplify (points, G_N_ELEMENTS (points), 0.5), ==, 3);
  g_assert_cmpfloat (points[1].x, ==, 10);
  g_assert_cmpfloat (points[1].y, ==, 0);
}

static void
test_there_and_back_stays (void)
{
  g_test_summary ("A stroke that ends where it began keeps the way between");
  GalleyPoint points[] = { { 0, 0 }, { 50, 0 }, { 0, 0 } };

  g_assert_cmpuint (galley_stroke_simplify (points, G_N_ELEMENTS (points), 1), ==, 3);
}

static void
test_tolerance_holds (void)
{
  g_autofree GalleyPoint *all = g_new (GalleyPoint, 400);
  g_autofree GalleyPoint *kept = g_new (GalleyPoint, 400);

  for (guint round = 0; round < 20; round++)
    {
      double tolerance = g_test_rand_double_range (0.05, 3);
      guint count;

      draw_walk (all, 400, 0.3);
      memcpy (kept, all, 400 * sizeof (GalleyPoint));
      count = galley_stroke_simplify (kept, 400, tolerance);
      g_assert_cmpuint (count, <, 400);
      for (guint i = 0; i < 400; i++)
        g_assert_cmpfloat (distance_to_polyline (&all[i], kept, count), <=, tolerance + 1e-9);
    }
}

static void
test_smooth (void)
{
  GalleyPoint points[101];
  double highest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (points); i++)
    points[i] = (GalleyPoint){ i, i % 2 ? 1 : -1 };
  galley_stroke_smooth (points, G_N_ELEMENTS (points), 2);
  for (guint i = 10; i < 90; i++)
    highest = MAX (highest, fabs (points[i].y));
  g_assert_cmpfloat (highest, <, 0.1);
  g_assert_cmpfloat (points[0].y, ==, -1);
  g_assert_cmpfloat (points[100].x, ==, 100);
}

static void
test_finish_is_bounded (void)
{
  g_autofree GalleyPoint *points = g_new (GalleyPoint, MANY);
  g_autoptr (GalleyPoints) finished = NULL;

  for (guint i = 0; i < MANY; i++)
    points[i] = (GalleyPoint){ i, 40.0 * (i % 4) };
  finished = galley_stroke_finish (points, MANY, 0.01);
  g_assert_cmpuint (galley_points_get_count (finished), <=, GALLEY_STROKE_MAX_POINTS);
  g_assert_cmpuint (galley_points_get_count (finished), >=, 2);
}

static void
test_dot (void)
{
  GalleyPoint point = { 3, 4 };
  g_autoptr (GalleyPoints) finished = galley_stroke_finish (&point, 1, 1);

  g_assert_cmpuint (galley_points_get_count (finished), ==, 1);
  g_assert_cmpfloat (galley_points_get_data (finished)->y, ==, 4);
}

static void
test_controls (void)
{
  g_test_summary ("On a straight line the curve is that line; near a short piece nothing loops");
  GalleyPoint line[] = { { 0, 0 }, { 10, 0 }, { 20, 0 }, { 30, 0 } };
  GalleyPoint uneven[] = { { 0, 0 }, { 100, 0 }, { 101, 0 }, { 101, 100 } };
  GalleyPoint first, second;

  galley_stroke_get_controls (line, 4, 1, &first, &second);
  g_assert_cmpfloat (first.y, ==, 0);
  g_assert_cmpfloat (first.x, >, 10);
  g_assert_cmpfloat (second.x, <, 20);
  g_assert_cmpfloat (first.x, <, second.x);

  galley_stroke_get_controls (uneven, 4, 1, &first, &second);
  g_assert_cmpfloat (first.x, <=, 101);
  g_assert_cmpfloat (second.y, >=, -1);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/stroke/straight", test_straight);
  g_test_add_func ("/stroke/corner-stays", test_corner_stays);
  g_test_add_func ("/stroke/there-and-back-stays", test_there_and_back_stays);
  g_test_add_func ("/stroke/tolerance-holds", test_tolerance_holds);
  g_test_add_func ("/stroke/smooth", test_smooth);
  g_test_add_func ("/stroke/finish-is-bounded", test_finish_is_bounded);
  g_test_add_func ("/stroke/dot", test_dot);
  g_test_add_func ("/stroke/controls", test_controls);
  return g_test_run ();
}
