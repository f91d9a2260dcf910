/* galley-wire-json.c: the small messages, as JSON, and changes as JSON for people
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-wire-json"

#include "sync/wire/galley-wire-json.h"

#include <math.h>
#include <string.h>

#define PROOF_PURPOSE "galley enrol 1"
/* Names and codes are short; a longer one is no name. */
#define MAX_STRING_BYTES 1000
/* Of lists and objects in each other. */
#define MAX_DEPTH 32

static gboolean
malformed (GError **error, const char *what)
{
  g_set_error (error, GALLEY_WIRE_ERROR, GALLEY_WIRE_ERROR_MALFORMED,
               "The message is not what it should be: %s.", what);
  return FALSE;
}

/* ── pieces ── */

void
galley_json_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
galley_json_add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/**
 * galley_json_add_id:
 * @id: nil becomes null
 */
void
galley_json_add_id (JsonBuilder *builder, const char *name, const GalleyId *id)
{
  char text[GALLEY_ID_TEXT_SIZE];

  galley_json_add_string (builder, name, galley_id_is_nil (id) ? NULL : galley_id_print (id, text));
}

/**
 * galley_json_add_time:
 * @time_us: microseconds since 1970 UTC; 0 becomes null
 *
 * As RFC 3339 in UTC.
 */
void
galley_json_add_time (JsonBuilder *builder, const char *name, gint64 time_us)
{
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *text = NULL, *whole = NULL;

  if (time_us != 0)
    time = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  if (time != NULL)
    {
      text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");
      whole = g_strdup_printf ("%s.%03dZ", text, (int)(time_us % G_USEC_PER_SEC / 1000));
    }
  galley_json_add_string (builder, name, whole);
}

/**
 * galley_json_finish:
 *
 * Returns: (transfer full): the text of what was built
 */
GBytes *
galley_json_finish (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  char *text = json_to_string (root, FALSE);

  return g_bytes_new_take (text, strlen (text));
}

/* Parsers recurse: a text that nests deeper than ours is not one of ours. The library also takes
 * comments and texts in single quotes, in which brackets do not count: none of that is JSON. */
static gboolean
is_plain (const char *text, gsize bytes)
{
  guint depth = 0;
  gboolean quoted = FALSE;

  for (gsize i = 0; i < bytes; i++)
    {
      if (quoted && text[i] == '\\')
        i++;
      else if (text[i] == '"')
        quoted = !quoted;
      else if (!quoted && (text[i] == '/' || text[i] == '\''))
        return FALSE;
      else if (!quoted && (text[i] == '{' || text[i] == '['))
        depth++;
      else if (!quoted && (text[i] == '}' || text[i] == ']') && depth > 0)
        depth--;
      if (depth > MAX_DEPTH)
        return FALSE;
    }

  return TRUE;
}

/**
 * galley_json_parse_any:
 * @text: of whatever origin
 * @bytes: how long it is
 *
 * Returns: (transfer full) (nullable): one JSON value; %NULL when it is not JSON, or nests deeper
 *   than any of ours
 */
JsonNode *
galley_json_parse_any (const char *text, gsize bytes)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root;

  if (bytes == 0 || !g_utf8_validate_len (text, bytes, NULL) || !is_plain (text, bytes) ||
      !json_parser_load_from_data (parser, text, bytes, NULL))
    return NULL;

  root = json_parser_get_root (parser);
  return root != NULL ? json_node_ref (root) : NULL;
}

/**
 * galley_json_parse:
 *
 * Returns: (transfer full): an object; %NULL with %GALLEY_WIRE_ERROR_MALFORMED or _TOO_LARGE
 */
JsonNode *
galley_json_parse (GBytes *body, GError **error)
{
  g_autoptr (JsonNode) root = NULL;
  gsize bytes;
  const char *text = g_bytes_get_data (body, &bytes);

  if (bytes > GALLEY_JSON_MAX_BYTES)
    {
      g_set_error (error, GALLEY_WIRE_ERROR, GALLEY_WIRE_ERROR_TOO_LARGE,
                   "The message is larger than it may be.");
      return NULL;
    }
  root = galley_json_parse_any (text, bytes);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      malformed (error, "a JSON object was expected");
      return NULL;
    }

  return g_steal_pointer (&root);
}

/**
 * galley_json_get_string:
 *
 * Returns: (transfer none) (nullable): %NULL when there is none, or something else
 */
const char *
galley_json_get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;

  return json_node_get_string (node);
}

gint64
galley_json_get_int (JsonObject *object, const char *name, gint64 fallback)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_INT64)
    return fallback;

  return json_node_get_int (node);
}

