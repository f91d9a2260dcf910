/* galley-shape.c: the points of a mark, and the groups of values that they are kept in
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-shape"

#include "data/galley-shape.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* What a person may type as one list of points, in bytes. */
#define TEXT_MAX_BYTES (1024 * 1024)

typedef enum
{
  FORM_POINT, /* a place alone */
  FORM_BOX,   /* a place and an extent */
  FORM_TRAIL, /* a place and further points */
} Form;

static const struct
{
  const char *name;
  Form form;
  guint least, most; /* points */
  const char *takes; /* in words, after "A NAME takes" */
} shapes[] = {
  /* Translators: these go into "The shape “%s” takes %s, not %u." */
  { "pin", FORM_POINT, 1, 1, N_ ("one point") },
  { "rect", FORM_BOX, 2, 2, N_ ("two opposite corners") },
  { "ellipse", FORM_BOX, 2, 2, N_ ("two opposite corners") },
  { "line", FORM_TRAIL, 2, 2, N_ ("two points") },
  { "arrow", FORM_TRAIL, 2, 2, N_ ("two points") },
  { "polygon", FORM_TRAIL, 3, GALLEY_SHAPE_MAX_POINTS, N_ ("three points or more") },
  { "path", FORM_TRAIL, 1, GALLEY_SHAPE_MAX_POINTS, N_ ("one point or more") },
  { "highlight", FORM_BOX, 2, 2, N_ ("two opposite corners") },
  { "text", FORM_BOX, 2, 2, N_ ("two opposite corners") },
};

static int
find_shape (const char *name, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (g_strcmp0 (shapes[i].name, name) == 0)
      return i;

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
               _ ("There is no shape “%.40s”: it is pin, rect, ellipse, line, arrow, polygon, "
                  "path, highlight or text."),
               name != NULL ? name : "");
  return -1;
}

static gboolean
check_coordinate (double value, GError **error)
{
  if (isfinite (value) && fabs (value) < GALLEY_SHAPE_MAX_COORDINATE)
    return TRUE;

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
               _ ("A coordinate is a number between -10,000,000 and 10,000,000."));
  return FALSE;
}

static GVariant *
new_pair (double x, double y)
{
  return g_variant_ref_sink (g_variant_new ("(dd)", x, y));
}

/* Whatever corners the gesture went between: the top left one, and how far it is from there. */
static void
set_box (const double *xy, GalleyGeometry *geometry)
{
  geometry->place = new_pair (fmin (xy[0], xy[2]), fmin (xy[1], xy[3]));
  geometry->extent = new_pair (fabs (xy[2] - xy[0]), fabs (xy[3] - xy[1]));
}

static void
set_trail (const double *xy, guint n_points, GalleyGeometry *geometry)
{
  GVariantBuilder builder;

  geometry->place = new_pair (xy[0], xy[1]);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(dd)"));
  for (guint i = 1; i < n_points; i++)
    g_variant_builder_add (&builder, "(dd)", xy[2 * i] - xy[0], xy[2 * i + 1] - xy[1]);
  geometry->path = g_variant_ref_sink (g_variant_builder_end (&builder));
}

/**
 * galley_shape_from_points:
 * @shape: pin, rect, ellipse, line, arrow, polygon, path, highlight or text
 * @xy: (array): @n_points pairs, absolute, in the asset's own units
 * @geometry: (out caller-allocates): cleared with galley_geometry_clear()
 * @error: %GALLEY_DATA_ERROR_INVALID when the shape takes another number of points, or a
 *   coordinate is none
 */
gboolean
galley_shape_from_points (
    const char *shape, const double *xy, guint n_points, GalleyGeometry *geometry, GError **error)
{
  int index = find_shape (shape, error);

  memset (geometry, 0, sizeof *geometry);
  if (index < 0)
    return FALSE;
  if (n_points < shapes[index].least || n_points > shapes[index].most)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                   /* Translators: the second is “one point”, “two points” and the like */
                   _ ("The shape “%s” takes %s, not %u."), shape, _ (shapes[index].takes),
                   n_points);
      return FALSE;
    }
  for (guint i = 0; i < 2 * n_points; i++)
    if (!check_coordinate (xy[i], error))
      return FALSE;

  if (shapes[index].form == FORM_BOX)
    set_box (xy, geometry);
  else if (shapes[index].form == FORM_TRAIL)
    set_trail (xy, n_points, geometry);
  else
    geometry->place = new_pair (xy[0], xy[1]);

  return TRUE;
}

