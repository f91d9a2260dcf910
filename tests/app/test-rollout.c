/* test-rollout.c: an operator switches something on a few devices, on all, on none, and a person
 * overrules; a lead tries other rules, and switches them on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-ctl.h"

#include <string.h>

static void
sync_once (const char *folder)
{
  test_ctl_do (folder, "sync", "once", "--timeout", "60", NULL);
}

static void
set_percent (const char *percent)
{
  G_GNUC_UNUSED g_autoptr (JsonNode)
      flags = test_server_admin ("server", "flag", "set", "compact", "--percent", percent, NULL);
}

static void
assert_flag (const char *folder, const char *value, const char *from)
{
  g_autoptr (JsonNode) flags = test_ctl (folder, "flag", "list", NULL);

  for (guint i = 0; i < test_json_length (flags, ""); i++)
    {
      g_autofree char *at = g_strdup_printf ("%u", i);
      JsonNode *flag = test_json_at (flags, at);

      test_json_has (flag, "name", "value", "from", "why", "default", "about", NULL);
      if (g_str_equal (test_json_text (flag, "name"), "compact"))
        {
          g_assert_cmpstr (test_json_text (flag, "value"), ==, value);
          g_assert_cmpstr (test_json_text (flag, "from"), ==, from);
          return;
        }
    }
  g_assert_not_reached ();
}

static void
test_rollout (void)
{
  TestServer *server = test_server_start ("server");
  g_autofree char *ana = galley_test_path ("ana"), *code = NULL;
  g_autoptr (JsonNode) listed = NULL;

  test_ctl_do (ana, "workspace", "init", NULL);
  assert_flag (ana, "on", "default");
  code = test_server_invite (server, "Ana", "lead");
  test_ctl_do (ana, "workspace", "connect", server->uri, "--invite", code, NULL);

  set_percent ("0");
  listed = test_server_admin ("server", "flag", "list", NULL);
  g_assert_cmpint (test_json_length (listed, ""), ==, 2);
  sync_once (ana);
  assert_flag (ana, "off", "server");

  /* What was told last holds while nobody can be asked. */
  test_server_halt (server);
  assert_flag (ana, "off", "server");
  test_ctl_do (ana, "flag", "set", "compact", "on", NULL);
  assert_flag (ana, "on", "override");
  test_server_go_on (server);
  sync_once (ana);
  assert_flag (ana, "on", "override");
  test_ctl_do (ana, "flag", "set", "compact", "default", NULL);
  assert_flag (ana, "off", "server");

  set_percent ("100");
  sync_once (ana);
  assert_flag (ana, "on", "server");
  test_ctl_do (ana, "flag", "set", "compact", "off", NULL);
  assert_flag (ana, "off", "override");
  test_server_stop (server);
}

/* ── rules ── */

static void
sync_with_conflicts (const char *folder, int status)
{
  g_autoptr (TestRun) run = test_ctl_run (folder, NULL, "sync", "once", "--timeout", "60", NULL);

  g_assert_cmpint (run->status, ==, status);
}

static void
enrol (TestServer *server, const char *folder, const char *person, const char *role)
{
  g_autofree char *code = test_server_invite (server, person, role);

  test_ctl_do (folder, "workspace", "connect", server->uri, "--invite", code, NULL);
}

/* Two people enter different dates; a lead tries other rules, and switches them on. */
static void
test_rules (void)
{
  TestServer *server = test_server_start ("server");
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *ben = galley_test_path ("ben");
  g_autoptr (JsonNode) shadow = NULL, due = NULL, plain = NULL;
  g_autoptr (TestRun) shown = NULL;

  test_ctl_do (ben, "workspace", "init", NULL);
  enrol (server, desk->folder, "Ana", "lead");
  enrol (server, ben, "Ben", "reviewer");
  sync_once (desk->folder);
  sync_once (ben);
  test_ctl_do (desk->folder, "field", "set", desk->item, "due", "2000", NULL);
  test_ctl_do (ben, "field", "set", desk->item, "due", "1000", NULL);
  sync_once (desk->folder);
  sync_with_conflicts (ben, 3);
  sync_with_conflicts (desk->folder, 3);

  shadow = test_ctl (desk->folder, "replay", "--shadow", NULL);
  g_assert_cmpint (test_json_int (shadow, "differences"), ==, 1);
  g_assert_cmpint (test_json_int (shadow, "settled"), ==, 1);
  g_assert_cmpstr (test_json_text (shadow, "fields.0.entity"), ==, desk->item);
  g_assert_cmpstr (test_json_text (shadow, "fields.0.field"), ==, "due");
  g_assert_cmpstr (test_json_text (shadow, "fields.0.now.state"), ==, "conflict");
  g_assert_cmpint (test_json_int (shadow, "fields.0.now.value"), ==, 2000);
  g_assert_cmpstr (test_json_text (shadow, "fields.0.then.state"), ==, "merged");
  g_assert_cmpint (test_json_int (shadow, "fields.0.then.value"), ==, 1000);
  shown = test_ctl_run_plain (desk->folder, "replay", "--shadow", NULL);
  g_assert_cmpint (shown->status, ==, 0);
  g_assert_nonnull (strstr (shown->out, "careful"));
  plain = test_ctl (desk->folder, "conflict", "list", NULL);
  g_assert_cmpuint (test_json_length (plain, ""), ==, 1);

  test_ctl_fails (1, ben, "project", "rules", desk->project, "2", NULL);
  test_ctl_do (desk->folder, "project", "rules", desk->project, "2", NULL);
  sync_once (desk->folder);
  sync_once (ben);
  due = test_ctl (ben, "field", "get", desk->item, "due", NULL);
  g_assert_cmpint (test_json_int (due, "value"), ==, 1000);
  test_server_stop (server);
}

static void
test_refused (void)
{
  g_autofree char *ana = galley_test_path ("ana");

  test_ctl_do (ana, "workspace", "init", NULL);
  test_ctl_fails (1, ana, "flag", "set", "compost", "on", NULL);
  test_ctl_fails (2, ana, "flag", "set", "compact", "maybe", NULL);
  assert_flag (ana, "on", "default");
}

int
main (int argc, char **argv)
{
  test_ctl_init (&argc, &argv);

  g_test_add_func ("/rollout/server-and-override", test_rollout);
  g_test_add_func ("/rollout/rules", test_rules);
  g_test_add_func ("/rollout/refused", test_refused);
  return g_test_run ();
}
