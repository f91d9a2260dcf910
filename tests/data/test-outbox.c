/* test-outbox.c: what waits to be sent of files, for each project
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include <sqlite3.h>

/* Two projects with a version of the same bytes, which are here. */
typedef struct
{
  TestDevice *device;
  GalleyId first, second;
  GalleyHash file;
} Bench;

static void
add_version (TestDevice *device, const GalleyId *project, const GalleyHash *file)
{
  GalleyDraft *draft = galley_draft_new (project, "import");
  GVariant *hash = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, file->bytes, 32, 1);
  GalleyId item, version;

  test_device_make_item (device, project, "Poster", &item);
  galley_id_new (&version, galley_world_real ());
  galley_draft_create (draft, GALLEY_KIND_VERSION, &version, &item);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_FILE, NULL,
                    g_variant_new ("(@ayts)", hash, (guint64)9, "image/png"), NULL, 0);
  test_device_commit (device, draft);
}

static gboolean
write_here (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_outbox_set_file_here (writer, data, TRUE, error);
}

static void
set_up (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  bench->device = test_device_new ("a");
  bench->file = (GalleyHash){ { 7 } };
  test_device_make_project (bench->device, &bench->first);
  test_device_make_project (bench->device, &bench->second);
  add_version (bench->device, &bench->first, &bench->file);
  add_version (bench->device, &bench->second, &bench->file);
  galley_store_write (bench->device->store, write_here, &bench->file, &error);
  g_assert_no_error (error);
}

static void
tear_down (Bench *bench, gconstpointer data)
{
  test_device_free (bench->device);
}

static void
assert_waiting (Bench *bench, const GalleyId *project, guint n_files)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      files = galley_outbox_files_to_upload (bench->device->reader, project, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (files->len, ==, n_files);
}

static gboolean
write_first_sent (GalleyWriter *writer, gpointer data, GError **error)
{
  Bench *bench = data;

  return galley_outbox_set_file_uploaded (writer, &bench->first, &bench->file, TRUE, error);
}

static void
test_sent_for_each_project (Bench *bench, gconstpointer data)
{
  g_test_summary ("A server gives a file to the project that it was sent for, and to no other.");
  g_autoptr (GError) error = NULL;

  assert_waiting (bench, &bench->first, 1);
  assert_waiting (bench, &bench->second, 1);
  galley_store_write (bench->device->store, write_first_sent, bench, &error);
  g_assert_no_error (error);
  assert_waiting (bench, &bench->first, 0);
  assert_waiting (bench, &bench->second, 1);
}

static void
run_sql (Bench *bench, const char *sql)
{
  g_autofree char *path = g_build_filename (bench->device->folder, "galley.db", NULL);
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

/* As an earlier Galley, which counted a file once, has left it. */
static void
test_sent_before (Bench *bench, gconstpointer data)
{
  g_test_summary ("What was sent before stays sent; what a project names later is sent for it.");
  GalleyId third;

  run_sql (bench,
           "DROP INDEX job_over; ALTER TABLE job DROP COLUMN priority;"
           "UPDATE file SET uploaded = 1; DROP TABLE upload; DROP TABLE loss; DROP TABLE mark;"
           "DROP TABLE signature; DROP TABLE identity; DROP TABLE aside; DROP TABLE quarantine_act;"
           "DROP TABLE arrival; DROP TABLE put_off; DROP TABLE metric;"
           "PRAGMA user_version = 1");
  test_device_reopen (bench->device);
  assert_waiting (bench, &bench->first, 0);
  assert_waiting (bench, &bench->second, 0);
  test_device_make_project (bench->device, &third);
  add_version (bench->device, &third, &bench->file);
  assert_waiting (bench, &third, 1);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add ("/outbox/sent-for-each-project", Bench, NULL, set_up, test_sent_for_each_project,
              tear_down);
  g_test_add ("/outbox/sent-before", Bench, NULL, set_up, test_sent_before, tear_down);
  return g_test_run ();
}
