/* test-window-kill.c: the window's program is killed at any moment, and nothing is lost by it
 *
 * It syncs for the whole workspace while galleyctl writes there as well.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-ctl.h"

#include <signal.h>
#include <string.h>

#define ROUNDS 3
#define SLOW_ROUNDS 100
#define N_LINES 300
/* From before the window is there to when it has sent some. */
#define MAX_LIFE_MS 3000
/* A replay of all there is, each round of a slow run, would be most of its time. */
#define SLOW_REPLAY_EVERY 20

static const char *window_program, *share_folder, *schema_folder;

/* ── a display that nobody else sees ── */

static GSubprocess *
start_display (char **name)
{
  g_autoptr (GSubprocessLauncher) launcher = test_ctl_new_launcher (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GDataInputStream) out = NULL;
  g_autofree char *number = NULL;
  GSubprocess *display = g_subprocess_launcher_spawn (launcher, NULL, "Xvfb", "-displayfd", "1",
                                                      "-screen", "0", "1280x800x24", "-nolisten",
                                                      "tcp", NULL);

  if (display == NULL)
    return NULL;

  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (display));
  number = g_data_input_stream_read_line (out, NULL, NULL, NULL);
  g_assert_nonnull (number);
  *name = g_strconcat (":", number, NULL);
  return display;
}

static GSubprocess *
start_window (const char *display, const char *workspace)
{
  g_autoptr (GSubprocessLauncher) launcher = test_ctl_new_launcher (
      G_SUBPROCESS_FLAGS_STDERR_SILENCE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GError) error = NULL;
  GSubprocess *window;

  g_subprocess_launcher_setenv (launcher, "DISPLAY", display, TRUE);
  g_subprocess_launcher_setenv (launcher, "GDK_BACKEND", "x11", TRUE);
  g_subprocess_launcher_setenv (launcher, "GSK_RENDERER", "cairo", TRUE);
  g_subprocess_launcher_setenv (launcher, "GTK_A11Y", "none", TRUE);
  g_subprocess_launcher_setenv (launcher, "ADW_DISABLE_PORTAL", "1", TRUE);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  g_subprocess_launcher_setenv (launcher, "GALLEY_SHARE_DIR", share_folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "GSETTINGS_SCHEMA_DIR", schema_folder, TRUE);
  window = g_subprocess_launcher_spawn (launcher, &error, window_program, "--workspace", workspace,
                                        NULL);
  g_assert_no_error (error);
  return window;
}

/* ── what is written meanwhile ── */

typedef struct
{
  TestDesk *desk;
  char *lines;
  TestRun *run; /* of the batch, once it is over */
} Writer;

static gpointer
write_thread (gpointer data)
{
  Writer *writer = data;

  writer->run = test_ctl_run (writer->desk->folder, writer->lines, "batch", NULL);
  return NULL;
}

static char *
make_lines (const char *pin, guint round)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < N_LINES; i++)
    g_string_append_printf (lines,
                            "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"body\",\"value\":"
                            "\"%u-%u\"}\n",
                            pin, round, i);
  return g_strdup (lines->str);
}

/* Adds the names of the changes that were answered. */
static void
take_answers (TestRun *run, GPtrArray *promised)
{
  g_auto (GStrv) lines = g_strsplit (run->out, "\n", -1);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr (JsonNode) answer = json_from_string (lines[i], NULL);

      g_ptr_array_add (promised, g_strdup (test_json_text (answer, "change")));
    }
}

static void
live_and_die (
    TestDesk *desk, const char *display, const char *pin, guint round, GPtrArray *promised)
{
  Writer writer = { .desk = desk, .lines = make_lines (pin, round) };
  GThread *thread = g_thread_new ("writer", write_thread, &writer);
  g_autoptr (GSubprocess) window = start_window (display, desk->folder);

  g_usleep (g_test_rand_int_range (10, MAX_LIFE_MS) * 1000);
  g_subprocess_force_exit (window);
  g_subprocess_wait (window, NULL, NULL);
  /* By the test, and not by itself before. */
  g_assert_true (g_subprocess_get_if_signaled (window));
  g_assert_cmpint (g_subprocess_get_term_sig (window), ==, SIGKILL);

  g_thread_join (thread);
  g_assert_cmpint (writer.run->status, ==, 0);
  take_answers (writer.run, promised);
  test_run_free (writer.run);
  g_free (writer.lines);
}

