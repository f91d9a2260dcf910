/* test-migrations.c: a workspace that an earlier Galley left is opened, or left as it is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-fault-vfs.h"
#include "galley-test-device.h"
#include "data/galley-quarantine.h"

#include "data/galley-database.h"
#include "data/galley-job-table.h"
#include "data/galley-replay.h"

#include <glib/gstdio.h>
#include <string.h>

/* make-fixture.c has made them; the newest is the one of today's tables. */
static const char *const fixtures[] = { "workspace-1" };

#define NEWEST fixtures[G_N_ELEMENTS (fixtures) - 1]

static void
copy_file (const char *from, const char *folder, const char *name)
{
  g_autofree char *source = g_build_filename (from, name, NULL);
  g_autofree char *target = g_build_filename (folder, name, NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize bytes;

  g_file_get_contents (source, &content, &bytes, &error);
  g_assert_no_error (error);
  g_file_set_contents_full (target, content, bytes, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

/* Returns: (transfer full): a folder with a copy that a test may change */
static char *
copy_fixture (const char *fixture)
{
  static guint n_copies;
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "fixtures", fixture, NULL);
  g_autofree char *name = g_strdup_printf ("copy-%u", n_copies++);
  char *folder = galley_test_path (name);

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  copy_file (from, folder, "galley.db");
  copy_file (from, folder, "device.key");
  return folder;
}

static GalleyStore *
open_store (const char *folder, GError **error)
{
  return galley_store_open (folder, GALLEY_STORE_QUIET, galley_world_real (), error);
}

/* As TestDevice's own, of a folder that is there. */
static TestDevice *
open_device (const char *folder)
{
  TestDevice *device = g_new0 (TestDevice, 1);
  g_autoptr (GError) error = NULL;

  device->folder = g_strdup (folder);
  device->store = open_store (folder, &error);
  g_assert_no_error (error);
  device->reader = galley_store_open_reader (device->store, &error);
  g_assert_no_error (error);
  return device;
}

static void
run_sql (const char *folder, const char *sql)
{
  g_autofree char *path = g_build_filename (folder, "galley.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyDatabase) db = galley_database_open (path, FALSE, &error);

  g_assert_no_error (error);
  galley_database_exec (db, sql, &error);
  g_assert_no_error (error);
}

static gint64
get_int (const char *folder, const char *sql)
{
  g_autofree char *path = g_build_filename (folder, "galley.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyDatabase) db = galley_database_open (path, TRUE, &error);
  gint64 value = -1;

  g_assert_no_error (error);
  galley_database_get_int (db, &value, &error, sql, "");
  g_assert_no_error (error);
  return value;
}

/* ── what make-fixture.c put in ── */

static void
find_ids (TestDevice *device, GalleyId *project, GalleyId *item, GalleyId *note)
{
  GalleyItemFilter filter = { .search = "Poster" };
  g_autoptr (GArray) items = galley_reader_list_item_ids (device->reader, &filter, NULL);
  g_autoptr (GPtrArray) notes = NULL;

  g_assert_cmpuint (items->len, ==, 1);
  *item = g_array_index (items, GalleyId, 0);
  notes = galley_reader_list_children (device->reader, item, GALLEY_KIND_ANNOTATION, NULL);
  g_assert_cmpuint (notes->len, ==, 1);
  *note = ((GalleyEntity *)notes->pdata[0])->id;
  *project = ((GalleyEntity *)notes->pdata[0])->project;
}

static void
assert_item (TestDevice *device, const GalleyId *item)
{
  g_autoptr (GalleyItemRow) row = galley_reader_get_item (device->reader, item, NULL);

  g_assert_cmpstr (row->name, ==, "Poster");
  g_assert_cmpstr (row->state, ==, "approved");
  g_assert_cmpstr (row->media_type, ==, "image/png");
  g_assert_cmpuint (row->version, ==, 1);
  g_assert_cmpuint (row->n_annotations, ==, 1);
  g_assert_true (row->contested);
}

static void
assert_note (TestDevice *device, const GalleyId *note)
{
  g_autoptr (GPtrArray)
      replies = galley_reader_list_children (device->reader, note, GALLEY_KIND_COMMENT, NULL);
  g_autofree char *body = test_device_get (device, note, GALLEY_ANNOTATION_BODY);
  g_autofree char *color = test_device_get (device, note, GALLEY_ANNOTATION_COLOR);

  g_assert_cmpstr (body, ==, "'move the red logo to the right'");
  g_assert_cmpint (test_device_get_state (device, note, GALLEY_ANNOTATION_BODY), ==,
                   GALLEY_STATE_MERGED);
  g_assert_cmpstr (color, ==, "'#aaaaaa'");
  g_assert_cmpuint (test_device_count_conflicts (device), ==, 1);
  g_assert_cmpuint (replies->len, ==, 1);
  g_assert_cmpstr (galley_entity_get_string (replies->pdata[0], GALLEY_COMMENT_BODY, ""), ==,
                   "as far as the margin?");
}

static void
assert_rest (TestDevice *device)
{
  g_autoptr (GPtrArray) projects = galley_reader_list_projects (device->reader, NULL);
  g_autoptr (GPtrArray) refused = galley_quarantine_list (device->reader, FALSE, NULL);
  g_autoptr (GPtrArray) jobs = galley_job_table_list (device->reader, NULL, 10, NULL);
  g_autoptr (GalleyJobRow) upload = galley_job_table_get (device->reader, 2, NULL);
  g_autoptr (GPtrArray) events = galley_job_table_get_events (device->reader, 2, NULL);
  g_autofree char *name = galley_id_to_string (galley_store_get_device (device->store));

  g_assert_cmpuint (projects->len, ==, 2);
  g_assert_cmpuint (refused->len, ==, 1);
  g_assert_cmpstr (((GalleyRefused *)refused->pdata[0])->message, ==,
                   "Your role does not allow it.");
  g_assert_cmpuint (jobs->len, ==, 2);
  g_assert_cmpint (upload->state, ==, GALLEY_JOB_WAITING);
  g_assert_cmpint (upload->waiting_for, ==, GALLEY_WAIT_NETWORK);
  g_assert_cmpuint (events->len, ==, 1);
  g_assert_cmpstr (name, ==, "c0c5ecd7-f1ee-33f5-26dd-27d34c3e1daa");
}

static void
assert_content (TestDevice *device)
{
  GalleyId project, item, note;

  find_ids (device, &project, &item, &note);
  assert_item (device, &item);
  assert_note (device, &note);
  assert_rest (device);
  test_device_assert_replay (device);
}

static void
test_opens (gconstpointer fixture)
{
  g_autofree char *folder = copy_fixture (fixture), *color = NULL;
  gint64 n_before = get_int (folder, "SELECT count (*) FROM change");
  g_autoptr (TestDevice) device = open_device (folder);
  GalleyId project, item, note;

  assert_content (device);
  g_assert_cmpint (get_int (folder, "SELECT count (*) FROM change"), ==, n_before);

  /* And work goes on. */
  find_ids (device, &project, &item, &note);
  test_device_set (device, &project, GALLEY_KIND_ANNOTATION, &note, GALLEY_ANNOTATION_STATUS, NULL,
                   g_variant_new_string ("resolved"));
  color = test_device_get (device, &note, GALLEY_ANNOTATION_STATUS);
  g_assert_cmpstr (color, ==, "'resolved'");
  test_device_assert_replay (device);
}

/* ── a newer Galley's ── */

static void
test_newer_is_left_alone (void)
{
  g_autofree char *folder = copy_fixture (NEWEST);
  g_autofree char *path = g_build_filename (folder, "galley.db", NULL);
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;
  gsize before_bytes, after_bytes;

  run_sql (folder, "PRAGMA user_version = 1000; CREATE TABLE of_tomorrow (what TEXT)");
  g_assert_true (g_file_get_contents (path, &before, &before_bytes, NULL));
  g_assert_null (open_store (folder, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER);
  g_assert_true (g_file_get_contents (path, &after, &after_bytes, NULL));
  g_assert_cmpmem (before, before_bytes, after, after_bytes);
  g_assert_false (g_file_test (log, G_FILE_TEST_EXISTS));
}

/* ── derived tables of another version ── */

/* As an earlier Galley might have left them: this one would show something else. */
#define MAKE_OLD                                                                                   \
  "UPDATE setting SET value = '0' WHERE key = 'derived_version';"                                  \
  "DELETE FROM derived_contested; UPDATE derived_item SET name = 'of old'"

#define IS_OLD                                                                                     \
  "SELECT (SELECT value = '0' FROM setting WHERE key = 'derived_version')"                         \
  " + (SELECT name = 'of old' FROM derived_item)"                                                  \
  " + (SELECT count (*) = 0 FROM derived_contested)"

static void
test_old_tables_are_made_again (void)
{
  g_autofree char *folder = copy_fixture (NEWEST);
  g_autoptr (TestDevice) device = NULL;

  run_sql (folder, MAKE_OLD);
  g_assert_cmpint (get_int (folder, IS_OLD), ==, 3);
  device = open_device (folder);
  g_assert_cmpint (get_int (folder, IS_OLD), ==, 0);
  assert_content (device);
}

static void
test_cancelled_rebuild (void)
{
  g_autofree char *folder = copy_fixture (NEWEST);
  g_autoptr (TestDevice) device = open_device (folder);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GalleyReplayReport report;

  run_sql (folder, MAKE_OLD);
  g_cancellable_cancel (cancellable);
  g_assert_false (galley_replay_rebuild (device->store, cancellable, NULL, NULL, &report, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (get_int (folder, IS_OLD), ==, 3);
  galley_replay_report_clear (&report);

  g_clear_error (&error);
  galley_replay_rebuild (device->store, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  galley_replay_report_clear (&report);
  assert_content (device);
}

/* The power goes while the tables are made again: all are old, or all are new, and the next start
 * makes them. */
static void
test_interrupted_rebuild (void)
{
  TestFault fault = { TEST_FAULT_CRASH, TEST_STEPS_WRITE, 0, FALSE };
  gint64 n_old = 0, n_new = 0;
  gboolean hit = TRUE;

  for (fault.at = 1; hit; fault.at += g_test_slow () ? 1 : 5)
    {
      g_autofree char *folder = copy_fixture (NEWEST);
      g_autoptr (GalleyStore) store = NULL;
      g_autoptr (TestDevice) device = NULL;
      gint64 old;

      run_sql (folder, MAKE_OLD);
      test_fault_vfs_arm (&fault);
      store = open_store (folder, NULL);
      if (store != NULL)
        galley_store_close (store);
      test_fault_vfs_power_cut (NULL);
      hit = test_fault_vfs_disarm () >= fault.at;

      old = get_int (folder, IS_OLD);
      g_assert_true (old == 0 || old == 3);
      if (store != NULL)
        g_assert_cmpint (old, ==, 0);
      n_old += old == 3;
      n_new += old == 0;
      device = open_device (folder);
      assert_content (device);
    }

  g_assert_cmpint (n_old, >, 0);
  g_assert_cmpint (n_new, >, 0);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  test_fault_vfs_install ();
  for (guint i = 0; i < G_N_ELEMENTS (fixtures); i++)
    {
      g_autofree char *name = g_strconcat ("/migrations/opens/", fixtures[i], NULL);

      g_test_add_data_func (name, fixtures[i], test_opens);
    }
  g_test_add_func ("/migrations/newer-is-left-alone", test_newer_is_left_alone);
  g_test_add_func ("/migrations/old-tables-are-made-again", test_old_tables_are_made_again);
  g_test_add_func ("/migrations/cancelled-rebuild", test_cancelled_rebuild);
  g_test_add_func ("/migrations/interrupted-rebuild", test_interrupted_rebuild);
  return g_test_run ();
}
