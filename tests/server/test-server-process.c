/* test-server-process.c: the program itself: power cuts, signals, administrators
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-client.h"

#include <gio/gunixsocketaddress.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ROUNDS 10
#define SLOW_ROUNDS 100
#define N_SENDERS 3
/* Of a batch under load. */
#define MAX_LOAD_CHANGES 60
/* A power cut comes after fewer answers than this, and then within so many milliseconds. */
#define MAX_CUT_ANSWERS 25
#define MAX_CUT_MS 8
#define BATCH_CHANGES 50

static const char *program; /* galley-server */

typedef struct
{
  char *folder;
  GSubprocess *process; /* (nullable) */
  char *url;
  GalleyId project;
} Bench;

/* In the new process: a test that fails leaves no server behind. */
static void
die_with_parent_cb (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
start (Bench *bench)
{
  g_autoptr (GSubprocessLauncher)
      launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent_cb, NULL, NULL);
  bench->process = g_subprocess_launcher_spawn (launcher, &error, program, "--data", bench->folder,
                                                "--listen", "127.0.0.1:0", NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (bench->process));
  line = g_data_input_stream_read_line_utf8 (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (line, "listening on http://127.0.0.1:"));
  g_free (bench->url);
  bench->url = g_strdup (line + strlen ("listening on "));
}

static void
end (Bench *bench, int signal_number)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_send_signal (bench->process, signal_number);
  g_subprocess_wait (bench->process, NULL, &error);
  g_assert_no_error (error);
  if (signal_number == SIGKILL)
    g_assert_cmpint (g_subprocess_get_term_sig (bench->process), ==, SIGKILL);
  else
    g_assert_true (g_subprocess_get_successful (bench->process));
  g_clear_object (&bench->process);
}

static void
set_up (Bench *bench, gconstpointer data)
{
  bench->folder = galley_test_path ("server");
  galley_id_new (&bench->project, galley_world_real ());
  start (bench);
}

static void
tear_down (Bench *bench, gconstpointer data)
{
  if (bench->process != NULL)
    end (bench, SIGTERM);
  g_free (bench->folder);
  g_free (bench->url);
}

/* What an administrator's command says on standard output. */
static char *
run_admin (Bench *bench, int expected_status, const char *first, ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char *out = NULL;
  va_list more;

  g_ptr_array_add (words, (gpointer)program);
  g_ptr_array_add (words, (gpointer) "admin");
  g_ptr_array_add (words, (gpointer) "--data");
  g_ptr_array_add (words, bench->folder);
  va_start (more, first);
  for (const char *word = first; word != NULL; word = va_arg (more, const char *))
    g_ptr_array_add (words, (gpointer)word);
  va_end (more);
  g_ptr_array_add (words, NULL);

  process = g_subprocess_newv ((const char *const *)words->pdata,
                               G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                               &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, expected_status);
  return out;
}

static JsonNode *
parse_json (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (node);
  return node;
}

static GalleyTestClient *
join (Bench *bench, const char *name)
{
  g_autofree char *text = run_admin (bench, 0, "--json", "invite", "create", "--person", name,
                                     "--role", "reviewer", NULL);
  g_autoptr (JsonNode) node = parse_json (text);
  GalleyTestClient *client = galley_test_client_new (bench->url, name, &bench->project);

  galley_test_client_join (client, galley_json_get_string (json_node_get_object (node), "code"));
  return client;
}

static GBytes *
make_batch (GalleyTestClient *client)
{
  for (guint i = 0; i < BATCH_CHANGES; i++)
    {
      GalleyId item;

      galley_id_new (&item, galley_world_real ());
      galley_bare_device_make (client->device, GALLEY_KIND_ITEM, &item, &client->device->project);
    }
  return galley_bare_device_pack (client->device);
}

static SoupMessage *
prepare_push (GalleyTestClient *client, GBytes *batch)
{
  SoupMessage *message = galley_test_client_prepare (client, "POST", client->changes_path);

  soup_message_set_request_body_from_bytes (message, GALLEY_BATCH_MEDIA_TYPE, batch);
  return message;
}

static guint64
push (GalleyTestClient *client, GBytes *batch)
{
  g_autoptr (GalleyTestAnswer)
      answer = galley_test_client_send (client, prepare_push (client, batch));
  g_autoptr (GalleyPushAnswer) pushed = NULL;

  g_assert_cmpuint (answer->status, ==, 200);
  pushed = galley_push_answer_parse (answer->body, NULL);
  g_assert_nonnull (pushed);
  g_assert_cmpuint (pushed->verdicts->len, ==, 1);
  return pushed->position;
}

