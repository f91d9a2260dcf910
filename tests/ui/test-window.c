/* test-window.c: the window as a person uses it: mark, reply, approve, search
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-window.h"

#include "galley-test-project.h"
#include "ui/galley-canvas.h"
#include "ui/galley-composer.h"

static gboolean
has_saved_note (gpointer review)
{
  GListModel *threads = galley_annotation_model_get_threads (galley_review_get_model (review));
  g_autoptr (GalleyThread) thread = g_list_model_get_item (threads, 0);

  return thread != NULL && galley_thread_get_saved (thread) == GALLEY_SAVED_HERE;
}

static gboolean
has_reply (gpointer review)
{
  GListModel *threads = galley_annotation_model_get_threads (galley_review_get_model (review));
  g_autoptr (GalleyThread) thread = g_list_model_get_item (threads, 0);

  return galley_thread_get_replies (thread)->len == 1;
}

static gboolean
has_composer (gpointer review)
{
  GtkWidget *row = test_window_find_type (review, g_type_from_name ("GalleyThreadRow"));

  return row != NULL && test_window_find_type (row, GALLEY_TYPE_COMPOSER) != NULL;
}

static void
test_mark_and_reply (TestWindow *fixture, gconstpointer data)
{
  static const GalleyPoint place = { 120, 80 };
  g_autoptr (GalleyPoints) points = galley_points_new (&place, 1);
  g_autoptr (GalleyMark) drawn = galley_mark_new (NULL, GALLEY_SHAPE_PIN, 1, points);
  GtkWidget *review = test_window_open_poster (fixture);
  GtkWidget *row;

  g_signal_emit_by_name (test_window_find_type (review, GALLEY_TYPE_CANVAS), "mark-drawn", drawn);
  galley_test_project_spin_until (has_saved_note, review);
  galley_test_project_spin_until (has_composer, review);

  row = test_window_find_type (review, g_type_from_name ("GalleyThreadRow"));
  g_signal_emit_by_name (row, "reply", "Agreed");
  galley_test_project_spin_until (has_reply, review);
}

static gboolean
is_approved (gpointer review)
{
  return g_str_equal (galley_annotation_model_get_contents (galley_review_get_model (review))
                          ->row->state,
                      "approved");
}

static void
test_approve_and_undo (TestWindow *fixture, gconstpointer data)
{
  GtkWidget *review = test_window_open_poster (fixture);

  gtk_widget_activate_action (review, "review.decide", "s", "approve");
  galley_test_project_spin_until (is_approved, review);

  g_action_group_activate_action (G_ACTION_GROUP (fixture->window), "undo", NULL);
  while (is_approved (review))
    g_main_context_iteration (NULL, TRUE);
}

static void
test_next_item (TestWindow *fixture, gconstpointer data)
{
  GtkWidget *review = test_window_open_poster (fixture);
  GalleyContents *contents;

  gtk_widget_activate_action (review, "review.previous", NULL);
  while ((contents = galley_annotation_model_get_contents (
              galley_review_get_model (fixture->window->review))) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (contents->row->name, ==, "flyer.png");
}

static void
test_suggestion (TestWindow *fixture, gconstpointer data)
{
  GalleyId other;

  g_test_summary ("Nobody is led away from an item, by a project that has come in");
  galley_test_project_make (fixture->store, "Beta", &other);
  test_window_wait_for_label (GTK_WIDGET (fixture->window->sidebar), "Beta");
  test_window_open_poster (fixture);
  galley_window_suggest_project (fixture->window, &other);
  g_assert_true (galley_window_is_reviewing (fixture->window));
  g_action_group_activate_action (G_ACTION_GROUP (fixture->window), "back", NULL);
  galley_window_suggest_project (fixture->window, &other);
  test_window_wait_for_items (fixture, 0);
}

static gboolean
has_focus_within (gpointer widget)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (gtk_widget_get_root (widget)));

  return focus != NULL && gtk_widget_is_ancestor (focus, widget);
}

static void
test_focus_returns (TestWindow *fixture, gconstpointer data)
{
  GtkWidget *button;

  g_test_summary ("Back from an item, the keys are about the items again, or the conflicts");
  test_window_open_poster (fixture);
  galley_test_project_spin_until (has_focus_within, fixture->window->review);
  test_window_act (fixture, "back");
  galley_test_project_spin_until (has_focus_within, fixture->window->browser);

  test_window_act (fixture, "show-conflicts");
  galley_test_project_spin_until (has_focus_within, fixture->window->conflicts);
  test_window_open_poster (fixture);
  button = test_window_find_type (GTK_WIDGET (fixture->window->review), GTK_TYPE_BUTTON);
  gtk_widget_grab_focus (button);
  test_window_act (fixture, "back");
  galley_test_project_spin_until (has_focus_within, fixture->window->conflicts);
}

static void
test_search (TestWindow *fixture, gconstpointer data)
{
  GalleyId note;
  GtkEditable *entry;

  galley_test_project_add_note (fixture->store, &fixture->project, &fixture->flyer,
                                "The lighthouse leans", &note);
  g_action_group_activate_action (G_ACTION_GROUP (fixture->window), "search", NULL);
  entry = test_window_find_type (GTK_WIDGET (fixture->window->browser), GTK_TYPE_SEARCH_ENTRY);
  gtk_editable_set_text (entry, "lighthouse");
  test_window_wait_for_items (fixture, 1);
  g_assert_true (galley_id_equal (galley_item_list_get_id (test_window_get_list (fixture), 0),
                                  &fixture->flyer));
}

static void
test_sync_is_told (TestWindow *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  g_test_summary ("Whether the work is safe is always to be read");
  g_action_group_activate_action (G_ACTION_GROUP (fixture->window), "show-sync", NULL);
  test_window_wait_for_label (window, "Everything is saved on this computer");
}

static void
test_all_pages (TestWindow *fixture, gconstpointer data)
{
  static const char *const actions[] = { "show-inbox",         "show-conflicts", "show-sync",
                                         "show-first-project", "sync-menu",      "back" };

  g_test_summary ("No page says anything to the log");
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_action_group_activate_action (G_ACTION_GROUP (fixture->window), actions[i], NULL);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
}

int
main (int argc, char **argv)
{
  test_window_init (&argc, &argv);
  test_window_add ("/window/mark-and-reply", test_mark_and_reply);
  test_window_add ("/window/approve-and-undo", test_approve_and_undo);
  test_window_add ("/window/next-item", test_next_item);
  test_window_add ("/window/suggestion", test_suggestion);
  test_window_add ("/window/focus-returns", test_focus_returns);
  test_window_add ("/window/search", test_search);
  test_window_add ("/window/sync-is-told", test_sync_is_told);
  test_window_add ("/window/all-pages", test_all_pages);
  return g_test_run ();
}
