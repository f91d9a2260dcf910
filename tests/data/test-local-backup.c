/* test-local-backup.c: backups of a workspace's database: made, looked at, rotated, gone back to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-local-backup.h"
#include "data/galley-rescue.h"
#include "galley-test-device.h"
#include "galley-test.h"

#include <glib/gstdio.h>
#include <string.h>

static char *
make (TestDevice *device)
{
  g_autoptr (GError) error = NULL;
  char *path = NULL;

  galley_local_backup_make (device->store, NULL, NULL, NULL, &path, &error);
  g_assert_no_error (error);
  return path;
}

static void
note_progress (guint64 done, guint64 total, gpointer data)
{
  g_assert_cmpuint (done, <=, total);
  *(guint64 *)data += 1;
}

static void
test_make (void)
{
  TestPair pair;
  g_autoptr (GPtrArray) files = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  const GalleyBackupFile *file;
  guint64 n_changes = 0, n_told = 0;

  test_pair_init (&pair, "move the logo to the left");
  for (guint i = 0; i < 600; i++)
    test_pair_set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, i % 2 ? "here" : "there");
  galley_local_backup_make (pair.a->store, NULL, note_progress, &n_told, &path, &error);
  g_assert_no_error (error);
  g_assert_true (galley_local_backup_verify (path, &n_changes, &error));
  g_assert_cmpuint (n_changes, >=, 603);

  files = galley_local_backup_list (pair.a->folder, &error);
  g_assert_cmpuint (files->len, ==, 1);
  file = files->pdata[0];
  g_assert_cmpstr (file->path, ==, path);
  g_assert_false (file->bad);
  g_assert_cmpuint (file->size_bytes, >, 1000);
  g_assert_cmpint (ABS (file->made_us - g_get_real_time ()), <, G_TIME_SPAN_HOUR);
  test_pair_clear (&pair);
}

static void
flip (const char *path, gsize from_end)
{
  g_autofree char *data = NULL;
  gsize bytes;

  g_assert_true (g_file_get_contents (path, &data, &bytes, NULL));
  data[bytes - from_end] ^= 0x40;
  g_assert_true (g_file_set_contents (path, data, (gssize)bytes, NULL));
}

static void
test_damaged (void)
{
  TestPair pair;
  g_autofree char *path = NULL, *older = NULL, *data = NULL, *to = NULL, *found = NULL;
  g_autoptr (GError) error = NULL, cut = NULL;
  guint64 n_changes;
  gint64 made_us = 0;
  gsize bytes;

  g_test_summary ("A backup that is damaged or cut off is seen to be, and the one before is taken");

  test_pair_init (&pair, "move the logo to the left");
  path = make (pair.a);
  older = g_build_filename (pair.a->folder, "backups", "galley-20200101-000000.db.zst", NULL);
  g_assert_true (g_file_get_contents (path, &data, &bytes, NULL));
  g_assert_true (g_file_set_contents (older, data, (gssize)bytes, NULL));
  flip (path, bytes / 2);
  g_assert_false (galley_local_backup_verify (path, &n_changes, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);

  to = g_build_filename (pair.a->folder, "unpacked.db", NULL);
  found = galley_local_backup_unpack_newest (pair.a->folder, to, &made_us);
  g_assert_cmpstr (found, ==, older);
  g_assert_cmpint (made_us, ==, G_GINT64_CONSTANT (1577836800) * G_USEC_PER_SEC);

  g_assert_true (g_file_set_contents (older, data, (gssize)bytes - 10, NULL));
  g_assert_false (galley_local_backup_verify (older, &n_changes, &cut));
  g_assert_error (cut, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
  test_pair_clear (&pair);
}

static void
test_rotate (void)
{
  g_autofree char *folder = galley_test_path ("rotate");
  g_autofree char *backups = g_build_filename (folder, "backups", NULL);
  g_autoptr (GDateTime) day = g_date_time_new_utc (2026, 11, 27, 9, 0, 0);
  g_autoptr (GPtrArray) left = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary (
      "Of a hundred days the last seven stay, one of each of four weeks before, and what "
      "is bad");

  g_mkdir_with_parents (backups, 0700);
  for (int i = 0; i < 100; i++)
    {
      g_autoptr (GDateTime) made = g_date_time_add_days (day, -i);
      g_autofree char *name = g_date_time_format (made, i == 60 ? "galley-%Y%m%d-%H%M%S.db.zst.bad"
                                                                : "galley-%Y%m%d-%H%M%S.db.zst");
      g_autofree char *path = g_build_filename (backups, name, NULL);

      g_assert_true (g_file_set_contents (path, "x", 1, NULL));
    }

  g_assert_true (galley_local_backup_rotate (folder, &error));
  left = galley_local_backup_list (folder, &error);
  g_assert_cmpuint (left->len, ==, 7 + 4 + 1);
  for (guint i = 1; i < left->len; i++)
    g_assert_cmpint (((GalleyBackupFile *)left->pdata[i - 1])->made_us, >,
                     ((GalleyBackupFile *)left->pdata[i])->made_us);
  g_assert_true (((GalleyBackupFile *)left->pdata[left->len - 1])->bad);
}

static void
test_nothing_left (void)
{
  TestPair pair;
  g_autofree char *made = NULL, *path = NULL, *kept = NULL, *body = NULL;
  g_autoptr (GError) error = NULL;
  GalleyReplayReport report = { 0 };

  g_test_summary (
      "Of a database that is all nonsense the backup takes the place, and the server has "
      "what came later");

  test_pair_init (&pair, "move the logo to the left");
  made = make (pair.a);
  test_pair_set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, "to the right");
  test_pair_sync (&pair);
  test_device_close (pair.a);
  path = g_build_filename (pair.a->folder, "galley.db", NULL);
  g_assert_true (g_file_set_contents (path, "nonsense", -1, NULL));

  galley_rescue_or_rebuild (pair.a->folder, NULL, NULL, &report, &kept, &error);
  g_assert_no_error (error);
  g_assert_cmpint (report.backup_us, !=, 0);
  g_assert_nonnull (kept);
  galley_replay_report_clear (&report);
  test_device_open (pair.a);
  body = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (body, ==, "'move the logo to the left'");

  test_stream_pull (pair.stream, pair.a);
  g_clear_pointer (&body, g_free);
  body = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (body, ==, "'to the right'");
  test_device_assert_replay (pair.a);
  test_pair_clear (&pair);
}

static void
test_database_gone (void)
{
  TestPair pair;
  g_autofree char *made = NULL, *kept = NULL, *body = NULL;
  g_autoptr (GError) error = NULL;
  GalleyReplayReport report = { 0 };

  g_test_summary ("Of a database that is not there at all the backup takes the place; no old file "
                  "is said to be kept");

  test_pair_init (&pair, "move the logo to the left");
  test_pair_sync (&pair);
  made = make (pair.a);
  test_device_close (pair.a);
  for (guint i = 0; i < 3; i++)
    {
      const char *names[] = { "galley.db", "galley.db-wal", "galley.db-shm" };
      g_autofree char *path = g_build_filename (pair.a->folder, names[i], NULL);

      g_unlink (path);
    }

  galley_rescue_or_rebuild (pair.a->folder, NULL, NULL, &report, &kept, &error);
  g_assert_no_error (error);
  g_assert_cmpint (report.backup_us, !=, 0);
  g_assert_null (kept);
  galley_replay_report_clear (&report);
  test_device_open (pair.a);
  body = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (body, ==, "'move the logo to the left'");
  test_device_assert_replay (pair.a);
  test_pair_clear (&pair);
}

static void
test_gaps (void)
{
  TestPair pair;
  g_autofree char *made = NULL, *path = NULL, *kept = NULL, *data = NULL, *body = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_changes, n_before = 0;
  gint64 backup_us;
  gsize bytes;

  g_test_summary ("What cannot be read of a damaged database is taken from the backup, and what is "
                  "newer from the database");

  test_pair_init (&pair, "first");
  for (guint i = 0; i < 200; i++)
    test_pair_set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, i % 2 ? "odd" : "even");
  made = make (pair.a);
  g_assert_true (galley_local_backup_verify (made, &n_before, &error));
  test_device_close (pair.a);
  path = g_build_filename (pair.a->folder, "galley.db", NULL);
  g_assert_true (g_file_get_contents (path, &data, &bytes, NULL));
  test_device_open (pair.a);
  test_pair_set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, "newest");
  test_device_close (pair.a);
  g_clear_pointer (&data, g_free);
  g_assert_true (g_file_get_contents (path, &data, &bytes, NULL));
  memset (data + bytes / 2, 'x', 4096);
  g_assert_true (g_file_set_contents (path, data, (gssize)bytes, NULL));

  g_assert_true (galley_rescue (pair.a->folder, &kept, &n_changes, &backup_us, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_changes, >=, n_before);
  test_device_open (pair.a);
  body = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (body, ==, "'newest'");
  test_device_assert_replay (pair.a);
  test_pair_clear (&pair);
}

static void
test_cut_log (void)
{
  TestPair pair;
  g_autofree char *log = NULL, *path = NULL, *data = NULL, *body = NULL;
  g_autofree char *kept_db = NULL;
  gsize bytes, db_bytes;

  g_test_summary ("A log that was cut off in the middle gives what had been committed before, and "
                  "all of that holds");

  test_pair_init (&pair, "first");
  test_pair_sync (&pair);
  test_device_close (pair.a);
  test_device_open (pair.a);
  for (guint i = 0; i < 50; i++)
    test_pair_set_note (&pair, pair.a, GALLEY_ANNOTATION_BODY, i % 2 ? "odd" : "even");
  log = g_build_filename (pair.a->folder, "galley.db-wal", NULL);
  path = g_build_filename (pair.a->folder, "galley.db", NULL);
  /* As a computer leaves them that stops now. */
  g_assert_true (g_file_get_contents (log, &data, &bytes, NULL));
  g_assert_true (g_file_get_contents (path, &kept_db, &db_bytes, NULL));
  g_assert_cmpuint (bytes, >, 100000);
  test_device_close (pair.a);
  g_assert_true (g_file_set_contents (path, kept_db, (gssize)db_bytes, NULL));
  g_assert_true (g_file_set_contents (log, data, (gssize)bytes / 2 + 100, NULL));

  test_device_open (pair.a);
  body = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_nonnull (body);
  test_device_assert_replay (pair.a);
  test_pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  g_test_add_func ("/local-backup/make", test_make);
  g_test_add_func ("/local-backup/damaged", test_damaged);
  g_test_add_func ("/local-backup/rotate", test_rotate);
  g_test_add_func ("/local-backup/nothing-left", test_nothing_left);
  g_test_add_func ("/local-backup/database-gone", test_database_gone);
  g_test_add_func ("/local-backup/gaps", test_gaps);
  g_test_add_func ("/local-backup/cut-log", test_cut_log);

  return g_test_run ();
}
