/* test-bad-machine.c: a disk that is full and a line that is cut, as a machine really has them
 *
 * The test works in a space of its own, where it may mount a small disk and take the network away;
 * for that it must be root.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* unshare() */
#endif

#include "galley-test-ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define DISK "size=12m"
/* What is left of the disk when it counts. */
#define ROOM_BYTES (192 * 1024)
#define N_LINES 3000
#define DISK_IS_FULL "The disk is full. What was saved before is safe; make room and try again."

static const char *no_space; /* (nullable): why there is no space of its own here */

/* ── a small disk ── */

static gboolean
need_space (void)
{
  if (no_space != NULL)
    g_test_skip (no_space);
  return no_space == NULL;
}

static char *
mount_disk (const char *name)
{
  char *path = galley_test_path (name);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_assert_cmpint (mount ("tmpfs", path, "tmpfs", 0, DISK), ==, 0);
  return path;
}

static void
unmount_disk (char *path)
{
  g_assert_cmpint (umount2 (path, MNT_DETACH), ==, 0);
  g_free (path);
}

/* All of the disk but a little. */
static void
fill (const char *path, goffset room_bytes)
{
  g_autofree char *filler = g_build_filename (path, "filler", NULL), *block = g_malloc0 (64 * 1024);
  int fd = open (filler, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  struct stat info;

  g_assert_cmpint (fd, >=, 0);
  while (write (fd, block, 64 * 1024) > 0)
    ;
  g_assert_cmpint (errno, ==, ENOSPC);
  g_assert_cmpint (fstat (fd, &info), ==, 0);
  g_assert_cmpint (ftruncate (fd, MAX (info.st_size - room_bytes, 0)), ==, 0);
  close (fd);
}

static void
make_room (const char *path)
{
  g_autofree char *filler = g_build_filename (path, "filler", NULL);

  g_assert_cmpint (unlink (filler), ==, 0);
}

/* ── what was said, and what is there ── */

static char *
make_lines (const char *pin)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < N_LINES; i++)
    g_string_append_printf (lines,
                            "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"body\",\"value\":"
                            "\"%0200u\"}\n",
                            pin, i);
  return g_strdup (lines->str);
}

/* The changes that were answered; each line that was not says the same sentence. */
static GPtrArray *
take_answers (TestRun *run, guint *n_refused)
{
  g_auto (GStrv) lines = g_strsplit (run->out, "\n", -1);
  GPtrArray *changes = g_ptr_array_new_with_free_func (g_free);

  *n_refused = 0;
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr (JsonNode) answer = json_from_string (lines[i], NULL);

      if (test_json_at (answer, "error") == NULL)
        g_ptr_array_add (changes, g_strdup (test_json_text (answer, "change")));
      else
        g_assert_cmpstr (test_json_text (answer, "error"), ==, DISK_IS_FULL);
      *n_refused += test_json_at (answer, "error") != NULL;
    }

  return changes;
}

static void
assert_sound (const char *folder)
{
  g_autoptr (JsonNode) verified = test_ctl (folder, "journal", "verify", NULL);
  g_autoptr (JsonNode) report = test_ctl (folder, "replay", "--dry-run", NULL);

  g_assert_true (test_json_bool (verified, "valid"));
  g_assert_true (test_json_bool (report, "equal"));
}

static void
assert_there (const char *folder, const GPtrArray *changes)
{
  g_autoptr (JsonNode) journal = test_ctl (folder, "journal", "list", "--limit", "100000", NULL);
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < test_json_length (journal, ""); i++)
    {
      g_autofree char *path = g_strdup_printf ("%u.change", i);

      g_hash_table_add (found, (gpointer)test_json_text (journal, path));
    }
  for (guint i = 0; i < changes->len; i++)
    g_assert_true (g_hash_table_contains (found, changes->pdata[i]));
}

/* ── the disk of a device ── */

