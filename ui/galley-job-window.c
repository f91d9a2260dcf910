/* galley-job-window.c: all that is known of one job, and what can be done about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job-window"

#include "ui/galley-job-window.h"

#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

struct _GalleyJobWindow
{
  AdwWindow parent_instance;

  GalleyStore *store;
  GalleySyncService *service;
  GalleyJob *job;
  GPtrArray *events; /* of GalleyJobEvent, oldest first; (nullable): not read yet */
  gboolean reading;
  gboolean read_again;

  GtkLabel *title;
  GtkLabel *summary;
  GtkProgressBar *progress;
  GtkWidget *retry;
  GtkWidget *pause;
  GtkWidget *resume;
  GtkWidget *first;
  GtkWidget *later;
  GtkWidget *normal;
  GtkWidget *cancel;
  GtkListBox *facts;
  GtkLabel *log;
};

G_DEFINE_FINAL_TYPE (GalleyJobWindow, galley_job_window, ADW_TYPE_WINDOW)

/* ── what is said ── */

static char *
format_time (gint64 time_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_us / G_USEC_PER_SEC);

  return time != NULL ? g_date_time_format (time, "%x %X") : g_strdup ("");
}

/* One line each, the newest first. */
static char *
format_events (const GPtrArray *events)
{
  GString *text = g_string_new (NULL);

  for (guint i = events->len; i > 0; i--)
    {
      const GalleyJobEvent *event = events->pdata[i - 1];
      g_autofree char *time = format_time (event->at_us);

      g_string_append_printf (text, "%s%s  %s", text->len > 0 ? "\n" : "", time, event->text);
    }

  return g_string_free (text, FALSE);
}

static const char *
describe_priority (int priority)
{
  return priority == GALLEY_JOB_FIRST   ? _ ("Before the others of its kind")
         : priority == GALLEY_JOB_LATER ? _ ("After the others of its kind")
                                        : _ ("In turn");
}

typedef void (*TakeFact) (const char *name, const char *value, gpointer data);

/* What is not so is not there. */
static void
tell_facts (GalleyJob *job, TakeFact take, gpointer data)
{
  const GalleyJobRow *row = galley_job_get_row (job);
  const char *hold = galley_job_hold_describe (galley_job_get_hold (job));
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT " · %s", row->id, row->kind);
  g_autofree char *attempts = g_strdup_printf ("%u", row->attempts);
  g_autofree char *created = format_time (row->created_us);
  g_autofree char *updated = format_time (row->updated_us);
  g_autofree char *next = format_time (row->next_attempt_us);

  if (row->cause != NULL)
    take (_ ("Why"), row->cause, data);
  if (row->state == GALLEY_JOB_QUEUED && hold != NULL)
    take (_ ("Held Back"), hold, data);
  if (row->error != NULL)
    take (_ ("Last Error"), row->error, data);
  if (row->attempts > 0)
    take (_ ("Attempts"), attempts, data);
  if (row->state == GALLEY_JOB_WAITING && row->next_attempt_us > 0)
    take (_ ("Next Attempt"), next, data);
  if (galley_job_can_run (job) && galley_job_is_open (job))
    take (_ ("Turn"), describe_priority (row->priority), data);
  take (_ ("Made"), created, data);
  take (_ ("Last Moved"), updated, data);
  take (_ ("Number and Kind"), number, data);
}

static void
add_fact_row (const char *name, const char *value, gpointer data)
{
  AdwActionRow *row = ADW_ACTION_ROW (adw_action_row_new ());

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (row, value);
  adw_action_row_set_subtitle_lines (row, 0);
  gtk_list_box_append (data, GTK_WIDGET (row));
}

static void
add_fact_line (const char *name, const char *value, gpointer data)
{
  g_string_append_printf (data, "%s: %s\n", name, value);
}

static void
show_facts (GalleyJobWindow *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->facts))) != NULL)
    gtk_list_box_remove (self->facts, child);
  tell_facts (self->job, add_fact_row, self->facts);
}

static void
set_possible (GalleyJobWindow *self, GtkWidget *button, const char *action, gboolean possible)
{
  gtk_widget_set_visible (button, possible);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), action, possible);
}

/* Only what applies is there. */
static void
show_actions (GalleyJobWindow *self, const GalleyJobRow *row)
{
  gboolean can_run = galley_job_can_run (self->job);
  gboolean open = galley_job_is_open (self->job);
  gboolean paused = row->state == GALLEY_JOB_PAUSED;

  set_possible (self, self->retry, "job.retry",
                can_run && (row->state == GALLEY_JOB_WAITING || row->state == GALLEY_JOB_FAILED ||
                            row->state == GALLEY_JOB_CANCELLED));
  set_possible (self, self->pause, "job.pause", can_run && open && !paused);
  set_possible (self, self->resume, "job.resume", paused);
  set_possible (self, self->first, "job.first",
                can_run && open && row->priority != GALLEY_JOB_FIRST);
  set_possible (self, self->later, "job.later",
                can_run && open && row->priority != GALLEY_JOB_LATER);
  set_possible (self, self->normal, "job.normal",
                can_run && open && row->priority != GALLEY_JOB_NORMAL);
  set_possible (self, self->cancel, "job.cancel", open);
}

static void
show_progress (GalleyJobWindow *self, const GalleyJobRow *row)
{
  gboolean known = row->total > 0 && galley_job_is_open (self->job);

  gtk_widget_set_visible (GTK_WIDGET (self->progress), known);
  if (known)
    gtk_progress_bar_set_fraction (self->progress, CLAMP ((double)row->done / row->total, 0, 1));
}

