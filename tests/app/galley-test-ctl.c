/* galley-test-ctl.c: the programs as processes, and what they answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-ctl.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

static char *ctl_program, *server_program, *render_program;

void
test_ctl_init (int *argc, char ***argv)
{
  galley_test_init (argc, argv);
  g_assert_cmpint (*argc, ==, 4);
  ctl_program = (*argv)[1];
  server_program = (*argv)[2];
  render_program = (*argv)[3];
}

void
test_run_free (TestRun *run)
{
  g_clear_pointer (&run->json, json_node_unref);
  g_free (run->out);
  g_free (run->err);
  g_free (run);
}

/* In the child: a test that fails leaves no server behind. */
static void
die_with_parent_cb (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* Programs do not inherit the folders of the test. */
GSubprocessLauncher *
test_ctl_new_launcher (GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);
  g_autofree char *home = galley_test_path ("home");

  g_subprocess_launcher_setenv (launcher, "HOME", home, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", home, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CACHE_HOME", home, TRUE);
  g_subprocess_launcher_setenv (launcher, "GALLEY_RENDER", render_program, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "GALLEY_WORKSPACE");
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent_cb, NULL, NULL);
  return launcher;
}

static GPtrArray *
collect (const char *workspace, gboolean json, va_list arguments)
{
  GPtrArray *words = g_ptr_array_new ();
  const char *word;

  g_ptr_array_add (words, ctl_program);
  if (workspace != NULL)
    {
      g_ptr_array_add (words, (gpointer) "--workspace");
      g_ptr_array_add (words, (gpointer)workspace);
    }
  if (json)
    g_ptr_array_add (words, (gpointer) "--json");
  while ((word = va_arg (arguments, const char *)) != NULL)
    g_ptr_array_add (words, (gpointer)word);
  g_ptr_array_add (words, NULL);
  return words;
}

static TestRun *
run_words (GPtrArray *words, const char *input)
{
  g_autoptr (GSubprocessLauncher) launcher = test_ctl_new_launcher (G_SUBPROCESS_FLAGS_STDIN_PIPE |
                                                                    G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                                                    G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess)
      process = g_subprocess_launcher_spawnv (launcher, (const char *const *)words->pdata, &error);
  TestRun *run = g_new0 (TestRun, 1);

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, input != NULL ? input : "", NULL, &run->out, &run->err,
                                 &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_if_exited (process))
    g_error ("%s %s ended by signal %d: %s", (char *)words->pdata[0], (char *)words->pdata[4],
             g_subprocess_get_term_sig (process), run->err);
  run->status = g_subprocess_get_exit_status (process);
  /* One document is one line; a parser that gets several keeps the last. */
  if (*run->out != '\0' && strchr (run->out, '\n') == run->out + strlen (run->out) - 1)
    run->json = json_from_string (run->out, NULL);
  return run;
}

TestRun *
test_ctl_run (const char *workspace, const char *input, ...)
{
  g_autoptr (GPtrArray) words = NULL;
  va_list arguments;

  va_start (arguments, input);
  words = collect (workspace, TRUE, arguments);
  va_end (arguments);
  return run_words (words, input);
}

TestRun *
test_ctl_run_plain (const char *workspace, ...)
{
  g_autoptr (GPtrArray) words = NULL;
  va_list arguments;

  va_start (arguments, workspace);
  words = collect (workspace, FALSE, arguments);
  va_end (arguments);
  return run_words (words, NULL);
}

static JsonNode *
run_well (GPtrArray *words)
{
  g_autoptr (TestRun) run = run_words (words, NULL);

  g_assert_cmpstr (run->err, ==, "");
  g_assert_cmpint (run->status, ==, 0);
  g_assert_nonnull (run->json);
  return json_node_ref (run->json);
}

JsonNode *
test_ctl (const char *workspace, ...)
{
  g_autoptr (GPtrArray) words = NULL;
  va_list arguments;

  va_start (arguments, workspace);
  words = collect (workspace, TRUE, arguments);
  va_end (arguments);
  return run_well (words);
}

void
test_ctl_do (const char *workspace, ...)
{
  g_autoptr (GPtrArray) words = NULL;
  va_list arguments;

  va_start (arguments, workspace);
  words = collect (workspace, TRUE, arguments);
  va_end (arguments);
  json_node_unref (run_well (words));
}

