/* test-server.c: a whole server over HTTP: what it answers, to friends and to nonsense
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "data/galley-hash.h"
#include "galley-test-client.h"
#include "server/galley-server.h"
#include "sync/wire/galley-problem.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Larger than what the server takes of anything but a file. */
#define LARGE_BYTES (9 * 1024 * 1024 + 1)
#define FILE_BYTES (700 * 1024)

typedef struct
{
  GalleyTestServer *server;
  GalleyId project;
  char project_text[GALLEY_ID_TEXT_SIZE];
} Bench;

static void
set_up (Bench *bench, gconstpointer data)
{
  g_autofree char *folder = galley_test_path ("server");

  bench->server = galley_test_server_new (folder);
  galley_id_new (&bench->project, galley_world_real ());
  galley_id_print (&bench->project, bench->project_text);
}

static void
tear_down (Bench *bench, gconstpointer data)
{
  g_clear_pointer (&bench->server, galley_test_server_free);
}

static GalleyTestClient *
new_stranger (Bench *bench)
{
  return galley_test_client_new (galley_test_server_get_url (bench->server), "stranger",
                                 &bench->project);
}

static GalleyTestClient *
join (Bench *bench, const char *name, GalleyRole role)
{
  g_autofree char *code = galley_test_server_invite (bench->server, name, role);
  GalleyTestClient *client = galley_test_client_new (galley_test_server_get_url (bench->server),
                                                     name, &bench->project);

  galley_test_client_join (client, code);
  return client;
}

static void
assert_goes_on (Bench *bench)
{
  g_autoptr (GalleyTestClient) anybody = new_stranger (bench);
  g_autoptr (GalleyTestAnswer)
      answer = galley_test_client_ask (anybody, "GET", "/healthz", NULL, NULL);

  g_assert_cmpuint (answer->status, ==, 200);
}

static void
assert_problem (GalleyTestClient *client,
                const char *method,
                const char *path,
                GBytes *body,
                guint status,
                const char *code)
{
  g_autoptr (GalleyTestAnswer)
      answer = galley_test_client_ask (client, method, path, "application/octet-stream", body);

  g_test_message ("%s %s", method, path);
  galley_test_answer_assert_problem (answer, status, code);
}

/* ── operators ── */

static void
test_health (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) anybody = new_stranger (bench);
  static const char *const paths[] = { "/healthz", "/readyz", "/metrics" };
  g_autoptr (GalleyTestAnswer) metrics = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GalleyTestAnswer)
          answer = galley_test_client_ask (anybody, "GET", paths[i], NULL, NULL);

      g_assert_cmpuint (answer->status, ==, 200);
    }
  metrics = galley_test_client_ask (anybody, "GET", "/metrics", NULL, NULL);
  text = g_strndup (g_bytes_get_data (metrics->body, NULL), g_bytes_get_size (metrics->body));
  g_assert_nonnull (strstr (text, "\ngalley_requests_total 4\n"));
}

/* ── strangers and nonsense ── */

static void
test_unauthorized (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) stranger = new_stranger (bench);
  g_autofree char *project = g_path_get_dirname (stranger->changes_path);
  g_autofree char *file = g_strdup_printf ("%s/files/%064d", project, 7);
  g_autoptr (GBytes) body = g_bytes_new_static ("x", 1);
  static const char *const tokens[] = { NULL, "", "0123456789abcdef", "\xc3\xa4" };

  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      stranger->token = g_strdup (tokens[i]);
      assert_problem (stranger, "GET", "/v1/me", NULL, 401, "unauthorized");
      assert_problem (stranger, "PUT", project, NULL, 401, "unauthorized");
      assert_problem (stranger, "GET", stranger->changes_path, NULL, 401, "unauthorized");
      assert_problem (stranger, "POST", stranger->changes_path, body, 401, "unauthorized");
      assert_problem (stranger, "GET", file, NULL, 401, "unauthorized");
      assert_problem (stranger, "PUT", file, body, 401, "unauthorized");
      assert_problem (stranger, "GET", "/v1/events", NULL, 401, "unauthorized");
      g_clear_pointer (&stranger->token, g_free);
    }
}

/* An address that begins as ours is not one of ours, and no way past the question who asks. */
static void
test_beside (Bench *bench, gconstpointer data)
{
  static const char *const starts[] = { "/v1x", "/v10", "/v1.0", "/v2", "//v1x", "/V1" };
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_ADMIN);
  g_autoptr (GalleyTestClient) stranger = new_stranger (bench);
  g_autofree char *project = g_path_get_dirname (ana->changes_path);
  g_autoptr (GBytes) body = g_bytes_new_static ("x", 1);

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      const char *below = project + strlen ("/v1");
      g_autofree char *me = g_strconcat (starts[i], "/me", NULL);
      g_autofree char *changes = g_strconcat (starts[i], below, "/changes", NULL);
      g_autofree char *file = g_strdup_printf ("%s%s/files/%064d", starts[i], below, 7);

      assert_problem (stranger, "GET", me, NULL, 404, "not-found");
      assert_problem (stranger, "GET", changes, NULL, 404, "not-found");
      assert_problem (stranger, "POST", changes, body, 404, "not-found");
      assert_problem (stranger, "PUT", file, body, 404, "not-found");
      assert_problem (ana, "GET", me, NULL, 404, "not-found");
    }
  assert_goes_on (bench);
}

static void
test_nowhere (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autofree char *project = g_path_get_dirname (ana->changes_path);
  g_autofree char *deeper = g_strconcat (ana->changes_path, "/1", NULL);
  g_autofree char *unknown = g_strdup_printf ("/v1/projects/%032d/changes", 7);
  g_autofree char *bad_query = g_strconcat (ana->changes_path, "?after=minus-one", NULL);
  g_autofree char *bad_file = g_strconcat (project, "/files/passwd", NULL);

  assert_problem (ana, "GET", "/", NULL, 404, "not-found");
  assert_problem (ana, "GET", "/admin", NULL, 404, "not-found");
  assert_problem (ana, "GET", "/v1", NULL, 404, "not-found");
  assert_problem (ana, "GET", "/v1/projects", NULL, 404, "not-found");
  assert_problem (ana, "GET", "/v2/me", NULL, 404, "not-found");
  assert_problem (ana, "GET", deeper, NULL, 404, "not-found");
  assert_problem (ana, "GET", unknown, NULL, 404, "not-found");
  assert_problem (ana, "DELETE", ana->changes_path, NULL, 405, "method");
  assert_problem (ana, "GET", "/v1/enrol", NULL, 405, "method");
  assert_problem (ana, "DELETE", "/v1/me", NULL, 405, "method");
  assert_problem (ana, "DELETE", project, NULL, 405, "method");
  assert_problem (ana, "GET", "/v1/projects/no-id", NULL, 400, "malformed");
  assert_problem (ana, "GET", bad_query, NULL, 400, "malformed");
  assert_problem (ana, "GET", bad_file, NULL, 400, "malformed");
  assert_goes_on (bench);
}

