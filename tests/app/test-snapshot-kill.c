/* test-snapshot-kill.c: programs that are killed while a project begins, or while its journal is
 * packed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-ctl.h"

#include <signal.h>
#include <string.h>

#define ROUNDS 6
#define SLOW_ROUNDS 40
/* More than what begins with a snapshot. */
#define N_EDITS 5200

typedef struct
{
  TestServer *server;
  TestDesk *ana;
  char *pin;
} Team;

static void
team_init (Team *team)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autofree char *code = NULL;
  g_autoptr (TestRun) run = NULL;

  team->server = test_server_start ("server");
  team->ana = test_desk_new ("ana");
  team->pin = test_desk_add_pin (team->ana, "Here");
  for (guint i = 0; i < N_EDITS; i++)
    g_string_append_printf (lines,
                            "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"%s\",\"value\":"
                            "%s%u%s}\n",
                            team->pin, i % 2 ? "body" : "color", i % 2 ? "\"text " : "\"#",
                            100000 + i, "\"");
  run = test_ctl_run (team->ana->folder, lines->str, "batch", NULL);
  g_assert_cmpint (run->status, ==, 0);
  code = test_server_invite (team->server, "Ana", "lead");
  test_ctl_do (team->ana->folder, "workspace", "connect", team->server->uri, "--invite", code,
               NULL);
  test_ctl_do (team->ana->folder, "sync", "once", NULL);
}

static void
team_clear (Team *team)
{
  test_server_stop (team->server);
  test_desk_free (team->ana);
  g_free (team->pin);
}

static char *
get_digest (const char *folder, const char *project)
{
  g_autoptr (JsonNode) answer = test_ctl (folder, "project", "digest", project, NULL);

  return g_strdup (test_json_text (answer, "digest"));
}

static void
assert_sound (const char *folder)
{
  g_autoptr (JsonNode) verified = test_ctl (folder, "journal", "verify", NULL);
  g_autoptr (JsonNode) report = test_ctl (folder, "replay", "--dry-run", NULL);

  g_assert_true (test_json_bool (verified, "valid"));
  g_assert_true (test_json_bool (report, "equal"));
}

/* Somewhere in its work, wherever that is on this machine today. */
static gboolean
run_and_kill (const char *folder, guint after_us, const char *noun, const char *verb)
{
  g_autoptr (GSubprocess) process = test_ctl_start (folder, noun, verb, NULL);

  g_usleep (after_us);
  g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, NULL);
  return g_subprocess_get_if_signaled (process);
}

static guint
count_journal (const char *folder)
{
  g_autoptr (JsonNode) rows = test_ctl (folder, "journal", "list", "--limit", "1000000", NULL);

  return test_json_length (rows, "");
}

/* Each time what is there is either in its row or packed, never in neither, and as before. */
static void
test_compact (void)
{
  g_test_summary ("Compaction that is killed at any moment has lost nothing");
  guint n_rounds = galley_test_count_kills (ROUNDS, SLOW_ROUNDS), n_killed = 0;
  Team team;
  g_autofree char *before = NULL;
  guint n_changes;

  team_init (&team);
  before = get_digest (team.ana->folder, team.ana->project);
  n_changes = count_journal (team.ana->folder);
  for (guint i = 0; i < n_rounds; i++)
    {
      g_autofree char *after = NULL;

      n_killed += run_and_kill (team.ana->folder, g_test_rand_int_range (1000, 400000), "compact",
                                "--keep=100");
      after = get_digest (team.ana->folder, team.ana->project);
      g_assert_cmpstr (before, ==, after);
      g_assert_cmpuint (count_journal (team.ana->folder), ==, n_changes);
      assert_sound (team.ana->folder);
    }
  test_ctl_do (team.ana->folder, "compact", NULL);
  g_assert_cmpuint (count_journal (team.ana->folder), ==, n_changes);
  assert_sound (team.ana->folder);
  g_test_message ("%u of %u were killed", n_killed, n_rounds);
  team_clear (&team);
}

/* Either nothing of the project shows, or all of it; and a try that is left alone ends well. */
static void
check_begun (Team *team, const char *folder)
{
  g_autoptr (JsonNode) projects = test_ctl (folder, "project", "list", NULL);
  g_autofree char *at_ana = NULL, *here = NULL;

  if (test_json_length (projects, "") == 0)
    return;
  at_ana = get_digest (team->ana->folder, team->ana->project);
  here = get_digest (folder, team->ana->project);
  g_assert_cmpstr (here, ==, at_ana);
}

static void
test_snapshot (void)
{
  g_test_summary ("A device that is killed while a project begins shows none of it or all of it");
  guint n_rounds = galley_test_count_kills (ROUNDS, SLOW_ROUNDS), n_killed = 0;
  Team team;
  g_autofree char *folder = galley_test_path ("ben");
  g_autofree char *code = NULL, *at_ana = NULL, *here = NULL;

  team_init (&team);
  code = test_server_invite (team.server, "Ben", "reviewer");
  test_ctl_do (folder, "workspace", "init", NULL);
  test_ctl_do (folder, "workspace", "connect", team.server->uri, "--invite", code, NULL);
  for (guint i = 0; i < n_rounds; i++)
    {
      n_killed += run_and_kill (folder, g_test_rand_int_range (1000, 600000), "sync", "once");
      check_begun (&team, folder);
    }
  test_ctl_do (folder, "sync", "once", NULL);
  at_ana = get_digest (team.ana->folder, team.ana->project);
  here = get_digest (folder, team.ana->project);
  g_assert_cmpstr (here, ==, at_ana);
  assert_sound (folder);
  g_test_message ("%u of %u were killed", n_killed, n_rounds);
  team_clear (&team);
}

int
main (int argc, char **argv)
{
  test_ctl_init (&argc, &argv);
  g_test_add_func ("/snapshot-kill/compact", test_compact);
  g_test_add_func ("/snapshot-kill/snapshot", test_snapshot);
  return g_test_run ();
}