/* ── what must be so ── */

static void
assert_there (const char *folder, const GPtrArray *promised)
{
  g_autoptr (JsonNode) journal = test_ctl (folder, "journal", "list", "--limit", "1000000", NULL);
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < test_json_length (journal, ""); i++)
    {
      g_autofree char *path = g_strdup_printf ("%u.change", i);

      g_hash_table_add (found, (gpointer)test_json_text (journal, path));
    }
  for (guint i = 0; i < promised->len; i++)
    g_assert_true (g_hash_table_contains (found, promised->pdata[i]));
}

static void
assert_sound (const char *folder, gboolean replay)
{
  g_autoptr (JsonNode) verified = test_ctl (folder, "journal", "verify", NULL);

  g_assert_true (test_json_bool (verified, "valid"));
  if (replay)
    {
      g_autoptr (JsonNode) report = test_ctl (folder, "replay", "--dry-run", NULL);

      g_assert_true (test_json_bool (report, "equal"));
    }
}

static gint64
get_server_position (void)
{
  g_autoptr (JsonNode) projects = test_server_admin ("server", "project", "list", NULL);

  return test_json_int (projects, "0.position");
}

static void
test_kill (void)
{
  g_test_summary ("However the window ends, what was promised is there, and the next one goes on.");
  guint n_rounds = galley_test_count_kills (ROUNDS, SLOW_ROUNDS);
  g_autoptr (GPtrArray) promised = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (TestDesk) desk = NULL;
  g_autoptr (GSubprocess) display = NULL;
  g_autoptr (JsonNode) status = NULL;
  g_autofree char *name = NULL, *pin = NULL, *code = NULL;
  TestServer *server;
  gint64 first, sent;

  display = start_display (&name);
  if (display == NULL)
    {
      g_test_skip ("There is no Xvfb here to show a window on.");
      return;
    }

  desk = test_desk_new ("ana");
  pin = test_desk_add_pin (desk, "Here");
  server = test_server_start ("server");
  code = test_server_invite (server, "Ana", "lead");
  test_ctl_do (desk->folder, "workspace", "connect", server->uri, "--invite", code, NULL);
  test_ctl_do (desk->folder, "sync", "once", NULL);
  first = get_server_position ();

  for (guint round = 0; round < n_rounds; round++)
    {
      gboolean replay = !g_test_slow () || round % SLOW_REPLAY_EVERY == 0 || round == n_rounds - 1;

      live_and_die (desk, name, pin, round, promised);
      assert_sound (desk->folder, replay);
    }
  assert_there (desk->folder, promised);
  sent = get_server_position () - first;

  test_ctl_do (desk->folder, "sync", "once", NULL);
  status = test_ctl (desk->folder, "workspace", "status", NULL);
  g_assert_cmpint (test_json_int (status, "unsent"), ==, 0);
  g_assert_cmpint (get_server_position () - first, ==, promised->len);
  json_node_unref (test_server_admin ("server", "stream", "verify", NULL));
  g_test_message ("%u kills, %u changes promised, %" G_GINT64_FORMAT " sent by windows", n_rounds,
                  promised->len, sent);
  if (n_rounds >= SLOW_ROUNDS)
    g_assert_cmpint (sent, >, 0);

  test_server_stop (server);
  g_subprocess_force_exit (display);
}

int
main (int argc, char **argv)
{
  g_assert_cmpint (argc, >=, 7);
  schema_folder = argv[--argc];
  share_folder = argv[--argc];
  window_program = argv[--argc];
  argv[argc] = NULL;
  test_ctl_init (&argc, &argv);
  g_test_add_func ("/window/kill", test_kill);
  return g_test_run ();
}
