/* test-rollout.c: an operator switches something on a few devices, on all, on none; a person
 * overrules
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
  g_test_add_func ("/rollout/refused", test_refused);
  return g_test_run ();
}
