/* galley-sync-plots.c: what waited, travelled and failed in the last hour, day or week
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-plots"

#include "ui/galley-sync-plots.h"

#include "ui/galley-columns.h"
#include "ui/galley-plot.h"
#include "ui/galley-ui.h"

#include "data/galley-metric-table.h"

#include <glib/gi18n-lib.h>

#define N_PLOTS 4
/* A minute is the least that there are rows of. */
#define REFRESH_S 30

struct _GalleySyncPlots
{
  GtkWidget parent_instance;

  GalleyStore *store;
  GCancellable *cancellable;
  guint timer; /* while it is in sight */
  gint64 range_us;
  gboolean reading;
  gboolean stale; /* another range was chosen meanwhile */

  GtkWidget *plots[N_PLOTS];
};

G_DEFINE_FINAL_TYPE (GalleySyncPlots, galley_sync_plots, GTK_TYPE_WIDGET)

typedef struct
{
  gint64 from_us, to_us;
  GArray *metrics;
} Answer;

static void
answer_free (gpointer data)
{
  g_array_unref (((Answer *)data)->metrics);
  g_free (data);
}

static gpointer
read_metrics (GalleyReader *reader, gpointer data, GError **error)
{
  const gint64 *range_us = data;
  Answer *answer = g_new0 (Answer, 1);

  answer->to_us = g_get_real_time ();
  answer->from_us = answer->to_us - *range_us;
  answer->metrics = galley_metric_table_list (reader, answer->from_us, error);
  if (answer->metrics == NULL)
    g_clear_pointer (&answer, g_free);
  return answer;
}

static void read_again (GalleySyncPlots *self);

static void
metrics_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleySyncPlots) self = user_data;
  g_autoptr (GError) error = NULL;
  Answer *answer = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->reading = FALSE;
  if (answer == NULL)
    {
      g_debug ("no plots: %s", error->message);
      return;
    }

  for (guint i = 0; i < N_PLOTS && self->plots[i] != NULL; i++)
    galley_plot_set_metrics (GALLEY_PLOT (self->plots[i]), answer->metrics, answer->from_us,
                             answer->to_us);
  answer_free (answer);
  if (self->stale)
    read_again (self);
}

static void
read_again (GalleySyncPlots *self)
{
  self->stale = self->reading;
  if (self->reading || self->store == NULL)
    return;

  self->reading = TRUE;
  galley_store_read_async (self->store, read_metrics,
                           g_memdup2 (&self->range_us, sizeof self->range_us), g_free, answer_free,
                           self->cancellable, metrics_read_cb, g_object_ref (self));
}

static gboolean
refresh_cb (gpointer user_data)
{
  read_again (user_data);
  return G_SOURCE_CONTINUE;
}

static void
galley_sync_plots_map (GtkWidget *widget)
{
  GalleySyncPlots *self = GALLEY_SYNC_PLOTS (widget);

  GTK_WIDGET_CLASS (galley_sync_plots_parent_class)->map (widget);
  read_again (self);
  if (self->timer == 0)
    self->timer = g_timeout_add_seconds (REFRESH_S, refresh_cb, self);
}

static void
galley_sync_plots_unmap (GtkWidget *widget)
{
  GalleySyncPlots *self = GALLEY_SYNC_PLOTS (widget);

  g_clear_handle_id (&self->timer, g_source_remove);
  GTK_WIDGET_CLASS (galley_sync_plots_parent_class)->unmap (widget);
}

static void
choose_range (GtkToggleButton *button, gpointer range_us)
{
  GalleySyncPlots *self = GALLEY_SYNC_PLOTS (
      gtk_widget_get_ancestor (GTK_WIDGET (button), GALLEY_TYPE_SYNC_PLOTS));

  if (self == NULL || !gtk_toggle_button_get_active (button))
    return;

  self->range_us = *(const gint64 *)range_us;
  read_again (self);
}

static void
galley_sync_plots_dispose (GObject *object)
{
  GalleySyncPlots *self = GALLEY_SYNC_PLOTS (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->timer, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  memset (self->plots, 0, sizeof self->plots);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_sync_plots_parent_class)->dispose (object);
}

static void
galley_sync_plots_finalize (GObject *object)
{
  g_object_unref (GALLEY_SYNC_PLOTS (object)->cancellable);
  G_OBJECT_CLASS (galley_sync_plots_parent_class)->finalize (object);
}

static void
galley_sync_plots_class_init (GalleySyncPlotsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_sync_plots_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_sync_plots_finalize;
  widget_class->map = galley_sync_plots_map;
  widget_class->unmap = galley_sync_plots_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static GtkWidget *
make_ranges (void)
{
  static const struct
  {
    gint64 range_us;
    const char *words;
  } ranges[] = {
    { G_TIME_SPAN_HOUR, N_ ("Hour") },
    { G_TIME_SPAN_DAY, N_ ("Day") },
    { 7 * G_TIME_SPAN_DAY, N_ ("Week") },
  };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *first = NULL;

  gtk_widget_add_css_class (box, "linked");
  gtk_widget_set_halign (box, GTK_ALIGN_END);
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      GtkWidget *button = gtk_toggle_button_new_with_label (_ (ranges[i].words));

      if (first == NULL)
        first = button;
      else
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (first));
      g_signal_connect (button, "toggled", G_CALLBACK (choose_range),
                        (gpointer)&ranges[i].range_us);
      gtk_box_append (GTK_BOX (box), button);
    }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (first), TRUE);
  return box;
}

static void
galley_sync_plots_init (GalleySyncPlots *self)
{
  static const struct
  {
    GalleySeries series;
    const char *title;
  } plots[N_PLOTS] = {
    { GALLEY_SERIES_UNSENT, N_ ("Changes That Waited") },
    { GALLEY_SERIES_WAITING_BYTES, N_ ("Bytes That Waited") },
    { GALLEY_SERIES_TRAFFIC, N_ ("Sent and Received") },
    { GALLEY_SERIES_FAILURES, N_ ("Tries That Failed") },
  };
  GtkWidget *columns = galley_columns_new (N_PLOTS);
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  self->cancellable = g_cancellable_new ();
  self->range_us = G_TIME_SPAN_HOUR;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);
  gtk_widget_set_parent (make_ranges (), GTK_WIDGET (self));
  for (guint i = 0; i < N_PLOTS; i++)
    {
      self->plots[i] = galley_plot_new (plots[i].series, _ (plots[i].title));
      galley_columns_append (GALLEY_COLUMNS (columns), self->plots[i]);
    }
  gtk_widget_set_parent (columns, GTK_WIDGET (self));
}

/**
 * galley_sync_plots_set_store:
 *
 * Once.
 */
void
galley_sync_plots_set_store (GalleySyncPlots *self, GalleyStore *store)
{
  g_return_if_fail (GALLEY_IS_SYNC_PLOTS (self) && self->store == NULL);

  self->store = g_object_ref (store);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    read_again (self);
}
