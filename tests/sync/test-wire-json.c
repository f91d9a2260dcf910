/* test-wire-json.c: the small messages as JSON, there and back, and what is no such message
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "sync/wire/galley-digest-report.h"
#include "sync/wire/galley-problem.h"
#include "sync/wire/galley-wire-json.h"

#include <string.h>

static GBytes *
to_bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static GalleyEnrolRequest *
make_request (GalleyKey *key)
{
  GalleyEnrolRequest *request = g_new0 (GalleyEnrolRequest, 1);

  request->invite = g_strdup ("ABCDE-FGHJK");
  request->device_name = g_strdup ("Anas „Laptop“");
  request->name = g_strdup ("Ana");
  request->server_id = g_strdup ("c0ffee");
  memset (&request->person, 7, sizeof request->person);
  memcpy (request->public_key, galley_key_get_public (key), sizeof request->public_key);
  galley_enrol_prove (key, request->invite, request->proof);
  return request;
}

static void
test_enrol (void)
{
  g_autofree char *path = galley_test_path ("device.key");
  g_autoptr (GalleyKey) key = galley_key_open (path, galley_world_real (), NULL);
  g_autoptr (GalleyEnrolRequest) request = make_request (key), back = NULL;
  g_autoptr (GBytes) body = galley_enrol_request_to_bytes (request);
  GError *error = NULL;

  back = galley_enrol_request_parse (body, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (back->invite, ==, request->invite);
  g_assert_cmpstr (back->device_name, ==, request->device_name);
  g_assert_cmpstr (back->name, ==, request->name);
  g_assert_cmpstr (back->server_id, ==, request->server_id);
  g_assert_true (galley_id_equal (&back->person, &request->person));
  g_assert_true (galley_enrol_check_proof (back));

  /* The proof is for this invite and this key alone. */
  back->public_key[0] ^= 1;
  g_assert_false (galley_enrol_check_proof (back));
  back->public_key[0] ^= 1;
  back->invite[0] = 'B';
  g_assert_false (galley_enrol_check_proof (back));
}

static void
test_enrol_answer (void)
{
  GalleyEnrolAnswer answer = { .role = GALLEY_ROLE_LEAD, .alias = TRUE };
  g_autoptr (GalleyEnrolAnswer) back = NULL;
  g_autoptr (GBytes) body = NULL;
  GError *error = NULL;

  answer.token = (char *)"0123";
  answer.person_name = (char *)"Ana";
  answer.server_id = (char *)"server";
  memset (&answer.person, 7, sizeof answer.person);
  body = galley_enrol_answer_to_bytes (&answer);
  back = galley_enrol_answer_parse (body, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (back->token, ==, "0123");
  g_assert_cmpstr (back->person_name, ==, "Ana");
  g_assert_cmpstr (back->server_id, ==, "server");
  g_assert_cmpint (back->role, ==, GALLEY_ROLE_LEAD);
  g_assert_true (back->alias);
  g_assert_true (galley_id_equal (&back->person, &answer.person));
}

static GalleyMe *
make_me (void)
{
  GalleyMe *me = galley_me_new ();
  GalleyFlagShare *share = g_new0 (GalleyFlagShare, 1);
  GalleyPerson *person = g_new0 (GalleyPerson, 1);
  GalleyDevice *device = g_new0 (GalleyDevice, 1);
  GalleyMeProject *project = g_new0 (GalleyMeProject, 1);
  GalleyAlias alias = { .alias = { { 9 } }, .person = { { 1 } } };

  *person =
      (GalleyPerson){ .id = alias.person, .name = g_strdup ("Ana"), .role = GALLEY_ROLE_LEAD };
  device->id = (GalleyId){ { 2 } };
  device->person = person->id;
  device->name = g_strdup ("Laptop");
  device->public_key[31] = 200;
  device->revoked = TRUE;
  device->last_seen_us = G_GINT64_CONSTANT (1760000000123456);
  project->id = (GalleyId){ { 3 } };
  project->position = G_GUINT64_CONSTANT (1) << 40;
  project->history_id = g_strdup ("h1");
  project->role = GALLEY_ROLE_GUEST;
  project->differs_since = 12;
  me->person = person->id;
  me->device = device->id;
  me->name = g_strdup ("Ana");
  me->role = GALLEY_ROLE_LEAD;
  me->server_id = g_strdup ("server");
  g_ptr_array_add (me->persons, person);
  g_array_append_val (me->aliases, alias);
  g_ptr_array_add (me->devices, device);
  g_ptr_array_add (me->projects, project);
  share->name = g_strdup ("compact");
  share->percent = 25;
  g_ptr_array_add (me->flags, share);
  return me;
}

static void
test_me (void)
{
  g_autoptr (GalleyMe) me = make_me (), back = NULL;
  g_autoptr (GBytes) body = galley_me_to_bytes (me), again = NULL;
  GError *error = NULL;

  back = galley_me_parse (body, &error);
  g_assert_no_error (error);
  again = galley_me_to_bytes (back);
  g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again),
                   g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  g_assert_cmpuint (((GalleyMeProject *)back->projects->pdata[0])->position, ==,
                    G_GUINT64_CONSTANT (1) << 40);
  g_assert_true (((GalleyDevice *)back->devices->pdata[0])->revoked);
  g_assert_cmpuint (((GalleyFlagShare *)back->flags->pdata[0])->percent, ==, 25);
  g_assert_cmpuint (((GalleyDevice *)back->devices->pdata[0])->public_key[31], ==, 200);
  g_assert_cmpuint (back->aliases->len, ==, 1);
  g_assert_cmpuint (g_array_index (back->aliases, GalleyAlias, 0).alias.bytes[0], ==, 9);
}

