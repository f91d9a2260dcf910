/* test-jobs.c: galleyctl job and the switches of sync, on a server that goes away and comes back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-ctl.h"

#include <signal.h>
#include <string.h>

typedef struct
{
  TestServer *server;
  TestDesk *desk;
  GSubprocess *watch; /* (nullable): runs the jobs, and what is asked for is taken up by it */
  char *push;         /* the job's number */
  guint n_pins;
} Bench;

static void
sync_once (Bench *bench, int status, guint unsent)
{
  g_autoptr (TestRun)
      run = test_ctl_run (bench->desk->folder, NULL, "sync", "once", "--timeout", "60", NULL);

  if (run->status != status)
    g_test_message ("%s%s", run->out, run->err);
  g_assert_cmpint (run->status, ==, status);
  g_assert_cmpint (test_json_int (run->json, "unsent"), ==, unsent);
  if (status != 0)
    g_assert_true (g_str_has_suffix (run->err, ".\n"));
}

static void
add_pin (Bench *bench)
{
  g_autofree char *body = g_strdup_printf ("Pin %u", ++bench->n_pins);
  g_autofree char *pin = test_desk_add_pin (bench->desk, body);

  g_assert_nonnull (pin);
}

/* Connected, all is shared, and the push has its number. */
static void
set_up (Bench *bench, gconstpointer watched)
{
  g_autofree char *code = NULL;
  g_autoptr (JsonNode) jobs = NULL;

  bench->server = test_server_start ("server");
  bench->desk = test_desk_new ("ana");
  code = test_server_invite (bench->server, "Ana", "lead");
  test_ctl_do (bench->desk->folder, "workspace", "connect", bench->server->uri, "--invite", code,
               NULL);
  sync_once (bench, 0, 0);
  jobs = test_ctl (bench->desk->folder, "job", "list", NULL);
  for (guint i = 0; i < test_json_length (jobs, ""); i++)
    {
      g_autofree char *kind = g_strdup_printf ("%u.kind", i), *id = g_strdup_printf ("%u.id", i);

      if (g_strcmp0 (test_json_text (jobs, kind), "push") == 0)
        bench->push = g_strdup (test_json_text (jobs, id));
    }
  g_assert_nonnull (bench->push);
  if (watched != NULL)
    bench->watch = test_ctl_start (bench->desk->folder, "sync", "watch", NULL);
}

static void
tear_down (Bench *bench, gconstpointer watched)
{
  if (bench->watch != NULL)
    {
      g_subprocess_send_signal (bench->watch, SIGTERM);
      g_assert_true (g_subprocess_wait (bench->watch, NULL, NULL));
      g_assert_cmpint (g_subprocess_get_exit_status (bench->watch), ==, 0);
      g_clear_object (&bench->watch);
    }
  test_server_stop (bench->server);
  test_desk_free (bench->desk);
  g_free (bench->push);
}

static JsonNode *
show (Bench *bench)
{
  return test_ctl (bench->desk->folder, "job", "show", bench->push, NULL);
}

static void
assert_state (Bench *bench, const char *state)
{
  g_autoptr (JsonNode) job = show (bench);

  g_assert_cmpstr (test_json_text (job, "state"), ==, state);
}

/* Whoever runs the jobs does it in their own time. */
static JsonNode *
wait_for (Bench *bench, const char *state)
{
  JsonNode *job = show (bench);

  while (g_strcmp0 (test_json_text (job, "state"), state) != 0)
    {
      json_node_unref (job);
      job = show (bench);
    }

  return job;
}

static void
wait_state (Bench *bench, const char *state)
{
  json_node_unref (wait_for (bench, state));
}

static guint
count_events (Bench *bench, const char *text)
{
  g_autoptr (JsonNode) job = show (bench);
  guint n_events = 0;

  for (guint i = 0; i < test_json_length (job, "events"); i++)
    {
      g_autofree char *path = g_strdup_printf ("events.%u.text", i);

      n_events += g_strcmp0 (test_json_text (job, path), text) == 0;
    }

  return n_events;
}

static void
ask (Bench *bench, const char *verb)
{
  g_autoptr (JsonNode) asked = test_ctl (bench->desk->folder, "job", verb, bench->push, NULL);

  g_assert_cmpstr (test_json_text (asked, "id"), ==, bench->push);
  g_assert_cmpstr (test_json_text (asked, "asked"), ==, verb);
}

/* A change, and nobody to send it to. */
static void
fail (Bench *bench)
{
  g_autoptr (JsonNode) job = NULL, waiting = NULL;

  test_server_halt (bench->server);
  add_pin (bench);
  sync_once (bench, 4, 1);
  job = wait_for (bench, "waiting");
  test_json_has (job, "title", "cause", "created", "updated", "next_attempt", NULL);
  g_assert_cmpstr (test_json_text (job, "waiting_for"), ==, "network");
  g_assert_cmpint (test_json_int (job, "attempts"), >=, 1);
  g_assert_cmpstr (test_json_text (job, "next_attempt"), >, test_json_text (job, "created"));
  g_assert_true (g_str_has_suffix (test_json_text (job, "error"), "."));
  g_assert_cmpuint (count_events (bench, test_json_text (job, "error")), >=, 1);

  waiting = test_ctl (bench->desk->folder, "job", "list", "--state", "waiting", NULL);
  g_assert_cmpuint (test_json_length (waiting, ""), >=, 1);
}

