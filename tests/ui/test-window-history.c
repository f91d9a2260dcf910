/* test-window-history.c: the history of a thing, from where it is shown; how it was; and exports
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-project.h"
#include "galley-test-window.h"

#include "ui/galley-audit-window.h"

#include "data/galley-intent.h"

#include <poppler.h>
#include <string.h>

/* ── what is on screen ── */

static GalleyAuditWindow *
find_audit (void)
{
  g_autoptr (GListModel) toplevels = g_object_ref (gtk_window_get_toplevels ());

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GObject) window = g_list_model_get_item (toplevels, i);

      if (GALLEY_IS_AUDIT_WINDOW (window))
        return GALLEY_AUDIT_WINDOW (window);
    }

  return NULL;
}

static GalleyAuditWindow *
open_history (TestWindow *test, const GalleyId *entity, guint16 field)
{
  char id[GALLEY_ID_TEXT_SIZE];

  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.show-history", "(sqs)",
                              galley_id_print (entity, id), field, "");
  g_assert_nonnull (find_audit ());
  return find_audit ();
}

static gboolean
is_closed (gpointer data)
{
  return find_audit () == NULL;
}

static void
close_history (void)
{
  gtk_window_close (GTK_WINDOW (find_audit ()));
  galley_test_project_spin_until (is_closed, NULL);
}

static void
add_note (TestWindow *test, GalleyId *note)
{
  galley_test_project_add_note (test->store, &test->project, &test->poster, "Too dark", note);
  galley_test_project_set_text (test->store, &test->project, GALLEY_KIND_ANNOTATION, note,
                                GALLEY_ANNOTATION_BODY, "Much too dark");
}

static void
test_of_item (TestWindow *test, gconstpointer data)
{
  GalleyAuditWindow *audit;
  GalleyId note;

  add_note (test, &note);
  audit = open_history (test, &test->poster, GALLEY_AUDIT_ALL_FIELDS);
  test_window_wait_for_label (GTK_WIDGET (audit),
                              "*Text of the note: *Too dark* → *Much too dark*");
  g_assert_nonnull (test_window_find_label (GTK_WIDGET (audit), "Added a note*"));
  g_assert_nonnull (test_window_find_label (GTK_WIDGET (audit), "*made * · not shared*"));
  g_assert_nonnull (test_window_find_label (GTK_WIDGET (audit), "*Still So*"));

  /* What is done meanwhile is there as well. */
  galley_test_project_set_text (test->store, &test->project, GALLEY_KIND_ANNOTATION, &note,
                                GALLEY_ANNOTATION_COLOR, "#aa0000");
  test_window_wait_for_label (GTK_WIDGET (audit), "Changed: Colour*");
  close_history ();
}

/* All that was done in it, the things it holds as well as itself. */
static void
test_of_project (TestWindow *test, gconstpointer data)
{
  GalleyAuditWindow *audit;
  GalleyId note;

  add_note (test, &note);
  test_window_act (test, "show-project-history");
  audit = find_audit ();
  g_assert_nonnull (audit);
  test_window_wait_for_label (GTK_WIDGET (audit),
                              "*Text of the note: *Too dark* → *Much too dark*");
  test_window_wait_for_label (GTK_WIDGET (audit), "Made the project*");
  g_assert_nonnull (test_window_find_label (GTK_WIDGET (audit), "* changes"));
  close_history ();
}

static void
test_of_field (TestWindow *test, gconstpointer data)
{
  GalleyAuditWindow *audit;
  GalleyId note;

  add_note (test, &note);
  audit = open_history (test, &note, GALLEY_ANNOTATION_BODY);
  test_window_wait_for_label (GTK_WIDGET (audit), "* set it last, and had seen what was there "
                                                  "before.");
  g_assert_nonnull (
      test_window_find_label (GTK_WIDGET (audit), "Text of the note · Much too dark"));
  g_assert_nonnull (test_window_find_label (GTK_WIDGET (audit), "2 changes"));
  g_assert_null (test_window_find_label (GTK_WIDGET (audit), "Shape*"));
  close_history ();

  audit = open_history (test, &test->poster, GALLEY_ITEM_DUE);
  test_window_wait_for_label (GTK_WIDGET (audit), "Nobody has set it.");
  test_window_wait_for_label (GTK_WIDGET (audit), "No Changes");
  close_history ();
}

/* From the note's own menu, also for who may not change it. */
static void
test_from_note (TestWindow *test, gconstpointer data)
{
  GtkWidget *review;
  GtkWidget *body;
  GalleyId note;

  add_note (test, &note);
  review = test_window_open_poster (test);
  body = test_window_wait_for_label (review, "Much too dark");
  gtk_widget_activate_action (body, "thread.history", NULL);
  g_assert_nonnull (find_audit ());
  test_window_wait_for_label (GTK_WIDGET (find_audit ()), "Added a note*");
  close_history ();
}

typedef struct
{
  GalleyId item;
  guint64 hlc;
} Past;