static void
test_verdicts (void)
{
  g_autoptr (GalleyPushAnswer) answer = galley_push_answer_new (), back = NULL;
  GalleyVerdict accepted = { .first_seq = 1, .count = 499, .position = 1001 };
  GalleyVerdict refused = { .first_seq = 500,
                            .count = 1,
                            .code = g_strdup ("permission"),
                            .message = g_strdup ("Your role does not allow it.") };
  g_autoptr (GBytes) body = NULL;
  const GalleyVerdict *verdict;
  GError *error = NULL;

  g_array_append_val (answer->verdicts, accepted);
  g_array_append_val (answer->verdicts, refused);
  answer->position = 1499;
  answer->history_id = g_strdup ("h1");
  body = galley_push_answer_to_bytes (answer);
  back = galley_push_answer_parse (body, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->position, ==, 1499);
  g_assert_cmpstr (back->history_id, ==, "h1");
  g_assert_cmpuint (back->verdicts->len, ==, 2);
  verdict = &g_array_index (back->verdicts, GalleyVerdict, 0);
  g_assert_cmpuint (verdict->count, ==, 499);
  g_assert_cmpuint (verdict->position, ==, 1001);
  verdict = &g_array_index (back->verdicts, GalleyVerdict, 1);
  g_assert_cmpuint (verdict->first_seq, ==, 500);
  g_assert_cmpuint (verdict->position, ==, 0);
  g_assert_cmpstr (verdict->code, ==, "permission");
  g_assert_cmpstr (verdict->message, ==, "Your role does not allow it.");
}

static void
test_problem (void)
{
  g_autoptr (GalleyProblem)
      problem = galley_problem_new ("history", "Another history", "It was restored.", "never");
  g_autoptr (GBytes) body = galley_problem_to_bytes (problem);
  g_autoptr (GBytes) bare = to_bytes ("{\"code\":\"odd\"}");
  g_autoptr (GBytes) foreign = to_bytes ("{\"error\":\"oops\"}");
  g_autoptr (GalleyProblem) back = galley_problem_parse (body, NULL);
  g_autoptr (GalleyProblem) odd = galley_problem_parse (bare, NULL);

  g_assert_cmpstr (back->code, ==, "history");
  g_assert_cmpstr (back->detail, ==, "It was restored.");
  g_assert_cmpstr (back->retry, ==, "never");
  /* Who shows it to a person has always a sentence to show. */
  g_assert_cmpstr (odd->code, ==, "odd");
  g_assert_cmpuint (strlen (odd->detail), >, 0);
  g_assert_null (galley_problem_parse (foreign, NULL));
}

