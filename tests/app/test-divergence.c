/* test-divergence.c: a device whose rows are not what its journal says is found, told, and repaired
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-ctl.h"

#include <sqlite3.h>
#include <string.h>

typedef struct
{
  TestServer *server;
  TestDesk *ana;
  char *pin;
  char *ben, *cleo; /* folders */
} Team;

static char *
join (Team *team, const char *name)
{
  char *folder = galley_test_path (name);
  g_autofree char *code = test_server_invite (team->server, name, "reviewer");

  test_ctl_do (folder, "workspace", "init", NULL);
  test_ctl_do (folder, "workspace", "connect", team->server->uri, "--invite", code, NULL);
  return folder;
}

static void
team_init (Team *team)
{
  g_autofree char *code = NULL;

  team->server = test_server_start ("server");
  team->ana = test_desk_new ("ana");
  team->pin = test_desk_add_pin (team->ana, "Here");
  code = test_server_invite (team->server, "Ana", "lead");
  test_ctl_do (team->ana->folder, "workspace", "connect", team->server->uri, "--invite", code,
               NULL);
  test_ctl_do (team->ana->folder, "sync", "once", NULL);
  team->ben = join (team, "ben");
  team->cleo = join (team, "cleo");
}

static void
team_clear (Team *team)
{
  test_server_stop (team->server);
  test_desk_free (team->ana);
  g_free (team->pin);
  g_free (team->ben);
  g_free (team->cleo);
}

/* Once to have it all, and once to say what it has come to. */
static void
sync_all (Team *team)
{
  const char *const folders[] = { team->ana->folder, team->ben, team->cleo };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (folders); i++)
    test_run_free (test_ctl_run (folders[i % G_N_ELEMENTS (folders)], NULL, "sync", "once", NULL));
}

/* As a fault in the program, or in the machine, would leave it. */
static void
tamper (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "galley.db", NULL);
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db,
                                 "UPDATE derived_digest SET sum = zeroblob (32);"
                                 "DELETE FROM derived_head WHERE seq ="
                                 " (SELECT max (seq) FROM derived_head);",
                                 NULL, NULL, NULL),
                   ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static gint64
get_since (Team *team, const char *folder)
{
  g_autoptr (JsonNode) digest = test_ctl (folder, "project", "digest", team->ana->project, NULL);

  return test_json_int (digest, "differs_since");
}

static void
test_found_and_repaired (void)
{
  g_test_summary ("The one that is not as the others is told, an operator sees it, and a replay "
                  "puts it right.");
  Team team;
  g_autoptr (JsonNode) projects = NULL, health = NULL, device = NULL, after = NULL;
  g_autoptr (TestRun) run = NULL;
  gint64 position;

  team_init (&team);
  sync_all (&team);
  g_assert_cmpint (get_since (&team, team.ana->folder), ==, 0);
  g_assert_cmpint (get_since (&team, team.ben), ==, 0);

  tamper (team.ben);
  sync_all (&team);
  projects = test_server_admin ("server", "project", "list", NULL);
  position = test_json_int (projects, "0.position");
  device = test_ctl (team.ben, "workspace", "status", NULL);
  g_assert_cmpuint (test_json_length (projects, "0.differing"), ==, 1);
  g_assert_cmpstr (test_json_text (projects, "0.differing.0.device"), ==,
                   test_json_text (device, "device"));
  g_assert_cmpint (test_json_int (projects, "0.differing.0.since"), ==, position);
  health = test_server_admin ("server", "health", NULL);
  g_assert_cmpint (test_json_int (health, "differing"), ==, 1);

  g_assert_cmpint (get_since (&team, team.ana->folder), ==, 0);
  g_assert_cmpint (get_since (&team, team.cleo), ==, 0);
  g_assert_cmpint (get_since (&team, team.ben), ==, position);
  run = test_ctl_run (team.ben, NULL, "sync", "once", NULL);
  g_assert_cmpint (run->status, ==, 3);
  g_assert_nonnull (strstr (run->err, "“Spring”"));
  g_assert_nonnull (strstr (run->err, "galleyctl replay"));

  /* Nothing of it has been overwritten by itself; now somebody does as they were told. */
  test_ctl_do (team.ben, "replay", NULL);
  test_ctl_do (team.ben, "sync", "once", NULL);
  g_assert_cmpint (get_since (&team, team.ben), ==, 0);
  after = test_server_admin ("server", "health", NULL);
  g_assert_cmpint (test_json_int (after, "differing"), ==, 0);
  team_clear (&team);
}

/* What is not sent yet is nobody's fault. */
static void
test_own_work_is_none (void)
{
  Team team;
  g_autoptr (JsonNode) health = NULL;

  team_init (&team);
  sync_all (&team);
  test_ctl_do (team.ben, "field", "set", team.pin, "body", "\"There\"", NULL);
  sync_all (&team);
  test_ctl_do (team.cleo, "field", "set", team.pin, "body", "\"Elsewhere\"", NULL);
  test_ctl_do (team.ana->folder, "field", "set", team.pin, "body", "\"Nowhere\"", NULL);
  sync_all (&team);
  sync_all (&team);
  health = test_server_admin ("server", "health", NULL);
  g_assert_cmpint (test_json_int (health, "differing"), ==, 0);
  team_clear (&team);
}

int
main (int argc, char **argv)
{
  test_ctl_init (&argc, &argv);
  g_test_add_func ("/divergence/found-and-repaired", test_found_and_repaired);
  g_test_add_func ("/divergence/own-work-is-none", test_own_work_is_none);
  return g_test_run ();
}