static void
test_full_here (void)
{
  g_test_summary ("On a full disk nothing more is said to be saved, and what was saved is.");
  g_autoptr (TestDesk) desk = NULL;
  g_autoptr (TestRun) run = NULL, again = NULL;
  g_autoptr (GPtrArray) kept = NULL, more = NULL;
  g_autofree char *pin = NULL, *lines = NULL;
  char *disk;
  guint n_refused;

  if (!need_space ())
    return;

  disk = mount_disk ("disk");
  desk = test_desk_new ("disk/ana");
  pin = test_desk_add_pin (desk, "Here");
  lines = make_lines (pin);
  fill (disk, ROOM_BYTES);
  run = test_ctl_run (desk->folder, lines, "batch", NULL);
  g_assert_cmpint (run->status, ==, 1);
  kept = take_answers (run, &n_refused);
  g_assert_cmpuint (kept->len, >, 0);
  g_assert_cmpuint (n_refused, >, 0);
  g_assert_cmpuint (kept->len + n_refused, ==, N_LINES);

  make_room (disk);
  assert_there (desk->folder, kept);
  assert_sound (desk->folder);
  again = test_ctl_run (desk->folder, lines, "batch", NULL);
  g_assert_cmpint (again->status, ==, 0);
  more = take_answers (again, &n_refused);
  g_assert_cmpuint (more->len, ==, N_LINES);
  assert_there (desk->folder, kept);
  assert_there (desk->folder, more);
  assert_sound (desk->folder);
  g_test_message ("%u of %u lines were kept", kept->len, N_LINES);
  unmount_disk (disk);
}

/* Not a byte is left: there is no place to begin in, and nothing that was there is touched. */
static void
test_full_to_the_brim (void)
{
  g_autoptr (TestDesk) desk = NULL;
  g_autoptr (TestRun) run = NULL;
  g_autofree char *pin = NULL;
  char *disk;

  if (!need_space ())
    return;

  disk = mount_disk ("disk");
  desk = test_desk_new ("disk/ana");
  pin = test_desk_add_pin (desk, "Here");
  fill (disk, 0);
  run = test_ctl_run (desk->folder, NULL, "field", "set", pin, "body", "\"There\"", NULL);
  g_assert_cmpint (run->status, ==, 1);
  g_assert_cmpstr (run->err, ==, DISK_IS_FULL "\n");

  make_room (disk);
  assert_sound (desk->folder);
  test_ctl_do (desk->folder, "field", "set", pin, "body", "\"There\"", NULL);
  unmount_disk (disk);
}

/* ── the disk of a server ── */

static TestServer *
connect_to_server (TestDesk *desk, const char *name)
{
  TestServer *server = test_server_start (name);
  g_autofree char *code = test_server_invite (server, "Ana", "lead");

  test_ctl_do (desk->folder, "workspace", "connect", server->uri, "--invite", code, NULL);
  test_ctl_do (desk->folder, "sync", "once", NULL);
  return server;
}

/* That a job waits for the server's disk is said with the server's sentence. */
static void
assert_job_says (const char *folder, const char *part)
{
  g_autoptr (JsonNode) jobs = test_ctl (folder, "job", "list", NULL);
  g_autofree char *text = json_to_string (jobs, FALSE);

  if (strstr (text, part) == NULL)
    g_error ("No job says “%s”: %s", part, text);
}

static void
test_full_there (void)
{
  g_test_summary ("A server whose disk is full takes nothing half, says so, and goes on later.");
  g_autoptr (TestDesk) desk = NULL;
  g_autoptr (TestRun) run = NULL, full = NULL;
  g_autoptr (GPtrArray) kept = NULL;
  g_autoptr (JsonNode) verified = NULL, status = NULL;
  g_autofree char *pin = NULL, *lines = NULL;
  TestServer *server;
  guint n_refused;
  char *disk;

  if (!need_space ())
    return;

  disk = mount_disk ("disk");
  desk = test_desk_new ("ana");
  pin = test_desk_add_pin (desk, "Here");
  server = connect_to_server (desk, "disk/server");
  lines = make_lines (pin);
  run = test_ctl_run (desk->folder, lines, "batch", NULL);
  kept = take_answers (run, &n_refused);
  g_assert_cmpuint (kept->len, ==, N_LINES);

  fill (disk, ROOM_BYTES);
  full = test_ctl_run (desk->folder, NULL, "sync", "once", "--timeout", "20", NULL);
  g_assert_cmpint (full->status, !=, 0);
  assert_job_says (desk->folder, "disk is full");
  make_room (disk);
  test_ctl_do (desk->folder, "sync", "once", NULL);
  status = test_ctl (desk->folder, "workspace", "status", NULL);
  g_assert_cmpint (test_json_int (status, "unsent"), ==, 0);
  verified = test_server_admin ("disk/server", "stream", "verify", NULL);
  g_assert_cmpint (test_json_int (verified, "verified"), >=, N_LINES);
  assert_sound (desk->folder);
  test_server_stop (server);
  unmount_disk (disk);
}

