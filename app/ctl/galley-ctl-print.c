/* galley-ctl-print.c: an answer on standard output: JSON, or plain text for people
 *
 * People get the same answer as programs do, laid out: an object as lines of names and values, a
 * list as a table.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-print"

#include "app/ctl/galley-ctl-print.h"

#include "app/ctl/galley-ctl.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

/* No cell of a table is wider, in characters. */
#define MAX_CELL 60
#define INDENT "  "

/* Names and bodies come from other people: nothing in them may steer the terminal. */
static char *
make_harmless (const char *text, gboolean one_line)
{
  GString *harmless = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (character == '\n' && !one_line)
        g_string_append_c (harmless, '\n');
      else if (character == '\n' || character == '\t')
        g_string_append_c (harmless, ' ');
      else
        g_string_append_unichar (harmless, g_unichar_iscntrl (character) ? 0xfffd : character);
    }

  return g_string_free (harmless, FALSE);
}

/* What stands in one cell or line. */
static char *
value_to_text (JsonNode *node)
{
  switch (JSON_NODE_TYPE (node))
    {
    case JSON_NODE_NULL:
      return g_strdup ("–");

    case JSON_NODE_VALUE:
      if (json_node_get_value_type (node) == G_TYPE_STRING)
        return make_harmless (json_node_get_string (node), TRUE);
      if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
        return g_strdup (json_node_get_boolean (node) ? _ ("yes") : _ ("no"));
      return json_to_string (node, FALSE);

    case JSON_NODE_ARRAY:
    case JSON_NODE_OBJECT:
    default:
      {
        g_autofree char *json = json_to_string (node, FALSE);

        return make_harmless (json, TRUE);
      }
    }
}

static gboolean
is_list_of_objects (JsonNode *node)
{
  return JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) > 0 &&
         JSON_NODE_HOLDS_OBJECT (json_array_get_element (json_node_get_array (node), 0));
}

static void
pad (GString *text, const char *cell, glong width)
{
  glong length = g_utf8_strlen (cell, -1);

  if (length > MAX_CELL)
    {
      g_autofree char *start = g_utf8_substring (cell, 0, MAX_CELL - 1);

      g_string_append_printf (text, "%s…", start);
      return;
    }
  g_string_append (text, cell);
  for (glong i = length; i < width; i++)
    g_string_append_c (text, ' ');
}

static char *
name_to_title (const char *name)
{
  return g_strdelimit (g_strdup (name), "_", ' ');
}

static char **
columns_of (JsonArray *rows, const char *columns)
{
  JsonObject *first = json_array_get_object_element (rows, 0);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (columns != NULL)
    return g_strsplit (columns, ",", -1);

  json_object_iter_init_ordered (&iter, first);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    g_strv_builder_add (builder, name);
  return g_strv_builder_end (builder);
}

static void
add_table (GString *text, JsonArray *rows, const char *columns, const char *indent)
{
  g_auto (GStrv) names = columns_of (rows, columns);
  guint n_columns = g_strv_length (names), n_rows = json_array_get_length (rows);
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  g_autofree glong *widths = g_new0 (glong, MAX (n_columns, 1));

  for (guint c = 0; c < n_columns; c++)
    g_ptr_array_add (cells, name_to_title (names[c]));
  for (guint r = 0; r < n_rows; r++)
    {
      JsonNode *row = json_array_get_element (rows, r);

      for (guint c = 0; c < n_columns; c++)
        {
          JsonNode *cell = JSON_NODE_HOLDS_OBJECT (row)
                               ? json_object_get_member (json_node_get_object (row), names[c])
                               : NULL;

          g_ptr_array_add (cells, cell != NULL ? value_to_text (cell) : g_strdup ("–"));
        }
    }
  for (guint i = 0; i < cells->len; i++)
    widths[i % n_columns] = MIN (MAX_CELL,
                                 MAX (widths[i % n_columns], g_utf8_strlen (cells->pdata[i], -1)));

  for (guint i = 0; i < cells->len; i++)
    {
      gboolean is_last = i % n_columns == n_columns - 1;

      g_string_append (text, i % n_columns == 0 ? indent : INDENT);
      pad (text, cells->pdata[i], is_last ? 0 : widths[i % n_columns]);
      if (is_last)
        g_string_append_c (text, '\n');
    }
}

static void
add_object (GString *text, JsonObject *object, const char *indent)
{
  g_autofree char *deeper = g_strconcat (indent, INDENT, NULL);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  glong width = 0;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    width = MAX (width, g_utf8_strlen (name, -1));

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *title = name_to_title (name), *value = NULL;

      g_string_append (text, indent);
      if (is_list_of_objects (node) || JSON_NODE_HOLDS_OBJECT (node))
        {
          g_string_append_printf (text, "%s\n", title);
          if (JSON_NODE_HOLDS_OBJECT (node))
            add_object (text, json_node_get_object (node), deeper);
          else
            add_table (text, json_node_get_array (node), NULL, deeper);
          continue;
        }
      value = value_to_text (node);
      pad (text, title, width);
      g_string_append_printf (text, INDENT "%s\n", value);
    }
}

/**
 * galley_ctl_print_to_text:
 * @columns: (nullable): of a list: names with commas; %NULL for all of the first row
 *
 * Returns: (transfer full): the answer for people, ending with a new line
 */
char *
galley_ctl_print_to_text (JsonNode *answer, const char *columns)
{
  GString *text = g_string_new (NULL);

  if (is_list_of_objects (answer))
    add_table (text, json_node_get_array (answer), columns, "");
  else if (JSON_NODE_HOLDS_ARRAY (answer))
    g_string_append_printf (text, "%s\n", _ ("Nothing."));
  else if (JSON_NODE_HOLDS_OBJECT (answer))
    add_object (text, json_node_get_object (answer), "");
  else
    {
      g_autofree char *value = value_to_text (answer);

      g_string_append_printf (text, "%s\n", value);
    }

  return g_string_free (text, FALSE);
}

static gboolean
write_out (const char *text, GError **error)
{
  int saved_errno;

  if (fputs (text, stdout) >= 0 && fflush (stdout) == 0)
    return TRUE;

  saved_errno = errno;
  return galley_ctl_fail (error, _ ("The answer could not be written: %s"),
                          g_strerror (saved_errno));
}

/**
 * galley_ctl_print:
 * @json: whether for programs: one document
 */
gboolean
galley_ctl_print (JsonNode *answer, const char *columns, gboolean json, GError **error)
{
  g_autofree char *text = NULL;

  if (json)
    return galley_ctl_print_line (answer, error);

  text = galley_ctl_print_to_text (answer, columns);
  return write_out (text, error);
}

/**
 * galley_ctl_print_line:
 *
 * One JSON document in one line.
 */
gboolean
galley_ctl_print_line (JsonNode *answer, GError **error)
{
  g_autofree char *json = json_to_string (answer, FALSE);
  g_autofree char *line = g_strconcat (json, "\n", NULL);

  return write_out (line, error);
}