static void
test_malformed (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  static const char *const bodies[] = { "", "{", "[]", "\x28\xb5\x2f\xfd", "{\"invite\":7}" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GBytes) body = g_bytes_new_static (bodies[i], strlen (bodies[i]));

      assert_problem (ana, "POST", ana->changes_path, body, 400, "malformed");
      assert_problem (ana, "POST", "/v1/enrol", body, 400, "malformed");
    }
  assert_goes_on (bench);
}

static void
test_oversized (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (LARGE_BYTES), LARGE_BYTES);
  g_autoptr (GInputStream) endless = g_memory_input_stream_new_from_bytes (large);
  g_autoptr (GalleyTestAnswer) answer = NULL;
  SoupMessage *message;

  assert_problem (ana, "POST", ana->changes_path, large, 413, "too-large");
  assert_problem (ana, "POST", "/v1/enrol", large, 413, "too-large");

  /* A body that does not say how long it is. */
  message = galley_test_client_prepare (ana, "POST", ana->changes_path);
  soup_message_set_request_body (message, "application/octet-stream", endless, -1);
  answer = galley_test_client_send (ana, message);
  galley_test_answer_assert_problem (answer, 411, "length");
  assert_goes_on (bench);
}

/* Without a token nobody makes the server hold more than an enrolment needs. */
static void
test_strangers_body (Bench *bench, gconstpointer data)
{
  static const char *const paths[] = { "/v1/enrol", "/healthz", "/metrics", "/nowhere", "/" };
  g_autoptr (GalleyTestClient) stranger = new_stranger (bench);
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GBytes) small = g_bytes_new_take (g_malloc0 (16 * 1024), 16 * 1024);
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (16 * 1024 + 1), 16 * 1024 + 1);

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    assert_problem (stranger, "POST", paths[i], large, 413, "too-large");
  assert_problem (stranger, "POST", "/v1/enrol", small, 400, "malformed");
  /* Who is known may send more. */
  assert_problem (ana, "POST", ana->changes_path, large, 400, "malformed");
}

/* A connection of bytes, for what no HTTP library would send. */
static GSocketConnection *
connect_raw (Bench *bench)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection;

  g_socket_client_set_enable_proxy (client, FALSE);
  connection = g_socket_client_connect_to_uri (client, galley_test_server_get_url (bench->server),
                                               0, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static void
write_raw (GSocketConnection *connection, const char *bytes, gsize n_bytes)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), bytes,
                             n_bytes, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_no_http (Bench *bench, gconstpointer data)
{
  static const char *const texts[] = {
    "\r\n\r\n",
    "what is this?\r\n\r\n",
    "GET",
    "GET /v1/me HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "POST /v1/enrol HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    "POST /v1/enrol HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "GET /v1/events HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "\x16\x03\x01\x02",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GSocketConnection) connection = connect_raw (bench);

      write_raw (connection, texts[i], strlen (texts[i]));
      g_assert_true (g_io_stream_close (G_IO_STREAM (connection), NULL, NULL));
      assert_goes_on (bench);
    }
}

/* Who asks and hangs up before the answer is there. */
static void
test_gone_before_the_answer (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autofree char *request =
      g_strdup_printf ("GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n",
                       ana->token);

  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (GSocketConnection) connection = connect_raw (bench);

      write_raw (connection, request, strlen (request));
      g_assert_true (g_io_stream_close (G_IO_STREAM (connection), NULL, NULL));
    }
  assert_goes_on (bench);
}

/* ── joining ── */

static void
test_invites (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) stranger = new_stranger (bench);
  g_autoptr (GalleyTestClient) ana = NULL;
  g_autofree char *code = galley_test_server_invite (bench->server, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyEnrolRequest) wrong = galley_bare_device_ask (stranger->device, "WRONG");
  g_autoptr (GalleyEnrolRequest) late = galley_bare_device_ask (stranger->device, code);
  g_autoptr (GBytes) wrong_body = galley_enrol_request_to_bytes (wrong);
  g_autoptr (GBytes) late_body = galley_enrol_request_to_bytes (late);

  assert_problem (stranger, "POST", "/v1/enrol", wrong_body, 403, "forbidden");
  ana = galley_test_client_new (galley_test_server_get_url (bench->server), "ana", &bench->project);
  galley_test_client_join (ana, code);
  assert_problem (stranger, "POST", "/v1/enrol", late_body, 403, "forbidden");
}

static void
test_me (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_LEAD);
  g_autoptr (GalleyTestAnswer) answer = galley_test_client_ask (ana, "GET", "/v1/me", NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyMe) me = galley_me_parse (answer->body, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (me->name, ==, "Ana");
  g_assert_cmpint (me->role, ==, GALLEY_ROLE_LEAD);
  g_assert_true (galley_id_equal (&me->device, &ana->device->id));
  g_assert_cmpuint (me->projects->len, ==, 1);
}

static void
test_revoked (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyTestAnswer) before = galley_test_client_ask (ana, "GET", "/v1/me", NULL, NULL);

  g_assert_cmpuint (before->status, ==, 200);
  galley_test_server_revoke (bench->server, &ana->device->id);
  assert_problem (ana, "GET", "/v1/me", NULL, 401, "unauthorized");
}

static void
test_guest (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) gil = join (bench, "Gil", GALLEY_ROLE_GUEST);
  g_autofree char *project = g_path_get_dirname (gil->changes_path);
  g_autofree char *file = g_strdup_printf ("%s/files/%064d", project, 7);
  g_autoptr (GBytes) body = g_bytes_new_static ("x", 1);
  g_autoptr (GalleyTestClient) ana = NULL;

  assert_problem (gil, "PUT", project, NULL, 403, "forbidden");
  assert_problem (gil, "GET", gil->changes_path, NULL, 404, "not-found");
  ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  assert_problem (gil, "PUT", file, body, 403, "forbidden");
}

/* ── changes ── */

static GalleyId
make_item (GalleyTestClient *client)
{
  GalleyId item;

  galley_id_new (&item, galley_world_real ());
  galley_bare_device_make (client->device, GALLEY_KIND_ITEM, &item, &client->device->project);
  return item;
}

