/* galley-test-window.c: a window on a workspace with one project of two items, and what is in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-window.h"

#include "galley-test-project.h"
#include "ui/galley-ui.h"

#include <glib/gstdio.h>
#include <string.h>

/* GTK 4.8 looks again for a tooltip whose text has changed, also when the window was closed
 * meanwhile: on a slow machine the two meet. Everything else that is critical fails the test. */
static gboolean
is_known_fault (const char *message)
{
  return strstr (message, "gdk_surface_get_device_position: assertion") != NULL ||
         strstr (message, "_gtk_widget_find_at_coords: assertion") != NULL;
}

static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  return !is_known_fault (message);
}

static void
known_fault_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  if (!is_known_fault (message))
    g_log_default_handler (domain, level, message, data);
}

/**
 * test_window_init:
 *
 * Without isolated folders: the toolkit needs the system's settings and kinds of files.
 */
void
test_window_init (int *argc, char ***argv)
{
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_test_init (argc, argv, NULL);
  gtk_init ();
  adw_init ();
  galley_ui_init ();
  g_log_set_handler ("Gdk", G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL, known_fault_cb, NULL);
  g_log_set_handler ("Gtk", G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL, known_fault_cb, NULL);
}

void
test_window_add (const char *path, TestWindowFunc test)
{
  g_test_add (path, TestWindow, NULL, test_window_set_up, test, test_window_tear_down);
}

/* ── the window ── */

static void
show_window (TestWindow *self)
{
  self->window = GALLEY_WINDOW (galley_window_new (NULL, self->workspace));
  gtk_window_present (GTK_WINDOW (self->window));
}

void
test_window_set_up (TestWindow *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_test_log_set_fatal_handler (is_fatal, NULL);
  self->folder = g_dir_make_tmp ("galley-window-XXXXXX", &error);
  g_assert_no_error (error);
  self->workspace = galley_workspace_create (self->folder, "Rosa", 0, &error);
  g_assert_no_error (error);
  self->store = galley_workspace_get_store (self->workspace);
  galley_test_project_make (self->store, "Posters", &self->project);
  galley_test_project_add_item (self->store, &self->project, "flyer.png", &self->flyer);
  galley_test_project_add_item (self->store, &self->project, "poster.png", &self->poster);

  show_window (self);
  galley_window_show_project (self->window, &self->project);
  test_window_wait_for_items (self, 2);
}

/* As at the next start of the program. */
gboolean
test_window_open (TestWindow *self, GError **error)
{
  self->workspace = galley_workspace_open (self->folder, 0, error);
  if (self->workspace == NULL)
    return FALSE;

  self->store = galley_workspace_get_store (self->workspace);
  show_window (self);
  return TRUE;
}

void
test_window_close (TestWindow *self)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  galley_workspace_close (self->workspace);
  g_clear_object (&self->workspace);
}

void
test_window_remove_folder (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      test_window_remove_folder (child);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

void
test_window_tear_down (TestWindow *self, gconstpointer data)
{
  if (self->workspace != NULL)
    test_window_close (self);
  test_window_remove_folder (self->folder);
  g_clear_pointer (&self->folder, g_free);
}

static gboolean
is_reading (gpointer review)
{
  GalleyId project;

  return galley_review_get_project (review, &project);
}

/* Returns: (transfer none): the review of it */
GtkWidget *
test_window_open_poster (TestWindow *self)
{
  galley_window_open_item (self->window, &self->poster);
  galley_test_project_spin_until (is_reading, self->window->review);
  return GTK_WIDGET (self->window->review);
}

void
test_window_act (TestWindow *self, const char *action)
{
  g_action_group_activate_action (G_ACTION_GROUP (self->window), action, NULL);
}

GalleyItemList *
test_window_get_list (TestWindow *self)
{
  return galley_browser_get_list (self->window->browser);
}

void
test_window_wait_for_items (TestWindow *self, guint n_items)
{
  while (!galley_item_list_is_ready (test_window_get_list (self)) ||
         g_list_model_get_n_items (G_LIST_MODEL (test_window_get_list (self))) != n_items)
    g_main_context_iteration (NULL, TRUE);
}

/* Of an item, as it is on disk; "gone" when it is not there. */
char *
test_window_get_state (TestWindow *self, const GalleyId *item)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (self->store, &error);
  g_autoptr (GalleyItemRow) row = NULL;

  g_assert_no_error (error);
  row = galley_reader_get_item (reader, item, NULL);
  return g_strdup (row != NULL ? row->state : "gone");
}

