/* test-workspace.c: making and opening one, and files becoming items in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-directory.h"
#include "data/galley-intent.h"
#include "data/galley-outbox.h"
#include "galley-test.h"
#include "sync/galley-account.h"
#include "sync/galley-workspace.h"

typedef struct
{
  GalleyWorkspace *workspace;
  GalleyId project;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = galley_test_path ("workspace");
  g_autoptr (GalleyDraft) draft = NULL;
  g_autoptr (GError) error = NULL;

  self->workspace = galley_workspace_create (folder, "Ana", 0, &error);
  g_assert_no_error (error);
  galley_id_new (&self->project, galley_world_real ());
  draft = galley_draft_new (&self->project, GALLEY_INTENT_CREATE_PROJECT);
  galley_intent_create_project (draft, "Covers", 1, GALLEY_ROLE_REVIEWER);
  galley_store_commit (galley_workspace_get_store (self->workspace), draft, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  galley_workspace_close (self->workspace);
  g_assert_finalize_object (self->workspace);
}

static char *
fixture (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "fixtures", "media", name, NULL);
}

static GalleyImportResult *
import_one (Fixture *self, const char *path)
{
  const char *paths[] = { path, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      results = galley_workspace_import (self->workspace, &self->project, paths, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (results->len, ==, 1);
  return g_ptr_array_steal_index (results, 0);
}

static GalleyReader *
open_reader (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  GalleyReader *reader = galley_store_open_reader (galley_workspace_get_store (self->workspace),
                                                   &error);

  g_assert_no_error (error);
  return reader;
}

static guint
count_items (Fixture *self)
{
  g_autoptr (GalleyReader) reader = open_reader (self);
  GalleyItemFilter filter = { .project = &self->project };
  g_autoptr (GArray) ids = galley_reader_list_item_ids (reader, &filter, NULL);

  return ids->len;
}

static void
test_create_twice (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (
      galley_workspace_create (galley_workspace_get_folder (self->workspace), NULL, 0, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_EXISTS);
}

static void
test_open_missing (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = galley_test_path ("nowhere");
  g_autoptr (GError) error = NULL;

  g_assert_null (galley_workspace_open (folder, 0, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

static void
test_half_connected (Fixture *self, gconstpointer data)
{
  GalleyAccount account = { (char *)"https://example.org", (char *)"token" };
  g_autofree char *folder = g_strdup (galley_workspace_get_folder (self->workspace));
  g_autofree char *url = NULL;
  g_autoptr (GalleyReader) reader = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("The power went after the account was kept and before the database knew");

  galley_workspace_close (self->workspace);
  g_clear_object (&self->workspace);
  galley_account_save (&account, folder, &error);
  self->workspace = galley_workspace_open (folder, 0, &error);
  g_assert_no_error (error);
  reader = open_reader (self);
  url = galley_directory_get (reader, "server_url");
  g_assert_cmpstr (url, ==, "https://example.org");
}

static void
test_import (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture ("two-pages.pdf");
  g_autoptr (GalleyImportResult) result = import_one (self, path);
  g_autoptr (GalleyReader) reader = open_reader (self);
  g_autoptr (GalleyItemRow) row = NULL;
  g_autoptr (GBytes) thumbnail = NULL;
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_no_error (result->error);
  row = galley_reader_get_item (reader, &result->item, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (row->name, ==, "two-pages.pdf");
  g_assert_cmpstr (row->media_type, ==, "application/pdf");
  g_assert_cmpuint (row->n_pages, ==, 2);
  g_assert_cmpfloat (row->width, ==, 200);
  g_assert_cmpuint (row->version, ==, 1);
  g_assert_true (row->here);

  thumbnail = galley_reader_get_thumbnail (reader, &result->item, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (thumbnail), >, 100);
  kept = galley_file_store_get_path (galley_workspace_get_files (self->workspace), &row->file);
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
}

static const struct
{
  const char *name;
  int code;
} bad[] = {
  { "cut.png", GALLEY_RENDER_ERROR_DAMAGED },
  { "empty.png", GALLEY_RENDER_ERROR_EMPTY },
  { "text.png", GALLEY_RENDER_ERROR_UNSUPPORTED },
  { "password.pdf", GALLEY_RENDER_ERROR_PASSWORD },
  { "missing.png", GALLEY_RENDER_ERROR_NOT_FOUND },
};

static void
test_import_bad (Fixture *self, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = fixture (bad[i].name);
      g_autoptr (GalleyImportResult) result = import_one (self, path);

      g_assert_error (result->error, GALLEY_RENDER_ERROR, bad[i].code);
      g_assert_true (galley_id_is_nil (&result->item));
    }
  g_assert_cmpuint (count_items (self), ==, 0);
}

static void
count_cb (guint done, guint total, gpointer data)
{
  g_assert_cmpuint (total, ==, 3);
  *(guint *)data = done;
}

static void
test_import_many (Fixture *self, gconstpointer data)
{
  g_autofree char *first = fixture ("flag.png");
  g_autofree char *second = fixture ("cut.png");
  g_autofree char *third = fixture ("flag.jpg");
  const char *paths[] = { first, second, third, NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) results = NULL;
  g_autoptr (GError) error = NULL;
  guint done = 0;

  g_test_summary ("One bad file does not stop those after it");

  galley_workspace_import_async (self->workspace, &self->project, paths, count_cb, &done, NULL,
                                 galley_test_store_result, &result);
  results = galley_workspace_import_finish (self->workspace, galley_test_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (results->len, ==, 3);
  g_assert_cmpuint (done, ==, 3);
  g_assert_no_error (((GalleyImportResult *)results->pdata[0])->error);
  g_assert_nonnull (((GalleyImportResult *)results->pdata[1])->error);
  g_assert_no_error (((GalleyImportResult *)results->pdata[2])->error);
  g_assert_cmpuint (count_items (self), ==, 2);
}

static void
test_import_nowhere (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture ("flag.png");
  g_autoptr (GalleyImportResult) result = NULL;

  galley_id_new (&self->project, galley_world_real ());
  result = import_one (self, path);
  g_assert_error (result->error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND);
}

static void
test_import_cancelled (Fixture *self, gconstpointer data)
{
  g_autofree char *path = fixture ("flag.png");
  const char *paths[] = { path, NULL };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  galley_workspace_import_async (self->workspace, &self->project, paths, NULL, NULL, cancellable,
                                 galley_test_store_result, &result);
  g_assert_null (
      galley_workspace_import_finish (self->workspace, galley_test_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_items (self), ==, 0);
}

static void
test_add_version (Fixture *self, gconstpointer data)
{
  g_autofree char *first = fixture ("flag.png");
  g_autofree char *second = fixture ("turned.jpg");
  g_autofree char *broken = fixture ("cut.png");
  g_autoptr (GalleyImportResult) result = import_one (self, first);
  g_autoptr (GalleyReader) reader = NULL;
  g_autoptr (GalleyItemRow) row = NULL;
  g_autoptr (GError) error = NULL;
  GalleyId version;

  g_assert_true (
      galley_workspace_add_version (self->workspace, &result->item, second, &version, &error));
  g_assert_no_error (error);
  reader = open_reader (self);
  row = galley_reader_get_item (reader, &result->item, &error);
  g_assert_cmpuint (row->version, ==, 2);
  g_assert_cmpstr (row->media_type, ==, "image/jpeg");
  g_assert_cmpstr (row->name, ==, "flag.png");

  g_assert_false (
      galley_workspace_add_version (self->workspace, &result->item, broken, &version, &error));
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_DAMAGED);
  g_clear_error (&error);
  g_assert_false (
      galley_workspace_add_version (self->workspace, &self->project, second, &version, &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID);
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  ADD ("/workspace/create-twice", test_create_twice);
  ADD ("/workspace/open-missing", test_open_missing);
  ADD ("/workspace/half-connected", test_half_connected);
  ADD ("/workspace/import", test_import);
  ADD ("/workspace/import-bad", test_import_bad);
  ADD ("/workspace/import-many", test_import_many);
  ADD ("/workspace/import-nowhere", test_import_nowhere);
  ADD ("/workspace/import-cancelled", test_import_cancelled);
  ADD ("/workspace/add-version", test_add_version);

  return g_test_run ();
}