static GalleyTestAnswer *
pull (GalleyTestClient *client, const char *query, const char *accept)
{
  g_autofree char *path = g_strconcat (client->changes_path, query, NULL);
  SoupMessage *message = galley_test_client_prepare (client, "GET", path);

  soup_message_headers_append (soup_message_get_request_headers (message), "Accept", accept);
  return galley_test_client_send (client, message);
}

static guint
count_changes (GalleyTestAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyBatchReader) reader = galley_batch_reader_new (answer->body, &error);
  guint n_changes = 0;
  int got = 1;

  g_assert_no_error (error);
  while (got > 0)
    {
      g_auto (GalleyFrame) frame = { 0 };

      got = galley_batch_reader_next (reader, &frame, &error);
      g_assert_no_error (error);
      n_changes += frame.change != NULL;
    }
  return n_changes;
}

/* A body that trickles in for as long as it takes to be taken off. */
static void
test_revoked_midway (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyTestClient) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  g_autoptr (GSocketConnection) connection = connect_raw (bench);
  g_autofree char *head = NULL, *first_line = NULL;
  g_autoptr (GBytes) batch = NULL;
  g_autoptr (GDataInputStream) answer = NULL;
  g_autoptr (GalleyTestAnswer) pulled = NULL;
  const char *bytes;
  gsize n_bytes;

  make_item (ana);
  batch = galley_bare_device_pack (ana->device);
  bytes = g_bytes_get_data (batch, &n_bytes);
  head = g_strdup_printf ("POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                          "Expect: 100-continue\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                          ana->changes_path, ana->token, n_bytes);
  write_raw (connection, head, strlen (head));
  /* The server says that it wants the body: the headers were fine. */
  answer = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_data_input_stream_set_newline_type (answer, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  first_line = g_data_input_stream_read_line (answer, NULL, NULL, NULL);
  g_assert_cmpstr (first_line, ==, "HTTP/1.1 100 Continue");
  for (gsize n_signs = 1; n_signs > 0;)
    g_free (g_data_input_stream_read_line (answer, &n_signs, NULL, NULL));

  galley_test_server_revoke (bench->server, &ana->device->id);
  write_raw (connection, bytes, n_bytes);
  g_free (first_line);
  first_line = g_data_input_stream_read_line (answer, NULL, NULL, NULL);
  g_assert_cmpstr (first_line, ==, "HTTP/1.1 401 Unauthorized");
  pulled = pull (ben, "?after=0", GALLEY_BATCH_MEDIA_TYPE);
  g_assert_cmpuint (count_changes (pulled), ==, 0);
}

static void
test_push_and_pull (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyTestClient) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyPushAnswer) pushed = NULL;
  g_autoptr (GalleyTestAnswer) first = NULL, rest = NULL, own = NULL, nothing = NULL;
  g_autofree char *query = NULL;

  for (guint i = 0; i < 7; i++)
    make_item (ana);
  pushed = galley_test_client_push (ana);
  g_assert_cmpuint (pushed->position, ==, 7);

  first = pull (ben, "?after=0&limit=5&have=0", GALLEY_BATCH_MEDIA_TYPE);
  g_assert_cmpuint (first->status, ==, 200);
  g_assert_cmpstr (galley_test_answer_get_header (first, "Content-Type"), ==,
                   GALLEY_BATCH_MEDIA_TYPE);
  g_assert_cmpstr (galley_test_answer_get_header (first, "Galley-Position"), ==, "7");
  g_assert_cmpstr (galley_test_answer_get_header (first, "Galley-History"), ==, pushed->history_id);
  g_assert_cmpuint (count_changes (first), ==, 5);

  query = g_strdup_printf ("?after=5&have=0&history=%s", pushed->history_id);
  rest = pull (ben, query, GALLEY_BATCH_MEDIA_TYPE);
  g_assert_cmpuint (count_changes (rest), ==, 2);
  nothing = pull (ben, "?after=7", "*/*");
  g_assert_cmpuint (count_changes (nothing), ==, 0);
  own = pull (ana, "?after=0&have=7", GALLEY_BATCH_MEDIA_TYPE);
  g_assert_cmpuint (count_changes (own), ==, 0);
  galley_test_server_assert_verified (bench->server);
}

static void
test_pull_json (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyTestAnswer) answer = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonArray *changes;

  make_item (ana);
  make_item (ana);
  galley_push_answer_free (galley_test_client_push (ana));
  answer = pull (ana, "?after=1&have=9", "application/json");
  g_assert_cmpstr (galley_test_answer_get_header (answer, "Content-Type"), ==, "application/json");
  root = galley_json_parse (answer->body, NULL);
  g_assert_nonnull (root);
  changes = galley_json_get_array (json_node_get_object (root), "changes");
  g_assert_cmpuint (json_array_get_length (changes), ==, 1);
  g_assert_cmpint (galley_json_get_int (json_array_get_object_element (changes, 0), "position", 0),
                   ==, 2);
}

static void
test_other_history (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autofree char *other = g_strconcat (ana->changes_path, "?after=0&history=other", NULL);
  g_autofree char *ahead = g_strconcat (ana->changes_path, "?after=1", NULL);

  assert_problem (ana, "GET", other, NULL, 409, "history");
  assert_problem (ana, "GET", ahead, NULL, 409, "history");
}

static void
test_survives_restart (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autofree char *url = g_strdup (galley_test_server_get_url (bench->server));
  g_autoptr (GalleyPushAnswer) before = NULL, after = NULL;

  make_item (ana);
  before = galley_test_client_push (ana);
  galley_test_server_stop (bench->server);
  galley_test_server_start (bench->server);
  g_assert_cmpstr (galley_test_server_get_url (bench->server), ==, url);
  make_item (ana);
  after = galley_test_client_push (ana);
  g_assert_cmpuint (after->position, ==, 2);
  g_assert_cmpstr (after->history_id, ==, before->history_id);
}

/* ── files ── */

typedef struct
{
  guint8 *bytes;
  GalleyHash hash;
  char *path;
} Sample;

