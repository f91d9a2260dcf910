/* galley-repair-row.c: one repair: what it will do, how far it is, what came of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-repair-row"

#include "ui/galley-repair-row.h"

#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

#define LOOK_MS 300
/* More of the same kind says no more; the job's log has them all. */
#define MOST_FINDINGS 12

struct _GalleyRepairRow
{
  GtkListBoxRow parent_instance;

  GalleyStore *store;
  GalleySyncService *service;
  GalleyRepair repair;
  GCancellable *cancellable; /* (nullable): while it runs */
  guint timer;               /* likewise */

  GtkLabel *title;
  GtkLabel *preview;
  GtkButton *start;
  GtkWidget *stop;
  GtkProgressBar *progress;
  GtkWidget *outcome;
  GtkImage *icon;
  GtkLabel *result;
};

enum
{
  SIGNAL_ENDED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyRepairRow, galley_repair_row, GTK_TYPE_LIST_BOX_ROW)

/* Whether it is asked about before it begins. */
static gboolean
changes_something (GalleyRepair repair)
{
  return repair != GALLEY_REPAIR_VERIFY && repair != GALLEY_REPAIR_COMPARE &&
         repair != GALLEY_REPAIR_BACKUP;
}

/* ── how far it is ── */

/* Its row is written by the thread that does it, and is listed with the others. */
static gboolean
look_cb (gpointer user_data)
{
  GalleyRepairRow *self = user_data;
  GListModel *jobs = G_LIST_MODEL (galley_sync_service_get_queue (self->service));
  const GalleyJobRow *row = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (jobs) && row == NULL; i++)
    {
      g_autoptr (GalleyJob) job = g_list_model_get_item (jobs, i);

      if (galley_job_get_state (job) != GALLEY_JOB_RUNNING)
        break;
      if (g_strcmp0 (galley_job_get_row (job)->subject, galley_repair_get_name (self->repair)) == 0)
        row = galley_job_get_row (job);
    }

  if (row != NULL && row->total > 0)
    gtk_progress_bar_set_fraction (self->progress, CLAMP ((double)row->done / row->total, 0, 1));
  else
    gtk_progress_bar_pulse (self->progress);
  return G_SOURCE_CONTINUE;
}

static void
set_running (GalleyRepairRow *self, gboolean running)
{
  gtk_widget_set_visible (GTK_WIDGET (self->start), !running);
  gtk_widget_set_visible (self->stop, running);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), running);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "repair.start", !running);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "repair.stop", running);
  g_clear_handle_id (&self->timer, g_source_remove);
  if (running)
    {
      gtk_progress_bar_set_fraction (self->progress, 0);
      self->timer = g_timeout_add (LOOK_MS, look_cb, self);
    }
}

/* ── what came of it ── */

static void
tell (GalleyRepairRow *self, gboolean well, const char *text)
{
  gtk_image_set_from_icon_name (self->icon,
                                well ? "emblem-ok-symbolic" : "dialog-warning-symbolic");
  gtk_label_set_text (self->result, text);
  gtk_widget_set_visible (self->outcome, TRUE);
}

static char *
describe (const GalleyRepairReport *report)
{
  GString *text = g_string_new (report->result);
  guint n_findings = report->findings != NULL ? report->findings->len : 0;

  for (guint i = 0; i < MIN (n_findings, MOST_FINDINGS); i++)
    g_string_append_printf (text, "\n• %s", (char *)report->findings->pdata[i]);
  if (n_findings > MOST_FINDINGS)
    {
      guint rest = n_findings - MOST_FINDINGS;

      g_string_append_c (text, '\n');
      g_string_append_printf (text,
                              ngettext ("and %u more, in the log of the job",
                                        "and %u more, in the log of the job", rest),
                              rest);
    }

  return g_string_free (text, FALSE);
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyRepairRow) self = user_data;
  g_auto (GalleyRepairReport) report = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean done = galley_repair_run_finish (result, &report, &error);
  g_autofree char *text = done ? describe (&report) : NULL;

  g_clear_object (&self->cancellable);
  if (self->store == NULL)
    return;

  set_running (self, FALSE);
  if (done)
    tell (self, report.findings == NULL || report.findings->len == 0, text);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    tell (self, FALSE, _ ("Stopped. Nothing was changed."));
  else
    tell (self, FALSE, error->message);
  /* What it left to be done is looked for at once. */
  if (changes_something (self->repair))
    galley_sync_service_retry_now (self->service);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0);
}