static gboolean
is_of (GVariant *value, const char *type)
{
  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE (type));
}

/**
 * galley_shape_to_points:
 * @place: (nullable): of %GALLEY_ANNOTATION_PLACE
 * @extent: (nullable): of %GALLEY_ANNOTATION_EXTENT
 * @path: (nullable): of %GALLEY_ANNOTATION_PATH
 *
 * What is missing or of another type is left out, so that values from elsewhere do no harm.
 *
 * Returns: (transfer full) (element-type double): pairs, absolute; empty without a place
 */
GArray *
galley_shape_to_points (GVariant *place, GVariant *extent, GVariant *path)
{
  GArray *xy = g_array_new (FALSE, FALSE, sizeof (double));
  gsize n_further = is_of (path, "a(dd)") ? g_variant_n_children (path) : 0;
  double first[2], next[2];

  if (!is_of (place, "(dd)"))
    return xy;

  g_variant_get (place, "(dd)", &first[0], &first[1]);
  g_array_append_vals (xy, first, 2);
  if (is_of (extent, "(dd)") && n_further == 0)
    {
      g_variant_get (extent, "(dd)", &next[0], &next[1]);
      next[0] += first[0];
      next[1] += first[1];
      g_array_append_vals (xy, next, 2);
    }
  for (gsize i = 0; i < n_further; i++)
    {
      g_variant_get_child (path, i, "(dd)", &next[0], &next[1]);
      next[0] += first[0];
      next[1] += first[1];
      g_array_append_vals (xy, next, 2);
    }

  return xy;
}

void
galley_geometry_clear (GalleyGeometry *geometry)
{
  g_clear_pointer (&geometry->place, g_variant_unref);
  g_clear_pointer (&geometry->extent, g_variant_unref);
  g_clear_pointer (&geometry->path, g_variant_unref);
}

/* Skips what may stand between points. */
static const char *
skip_blanks (const char *text)
{
  while (g_ascii_isspace (*text))
    text++;

  return text;
}

/**
 * galley_shape_parse_points:
 * @text: points as people type them: "x,y x,y …", with a dot in fractions
 * @error: %GALLEY_DATA_ERROR_INVALID
 *
 * Returns: (transfer full) (element-type double): pairs
 */
GArray *
galley_shape_parse_points (const char *text, GError **error)
{
  g_autoptr (GArray) xy = g_array_new (FALSE, FALSE, sizeof (double));
  const char *at = skip_blanks (text);
  gboolean valid = strlen (text) <= TEXT_MAX_BYTES && *at != '\0';

  while (valid && *at != '\0' && xy->len < 2 * GALLEY_SHAPE_MAX_POINTS)
    {
      gboolean is_x = xy->len % 2 == 0;
      char *end = NULL;
      double value = g_ascii_strtod (at, &end);

      valid = end != at && (is_x ? *end == ',' : *end == '\0' || g_ascii_isspace (*end));
      g_array_append_val (xy, value);
      at = is_x ? end + 1 : skip_blanks (end);
    }
  if (!valid || *at != '\0' || xy->len % 2 != 0)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                   _ ("Points are written as “x,y x,y …”, with a dot in fractions."));
      return NULL;
    }

  return g_steal_pointer (&xy);
}

/**
 * galley_shape_print_points:
 *
 * Returns: (transfer full): what galley_shape_parse_points() reads as the same numbers
 */
char *
galley_shape_print_points (const double *xy, guint n_points)
{
  GString *text = g_string_new (NULL);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint i = 0; i < 2 * n_points; i++)
    {
      if (i > 0)
        g_string_append_c (text, i % 2 == 0 ? ' ' : ',');
      /* The shortest form that reads back the same: 15 digits do for what people type. */
      g_ascii_formatd (number, sizeof number, "%.15g", xy[i]);
      if (g_ascii_strtod (number, NULL) != xy[i])
        g_ascii_dtostr (number, sizeof number, xy[i]);
      g_string_append (text, number);
    }

  return g_string_free (text, FALSE);
}
