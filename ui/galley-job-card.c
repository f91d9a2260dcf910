/* galley-job-card.c: one job as a row: what and why, how far, and what can be done about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job-card"

#include "ui/galley-job-card.h"

#include "ui/galley-tooltip.h"
#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

struct _GalleyJobCard
{
  GtkWidget parent_instance;

  GalleySyncService *service;
  GalleyJob *job; /* (nullable) */

  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *summary;
  GtkProgressBar *progress;
  GtkWidget *retry;
  GtkWidget *pause;
  GtkWidget *resume;
  GtkWidget *cancel;
};

G_DEFINE_FINAL_TYPE (GalleyJobCard, galley_job_card, GTK_TYPE_WIDGET)

static const char *
icon_for (const GalleyJobRow *row)
{
  switch (row->state)
    {
    case GALLEY_JOB_DONE:
      return "emblem-ok-symbolic";
    case GALLEY_JOB_FAILED:
      return "dialog-warning-symbolic";
    case GALLEY_JOB_CANCELLED:
      return "process-stop-symbolic";
    case GALLEY_JOB_PAUSED:
      return "media-playback-pause-symbolic";
    case GALLEY_JOB_QUEUED:
    case GALLEY_JOB_RUNNING:
    case GALLEY_JOB_WAITING:
    default:
      break;
    }

  if (row->waiting_for == GALLEY_WAIT_PERSON)
    return "dialog-warning-symbolic";
  if (g_strcmp0 (row->kind, "upload") == 0 || g_strcmp0 (row->kind, "push") == 0)
    return "go-up-symbolic";
  if (g_strcmp0 (row->kind, "download") == 0 || g_strcmp0 (row->kind, "pull") == 0)
    return "go-down-symbolic";

  return "emblem-system-symbolic";
}

/* Where it stands, when it is tried again, and why it is there at all. */
static char *
describe (GalleyJob *job)
{
  const GalleyJobRow *row = galley_job_get_row (job);
  g_autofree char *summary = galley_job_get_summary (job);
  GString *text = g_string_new (summary);

  if (row->state == GALLEY_JOB_WAITING && row->next_attempt_us > 0)
    {
      g_autoptr (GDateTime)
          next = g_date_time_new_from_unix_local (row->next_attempt_us / G_USEC_PER_SEC);
      g_autofree char *time = next != NULL ? g_date_time_format (next, "%X") : g_strdup ("");

      g_string_append (text, " · ");
      g_string_append_printf (text, _ ("next attempt at %s"), time);
    }
  if (row->attempts > 1 && row->state != GALLEY_JOB_DONE)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text,
                              ngettext ("%u attempt so far", "%u attempts so far", row->attempts),
                              row->attempts);
    }
  if (row->state == GALLEY_JOB_DONE && row->updated_us > 0)
    {
      g_autofree char *when = galley_words_for_time (row->updated_us, g_get_real_time ());

      g_string_append_printf (text, " · %s", when);
    }
  if (row->cause != NULL && *row->cause != '\0')
    g_string_append_printf (text, " · %s", row->cause);

  return g_string_free (text, FALSE);
}

static void
update_progress (GalleyJobCard *self, const GalleyJobRow *row)
{
  gboolean known = row->total > 0 && row->state == GALLEY_JOB_RUNNING;

  gtk_widget_set_visible (GTK_WIDGET (self->progress), known);
  if (known)
    gtk_progress_bar_set_fraction (self->progress, CLAMP ((double)row->done / row->total, 0, 1));
}

static void
update_actions (GalleyJobCard *self, GalleyJobState state)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean open = state == GALLEY_JOB_QUEUED || state == GALLEY_JOB_RUNNING ||
                  state == GALLEY_JOB_WAITING;
  /* What another program does can be stopped, and no more than that. */
  gboolean can_run = galley_job_can_run (self->job);
  gboolean can_retry = can_run && (state == GALLEY_JOB_WAITING || state == GALLEY_JOB_FAILED ||
                                   state == GALLEY_JOB_CANCELLED);

  /* Only what applies is there: a row of grey buttons says nothing. */
  gtk_widget_set_visible (self->retry, can_retry);
  gtk_widget_set_visible (self->pause, open && can_run);
  gtk_widget_set_visible (self->resume, state == GALLEY_JOB_PAUSED);
  gtk_widget_set_visible (self->cancel, open || state == GALLEY_JOB_PAUSED);
  gtk_widget_action_set_enabled (widget, "job.retry", can_retry);
  gtk_widget_action_set_enabled (widget, "job.pause", open && can_run);
  gtk_widget_action_set_enabled (widget, "job.resume", state == GALLEY_JOB_PAUSED);
  gtk_widget_action_set_enabled (widget, "job.cancel", open || state == GALLEY_JOB_PAUSED);
}

