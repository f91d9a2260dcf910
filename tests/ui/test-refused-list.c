/* test-refused-list.c: what the server refused is shown with its reason, and can be acted on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-outbox.h"
#include "data/galley-quarantine.h"
#include "ui/galley-refused-list.h"

#include <glib/gstdio.h>

#define REASON "Ask a lead to do it."

typedef struct
{
  char *folder;
  GalleyStore *store;
  GtkWidget *window;
  GalleyRefusedList *list;
  GalleyId project;
} Fixture;

/* writer thread */
static gboolean
refuse (GalleyWriter *writer, gpointer data, GError **error)
{
  GalleyVerdict verdict = {
    .first_seq = 1, .count = 1, .code = (char *)"permission", .message = (char *)REASON
  };

  return galley_outbox_settle (writer, data, &verdict, 1, error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalleyDraft) draft = NULL;
  GError *error = NULL;

  fixture->folder = g_dir_make_tmp ("galley-refused-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->store = galley_store_open (fixture->folder, GALLEY_STORE_CREATE, galley_world_real (),
                                      &error);
  g_assert_no_error (error);
  galley_id_new (&fixture->project, galley_world_real ());
  draft = galley_draft_new (&fixture->project, "create project");
  galley_draft_create (draft, GALLEY_KIND_PROJECT, &fixture->project, NULL);
  galley_store_commit (fixture->store, draft, NULL, &error);
  g_assert_no_error (error);
  galley_store_write (fixture->store, refuse, &fixture->project, &error);
  g_assert_no_error (error);

  fixture->window = gtk_window_new ();
  fixture->list = g_object_new (GALLEY_TYPE_REFUSED_LIST, NULL);
  gtk_window_set_child (GTK_WINDOW (fixture->window), GTK_WIDGET (fixture->list));
  galley_refused_list_set_store (fixture->list, fixture->store);
  gtk_window_present (GTK_WINDOW (fixture->window));
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  galley_store_close (fixture->store);
  g_object_unref (fixture->store);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static GtkWidget *
find_button (GtkWidget *widget, const char *label)
{
  GtkWidget *found = NULL;

  if (GTK_IS_BUTTON (widget) &&
      g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0 &&
      gtk_widget_get_visible (widget))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_button (child, label);

  return found;
}

static GtkWidget *
find_row (GtkWidget *widget)
{
  GtkWidget *found = NULL;

  if (ADW_IS_ACTION_ROW (widget))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_row (child);

  return found;
}

static GtkWidget *
await_row (Fixture *fixture)
{
  GtkWidget *row;

  while ((row = find_row (GTK_WIDGET (fixture->list))) == NULL)
    g_main_context_iteration (NULL, TRUE);
  return row;
}

static void
press (Fixture *fixture, const char *label)
{
  GtkWidget *button;

  while ((button = find_button (GTK_WIDGET (fixture->list), label)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_signal_emit_by_name (button, "clicked");
}

static void
await_empty (Fixture *fixture)
{
  while (find_row (GTK_WIDGET (fixture->list)) != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_discard (Fixture *fixture, gconstpointer data)
{
  GtkWidget *row = await_row (fixture);

  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (fixture->list)));
  g_assert_true (g_str_has_prefix (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), REASON));
  press (fixture, "_Discard");
  await_empty (fixture);
  press (fixture, "_Undo Discard");
  await_row (fixture);
}

static void
test_resend (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalleyReader) reader = galley_store_open_reader (fixture->store, NULL);
  g_auto (GalleyOutboxState) state = { 0 };

  await_row (fixture);
  press (fixture, "_Send Again");
  await_empty (fixture);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (fixture->list)));
  g_assert_true (galley_outbox_get_state (reader, &fixture->project, &state, NULL));
  g_assert_cmpuint (state.unsent, ==, 1);
  g_assert_cmpuint (state.refused, ==, 0);
  g_assert_cmpuint (state.own_seq, ==, 2);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/refused-list/discard", Fixture, NULL, set_up, test_discard, tear_down);
  g_test_add ("/refused-list/resend", Fixture, NULL, set_up, test_resend, tear_down);
  return g_test_run ();
}