static void
sample_clear (Sample *sample)
{
  g_free (sample->bytes);
  g_free (sample->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sample, sample_clear)

/* The file as @client's project has it: not sent yet. */
static Sample
name_file (GalleyTestClient *client)
{
  Sample sample = { .bytes = g_malloc (FILE_BYTES) };
  char hash[GALLEY_HASH_TEXT_SIZE], project[GALLEY_ID_TEXT_SIZE];

  for (guint i = 0; i < FILE_BYTES; i++)
    sample.bytes[i] = i * 2654435761u >> 24;
  galley_hash_bytes (&sample.hash, sample.bytes, FILE_BYTES);
  sample.path = g_strdup_printf ("/v1/projects/%s/files/%s",
                                 galley_id_print (&client->device->project, project),
                                 galley_hash_print (&sample.hash, hash));
  return sample;
}

/* A file, and a version in the project that speaks of it. */
static Sample
make_file (GalleyTestClient *client)
{
  Sample sample = name_file (client);
  GalleyId item = make_item (client), version;
  GVariant *name;

  galley_id_new (&version, galley_world_real ());
  galley_bare_device_make (client->device, GALLEY_KIND_VERSION, &version, &item);
  name = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, sample.hash.bytes, 32, 1);
  galley_bare_device_set (client->device, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_FILE,
                          g_variant_new ("(@ayts)", name, (guint64)FILE_BYTES, "application/pdf"));
  galley_push_answer_free (galley_test_client_push (client));
  return sample;
}

static GalleyTestAnswer *
send_part (GalleyTestClient *client, const Sample *sample, gsize from, gsize to)
{
  SoupMessage *message = galley_test_client_prepare (client, "PUT", sample->path);
  g_autoptr (GBytes) body = g_bytes_new (sample->bytes + from, to - from);
  g_autofree char *range = g_strdup_printf ("bytes %" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT "/%d",
                                            from, to - 1, FILE_BYTES);

  soup_message_headers_append (soup_message_get_request_headers (message), "Content-Range", range);
  soup_message_set_request_body_from_bytes (message, "application/octet-stream", body);
  return galley_test_client_send (client, message);
}

static void
assert_sent (GalleyTestClient *client, const Sample *sample, gsize from, gsize to, guint status)
{
  g_autoptr (GalleyTestAnswer) answer = send_part (client, sample, from, to);

  g_assert_cmpuint (answer->status, ==, status);
}

/* How many bytes the server says it has, in bytes; all of them when it is complete. */
static gsize
ask_offset (GalleyTestClient *client, const Sample *sample)
{
  g_autoptr (GalleyTestAnswer)
      answer = galley_test_client_ask (client, "HEAD", sample->path, NULL, NULL);

  g_assert_cmpuint (answer->status, ==, 200);
  if (g_strcmp0 (galley_test_answer_get_header (answer, "Galley-Complete"), "1") == 0)
    return FILE_BYTES;

  return g_ascii_strtoull (galley_test_answer_get_header (answer, "Galley-Offset"), NULL, 10);
}

static void
assert_fetched (
    GalleyTestClient *client, const Sample *sample, const char *range, gsize from, gsize to)
{
  SoupMessage *message = galley_test_client_prepare (client, "GET", sample->path);
  g_autoptr (GalleyTestAnswer) answer = NULL;
  g_autofree char *expected = g_strdup_printf ("bytes %" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT "/%d",
                                               from, to - 1, FILE_BYTES);

  if (range != NULL)
    soup_message_headers_append (soup_message_get_request_headers (message), "Range", range);
  answer = galley_test_client_send (client, message);
  g_assert_cmpuint (answer->status, ==, range != NULL ? 206 : 200);
  g_assert_cmpstr (galley_test_answer_get_header (answer, "Content-Range"), ==,
                   range != NULL ? expected : NULL);
  g_assert_cmpmem (g_bytes_get_data (answer->body, NULL), g_bytes_get_size (answer->body),
                   sample->bytes + from, to - from);
}

static void
test_file (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyTestClient) gil = join (bench, "Gil", GALLEY_ROLE_GUEST);
  g_auto (Sample) sample = make_file (ana);

  g_assert_cmpuint (ask_offset (ana, &sample), ==, 0);
  assert_problem (gil, "GET", sample.path, NULL, 404, "not-found");
  assert_sent (ana, &sample, 0, FILE_BYTES, 201);
  g_assert_cmpuint (ask_offset (ana, &sample), ==, FILE_BYTES);

  assert_fetched (gil, &sample, NULL, 0, FILE_BYTES);
  assert_fetched (gil, &sample, "bytes=0-0", 0, 1);
  assert_fetched (gil, &sample, "bytes=300000-", 300000, FILE_BYTES);
  assert_fetched (gil, &sample, "bytes=300000-600000", 300000, 600001);
  assert_fetched (gil, &sample, "bytes=-10", FILE_BYTES - 10, FILE_BYTES);
  assert_fetched (gil, &sample, "bytes=10-99999999", 10, FILE_BYTES);
}

static void
test_file_bad_range (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Sample) sample = make_file (ana);
  SoupMessage *message;
  g_autoptr (GalleyTestAnswer) behind = NULL;

  assert_sent (ana, &sample, 0, FILE_BYTES, 201);
  message = galley_test_client_prepare (ana, "GET", sample.path);
  soup_message_headers_append (soup_message_get_request_headers (message), "Range",
                               "bytes=700000000-");
  behind = galley_test_client_send (ana, message);
  galley_test_answer_assert_problem (behind, 416, "range");
}

static void
test_file_in_parts (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Sample) sample = make_file (ana);
  g_autoptr (GalleyTestAnswer) ahead = NULL;
  gsize offset;

  assert_sent (ana, &sample, 0, 200000, 202);
  offset = ask_offset (ana, &sample);
  g_assert_cmpuint (offset, >, 0);
  g_assert_cmpuint (offset, <=, 200000);

  ahead = send_part (ana, &sample, 300000, FILE_BYTES);
  galley_test_answer_assert_problem (ahead, 409, "missing");
  g_assert_cmpstr (galley_test_answer_get_header (ahead, "Galley-Offset"), !=, NULL);

  assert_sent (ana, &sample, offset, 500000, 202);
  assert_sent (ana, &sample, 500000, FILE_BYTES, 201);
  assert_fetched (ana, &sample, NULL, 0, FILE_BYTES);
}

/* The line breaks in the middle of a part: what came stays, and the rest is sent after it. */
static void
test_file_cut (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Sample) sample = make_file (ana);
  g_autoptr (GSocketConnection) connection = connect_raw (bench);
  g_autofree char *head =
      g_strdup_printf ("PUT %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                       "Content-Length: %d\r\nContent-Range: bytes 0-%d/%d\r\n\r\n",
                       sample.path, ana->token, FILE_BYTES, FILE_BYTES - 1, FILE_BYTES);
  gsize offset;

  write_raw (connection, head, strlen (head));
  write_raw (connection, (const char *)sample.bytes, 400000);
  /* The server reads what is on the line before it sees that there is no more. */
  g_assert_true (g_socket_connection_is_connected (connection));
  g_socket_shutdown (g_socket_connection_get_socket (connection), FALSE, TRUE, NULL);
  while ((offset = ask_offset (ana, &sample)) < 399000)
    g_thread_yield ();

  g_assert_cmpuint (offset, <=, 400000);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  for (guint status = 0; status != 201;)
    {
      g_autoptr (GalleyTestAnswer) answer = send_part (ana, &sample, offset, FILE_BYTES);

      /* Until the server has noticed the break, somebody is still sending. */
      status = answer->status;
      g_assert_true (status == 201 || status == 409);
    }
  assert_fetched (ana, &sample, NULL, 0, FILE_BYTES);
}

