/* test-checkup.c: what a checkup finds, of damage made by hand, and what puts it right
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-checkup.h"
#include "galley-test-device.h"
#include "galley-test.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

/* A version of one byte, whose file is here. */
#define CONTENT 'p'

typedef struct
{
  TestPair pair;
  GalleyFileStore *files;
  GalleyHash file;
  char *path; /* of the file */
} Bench;

static gboolean
write_here (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_outbox_set_file_here (writer, data, TRUE, error);
}

static void
set_up (Bench *bench, gconstpointer data)
{
  g_autofree char *source = NULL, *folder = NULL;
  g_autoptr (GError) error = NULL;
  const char content = CONTENT;
  guint64 size_bytes;
  GalleyId version;

  test_pair_init (&bench->pair, "move the logo to the left");
  folder = g_build_filename (bench->pair.a->folder, "files", NULL);
  source = g_build_filename (bench->pair.a->folder, "poster.png", NULL);
  bench->files = galley_file_store_new (folder);
  g_assert_true (g_file_set_contents (source, &content, 1, NULL));
  galley_file_store_import (bench->files, source, NULL, &bench->file, &size_bytes, &error);
  g_assert_no_error (error);
  test_device_make_version (bench->pair.a, &bench->pair.project, &bench->pair.item, CONTENT, 1,
                            &version);
  galley_store_write (bench->pair.a->store, write_here, &bench->file, &error);
  g_assert_no_error (error);
  bench->path = galley_file_store_get_path (bench->files, &bench->file);
}

static void
tear_down (Bench *bench, gconstpointer data)
{
  galley_file_store_free (bench->files);
  g_free (bench->path);
  test_pair_clear (&bench->pair);
}

static void
check (Bench *bench, GalleyCheckup *checkup)
{
  g_autoptr (GError) error = NULL;

  galley_checkup_run (bench->pair.a->store, bench->files, GALLEY_CHECK_ALL, NULL, NULL, NULL,
                      checkup, &error);
  g_assert_no_error (error);
}

static void
assert_sound (Bench *bench)
{
  g_auto (GalleyCheckup) checkup = { 0 };

  check (bench, &checkup);
  for (guint i = 0; i < checkup.findings->len; i++)
    g_test_message ("%s", ((GalleyFinding *)checkup.findings->pdata[i])->text);
  g_assert_cmpuint (checkup.findings->len, ==, 0);
}

/* The first, which is of that check. */
static const GalleyFinding *
assert_finds (const GalleyCheckup *checkup, GalleyCheck what)
{
  const GalleyFinding *finding;

  g_assert_cmpuint (checkup->findings->len, >, 0);
  finding = checkup->findings->pdata[0];
  g_assert_cmpstr (galley_check_to_string (finding->check), ==, galley_check_to_string (what));
  g_assert_true (galley_checkup_has (checkup, what));
  return finding;
}