/* ── power cuts ── */

/* Several devices that push as fast as they are answered, and what the server has promised them. */
typedef struct
{
  Bench *bench;
  GHashTable *promised; /* positions (owned) → GBytes (owned): as the change was sent */
  guint n_answers;      /* in this round */
  guint cut_after;      /* so many answers */
  gboolean cut;
  guint n_in_flight;
} Load;

typedef struct
{
  Load *load;
  GalleyTestClient *client;
  GBytes *batch;      /* (nullable): not answered yet */
  GPtrArray *changes; /* of GalleyChange: of the batch */
  SoupMessage *message;
} Sender;

static void send_batch (Sender *sender);

/* One change in it has to be refused: that is a promise as well. */
static void
fill_batch (Sender *sender)
{
  GalleyBareDevice *device = sender->client->device;
  guint n_changes = g_test_rand_int_range (3, MAX_LOAD_CHANGES);
  GalleyId item;

  for (guint i = 0; i < n_changes; i++)
    {
      galley_id_new (&item, galley_world_real ());
      if (i != n_changes / 2)
        galley_bare_device_make (device, GALLEY_KIND_ITEM, &item, &device->project);
      else
        galley_bare_device_set (device, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME,
                                g_variant_new_string ("nothing"));
    }
  g_ptr_array_set_size (sender->changes, 0);
  for (guint i = 0; i < device->made->len; i++)
    g_ptr_array_add (sender->changes, galley_change_ref (device->made->pdata[i]));
  sender->batch = galley_bare_device_pack (device);
}

static void
note_promise (Load *load, guint64 position, GalleyChange *change)
{
  /* No position is given out twice. */
  g_assert_true (g_hash_table_insert (load->promised, g_memdup2 (&position, sizeof position),
                                      g_bytes_ref (galley_change_get_bytes (change))));
}

static void
note_answer (Sender *sender, GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyPushAnswer) answer = galley_push_answer_parse (body, &error);
  guint n_changes = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (answer->verdicts->len, ==, 3);
  for (guint v = 0; v < 3; v++)
    {
      const GalleyVerdict *verdict = &g_array_index (answer->verdicts, GalleyVerdict, v);

      g_assert_cmpstr (verdict->code, ==, v == 1 ? "unknown-entity" : NULL);
      for (guint64 i = 0; i < verdict->count; i++, n_changes++)
        {
          GalleyChange *change = g_ptr_array_index (sender->changes, n_changes);

          g_assert_cmpuint (galley_change_get_header (change)->seq, ==, verdict->first_seq + i);
          if (verdict->position != 0)
            note_promise (sender->load, verdict->position + i, change);
        }
    }
  g_assert_cmpuint (n_changes, ==, sender->changes->len);
}

static gboolean
cut_cb (gpointer data)
{
  Load *load = data;

  load->cut = TRUE;
  end (load->bench, SIGKILL);
  return G_SOURCE_REMOVE;
}

/* At some moment of the next milliseconds, whatever the server is doing then. */
static void
cut_soon (Load *load)
{
  g_timeout_add (g_test_rand_int_range (0, MAX_CUT_MS), cut_cb, load);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Sender *sender = data;
  Load *load = sender->load;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);
  g_autoptr (SoupMessage) message = g_steal_pointer (&sender->message);

  load->n_in_flight--;
  if (body == NULL || soup_message_get_status (message) != 200)
    {
      g_assert_true (load->cut);
      return;
    }

  note_answer (sender, body);
  g_clear_pointer (&sender->batch, g_bytes_unref);
  if (++load->n_answers == load->cut_after)
    cut_soon (load);
  if (!load->cut)
    send_batch (sender);
}

static void
send_batch (Sender *sender)
{
  if (sender->batch == NULL)
    fill_batch (sender);
  sender->load->n_in_flight++;
  sender->message = prepare_push (sender->client, sender->batch);
  soup_session_send_and_read_async (sender->client->session, sender->message, G_PRIORITY_DEFAULT,
                                    NULL, sent_cb, sender);
}

