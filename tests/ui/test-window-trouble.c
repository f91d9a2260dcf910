/* test-window-trouble.c: a workspace whose files are damaged or gone, and the way out
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-window.h"

#include "data/galley-database.h"
#include "ui/galley-trouble.h"

#include <glib/gstdio.h>
#include <string.h>

/* ── doing harm ── */

static char *
get_path (TestWindow *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static void
write_file (TestWindow *self, const char *name, const char *text)
{
  g_autofree char *path = get_path (self, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
remove_file (TestWindow *self, const char *name)
{
  g_autofree char *path = get_path (self, name);

  g_remove (path);
}

static void
remove_database (TestWindow *self)
{
  remove_file (self, "galley.db");
  remove_file (self, "galley.db-wal");
  remove_file (self, "galley.db-shm");
}

/* Where a table begins in the file: its first page and the size of one. */
static void
find_page (const char *path, const char *table, gint64 *page, gint64 *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyDatabase) db = galley_database_open (path, FALSE, &error);

  g_assert_no_error (error);
  galley_database_exec (db, "PRAGMA wal_checkpoint (TRUNCATE)", NULL);
  galley_database_get_int (db, page, &error, "SELECT rootpage FROM sqlite_schema WHERE name = ?1",
                           "s", table);
  g_assert_no_error (error);
  galley_database_get_int (db, bytes, &error, "PRAGMA page_size", "");
  g_assert_no_error (error);
}

static void
overwrite_table (TestWindow *self, const char *table)
{
  g_autofree char *path = get_path (self, "galley.db");
  g_autofree char *noise = NULL;
  gint64 page = 0, bytes = 0;
  FILE *file;

  find_page (path, table, &page, &bytes);
  noise = g_malloc (bytes);
  memset (noise, 0xa5, bytes);
  file = g_fopen (path, "r+b");
  g_assert_nonnull (file);
  g_assert_cmpint (fseek (file, (page - 1) * bytes, SEEK_SET), ==, 0);
  g_assert_cmpuint (fwrite (noise, bytes, 1, file), ==, 1);
  fclose (file);
}

/* ── the window that opens instead ── */

typedef struct
{
  gboolean asked;
  char *heading;
  char *body;
} Retry;

static void
retry_cb (GtkWidget *trouble, const char *heading, const char *body, gpointer user_data)
{
  Retry *retry = user_data;

  retry->asked = TRUE;
  retry->heading = g_strdup (heading);
  retry->body = g_strdup (body);
}

static void
rebuild_cb (GtkWidget *window, gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
}

static void
wait_for_retry (Retry *retry, const char *heading)
{
  while (!retry->asked)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (retry->heading, ==, heading);
}

static void
retry_clear (Retry *retry)
{
  g_free (retry->heading);
  g_free (retry->body);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Retry, retry_clear)

static GtkWidget *
show_trouble (TestWindow *self, const GError *error, Retry *retry)
{
  GtkWidget *trouble = galley_trouble_new (NULL, self->folder, error);

  g_signal_connect (trouble, "retry", G_CALLBACK (retry_cb), retry);
  gtk_window_present (GTK_WINDOW (trouble));
  test_window_wait_for_label (trouble, "Try Again");
  return trouble;
}

/* Nothing is opened, and nothing is made in its place. */
static GtkWidget *
fail_to_open (TestWindow *self, Retry *retry)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (test_window_open (self, &error));
  g_assert_nonnull (error);
  return show_trouble (self, error, retry);
}

/* ── the tests ── */

static void
test_damaged_table (TestWindow *self, gconstpointer data)
{
  gboolean asked = FALSE;
  g_auto (Retry) retry = { 0 };
  g_autoptr (GError)
      error = g_error_new_literal (GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED, "It is damaged.");
  g_autoptr (GError) open_error = NULL;
  GtkWidget *trouble;

  g_test_summary ("What is found damaged while it is open stays said, with the remedy beside it");
  test_window_close (self);
  overwrite_table (self, "derived_item");
  g_assert_true (test_window_open (self, &open_error));
  g_signal_connect (self->window, "rebuild", G_CALLBACK (rebuild_cb), &asked);
  test_window_press (GTK_WIDGET (self->window), "Rebuild from the Journal");
  g_assert_true (asked);

  test_window_close (self);
  trouble = show_trouble (self, error, &retry);
  test_window_press (trouble, "Rebuild from the Journal");
  wait_for_retry (&retry, "Rebuilt from the Journal");
  g_assert_nonnull (strstr (retry.body, "3 changes were read."));
  gtk_window_destroy (GTK_WINDOW (trouble));

  g_assert_true (test_window_open (self, &open_error));
  galley_window_show_project (self->window, &self->project);
  test_window_wait_for_items (self, 2);
  g_assert_null (test_window_find_label (GTK_WIDGET (self->window), "Rebuild from the Journal"));
}

static void
test_damaged_key (TestWindow *self, gconstpointer data)
{
  g_auto (Retry) retry = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = get_path (self, "device-damaged-1.key");
  g_autofree char *text = NULL;
  GtkWidget *trouble;

  g_test_summary ("A damaged key is kept, and work goes on without it");
  test_window_close (self);
  write_file (self, "device.key", "no key");
  trouble = fail_to_open (self, &retry);
  g_assert_null (test_window_find_label (trouble, "Rebuild from the Journal"));
  test_window_press (trouble, "Go On as a New Device");
  wait_for_retry (&retry, "This Computer Is a New Device");
  gtk_window_destroy (GTK_WINDOW (trouble));
  g_assert_true (g_file_get_contents (kept, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "no key");

  g_assert_true (test_window_open (self, &error));
  g_assert_no_error (error);
  galley_window_show_project (self->window, &self->project);
  test_window_wait_for_items (self, 2);
  test_window_wait_for_label (GTK_WIDGET (self->window), "*goes on as a new device*");
}

static void
test_missing_key (TestWindow *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GtkWidget *notice;

  g_test_summary ("A new identity is told of until somebody has read it");
  test_window_close (self);
  remove_file (self, "device.key");
  g_assert_true (test_window_open (self, &error));
  test_window_wait_for_label (GTK_WIDGET (self->window), "*goes on as a new device*");
  test_window_close (self);

  g_assert_true (test_window_open (self, &error));
  notice = GTK_WIDGET (self->window->new_device);
  test_window_wait_for_label (notice, "*goes on as a new device*");
  test_window_press (notice, "Close");
  test_window_wait_until_gone (notice, "*goes on as a new device*");
  test_window_close (self);

  g_assert_true (test_window_open (self, &error));
  galley_window_show_project (self->window, &self->project);
  test_window_wait_for_items (self, 2);
  g_assert_false (gtk_info_bar_get_revealed (self->window->new_device));
}

static GtkWidget *
find_dialog (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (ADW_IS_MESSAGE_DIALOG (window))
        return window;
    }

  return NULL;
}

static void
test_lost_database (TestWindow *self, gconstpointer data)
{
  g_auto (Retry) retry = { 0 };
  g_autofree char *key = get_path (self, "kept-1/device.key");
  g_autofree char *database = get_path (self, "galley.db");
  GtkWidget *trouble;

  g_test_summary ("Without its database a workspace is not taken for a new one");
  test_window_close (self);
  remove_database (self);
  trouble = fail_to_open (self, &retry);
  test_window_wait_for_label (trouble, "The Database Is Gone");
  g_assert_null (test_window_find_label (trouble, "Rebuild from the Journal"));
  test_window_press (trouble, "Start with an Empty Workspace…");
  test_window_press (find_dialog (), "Start Empty");
  wait_for_retry (&retry, "This Workspace Is New");
  gtk_window_destroy (GTK_WINDOW (trouble));
  g_assert_true (g_file_test (key, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (database, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  test_window_init (&argc, &argv);
  test_window_add ("/window/damaged-table", test_damaged_table);
  test_window_add ("/window/damaged-key", test_damaged_key);
  test_window_add ("/window/missing-key", test_missing_key);
  test_window_add ("/window/lost-database", test_lost_database);
  return g_test_run ();
}