static void
rebuild (Bench *bench)
{
  GalleyReplayReport report = { 0 };
  g_autoptr (GError) error = NULL;

  galley_replay_rebuild (bench->pair.a->store, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  galley_replay_report_clear (&report);
}

/* As no program of ours would. */
static void
damage (Bench *bench, const char *sql)
{
  g_autofree char *path = g_build_filename (bench->pair.a->folder, "galley.db", NULL);
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
count_cb (guint64 done, guint64 total, gpointer data)
{
  guint64 *last = data;

  g_assert_cmpuint (done, >=, *last);
  g_assert_cmpuint (done, <=, total);
  *last = done;
}

static void
test_sound (Bench *bench, gconstpointer data)
{
  g_auto (GalleyCheckup) checkup = { 0 };
  g_autofree char *words = NULL;
  g_autoptr (GError) error = NULL;
  guint64 last = 0;

  galley_checkup_run (bench->pair.a->store, bench->files, GALLEY_CHECK_ALL, NULL, count_cb, &last,
                      &checkup, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (checkup.findings->len, ==, 0);
  g_assert_cmpuint (checkup.n_files, ==, 1);
  g_assert_cmpuint (checkup.n_bytes, ==, 1);
  g_assert_cmpuint (checkup.n_changes, >, 3);
  g_assert_cmpuint (last, >, checkup.n_changes);
  words = galley_checkup_describe (&checkup);
  g_assert_true (g_str_has_prefix (words, "Everything is as it should be. "));
}

static void
test_cancelled (Bench *bench, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GalleyCheckup checkup;

  g_cancellable_cancel (cancellable);
  g_assert_false (galley_checkup_run (bench->pair.a->store, bench->files, GALLEY_CHECK_ALL,
                                      cancellable, NULL, NULL, &checkup, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static guint
count_wanted (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      files = galley_outbox_files_to_download (bench->pair.a->reader, &bench->pair.project, &error);

  g_assert_no_error (error);
  return files->len;
}

static void
test_damaged_file (Bench *bench, gconstpointer data)
{
  g_auto (GalleyCheckup) checkup = { 0 };
  g_autofree char *aside = g_strconcat (bench->path, ".damaged-1", NULL), *kept = NULL;
  g_autoptr (GError) error = NULL;
  const GalleyFinding *finding;
  guint n_files;

  g_test_summary ("A file whose bytes are others is found, put aside, and wanted from the server");

  g_assert_true (g_file_set_contents (bench->path, "q", 1, NULL));
  check (bench, &checkup);
  finding = assert_finds (&checkup, GALLEY_CHECK_FILES);
  g_assert_false (finding->missing);
  g_assert_true (galley_hash_equal (&finding->file, &bench->file));

  g_assert_cmpuint (count_wanted (bench), ==, 0);
  galley_checkup_let_fetch (bench->pair.a->store, bench->files, &checkup, &n_files, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_files, ==, 1);
  g_assert_cmpuint (count_wanted (bench), ==, 1);
  g_assert_false (g_file_test (bench->path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (aside, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "q");
  assert_sound (bench);
}

static void
test_missing_file (Bench *bench, gconstpointer data)
{
  g_auto (GalleyCheckup) checkup = { 0 };
  g_autoptr (GError) error = NULL;
  guint n_files;

  g_assert_cmpint (g_unlink (bench->path), ==, 0);
  check (bench, &checkup);
  g_assert_true (assert_finds (&checkup, GALLEY_CHECK_FILES)->missing);
  galley_checkup_let_fetch (bench->pair.a->store, bench->files, &checkup, &n_files, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_wanted (bench), ==, 1);
}

static void
test_derived_rows (Bench *bench, gconstpointer data)
{
  static const char *const damages[] = {
    "DELETE FROM derived_item",
    "DELETE FROM derived_head WHERE field = 1",
    "UPDATE derived_item SET name = 'Something else'",
    "DELETE FROM derived_search",
  };

  g_test_summary ("What is shown and is not what the journal says is found, and made again");

  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_auto (GalleyCheckup) checkup = { 0 };

      damage (bench, damages[i]);
      check (bench, &checkup);
      assert_finds (&checkup, GALLEY_CHECK_DERIVED);
      rebuild (bench);
      assert_sound (bench);
    }
}

static void
test_index (Bench *bench, gconstpointer data)
{
  g_auto (GalleyCheckup) checkup = { 0 };

  g_test_summary ("A damaged search index is found, and made again");

  damage (bench, "DELETE FROM derived_search_data WHERE id > 10");
  check (bench, &checkup);
  assert_finds (&checkup, GALLEY_CHECK_DERIVED);
  rebuild (bench);
  assert_sound (bench);
}

static void
test_altered_change (Bench *bench, gconstpointer data)
{
  g_auto (GalleyCheckup) checkup = { 0 };

  g_test_summary ("A change that is not as its author wrote it is found");

  damage (bench,
          "DROP TRIGGER change_keeps;"
          "UPDATE change SET bytes = (SELECT bytes FROM change WHERE lsn = 1) WHERE lsn = 2");
  check (bench, &checkup);
  assert_finds (&checkup, GALLEY_CHECK_JOURNAL);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

#define ADD(path, function) g_test_add (path, Bench, NULL, set_up, function, tear_down)
  ADD ("/checkup/sound", test_sound);
  ADD ("/checkup/cancelled", test_cancelled);
  ADD ("/checkup/damaged-file", test_damaged_file);
  ADD ("/checkup/missing-file", test_missing_file);
  ADD ("/checkup/derived-rows", test_derived_rows);
  ADD ("/checkup/index", test_index);
  ADD ("/checkup/altered-change", test_altered_change);

  return g_test_run ();
}