static void
show_past_cb (Past *past, const GalleyId *item, guint64 hlc)
{
  past->item = *item;
  past->hlc = hlc;
}

static gboolean
is_list_of_changes (GtkWidget *widget, gconstpointer data)
{
  return GTK_IS_LIST_VIEW (widget) && gtk_widget_has_css_class (widget, "galley-history");
}

static gboolean
is_info_bar_shown (gpointer data)
{
  return test_window_find_label (data, "The item as it was on *") != NULL;
}

static gboolean
is_info_bar_gone (gpointer data)
{
  return test_window_find_label (data, "Much too dark") != NULL;
}

/* The list's newest change is not there once an older moment is looked at; then it is again. */
static void
test_as_it_was (TestWindow *test, gconstpointer data)
{
  GtkWidget *review = test_window_open_poster (test);
  GalleyAuditWindow *audit;
  Past past = { 0 };
  GalleyId note;

  add_note (test, &note);
  test_window_wait_for_label (review, "Much too dark");
  audit = open_history (test, &note, GALLEY_ANNOTATION_BODY);
  test_window_wait_for_label (GTK_WIDGET (audit), "Added a note*");
  g_signal_connect_swapped (audit, "show-past", G_CALLBACK (show_past_cb), &past);
  g_signal_emit_by_name (test_window_find (GTK_WIDGET (audit), is_list_of_changes, NULL),
                         "activate", 0);
  g_assert_true (galley_id_equal (&past.item, &test->poster));
  galley_test_project_spin_until (is_info_bar_shown, review);
  close_history ();

  /* A moment before the newest change, so that the first text is what was shown. */
  galley_review_show_past (GALLEY_REVIEW (review), past.hlc - 1);
  test_window_wait_for_label (review, "Too dark");
  g_assert_null (test_window_find_label (review, "Much too dark"));
  gtk_widget_activate_action (review, "review.decide", "s", "approve");
  test_window_wait_for_label (review, "This is the item as it was. Go back to now, then decide.");

  test_window_press (review, "Back to Now");
  galley_test_project_spin_until (is_info_bar_gone, review);
  gtk_widget_activate_action (review, "review.decide", "s", "approve");
  test_window_wait_for_state (test, &test->poster, "approved");
}

/* ── exports ── */

static void
write_export (
    GalleyAuditWindow *audit, const char *format, const char *path, char **content, gsize *bytes)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *said = g_strdup_printf ("Exported to “history.%s”", format);
  g_autoptr (GError) error = NULL;

  galley_audit_window_export (audit, format, file);
  test_window_wait_for_label (GTK_WIDGET (audit), said);
  g_file_get_contents (path, content, bytes, &error);
  g_assert_no_error (error);
}

static void
test_exports (TestWindow *test, gconstpointer data)
{
  g_autofree char *csv = g_build_filename (test->folder, "history.csv", NULL);
  g_autofree char *pdf = g_build_filename (test->folder, "history.pdf", NULL);
  g_autoptr (GString) pages = g_string_new (NULL);
  PopplerDocument *document;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  GalleyAuditWindow *audit;
  char *content;
  gsize n_bytes;
  GalleyId note;

  add_note (test, &note);
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *text = g_strdup_printf ("Take %u of the שלום text", i);

      galley_test_project_set_text (test->store, &test->project, GALLEY_KIND_ANNOTATION, &note,
                                    GALLEY_ANNOTATION_BODY, text);
    }
  audit = open_history (test, &test->poster, GALLEY_AUDIT_ALL_FIELDS);
  test_window_wait_for_label (GTK_WIDGET (audit), "Changed: Text of the note*");

  write_export (audit, "csv", csv, &content, &n_bytes);
  g_assert_nonnull (strstr (content, "\"Too dark\",\"Much too dark\",\"no\""));
  g_free (content);

  write_export (audit, "pdf", pdf, &content, &n_bytes);
  bytes = g_bytes_new_take (content, n_bytes);
  document = poppler_document_new_from_bytes (bytes, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (poppler_document_get_n_pages (document), >, 2);
  for (int i = 0; i < poppler_document_get_n_pages (document); i++)
    {
      PopplerPage *page = poppler_document_get_page (document, i);
      g_autofree char *text = poppler_page_get_text (page);

      g_string_append (pages, text);
      g_object_unref (page);
    }
  g_object_unref (document);
  g_assert_nonnull (strstr (pages->str, "Much too dark"));
  g_assert_nonnull (strstr (pages->str, "Take 59 of the"));
  g_assert_nonnull (strstr (pages->str, "page 3"));
  close_history ();
}

int
main (int argc, char **argv)
{
  test_window_init (&argc, &argv);
  test_window_add ("/window-history/of-item", test_of_item);
  test_window_add ("/window-history/of-project", test_of_project);
  test_window_add ("/window-history/of-field", test_of_field);
  test_window_add ("/window-history/from-note", test_from_note);
  test_window_add ("/window-history/as-it-was", test_as_it_was);
  test_window_add ("/window-history/exports", test_exports);
  return g_test_run ();
}
