/* galley-test-window.h: a window on a workspace with one project of two items, and what is in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-window-private.h"

G_BEGIN_DECLS

typedef struct
{
  char *folder;
  GalleyWorkspace *workspace; /* (nullable): while it is closed */
  GalleyStore *store;
  GalleyWindow *window;
  GalleyId project; /* "Posters" */
  GalleyId poster;
  GalleyId flyer;
} TestWindow;

typedef void (*TestWindowFunc) (TestWindow *self, gconstpointer data);

/* In place of g_test_init(). */
void test_window_init (int *argc, char ***argv);
void test_window_add (const char *path, TestWindowFunc test);

void test_window_set_up (TestWindow *self, gconstpointer data);
void test_window_tear_down (TestWindow *self, gconstpointer data);
gboolean test_window_open (TestWindow *self, GError **error);
void test_window_close (TestWindow *self);
GtkWidget *test_window_open_poster (TestWindow *self);
void test_window_act (TestWindow *self, const char *action);
GalleyItemList *test_window_get_list (TestWindow *self);
void test_window_wait_for_items (TestWindow *self, guint n_items);
void test_window_remove_folder (const char *path);
char *test_window_get_state (TestWindow *self, const GalleyId *item);
void test_window_wait_for_state (TestWindow *self, const GalleyId *item, const char *state);

/* What is on screen. */
typedef gboolean (*TestMatch) (GtkWidget *widget, gconstpointer data);

GtkWidget *test_window_find (GtkWidget *widget, TestMatch matches, gconstpointer data);
gpointer test_window_find_type (GtkWidget *widget, GType type);
GtkWidget *test_window_find_label (GtkWidget *widget, const char *pattern);
GtkWidget *test_window_wait_for_label (GtkWidget *widget, const char *pattern);
void test_window_wait_until_gone (GtkWidget *widget, const char *pattern);
void test_window_press (GtkWidget *widget, const char *label);
void test_window_wait_for_toast (TestWindow *self, const char *pattern);
void test_window_press_toast (TestWindow *self, const char *pattern);
void test_window_wait_until_no_toast (TestWindow *self, const char *pattern);

G_END_DECLS