static void
test_event (void)
{
  GalleyId project = { { 7, 8 } };
  g_autofree char *text = galley_event_to_text (&project, 77);
  GalleyEvent back;

  g_assert_true (galley_event_parse (text, &back));
  g_assert_true (galley_id_equal (&back.project, &project));
  g_assert_cmpuint (back.position, ==, 77);
  g_assert_false (back.directory);
  g_assert_true (galley_event_parse ("{\"directory\":1}", &back));
  g_assert_true (back.directory);
  g_assert_false (galley_event_parse ("{\"hello\":1}", &back));
  g_assert_false (galley_event_parse ("{\"project\":\"x\",\"position\":1}", &back));
  g_assert_false (galley_event_parse ("{\"position\":1}", &back));
  g_assert_false (galley_event_parse ("no JSON", &back));
}

static void add_later_member (JsonNode *node);

static void
add_to_element_cb (JsonArray *array, guint index, JsonNode *element, gpointer data)
{
  add_later_member (element);
}

static void
add_to_member_cb (JsonObject *object, const char *name, JsonNode *member, gpointer data)
{
  add_later_member (member);
}

/* What a later version may have to say, in every object. */
static void
add_later_member (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    json_array_foreach_element (json_node_get_array (node), add_to_element_cb, NULL);
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return;

  json_object_foreach_member (json_node_get_object (node), add_to_member_cb, NULL);
  json_object_set_member (json_node_get_object (node), "later",
                          json_from_string ("{\"a\":[1,null,{\"b\":true}]}", NULL));
}

static GBytes *
as_later (GBytes *body)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  char *later;

  add_later_member (node);
  later = json_to_string (node, FALSE);
  return g_bytes_new_take (later, strlen (later));
}

#define ASSERT_IGNORES_LATER(name, Type, original)                                                 \
  {                                                                                                \
    g_autoptr (GBytes) body = original;                                                            \
    g_autoptr (GBytes) later = as_later (body), again = NULL;                                      \
    g_autoptr (GError) error = NULL;                                                               \
    g_autoptr (Type) read = name##_parse (later, &error);                                          \
                                                                                                   \
    g_assert_no_error (error);                                                                     \
    g_assert_cmpuint (g_bytes_get_size (later), >, g_bytes_get_size (body));                       \
    again = name##_to_bytes (read);                                                                \
    g_assert_true (g_bytes_equal (again, body));                                                   \
  }

static void
test_later_members (void)
{
  g_autoptr (GalleyMe) me = make_me ();
  g_autoptr (GalleyPushAnswer) pushed = galley_push_answer_new ();
  g_autoptr (GalleyCommon) common = galley_common_new ();
  g_autoptr (GalleyProblem) problem = galley_problem_new ("odd", "Odd", "It is odd.", "never");
  GalleyVerdict verdict = { .first_seq = 1, .count = 2, .position = 3 };
  GalleyChainLink link = { .ref = { { { 1 } }, 5 } };

  g_test_summary ("A newer server may say more than this Galley knows of");

  g_array_append_val (pushed->verdicts, verdict);
  pushed->history_id = g_strdup ("h1");
  g_array_append_val (common->chains, link);
  common->history_id = g_strdup ("h1");
  ASSERT_IGNORES_LATER (galley_me, GalleyMe, galley_me_to_bytes (me));
  ASSERT_IGNORES_LATER (galley_push_answer, GalleyPushAnswer, galley_push_answer_to_bytes (pushed));
  ASSERT_IGNORES_LATER (galley_common, GalleyCommon, galley_common_to_bytes (common));
  ASSERT_IGNORES_LATER (galley_problem, GalleyProblem, galley_problem_to_bytes (problem));
}

/* What is said of a flag in another way than this Galley understands counts for nothing. */
static void
test_odd_flags (void)
{
  static const char *const odd[] = {
    "[]",
    "7",
    "{\"compact\":1}",
    "[7,null]",
    "[{\"name\":\"compact\"}]",
    "[{\"name\":\"compact\",\"percent\":101}]",
    "[{\"name\":\"compact\",\"percent\":-1}]",
    "[{\"name\":\"two words\",\"percent\":1}]",
    "[{\"percent\":1}]",
    "[{\"name\":\"compact\",\"percent\":\"all\"}]",
  };
  g_autoptr (GalleyMe) me = make_me ();
  g_autoptr (GBytes) body = galley_me_to_bytes (me);
  g_autofree char *text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));

  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (text, NULL);
      g_autofree char *changed = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GalleyMe) read = NULL;
      g_autoptr (GError) error = NULL;

      json_object_set_member (json_node_get_object (node), "flags",
                              json_from_string (odd[i], NULL));
      changed = json_to_string (node, FALSE);
      bytes = to_bytes (changed);
      read = galley_me_parse (bytes, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (read->flags->len, ==, 0);
      g_assert_cmpuint (read->persons->len, ==, 1);
    }
}