static gboolean
get_boolean (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
         json_node_get_value_type (node) == G_TYPE_BOOLEAN && json_node_get_boolean (node);
}

gboolean
galley_json_get_id (JsonObject *object, const char *name, GalleyId *id)
{
  return galley_id_parse (galley_json_get_string (object, name), id, NULL);
}

/**
 * galley_json_get_array:
 *
 * Returns: (transfer none) (nullable)
 */
JsonArray *
galley_json_get_array (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static JsonObject *
object_at (JsonArray *array, guint index)
{
  JsonNode *node = json_array_get_element (array, index);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static void
add_hex (JsonBuilder *builder, const char *name, const guint8 *data, gsize bytes)
{
  g_autoptr (GString) text = g_string_sized_new (2 * bytes);

  for (gsize i = 0; i < bytes; i++)
    g_string_append_printf (text, "%02x", data[i]);
  galley_json_add_string (builder, name, text->str);
}

static gboolean
get_hex (JsonObject *object, const char *name, guint8 *data, gsize bytes)
{
  const char *text = galley_json_get_string (object, name);

  if (text == NULL || strlen (text) != 2 * bytes)
    return FALSE;
  for (gsize i = 0; i < bytes; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      data[i] = high << 4 | low;
    }

  return TRUE;
}

static char *
dup_string (JsonObject *object, const char *name)
{
  const char *text = galley_json_get_string (object, name);

  return text != NULL && strlen (text) <= MAX_STRING_BYTES ? g_strdup (text) : NULL;
}

/* ── enrolment ── */

static char *
proof_message (const char *invite, const guint8 public_key[GALLEY_PUBLIC_KEY_BYTES], gsize *bytes)
{
  gsize invite_bytes = strlen (invite) + 1;
  char *message = g_malloc (sizeof PROOF_PURPOSE + invite_bytes + GALLEY_PUBLIC_KEY_BYTES);

  memcpy (message, PROOF_PURPOSE, sizeof PROOF_PURPOSE);
  memcpy (message + sizeof PROOF_PURPOSE, invite, invite_bytes);
  memcpy (message + sizeof PROOF_PURPOSE + invite_bytes, public_key, GALLEY_PUBLIC_KEY_BYTES);
  *bytes = sizeof PROOF_PURPOSE + invite_bytes + GALLEY_PUBLIC_KEY_BYTES;
  return message;
}

void
galley_enrol_prove (GalleyKey *key, const char *invite, guint8 proof[GALLEY_SIGNATURE_BYTES])
{
  gsize bytes;
  g_autofree char *message = proof_message (invite, galley_key_get_public (key), &bytes);

  galley_key_sign (key, message, bytes, proof);
}

gboolean
galley_enrol_check_proof (const GalleyEnrolRequest *request)
{
  gsize bytes;
  g_autofree char *message = proof_message (request->invite, request->public_key, &bytes);

  return galley_key_verify (request->public_key, message, bytes, request->proof);
}

void
galley_enrol_request_free (GalleyEnrolRequest *request)
{
  g_free (request->invite);
  g_free (request->device_name);
  g_free (request->name);
  g_free (request->server_id);
  g_free (request);
}

GBytes *
galley_enrol_request_to_bytes (const GalleyEnrolRequest *request)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  galley_json_add_string (builder, "invite", request->invite);
  add_hex (builder, "public_key", request->public_key, sizeof request->public_key);
  galley_json_add_string (builder, "device_name", request->device_name);
  galley_json_add_id (builder, "person", &request->person);
  if (request->name != NULL)
    galley_json_add_string (builder, "name", request->name);
  if (request->server_id != NULL)
    galley_json_add_string (builder, "server_id", request->server_id);
  add_hex (builder, "proof", request->proof, sizeof request->proof);
  json_builder_end_object (builder);
  return galley_json_finish (builder);
}

GalleyEnrolRequest *
galley_enrol_request_parse (GBytes *body, GError **error)
{
  g_autoptr (JsonNode) root = galley_json_parse (body, error);
  g_autoptr (GalleyEnrolRequest) request = NULL;
  JsonObject *object;

  if (root == NULL)
    return NULL;

  object = json_node_get_object (root);
  request = g_new0 (GalleyEnrolRequest, 1);
  request->invite = dup_string (object, "invite");
  request->device_name = dup_string (object, "device_name");
  request->name = dup_string (object, "name");
  request->server_id = dup_string (object, "server_id");
  if (request->invite == NULL || request->device_name == NULL ||
      !get_hex (object, "public_key", request->public_key, sizeof request->public_key) ||
      !get_hex (object, "proof", request->proof, sizeof request->proof) ||
      !galley_json_get_id (object, "person", &request->person))
    {
      malformed (error, "an enrolment names an invite, a key, a device and a person");
      return NULL;
    }

  return g_steal_pointer (&request);
}

void
galley_enrol_answer_free (GalleyEnrolAnswer *answer)
{
  g_free (answer->token);
  g_free (answer->person_name);
  g_free (answer->server_id);
  g_free (answer);
}

GBytes *
galley_enrol_answer_to_bytes (const GalleyEnrolAnswer *answer)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  galley_json_add_string (builder, "token", answer->token);
  galley_json_add_id (builder, "person", &answer->person);
  galley_json_add_string (builder, "person_name", answer->person_name);
  galley_json_add_string (builder, "role", galley_role_to_string (answer->role));
  galley_json_add_string (builder, "server_id", answer->server_id);
  json_builder_set_member_name (builder, "alias");
  json_builder_add_boolean_value (builder, answer->alias);
  json_builder_end_object (builder);
  return galley_json_finish (builder);
}

