/* test-language.c: people are spoken to in their language, by whatever program says it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-ctl.h"

static void
assert_says_german (void)
{
  g_autoptr (TestRun) help = test_ctl_run_plain (NULL, "--help", NULL);
  g_autoptr (TestRun) wrong = test_ctl_run_plain (NULL, "nonsense", NULL);

  g_assert_nonnull (strstr (help->out, "Optionen:"));
  g_assert_nonnull (strstr (help->out, "Legt ein Projekt an"));
  g_assert_cmpstr (wrong->err, ==, "Es gibt keinen Befehl „nonsense“; siehe galleyctl --help.\n");
  g_assert_cmpint (wrong->status, ==, 2);
}

static void
assert_connecting_says (TestDesk *desk, TestServer *server, const char *sentence)
{
  g_autoptr (TestRun) run = test_ctl_run_plain (desk->folder, "workspace", "connect", server->uri,
                                                "--invite", "never-given", NULL);

  g_assert_cmpstr (run->err, ==, sentence);
}

static void
test_german (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("desk");
  TestServer *server;

  g_test_summary ("The environment says the language; of one server's answer each reads in theirs");
  if (!galley_test_speak_german ())
    return;

  assert_says_german ();
  server = test_server_start ("server");
  assert_connecting_says (desk, server,
                          "Diese Einladung ist ungültig oder wurde schon verwendet. Bitten Sie um "
                          "eine neue.\n");
  galley_test_speak_english ();
  assert_connecting_says (desk, server,
                          "This invite is not valid, or was used already. Ask for a new one.\n");
  test_server_stop (server);
}

int
main (int argc, char **argv)
{
  test_ctl_init (&argc, &argv);
  g_test_add_func ("/language/german", test_german);
  return g_test_run ();
}
