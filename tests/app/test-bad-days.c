/* test-bad-days.c: a server that lost history, a device that came back from a backup, somebody who
 * was shut out: nothing is lost, and people are told what to do
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-ctl.h"

#include <glib/gstdio.h>
#include <string.h>

/* Two people and a server between them. */
typedef struct
{
  TestServer *server;
  char *ana, *ben; /* folders */
  char *project, *item;
  GPtrArray *notes; /* ids of everything that anybody was told is saved */
} Days;

static void
sync_once (const char *folder, int status)
{
  g_autoptr (TestRun) run = test_ctl_run (folder, NULL, "sync", "once", "--timeout", "60", NULL);

  if (run->status != status)
    {
      g_autoptr (TestRun) jobs = test_ctl_run (folder, NULL, "job", "list", NULL);

      g_test_message ("%s%s%s", run->out, run->err, jobs->out);
    }
  g_assert_cmpint (run->status, ==, status);
}

static void
enrol (Days *days, const char *folder, const char *person, const char *role)
{
  g_autofree char *code = test_server_invite (days->server, person, role);

  test_ctl_do (folder, "workspace", "connect", days->server->uri, "--invite", code, NULL);
}

static char *
add_note (Days *days, const char *folder, const char *body)
{
  g_autoptr (JsonNode) made = test_ctl (folder, "annotation", "add", days->item, "--shape", "pin",
                                        "--points", "5,5", "--body", body, NULL);

  g_ptr_array_add (days->notes, g_strdup (test_json_text (made, "id")));
  return g_strdup (test_json_text (made, "id"));
}

static void
add_notes (Days *days, const char *folder, const char *body, guint n)
{
  for (guint i = 0; i < n; i++)
    g_free (add_note (days, folder, body));
}

static char *
digest (Days *days, const char *folder)
{
  g_autoptr (JsonNode) answer = test_ctl (folder, "project", "digest", days->project, NULL);

  g_assert_cmpint (test_json_int (answer, "unsent"), ==, 0);
  return g_strdup (test_json_text (answer, "digest"));
}

/* What everybody was told is saved is there, everywhere the same, and as its authors wrote it. */
static void
assert_whole (Days *days, const char *folder)
{
  g_autoptr (JsonNode) verified = test_ctl (folder, "journal", "verify", NULL);
  g_autoptr (JsonNode) replayed = test_ctl (folder, "replay", "--dry-run", NULL);

  g_assert_true (test_json_bool (verified, "valid"));
  g_assert_true (test_json_bool (replayed, "equal"));
  for (guint i = 0; i < days->notes->len; i++)
    {
      g_autoptr (JsonNode)
          note = test_ctl (folder, "annotation", "show", days->notes->pdata[i], NULL);

      g_assert_true (test_json_bool (note, "alive"));
    }
}

static void
assert_nothing_lost (Days *days)
{
  g_autofree char *ana = digest (days, days->ana), *ben = digest (days, days->ben);

  g_assert_cmpstr (ana, ==, ben);
  assert_whole (days, days->ana);
  assert_whole (days, days->ben);
}

/* What the last job of a kind said came of it; %NULL: there is none. */
static char *
told (const char *folder, const char *kind)
{
  g_autoptr (JsonNode) jobs = test_ctl (folder, "job", "list", NULL);

  for (guint i = 0; i < test_json_length (jobs, ""); i++)
    {
      g_autofree char *at = g_strdup_printf ("%u", i);
      JsonNode *job = test_json_at (jobs, at);

      if (g_strcmp0 (test_json_text (job, "kind"), kind) == 0)
        return g_strdup (test_json_text (job, "cause"));
    }

  return NULL;
}