GalleyEnrolAnswer *
galley_enrol_answer_parse (GBytes *body, GError **error)
{
  g_autoptr (JsonNode) root = galley_json_parse (body, error);
  g_autoptr (GalleyEnrolAnswer) answer = NULL;
  JsonObject *object;

  if (root == NULL)
    return NULL;

  object = json_node_get_object (root);
  answer = g_new0 (GalleyEnrolAnswer, 1);
  answer->token = dup_string (object, "token");
  answer->person_name = dup_string (object, "person_name");
  answer->server_id = dup_string (object, "server_id");
  answer->role = galley_role_parse (galley_json_get_string (object, "role"));
  answer->alias = get_boolean (object, "alias");
  if (answer->token == NULL || answer->person_name == NULL || answer->server_id == NULL ||
      !galley_json_get_id (object, "person", &answer->person))
    {
      malformed (error, "the server did not say who is enrolled");
      return NULL;
    }

  return g_steal_pointer (&answer);
}

/* ── who and what the server knows ── */

void
galley_me_project_free (GalleyMeProject *project)
{
  g_free (project->history_id);
  g_free (project);
}

GalleyMe *
galley_me_new (void)
{
  GalleyMe *me = g_new0 (GalleyMe, 1);

  me->persons = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_person_free);
  me->aliases = g_array_new (FALSE, FALSE, sizeof (GalleyAlias));
  me->devices = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_device_free);
  me->projects = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_me_project_free);
  me->flags = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_flag_share_free);
  return me;
}

void
galley_me_free (GalleyMe *me)
{
  g_free (me->name);
  g_free (me->server_id);
  g_ptr_array_unref (me->persons);
  g_array_unref (me->aliases);
  g_ptr_array_unref (me->devices);
  g_ptr_array_unref (me->projects);
  g_ptr_array_unref (me->flags);
  g_free (me);
}

