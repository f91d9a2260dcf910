/* test-shape.c: points to the values of a mark and back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "data/galley-shape.h"

#include <math.h>

/* Reads @text, makes the shape's values of it and prints the points that come back. */
static char *
there_and_back (const char *shape, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) xy = galley_shape_parse_points (text, &error);
  g_auto (GalleyGeometry) geometry = { 0 };
  g_autoptr (GArray) back = NULL;

  g_assert_no_error (error);
  galley_shape_from_points (shape, (const double *)xy->data, xy->len / 2, &geometry, &error);
  g_assert_no_error (error);
  back = galley_shape_to_points (geometry.place, geometry.extent, geometry.path);
  return galley_shape_print_points ((const double *)back->data, back->len / 2);
}

static void
assert_back (const char *shape, const char *text, const char *expected)
{
  g_autofree char *back = there_and_back (shape, text);

  g_assert_cmpstr (back, ==, expected);
}

static void
test_there_and_back (void)
{
  assert_back ("pin", "12.5,3", "12.5,3");
  assert_back ("rect", "1,2 11,22", "1,2 11,22");
  assert_back ("line", "5,5 1,1", "5,5 1,1");
  assert_back ("arrow", "5,5 -1,7.25", "5,5 -1,7.25");
  assert_back ("polygon", "0,0 10,0 5,8", "0,0 10,0 5,8");
  assert_back ("path", "0.1,0.2 0.3,0.4 0.5,0.7", "0.1,0.2 0.3,0.4 0.5,0.7");
  assert_back ("path", "4,4", "4,4");
}

static void
test_corners_are_put_in_order (void)
{
  g_test_summary ("A box may be drawn from any corner; its place is the top left one.");

  assert_back ("rect", "11,22 1,2", "1,2 11,22");
  assert_back ("ellipse", "1,22 11,2", "1,2 11,22");
  assert_back ("highlight", "11,2 1,22", "1,2 11,22");
  assert_back ("text", "11,22 1,2", "1,2 11,22");
}

static void
test_groups (void)
{
  static const double xy[] = { 1, 2, 4, 6, 9, 9 };
  g_auto (GalleyGeometry) pin = { 0 }, rect = { 0 }, arrow = { 0 };
  double x, y;

  g_assert_true (galley_shape_from_points ("pin", xy, 1, &pin, NULL));
  g_assert_null (pin.extent);
  g_assert_null (pin.path);

  g_assert_true (galley_shape_from_points ("rect", xy, 2, &rect, NULL));
  g_assert_null (rect.path);
  g_variant_get (rect.extent, "(dd)", &x, &y);
  g_assert_cmpfloat (x, ==, 3);
  g_assert_cmpfloat (y, ==, 4);

  g_assert_true (galley_shape_from_points ("arrow", xy, 2, &arrow, NULL));
  g_assert_null (arrow.extent);
  g_assert_cmpuint (g_variant_n_children (arrow.path), ==, 1);
  g_variant_get_child (arrow.path, 0, "(dd)", &x, &y);
  g_assert_cmpfloat (x, ==, 3);
  g_assert_cmpfloat (y, ==, 4);
}

static void
assert_refused (const char *shape, const double *xy, guint n_points)
{
  g_autoptr (GError) error = NULL;
  GalleyGeometry geometry;

  g_assert_false (galley_shape_from_points (shape, xy, n_points, &geometry, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
  g_assert_null (geometry.place);
  g_assert_null (geometry.extent);
  g_assert_null (geometry.path);
}

static void
test_refused (void)
{
  static const double fine[] = { 1, 2, 3, 4, 5, 6 };
  const double endless[] = { 1, INFINITY }, none[] = { NAN, 1 }, far[] = { 1e7, 0 };

  assert_refused ("pin", fine, 0);
  assert_refused ("pin", fine, 2);
  assert_refused ("rect", fine, 1);
  assert_refused ("rect", fine, 3);
  assert_refused ("line", fine, 3);
  assert_refused ("polygon", fine, 2);
  assert_refused ("path", fine, 0);
  assert_refused ("cloud", fine, 1);
  assert_refused (NULL, fine, 1);
  assert_refused ("pin", endless, 1);
  assert_refused ("pin", none, 1);
  assert_refused ("pin", far, 1);
}

static void
test_bad_text (void)
{
  static const char *const texts[] = {
    "",    " ",       "1",        "1,",    "1,2,3", "1,2 3",        "a,b",
    "1;2", "1, 2 x,", "1,2 3,4x", ",1 2,", "1 ,2",  "1,2 3,4,5,6 ", "\xff\xfe",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (galley_shape_parse_points (texts[i], &error));
      g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
    }
}

static void
test_text_is_exact (void)
{
  g_test_summary ("A coordinate that is printed and read again is the same number, to the bit.");

  for (guint i = 0; i < 1000; i++)
    {
      double xy[2] = { g_test_rand_double_range (-1e6, 1e6), g_test_rand_double () };
      g_autofree char *text = galley_shape_print_points (xy, 1);
      g_autoptr (GArray) back = galley_shape_parse_points (text, NULL);

      g_assert_nonnull (back);
      g_assert_cmpmem (back->data, back->len * sizeof (double), xy, sizeof xy);
    }
}

static void
test_values_of_others (void)
{
  g_test_summary ("Values of another type, as a newer program may write them, do no harm.");
  g_autoptr (GVariant) word = g_variant_ref_sink (g_variant_new_string ("here"));
  g_autoptr (GVariant) place = g_variant_ref_sink (g_variant_new ("(dd)", 1.0, 2.0));
  g_autoptr (GArray) nothing = galley_shape_to_points (word, place, NULL);
  g_autoptr (GArray) point = galley_shape_to_points (place, word, word);

  g_assert_cmpuint (nothing->len, ==, 0);
  g_assert_cmpuint (point->len, ==, 2);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/shape/there-and-back", test_there_and_back);
  g_test_add_func ("/shape/corners-are-put-in-order", test_corners_are_put_in_order);
  g_test_add_func ("/shape/groups", test_groups);
  g_test_add_func ("/shape/refused", test_refused);
  g_test_add_func ("/shape/bad-text", test_bad_text);
  g_test_add_func ("/shape/text-is-exact", test_text_is_exact);
  g_test_add_func ("/shape/values-of-others", test_values_of_others);
  return g_test_run ();
}