static Days *
begin (void)
{
  Days *days = g_new0 (Days, 1);
  g_autofree char *jpeg = g_test_build_filename (G_TEST_DIST, "fixtures", "media", "flag.jpg",
                                                 NULL);
  g_autoptr (JsonNode) project = NULL, imported = NULL;

  days->server = test_server_start ("server");
  days->ana = galley_test_path ("ana");
  days->ben = galley_test_path ("ben");
  days->notes = g_ptr_array_new_with_free_func (g_free);
  test_ctl_do (days->ana, "workspace", "init", NULL);
  test_ctl_do (days->ben, "workspace", "init", NULL);
  project = test_ctl (days->ana, "project", "create", "Spring", NULL);
  days->project = g_strdup (test_json_text (project, "id"));
  imported = test_ctl (days->ana, "item", "import", days->project, jpeg, NULL);
  days->item = g_strdup (test_json_text (imported, "items.0.id"));
  enrol (days, days->ana, "Ana", "lead");
  enrol (days, days->ben, "Ben", "reviewer");
  add_notes (days, days->ana, "Before", 3);
  sync_once (days->ana, 0);
  sync_once (days->ben, 0);
  return days;
}

static void
end (Days *days)
{
  test_server_stop (days->server);
  g_ptr_array_unref (days->notes);
  g_free (days->ana);
  g_free (days->ben);
  g_free (days->project);
  g_free (days->item);
  g_free (days);
}

/* ── the server lost history ── */

static void
back_up (const char *name)
{
  g_autofree char *folder = galley_test_path (name);
  G_GNUC_UNUSED g_autoptr (JsonNode) made = test_server_admin ("server", "backup", folder, NULL);
}

static void
restore (Days *days, const char *backup)
{
  g_autofree char *folder = galley_test_path (backup);
  g_autofree char *uri = g_strdup (days->server->uri);
  g_autoptr (JsonNode) restored = NULL;

  test_server_stop (days->server);
  restored = test_server_admin ("restored", "restore", folder, NULL);
  days->server = test_server_start_at ("restored", uri);
}

static void
set_color (const char *folder, const char *note, const char *color)
{
  test_ctl_do (folder, "field", "set", note, "color", color, NULL);
}

/* Both wrote since the backup, each on what the other had written; one of them is away. */
static void
test_restored_server (void)
{
  Days *days = begin ();
  g_autofree char *first = add_note (days, days->ben, "By Ben");
  g_autofree char *said = NULL, *later = NULL;
  g_autoptr (JsonNode) verified = NULL;

  sync_once (days->ben, 0);
  sync_once (days->ana, 0);
  back_up ("backup");
  for (guint round = 0; round < 3; round++)
    {
      set_color (days->ana, first, "#aa0000");
      add_notes (days, days->ana, "Lost", 2);
      sync_once (days->ana, 0);
      sync_once (days->ben, 0);
      set_color (days->ben, first, "#0000aa");
      add_notes (days, days->ben, "Lost too", 2);
      sync_once (days->ben, 0);
      sync_once (days->ana, 0);
    }
  restore (days, "backup");

  /* Ana writes on before she hears of it, and it stands on what the server does not have. */
  set_color (days->ana, first, "#00aa00");
  add_notes (days, days->ana, "After", 1);
  sync_once (days->ana, 0);
  said = told (days->ana, "relay");
  g_assert_cmpstr (said, ==,
                   "The server was restored from a backup and had lost 18 changes; they were sent "
                   "again from this computer.");
  sync_once (days->ben, 0);
  later = told (days->ben, "relay");
  g_assert_cmpstr (later, ==,
                   "The server was restored from a backup. It has everything that this computer "
                   "has.");
  assert_nothing_lost (days);
  verified = test_server_admin ("restored", "stream", "verify", NULL);
  g_assert_cmpint (test_json_int (verified, "verified"), >=, 20);
  end (days);
}

/* By its numbers nothing has happened: what it lost was as much as it got since. */
static void
test_server_as_far_again (void)
{
  Days *days = begin ();
  g_autofree char *said = NULL;

  back_up ("backup");
  add_notes (days, days->ana, "Lost", 3);
  sync_once (days->ana, 0);
  restore (days, "backup");
  add_notes (days, days->ben, "Instead", 3);
  sync_once (days->ben, 0);

  sync_once (days->ana, 0);
  said = told (days->ana, "relay");
  g_assert_cmpstr (said, ==,
                   "The server was restored from a backup and had lost 3 changes; they were sent "
                   "again from this computer.");
  sync_once (days->ben, 0);
  assert_nothing_lost (days);
  end (days);
}