static void
start (GalleyRepairRow *self)
{
  if (self->cancellable != NULL)
    return;

  self->cancellable = g_cancellable_new ();
  gtk_widget_set_visible (self->outcome, FALSE);
  set_running (self, TRUE);
  galley_repair_run_async (self->repair, self->store, self->cancellable, ended_cb,
                           g_object_ref (self));
}

static void
answered_cb (GalleyRepairRow *self, const char *response)
{
  if (g_str_equal (response, "start"))
    start (self);
}

static void
ask (GalleyRepairRow *self)
{
  GtkWindow *parent = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkWidget *dialog = adw_message_dialog_new (parent, galley_repair_get_title (self->repair),
                                              galley_repair_get_preview (self->repair));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "start",
                                    _ ("_Start"), NULL);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (answered_cb), self, G_CONNECT_SWAPPED);
  galley_ui_close_with (GTK_WINDOW (dialog), parent);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
start_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyRepairRow *self = GALLEY_REPAIR_ROW (widget);

  if (changes_something (self->repair))
    ask (self);
  else
    start (self);
}

static void
stop_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyRepairRow *self = GALLEY_REPAIR_ROW (widget);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

static void
galley_repair_row_dispose (GObject *object)
{
  GalleyRepairRow *self = GALLEY_REPAIR_ROW (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->service);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_repair_row_parent_class)->dispose (object);
}

static void
galley_repair_row_class_init (GalleyRepairRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_repair_row_dispose;
  signals[SIGNAL_ENDED] = g_signal_new ("ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-repair-row.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyRepairRow, title);
  gtk_widget_class_bind_template_child (widget_class, GalleyRepairRow, preview);
  gtk_widget_class_bind_template_child (widget_class, GalleyRepairRow, start);
  gtk_widget_class_bind_template_child (widget_class, GalleyRepairRow, stop);
  gtk_widget_class_bind_template_child (widget_class, GalleyRepairRow, progress);
  gtk_widget_class_bind_template_child (widget_class, GalleyRepairRow, outcome);
  gtk_widget_class_bind_template_child (widget_class, GalleyRepairRow, icon);
  gtk_widget_class_bind_template_child (widget_class, GalleyRepairRow, result);
  gtk_widget_class_install_action (widget_class, "repair.start", NULL, start_action);
  gtk_widget_class_install_action (widget_class, "repair.stop", NULL, stop_action);
}

static void
galley_repair_row_init (GalleyRepairRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "repair.stop", FALSE);
}

GtkWidget *
galley_repair_row_new (GalleyStore *store, GalleySyncService *service, GalleyRepair repair)
{
  GalleyRepairRow *self = g_object_new (GALLEY_TYPE_REPAIR_ROW, NULL);

  self->store = g_object_ref (store);
  self->service = g_object_ref (service);
  self->repair = repair;
  gtk_label_set_text (self->title, galley_repair_get_title (repair));
  gtk_label_set_text (self->preview, galley_repair_get_preview (repair));
  gtk_button_set_label (self->start, changes_something (repair) ? _ ("Start…") : _ ("Start"));
  /* There are several that say the same. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->start), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  galley_repair_get_title (repair), -1);
  return GTK_WIDGET (self);
}

gboolean
galley_repair_row_is_running (GalleyRepairRow *self)
{
  g_return_val_if_fail (GALLEY_IS_REPAIR_ROW (self), FALSE);

  return self->cancellable != NULL;
}
