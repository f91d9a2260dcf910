/* test-window-edits.c: taking back and doing again, and files that come in by drop and by paste
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-window.h"

#include "galley-test-project.h"

#include "ui/galley-policy-dialog.h"

/* ── undo and redo ── */

static void
approve (TestWindow *self, const GalleyId *item)
{
  galley_window_open_item (self->window, item);
  while (galley_annotation_model_get_contents (galley_review_get_model (self->window->review)) ==
         NULL)
    g_main_context_iteration (NULL, TRUE);
  gtk_widget_activate_action (GTK_WIDGET (self->window->review), "review.decide", "s", "approve");
  test_window_wait_for_state (self, item, "approved");
}

static void
test_redo (TestWindow *self, gconstpointer data)
{
  approve (self, &self->poster);
  test_window_act (self, "undo");
  test_window_wait_for_toast (self, "Undone: Approved");
  test_window_wait_for_state (self, &self->poster, "open");
  test_window_act (self, "redo");
  test_window_wait_for_toast (self, "Done again: Approved");
  test_window_wait_for_state (self, &self->poster, "approved");
  test_window_act (self, "redo");
  test_window_wait_for_toast (self, "There is nothing to redo.");
}

static void
test_offer_goes (TestWindow *self, gconstpointer data)
{
  g_test_summary ("What is undone already is not offered any more, and is said at once");
  approve (self, &self->poster);
  test_window_wait_for_toast (self, "Approved");
  test_window_act (self, "undo");
  test_window_wait_for_toast (self, "Undone: Approved");
  test_window_wait_until_no_toast (self, "Approved");
  test_window_wait_until_no_toast (self, "Undo");
  test_window_act (self, "redo");
  test_window_wait_for_toast (self, "Done again: Approved");
  test_window_wait_until_no_toast (self, "Undone: Approved");
}

static void
test_offer_is_kept (TestWindow *self, gconstpointer data)
{
  GalleyId note;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = NULL;
  g_autoptr (GalleyEntity) entity = NULL;

  g_test_summary ("The button of a toast takes back what the toast speaks of, not what came after");
  approve (self, &self->poster);
  test_window_wait_for_toast (self, "Approved");
  galley_test_project_add_note (self->store, &self->project, &self->flyer, "Later", &note);
  test_window_press_toast (self, "Approved");
  test_window_wait_for_state (self, &self->poster, "open");

  reader = galley_store_open_reader (self->store, &error);
  g_assert_no_error (error);
  entity = galley_reader_get_entity (reader, &note, &error);
  g_assert_no_error (error);
  g_assert_true (entity->alive);
}

static void
test_undo_elsewhere (TestWindow *self, gconstpointer data)
{
  GalleyId beta, banner;

  g_test_summary ("Undo in the inbox takes back what was done last, in whatever project");
  galley_test_project_make (self->store, "Beta", &beta);
  galley_test_project_add_item (self->store, &beta, "banner.png", &banner);
  galley_test_project_set_text (self->store, &self->project, GALLEY_KIND_ITEM, &self->flyer,
                                GALLEY_ITEM_NAME, "leaflet.png");
  test_window_act (self, "show-inbox");
  approve (self, &banner);
  test_window_act (self, "back");
  test_window_wait_for_label (GTK_WIDGET (self->window->sidebar), "Beta");
  test_window_act (self, "undo");
  test_window_wait_for_toast (self, "Undone in Beta: Approved");
  test_window_wait_for_state (self, &banner, "open");
  test_window_act (self, "redo");
  test_window_wait_for_toast (self, "Done again in Beta: Approved");
  test_window_act (self, "show-sync");
  test_window_act (self, "undo");
  test_window_wait_for_state (self, &banner, "open");
}

static void
test_undo_many (TestWindow *self, gconstpointer data)
{
  GtkWidget *grid = test_window_find_type (GTK_WIDGET (self->window->browser), GTK_TYPE_GRID_VIEW);

  gtk_widget_activate_action (grid, "list.select-all", NULL);
  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.decide-selected", "s", "approve");
  test_window_wait_for_state (self, &self->flyer, "approved");
  test_window_wait_for_state (self, &self->poster, "approved");
  test_window_press_toast (self, "Decisions on 2 items saved");
  test_window_wait_for_state (self, &self->flyer, "open");
  test_window_wait_for_state (self, &self->poster, "open");
  test_window_wait_for_toast (self, "2 changes undone");
}