/* ── a device came back from a backup, or is there twice ── */

static void
copy_file (const char *from, const char *to, const char *name)
{
  g_autofree char *source = g_build_filename (from, name, NULL);
  g_autofree char *target = g_build_filename (to, name, NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize bytes;

  g_unlink (target);
  if (!g_file_get_contents (source, &data, &bytes, NULL))
    return;
  g_file_set_contents_full (target, data, bytes, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

/* Nobody has it open: what is in the database's log belongs to it. */
static void
copy_database (const char *from, const char *to)
{
  g_mkdir_with_parents (to, 0700);
  copy_file (from, to, "galley.db");
  copy_file (from, to, "galley.db-wal");
}

static char *
device_of (const char *folder)
{
  g_autoptr (JsonNode) status = test_ctl (folder, "workspace", "status", NULL);

  return g_strdup (test_json_text (status, "device"));
}

static void
assert_value (const char *folder, const char *entity, const char *field, const char *value)
{
  g_autoptr (JsonNode) got = test_ctl (folder, "field", "get", entity, field, NULL);

  g_assert_cmpstr (test_json_text (got, "value"), ==, value);
}

static void
test_cloned_device (void)
{
  Days *days = begin ();
  g_autofree char *twin = galley_test_path ("twin");
  g_autofree char *shared = add_note (days, days->ana, "Unsent when it was copied");
  g_autofree char *mine = NULL, *said = NULL, *twin_digest = NULL, *ana_digest = NULL;
  g_autofree char *ana_device = device_of (days->ana), *twin_device = NULL;
  g_autoptr (JsonNode) devices = NULL;

  copy_database (days->ana, twin);
  copy_file (days->ana, twin, "device.key");
  copy_file (days->ana, twin, "account");

  add_notes (days, days->ana, "At home", 3);
  sync_once (days->ana, 0);

  mine = add_note (days, twin, "At work");
  set_color (twin, mine, "#0000aa");
  set_color (twin, shared, "#0000aa");
  test_ctl_do (twin, "comment", "add", mine, "--body", "A thread", NULL);
  test_ctl_do (twin, "decision", "set", days->item, "approve", NULL);
  sync_once (twin, 0);
  said = told (twin, "identity");
  g_assert_cmpstr (said, ==,
                   "This workspace was copied, or restored from a backup: another computer goes on "
                   "under its name. It is a computer of its own now, and 5 changes that were made "
                   "here are sent as its own; nothing is lost.");
  twin_device = device_of (twin);
  g_assert_cmpstr (twin_device, !=, ana_device);

  /* Both go on, each under its own name. */
  add_notes (days, days->ana, "At home again", 1);
  add_notes (days, twin, "At work again", 1);
  sync_once (twin, 0);
  sync_once (days->ana, 0);
  sync_once (days->ben, 0);
  sync_once (twin, 0);
  assert_nothing_lost (days);
  assert_whole (days, twin);
  ana_digest = digest (days, days->ana);
  twin_digest = digest (days, twin);
  g_assert_cmpstr (ana_digest, ==, twin_digest);
  assert_value (days->ben, mine, "color", "#0000aa");
  assert_value (days->ana, shared, "color", "#0000aa");
  devices = test_server_admin ("server", "device", "list", NULL);
  g_assert_cmpuint (test_json_length (devices, ""), ==, 3);
  end (days);
}

/* Only the database is older than what the server has: it comes back, and nothing else happens. */
static void
test_restored_database (void)
{
  Days *days = begin ();
  g_autofree char *kept = galley_test_path ("kept");
  g_autofree char *before = device_of (days->ana), *after = NULL;

  copy_database (days->ana, kept);
  add_notes (days, days->ana, "Since", 3);
  sync_once (days->ana, 0);
  copy_database (kept, days->ana);
  sync_once (days->ana, 0);
  sync_once (days->ben, 0);
  after = device_of (days->ana);
  g_assert_cmpstr (before, ==, after);
  assert_nothing_lost (days);

  /* And once more, with something new in the place of what the server has. */
  copy_database (kept, days->ana);
  add_notes (days, days->ana, "In its place", 2);
  sync_once (days->ana, 0);
  sync_once (days->ben, 0);
  g_free (after);
  after = device_of (days->ana);
  g_assert_cmpstr (before, !=, after);
  assert_nothing_lost (days);
  end (days);
}

/* Without its key the workspace is another device; what the one before had not sent is its own. */
static void
test_lost_key (void)
{
  Days *days = begin ();
  g_autofree char *key = g_build_filename (days->ana, "device.key", NULL);
  g_autofree char *said = NULL;

  add_notes (days, days->ana, "Unsent", 3);
  g_assert_cmpint (g_unlink (key), ==, 0);
  sync_once (days->ana, 0);
  said = told (days->ana, "identity");
  g_assert_cmpstr (said, ==,
                   "This workspace has come to another computer, or has lost its key. The server "
                   "knows it now as a computer of its own; nothing is lost.");
  sync_once (days->ben, 0);
  assert_nothing_lost (days);
  end (days);
}

/* ── somebody was shut out ── */

static char *
id_of_device (const char *server, const char *name_of_person)
{
  g_autoptr (JsonNode) persons = test_server_admin (server, "person", "list", NULL);
  g_autoptr (JsonNode) devices = test_server_admin (server, "device", "list", NULL);
  const char *person = NULL;

  for (guint i = 0; i < test_json_length (persons, ""); i++)
    {
      g_autofree char *at = g_strdup_printf ("%u", i);
      JsonNode *one = test_json_at (persons, at);

      if (g_strcmp0 (test_json_text (one, "name"), name_of_person) == 0)
        person = test_json_text (one, "id");
    }
  for (guint i = 0; i < test_json_length (devices, ""); i++)
    {
      g_autofree char *at = g_strdup_printf ("%u", i);
      JsonNode *one = test_json_at (devices, at);

      if (g_strcmp0 (test_json_text (one, "person"), person) == 0)
        return g_strdup (test_json_text (one, "id"));
    }

  g_assert_not_reached ();
}

static void
assert_said (const char *folder, int status, const char *sentence)
{
  g_autoptr (TestRun) run = test_ctl_run (folder, NULL, "sync", "once", "--timeout", "60", NULL);

  g_assert_cmpint (run->status, ==, status);
  if (strstr (run->err, sentence) == NULL)
    g_test_message ("%s", run->err);
  g_assert_nonnull (strstr (run->err, sentence));
}

/* What is on the computer stays and can be worked with; a new invite brings it all in. */
static void
test_revoked (void)
{
  Days *days = begin ();
  g_autofree char *device = id_of_device ("server", "Ben");
  g_autoptr (JsonNode) revoked = NULL, status = NULL, jobs = NULL;
  guint64 attempts = 0;

  add_notes (days, days->ben, "Unsent", 2);
  revoked = test_server_admin ("server", "device", "revoke", device, NULL);
  assert_said (days->ben, 3,
               "Ask for an invite and connect again; what was made on it is safe on it.");
  add_notes (days, days->ben, "Made all the same", 2);
  status = test_ctl (days->ben, "workspace", "status", NULL);
  g_assert_cmpint (test_json_int (status, "unsent"), ==, 4);
  g_assert_cmpint (test_json_int (status, "needs_attention"), >, 0);

  /* Nothing is tried again and again: it waits for the person. */
  jobs = test_ctl (days->ben, "job", "list", NULL);
  for (guint i = 0; i < test_json_length (jobs, ""); i++)
    {
      g_autofree char *at = g_strdup_printf ("%u", i);
      JsonNode *job = test_json_at (jobs, at);

      if (g_strcmp0 (test_json_text (job, "waiting_for"), "sign-in") == 0)
        {
          g_assert_null (test_json_text (job, "next_attempt"));
          attempts++;
        }
    }
  g_assert_cmpuint (attempts, >, 0);

  enrol (days, days->ben, "Ben", "reviewer");
  sync_once (days->ben, 0);
  sync_once (days->ana, 0);
  assert_nothing_lost (days);
  end (days);
}

/* ── the server says no ── */

static void
give_role (Days *days, const char *person, const char *role)
{
  G_GNUC_UNUSED g_autoptr (JsonNode)
      given = test_server_admin ("server", "project", "roles", days->project, "--person", person,
                                 "--role", role, NULL);
}

static JsonNode *
list_refused (const char *folder)
{
  return test_ctl (folder, "quarantine", "list", NULL);
}

/* Ben becomes a guest while he is away. Of what he made, one thing is sent again when he may, one
 * goes through a lead's hands, and one is put away, and taken out again. */
static void
test_refused (void)
{
  Days *days = begin ();
  g_autofree char *again = NULL, *adopted = NULL, *away = NULL;
  g_autofree char *file = galley_test_path ("refused.json");
  g_autofree char *first = NULL, *second = NULL, *third = NULL;
  g_autoptr (JsonNode) refused = NULL, left = NULL, back = NULL, status = NULL, audit = NULL;

  again = add_note (days, days->ben, "Sent again");
  adopted = add_note (days, days->ben, "Adopted");
  away = add_note (days, days->ben, "Put away");
  give_role (days, "Ben", "guest");
  sync_once (days->ben, 3);
  refused = list_refused (days->ben);
  g_assert_cmpuint (test_json_length (refused, ""), ==, 3);
  g_assert_cmpstr (test_json_text (refused, "0.code"), ==, "permission");
  g_assert_cmpstr (test_json_text (refused, "0.message"), ==,
                   "Your role in this project does not allow it. Ask a lead to do it.");
  first = g_strdup (test_json_text (refused, "0.change"));
  second = g_strdup (test_json_text (refused, "1.change"));
  third = g_strdup (test_json_text (refused, "2.change"));

  test_ctl_do (days->ben, "quarantine", "export", second, file, NULL);
  test_ctl_do (days->ana, "quarantine", "adopt", file, NULL);
  test_ctl_do (days->ben, "quarantine", "discard", second, NULL);
  test_ctl_do (days->ben, "quarantine", "discard", third, NULL);
  give_role (days, "Ben", "reviewer");
  sync_once (days->ana, 0);
  test_ctl_do (days->ben, "quarantine", "resend", first, NULL);
  test_ctl_fails (1, days->ben, "quarantine", "resend", first, NULL);
  sync_once (days->ben, 0);
  left = list_refused (days->ben);
  g_assert_cmpuint (test_json_length (left, ""), ==, 0);
  status = test_ctl (days->ben, "workspace", "status", NULL);
  g_assert_cmpint (test_json_int (status, "needs_attention"), ==, 0);

  test_ctl_do (days->ben, "quarantine", "restore", third, NULL);
  back = list_refused (days->ben);
  g_assert_cmpuint (test_json_length (back, ""), ==, 1);
  test_ctl_do (days->ben, "quarantine", "resend", third, NULL);
  sync_once (days->ben, 0);
  sync_once (days->ana, 0);
  assert_nothing_lost (days);
  assert_value (days->ana, again, "body", "Sent again");
  assert_value (days->ben, adopted, "body", "Adopted");
  assert_value (days->ana, away, "body", "Put away");

  /* Who adopted it, and whose it was. */
  audit = test_ctl (days->ben, "journal", "list", "--entity", adopted, "--limit", "1", NULL);
  g_assert_cmpstr (test_json_text (audit, "0.person_name"), ==, "Ana");
  g_assert_cmpstr (test_json_text (audit, "0.extra.adopts"), ==, second);
  g_assert_nonnull (test_json_text (audit, "0.extra.author"));
  end (days);
}

int
main (int argc, char **argv)
{
  test_ctl_init (&argc, &argv);
  g_test_add_func ("/bad-days/restored-server", test_restored_server);
  g_test_add_func ("/bad-days/server-as-far-again", test_server_as_far_again);
  g_test_add_func ("/bad-days/cloned-device", test_cloned_device);
  g_test_add_func ("/bad-days/restored-database", test_restored_database);
  g_test_add_func ("/bad-days/lost-key", test_lost_key);
  g_test_add_func ("/bad-days/revoked", test_revoked);
  g_test_add_func ("/bad-days/refused", test_refused);
  return g_test_run ();
}