/* ── its log ── */

static void read_events (GalleyJobWindow *self);

static gpointer
read_log (GalleyReader *reader, gpointer data, GError **error)
{
  return galley_job_table_get_events (reader, *(gint64 *)data, error);
}

static void
log_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyJobWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  GPtrArray *events = galley_store_read_finish (GALLEY_STORE (source), result, &error);
  g_autofree char *text = NULL;

  self->reading = FALSE;
  if (self->job == NULL)
    {
      g_clear_pointer (&events, g_ptr_array_unref);
      return;
    }
  if (events == NULL)
    return gtk_label_set_text (self->log, error->message);

  g_clear_pointer (&self->events, g_ptr_array_unref);
  self->events = events;
  text = format_events (events);
  gtk_label_set_text (self->log, *text != '\0' ? text : _ ("Nothing worth noting yet."));
  if (self->read_again)
    read_events (self);
}

static void
read_events (GalleyJobWindow *self)
{
  gint64 id = galley_job_get_id (self->job);

  self->read_again = self->reading;
  if (self->reading)
    return;

  self->reading = TRUE;
  galley_store_read_async (self->store, read_log, g_memdup2 (&id, sizeof id), g_free,
                           (GDestroyNotify)g_ptr_array_unref, NULL, log_read_cb,
                           g_object_ref (self));
}

/* ── what moves ── */

static void
update_progress (GalleyJobWindow *self)
{
  g_autofree char *summary = galley_job_get_summary (self->job);

  if (g_strcmp0 (gtk_label_get_text (self->summary), summary) != 0)
    gtk_label_set_text (self->summary, summary);
  show_progress (self, galley_job_get_row (self->job));
}

static void
update (GalleyJobWindow *self)
{
  const GalleyJobRow *row = galley_job_get_row (self->job);

  gtk_label_set_text (self->title, row->title);
  update_progress (self);
  show_actions (self, row);
  show_facts (self);
  read_events (self);
}

static void
ask_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  static const struct
  {
    const char *action;
    GalleyJobAsk ask;
  } asks[] = {
    { "job.retry", GALLEY_JOB_ASK_RETRY },   { "job.pause", GALLEY_JOB_ASK_PAUSE },
    { "job.resume", GALLEY_JOB_ASK_RESUME }, { "job.cancel", GALLEY_JOB_ASK_CANCEL },
    { "job.first", GALLEY_JOB_ASK_FIRST },   { "job.later", GALLEY_JOB_ASK_LATER },
    { "job.normal", GALLEY_JOB_ASK_NORMAL },
  };
  GalleyJobWindow *self = GALLEY_JOB_WINDOW (widget);

  for (guint i = 0; i < G_N_ELEMENTS (asks); i++)
    if (g_str_equal (action, asks[i].action))
      galley_sync_service_ask (self->service, galley_job_get_id (self->job), asks[i].ask);
}

static void
copy_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyJobWindow *self = GALLEY_JOB_WINDOW (widget);
  g_autoptr (GString) text = g_string_new (galley_job_get_row (self->job)->title);
  g_autofree char *summary = galley_job_get_summary (self->job);
  g_autofree char *log = self->events != NULL ? format_events (self->events) : g_strdup ("");

  g_string_append_printf (text, "\n%s\n", summary);
  tell_facts (self->job, add_fact_line, text);
  g_string_append_printf (text, "\n%s\n", log);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text->str);
}

static void
galley_job_window_dispose (GObject *object)
{
  GalleyJobWindow *self = GALLEY_JOB_WINDOW (object);

  g_clear_object (&self->job);
  g_clear_object (&self->service);
  g_clear_object (&self->store);
  g_clear_pointer (&self->events, g_ptr_array_unref);
  G_OBJECT_CLASS (galley_job_window_parent_class)->dispose (object);
}

static void
galley_job_window_class_init (GalleyJobWindowClass *klass)
{
  static const char *const asks[] = { "job.retry", "job.pause", "job.resume", "job.cancel",
                                      "job.first", "job.later", "job.normal" };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_job_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-job-window.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, title);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, summary);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, progress);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, retry);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, pause);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, resume);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, first);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, later);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, normal);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, cancel);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, facts);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobWindow, log);
  for (guint i = 0; i < G_N_ELEMENTS (asks); i++)
    gtk_widget_class_install_action (widget_class, asks[i], NULL, ask_action);
  gtk_widget_class_install_action (widget_class, "job.copy", NULL, copy_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_w, GDK_CONTROL_MASK, "window.close",
                                       NULL);
}

static void
galley_job_window_init (GalleyJobWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * galley_job_window_new:
 * @job: follows it, wherever it is run
 *
 * Returns: (transfer none): a window, not on screen yet
 */
GtkWidget *
galley_job_window_new (GalleyStore *store, GalleySyncService *service, GalleyJob *job)
{
  GalleyJobWindow *self = g_object_new (GALLEY_TYPE_JOB_WINDOW, NULL);

  self->store = g_object_ref (store);
  self->service = g_object_ref (service);
  self->job = g_object_ref (job);
  g_signal_connect_object (job, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (job, "notify::summary", G_CALLBACK (update_progress), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (galley_sync_service_get_limits (service), "changed", G_CALLBACK (update),
                           self, G_CONNECT_SWAPPED);
  /* What is said of it is on disk a moment after it has moved. */
  g_signal_connect_object (store, "changed", G_CALLBACK (read_events), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
