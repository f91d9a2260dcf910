/* bench-panel.c: how long the sync page takes to be on screen over a journal of 1,000,000 changes
 *
 * And 100,000 jobs that are over. Each tab from the moment it is asked for until the frame that
 * shows it with its content; the page is opened over and over in the same window, which then lists
 * a project again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench.h"

#include "data/galley-job-table.h"
#include "sync/galley-workspace.h"
#include "tests/ui/galley-test-project.h"
#include "ui/galley-journal-page.h"
#include "ui/galley-ui.h"
#include "ui/galley-window-private.h"

#define N_NOTES 2000
#define N_CHANGES 1000000
#define N_JOBS 100000
#define N_TIMES 5

/* writer thread */
static gboolean
write_jobs (GalleyWriter *writer, gpointer data, GError **error)
{
  for (guint i = 0; i < N_JOBS; i++)
    {
      GalleyJobRow row = { .kind = (char *)"upload",
                           .title = (char *)"Send a picture",
                           .unit = (char *)"bytes",
                           .state = GALLEY_JOB_DONE,
                           .created_us = 1 + i };

      if (!galley_job_table_save (writer, &row, error))
        return FALSE;
    }

  return TRUE;
}

static void
painted_cb (GdkFrameClock *clock, gboolean *painted)
{
  *painted = TRUE;
}

/* The frame that shows how things are now. */
static void
wait_for_frame (GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  gboolean painted = FALSE;
  gulong handler = g_signal_connect (clock, "after-paint", G_CALLBACK (painted_cb), &painted);

  gtk_widget_queue_draw (window);
  while (!painted)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (clock, handler);
}

static GtkWidget *
find_type (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static gboolean
lists_changes (GalleyWindow *window)
{
  GtkWidget *page = find_type (GTK_WIDGET (window->sync_page), GALLEY_TYPE_JOURNAL_PAGE);
  GtkWidget *clamp = find_type (page, ADW_TYPE_CLAMP_SCROLLABLE);
  GtkWidget *list = clamp != NULL ? find_type (clamp, GTK_TYPE_LIST_VIEW) : NULL;

  return list != NULL && gtk_widget_get_mapped (list) &&
         g_list_model_get_n_items (G_LIST_MODEL (gtk_list_view_get_model (GTK_LIST_VIEW (list)))) >
             0;
}

static double
open_tab (GalleyWindow *window, const char *tab)
{
  double began_ms;

  g_action_group_activate_action (G_ACTION_GROUP (window), "show-inbox", NULL);
  wait_for_frame (GTK_WIDGET (window));
  began_ms = galley_bench_now_ms ();
  g_action_group_activate_action (G_ACTION_GROUP (window), "show-sync-tab",
                                  g_variant_new_string (tab));
  while (g_str_equal (tab, "journal") && !lists_changes (window))
    g_main_context_iteration (NULL, TRUE);
  wait_for_frame (GTK_WIDGET (window));
  return galley_bench_now_ms () - began_ms;
}

static void
report (GalleyWindow *window, const char *tab, const char *what)
{
  double times_ms[N_TIMES], first_ms = open_tab (window, tab);

  for (guint i = 0; i < N_TIMES; i++)
    times_ms[i] = open_tab (window, tab);
  galley_bench_table_add (&(GalleyBenchRow){ what, "ms", first_ms, "the middle one of five more",
                                             galley_bench_quantile (times_ms, N_TIMES, 0.5),
                                             GALLEY_BENCH_AT_MOST, 300 });
}

void
galley_bench_panel (void)
{
  g_autofree char *folder = galley_bench_folder ("panel");
  g_autoptr (GalleyWorkspace) workspace = NULL;
  g_auto (GalleyBenchProject) project = { 0 };
  g_autoptr (GError) error = NULL;
  GalleyWindow *window;

  if (!gtk_init_check ())
    {
      g_print ("sync page: not measured, there is no screen\n");
      return;
    }

  adw_init ();
  galley_ui_init ();
  workspace = galley_workspace_create (folder, "Rosa", 0, &error);
  galley_bench_check (error);
  galley_bench_project_make (&project, galley_workspace_get_store (workspace));
  galley_bench_project_add_notes (&project, N_NOTES);
  galley_bench_project_edit_notes (&project, GALLEY_BENCH_ALL_FIELDS, N_CHANGES - N_NOTES);
  galley_store_write (project.store, write_jobs, NULL, &error);
  galley_bench_check (error);

  window = GALLEY_WINDOW (galley_window_new (NULL, workspace));
  gtk_window_present (GTK_WINDOW (window));
  galley_sync_service_start (galley_workspace_get_service (workspace));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  report (window, "jobs", "sync page, 1,000,000 changes and 100,000 jobs");
  report (window, "journal", "its journal, the newest 100 of them");
  report (window, "devices", "its devices");
  report (window, "repair", "its repairs");
  gtk_window_destroy (GTK_WINDOW (window));
  galley_bench_project_clear (&project);
  galley_workspace_close (workspace);
}
