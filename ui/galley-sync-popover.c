/* galley-sync-popover.c: what is under way, at a glance, and the switch for working offline
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-popover"

#include "ui/galley-sync-popover.h"

#include "ui/galley-job-card.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

/* The rest is for the sync page. */
#define MAX_JOBS 4

struct _GalleySyncPopover
{
  GtkPopover parent_instance;

  GalleyHealth *health;     /* (nullable) */
  GtkFilterListModel *open; /* (nullable): the jobs that are not over */

  GtkImage *icon;
  GtkLabel *sentence;
  GtkLabel *detail;
  GtkListBox *jobs;
  GtkLabel *more;
  GtkWidget *offline_box;
  GtkSwitch *offline;
  GtkWidget *connect;
  GtkWidget *resolve;
};

G_DEFINE_FINAL_TYPE (GalleySyncPopover, galley_sync_popover, GTK_TYPE_POPOVER)

static gboolean
job_is_open (gpointer item, gpointer user_data)
{
  return galley_job_is_open (item) || galley_job_get_state (item) == GALLEY_JOB_FAILED;
}

static GtkWidget *
make_card (gpointer item, gpointer user_data)
{
  GalleySyncPopover *self = user_data;
  GtkWidget *card = galley_job_card_new (galley_health_get_service (self->health));

  galley_job_card_set_job (GALLEY_JOB_CARD (card), item);
  return card;
}

static void
update_jobs (GalleySyncPopover *self)
{
  guint n_open = g_list_model_get_n_items (G_LIST_MODEL (self->open));
  guint n_more = n_open > MAX_JOBS ? n_open - MAX_JOBS : 0;
  g_autofree char *more = g_strdup_printf (ngettext ("and %u more", "and %u more", n_more), n_more);

  gtk_widget_set_visible (GTK_WIDGET (self->jobs), n_open > 0);
  gtk_label_set_text (self->more, more);
  gtk_widget_set_visible (GTK_WIDGET (self->more), n_more > 0);
}

static void
update (GalleySyncPopover *self)
{
  GalleySyncService *service = galley_health_get_service (self->health);
  gboolean connected = galley_sync_service_get_state (service) != GALLEY_SYNC_LOCAL_ONLY;

  gtk_image_set_from_icon_name (self->icon, galley_health_get_icon_name (self->health));
  gtk_label_set_text (self->sentence, galley_health_get_sentence (self->health));
  gtk_label_set_text (self->detail, galley_health_get_detail (self->health));
  gtk_widget_set_visible (self->offline_box, connected);
  gtk_widget_set_visible (self->connect, !connected);
  gtk_widget_set_visible (self->resolve, galley_health_get_conflicts (self->health) > 0);
}

static void
galley_sync_popover_dispose (GObject *object)
{
  GalleySyncPopover *self = GALLEY_SYNC_POPOVER (object);

  g_clear_object (&self->open);
  g_clear_object (&self->health);
  G_OBJECT_CLASS (galley_sync_popover_parent_class)->dispose (object);
}

static void
galley_sync_popover_class_init (GalleySyncPopoverClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_sync_popover_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-sync-popover.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPopover, icon);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPopover, sentence);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPopover, detail);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPopover, jobs);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPopover, more);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPopover, offline_box);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPopover, offline);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPopover, connect);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPopover, resolve);
}

static void
galley_sync_popover_init (GalleySyncPopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
galley_sync_popover_set_health (GalleySyncPopover *self, GalleyHealth *health)
{
  GalleySyncService *service;
  GListModel *queue;
  g_autoptr (GtkSliceListModel) first = NULL;

  g_return_if_fail (GALLEY_IS_SYNC_POPOVER (self));

  if (!g_set_object (&self->health, health))
    return;

  service = galley_health_get_service (health);
  queue = G_LIST_MODEL (galley_sync_service_get_queue (service));
  g_clear_object (&self->open);
  self->open = gtk_filter_list_model_new (g_object_ref (queue),
                                          GTK_FILTER (
                                              gtk_custom_filter_new (job_is_open, NULL, NULL)));
  first = gtk_slice_list_model_new (g_object_ref (G_LIST_MODEL (self->open)), 0, MAX_JOBS);
  gtk_list_box_bind_model (self->jobs, G_LIST_MODEL (first), make_card, self, NULL);
  g_object_bind_property (service, "offline", self->offline, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_object (self->open, "items-changed", G_CALLBACK (update_jobs), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (health, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update_jobs (self);
  update (self);
}