static void
run_until_cut (Load *load, Sender *senders)
{
  load->cut = FALSE;
  load->n_answers = 0;
  load->cut_after = g_test_rand_int_range (0, MAX_CUT_ANSWERS);
  for (guint i = 0; i < N_SENDERS; i++)
    send_batch (&senders[i]);
  if (load->cut_after == 0)
    cut_soon (load);
  /* What was answered before the cut may still be on the line, and is a promise too. */
  while (!load->cut || load->n_in_flight > 0)
    g_main_context_iteration (NULL, TRUE);
}

/* Appends all that the server has after what is in @kept. */
static void
pull_kept (GalleyTestClient *reader, GPtrArray *kept)
{
  guint before;

  do
    {
      g_autofree char *path = g_strdup_printf ("%s?after=%u", reader->changes_path, kept->len);
      g_autoptr (GalleyTestAnswer)
          answer = galley_test_client_ask (reader, "GET", path, NULL, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyBatchReader) frames = NULL;
      int got = 1;

      g_assert_cmpuint (answer->status, ==, 200);
      frames = galley_batch_reader_new (answer->body, &error);
      g_assert_no_error (error);
      before = kept->len;
      while (got > 0)
        {
          g_auto (GalleyFrame) frame = { 0 };

          got = galley_batch_reader_next (frames, &frame, &error);
          g_assert_no_error (error);
          if (frame.change != NULL)
            g_ptr_array_add (kept, g_bytes_ref (galley_change_get_bytes (frame.change)));
        }
    }
  while (kept->len > before);
}

static void
assert_kept (const Load *load, GPtrArray *kept)
{
  GHashTableIter iter;
  gpointer position, bytes;

  g_hash_table_iter_init (&iter, load->promised);
  while (g_hash_table_iter_next (&iter, &position, &bytes))
    {
      guint64 index = *(guint64 *)position - 1;

      g_assert_cmpuint (index, <, kept->len);
      g_assert_true (g_bytes_equal (kept->pdata[index], bytes));
    }
}

static void
start_again (Bench *bench, GalleyTestClient *const *clients, guint n_clients)
{
  start (bench);
  for (guint i = 0; i < n_clients; i++)
    {
      g_free (clients[i]->url);
      clients[i]->url = g_strdup (bench->url);
    }
}

static void
test_power_cuts (Bench *bench, gconstpointer data)
{
  g_test_summary ("Each answer is a promise, whenever the power goes; the next start goes on.");
  guint n_rounds = galley_test_count_kills (ROUNDS, SLOW_ROUNDS);
  g_autoptr (GHashTable) promised = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                                           (GDestroyNotify)g_bytes_unref);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autoptr (GalleyTestClient) reader = join (bench, "Reader");
  GalleyTestClient *clients[N_SENDERS + 1] = { NULL };
  Sender senders[N_SENDERS] = { { NULL } };
  Load load = { .bench = bench, .promised = promised };

  clients[N_SENDERS] = reader;
  for (guint i = 0; i < N_SENDERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("Sender %u", i + 1);

      clients[i] = join (bench, name);
      senders[i] = (Sender){ .load = &load, .client = clients[i] };
      senders[i].changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
    }

  for (guint round = 0; round < n_rounds; round++)
    {
      run_until_cut (&load, senders);
      g_free (run_admin (bench, 0, "stream", "verify", NULL));
      start_again (bench, clients, G_N_ELEMENTS (clients));
      pull_kept (reader, kept);
      assert_kept (&load, kept);
    }

  /* Once more from the beginning: nothing of it has moved since. */
  pull_kept (reader, all);
  g_assert_cmpuint (all->len, ==, kept->len);
  assert_kept (&load, all);
  g_test_message ("%u cuts, %u changes promised, %u kept", n_rounds, g_hash_table_size (promised),
                  all->len);
  g_assert_cmpuint (g_hash_table_size (promised), >, n_rounds);

  for (guint i = 0; i < N_SENDERS; i++)
    {
      g_clear_pointer (&senders[i].batch, g_bytes_unref);
      g_ptr_array_unref (senders[i].changes);
      galley_test_client_free (clients[i]);
    }
}

/* Who was served when the signal came got their answer; nothing needs to be repaired. */
static void
test_goes_quietly (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana");
  g_autoptr (GBytes) batch = make_batch (ana);

  g_assert_cmpuint (push (ana, batch), ==, BATCH_CHANGES);
  end (bench, SIGTERM);
  g_free (run_admin (bench, 0, "stream", "verify", NULL));
}