/* In bytes: enough that it takes a moment to verify. All of it but the last byte is a hole. */
#define LONG_BYTES (G_GUINT64_CONSTANT (192) << 20)

/* The file's part as it is when all but its last byte have come. */
static void
lay_part (Bench *bench, const GalleyHash *hash)
{
  char text[GALLEY_HASH_TEXT_SIZE], shelf[3] = { 0 };
  g_autofree char *folder = NULL, *name = NULL, *path = NULL;
  int fd;

  galley_hash_print (hash, text);
  memcpy (shelf, text, 2);
  name = g_strdup_printf ("%s.%s.part", text, bench->project_text);
  folder = g_build_filename (galley_test_server_get_folder (bench->server), "files", shelf, NULL);
  path = g_build_filename (folder, name, NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  fd = g_open (path, O_CREAT | O_WRONLY, 0600);
  g_assert_cmpint (ftruncate (fd, LONG_BYTES - 1), ==, 0);
  g_close (fd, NULL);
}

static SoupMessage *
prepare_part (GalleyTestClient *client, const char *path, guint64 from, guint64 to, guint64 total)
{
  SoupMessage *message = galley_test_client_prepare (client, "PUT", path);
  g_autoptr (GBytes) body = g_bytes_new_take (g_malloc0 (to - from), to - from);
  g_autofree char *range = g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT
                                            "/%" G_GUINT64_FORMAT,
                                            from, to - 1, total);

  soup_message_headers_append (soup_message_get_request_headers (message), "Content-Range", range);
  soup_message_set_request_body_from_bytes (message, "application/octet-stream", body);
  return message;
}

/* Until the server has that many bytes, or all of them. */
static void
wait_for_offset (GalleyTestClient *client, const char *path, guint64 offset)
{
  guint64 here = 0;

  while (here < offset)
    {
      g_autoptr (GalleyTestAnswer) answer = NULL;

      while (g_main_context_iteration (NULL, FALSE))
        ;
      answer = galley_test_client_ask (client, "HEAD", path, NULL, NULL);
      here = g_ascii_strtoull (galley_test_answer_get_header (answer, "Galley-Offset"), NULL, 10);
      if (g_strcmp0 (galley_test_answer_get_header (answer, "Galley-Complete"), "1") == 0)
        return;
    }
}

/* Another device begins with the same file while it is verified: what is looked at stays as it is.
 */
static void
test_file_while_verified (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyTestClient) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (LONG_BYTES), LONG_BYTES);
  g_autoptr (SoupMessage) last = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autofree char *path = NULL;
  char text[GALLEY_HASH_TEXT_SIZE];
  GalleyHash hash;
  guint status = 409;

  galley_hash_bytes (&hash, g_bytes_get_data (zeros, NULL), LONG_BYTES);
  path = g_strdup_printf ("/v1/projects/%s/files/%s", bench->project_text,
                          galley_hash_print (&hash, text));
  lay_part (bench, &hash);
  last = prepare_part (ana, path, LONG_BYTES - 1, LONG_BYTES, LONG_BYTES);
  soup_session_send_and_read_async (ana->session, last, G_PRIORITY_DEFAULT, NULL,
                                    galley_test_store_result, &result);
  wait_for_offset (ben, path, LONG_BYTES - 1);
  while (status == 409)
    {
      g_autoptr (GalleyTestAnswer) answer = NULL;

      answer = galley_test_client_send (ben, prepare_part (ben, path, 0, 1000, LONG_BYTES));
      status = answer->status;
      if (status == 202)
        g_assert_cmpstr (galley_test_answer_get_header (answer, "Galley-Complete"), ==, "1");
    }
  g_assert_cmpuint (status, ==, 202);

  body = soup_session_send_and_read_finish (ana->session, galley_test_wait (&result), NULL);
  g_assert_cmpuint (soup_message_get_status (last), ==, 201);
}

static void
test_file_damaged (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Sample) sample = make_file (ana);
  g_autoptr (GalleyTestAnswer) answer = NULL;

  sample.bytes[1000] ^= 1;
  answer = send_part (ana, &sample, 0, FILE_BYTES);
  galley_test_answer_assert_problem (answer, 409, "hash-mismatch");
  g_assert_cmpuint (ask_offset (ana, &sample), ==, 0);
  sample.bytes[1000] ^= 1;
  assert_sent (ana, &sample, 0, FILE_BYTES, 201);
}

static GalleyTestClient *
join_elsewhere (Bench *bench, const char *name)
{
  galley_id_new (&bench->project, galley_world_real ());
  galley_id_print (&bench->project, bench->project_text);
  return join (bench, name, GALLEY_ROLE_REVIEWER);
}

/* Who knows the name of a file of a project they may not read does not get it through another, nor
 * learns that it is there. */
static void
test_file_of_other_project (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Sample) anas = make_file (ana);
  g_autoptr (GalleyTestClient) ben = join_elsewhere (bench, "Ben");
  g_auto (Sample) unsaid = name_file (ben);
  g_auto (Sample) bens = { 0 };
  g_autoptr (GalleyTestAnswer) tail = NULL, guessed = NULL;

  assert_sent (ana, &anas, 0, FILE_BYTES - 1, 202);
  assert_problem (ben, "GET", unsaid.path, NULL, 404, "not-found");

  /* A version that names it does not help, nor the end of what somebody else is sending. */
  bens = make_file (ben);
  g_assert_cmpuint (ask_offset (ben, &bens), ==, 0);
  tail = send_part (ben, &bens, FILE_BYTES - 1, FILE_BYTES);
  galley_test_answer_assert_problem (tail, 409, "missing");
  assert_sent (ana, &anas, FILE_BYTES - 1, FILE_BYTES, 201);
  g_assert_cmpuint (ask_offset (ben, &bens), ==, 0);
  assert_problem (ben, "GET", bens.path, NULL, 404, "not-found");
  bens.bytes[77] ^= 1;
  guessed = send_part (ben, &bens, 0, FILE_BYTES);
  galley_test_answer_assert_problem (guessed, 409, "hash-mismatch");
  assert_problem (ben, "GET", bens.path, NULL, 404, "not-found");

  /* Who has the bytes may have them. */
  bens.bytes[77] ^= 1;
  assert_sent (ben, &bens, 0, 1000, 202);
  assert_sent (ben, &bens, 1000, FILE_BYTES, 201);
  g_assert_cmpuint (ask_offset (ben, &bens), ==, FILE_BYTES);
  assert_fetched (ben, &bens, NULL, 0, FILE_BYTES);
  assert_fetched (ana, &anas, NULL, 0, FILE_BYTES);
}