void
test_ctl_fails (int status, const char *workspace, ...)
{
  g_autoptr (GPtrArray) words = NULL;
  g_autoptr (TestRun) run = NULL;
  va_list arguments;

  va_start (arguments, workspace);
  words = collect (workspace, TRUE, arguments);
  va_end (arguments);
  run = run_words (words, NULL);

  g_assert_cmpint (run->status, ==, status);
  g_assert_cmpstr (run->out, ==, "");
  g_assert_cmpuint (strlen (run->err), >, 10);
  g_assert_true (g_str_has_suffix (run->err, "\n"));
  g_assert_true (strchr (run->err, '\n') == run->err + strlen (run->err) - 1);
}

/* With pipes, for what goes on while it runs. */
GSubprocess *
test_ctl_start (const char *workspace, ...)
{
  g_autoptr (GSubprocessLauncher) launcher = test_ctl_new_launcher (G_SUBPROCESS_FLAGS_STDIN_PIPE |
                                                                    G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GPtrArray) words = NULL;
  g_autoptr (GError) error = NULL;
  GSubprocess *process;
  va_list arguments;

  va_start (arguments, workspace);
  words = collect (workspace, TRUE, arguments);
  va_end (arguments);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *)words->pdata, &error);
  g_assert_no_error (error);
  return process;
}

/* ── answers ── */

JsonNode *
test_json_at (JsonNode *node, const char *path)
{
  g_auto (GStrv) steps = g_strsplit (path, ".", -1);

  for (guint i = 0; node != NULL && steps[i] != NULL && *steps[i] != '\0'; i++)
    {
      if (JSON_NODE_HOLDS_OBJECT (node))
        node = json_object_get_member (json_node_get_object (node), steps[i]);
      else if (JSON_NODE_HOLDS_ARRAY (node) && g_ascii_isdigit (*steps[i]) &&
               g_ascii_strtoull (steps[i], NULL, 10) <
                   json_array_get_length (json_node_get_array (node)))
        node = json_array_get_element (json_node_get_array (node),
                                       g_ascii_strtoull (steps[i], NULL, 10));
      else
        node = NULL;
    }

  return node;
}

static JsonNode *
require (JsonNode *node, const char *path)
{
  JsonNode *found = test_json_at (node, path);

  if (found == NULL)
    {
      g_autofree char *text = json_to_string (node, FALSE);

      g_error ("There is no “%s” in %s", path, text);
    }
  return found;
}

const char *
test_json_text (JsonNode *node, const char *path)
{
  JsonNode *found = require (node, path);

  if (JSON_NODE_HOLDS_NULL (found))
    return NULL;
  g_assert_cmpuint (json_node_get_value_type (found), ==, G_TYPE_STRING);
  return json_node_get_string (found);
}

gint64
test_json_int (JsonNode *node, const char *path)
{
  JsonNode *found = require (node, path);

  g_assert_cmpuint (json_node_get_value_type (found), ==, G_TYPE_INT64);
  return json_node_get_int (found);
}

gboolean
test_json_bool (JsonNode *node, const char *path)
{
  JsonNode *found = require (node, path);

  g_assert_cmpuint (json_node_get_value_type (found), ==, G_TYPE_BOOLEAN);
  return json_node_get_boolean (found);
}

guint
test_json_length (JsonNode *node, const char *path)
{
  JsonNode *found = require (node, path);

  g_assert_true (JSON_NODE_HOLDS_ARRAY (found));
  return json_array_get_length (json_node_get_array (found));
}

void
test_json_has (JsonNode *node, ...)
{
  const char *path;
  va_list paths;

  va_start (paths, node);
  while ((path = va_arg (paths, const char *)) != NULL)
    require (node, path);
  va_end (paths);
}

/* ── a workspace to work in ── */

