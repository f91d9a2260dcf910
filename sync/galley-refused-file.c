/* galley-refused-file.c: a refused change in a file, for somebody who may do it to adopt
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-refused-file"

#include "sync/galley-refused-file.h"

#include "sync/wire/galley-wire-json.h"

#define FORMAT "galley refused change 1"

/**
 * galley_refused_file_write:
 * @person_name: whose it is
 *
 * Returns: (transfer full): JSON, with the bytes of the change as they are
 */
GBytes *
galley_refused_file_write (const GalleyRefused *refused, const char *person_name)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autofree char *was = galley_ref_to_string (&refused->ref);
  gsize size;
  gconstpointer data = g_bytes_get_data (galley_change_get_bytes (refused->change), &size);
  g_autofree char *bytes = g_base64_encode (data, size);

  json_builder_begin_object (json);
  galley_json_add_string (json, "format", FORMAT);
  galley_json_add_id (json, "project", &refused->project);
  galley_json_add_string (json, "change", was);
  galley_json_add_string (json, "person_name", person_name);
  galley_json_add_string (json, "intent", galley_change_get_intent (refused->change));
  galley_json_add_string (json, "code", refused->code);
  galley_json_add_string (json, "message", refused->message);
  galley_json_add_string (json, "bytes", bytes);
  json_builder_end_object (json);
  return galley_json_finish (json);
}

/**
 * galley_refused_file_read:
 * @file: from wherever
 * @error: when it is no such file
 *
 * Returns: (transfer full): the change
 */
GalleyChange *
galley_refused_file_read (GBytes *file, GError **error)
{
  g_autoptr (JsonNode) root = galley_json_parse (file, error);
  g_autoptr (GBytes) bytes = NULL;
  JsonObject *object;
  const char *encoded;
  guchar *data;
  gsize size;

  if (root == NULL)
    return NULL;

  object = json_node_get_object (root);
  encoded = galley_json_get_string (object, "bytes");
  if (encoded == NULL || g_strcmp0 (galley_json_get_string (object, "format"), FORMAT) != 0)
    {
      g_set_error_literal (error, GALLEY_WIRE_ERROR, GALLEY_WIRE_ERROR_MALFORMED,
                           "It is not a refused change that was exported.");
      return NULL;
    }

  data = g_base64_decode (encoded, &size);
  bytes = g_bytes_new_take (data, size);
  return galley_change_new_from_bytes (bytes, error);
}