/* ── events ── */

typedef struct
{
  SoupWebsocketConnection *line;
  GPtrArray *texts;
} Listener;

static void
heard_cb (SoupWebsocketConnection *line, int type, GBytes *message, gpointer data)
{
  Listener *listener = data;

  g_ptr_array_add (listener->texts,
                   g_strndup (g_bytes_get_data (message, NULL), g_bytes_get_size (message)));
}

static Listener
listen_to (GalleyTestClient *client)
{
  g_autoptr (SoupMessage) message = galley_test_client_prepare (client, "GET", "/v1/events");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Listener listener = { .texts = g_ptr_array_new_with_free_func (g_free) };

  soup_session_websocket_connect_async (client->session, message, NULL, NULL, G_PRIORITY_DEFAULT,
                                        NULL, galley_test_store_result, &result);
  listener.line = soup_session_websocket_connect_finish (client->session,
                                                         galley_test_wait (&result), &error);
  g_assert_no_error (error);
  return listener;
}

static void
hang_up (Listener *listener)
{
  g_signal_handlers_disconnect_matched (listener->line, G_SIGNAL_MATCH_FUNC, 0, 0, NULL, heard_cb,
                                        NULL);
  g_object_unref (listener->line);
  g_ptr_array_unref (listener->texts);
}

static void
wait_for_texts (Listener *listener, guint n_texts)
{
  while (listener->texts->len < n_texts)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_events (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyTestClient) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  Listener listener = listen_to (ben);
  GalleyEvent event;

  g_signal_connect (listener.line, "message", G_CALLBACK (heard_cb), &listener);
  wait_for_texts (&listener, 1);
  g_assert_cmpstr (listener.texts->pdata[0], ==, "{\"hello\":1}");

  make_item (ana);
  galley_push_answer_free (galley_test_client_push (ana));
  wait_for_texts (&listener, 2);
  g_assert_true (galley_event_parse (listener.texts->pdata[1], &event));
  g_assert_true (galley_id_equal (&event.project, &bench->project));
  g_assert_cmpuint (event.position, ==, 1);
  hang_up (&listener);

  /* Nobody listens any more, and nothing comes of that. */
  make_item (ana);
  galley_push_answer_free (galley_test_client_push (ana));
  assert_goes_on (bench);
}

static void
wait_for_text (Listener *listener, const char *text)
{
  while (!g_ptr_array_find_with_equal_func (listener->texts, text, g_str_equal, NULL))
    g_main_context_iteration (NULL, TRUE);
}

/* Somebody joins, and an administrator gives a role: also from another process. */
static void
test_directory_events (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  Listener listener = listen_to (ana);
  g_autoptr (GalleyTestClient) ben = NULL;

  g_signal_connect (listener.line, "message", G_CALLBACK (heard_cb), &listener);
  wait_for_text (&listener, "{\"hello\":1}");
  ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  wait_for_text (&listener, "{\"directory\":1}");

  g_ptr_array_set_size (listener.texts, 0);
  galley_test_server_set_role (bench->server, &bench->project, &ana->device->person,
                               GALLEY_ROLE_LEAD);
  wait_for_text (&listener, "{\"directory\":1}");
  hang_up (&listener);
}

/* ── patience ── */

static void
test_patience (Bench *bench, gconstpointer data)
{
  g_autofree char *folder = galley_test_path ("going");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyServer) server = galley_server_new (folder, galley_world_real (), &error);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GInputStream) body = NULL;
  g_autofree char *address = NULL;
  const char *after;

  g_test_summary ("A server that is going says when to ask again");

  g_assert_no_error (error);
  galley_server_listen (server, "127.0.0.1:0", NULL, NULL, &error);
  g_assert_no_error (error);
  galley_server_drain (server);
  address = g_strconcat (galley_server_get_uri (server), "/v1/me", NULL);
  message = soup_message_new ("GET", address);
  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, NULL, galley_test_store_result,
                           &result);
  body = soup_session_send_finish (session, galley_test_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (soup_message_get_status (message), ==, 503);
  after = soup_message_headers_get_one (soup_message_get_response_headers (message), "Retry-After");
  g_assert_nonnull (after);
  g_assert_cmpuint (g_ascii_strtoull (after, NULL, 10), >, 0);
  galley_server_close (server);
}

/* ── flags ── */

/* -1: nothing is said of it. */
static int
ask_share (GalleyTestClient *client, const char *name)
{
  g_autoptr (GalleyTestAnswer)
      answer = galley_test_client_ask (client, "GET", "/v1/me", NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyMe) me = galley_me_parse (answer->body, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < me->flags->len; i++)
    {
      const GalleyFlagShare *share = me->flags->pdata[i];

      if (g_str_equal (share->name, name))
        return share->percent;
    }

  return -1;
}

static guint
change_flag (GalleyTestClient *client, const char *method, const char *path, const char *body)
{
  g_autoptr (GBytes) bytes = body != NULL ? g_bytes_new (body, strlen (body)) : NULL;
  g_autoptr (GalleyTestAnswer)
      answer = galley_test_client_ask (client, method, path, "application/json", bytes);

  return answer->status;
}

static void
test_flags (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ada = join (bench, "Ada", GALLEY_ROLE_ADMIN);
  g_autoptr (GalleyTestClient) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);

  g_test_summary ("An administrator says on how many devices something is on, and of whom");

  g_assert_cmpint (ask_share (ben, "compact"), ==, -1);
  g_assert_cmpuint (change_flag (ada, "PUT", "/v1/flags/compact", "{\"percent\":25}"), ==, 200);
  g_assert_cmpint (ask_share (ben, "compact"), ==, 25);
  g_assert_cmpint (ask_share (ben, "snapshot"), ==, -1);
  g_assert_cmpuint (change_flag (ada, "PUT", "/v1/flags/compact?role=reviewer", "{\"percent\":75}"),
                    ==, 200);
  g_assert_cmpint (ask_share (ben, "compact"), ==, 75);
  g_assert_cmpint (ask_share (ada, "compact"), ==, 25);
  g_assert_cmpuint (change_flag (ada, "DELETE", "/v1/flags/compact?role=reviewer", NULL), ==, 200);
  g_assert_cmpint (ask_share (ben, "compact"), ==, 25);
  g_assert_cmpuint (change_flag (ada, "DELETE", "/v1/flags/compact", NULL), ==, 200);
  g_assert_cmpint (ask_share (ben, "compact"), ==, -1);
}

