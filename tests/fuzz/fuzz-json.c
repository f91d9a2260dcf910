/* fuzz-json.c: whatever text comes as a message, it is refused, or read as what it says
 *
 * The input is any number of texts, each ended by a zero byte but the last; each is tried as every
 * kind of message, so that what is written into one kind is met by the parsers of all.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz.h"

#include "sync/wire/galley-problem.h"
#include "sync/wire/galley-wire-json.h"

#include <string.h>

/* What was read can be written, and is then read as the same. */
#define TRY_MESSAGE(Type, name)                                                                    \
  static void try_##name (GBytes *body)                                                            \
  {                                                                                                \
    g_autoptr (GError) error = NULL;                                                               \
    g_autoptr (Type) message = galley_##name##_parse (body, &error);                               \
    g_autoptr (Type) again = NULL;                                                                 \
    g_autoptr (GBytes) once = NULL, twice = NULL;                                                  \
                                                                                                   \
    g_assert_true ((message == NULL) == (error != NULL));                                          \
    if (message == NULL)                                                                           \
      return;                                                                                      \
    once = galley_##name##_to_bytes (message);                                                     \
    again = galley_##name##_parse (once, &error);                                                  \
    g_assert_no_error (error);                                                                     \
    twice = galley_##name##_to_bytes (again);                                                      \
    g_assert_true (g_bytes_equal (once, twice));                                                   \
  }

TRY_MESSAGE (GalleyEnrolRequest, enrol_request)
TRY_MESSAGE (GalleyEnrolAnswer, enrol_answer)
TRY_MESSAGE (GalleyMe, me)
TRY_MESSAGE (GalleyPushAnswer, push_answer)
TRY_MESSAGE (GalleyKnown, known)
TRY_MESSAGE (GalleyCommon, common)
TRY_MESSAGE (GalleyProblem, problem)

static void
try_event (const char *text)
{
  GalleyEvent event, again;
  g_autofree char *written = NULL;

  if (!galley_event_parse (text, &event) || event.directory)
    return;

  written = galley_event_to_text (&event.project, event.position);
  g_assert_true (galley_event_parse (written, &again));
  g_assert_true (galley_id_equal (&event.project, &again.project));
  g_assert_cmpuint (event.position, ==, again.position);
}

/* What a server says of a snapshot is looked at member by member. */
static void
try_members (GBytes *body)
{
  static const char *const names[] = { "position", "end", "history", "hash", "bytes" };
  g_autoptr (JsonNode) root = galley_json_parse (body, NULL);
  GalleyHash hash;
  GalleyId id;

  for (guint i = 0; root != NULL && i < G_N_ELEMENTS (names); i++)
    {
      JsonObject *object = json_node_get_object (root);

      galley_hash_parse (galley_json_get_string (object, names[i]), &hash);
      galley_json_get_id (object, names[i], &id);
      galley_json_get_int (object, names[i], 0);
      galley_json_get_array (object, names[i]);
    }
}

static void
try_text (const char *text, gsize bytes)
{
  g_autoptr (GBytes) body = g_bytes_new (text, bytes);
  g_autofree char *ended = g_strndup (text, bytes);

  try_enrol_request (body);
  try_enrol_answer (body);
  try_me (body);
  try_push_answer (body);
  try_known (body);
  try_common (body);
  try_problem (body);
  try_members (body);
  try_event (ended);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  const char *text = (const char *)data, *end = text + size;

  while (text < end)
    {
      gsize bytes = strnlen (text, end - text);

      try_text (text, bytes);
      text += bytes + 1;
    }
  return 0;
}

/* One of each kind. */
GBytes *
galley_fuzz_get_seed (void)
{
#define ID "0190a0b0-c0d0-7e0f-8010-203040506070"
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  static const char seed[] =
      "{\"invite\":\"ABCDE-FGHJK\",\"public_key\":\"" HEX "\",\"device_name\":\"Laptop\","
      "\"person\":\"" ID "\",\"name\":\"Ana\",\"server_id\":\"s\",\"proof\":\"" HEX HEX "\"}\0"
      "{\"token\":\"0123\",\"person\":\"" ID "\",\"person_name\":\"Ana\",\"role\":\"lead\","
      "\"server_id\":\"s\",\"alias\":true}\0"
      "{\"person\":\"" ID "\",\"device\":\"" ID "\",\"name\":\"Ana\",\"role\":\"lead\","
      "\"server_id\":\"s\",\"persons\":[{\"id\":\"" ID "\",\"name\":\"Ana\",\"role\":\"lead\","
      "\"aliases\":[\"" ID "\"]}],\"devices\":[{\"id\":\"" ID "\",\"person\":\"" ID "\","
      "\"name\":\"Laptop\",\"public_key\":\"" HEX "\",\"revoked\":true,"
      "\"last_seen\":\"2025-10-09T08:53:20.123Z\"}],\"projects\":[{\"id\":\"" ID "\","
      "\"position\":7,\"history_id\":\"h\",\"role\":\"guest\",\"differs_since\":3}]}\0"
      "{\"verdicts\":[{\"first_seq\":1,\"count\":4,\"position\":9},{\"first_seq\":5,\"count\":1,"
      "\"position\":0,\"code\":\"permission\",\"message\":\"No.\",\"device\":\"" ID "\"}],"
      "\"position\":13,\"history_id\":\"h\"}\0"
      "{\"marks\":[{\"position\":9,\"rolling\":\"" HEX "\"}],"
      "\"chain\":[{\"seq\":3,\"hash\":\"" HEX "\"},{\"seq\":0}]}\0"
      "{\"position\":9,\"own_seq\":3,\"end\":13,\"history_id\":\"h\","
      "\"chains\":[{\"device\":\"" ID "\",\"seq\":3,\"hash\":\"" HEX "\"}]}\0"
      "{\"code\":\"fork\",\"title\":\"Fork\",\"detail\":\"Twice.\",\"retry\":\"never\"}\0"
      "{\"position\":9,\"end\":13,\"history\":\"h\",\"hash\":\"" HEX "\",\"bytes\":70000}\0"
      "{\"project\":\"" ID "\",\"position\":77}";
#undef ID
#undef HEX

  return g_bytes_new_static (seed, sizeof seed - 1);
}