/* No parser takes these, nor dies of them. */
static void
test_malformed (void)
{
  static const char *const bad[] = {
    "",
    "null",
    "[]",
    "{",
    "{}",
    "\xff\xfe",
    "{\"verdicts\":7,\"position\":1,\"history_id\":\"h\"}",
    "{\"verdicts\":[7],\"position\":1,\"history_id\":\"h\"}",
    "{\"verdicts\":[{\"first_seq\":0,\"count\":1,\"position\":1}],\"position\":1,"
    "\"history_id\":\"h\"}",
    "{\"verdicts\":[{\"first_seq\":1,\"count\":-1,\"position\":1}],\"position\":1,"
    "\"history_id\":\"h\"}",
    "{\"verdicts\":[],\"position\":-1,\"history_id\":\"h\"}",
    "{\"verdicts\":[],\"position\":1.5,\"history_id\":\"h\"}",
    "{\"person\":[],\"name\":{},\"server_id\":1,\"devices\":[null],\"persons\":[[]]}",
    "{\"invite\":\"a\",\"public_key\":\"zz\",\"device_name\":\"b\",\"person\":\"c\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) body = to_bytes (bad[i]);

      g_test_message ("%u", i);
      g_assert_null (galley_push_answer_parse (body, NULL));
      g_assert_null (galley_me_parse (body, NULL));
      g_assert_null (galley_enrol_request_parse (body, NULL));
      g_assert_null (galley_enrol_answer_parse (body, NULL));
      g_assert_null (galley_problem_parse (body, NULL));
    }
}

/* A million brackets would take a recursive parser's stack, also behind what is a quotation mark to
 * one reader and none to another. */
static void
test_deep (void)
{
  static const char *const starts[] = { "{\"a\":", "{\"a\":/*\"*/", "{\"a\"://\"\n", "{'\"':" };
  g_autofree char *deep = g_strnfill (GALLEY_JSON_MAX_BYTES - 100, '[');
  g_autoptr (GBytes) shallow = to_bytes ("{\"a\":\"/'[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}");
  g_autoptr (JsonNode) node = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autofree char *text = g_strconcat (starts[i], deep, NULL);
      g_autoptr (GBytes) body = to_bytes (text);
      g_autoptr (GError) error = NULL;

      g_assert_null (galley_json_parse (body, &error));
      g_assert_error (error, GALLEY_WIRE_ERROR, GALLEY_WIRE_ERROR_MALFORMED);
    }
  node = galley_json_parse (shallow, NULL);
  g_assert_nonnull (node);
}

static JsonNode *
change_to_json (GalleyChange *change)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  galley_change_add_to_json (builder, change, 5);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* An operator reads names, not numbers; what a newer Galley made still shows. */
static void
test_change (void)
{
  GalleyChangeHeader header = { .device = { { 2 } }, .seq = 3, .project = { { 1 } } };
  GalleyEdit edits[2] = {
    { .kind = GALLEY_KIND_ITEM, .field = GALLEY_ITEM_NAME, .entity = { { 4 } }, .element = "" },
    { .kind = 200, .field = 9, .entity = { { 5 } }, .element = "" },
  };
  g_autoptr (GalleyChange) change = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object, *edit;

  edits[0].value = g_variant_new_string ("cover.pdf");
  change = galley_change_new (&header, "rename", edits, 2, NULL, NULL);
  node = change_to_json (change);
  object = json_node_get_object (node);
  g_assert_cmpstr (galley_json_get_string (object, "intent"), ==, "rename");
  g_assert_cmpint (galley_json_get_int (object, "position", 0), ==, 5);
  g_assert_cmpint (galley_json_get_int (object, "seq", 0), ==, 3);
  edit = json_array_get_object_element (galley_json_get_array (object, "edits"), 0);
  g_assert_cmpstr (galley_json_get_string (edit, "kind"), ==, "item");
  g_assert_cmpstr (galley_json_get_string (edit, "field"), ==, "name");
  g_assert_cmpstr (galley_json_get_string (edit, "value"), ==, "cover.pdf");
  edit = json_array_get_object_element (galley_json_get_array (object, "edits"), 1);
  g_assert_cmpstr (galley_json_get_string (edit, "kind"), ==, "kind 200");
  g_assert_cmpstr (galley_json_get_string (edit, "field"), ==, "field 9");
  g_assert_true (json_object_get_null_member (edit, "value"));
}