static void
test_flags_listed (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ada = join (bench, "Ada", GALLEY_ROLE_ADMIN);
  g_autoptr (GalleyTestAnswer) answer = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonArray *flags;

  g_assert_cmpuint (change_flag (ada, "PUT", "/v1/flags/snapshot", "{\"percent\":0}"), ==, 200);
  answer = galley_test_client_ask (ada, "GET", "/v1/flags", NULL, NULL);
  root = galley_json_parse (answer->body, NULL);
  flags = galley_json_get_array (json_node_get_object (root), "flags");
  g_assert_cmpuint (json_array_get_length (flags), ==, GALLEY_N_FLAGS);
  for (guint i = 0; i < GALLEY_N_FLAGS; i++)
    {
      JsonObject *flag = json_array_get_object_element (flags, i);
      gboolean is_set = g_str_equal (galley_json_get_string (flag, "name"), "snapshot");

      g_assert_cmpstr (galley_json_get_string (flag, "about"), !=, "");
      g_assert_cmpuint (json_array_get_length (galley_json_get_array (flag, "shares")), ==, is_set);
    }
}

/* Of the last @n changes, the last first: "NAME ROLE PERCENT REASON" in each line. */
static char *
list_changes (GalleyTestClient *client)
{
  g_autoptr (GalleyTestAnswer)
      answer = galley_test_client_ask (client, "GET", "/v1/flags", NULL, NULL);
  g_autoptr (JsonNode) root = galley_json_parse (answer->body, NULL);
  JsonArray *changes = galley_json_get_array (json_node_get_object (root), "changes");
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (changes); i++)
    {
      JsonObject *change = json_array_get_object_element (changes, i);
      const char *role = galley_json_get_string (change, "role");
      const char *reason = galley_json_get_string (change, "reason");

      g_assert_nonnull (galley_json_get_string (change, "changed"));
      g_assert_nonnull (galley_json_get_string (change, "person"));
      g_string_append_printf (text, "%s %s %" G_GINT64_FORMAT " %s\n",
                              galley_json_get_string (change, "name"), role != NULL ? role : "all",
                              galley_json_get_int (change, "percent", -1),
                              reason != NULL ? reason : "none");
    }
  return g_string_free (text, FALSE);
}

static void
test_flag_reasons (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ada = join (bench, "Ada", GALLEY_ROLE_ADMIN);
  g_autofree char *long_reason = g_strnfill (600, 'x');
  g_autofree char *too_long = g_strdup_printf ("{\"percent\":1,\"reason\":\"%s\"}", long_reason);
  g_autofree char *changes = NULL;

  g_test_summary ("Who switched what and why is written down, each time that it changed something");

  g_assert_cmpuint (change_flag (ada, "PUT", "/v1/flags/compact?role=lead",
                                 "{\"percent\":10,\"reason\":\"a first try\"}"),
                    ==, 200);
  g_assert_cmpuint (change_flag (ada, "PUT", "/v1/flags/compact?role=lead",
                                 "{\"percent\":10,\"reason\":\"once more\"}"),
                    ==, 200);
  g_assert_cmpuint (change_flag (ada, "PUT", "/v1/flags/compact", "{\"percent\":0}"), ==, 200);
  g_assert_cmpuint (change_flag (ada, "PUT", "/v1/flags/compact?role=lead",
                                 "{\"percent\":null,\"reason\":\"it was slow\"}"),
                    ==, 200);
  g_assert_cmpuint (change_flag (ada, "DELETE", "/v1/flags/compact", NULL), ==, 200);
  g_assert_cmpuint (change_flag (ada, "DELETE", "/v1/flags/compact", NULL), ==, 200);
  g_assert_cmpuint (change_flag (ada, "PUT", "/v1/flags/compact", too_long), ==, 400);
  changes = list_changes (ada);
  g_assert_cmpstr (changes, ==,
                   "compact all -1 none\n"
                   "compact lead -1 it was slow\n"
                   "compact all 0 none\n"
                   "compact lead 10 a first try\n");
  g_assert_cmpint (ask_share (ada, "compact"), ==, -1);
}

static void
test_flag_seen (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ada = join (bench, "Ada", GALLEY_ROLE_ADMIN);
  g_autoptr (GalleyTestClient) bea = join (bench, "Bea", GALLEY_ROLE_ADMIN);
  g_autoptr (GBytes) late = g_bytes_new_static ("{\"percent\":100,\"seen\":0}", 24);
  const char *first = "{\"percent\":25,\"seen\":0,\"reason\":\"a try\"}";

  g_test_summary ("An order that waited does not undo what somebody else has said meanwhile; said "
                  "once more it is the same order");

  g_assert_cmpuint (change_flag (ada, "PUT", "/v1/flags/compact", first), ==, 200);
  g_assert_cmpuint (change_flag (ada, "PUT", "/v1/flags/compact", first), ==, 200);
  assert_problem (bea, "PUT", "/v1/flags/compact", late, 409, "moved-on");
  g_assert_cmpint (ask_share (ada, "compact"), ==, 25);
  /* Of another role nothing was said. */
  g_assert_cmpuint (change_flag (bea, "PUT", "/v1/flags/compact?role=lead", first), ==, 200);
  g_assert_cmpuint (change_flag (bea, "PUT", "/v1/flags/compact", "{\"percent\":0,\"seen\":1}"), ==,
                    200);
  g_assert_cmpint (ask_share (ada, "compact"), ==, 0);
}