static void
test_undo_of_typing (TestWindow *self, gconstpointer data)
{
  GtkEditable *entry;
  GtkWidget *text;

  g_test_summary ("While something is written, undo is about the words");
  approve (self, &self->poster);
  test_window_act (self, "back");
  test_window_act (self, "search");
  entry = test_window_find_type (GTK_WIDGET (self->window->browser), GTK_TYPE_SEARCH_ENTRY);
  text = GTK_WIDGET (gtk_editable_get_delegate (entry));
  while (gtk_window_get_focus (GTK_WINDOW (self->window)) != text)
    {
      gtk_widget_grab_focus (text);
      g_main_context_iteration (NULL, FALSE);
    }
  gtk_editable_insert_text (GTK_EDITABLE (text), "light", -1, &(int){ 0 });
  test_window_act (self, "undo");
  g_assert_cmpstr (gtk_editable_get_text (entry), ==, "");
  test_window_wait_for_state (self, &self->poster, "approved");
}

/* ── files that come in ── */

static GFile *
get_media (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "media", name, NULL);

  return g_file_new_for_path (path);
}

static GListModel *
list_media (const char *first, const char *second)
{
  GListStore *list = g_list_store_new (G_TYPE_FILE);
  g_autoptr (GFile) one = get_media (first);
  g_autoptr (GFile) other = second != NULL ? get_media (second) : NULL;

  g_list_store_append (list, one);
  if (other != NULL)
    g_list_store_append (list, other);
  return G_LIST_MODEL (list);
}

/* As the toolkit carries what is dropped or copied. */
static void
init_file_list (GValue *value, const char *name)
{
  GFile *file = get_media (name);

  g_value_init (value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (value, g_slist_prepend (NULL, file));
}

static gboolean
drop (GtkWidget *widget, const char *name)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;
  guint n_targets = 0;

  init_file_list (&value, name);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (!GTK_IS_DROP_TARGET (controller))
        continue;
      g_signal_emit_by_name (controller, "drop", &value, 10.0, 10.0, &taken);
      n_targets++;
    }
  g_assert_cmpuint (n_targets, ==, 1);
  return taken;
}

static GtkWidget *
wait_for_dialog (void)
{
  for (;;)
    {
      GListModel *windows = gtk_window_get_toplevels ();

      for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
        {
          g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

          if (ADW_IS_MESSAGE_DIALOG (window) && gtk_widget_get_mapped (window))
            return window;
        }
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
test_import (TestWindow *self, gconstpointer data)
{
  g_autoptr (GListModel) files = list_media ("flag.png", "empty.png");
  GtkWidget *dialog;

  g_test_summary ("A bad file is listed with its reason, the others are in and can be taken back");
  galley_import_files (self->window->import, &self->project, files);
  dialog = wait_for_dialog ();
  test_window_wait_for_label (dialog, "1 File Was Not Imported");
  test_window_wait_for_label (dialog, "empty.png: *");
  g_assert_null (test_window_find_label (dialog, "*flag.png*"));
  test_window_press (dialog, "Close");
  test_window_wait_for_items (self, 3);
  test_window_press_toast (self, "1 file imported");
  test_window_wait_for_items (self, 2);
}

static void
test_bundle (TestWindow *self, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("galley-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "posters.bundle", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileOutputStream) out = NULL;
  GtkWidget *dialog;

  g_test_summary ("A bundle is written and taken in; one that is no bundle says so");
  galley_courier_export (self->window->courier, &self->project, file);
  test_window_wait_for_toast (self, "Bundle with * written");
  galley_courier_import (self->window->courier, file);
  test_window_wait_for_toast (self, "Everything in the bundle of * was here already");

  out = g_file_append_to (file, G_FILE_CREATE_NONE, NULL, NULL);
  g_assert_cmpint (g_output_stream_write (G_OUTPUT_STREAM (out), "x", 1, NULL, NULL), ==, 1);
  g_assert_true (g_output_stream_close (G_OUTPUT_STREAM (out), NULL, NULL));
  galley_courier_import (self->window->courier, file);
  dialog = wait_for_dialog ();
  test_window_wait_for_label (dialog, "The Bundle Was Not Imported");
  test_window_wait_for_label (dialog, "The bundle is damaged*");
  test_window_press (dialog, "Close");
  test_window_remove_folder (folder);
}

static void
test_drop (TestWindow *self, gconstpointer data)
{
  g_assert_true (drop (self->window->content, "flag.png"));
  test_window_wait_for_items (self, 3);
  test_window_wait_for_toast (self, "1 file imported");

  test_window_open_poster (self);
  g_assert_true (drop (GTK_WIDGET (self->window->review), "flag.jpg"));
  test_window_wait_for_items (self, 4);
}

static void
test_drop_on_inbox (TestWindow *self, gconstpointer data)
{
  g_test_summary ("Nothing goes into a project that nobody named");
  test_window_act (self, "show-inbox");
  g_assert_false (drop (self->window->content, "flag.png"));
  test_window_wait_for_toast (self, "Choose a project first: *");
  g_assert_false (gtk_widget_get_visible (self->window->import_button));
  test_window_act (self, "show-sync");
  g_assert_false (drop (self->window->content, "flag.png"));
  test_window_act (self, "show-first-project");
  test_window_wait_for_items (self, 2);
}

static GdkTexture *
make_picture (void)
{
  static const guint8 pixels[16 * 16 * 3] = { 200, 20, 20 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (pixels, sizeof pixels);

  return gdk_memory_texture_new (16, 16, GDK_MEMORY_R8G8B8, bytes, 16 * 3);
}

static void
test_paste (TestWindow *self, gconstpointer data)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self->window));
  g_autoptr (GdkTexture) picture = make_picture ();
  g_auto (GValue) files = G_VALUE_INIT;

  gdk_clipboard_set_content (clipboard, NULL);
  test_window_act (self, "paste");
  test_window_wait_for_toast (self, "There is no picture and no file on the clipboard.");

  gdk_clipboard_set_texture (clipboard, picture);
  test_window_act (self, "paste");
  test_window_wait_for_items (self, 3);

  init_file_list (&files, "flag.png");
  test_window_open_poster (self);
  gdk_clipboard_set_value (clipboard, &files);
  test_window_act (self, "paste");
  test_window_wait_for_items (self, 4);

  test_window_act (self, "back");
  test_window_act (self, "show-inbox");
  test_window_act (self, "paste");
  test_window_wait_for_toast (self, "Choose a project first: *");
}

static void
test_paste_text (TestWindow *self, gconstpointer data)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self->window));
  GtkEditable *entry;

  g_test_summary ("Where one writes, words are pasted");
  test_window_act (self, "search");
  entry = test_window_find_type (GTK_WIDGET (self->window->browser), GTK_TYPE_SEARCH_ENTRY);
  gtk_widget_grab_focus (GTK_WIDGET (gtk_editable_get_delegate (entry)));
  gdk_clipboard_set_text (clipboard, "poster");
  test_window_act (self, "paste");
  test_window_wait_for_items (self, 1);
  g_assert_cmpstr (gtk_editable_get_text (entry), ==, "poster");
}