static JsonObject *
find_object (JsonNode *list, const char *name, const char *value)
{
  JsonArray *array = json_node_get_array (list);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);

      if (g_strcmp0 (galley_json_get_string (object, name), value) == 0)
        return object;
    }
  return NULL;
}

static void
test_admin_lists (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana");
  g_autoptr (GBytes) batch = make_batch (ana);
  g_autofree char *persons_text = NULL, *devices_text = NULL, *projects_text = NULL;
  g_autoptr (JsonNode) persons = NULL, devices = NULL, projects = NULL;
  char project[GALLEY_ID_TEXT_SIZE], device[GALLEY_ID_TEXT_SIZE];
  JsonObject *object;

  push (ana, batch);
  persons_text = run_admin (bench, 0, "--json", "person", "list", NULL);
  persons = parse_json (persons_text);
  object = find_object (persons, "name", "Ana");
  g_assert_nonnull (object);
  g_assert_cmpstr (galley_json_get_string (object, "role"), ==, "reviewer");

  devices_text = run_admin (bench, 0, "--json", "device", "list", NULL);
  devices = parse_json (devices_text);
  object = find_object (devices, "id", galley_id_print (&ana->device->id, device));
  g_assert_nonnull (object);
  g_assert_false (json_object_get_boolean_member (object, "revoked"));

  projects_text = run_admin (bench, 0, "--json", "project", "list", NULL);
  projects = parse_json (projects_text);
  object = find_object (projects, "id", galley_id_print (&bench->project, project));
  g_assert_nonnull (object);
  g_assert_cmpint (galley_json_get_int (object, "position", 0), ==, BATCH_CHANGES);
  g_free (run_admin (bench, 0, "health", NULL));
}

static void
test_admin_revokes (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana");
  char device[GALLEY_ID_TEXT_SIZE];
  g_autoptr (GalleyTestAnswer) after = NULL;

  g_free (
      run_admin (bench, 0, "device", "revoke", galley_id_print (&ana->device->id, device), NULL));
  after = galley_test_client_ask (ana, "GET", "/v1/me", NULL, NULL);
  galley_test_answer_assert_problem (after, 401, "unauthorized");
}

static void
test_admin_roles (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana");
  char project[GALLEY_ID_TEXT_SIZE];
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) roles = NULL;
  JsonObject *object;
  g_autoptr (GalleyTestAnswer) hidden = NULL;

  galley_id_print (&bench->project, project);
  g_free (
      run_admin (bench, 0, "project", "roles", project, "--person", "Ana", "--role", "none", NULL));
  hidden = galley_test_client_ask (ana, "GET", ana->changes_path, NULL, NULL);
  galley_test_answer_assert_problem (hidden, 404, "not-found");

  text = run_admin (bench, 0, "--json", "project", "roles", project, NULL);
  roles = parse_json (text);
  object = find_object (roles, "name", "Ana");
  g_assert_nonnull (object);
  g_assert_cmpstr (galley_json_get_string (object, "role"), ==, "none");
}

/* A backup that is made while the server runs is a server of its own. */
static void
test_admin_backup (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana");
  g_autofree char *folder = galley_test_path ("backup");
  g_autoptr (GBytes) first = make_batch (ana), second = make_batch (ana);

  push (ana, first);
  g_free (run_admin (bench, 0, "backup", folder, NULL));
  push (ana, second);
  end (bench, SIGTERM);

  g_free (bench->folder);
  bench->folder = g_steal_pointer (&folder);
  g_free (run_admin (bench, 0, "stream", "verify", NULL));
  start (bench);
  g_free (ana->url);
  ana->url = g_strdup (bench->url);
  g_assert_cmpuint (push (ana, second), ==, 2 * BATCH_CHANGES);
}

