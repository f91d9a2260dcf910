/* galley-plot.h: one series over time, drawn small, with its value under the pointer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-series.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_PLOT (galley_plot_get_type ())
G_DECLARE_FINAL_TYPE (GalleyPlot, galley_plot, GALLEY, PLOT, GtkWidget)

GtkWidget *galley_plot_new (GalleySeries series, const char *title);
void galley_plot_set_metrics (GalleyPlot *self,
                              const GArray *metrics,
                              gint64 from_us,
                              gint64 to_us);
const char *galley_plot_get_words (GalleyPlot *self);

G_END_DECLS
