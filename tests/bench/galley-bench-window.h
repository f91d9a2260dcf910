/* galley-bench-window.h: a bench that opens windows
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* All that main() does: @run once, with data in a folder that is removed afterwards. */
int galley_bench_window_main (int argc, char **argv, const char *path, GTestFunc run);
void galley_bench_window_paint (GtkWidget *window);
void galley_bench_window_set_true (gpointer flag);

G_END_DECLS
