/* galley-job-history.c: all jobs that are over, newest first
 *
 * Read in pages, as far as somebody scrolls.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job-history"

#include "ui/galley-job-history.h"

#include "data/galley-job-table.h"
#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

#define PAGE_ROWS 200
/* The next page is read when the end is this near, in pixels. */
#define NEAR_END 600

struct _GalleyJobHistory
{
  AdwWindow parent_instance;

  GalleyStore *store;
  GtkStringList *titles; /* as many as are shown */
  GPtrArray *rows;       /* of GalleyJobRow, one for each title */
  gboolean at_end;
  gboolean reading;

  AdwWindowTitle *title;
  GtkScrolledWindow *scroller;
  GtkListView *list;
};

G_DEFINE_FINAL_TYPE (GalleyJobHistory, galley_job_history, ADW_TYPE_WINDOW)

/* ── reading ── */

static gpointer
read_rows (GalleyReader *reader, gpointer data, GError **error)
{
  return galley_job_table_list_over (reader, *(gint64 *)data, PAGE_ROWS, error);
}

static void
show_rows (GalleyJobHistory *self, GPtrArray *rows)
{
  guint n_before = self->rows->len;
  g_autofree char *count = NULL;

  self->at_end = rows->len < PAGE_ROWS;
  g_ptr_array_extend_and_steal (self->rows, rows);
  for (guint i = n_before; i < self->rows->len; i++)
    gtk_string_list_append (self->titles, ((GalleyJobRow *)self->rows->pdata[i])->title);
  count = g_strdup_printf (self->at_end ? ngettext ("%u job", "%u jobs", self->rows->len)
                                        : ngettext ("the newest %u job", "the newest %u jobs",
                                                    self->rows->len),
                           self->rows->len);
  adw_window_title_set_subtitle (self->title, count);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyJobHistory) self = user_data;
  g_autoptr (GError) error = NULL;
  GPtrArray *rows = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->reading = FALSE;
  if (rows == NULL)
    return adw_window_title_set_subtitle (self->title, error->message);
  if (self->store == NULL)
    {
      g_ptr_array_unref (rows);
      return;
    }

  show_rows (self, rows);
}

static void
read_page (GalleyJobHistory *self)
{
  gint64 before = self->rows->len > 0 ? ((GalleyJobRow *)self->rows->pdata[self->rows->len - 1])->id
                                      : G_MAXINT64;

  if (self->reading || self->at_end)
    return;

  self->reading = TRUE;
  galley_store_read_async (self->store, read_rows, g_memdup2 (&before, sizeof before), g_free,
                           (GDestroyNotify)g_ptr_array_unref, NULL, read_cb, g_object_ref (self));
}

static void
scrolled_cb (GalleyJobHistory *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  double left = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment) -
                gtk_adjustment_get_value (adjustment);

  if (left < NEAR_END && self->rows->len > 0)
    read_page (self);
}

/* ── rows ── */

static char *
describe (const GalleyJobRow *row)
{
  g_autofree char *when = galley_words_for_exact_time (row->updated_us);
  const char *state = row->state == GALLEY_JOB_DONE     ? _ ("Done")
                      : row->state == GALLEY_JOB_FAILED ? _ ("Failed")
                                                        : _ ("Cancelled");
  const char *more = row->error != NULL ? row->error : row->cause;

  return more != NULL ? g_strdup_printf ("%s · %s · %s", state, when, more)
                      : g_strdup_printf ("%s · %s", state, when);
}

static void
setup_row_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *about = galley_ui_label_new ("", "caption");

  gtk_widget_add_css_class (box, "galley-line");
  gtk_widget_add_css_class (about, "dim-label");
  gtk_box_append (GTK_BOX (box), galley_ui_label_new ("", NULL));
  gtk_box_append (GTK_BOX (box), about);
  gtk_list_item_set_child (list_item, box);
  gtk_list_item_set_activatable (list_item, FALSE);
}

static void
bind_row_cb (GalleyJobHistory *self, GtkListItem *list_item)
{
  const GalleyJobRow *row = self->rows->pdata[gtk_list_item_get_position (list_item)];
  GtkWidget *box = gtk_list_item_get_child (list_item);
  g_autofree char *about = describe (row);
  g_autofree char *spoken = g_strdup_printf ("%s. %s", row->title, about);

  gtk_label_set_text (GTK_LABEL (gtk_widget_get_first_child (box)), row->title);
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_last_child (box)), about);
  if (gtk_widget_get_parent (box) != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (box)),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

/* ── the window ── */

static void
galley_job_history_dispose (GObject *object)
{
  g_clear_object (&GALLEY_JOB_HISTORY (object)->store);
  G_OBJECT_CLASS (galley_job_history_parent_class)->dispose (object);
}

static void
galley_job_history_finalize (GObject *object)
{
  GalleyJobHistory *self = GALLEY_JOB_HISTORY (object);

  g_object_unref (self->titles);
  g_ptr_array_unref (self->rows);
  G_OBJECT_CLASS (galley_job_history_parent_class)->finalize (object);
}

static void
galley_job_history_class_init (GalleyJobHistoryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_job_history_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_job_history_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-job-history.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyJobHistory, title);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobHistory, scroller);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobHistory, list);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_w, GDK_CONTROL_MASK, "window.close",
                                       NULL);
}

static void
galley_job_history_init (GalleyJobHistory *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->titles = gtk_string_list_new (NULL);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_job_row_free);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_row_cb), NULL);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_row_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scroller), "value-changed",
                           G_CALLBACK (scrolled_cb), self, G_CONNECT_SWAPPED);
  selection = GTK_SELECTION_MODEL (
      gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->titles))));
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, selection);
}

/**
 * galley_job_history_new:
 *
 * Returns: (transfer none): a window, not on screen yet
 */
GtkWidget *
galley_job_history_new (GalleyStore *store)
{
  GalleyJobHistory *self = g_object_new (GALLEY_TYPE_JOB_HISTORY, NULL);

  self->store = g_object_ref (store);
  read_page (self);
  return GTK_WIDGET (self);
}