static void
update (GalleyJobCard *self)
{
  const GalleyJobRow *row;
  g_autofree char *text = NULL;
  g_autofree char *spoken = NULL;

  if (self->job == NULL)
    return;

  row = galley_job_get_row (self->job);
  text = describe (self->job);
  spoken = g_strdup_printf ("%s. %s", row->title, text);
  gtk_label_set_text (self->title, row->title);
  galley_tooltip_set (GTK_WIDGET (self->title), row->title);
  gtk_label_set_text (self->summary, text);
  galley_tooltip_set (GTK_WIDGET (self->summary), row->error);
  gtk_image_set_from_icon_name (self->icon, icon_for (row));
  update_progress (self, row);
  update_actions (self, row->state);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  /* The row around it is what takes the focus; before GTK 4.12 it can be named only from here. */
  if (gtk_widget_get_parent (GTK_WIDGET (self)) != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (GTK_WIDGET (self))),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
ask (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyJobCard *self = GALLEY_JOB_CARD (widget);
  GalleyJobAsk what = GALLEY_JOB_ASK_NONE;

  if (self->job == NULL)
    return;

  if (g_str_equal (action, "job.retry"))
    what = GALLEY_JOB_ASK_RETRY;
  else if (g_str_equal (action, "job.pause"))
    what = GALLEY_JOB_ASK_PAUSE;
  else if (g_str_equal (action, "job.resume"))
    what = GALLEY_JOB_ASK_RESUME;
  else
    what = GALLEY_JOB_ASK_CANCEL;

  galley_sync_service_ask (self->service, galley_job_get_id (self->job), what);
}

static void
galley_job_card_dispose (GObject *object)
{
  GalleyJobCard *self = GALLEY_JOB_CARD (object);
  GtkWidget *child;

  galley_job_card_set_job (self, NULL);
  g_clear_object (&self->service);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (galley_job_card_parent_class)->dispose (object);
}

static void
galley_job_card_class_init (GalleyJobCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_job_card_dispose;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-job-card.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyJobCard, icon);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobCard, title);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobCard, summary);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobCard, progress);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobCard, retry);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobCard, pause);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobCard, resume);
  gtk_widget_class_bind_template_child (widget_class, GalleyJobCard, cancel);
  gtk_widget_class_install_action (widget_class, "job.retry", NULL, ask);
  gtk_widget_class_install_action (widget_class, "job.pause", NULL, ask);
  gtk_widget_class_install_action (widget_class, "job.resume", NULL, ask);
  gtk_widget_class_install_action (widget_class, "job.cancel", NULL, ask);
}

static void
galley_job_card_init (GalleyJobCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  galley_tooltip_set (self->retry, _ ("Try Now"));
  galley_tooltip_set (self->pause, _ ("Pause"));
  galley_tooltip_set (self->resume, _ ("Resume"));
  galley_tooltip_set (self->cancel, _ ("Cancel"));
}

GtkWidget *
galley_job_card_new (GalleySyncService *service)
{
  GalleyJobCard *self = g_object_new (GALLEY_TYPE_JOB_CARD, NULL);

  self->service = g_object_ref (service);
  g_signal_connect_object (galley_sync_service_get_limits (service), "changed", G_CALLBACK (update),
                           self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

/**
 * galley_job_card_set_job:
 * @job: (nullable): what to show and follow from now on
 */
void
galley_job_card_set_job (GalleyJobCard *self, GalleyJob *job)
{
  g_return_if_fail (GALLEY_IS_JOB_CARD (self));

  if (self->job == job)
    return;

  if (self->job != NULL)
    g_signal_handlers_disconnect_by_func (self->job, update, self);
  g_set_object (&self->job, job);
  if (job == NULL)
    return;

  g_signal_connect_object (job, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
