/* test-bundle.c: changes and files carried by hand between the programs of several computers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-ctl.h"

#include <glib/gstdio.h>
#include <string.h>

/* Somebody with an empty workspace. */
static char *
make_person (const char *name)
{
  char *folder = galley_test_path (name);

  test_ctl_do (folder, "workspace", "init", "--name", name, NULL);
  return folder;
}

static char *
export_bundle (TestDesk *desk, const char *folder, const char *name, const char *option)
{
  g_autofree char *path = galley_test_path (name);

  test_ctl_do (folder, "bundle", "export", desk->project, path, option, NULL);
  return g_steal_pointer (&path);
}

/* With all that is there. */
static void
carry (TestDesk *desk, const char *from, const char *to)
{
  g_autofree char *path = export_bundle (desk, from, "carried.bundle", "--with-files");

  test_ctl_do (to, "bundle", "import", path, NULL);
}

static char *
get_digest (TestDesk *desk, const char *folder)
{
  g_autoptr (JsonNode) answer = test_ctl (folder, "project", "digest", desk->project, NULL);

  return g_strdup (test_json_text (answer, "digest"));
}

static void
assert_equal (TestDesk *desk, const char *other)
{
  g_autofree char *here = get_digest (desk, desk->folder), *there = get_digest (desk, other);

  g_assert_cmpstr (here, ==, there);
}

static void
assert_whole (const char *folder)
{
  g_autoptr (JsonNode) verified = test_ctl (folder, "journal", "verify", NULL);
  g_autoptr (JsonNode) replayed = test_ctl (folder, "replay", "--dry-run", NULL);

  g_assert_true (test_json_bool (verified, "valid"));
  g_assert_true (test_json_bool (replayed, "equal"));
}

static char *
add_pin (TestDesk *desk, const char *folder, const char *body)
{
  g_autoptr (JsonNode) made = test_ctl (folder, "annotation", "add", desk->item, "--shape", "pin",
                                        "--points", "1,2", "--body", body, NULL);

  return g_strdup (test_json_text (made, "id"));
}

/* ── no network at all ── */

static void
test_there_and_back (void)
{
  TestDesk *ana = test_desk_new ("ana");
  g_autofree char *ben = make_person ("ben"), *first = NULL, *reply = NULL;
  g_autofree char *pin = test_desk_add_pin (ana, "The sky is green"), *answer_pin = NULL;
  g_autoptr (JsonNode) joined = NULL, again = NULL, item = NULL, notes = NULL, back = NULL;
  g_autoptr (JsonNode) jobs = NULL;

  first = export_bundle (ana, ana->folder, "first.bundle", "--with-files");
  joined = test_ctl (ben, "bundle", "import", first, NULL);
  g_assert_true (test_json_bool (joined, "joined"));
  g_assert_cmpstr (test_json_text (joined, "project"), ==, ana->project);
  g_assert_cmpstr (test_json_text (joined, "from"), ==, "ana");
  g_assert_cmpstr (test_json_text (joined, "met.0"), ==, "ana");
  g_assert_cmpint (test_json_int (joined, "changes"), ==, 3);
  g_assert_cmpint (test_json_int (joined, "files"), ==, 1);
  assert_equal (ana, ben);

  item = test_ctl (ben, "item", "show", ana->item, NULL);
  g_assert_true (test_json_bool (item, "here"));
  notes = test_ctl (ben, "annotation", "list", ana->item, NULL);
  g_assert_cmpstr (test_json_text (notes, "0.body"), ==, "The sky is green");
  g_assert_cmpstr (test_json_text (notes, "0.author_name"), ==, "ana");

  again = test_ctl (ben, "bundle", "import", first, NULL);
  g_assert_false (test_json_bool (again, "joined"));
  g_assert_cmpint (test_json_int (again, "changes"), ==, 0);
  g_assert_cmpint (test_json_int (again, "files"), ==, 0);
  assert_equal (ana, ben);

  test_ctl_do (ben, "comment", "add", pin, "--body", "It is a night picture", NULL);
  answer_pin = add_pin (ana, ben, "But this is not");
  reply = galley_test_path ("reply.bundle");
  back = test_ctl (ben, "bundle", "export", ana->project, reply, "--since", first, NULL);
  g_assert_cmpint (test_json_int (back, "changes"), ==, 2);
  g_clear_pointer (&back, json_node_unref);
  back = test_ctl (ana->folder, "bundle", "import", reply, NULL);
  g_assert_cmpint (test_json_int (back, "changes"), ==, 2);
  assert_equal (ana, ben);
  assert_whole (ana->folder);
  assert_whole (ben);

  jobs = test_ctl (ben, "job", "list", NULL);
  g_assert_cmpstr (test_json_text (jobs, "0.kind"), ==, "export");
  g_assert_cmpstr (test_json_text (jobs, "0.state"), ==, "done");
  g_assert_cmpstr (test_json_text (jobs, "1.kind"), ==, "import");
  test_desk_free (ana);
}

