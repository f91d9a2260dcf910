/* test-vectors.c: what was once written down of each format is still read, and written, like that
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"
#include "galley-vectors.h"

typedef struct
{
  GalleyVectors *vectors;
  GBytes *bytes; /* (nullable): of NAME.bin */
} Vector;

static void
set_up (Vector *vector, gconstpointer name)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "vectors", NULL);
  g_autofree char *path = g_strdup_printf ("%s/%s.bin", folder, (const char *)name);
  char *text;
  gsize bytes;

  vector->vectors = galley_vectors_load (folder);
  if (g_file_get_contents (path, &text, &bytes, NULL))
    vector->bytes = g_bytes_new_take (text, bytes);
}

static void
tear_down (Vector *vector, gconstpointer name)
{
  g_clear_pointer (&vector->bytes, g_bytes_unref);
  galley_vectors_free (vector->vectors);
}

static char *
print (JsonNode *node)
{
  return json_to_string (node, TRUE);
}

static void
assert_says (Vector *vector, const char *name, const char *member, JsonNode *found)
{
  JsonNode *said = json_object_get_member (galley_vectors_get (vector->vectors, name), member);
  g_autofree char *left = print (found), *right = print (said);

  if (!json_node_equal (found, said))
    g_assert_cmpstr (left, ==, right);
}

static void
test_read (Vector *vector, gconstpointer name)
{
  g_autoptr (JsonNode) found = NULL;

  g_assert_nonnull (vector->bytes);
  found = galley_vectors_read (vector->vectors, name, vector->bytes);
  assert_says (vector, name, "made_of", found);
}

static void
test_make (Vector *vector, gconstpointer name)
{
  g_autoptr (GBytes) made = galley_vectors_make (vector->vectors, name, vector->bytes);
  g_autoptr (JsonNode) derived = NULL;

  g_assert_cmpint (made == NULL, ==, vector->bytes == NULL);
  if (made != NULL)
    g_assert_cmpmem (g_bytes_get_data (made, NULL), g_bytes_get_size (made),
                     g_bytes_get_data (vector->bytes, NULL), g_bytes_get_size (vector->bytes));
  derived = galley_vectors_derive (vector->vectors, name, made);
  assert_says (vector, name, "gives", derived);
}

int
main (int argc, char **argv)
{
  const char *const *names = galley_vectors_get_names ();

  galley_test_init (&argc, &argv);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *make = g_strdup_printf ("/vectors/%s/make", names[i]);
      g_autofree char *read = g_strdup_printf ("/vectors/%s/read", names[i]);
      g_autofree char *file = g_strdup_printf ("vectors/%s.bin", names[i]);
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, file, NULL);

      g_test_add (make, Vector, names[i], set_up, test_make, tear_down);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        g_test_add (read, Vector, names[i], set_up, test_read, tear_down);
    }

  return g_test_run ();
}