TestDesk *
test_desk_new (const char *name)
{
  TestDesk *desk = g_new0 (TestDesk, 1);
  g_autofree char *picture = g_test_build_filename (G_TEST_DIST, "fixtures", "media", "flag.jpg",
                                                    NULL);
  g_autoptr (JsonNode) made = NULL, project = NULL, imported = NULL;

  desk->folder = galley_test_path (name);
  made = test_ctl (desk->folder, "workspace", "init", "--name", name, NULL);
  project = test_ctl (desk->folder, "project", "create", "Spring", NULL);
  desk->project = g_strdup (test_json_text (project, "id"));
  imported = test_ctl (desk->folder, "item", "import", desk->project, picture, NULL);
  desk->item = g_strdup (test_json_text (imported, "items.0.id"));
  return desk;
}

void
test_desk_free (TestDesk *desk)
{
  g_free (desk->folder);
  g_free (desk->project);
  g_free (desk->item);
  g_free (desk);
}

char *
test_desk_add_pin (TestDesk *desk, const char *body)
{
  g_autoptr (JsonNode) made = test_ctl (desk->folder, "annotation", "add", desk->item, "--shape",
                                        "pin", "--points", "1,2", "--body", body, NULL);

  return g_strdup (test_json_text (made, "id"));
}

/* ── the server ── */

/* Until it says where it listens. */
static void
launch (TestServer *server, const char *address)
{
  g_autoptr (GSubprocessLauncher) launcher = test_ctl_new_launcher (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GDataInputStream) out = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;

  server->process = g_subprocess_launcher_spawn (launcher, &error, server_program, "--data",
                                                 server->folder, "--listen", address, NULL);
  g_assert_no_error (error);
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (server->process));
  line = g_data_input_stream_read_line (out, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (line, "listening on http"));
  g_free (server->uri);
  server->uri = g_strdup (line + strlen ("listening on "));
}

TestServer *
test_server_start (const char *name)
{
  TestServer *server = g_new0 (TestServer, 1);

  server->folder = galley_test_path (name);
  launch (server, "127.0.0.1:0");
  return server;
}

/**
 * test_server_start_at:
 * @uri: where another one was before: what was enrolled there finds this one
 */
TestServer *
test_server_start_at (const char *name, const char *uri)
{
  TestServer *server = g_new0 (TestServer, 1);

  server->folder = galley_test_path (name);
  launch (server, uri + strlen ("http://"));
  return server;
}

void
test_server_halt (TestServer *server)
{
  g_subprocess_send_signal (server->process, SIGTERM);
  g_assert_true (g_subprocess_wait (server->process, NULL, NULL));
  g_clear_object (&server->process);
}

void
test_server_go_on (TestServer *server)
{
  g_autofree char *address = g_strdup (g_strrstr (server->uri, "/") + 1);

  launch (server, address);
}

void
test_server_stop (TestServer *server)
{
  test_server_halt (server);
  g_free (server->folder);
  g_free (server->uri);
  g_free (server);
}

/**
 * test_server_admin:
 * @name: of the server's folder
 *
 * Returns: what galley-server admin says of it
 */
JsonNode *
test_server_admin (const char *name, ...)
{
  g_autoptr (GSubprocessLauncher) launcher = test_ctl_new_launcher (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *folder = galley_test_path (name);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL;
  const char *word;
  JsonNode *json;
  va_list arguments;

  g_ptr_array_add (words, server_program);
  g_ptr_array_add (words, (gpointer) "admin");
  g_ptr_array_add (words, (gpointer) "--data");
  g_ptr_array_add (words, folder);
  g_ptr_array_add (words, (gpointer) "--json");
  va_start (arguments, name);
  while ((word = va_arg (arguments, const char *)) != NULL)
    g_ptr_array_add (words, (gpointer)word);
  va_end (arguments);
  g_ptr_array_add (words, NULL);

  process = g_subprocess_launcher_spawnv (launcher, (const char *const *)words->pdata, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  json = json_from_string (out, &error);
  g_assert_no_error (error);
  return json;
}

char *
test_server_invite (TestServer *server, const char *person, const char *role)
{
  g_autoptr (GSubprocessLauncher) launcher = test_ctl_new_launcher (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess)
      process = g_subprocess_launcher_spawn (launcher, &error, server_program, "admin", "--data",
                                             server->folder, "--json", "invite", "create",
                                             "--person", person, "--role", role, NULL);
  g_autofree char *out = NULL;
  g_autoptr (JsonNode) json = NULL;

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  json = json_from_string (out, &error);
  g_assert_no_error (error);
  return g_strdup (test_json_text (json, "code"));
}