static void
test_through_a_third (void)
{
  TestDesk *ana = test_desk_new ("ana");
  g_autofree char *ben = make_person ("ben"), *cleo = make_person ("cleo");
  g_autofree char *bens = NULL, *cleos = NULL;

  carry (ana, ana->folder, ben);
  bens = add_pin (ana, ben, "By Ben");
  carry (ana, ben, cleo);
  cleos = add_pin (ana, cleo, "By Cleo");
  carry (ana, cleo, ana->folder);
  carry (ana, ana->folder, ben);
  assert_equal (ana, ben);
  assert_equal (ana, cleo);
  assert_whole (ana->folder);
  assert_whole (ben);
  assert_whole (cleo);
  test_desk_free (ana);
}

static void
test_both_changed_it (void)
{
  TestDesk *ana = test_desk_new ("ana");
  g_autofree char *ben = make_person ("ben"), *path = NULL;
  g_autofree char *pin = test_desk_add_pin (ana, "Whose?");
  g_autoptr (TestRun) run = NULL;
  g_autoptr (JsonNode) conflicts = NULL, why = NULL, settled = NULL, plan = NULL;
  g_autoptr (JsonNode) conflicts_after = NULL;

  carry (ana, ana->folder, ben);
  test_ctl_do (ana->folder, "field", "set", pin, "color", "#aa0000", NULL);
  test_ctl_do (ben, "field", "set", pin, "color", "#0000aa", NULL);
  path = export_bundle (ana, ben, "bens.bundle", NULL);
  run = test_ctl_run (ana->folder, NULL, "bundle", "import", path, NULL);
  g_assert_cmpint (run->status, ==, 3);
  g_assert_cmpint (test_json_int (run->json, "changes"), ==, 1);
  conflicts = test_ctl (ana->folder, "conflict", "list", NULL);
  g_assert_cmpuint (test_json_length (conflicts, ""), ==, 1);

  why = test_ctl (ana->folder, "explain", pin, "color", NULL);
  g_assert_cmpstr (test_json_text (why, "why"), ==,
                   "Different values; the one accepted first is shown until somebody settles it.");
  g_assert_cmpuint (test_json_length (why, "history"), ==, 2);

  plan = test_ctl (ana->folder, "conflict", "settle", "--take", "base", "--dry-run", NULL);
  test_json_has (plan, "done", "settled", "left", "changes", NULL);
  g_assert_false (test_json_bool (plan, "done"));
  conflicts_after = test_ctl (ana->folder, "conflict", "list", NULL);
  g_assert_cmpuint (test_json_length (conflicts_after, ""), ==, 1);
  test_ctl_fails (1, ana->folder, "conflict", "settle", "--take", "mine", "--person", "nobody",
                  NULL);
  test_ctl_fails (2, ana->folder, "conflict", "settle", "--take", "both", NULL);
  test_ctl_do (ana->folder, "conflict", "settle", "--take", "theirs", NULL);
  carry (ana, ana->folder, ben);
  assert_equal (ana, ben);

  /* Who settled it, and that nothing was passed over, is to be read on the other computer as well.
   */
  settled = test_ctl (ben, "explain", pin, "color", NULL);
  g_assert_true (g_str_has_suffix (test_json_text (settled, "why"),
                                   " settled it, and had seen the 2 values that stood there."));
  g_assert_cmpuint (test_json_length (settled, "history"), ==, 3);
  g_assert_true (test_json_bool (settled, "history.0.stands"));
  g_assert_cmpuint (test_json_length (settled, "history.0.replaced"), ==, 2);
  g_assert_false (test_json_bool (settled, "history.1.stands"));
  g_assert_false (test_json_bool (settled, "history.2.stands"));
  test_desk_free (ana);
}

/* ── what is not taken ── */

static void
assert_refused (const char *folder, const char *path)
{
  test_ctl_fails (1, folder, "bundle", "import", path, NULL);
}