/* Whatever a newer Galley puts into a change, what an operator gets is JSON. */
static void
test_odd_values (void)
{
  static const char *const values[] = {
    "{'x': <[1.5, inf, -inf, nan]>}",
    "{'x': <@mh nothing>, 'y': <just 'z'>, 'z': <handle 7>}",
    "{'x': <[{uint16 1, <b'\\xff\\x00'>}]>, 'y': <()>, 'z': <@a{sv} {}>}",
    "{'x': <uint64 18446744073709551615>, 'y': <objectpath '/a'>, 'z': <signature 'ay'>}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      GalleyChangeHeader header = { .device = { { 2 } }, .seq = 3, .project = { { 1 } } };
      GalleyEdit edit = { .kind = 200, .field = 9, .entity = { { 4 } }, .element = "" };
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant)
          extra = g_variant_parse (G_VARIANT_TYPE_VARDICT, values[i], NULL, NULL, &error);
      g_autoptr (GalleyChange) change = NULL;
      g_autoptr (JsonNode) node = NULL, back = NULL;
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      edit.value = g_variant_lookup_value (extra, "x", NULL);
      change = galley_change_new (&header, "later", &edit, 1, extra, &error);
      g_assert_no_error (error);
      node = change_to_json (change);
      text = json_to_string (node, FALSE);
      g_test_message ("%s", text);
      back = json_from_string (text, &error);
      g_assert_no_error (error);
      g_variant_unref (edit.value);
    }
}

static void
test_digests (void)
{
  g_autoptr (GArray) reports = g_array_new (FALSE, TRUE, sizeof (GalleyDigestReport));
  g_autoptr (GArray) back = NULL;
  g_autofree char *text = NULL, *longer = NULL;
  static const char *const bad[] = { "x", "=", "==", ",", "a=1=b=c" };

  for (guint i = 1; i <= GALLEY_DIGESTS_MOST; i++)
    {
      GalleyDigestReport report = { { { i } }, i * 1000, { { i } }, { { i + 1 } } };

      g_array_append_val (reports, report);
    }
  text = galley_digest_reports_to_text (reports);
  back = galley_digest_reports_parse (text);
  g_assert_cmpmem (back->data, back->len * sizeof (GalleyDigestReport), reports->data,
                   reports->len * sizeof (GalleyDigestReport));

  longer = g_strconcat (text, ",", text, NULL);
  g_assert_null (galley_digest_reports_parse (longer));
  text[strlen (text) - 1] = 'x';
  g_assert_null (galley_digest_reports_parse (text));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (galley_digest_reports_parse (bad[i]));
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/wire-json/enrol", test_enrol);
  g_test_add_func ("/wire-json/enrol-answer", test_enrol_answer);
  g_test_add_func ("/wire-json/me", test_me);
  g_test_add_func ("/wire-json/verdicts", test_verdicts);
  g_test_add_func ("/wire-json/problem", test_problem);
  g_test_add_func ("/wire-json/event", test_event);
  g_test_add_func ("/wire-json/later-members", test_later_members);
  g_test_add_func ("/wire-json/odd-flags", test_odd_flags);
  g_test_add_func ("/wire-json/malformed", test_malformed);
  g_test_add_func ("/wire-json/deep", test_deep);
  g_test_add_func ("/wire-json/change", test_change);
  g_test_add_func ("/wire-json/odd-values", test_odd_values);
  g_test_add_func ("/wire-json/digests", test_digests);
  return g_test_run ();
}