static void
add_persons (JsonBuilder *builder, const GalleyMe *me)
{
  char text[GALLEY_ID_TEXT_SIZE];

  json_builder_set_member_name (builder, "persons");
  json_builder_begin_array (builder);
  for (guint i = 0; i < me->persons->len; i++)
    {
      const GalleyPerson *person = g_ptr_array_index (me->persons, i);

      json_builder_begin_object (builder);
      galley_json_add_id (builder, "id", &person->id);
      galley_json_add_string (builder, "name", person->name);
      galley_json_add_string (builder, "role", galley_role_to_string (person->role));
      json_builder_set_member_name (builder, "aliases");
      json_builder_begin_array (builder);
      for (guint k = 0; k < me->aliases->len; k++)
        {
          const GalleyAlias *alias = &g_array_index (me->aliases, GalleyAlias, k);

          if (galley_id_equal (&alias->person, &person->id))
            json_builder_add_string_value (builder, galley_id_print (&alias->alias, text));
        }
      json_builder_end_array (builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_devices (JsonBuilder *builder, const GalleyMe *me)
{
  json_builder_set_member_name (builder, "devices");
  json_builder_begin_array (builder);
  for (guint i = 0; i < me->devices->len; i++)
    {
      const GalleyDevice *device = g_ptr_array_index (me->devices, i);

      json_builder_begin_object (builder);
      galley_json_add_id (builder, "id", &device->id);
      galley_json_add_id (builder, "person", &device->person);
      galley_json_add_string (builder, "name", device->name);
      add_hex (builder, "public_key", device->public_key, sizeof device->public_key);
      json_builder_set_member_name (builder, "revoked");
      json_builder_add_boolean_value (builder, device->revoked);
      galley_json_add_int (builder, "last_seen_us", device->last_seen_us);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_hash (JsonBuilder *builder, const char *name, const GalleyHash *hash)
{
  char text[GALLEY_HASH_TEXT_SIZE];

  galley_json_add_string (builder, name, galley_hash_print (hash, text));
}

static void
add_projects (JsonBuilder *builder, const GalleyMe *me)
{
  json_builder_set_member_name (builder, "projects");
  json_builder_begin_array (builder);
  for (guint i = 0; i < me->projects->len; i++)
    {
      const GalleyMeProject *project = g_ptr_array_index (me->projects, i);

      json_builder_begin_object (builder);
      galley_json_add_id (builder, "id", &project->id);
      galley_json_add_int (builder, "position", project->position);
      galley_json_add_string (builder, "history_id", project->history_id);
      if (project->has_rolling)
        add_hash (builder, "rolling", &project->rolling);
      galley_json_add_string (builder, "role", galley_role_to_string (project->role));
      if (project->differs_since != 0)
        galley_json_add_int (builder, "differs_since", project->differs_since);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_flags (JsonBuilder *builder, const GalleyMe *me)
{
  if (me->flags->len == 0)
    return;
  json_builder_set_member_name (builder, "flags");
  json_builder_begin_array (builder);
  for (guint i = 0; i < me->flags->len; i++)
    {
      const GalleyFlagShare *share = g_ptr_array_index (me->flags, i);

      json_builder_begin_object (builder);
      galley_json_add_string (builder, "name", share->name);
      galley_json_add_int (builder, "percent", share->percent);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

GBytes *
galley_me_to_bytes (const GalleyMe *me)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  galley_json_add_id (builder, "person", &me->person);
  galley_json_add_string (builder, "name", me->name);
  galley_json_add_string (builder, "role", galley_role_to_string (me->role));
  galley_json_add_id (builder, "device", &me->device);
  galley_json_add_string (builder, "server_id", me->server_id);
  add_persons (builder, me);
  add_devices (builder, me);
  add_projects (builder, me);
  add_flags (builder, me);
  json_builder_end_object (builder);
  return galley_json_finish (builder);
}

static gboolean
parse_person (GalleyMe *me, JsonObject *object)
{
  GalleyPerson *person = g_new0 (GalleyPerson, 1);
  JsonArray *aliases = object != NULL ? galley_json_get_array (object, "aliases") : NULL;

  g_ptr_array_add (me->persons, person);
  if (object == NULL || !galley_json_get_id (object, "id", &person->id) ||
      (person->name = dup_string (object, "name")) == NULL)
    return FALSE;

  person->role = galley_role_parse (galley_json_get_string (object, "role"));
  for (guint i = 0; aliases != NULL && i < json_array_get_length (aliases); i++)
    {
      JsonNode *node = json_array_get_element (aliases, i);
      GalleyAlias alias = { .person = person->id };

      if (json_node_get_value_type (node) != G_TYPE_STRING ||
          !galley_id_parse (json_node_get_string (node), &alias.alias, NULL))
        return FALSE;
      g_array_append_val (me->aliases, alias);
    }

  return TRUE;
}

static gboolean
parse_device (GalleyMe *me, JsonObject *object)
{
  GalleyDevice *device = g_new0 (GalleyDevice, 1);

  g_ptr_array_add (me->devices, device);
  if (object == NULL || !galley_json_get_id (object, "id", &device->id) ||
      !galley_json_get_id (object, "person", &device->person) ||
      !get_hex (object, "public_key", device->public_key, sizeof device->public_key) ||
      (device->name = dup_string (object, "name")) == NULL)
    return FALSE;

  device->revoked = get_boolean (object, "revoked");
  device->last_seen_us = galley_json_get_int (object, "last_seen_us", 0);
  return TRUE;
}

static gboolean
parse_project (GalleyMe *me, JsonObject *object)
{
  GalleyMeProject *project = g_new0 (GalleyMeProject, 1);
  gint64 position = object != NULL ? galley_json_get_int (object, "position", -1) : -1;

  g_ptr_array_add (me->projects, project);
  if (position < 0 || !galley_json_get_id (object, "id", &project->id) ||
      (project->history_id = dup_string (object, "history_id")) == NULL)
    return FALSE;

  project->position = position;
  project->differs_since = MAX (galley_json_get_int (object, "differs_since", 0), 0);
  project->has_rolling = galley_hash_parse (galley_json_get_string (object, "rolling"),
                                            &project->rolling);
  project->role = galley_role_parse (galley_json_get_string (object, "role"));
  return TRUE;
}

/* An older server says nothing of flags, and a newer one may say it in another way: that must not
 * keep a device from all the rest. */
static void
parse_flags (GalleyMe *me, JsonObject *object)
{
  JsonArray *array = galley_json_get_array (object, "flags");

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *flag = object_at (array, i);
      const char *name = flag != NULL ? galley_json_get_string (flag, "name") : NULL;
      gint64 percent = flag != NULL ? galley_json_get_int (flag, "percent", -1) : -1;
      GalleyFlagShare *share;

      if (name == NULL || !galley_flag_name_is_valid (name) || percent < 0 || percent > 100)
        continue;
      share = g_new0 (GalleyFlagShare, 1);
      share->name = g_strdup (name);
      share->percent = percent;
      g_ptr_array_add (me->flags, share);
    }
}

static gboolean
parse_each (GalleyMe *me,
            JsonObject *object,
            const char *name,
            gboolean (*parse) (GalleyMe *me, JsonObject *object))
{
  JsonArray *array = galley_json_get_array (object, name);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (!parse (me, object_at (array, i)))
      return FALSE;

  return array != NULL;
}

GalleyMe *
galley_me_parse (GBytes *body, GError **error)
{
  g_autoptr (JsonNode) root = galley_json_parse (body, error);
  g_autoptr (GalleyMe) me = NULL;
  JsonObject *object;

  if (root == NULL)
    return NULL;

  object = json_node_get_object (root);
  me = galley_me_new ();
  me->name = dup_string (object, "name");
  me->server_id = dup_string (object, "server_id");
  me->role = galley_role_parse (galley_json_get_string (object, "role"));
  if (me->name == NULL || me->server_id == NULL ||
      !galley_json_get_id (object, "person", &me->person) ||
      !galley_json_get_id (object, "device", &me->device) ||
      !parse_each (me, object, "persons", parse_person) ||
      !parse_each (me, object, "devices", parse_device) ||
      !parse_each (me, object, "projects", parse_project))
    {
      malformed (error, "the server did not say who and what it knows");
      return NULL;
    }
  parse_flags (me, object);

  return g_steal_pointer (&me);
}

/* ── verdicts ── */

static void
clear_verdict (gpointer data)
{
  GalleyVerdict *verdict = data;

  g_free (verdict->code);
  g_free (verdict->message);
}

GalleyPushAnswer *
galley_push_answer_new (void)
{
  GalleyPushAnswer *answer = g_new0 (GalleyPushAnswer, 1);

  answer->verdicts = g_array_new (FALSE, TRUE, sizeof (GalleyVerdict));
  g_array_set_clear_func (answer->verdicts, clear_verdict);
  return answer;
}

void
galley_push_answer_free (GalleyPushAnswer *answer)
{
  g_array_unref (answer->verdicts);
  g_free (answer->history_id);
  g_free (answer);
}

GBytes *
galley_push_answer_to_bytes (const GalleyPushAnswer *answer)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "verdicts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < answer->verdicts->len; i++)
    {
      const GalleyVerdict *verdict = &g_array_index (answer->verdicts, GalleyVerdict, i);

      json_builder_begin_object (builder);
      if (!galley_id_is_nil (&verdict->device))
        galley_json_add_id (builder, "device", &verdict->device);
      galley_json_add_int (builder, "first_seq", verdict->first_seq);
      galley_json_add_int (builder, "count", verdict->count);
      galley_json_add_int (builder, "position", verdict->position);
      if (verdict->position == 0)
        {
          galley_json_add_string (builder, "code", verdict->code);
          galley_json_add_string (builder, "message", verdict->message);
        }
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  galley_json_add_int (builder, "position", answer->position);
  galley_json_add_string (builder, "history_id", answer->history_id);
  json_builder_end_object (builder);
  return galley_json_finish (builder);
}

static gboolean
parse_verdict (JsonObject *object, GalleyPushAnswer *answer)
{
  gint64 first = object != NULL ? galley_json_get_int (object, "first_seq", 0) : 0;
  gint64 count = object != NULL ? galley_json_get_int (object, "count", 0) : 0;
  gint64 position = object != NULL ? galley_json_get_int (object, "position", -1) : -1;
  GalleyVerdict verdict = { .first_seq = first, .count = count, .position = position };

  if (first <= 0 || count <= 0 || count > G_MAXINT32 || position < 0 ||
      (json_object_has_member (object, "device") &&
       !galley_json_get_id (object, "device", &verdict.device)))
    return FALSE;

  verdict.code = dup_string (object, "code");
  verdict.message = dup_string (object, "message");
  g_array_append_val (answer->verdicts, verdict);
  return TRUE;
}

GalleyPushAnswer *
galley_push_answer_parse (GBytes *body, GError **error)
{
  g_autoptr (JsonNode) root = galley_json_parse (body, error);
  g_autoptr (GalleyPushAnswer) answer = NULL;
  JsonArray *verdicts;
  gint64 position;
  gboolean valid;

  if (root == NULL)
    return NULL;

  answer = galley_push_answer_new ();
  verdicts = galley_json_get_array (json_node_get_object (root), "verdicts");
  position = galley_json_get_int (json_node_get_object (root), "position", -1);
  answer->history_id = dup_string (json_node_get_object (root), "history_id");
  valid = verdicts != NULL && position >= 0 && answer->history_id != NULL;
  for (guint i = 0; valid && i < json_array_get_length (verdicts); i++)
    valid = parse_verdict (object_at (verdicts, i), answer);
  if (!valid)
    {
      malformed (error, "the server gave no verdict on the changes");
      return NULL;
    }

  answer->position = position;
  return g_steal_pointer (&answer);
}

/* ── how far what a device knows is what the server has ── */

GalleyKnown *
galley_known_new (void)
{
  GalleyKnown *known = g_new0 (GalleyKnown, 1);

  known->marks = g_array_new (FALSE, TRUE, sizeof (GalleyMark));
  known->chain = g_array_new (FALSE, TRUE, sizeof (GalleyChainLink));
  return known;
}

void
galley_known_free (GalleyKnown *known)
{
  g_array_unref (known->marks);
  g_array_unref (known->chain);
  g_free (known);
}

static void
add_links (JsonBuilder *builder, const char *name, const GArray *links)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < links->len; i++)
    {
      const GalleyChainLink *link = &g_array_index (links, GalleyChainLink, i);

      json_builder_begin_object (builder);
      if (!galley_id_is_nil (&link->ref.device))
        galley_json_add_id (builder, "device", &link->ref.device);
      galley_json_add_int (builder, "seq", link->ref.seq);
      if (link->ref.seq != 0)
        add_hash (builder, "hash", &link->hash);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

GBytes *
galley_known_to_bytes (const GalleyKnown *known)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "marks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < known->marks->len; i++)
    {
      const GalleyMark *mark = &g_array_index (known->marks, GalleyMark, i);

      json_builder_begin_object (builder);
      galley_json_add_int (builder, "position", mark->position);
      add_hash (builder, "rolling", &mark->rolling);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  add_links (builder, "chain", known->chain);
  json_builder_end_object (builder);
  return galley_json_finish (builder);
}

static gboolean
parse_mark (JsonObject *object, GArray *marks)
{
  gint64 position = object != NULL ? galley_json_get_int (object, "position", -1) : -1;
  GalleyMark mark = { .position = position };

  if (position < 0 ||
      !galley_hash_parse (galley_json_get_string (object, "rolling"), &mark.rolling))
    return FALSE;

  g_array_append_val (marks, mark);
  return TRUE;
}

static gboolean
parse_link (JsonObject *object, gboolean of_device, GArray *links)
{
  gint64 seq = object != NULL ? galley_json_get_int (object, "seq", -1) : -1;
  GalleyChainLink link = { .ref.seq = seq };

  if (seq < 0 || (of_device && !galley_json_get_id (object, "device", &link.ref.device)) ||
      (seq > 0 && !galley_hash_parse (galley_json_get_string (object, "hash"), &link.hash)))
    return FALSE;

  g_array_append_val (links, link);
  return TRUE;
}

GalleyKnown *
galley_known_parse (GBytes *body, GError **error)
{
  g_autoptr (JsonNode) root = galley_json_parse (body, error);
  g_autoptr (GalleyKnown) known = galley_known_new ();
  JsonArray *marks, *chain;
  gboolean valid;

  if (root == NULL)
    return NULL;

  marks = galley_json_get_array (json_node_get_object (root), "marks");
  chain = galley_json_get_array (json_node_get_object (root), "chain");
  valid = marks != NULL && chain != NULL;
  for (guint i = 0; valid && i < json_array_get_length (marks); i++)
    valid = parse_mark (object_at (marks, i), known->marks);
  for (guint i = 0; valid && i < json_array_get_length (chain); i++)
    valid = parse_link (object_at (chain, i), FALSE, known->chain);
  if (!valid)
    {
      malformed (error, "it does not say what the device knows");
      return NULL;
    }

  return g_steal_pointer (&known);
}

GalleyCommon *
galley_common_new (void)
{
  GalleyCommon *common = g_new0 (GalleyCommon, 1);

  common->chains = g_array_new (FALSE, TRUE, sizeof (GalleyChainLink));
  return common;
}

void
galley_common_free (GalleyCommon *common)
{
  g_array_unref (common->chains);
  g_free (common->history_id);
  g_free (common);
}

GBytes *
galley_common_to_bytes (const GalleyCommon *common)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  galley_json_add_int (builder, "position", common->position);
  galley_json_add_int (builder, "own_seq", common->own_seq);
  galley_json_add_int (builder, "end", common->end);
  galley_json_add_string (builder, "history_id", common->history_id);
  add_links (builder, "chains", common->chains);
  json_builder_end_object (builder);
  return galley_json_finish (builder);
}

GalleyCommon *
galley_common_parse (GBytes *body, GError **error)
{
  g_autoptr (JsonNode) root = galley_json_parse (body, error);
  g_autoptr (GalleyCommon) common = galley_common_new ();
  gint64 position, own_seq, end;
  JsonObject *object;
  JsonArray *chains;
  gboolean valid;

  if (root == NULL)
    return NULL;

  object = json_node_get_object (root);
  position = galley_json_get_int (object, "position", -1);
  own_seq = galley_json_get_int (object, "own_seq", -1);
  end = galley_json_get_int (object, "end", -1);
  chains = galley_json_get_array (object, "chains");
  common->history_id = dup_string (object, "history_id");
  valid = position >= 0 && own_seq >= 0 && end >= position && chains != NULL &&
          common->history_id != NULL;
  for (guint i = 0; valid && i < json_array_get_length (chains); i++)
    valid = parse_link (object_at (chains, i), TRUE, common->chains);
  if (!valid)
    {
      malformed (error, "the server did not say how far it has the same");
      return NULL;
    }

  common->position = position;
  common->own_seq = own_seq;
  common->end = end;
  return g_steal_pointer (&common);
}

/* ── events ── */

char *
galley_event_to_text (const GalleyId *project, guint64 position)
{
  char text[GALLEY_ID_TEXT_SIZE];

  return g_strdup_printf ("{\"project\":\"%s\",\"position\":%" G_GUINT64_FORMAT "}",
                          galley_id_print (project, text), position);
}

gboolean
galley_event_parse (const char *text, GalleyEvent *event)
{
  g_autoptr (GBytes) body = g_bytes_new_static (text, strlen (text));
  g_autoptr (JsonNode) root = galley_json_parse (body, NULL);
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;
  gint64 position;

  memset (event, 0, sizeof *event);
  if (object == NULL)
    return FALSE;

  event->directory = json_object_has_member (object, "directory");
  position = galley_json_get_int (object, "position", -1);
  event->position = MAX (position, 0);
  return event->directory ||
         (position >= 0 && galley_json_get_id (object, "project", &event->project));
}

/* ── for people ── */

static JsonNode *
bytes_to_json (GVariant *value)
{
  gsize bytes;
  const guint8 *data = g_variant_get_fixed_array (value, &bytes, 1);
  g_autoptr (GString) text = g_string_new (NULL);
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  GalleyId id;

  if (bytes == sizeof id)
    {
      char printed[GALLEY_ID_TEXT_SIZE];

      memcpy (&id, data, sizeof id);
      g_string_append (text, galley_id_print (&id, printed));
    }
  else
    {
      /* A picture says nothing as digits. */
      for (gsize i = 0; i < MIN (bytes, 64); i++)
        g_string_append_printf (text, "%02x", data[i]);
      if (bytes > 64)
        g_string_append_printf (text, "… (%" G_GSIZE_FORMAT " bytes)", bytes);
    }
  json_node_set_string (node, text->str);
  return node;
}

static JsonNode *
container_to_json (GVariant *value)
{
  JsonArray *array = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      json_array_add_element (array, galley_value_to_json (0, 0, child));
    }
  json_node_take_array (node, array);
  return node;
}

static JsonNode *
dictionary_to_json (GVariant *value)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (value, i);
      g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
      g_autoptr (GVariant) child = g_variant_get_child_value (entry, 1);

      json_object_set_member (object, g_variant_get_string (key, NULL),
                              galley_value_to_json (0, 0, child));
    }
  json_node_take_object (node, object);
  return node;
}

/* JSON has no word for what is no number. */
static JsonNode *
double_to_json (GVariant *value)
{
  double number = g_variant_get_double (value);
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (number))
    return json_node_init_double (json_node_alloc (), number);

  return json_node_init_string (json_node_alloc (), g_ascii_dtostr (text, sizeof text, number));
}

/* The library has no larger ones than are signed. */
static JsonNode *
unsigned_to_json (GVariant *value)
{
  guint64 number = g_variant_get_uint64 (value);
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  return number <= G_MAXINT64 ? json_node_init_int (json_node_alloc (), number)
                              : json_node_init_string (json_node_alloc (), text);
}

/* In a variant of any type stands another value, or none. */
static JsonNode *
inner_to_json (GVariant *value)
{
  g_autoptr (GVariant)
      inner = g_variant_n_children (value) > 0 ? g_variant_get_child_value (value, 0) : NULL;

  return galley_value_to_json (0, 0, inner);
}

/**
 * galley_value_to_json:
 * @value: (nullable): of a field
 *
 * Returns: (transfer full): the value as a person can read it: ids as text, other bytes as
 *   hexadecimal digits, of a lifecycle only whether the thing is there
 */
JsonNode *
galley_value_to_json (guint8 kind, guint16 field, GVariant *value)
{
  if (value == NULL)
    return json_node_new (JSON_NODE_NULL);
  if (kind != 0 && field == GALLEY_F_ALIVE &&
      g_variant_is_of_type (value, G_VARIANT_TYPE ("(ba(ayt))")))
    {
      gboolean alive;

      g_variant_get_child (value, 0, "b", &alive);
      return json_node_init_boolean (json_node_alloc (), alive);
    }
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return bytes_to_json (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE ("a{s*}")))
    return dictionary_to_json (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT) ||
      g_variant_is_of_type (value, G_VARIANT_TYPE_MAYBE))
    return inner_to_json (value);
  if (g_variant_is_container (value))
    return container_to_json (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    return double_to_json (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    return unsigned_to_json (value);

  return json_gvariant_serialize (value);
}

static void
add_edit (JsonBuilder *builder, const GalleyEdit *edit)
{
  const GalleyKindSpec *kind = galley_schema_get_kind (edit->kind);
  const GalleyFieldSpec *field = galley_schema_get_field (edit->kind, edit->field);
  g_autofree char *kind_number = g_strdup_printf ("kind %u", edit->kind);
  g_autofree char *field_number = g_strdup_printf ("field %u", edit->field);

  json_builder_begin_object (builder);
  galley_json_add_id (builder, "entity", &edit->entity);
  galley_json_add_string (builder, "kind", kind != NULL ? kind->name : kind_number);
  galley_json_add_string (builder, "field", field != NULL ? field->name : field_number);
  if (*edit->element != '\0')
    galley_json_add_string (builder, "element", edit->element);
  json_builder_set_member_name (builder, "value");
  json_builder_add_value (builder, galley_value_to_json (edit->kind, edit->field, edit->value));
  json_builder_set_member_name (builder, "supersedes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < edit->n_supersedes; i++)
    {
      g_autofree char *ref = galley_ref_to_string (&edit->supersedes[i]);

      json_builder_add_string_value (builder, ref);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/**
 * galley_change_add_to_json:
 * @builder: stands inside an object
 * @position: 0 when it has none
 */
void
galley_change_add_to_json (JsonBuilder *builder, GalleyChange *change, guint64 position)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  GalleyRef ref = { header->device, header->seq };
  g_autofree char *name = galley_ref_to_string (&ref);
  g_autoptr (GVariant) extra = galley_change_dup_extra (change);
  char hash[GALLEY_HASH_TEXT_SIZE];

  galley_json_add_string (builder, "change", name);
  galley_json_add_string (builder, "hash",
                          galley_hash_print (galley_change_get_hash (change), hash));
  galley_json_add_id (builder, "project", &header->project);
  galley_json_add_id (builder, "device", &header->device);
  galley_json_add_int (builder, "seq", header->seq);
  json_builder_set_member_name (builder, "position");
  if (position != 0)
    json_builder_add_int_value (builder, position);
  else
    json_builder_add_null_value (builder);
  galley_json_add_id (builder, "person", &header->actor);
  galley_json_add_time (builder, "time", galley_change_get_time_us (change));
  galley_json_add_string (builder, "intent", galley_change_get_intent (change));
  json_builder_set_member_name (builder, "edits");
  json_builder_begin_array (builder);
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    add_edit (builder, galley_change_get_edit (change, i));
  json_builder_end_array (builder);
  if (g_variant_n_children (extra) > 0)
    {
      json_builder_set_member_name (builder, "extra");
      json_builder_add_value (builder, galley_value_to_json (0, 0, extra));
    }
}