static void
test_altered (void)
{
  TestDesk *ana = test_desk_new ("ana");
  g_autofree char *ben = make_person ("ben"), *path = NULL, *bad = galley_test_path ("bad.bundle");
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) projects = NULL;
  gsize bytes;

  path = export_bundle (ana, ana->folder, "good.bundle", "--with-files");
  g_assert_true (g_file_get_contents (path, &text, &bytes, NULL));
  for (gsize i = 0; i < 24; i++)
    {
      gsize at = i * (bytes - 1) / 23;

      text[at] ^= 1 << (i % 8);
      g_assert_true (g_file_set_contents (bad, text, bytes, NULL));
      assert_refused (ben, bad);
      text[at] ^= 1 << (i % 8);
    }
  g_assert_true (g_file_set_contents (bad, text, bytes - 1, NULL));
  assert_refused (ben, bad);

  projects = test_ctl (ben, "project", "list", NULL);
  g_assert_cmpuint (test_json_length (projects, ""), ==, 0);
  test_ctl_do (ben, "bundle", "import", path, NULL);
  assert_equal (ana, ben);
  test_desk_free (ana);
}

static void
test_out_of_order (void)
{
  TestDesk *ana = test_desk_new ("ana");
  g_autofree char *ben = make_person ("ben"), *cleo = make_person ("cleo");
  g_autofree char *bens = NULL, *later = galley_test_path ("later.bundle"), *pin = NULL;
  g_autofree char *nothing = galley_test_path ("nothing.bundle");

  carry (ana, ana->folder, ben);
  bens = export_bundle (ana, ben, "bens.bundle", NULL);
  pin = test_desk_add_pin (ana, "Later");
  test_ctl_do (ana->folder, "bundle", "export", ana->project, later, "--since", bens, NULL);
  assert_refused (cleo, later);
  assert_refused (cleo, nothing);
  test_ctl_do (ben, "bundle", "import", later, NULL);
  assert_equal (ana, ben);
  test_desk_free (ana);
}

static void
assert_forked (const char *folder, const char *path)
{
  g_autoptr (TestRun) run = test_ctl_run (folder, NULL, "bundle", "import", path, NULL);

  g_assert_cmpint (run->status, ==, 1);
  g_assert_nonnull (strstr (run->err, "The bundle has other changes of a computer"));
}