/* ── the project's rules ── */

static gboolean
is_combo_called (GtkWidget *widget, gconstpointer data)
{
  return ADW_IS_COMBO_ROW (widget) &&
         g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), data);
}

static GtkWidget *
find_policies (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (toplevels, i);

      if (GALLEY_IS_POLICY_DIALOG (window))
        return window;
    }

  return NULL;
}

static gboolean
has_no_policies (gpointer data)
{
  return find_policies () == NULL;
}

/* What a choice would have done is said before; applied, it is the project's, and one undo takes it
 * back. */
static void
test_policies (TestWindow *test, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = NULL;
  g_autoptr (GalleyEntity) project = NULL;
  g_autofree char *policies = NULL;
  GtkWidget *dialog, *row;

  test_window_act (test, "show-first-project");
  test_window_wait_for_items (test, 2);
  test_window_act (test, "show-policies");
  dialog = find_policies ();
  g_assert_nonnull (dialog);
  test_window_wait_for_label (dialog, "Due");
  row = test_window_find (dialog, is_combo_called, "Due");
  g_assert_nonnull (row);
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 1);
  test_window_wait_for_label (dialog, "So far nobody had to choose here.");
  gtk_widget_activate_action (dialog, "policies.apply", NULL);
  galley_test_project_spin_until (has_no_policies, NULL);
  test_window_wait_for_toast (test, "Conflict rules changed");

  reader = galley_store_open_reader (test->store, &error);
  g_assert_no_error (error);
  project = galley_reader_get_entity (reader, &test->project, &error);
  policies = g_variant_print (galley_entity_get_value (project, GALLEY_PROJECT_POLICIES), FALSE);
  g_assert_cmpstr (policies, ==, "{'item.due': 'careful'}");
}

int
main (int argc, char **argv)
{
  test_window_init (&argc, &argv);
  test_window_add ("/window/redo", test_redo);
  test_window_add ("/window/offer-goes", test_offer_goes);
  test_window_add ("/window/offer-is-kept", test_offer_is_kept);
  test_window_add ("/window/undo-elsewhere", test_undo_elsewhere);
  test_window_add ("/window/undo-many", test_undo_many);
  test_window_add ("/window/undo-of-typing", test_undo_of_typing);
  test_window_add ("/window/import", test_import);
  test_window_add ("/window/bundle", test_bundle);
  test_window_add ("/window/drop", test_drop);
  test_window_add ("/window/drop-on-inbox", test_drop_on_inbox);
  test_window_add ("/window/paste", test_paste);
  test_window_add ("/window/paste-text", test_paste_text);
  test_window_add ("/window/policies", test_policies);
  return g_test_run ();
}