static void
test_fleet (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ada = join (bench, "Ada", GALLEY_ROLE_ADMIN);
  g_autoptr (GalleyTestClient) lea = join (bench, "Lea", GALLEY_ROLE_LEAD);
  g_autoptr (GalleyTestAnswer) answer = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object, *files;

  g_test_summary ("An administrator, and nobody else, sees how all devices and projects are");

  assert_problem (lea, "GET", "/v1/fleet", NULL, 403, "forbidden");
  assert_problem (ada, "DELETE", "/v1/fleet", NULL, 405, "method");
  answer = galley_test_client_ask (ada, "GET", "/v1/fleet", NULL, NULL);
  g_assert_cmpuint (answer->status, ==, 200);
  root = galley_json_parse (answer->body, NULL);
  object = json_node_get_object (root);
  g_assert_cmpint (galley_json_get_int (object, "devices", 0), ==, 2);
  g_assert_cmpuint (json_array_get_length (galley_json_get_array (object, "by_device")), ==, 2);
  g_assert_nonnull (galley_json_get_array (object, "by_project"));
  files = json_object_get_object_member (object, "files");
  g_assert_cmpint (galley_json_get_int (files, "orphans", -1), ==, 0);
  g_assert_cmpuint (json_array_get_length (galley_json_get_array (object, "flags")), ==,
                    GALLEY_N_FLAGS);
  g_assert_cmpuint (json_array_get_length (galley_json_get_array (object, "flag_changes")), ==, 0);
}

static void
test_flags_refused (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ada = join (bench, "Ada", GALLEY_ROLE_ADMIN);
  g_autoptr (GalleyTestClient) lea = join (bench, "Lea", GALLEY_ROLE_LEAD);
  g_autoptr (GBytes) good = g_bytes_new_static ("{\"percent\":0}", 13);
  g_autoptr (GBytes) much = g_bytes_new_static ("{\"percent\":101}", 15);
  g_autoptr (GBytes) none = g_bytes_new_static ("{}", 2);

  assert_problem (lea, "GET", "/v1/flags", NULL, 403, "forbidden");
  assert_problem (lea, "PUT", "/v1/flags/compact", good, 403, "forbidden");
  assert_problem (lea, "DELETE", "/v1/flags/compact", NULL, 403, "forbidden");
  assert_problem (ada, "PUT", "/v1/flags/compost", good, 404, "not-found");
  assert_problem (ada, "PUT", "/v1/flags/compact", much, 400, "malformed");
  assert_problem (ada, "PUT", "/v1/flags/compact", none, 400, "malformed");
  assert_problem (ada, "PUT", "/v1/flags/compact?role=boss", good, 400, "malformed");
  assert_problem (ada, "POST", "/v1/flags/compact", good, 405, "method");
  g_assert_cmpint (ask_share (ada, "compact"), ==, -1);
}

static void
test_flags_are_told (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  Listener listener = listen_to (ana);

  g_test_summary ("Devices hear at once that something was switched, whoever did it");

  g_signal_connect (listener.line, "message", G_CALLBACK (heard_cb), &listener);
  wait_for_text (&listener, "{\"hello\":1}");
  galley_test_server_set_flag (bench->server, "compact", GALLEY_ROLE_NONE, 0);
  wait_for_text (&listener, "{\"directory\":1}");
  g_ptr_array_set_size (listener.texts, 0);
  galley_test_server_set_flag (bench->server, "compact", GALLEY_ROLE_NONE, -1);
  wait_for_text (&listener, "{\"directory\":1}");
  hang_up (&listener);
}

static void
closed_cb (SoupWebsocketConnection *line, gpointer data)
{
  *(gboolean *)data = TRUE;
}

static void
test_events_end_with_access (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  Listener listener = listen_to (ana);
  gboolean closed = FALSE;

  g_signal_connect (listener.line, "closed", G_CALLBACK (closed_cb), &closed);
  g_assert_false (closed);
  galley_test_server_revoke (bench->server, &ana->device->id);
  while (!closed)
    g_main_context_iteration (NULL, TRUE);
  hang_up (&listener);
}

/* A project that a person may not read is not even spoken of. */
static void
test_events_of_others (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyTestClient) gil = join (bench, "Gil", GALLEY_ROLE_GUEST);
  Listener listener = listen_to (gil);
  GalleyId hidden = bench->project;
  GalleyEvent event = { 0 };
  g_autoptr (GalleyTestClient) ben = NULL;

  g_signal_connect (listener.line, "message", G_CALLBACK (heard_cb), &listener);
  wait_for_texts (&listener, 1);
  galley_test_server_set_role (bench->server, &hidden, &gil->device->person, GALLEY_ROLE_NONE);
  make_item (ana);
  galley_push_answer_free (galley_test_client_push (ana));

  /* What comes next is about the project that they may read. */
  galley_id_new (&bench->project, galley_world_real ());
  ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  make_item (ben);
  galley_push_answer_free (galley_test_client_push (ben));
  while (galley_id_is_nil (&event.project))
    {
      wait_for_texts (&listener, listener.texts->len + 1);
      galley_event_parse (listener.texts->pdata[listener.texts->len - 1], &event);
    }
  g_assert_false (galley_id_equal (&event.project, &hidden));
  g_assert_true (galley_id_equal (&event.project, &bench->project));
  hang_up (&listener);
}

static void
add (const char *path, void (*test) (Bench *, gconstpointer))
{
  g_test_add (path, Bench, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  add ("/server/health", test_health);
  add ("/server/unauthorized", test_unauthorized);
  add ("/server/beside", test_beside);
  add ("/server/nowhere", test_nowhere);
  add ("/server/malformed", test_malformed);
  add ("/server/strangers-body", test_strangers_body);
  add ("/server/oversized", test_oversized);
  add ("/server/no-http", test_no_http);
  add ("/server/gone-before-the-answer", test_gone_before_the_answer);
  add ("/server/invites", test_invites);
  add ("/server/me", test_me);
  add ("/server/revoked", test_revoked);
  add ("/server/revoked-midway", test_revoked_midway);
  add ("/server/guest", test_guest);
  add ("/server/push-and-pull", test_push_and_pull);
  add ("/server/pull-json", test_pull_json);
  add ("/server/other-history", test_other_history);
  add ("/server/survives-restart", test_survives_restart);
  add ("/server/file", test_file);
  add ("/server/file/bad-range", test_file_bad_range);
  add ("/server/file/in-parts", test_file_in_parts);
  add ("/server/file/cut", test_file_cut);
  add ("/server/file/while-verified", test_file_while_verified);
  add ("/server/file/damaged", test_file_damaged);
  add ("/server/file/of-other-project", test_file_of_other_project);
  add ("/server/events", test_events);
  add ("/server/events/of-others", test_events_of_others);
  add ("/server/events/directory", test_directory_events);
  add ("/server/events/end-with-access", test_events_end_with_access);
  add ("/server/flags", test_flags);
  add ("/server/flags/listed", test_flags_listed);
  add ("/server/fleet", test_fleet);
  add ("/server/patience", test_patience);
  add ("/server/flags/reasons", test_flag_reasons);
  add ("/server/flags/seen", test_flag_seen);
  add ("/server/flags/refused", test_flags_refused);
  add ("/server/flags/are-told", test_flags_are_told);
  return g_test_run ();
}