/* A copy of the workspace goes its own way under the same name. */
static void
test_copied (void)
{
  TestDesk *ana = test_desk_new ("ana");
  g_autofree char *ben = make_person ("ben"), *twin = galley_test_path ("twin"), *pin = NULL;
  g_autofree char *twins = NULL, *mine = NULL, *own = NULL;
  const char *names[] = { "galley.db", "device.key" };

  g_assert_cmpint (g_mkdir (twin, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_build_filename (ana->folder, names[i], NULL);
      g_autofree char *to = g_build_filename (twin, names[i], NULL);
      g_autofree char *text = NULL;
      gsize bytes;

      g_assert_true (g_file_get_contents (from, &text, &bytes, NULL));
      g_assert_true (g_file_set_contents (to, text, bytes, NULL));
    }
  pin = test_desk_add_pin (ana, "Mine");
  own = add_pin (ana, twin, "The twin’s");
  mine = export_bundle (ana, ana->folder, "mine.bundle", NULL);
  twins = export_bundle (ana, twin, "twins.bundle", NULL);
  test_ctl_do (ben, "bundle", "import", mine, NULL);
  assert_forked (ben, twins);
  assert_forked (ana->folder, twins);
  assert_equal (ana, ben);
  test_desk_free (ana);
}

/* ── a server comes in later ── */

static void
connect_to (TestServer *server, const char *folder, const char *person)
{
  g_autofree char *code = test_server_invite (server, person, "lead");

  test_ctl_do (folder, "workspace", "connect", server->uri, "--invite", code, NULL);
}

static gint64
sync_once (const char *folder, int status)
{
  g_autoptr (TestRun) run = test_ctl_run (folder, NULL, "sync", "once", "--timeout", "60", NULL);

  if (run->status != status)
    g_test_message ("%s%s", run->out, run->err);
  g_assert_cmpint (run->status, ==, status);
  return test_json_int (run->json, "unsent");
}

static gint64
get_position (TestDesk *desk, const char *folder)
{
  g_autoptr (JsonNode) answer = test_ctl (folder, "project", "digest", desk->project, NULL);

  return test_json_int (answer, "position");
}

static void
test_server_later (void)
{
  TestDesk *ana = test_desk_new ("ana");
  g_autofree char *ben = make_person ("ben"), *cleo = make_person ("cleo");
  g_autofree char *pin = test_desk_add_pin (ana, "Before"), *bens = NULL;
  TestServer *server = test_server_start ("later");
  g_autoptr (JsonNode) verified = NULL, refused = NULL;

  carry (ana, ana->folder, ben);
  /* One that stands on what Ana made, and one that needs nothing but the project. */
  test_ctl_do (ben, "field", "set", pin, "color", "#0000aa", NULL);
  bens = add_pin (ana, ben, "Ben’s own");

  /* The server knows nothing of Ana's computer: what stands on hers waits, and is refused by
   * nobody. */
  connect_to (server, ben, "Ben");
  g_assert_cmpint (sync_once (ben, 3), >, 0);
  refused = test_ctl (ben, "quarantine", "list", NULL);
  g_assert_cmpuint (test_json_length (refused, ""), ==, 0);

  connect_to (server, ana->folder, "Ana");
  g_assert_cmpint (sync_once (ana->folder, 0), ==, 0);
  g_assert_cmpint (sync_once (ben, 0), ==, 0);
  g_assert_cmpint (sync_once (ana->folder, 0), ==, 0);
  connect_to (server, cleo, "Cleo");
  sync_once (cleo, 0);
  assert_equal (ana, ben);
  assert_equal (ana, cleo);
  /* Three of hers and two of his, and none of them twice. */
  g_assert_cmpint (get_position (ana, cleo), ==, 5);
  g_assert_cmpint (get_position (ana, ben), ==, 5);
  verified = test_server_admin ("later", "stream", "verify", NULL);
  assert_whole (ana->folder);
  assert_whole (ben);
  test_server_stop (server);
  test_desk_free (ana);
}

/* Both are known to the server; one of them is out of its reach, and the other brings what they
 * made. */
static void
test_courier (void)
{
  TestDesk *ana = test_desk_new ("ana");
  g_autofree char *ben = make_person ("ben"), *pin = NULL;
  TestServer *server = test_server_start ("courier");

  connect_to (server, ana->folder, "Ana");
  connect_to (server, ben, "Ben");
  sync_once (ana->folder, 0);
  sync_once (ben, 0);
  assert_equal (ana, ben);

  pin = test_desk_add_pin (ana, "From the ship");
  carry (ana, ana->folder, ben);
  test_ctl_do (ben, "field", "set", pin, "color", "#0000aa", NULL);
  g_assert_cmpint (sync_once (ben, 0), ==, 0);
  g_assert_cmpint (get_position (ana, ben), ==, 4);

  /* Back in reach, hers are known already. */
  g_assert_cmpint (sync_once (ana->folder, 0), ==, 0);
  g_assert_cmpint (get_position (ana, ana->folder), ==, 4);
  assert_equal (ana, ben);
  assert_whole (ana->folder);
  assert_whole (ben);
  test_server_stop (server);
  test_desk_free (ana);
}

/* What the server refuses leaves the computers to which it was carried as well. */
static void
test_refused_afterwards (void)
{
  TestDesk *ana = test_desk_new ("ana");
  g_autofree char *ben = make_person ("ben"), *pin = NULL;
  TestServer *server = test_server_start ("strict");
  g_autoptr (JsonNode) notes = NULL, roles = NULL;
  g_autoptr (TestRun) run = NULL;

  connect_to (server, ana->folder, "Ana");
  connect_to (server, ben, "Ben");
  sync_once (ana->folder, 0);
  sync_once (ben, 0);
  pin = test_desk_add_pin (ana, "Too late");
  carry (ana, ana->folder, ben);
  notes = test_ctl (ben, "annotation", "list", ana->item, NULL);
  g_assert_cmpuint (test_json_length (notes, ""), ==, 1);

  roles = test_server_admin ("strict", "project", "roles", ana->project, "--person", "Ana",
                             "--role", "guest", NULL);
  run = test_ctl_run (ana->folder, NULL, "sync", "once", "--timeout", "60", NULL);
  g_assert_cmpint (run->status, ==, 3);
  g_assert_cmpint (sync_once (ben, 0), ==, 0);
  g_clear_pointer (&notes, json_node_unref);
  notes = test_ctl (ben, "annotation", "list", ana->item, NULL);
  g_assert_cmpuint (test_json_length (notes, ""), ==, 0);
  assert_equal (ana, ben);
  assert_whole (ben);
  test_server_stop (server);
  test_desk_free (ana);
}

int
main (int argc, char **argv)
{
  test_ctl_init (&argc, &argv);

  g_test_add_func ("/bundle/there-and-back", test_there_and_back);
  g_test_add_func ("/bundle/through-a-third", test_through_a_third);
  g_test_add_func ("/bundle/both-changed-it", test_both_changed_it);
  g_test_add_func ("/bundle/altered", test_altered);
  g_test_add_func ("/bundle/out-of-order", test_out_of_order);
  g_test_add_func ("/bundle/copied", test_copied);
  g_test_add_func ("/bundle/server-later", test_server_later);
  g_test_add_func ("/bundle/courier", test_courier);
  g_test_add_func ("/bundle/refused-afterwards", test_refused_afterwards);

  return g_test_run ();
}