/* Devices that know more than what was restored are told so, and nothing is mixed. */
static void
test_admin_restore (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana");
  g_autofree char *folder = galley_test_path ("backup");
  g_autofree char *path = NULL;
  g_autoptr (GBytes) batch = make_batch (ana);
  g_autoptr (GalleyTestAnswer) before = NULL, after = NULL;

  push (ana, batch);
  before = galley_test_client_ask (ana, "GET", ana->changes_path, NULL, NULL);
  path = g_strdup_printf ("%s?after=0&history=%s", ana->changes_path,
                          galley_test_answer_get_header (before, "Galley-History"));
  g_free (run_admin (bench, 0, "backup", folder, NULL));
  end (bench, SIGTERM);
  g_free (run_admin (bench, 2, "restore", folder, NULL)); /* there is one already */

  g_free (bench->folder);
  bench->folder = galley_test_path ("restored");
  g_free (run_admin (bench, 0, "restore", folder, NULL));
  start (bench);
  g_free (ana->url);
  ana->url = g_strdup (bench->url);
  after = galley_test_client_ask (ana, "GET", path, NULL, NULL);
  galley_test_answer_assert_problem (after, 409, "history");
}

static void
test_backup_verify (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyTestClient) ana = join (bench, "Ana");
  g_autofree char *folder = galley_test_path ("backup");
  g_autofree char *path = g_build_filename (folder, "server.db", NULL);
  g_autofree char *text = NULL, *data_of = NULL;
  g_autoptr (GBytes) batch = make_batch (ana);
  g_autoptr (JsonNode) report = NULL;
  gsize bytes;

  g_test_summary ("A backup is looked at change by change; one with other bytes is said to be "
                  "damaged, and no server is made of it");

  push (ana, batch);
  g_free (run_admin (bench, 0, "backup", folder, NULL));
  end (bench, SIGTERM);
  text = run_admin (bench, 0, "--json", "backup", "verify", folder, NULL);
  report = parse_json (text);
  g_assert_cmpint (galley_json_get_int (json_node_get_object (report), "changes", 0), ==,
                   BATCH_CHANGES);

  g_assert_true (g_file_get_contents (path, &data_of, &bytes, NULL));
  memset (data_of + bytes / 2, 'x', 4096);
  g_assert_true (g_file_set_contents (path, data_of, (gssize)bytes, NULL));
  g_free (run_admin (bench, 1, "backup", "verify", folder, NULL));
  g_free (run_admin (bench, 2, "backup", "verify", NULL));
  start (bench);
}

/* ── who starts it ── */

/* A datagram, as a supervisor reads them. */
static char *
hear (GSocket *socket)
{
  char text[512];
  g_autoptr (GError) error = NULL;
  gssize bytes = g_socket_receive (socket, text, sizeof text - 1, NULL, &error);

  g_assert_no_error (error);
  text[bytes] = '\0';
  return g_strdup (text);
}

static void
hear_word (GSocket *socket, const char *word)
{
  g_autofree char *text = hear (socket);

  while (g_strstr_len (text, -1, word) == NULL)
    {
      g_free (text);
      text = hear (socket);
    }
}

static GSocket *
open_notify_socket (const char *path)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM,
                                  G_SOCKET_PROTOCOL_DEFAULT, &error);

  g_assert_no_error (error);
  g_socket_set_timeout (socket, 30);
  g_socket_bind (socket, address, FALSE, &error);
  g_assert_no_error (error);
  return socket;
}

static GSocket *
open_listening_socket (guint16 *port)
{
  g_autoptr (GInetAddress) here = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (here, 0);
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                  &error);

  g_assert_no_error (error);
  g_assert_true (g_socket_bind (socket, address, TRUE, &error));
  g_assert_true (g_socket_listen (socket, &error));
  local = g_socket_get_local_address (socket, &error);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  return socket;
}

static void
test_supervised (Bench *bench, gconstpointer data)
{
  g_autofree char *path = galley_test_path ("notify");
  g_autoptr (GSocket) notify = open_notify_socket (path);
  g_autoptr (GSubprocessLauncher)
      launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GSocket) listening = NULL;
  g_autoptr (GalleyTestClient) ana = NULL;
  g_autoptr (GError) error = NULL;
  guint16 port;

  g_test_summary ("Its supervisor hears when it is ready, that it is well, and when it goes; and a "
                  "socket that was opened beforehand is answered on");

  end (bench, SIGTERM);
  listening = open_listening_socket (&port);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent_cb, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "NOTIFY_SOCKET", path, TRUE);
  g_subprocess_launcher_setenv (launcher, "WATCHDOG_USEC", "100000", TRUE);
  g_subprocess_launcher_setenv (launcher, "LISTEN_FDS", "1", TRUE);
  g_subprocess_launcher_take_fd (launcher, dup (g_socket_get_fd (listening)), 3);
  /* Its number is known only once it is there. */
  bench->process = g_subprocess_launcher_spawn (launcher, &error, "/bin/sh", "-c",
                                                "LISTEN_PID=$$; export LISTEN_PID;"
                                                " exec \"$0\" --data \"$1\"",
                                                program, bench->folder, NULL);
  g_assert_no_error (error);
  hear_word (notify, "READY=1");
  hear_word (notify, "WATCHDOG=1");
  g_free (bench->url);
  bench->url = g_strdup_printf ("http://127.0.0.1:%u", port);
  ana = join (bench, "Ana");
  g_assert_nonnull (ana);

  g_subprocess_send_signal (bench->process, SIGTERM);
  hear_word (notify, "STOPPING=1");
  g_assert_true (g_subprocess_wait_check (bench->process, NULL, &error));
  g_clear_object (&bench->process);
}

