/* make-vectors.c: writes NAME.bin, and what follows from it into NAME.json: make-vectors FOLDER
 *
 * Only when a format gets a new number. What is there says what others have been told, and is kept.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-vectors.h"

static GBytes *
load (const char *path)
{
  char *text;
  gsize bytes;

  return g_file_get_contents (path, &text, &bytes, NULL) ? g_bytes_new_take (text, bytes) : NULL;
}

static void
write_one (GalleyVectors *vectors, const char *folder, const char *name)
{
  g_autofree char *file = g_strdup_printf ("%s/%s.bin", folder, name);
  g_autofree char *path = g_strdup_printf ("%s/%s.json", folder, name);
  g_autoptr (GBytes) there = load (file);
  g_autoptr (GBytes) made = galley_vectors_make (vectors, name, there);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = galley_vectors_get (vectors, name);
  g_autofree char *text = NULL, *lines = NULL;

  if (made != NULL)
    g_assert_true (
        g_file_set_contents (file, g_bytes_get_data (made, NULL), g_bytes_get_size (made), NULL));
  json_object_set_member (object, "gives", galley_vectors_derive (vectors, name, made));
  json_node_set_object (node, object);
  json_generator_set_root (generator, node);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  lines = g_strconcat (text, "\n", NULL);
  g_assert_true (g_file_set_contents (path, lines, -1, NULL));
}

int
main (int argc, char **argv)
{
  const char *const *names = galley_vectors_get_names ();
  g_autoptr (GalleyVectors) vectors = NULL;

  if (argc != 2)
    {
      g_printerr ("usage: make-vectors FOLDER\n");
      return 2;
    }

  vectors = galley_vectors_load (argv[1]);
  for (guint i = 0; names[i] != NULL; i++)
    write_one (vectors, argv[1], names[i]);
  return 0;
}
