/* galley-bench-window.c: a bench that opens windows
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench-window.h"

#include "ui/galley-ui.h"

#include <adwaita.h>

/**
 * galley_bench_window_main:
 * @path: of the test that is the bench
 */
int
galley_bench_window_main (int argc, char **argv, const char *path, GTestFunc run)
{
  g_autofree char *folder = g_dir_make_tmp ("galley-bench-XXXXXX", NULL);
  const char *remove[] = { "rm", "-r", folder, NULL };
  int status;

  /* The toolkit needs the system's settings: only the data has a place of its own. */
  g_assert_nonnull (folder);
  g_setenv ("XDG_DATA_HOME", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  adw_init ();
  galley_ui_init ();
  g_test_add_func (path, run);
  status = g_test_run ();
  g_spawn_sync (NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
  return status;
}

void
galley_bench_window_set_true (gpointer flag)
{
  *(gboolean *)flag = TRUE;
}

/**
 * galley_bench_window_paint:
 *
 * Returns when the window has been drawn once more.
 */
void
galley_bench_window_paint (GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  gboolean painted = FALSE;
  gulong handler = g_signal_connect_swapped (clock, "after-paint",
                                             G_CALLBACK (galley_bench_window_set_true), &painted);

  gtk_widget_queue_draw (window);
  while (!painted)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (clock, handler);
}