void
test_window_wait_for_state (TestWindow *self, const GalleyId *item, const char *state)
{
  for (;;)
    {
      g_autofree char *now = test_window_get_state (self, item);

      if (g_str_equal (now, state))
        return;
      g_main_context_iteration (NULL, TRUE);
    }
}

/* ── what is on screen ── */

GtkWidget *
test_window_find (GtkWidget *widget, TestMatch matches, gconstpointer data)
{
  if (matches (widget, data))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = test_window_find (child, matches, data);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static gboolean
is_of_type (GtkWidget *widget, gconstpointer type)
{
  return G_TYPE_CHECK_INSTANCE_TYPE (widget, GPOINTER_TO_SIZE (type));
}

gpointer
test_window_find_type (GtkWidget *widget, GType type)
{
  return test_window_find (widget, is_of_type, GSIZE_TO_POINTER (type));
}

static gboolean
is_labelled (GtkWidget *widget, gconstpointer pattern)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) &&
         g_pattern_match_simple (pattern, gtk_label_get_text (GTK_LABEL (widget)));
}

/**
 * test_window_find_label:
 * @pattern: of the whole text, with * and ?
 *
 * Returns: (nullable): a label that is on screen
 */
GtkWidget *
test_window_find_label (GtkWidget *widget, const char *pattern)
{
  return test_window_find (widget, is_labelled, pattern);
}

/* No sleeping: meson ends a test that hangs. */
GtkWidget *
test_window_wait_for_label (GtkWidget *widget, const char *pattern)
{
  GtkWidget *label;

  while ((label = test_window_find_label (widget, pattern)) == NULL)
    g_main_context_iteration (NULL, TRUE);

  return label;
}

void
test_window_wait_until_gone (GtkWidget *widget, const char *pattern)
{
  while (test_window_find_label (widget, pattern) != NULL)
    g_main_context_iteration (NULL, TRUE);
}

/**
 * test_window_press:
 * @label: of a button that is on screen
 */
void
test_window_press (GtkWidget *widget, const char *label)
{
  GtkWidget *button = gtk_widget_get_ancestor (test_window_wait_for_label (widget, label),
                                               GTK_TYPE_BUTTON);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

/* ── toasts ── */

static GtkWidget *
find_toast (GtkWidget *widget, const char *pattern)
{
  GType type = g_type_from_name ("AdwToastWidget");

  if (type != 0 && G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return test_window_find_label (widget, pattern) != NULL ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_toast (child, pattern);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static GtkWidget *
wait_for_toast (TestWindow *self, const char *pattern)
{
  GtkWidget *toast;

  while ((toast = find_toast (GTK_WIDGET (self->window), pattern)) == NULL)
    g_main_context_iteration (NULL, TRUE);

  return toast;
}

void
test_window_wait_for_toast (TestWindow *self, const char *pattern)
{
  wait_for_toast (self, pattern);
}

/* Its button. */
void
test_window_press_toast (TestWindow *self, const char *pattern)
{
  test_window_press (wait_for_toast (self, pattern), "Undo");
}

void
test_window_wait_until_no_toast (TestWindow *self, const char *pattern)
{
  while (find_toast (GTK_WIDGET (self->window), pattern) != NULL)
    g_main_context_iteration (NULL, TRUE);
}
