/* galley-plot.c: one series over time, drawn small, with its value under the pointer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-plot"

#include "ui/galley-plot.h"

#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

#define MIN_WIDTH_PX 150
#define HEIGHT_PX 56

struct _GalleyPlot
{
  GtkWidget parent_instance;

  GalleySeries series;
  char *title;
  double values[GALLEY_SERIES_PIECES];
  gint64 from_us, to_us;
  int pointed; /* the piece under the pointer; -1: none */
  char *words; /* the same for who hears it */

  GtkWidget *box;
  GtkLabel *value;
  GtkWidget *area;
};

G_DEFINE_FINAL_TYPE (GalleyPlot, galley_plot, GTK_TYPE_WIDGET)

static double
find_most (GalleyPlot *self, guint *where)
{
  double most = 0;

  *where = 0;
  for (guint i = 0; i < GALLEY_SERIES_PIECES; i++)
    if (self->values[i] > most)
      {
        most = self->values[i];
        *where = i;
      }

  return most;
}

static char *
describe_time (GalleyPlot *self, guint piece)
{
  gint64 at_us = self->from_us + (self->to_us - self->from_us) * piece / GALLEY_SERIES_PIECES;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (at_us / G_TIME_SPAN_SECOND);

  if (time == NULL)
    return g_strdup ("");
  /* Translators: the hour and minute of today; then the day, the hour and the minute */
  return g_date_time_format (time, self->to_us - self->from_us <= G_TIME_SPAN_DAY
                                       ? C_ ("time of a plot", "%H:%M")
                                       : C_ ("time of a plot", "%a %H:%M"));
}

/* ── what it says ── */

static void
show_value (GalleyPlot *self)
{
  guint where;
  double most = find_most (self, &where);
  g_autofree char *text = NULL;

  if (self->pointed >= 0)
    {
      g_autofree char *value = galley_series_format (self->series, self->values[self->pointed]);
      g_autofree char *time = describe_time (self, self->pointed);

      /* Translators: a value and when it was: “12 · 14:03” */
      text = g_strdup_printf (_ ("%s · %s"), value, time);
    }
  else if (most > 0)
    {
      g_autofree char *value = galley_series_format (self->series, most);

      text = g_strdup_printf (_ ("at most %s"), value);
    }
  else
    text = g_strdup (C_ ("in a plot", "None"));
  gtk_label_set_text (self->value, text);
}

static void
put_into_words (GalleyPlot *self)
{
  guint where;
  double most = find_most (self, &where);
  g_autofree char *now = galley_series_format (self->series,
                                               self->values[GALLEY_SERIES_PIECES - 1]);
  g_autofree char *top = galley_series_format (self->series, most);
  g_autofree char *time = describe_time (self, where);

  g_free (self->words);
  if (most > 0)
    /* Translators: read aloud in place of a plot: “Waiting changes: now 0, at most 12, at 14:03” */
    self->words = g_strdup_printf (_ ("%s: now %s, at most %s, at %s"), self->title, now, top,
                                   time);
  else
    self->words = g_strdup_printf (_ ("%s: none"), self->title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, self->words,
                                  -1);
}

/* ── drawing ── */

static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  GalleyPlot *self = user_data;
  const double step = (double)width / GALLEY_SERIES_PIECES;
  gboolean mirrored = gtk_widget_get_direction (GTK_WIDGET (area)) == GTK_TEXT_DIR_RTL;
  guint where;
  double most = find_most (self, &where);
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (area)), &color);
  if (mirrored)
    {
      cairo_translate (cr, width, 0);
      cairo_scale (cr, -1, 1);
    }

  for (int i = 0; i < GALLEY_SERIES_PIECES; i++)
    {
      double bar = most > 0 ? self->values[i] / most * (height - 2) : 0;

      /* What is there at all is to be seen. */
      if (self->values[i] > 0)
        bar = MAX (bar, 2);
      color.alpha = i == self->pointed ? 1 : 0.75;
      gdk_cairo_set_source_rgba (cr, &color);
      cairo_rectangle (cr, i * step, height - 1 - bar, MAX (step - 1, 1), bar);
      cairo_fill (cr);
    }
  color.alpha = 0.35;
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_rectangle (cr, 0, height - 1, width, 1);
  cairo_fill (cr);
}

static void
point_at (GalleyPlot *self, int piece)
{
  if (self->pointed == piece)
    return;

  self->pointed = piece;
  show_value (self);
  gtk_widget_queue_draw (self->area);
}

static void
motion_cb (GalleyPlot *self, double x, double y)
{
  int width = gtk_widget_get_width (self->area);

  if (gtk_widget_get_direction (self->area) == GTK_TEXT_DIR_RTL)
    x = width - x;
  point_at (self,
            CLAMP ((int)(x * GALLEY_SERIES_PIECES / MAX (width, 1)), 0, GALLEY_SERIES_PIECES - 1));
}

static void
leave_cb (GalleyPlot *self)
{
  point_at (self, -1);
}

static void
galley_plot_dispose (GObject *object)
{
  g_clear_pointer (&GALLEY_PLOT (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (galley_plot_parent_class)->dispose (object);
}

static void
galley_plot_finalize (GObject *object)
{
  GalleyPlot *self = GALLEY_PLOT (object);

  g_free (self->title);
  g_free (self->words);
  G_OBJECT_CLASS (galley_plot_parent_class)->finalize (object);
}

static void
galley_plot_class_init (GalleyPlotClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_plot_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_plot_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
galley_plot_init (GalleyPlot *self)
{
  self->pointed = -1;
}

/**
 * galley_plot_new:
 * @title: what is shown, for people
 */
GtkWidget *
galley_plot_new (GalleySeries series, const char *title)
{
  GalleyPlot *self = g_object_new (GALLEY_TYPE_PLOT, NULL);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkWidget *heading = galley_ui_label_new (title, "caption-heading");

  self->series = series;
  self->title = g_strdup (title);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  self->value = GTK_LABEL (galley_ui_label_new (NULL, "caption"));
  gtk_widget_add_css_class (GTK_WIDGET (self->value), "dim-label");
  self->area = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->area), HEIGHT_PX);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->area), draw_cb, self, NULL);
  gtk_widget_add_css_class (self->area, "galley-plot");
  gtk_widget_set_size_request (self->area, MIN_WIDTH_PX, -1);
  gtk_box_append (GTK_BOX (self->box), heading);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->value));
  gtk_box_append (GTK_BOX (self->box), self->area);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_object (motion, "motion", G_CALLBACK (motion_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (motion, "leave", G_CALLBACK (leave_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (self->area, motion);
  show_value (self);
  put_into_words (self);
  return GTK_WIDGET (self);
}

/**
 * galley_plot_set_metrics:
 * @metrics: (element-type GalleyMetric): as galley_series_fill() takes them
 */
void
galley_plot_set_metrics (GalleyPlot *self, const GArray *metrics, gint64 from_us, gint64 to_us)
{
  g_return_if_fail (GALLEY_IS_PLOT (self));

  self->from_us = from_us;
  self->to_us = to_us;
  galley_series_fill (self->series, metrics, from_us, to_us, self->values);
  show_value (self);
  put_into_words (self);
  gtk_widget_queue_draw (self->area);
}

/**
 * galley_plot_get_words:
 *
 * Returns: what is drawn, in a sentence
 */
const char *
galley_plot_get_words (GalleyPlot *self)
{
  g_return_val_if_fail (GALLEY_IS_PLOT (self), NULL);

  return self->words;
}