/* ── the line ── */

static gboolean
run_tool (const char *command)
{
  g_auto (GStrv) words = g_strsplit (command, " ", -1);
  int status;

  return g_spawn_sync (NULL, words, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
                           G_SPAWN_STDERR_TO_DEV_NULL,
                       NULL, NULL, NULL, NULL, &status, NULL) &&
         g_spawn_check_wait_status (status, NULL);
}

/* Slow and with losses where the kernel can do that, and cut in the midst of it in any case. */
static void
test_cut (void)
{
  g_test_summary ("A line that is slow, loses and is cut loses no change; the next round goes on.");
  g_autoptr (TestDesk) desk = NULL;
  g_autoptr (TestRun) run = NULL, cut = NULL;
  g_autoptr (GPtrArray) kept = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (JsonNode) status = NULL, verified = NULL;
  g_autofree char *pin = NULL, *lines = NULL;
  TestServer *server;
  guint n_refused;

  if (!need_space ())
    return;

  desk = test_desk_new ("ana");
  pin = test_desk_add_pin (desk, "Here");
  server = connect_to_server (desk, "server");
  lines = make_lines (pin);
  run = test_ctl_run (desk->folder, lines, "batch", NULL);
  kept = take_answers (run, &n_refused);
  if (!run_tool ("tc qdisc add dev lo root netem delay 30ms 20ms loss 5%"))
    g_test_message ("This kernel has no netem: the line is cut, but it is neither slow nor does it "
                    "lose anything.");

  process = test_ctl_start (desk->folder, "sync", "once", "--timeout", "60", NULL);
  g_usleep (g_test_rand_int_range (50, 500) * 1000);
  g_assert_true (run_tool ("ip link set lo down"));
  cut = test_ctl_run (desk->folder, NULL, "sync", "once", "--timeout", "5", NULL);
  g_assert_cmpint (cut->status, !=, 0);
  g_assert_cmpuint (strlen (cut->err), >, 10);
  g_assert_true (run_tool ("ip link set lo up"));
  g_assert_true (g_subprocess_wait (process, NULL, NULL));

  test_ctl_do (desk->folder, "sync", "once", NULL);
  status = test_ctl (desk->folder, "workspace", "status", NULL);
  g_assert_cmpint (test_json_int (status, "unsent"), ==, 0);
  verified = test_server_admin ("server", "stream", "verify", NULL);
  g_assert_cmpint (test_json_int (verified, "verified"), >=, N_LINES);
  assert_there (desk->folder, kept);
  assert_sound (desk->folder);
  run_tool ("tc qdisc del dev lo root");
  test_server_stop (server);
}

/* Before any thread is there: what is mounted and cut here is seen by what is started here alone.
 */
static void
enter_space (void)
{
  if (geteuid () != 0)
    no_space = "Only root may mount a small disk and take the network away.";
  else if (unshare (CLONE_NEWNS | CLONE_NEWNET) != 0 ||
           mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
           !run_tool ("ip link set lo up"))
    no_space = "This machine gives no space with disks and a network of its own.";
}

int
main (int argc, char **argv)
{
  enter_space ();
  test_ctl_init (&argc, &argv);
  g_test_add_func ("/bad-machine/full-here", test_full_here);
  g_test_add_func ("/bad-machine/full-to-the-brim", test_full_to_the_brim);
  g_test_add_func ("/bad-machine/full-there", test_full_there);
  g_test_add_func ("/bad-machine/cut", test_cut);
  return g_test_run ();
}
