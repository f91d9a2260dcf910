/* test-rescue.c: damaged, empty and missing files of a workspace
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include "data/galley-database.h"
#include "data/galley-quarantine.h"
#include "data/galley-rescue.h"

#include <glib/gstdio.h>
#include <string.h>

static void
set_note (TestPair *pair, TestDevice *device, guint number)
{
  test_device_set (device, &pair->project, GALLEY_KIND_ANNOTATION, &pair->note,
                   GALLEY_ANNOTATION_BODY, NULL,
                   g_variant_new_take_string (g_strdup_printf ("%u", number)));
}

static void
test_not_a_database (void)
{
  g_autofree char *folder = galley_test_path ("broken");
  g_autofree char *path = g_build_filename (folder, "galley.db", NULL);
  g_autofree char *text = g_strnfill (8192, 'x'), *kept = NULL;
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_set_contents (path, text, 8192, NULL));
  g_assert_null (galley_store_open (folder, GALLEY_STORE_CREATE, galley_world_real (), &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
  g_assert_true (g_file_get_contents (path, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, text);
}

/* Some pages of a workspace's file are overwritten: what can be read comes back, and the damaged
 * file is kept. */
static void
test_rescue (void)
{
  TestPair pair;
  g_autofree char *kept = NULL, *path = NULL, *data = NULL, *name = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_changes;
  gint64 backup_us;
  gsize bytes;

  test_pair_init (&pair, "move the logo to the left");
  for (guint i = 0; i < 200; i++)
    set_note (&pair, pair.a, i);
  path = g_build_filename (pair.a->folder, "galley.db", NULL);
  test_device_close (pair.a);
  g_assert_true (g_file_get_contents (path, &data, &bytes, NULL));
  /* Near the end, where no table begins: of one whose first page is gone nothing is found. */
  memset (data + bytes - 6 * 4096, 'x', 3 * 4096);
  g_assert_true (g_file_set_contents (path, data, bytes, NULL));

  g_assert_true (galley_rescue (pair.a->folder, &kept, &n_changes, &backup_us, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_changes, >, 20);
  g_assert_cmpuint (n_changes, <=, 203);
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
  test_device_open (pair.a);
  name = test_device_get (pair.a, &pair.item, GALLEY_ITEM_NAME);
  g_assert_cmpstr (name, ==, "'Poster'");
  test_pair_clear (&pair);
}

/* Nothing to be read: the file stays in its place, and nothing is started over. */
static void
test_rescue_of_nothing (void)
{
  g_autofree char *folder = galley_test_path ("hopeless");
  g_autofree char *path = g_build_filename (folder, "galley.db", NULL);
  g_autofree char *text = g_strnfill (8192, 'x'), *kept = NULL, *found = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_changes;
  gint64 backup_us;

  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_set_contents (path, text, 8192, NULL));
  g_assert_false (galley_rescue (folder, &kept, &n_changes, &backup_us, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
  g_assert_true (g_file_get_contents (path, &found, NULL, NULL));
  g_assert_cmpstr (found, ==, text);
}

static void
test_damaged_key (void)
{
  TestPair pair;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = NULL;

  test_pair_init (&pair, "move the logo to the left");
  path = g_build_filename (pair.a->folder, "device.key", NULL);
  g_assert_true (g_file_set_contents (path, "nonsense", -1, NULL));
  g_assert_null (galley_store_open (pair.a->folder, 0, galley_world_real (), &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
  g_assert_true (g_file_get_contents (path, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "nonsense");
  test_pair_clear (&pair);
}

/* What a rescue finds when pages of the journal are gone: the rows that were on them are missing.
 */
static void
lose_changes (TestDevice *device, const char *which)
{
  g_autofree char *path = g_build_filename (device->folder, "galley.db", NULL);
  g_autofree char *sql = g_strdup_printf ("DROP TRIGGER change_stays; DELETE FROM change WHERE %s;"
                                          "DROP TABLE tip",
                                          which);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyDatabase) db = galley_database_open (path, FALSE, &error);

  g_assert_no_error (error);
  galley_database_exec (db, sql, &error);
  g_assert_no_error (error);
  g_assert_cmpint (galley_database_changes (db), >, 0);
}

static void
rescue (TestDevice *device)
{
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_changes;
  gint64 backup_us;

  g_assert_true (galley_rescue (device->folder, &kept, &n_changes, &backup_us, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
}

/* Lost changes of the others, and own ones that are shared, come again from the server. */
static void
test_lost_come_again (void)
{
  static const char *const cases[] = { "seq = 2", "position > 2", "position = 5" };
  TestPair pair;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *a = NULL, *b = NULL, *body = NULL;
      GalleyId device;

      test_pair_init (&pair, "move the logo to the left");
      device = *galley_store_get_device (pair.a->store);
      for (guint k = 0; k < 5; k++)
        set_note (&pair, pair.b, k);
      test_stream_sync (pair.stream, pair.a, pair.b);
      test_device_close (pair.a);
      lose_changes (pair.a, cases[i]);
      rescue (pair.a);
      test_device_open (pair.a);
      test_stream_sync (pair.stream, pair.a, pair.b);

      a = test_device_get_digest (pair.a, &pair.project);
      b = test_device_get_digest (pair.b, &pair.project);
      g_assert_cmpstr (a, ==, b);
      body = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
      g_assert_cmpstr (body, ==, "'4'");
      test_device_assert_replay (pair.a);
      set_note (&pair, pair.a, 9);
      test_stream_sync (pair.stream, pair.a, pair.b);
      g_free (body);
      body = test_device_get (pair.b, &pair.note, GALLEY_ANNOTATION_BODY);
      g_assert_cmpstr (body, ==, "'9'");
      g_assert_true (galley_id_equal (&device, galley_store_get_device (pair.a->store)));
      test_pair_clear (&pair);
    }
}

/* Own work that nobody else has, and that stands on what was lost: kept, and somebody is asked. */
static void
test_unsent_is_kept (void)
{
  TestPair pair;
  g_autofree char *a = NULL, *b = NULL;
  g_autoptr (GPtrArray) refused = NULL;
  g_autoptr (GError) error = NULL;
  GalleyId device;

  test_pair_init (&pair, "move the logo to the left");
  device = *galley_store_get_device (pair.a->store);
  set_note (&pair, pair.b, 1);
  test_stream_sync (pair.stream, pair.a, pair.b);
  set_note (&pair, pair.a, 2);
  test_device_close (pair.a);
  lose_changes (pair.a, "position = 4");
  rescue (pair.a);
  test_device_open (pair.a);
  g_assert_false (galley_id_equal (&device, galley_store_get_device (pair.a->store)));

  test_stream_sync (pair.stream, pair.a, pair.b);
  a = test_device_get_digest (pair.a, &pair.project);
  b = test_device_get_digest (pair.b, &pair.project);
  g_assert_cmpstr (a, ==, b);
  test_device_assert_replay (pair.a);
  refused = galley_quarantine_list (pair.a->reader, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (refused->len, ==, 1);
  g_assert_cmpstr (((const GalleyRefused *)refused->pdata[0])->code, ==, "lost-base");
  g_assert_cmpuint (galley_change_get_header (((const GalleyRefused *)refused->pdata[0])->change)
                        ->seq,
                    ==, 4);
  test_pair_clear (&pair);
}

/* A rescue that is cut off after the new database is complete is finished at the next start. */
static void
test_cut_off (void)
{
  TestPair pair;
  g_autofree char *path = NULL, *rescued = NULL, *kept = NULL, *body = NULL;

  test_pair_init (&pair, "move the logo to the left");
  set_note (&pair, pair.a, 7);
  test_device_close (pair.a);
  path = g_build_filename (pair.a->folder, "galley.db", NULL);
  rescued = g_build_filename (pair.a->folder, "galley-rescued.db", NULL);
  kept = g_build_filename (pair.a->folder, "galley-damaged-1.db", NULL);
  g_assert_cmpint (g_rename (path, rescued), ==, 0);
  g_assert_true (g_file_set_contents (path, "damaged", -1, NULL));

  test_device_open (pair.a);
  body = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (body, ==, "'7'");
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (rescued, G_FILE_TEST_EXISTS));
  test_pair_clear (&pair);
}

/* A workspace whose database is gone or empty is not taken for a new one. */
static void
test_lost_database (void)
{
  TestPair pair;

  test_pair_init (&pair, "move the logo to the left");
  test_device_close (pair.a);
  for (guint empty = 0; empty < 2; empty++)
    {
      g_autofree char *path = g_build_filename (pair.a->folder, "galley.db", NULL);
      g_autofree char *kept = NULL;
      g_autoptr (GError) error = NULL, rescue_error = NULL;
      guint64 n_changes;
      gint64 backup_us;

      g_unlink (path);
      if (empty)
        g_assert_true (g_file_set_contents (path, "", 0, NULL));
      g_assert_null (
          galley_store_open (pair.a->folder, GALLEY_STORE_CREATE, galley_world_real (), &error));
      g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
      g_assert_false (galley_rescue (pair.a->folder, &kept, &n_changes, &backup_us, &rescue_error));
      g_assert_error (rescue_error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
      g_assert_cmpint (g_file_test (path, G_FILE_TEST_EXISTS), ==, empty);
    }
  test_stream_free (pair.stream);
  test_device_free (pair.b);
  g_free (pair.a->folder);
  g_free (pair.a);
}

/* The derived tables alone are damaged: all comes back from the journal. */
static void
test_damaged_derived (void)
{
  TestPair pair;
  g_autofree char *path = NULL, *data = NULL, *name = NULL, *kept = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyDatabase) db = NULL;
  GalleyReplayReport report;
  gint64 page = 0;
  gsize bytes;

  test_pair_init (&pair, "move the logo to the left");
  test_device_close (pair.a);
  path = g_build_filename (pair.a->folder, "galley.db", NULL);
  db = galley_database_open (path, FALSE, &error);
  galley_database_get_int (db, &page, &error,
                           "SELECT rootpage FROM sqlite_master WHERE name = 'derived_head'", "");
  g_assert_no_error (error);
  g_clear_pointer (&db, galley_database_close);
  g_assert_true (g_file_get_contents (path, &data, &bytes, NULL));
  memset (data + (page - 1) * 4096, 'x', 4096);
  g_assert_true (g_file_set_contents (path, data, bytes, NULL));

  g_assert_true (galley_rescue_or_rebuild (pair.a->folder, NULL, NULL, &report, &kept, &error));
  g_assert_no_error (error);
  g_assert_nonnull (kept);
  g_assert_cmpuint (report.n_changes, ==, 3);
  galley_replay_report_clear (&report);
  test_device_open (pair.a);
  name = test_device_get (pair.a, &pair.item, GALLEY_ITEM_NAME);
  g_assert_cmpstr (name, ==, "'Poster'");
  test_device_assert_replay (pair.a);
  test_pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/rescue/not-a-database", test_not_a_database);
  g_test_add_func ("/rescue/pages", test_rescue);
  g_test_add_func ("/rescue/lost-come-again", test_lost_come_again);
  g_test_add_func ("/rescue/unsent-is-kept", test_unsent_is_kept);
  g_test_add_func ("/rescue/cut-off", test_cut_off);
  g_test_add_func ("/rescue/nothing", test_rescue_of_nothing);
  g_test_add_func ("/rescue/lost-database", test_lost_database);
  g_test_add_func ("/rescue/damaged-derived", test_damaged_derived);
  g_test_add_func ("/rescue/damaged-key", test_damaged_key);
  return g_test_run ();
}