static void
test_log (Bench *bench, gconstpointer data)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GDataInputStream) said = NULL, lines = NULL;
  g_autoptr (GalleyTestClient) ana = NULL;
  g_autoptr (GalleyTestAnswer) answer = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  const char *request;
  char device[GALLEY_ID_TEXT_SIZE];
  gboolean found = FALSE;

  g_test_summary ("Each request is a line that says which device asked, under the name that the "
                  "answer gives it");

  end (bench, SIGTERM);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent_cb, NULL, NULL);
  bench->process = g_subprocess_launcher_spawn (launcher, &error, program, "--data", bench->folder,
                                                "--listen", "127.0.0.1:0", "--log", NULL);
  g_assert_no_error (error);
  said = g_data_input_stream_new (g_subprocess_get_stdout_pipe (bench->process));
  line = g_data_input_stream_read_line_utf8 (said, NULL, NULL, &error);
  g_free (bench->url);
  bench->url = g_strdup (line + strlen ("listening on "));
  ana = join (bench, "Ana");
  answer = galley_test_client_ask (ana, "GET", "/v1/me", NULL, NULL);
  request = galley_test_answer_get_header (answer, "Galley-Request");
  g_assert_nonnull (request);

  lines = g_data_input_stream_new (g_subprocess_get_stderr_pipe (bench->process));
  while (!found)
    {
      g_autofree char *text = g_data_input_stream_read_line_utf8 (lines, NULL, NULL, &error);
      g_autoptr (JsonNode) node = parse_json (text);
      JsonObject *object = json_node_get_object (node);

      if (g_strcmp0 (galley_json_get_string (object, "request"), request) != 0)
        continue;
      found = TRUE;
      g_assert_cmpstr (galley_json_get_string (object, "path"), ==, "/v1/me");
      g_assert_cmpstr (galley_json_get_string (object, "device"), ==,
                       galley_id_print (&ana->device->id, device));
      g_assert_cmpint (galley_json_get_int (object, "status", 0), ==, 200);
    }
}

static void
test_wrong_usage (Bench *bench, gconstpointer data)
{
  g_free (run_admin (bench, 2, "dance", NULL));
  g_free (run_admin (bench, 2, NULL));
  g_free (run_admin (bench, 2, "invite", "create", "--person", "Ana", "--role", "queen", NULL));
  g_free (run_admin (bench, 2, "invite", "create", "--role", "lead", NULL));
  g_free (run_admin (bench, 2, "device", "revoke", NULL));
  g_free (run_admin (bench, 2, "restore", NULL));
  g_free (run_admin (bench, 1, "device", "revoke", "00000000-0000-7000-8000-000000000001", NULL));
  g_free (run_admin (bench, 1, "stream", "verify", "00000000-0000-7000-8000-000000000001", NULL));
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
  g_assert_cmpint (argc, ==, 2);
  program = argv[1];
  add ("/server-process/power-cuts", test_power_cuts);
  add ("/server-process/goes-quietly", test_goes_quietly);
  add ("/server-process/admin/lists", test_admin_lists);
  add ("/server-process/admin/revokes", test_admin_revokes);
  add ("/server-process/admin/roles", test_admin_roles);
  add ("/server-process/admin/backup", test_admin_backup);
  add ("/server-process/admin/restore", test_admin_restore);
  add ("/server-process/admin/backup-verify", test_backup_verify);
  add ("/server-process/supervised", test_supervised);
  add ("/server-process/log", test_log);
  add ("/server-process/wrong-usage", test_wrong_usage);
  return g_test_run ();
}