static void
test_nobody_watches (Bench *bench, gconstpointer data)
{
  g_autoptr (JsonNode) done = NULL;

  g_test_summary ("What is asked of a job waits for the next who syncs");

  fail (bench);
  ask (bench, "pause");
  test_server_go_on (bench->server);
  sync_once (bench, 3, 1);
  assert_state (bench, "paused");
  sync_once (bench, 3, 1);
  ask (bench, "resume");
  sync_once (bench, 0, 0);
  assert_state (bench, "done");
  g_assert_cmpuint (count_events (bench, "Paused"), ==, 1);
  g_assert_cmpuint (count_events (bench, "Resumed"), ==, 1);

  test_ctl_fails (1, bench->desk->folder, "job", "cancel", bench->push, NULL);
  test_ctl_fails (1, bench->desk->folder, "job", "retry", bench->push, NULL);
  done = test_ctl (bench->desk->folder, "job", "list", "--state", "done", NULL);
  g_assert_cmpuint (test_json_length (done, ""), >=, 2);
}

static void
test_somebody_watches (Bench *bench, gconstpointer data)
{
  g_autoptr (JsonNode) status = NULL;

  g_test_summary ("What is asked of a job is taken up by the process that runs it");

  fail (bench);
  ask (bench, "pause");
  wait_state (bench, "paused");
  ask (bench, "resume");
  while (count_events (bench, "Resumed") == 0)
    ;
  wait_state (bench, "waiting");
  /* A try that is under way is not started again. */
  do
    ask (bench, "retry");
  while (count_events (bench, "Tried again on request") == 0);
  wait_state (bench, "waiting");

  ask (bench, "cancel");
  wait_state (bench, "cancelled");
  test_ctl_fails (1, bench->desk->folder, "job", "pause", bench->push, NULL);
  status = test_ctl (bench->desk->folder, "workspace", "status", NULL);
  g_assert_cmpint (test_json_int (status, "unsent"), ==, 1);

  test_server_go_on (bench->server);
  ask (bench, "retry");
  wait_state (bench, "done");
  sync_once (bench, 0, 0);
}

static void
test_offline (Bench *bench, gconstpointer data)
{
  const char *folder = bench->desk->folder;
  g_autoptr (JsonNode) off = NULL, on = NULL;

  g_test_summary ("Set to work offline, nothing goes out, whoever syncs; online, all of it does");

  test_ctl_do (folder, "sync", "offline", NULL);
  off = test_ctl (folder, "workspace", "status", NULL);
  g_assert_true (test_json_bool (off, "offline"));
  add_pin (bench);
  sync_once (bench, 4, 1);
  add_pin (bench);
  sync_once (bench, 4, 2);

  test_ctl_do (folder, "sync", "online", NULL);
  sync_once (bench, 0, 0);
  on = test_ctl (folder, "workspace", "status", NULL);
  g_assert_false (test_json_bool (on, "offline"));
  g_assert_null (test_json_text (on, "offline_since"));
}

static void
assert_status (Bench *bench, int status, const char *noun, const char *verb, const char *argument)
{
  g_autoptr (TestRun) run = test_ctl_run (bench->desk->folder, NULL, noun, verb, argument, NULL);

  g_assert_cmpint (run->status, ==, status);
}

/* What holds jobs back is the same for whoever runs them. */
static void
test_limits (Bench *bench, gconstpointer watched)
{
  g_autoptr (JsonNode) before = test_ctl (bench->desk->folder, "sync", "limits", NULL);
  g_autoptr (JsonNode) set = test_ctl (bench->desk->folder, "sync", "limits", "--pause", "push",
                                       "--up", "256", "--metered", "yes", NULL);
  g_autoptr (JsonNode) after = NULL;

  g_assert_cmpint (test_json_int (before, "up_kib_s"), ==, 0);
  g_assert_cmpint (test_json_int (set, "up_kib_s"), ==, 256);
  g_assert_cmpstr (test_json_text (set, "paused_kinds"), ==, "push");
  add_pin (bench);
  sync_once (bench, 4, 1);
  assert_state (bench, "queued");
  ask (bench, "first");

  after = test_ctl (bench->desk->folder, "sync", "limits", "--resume", "push", NULL);
  g_assert_null (test_json_text (after, "paused_kinds"));
  sync_once (bench, 0, 0);
  assert_status (bench, 2, "sync", "limits", "--pause=pish");
}

static void
test_repairs (Bench *bench, gconstpointer watched)
{
  g_autofree char *file = g_build_filename (bench->desk->folder, "support.json", NULL);
  g_autoptr (JsonNode) list = test_ctl (bench->desk->folder, "repair", "list", NULL);
  g_autoptr (JsonNode) verified = test_ctl (bench->desk->folder, "repair", "run", "verify", NULL);
  g_autoptr (JsonNode) backups = NULL;

  g_assert_cmpuint (test_json_length (list, ""), ==, 7);
  g_assert_cmpuint (test_json_length (verified, "findings"), ==, 0);
  assert_status (bench, 0, "repair", "run", "backup");
  backups = test_ctl (bench->desk->folder, "backup", "list", NULL);
  g_assert_cmpuint (test_json_length (backups, ""), ==, 1);
  assert_status (bench, 0, "backup", "verify", test_json_text (backups, "0.file"));
  assert_status (bench, 2, "repair", "run", "dance");
  assert_status (bench, 0, "support", file, NULL);
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
}

#define ADD(path, watched, test) g_test_add (path, Bench, watched, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  test_ctl_init (&argc, &argv);

  ADD ("/jobs/nobody-watches", NULL, test_nobody_watches);
  ADD ("/jobs/somebody-watches", "watched", test_somebody_watches);
  ADD ("/jobs/limits", NULL, test_limits);
  ADD ("/jobs/repairs", NULL, test_repairs);
  ADD ("/jobs/offline", NULL, test_offline);
  ADD ("/jobs/offline/watched", "watched", test_offline);

  return g_test_run ();
}
