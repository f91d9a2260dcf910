/* galley-sync-page.c: the backlog: is everything safe, what is under way, and what is stuck
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-page"

#include "ui/galley-sync-page.h"

#include "ui/galley-devices-page.h"
#include "ui/galley-job-card.h"
#include "ui/galley-job-history.h"
#include "ui/galley-job-window.h"
#include "ui/galley-journal-page.h"
#include "ui/galley-limits-menu.h"
#include "ui/galley-refused-list.h"
#include "ui/galley-repair-page.h"
#include "ui/galley-sync-plots.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

/* In the order of the drop-down. */
typedef enum
{
  SHOW_ALL,
  SHOW_NEEDS_YOU,
  SHOW_RUNNING,
  SHOW_WAITING,
  SHOW_DONE,
} Show;

struct _GalleySyncPage
{
  GtkWidget parent_instance;

  GalleyHealth *health;      /* (nullable) */
  GtkFilter *filter_of_jobs; /* (nullable) */
  GtkFilterListModel *shown; /* (nullable) */

  GtkImage *icon;
  GtkLabel *sentence;
  GtkLabel *detail;
  GtkWidget *retry;
  GtkToggleButton *paused;
  GtkToggleButton *offline;
  GtkMenuButton *limits;
  GtkWidget *connect;
  GtkStack *tabs;
  GalleySyncPlots *plots;
  GalleyRefusedList *refused;
  GtkDropDown *filter;
  GtkEditable *search;
  GtkLabel *count;
  GtkStack *stack;
  AdwStatusPage *empty;
  GtkScrolledWindow *scroller;
  GtkListView *list;
  GalleyJournalPage *journal;
  GalleyDevicesPage *devices;
  GalleyRepairPage *repair;
};

G_DEFINE_FINAL_TYPE (GalleySyncPage, galley_sync_page, GTK_TYPE_WIDGET)

static Show
place_of (const GalleyJobRow *row)
{
  switch (row->state)
    {
    case GALLEY_JOB_RUNNING:
      return SHOW_RUNNING;
    case GALLEY_JOB_FAILED:
      return SHOW_NEEDS_YOU;
    case GALLEY_JOB_WAITING:
      return row->waiting_for == GALLEY_WAIT_PERSON || row->waiting_for == GALLEY_WAIT_SIGN_IN
                 ? SHOW_NEEDS_YOU
                 : SHOW_WAITING;
    case GALLEY_JOB_QUEUED:
    case GALLEY_JOB_PAUSED:
      return SHOW_WAITING;
    case GALLEY_JOB_DONE:
    case GALLEY_JOB_CANCELLED:
    default:
      return SHOW_DONE;
    }
}

static gboolean
contains_words (const char *text, const char *folded)
{
  g_autofree char *folded_text = text != NULL ? g_utf8_casefold (text, -1) : NULL;

  return folded_text != NULL && strstr (folded_text, folded) != NULL;
}

static gboolean
job_is_shown (gpointer item, gpointer user_data)
{
  GalleySyncPage *self = user_data;
  const GalleyJobRow *row = galley_job_get_row (item);
  Show show = gtk_drop_down_get_selected (self->filter);
  g_autofree char *words = g_utf8_casefold (gtk_editable_get_text (self->search), -1);

  if (show != SHOW_ALL && place_of (row) != show)
    return FALSE;

  return *words == '\0' || contains_words (row->title, words) ||
         contains_words (row->kind, words) || contains_words (row->cause, words) ||
         contains_words (row->error, words);
}

static void
setup_card_cb (GalleySyncPage *self, GtkListItem *list_item)
{
  gtk_list_item_set_child (list_item,
                           galley_job_card_new (galley_health_get_service (self->health)));
}

static void
bind_card_cb (GalleySyncPage *self, GtkListItem *list_item)
{
  galley_job_card_set_job (GALLEY_JOB_CARD (gtk_list_item_get_child (list_item)),
                           gtk_list_item_get_item (list_item));
}

static void
unbind_card_cb (GalleySyncPage *self, GtkListItem *list_item)
{
  galley_job_card_set_job (GALLEY_JOB_CARD (gtk_list_item_get_child (list_item)), NULL);
}

static void
show_window (GalleySyncPage *self, GtkWidget *window)
{
  GtkWindow *parent = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));

  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  galley_ui_close_with (GTK_WINDOW (window), parent);
  gtk_window_present (GTK_WINDOW (window));
}

static void
show_details (GalleySyncPage *self, GalleyJob *job)
{
  show_window (self, galley_job_window_new (galley_health_get_store (self->health),
                                            galley_health_get_service (self->health), job));
}

static void
job_activated_cb (GalleySyncPage *self, guint position)
{
  g_autoptr (GalleyJob) job = g_list_model_get_item (G_LIST_MODEL (self->shown), position);

  if (job != NULL)
    show_details (self, job);
}

static void
update_count (GalleySyncPage *self)
{
  guint n_shown = g_list_model_get_n_items (G_LIST_MODEL (self->shown));
  guint n_all = g_list_model_get_n_items (gtk_filter_list_model_get_model (self->shown));
  /* Translators: how many jobs of all jobs are listed */
  g_autofree char *count = g_strdup_printf (_ ("%u of %u"), n_shown, n_all);

  gtk_label_set_text (self->count, count);
  gtk_stack_set_visible_child_name (self->stack, n_shown > 0 ? "jobs" : "empty");
  adw_status_page_set_title (self->empty, n_all > 0 ? _ ("No Such Jobs") : _ ("No Jobs"));
}

/* What runs and what needs somebody comes in at the top: whoever is there stays there. */
static void
jobs_changed_cb (GalleySyncPage *self, guint position)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  update_count (self);
  if (position == 0 && gtk_adjustment_get_value (adjustment) < 1 &&
      g_list_model_get_n_items (G_LIST_MODEL (self->shown)) > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", 0);
}

static void
filter_changed_cb (GalleySyncPage *self)
{
  if (self->filter_of_jobs != NULL)
    gtk_filter_changed (self->filter_of_jobs, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
update (GalleySyncPage *self)
{
  GalleySyncService *service = galley_health_get_service (self->health);
  gboolean connected = galley_sync_service_get_state (service) != GALLEY_SYNC_LOCAL_ONLY;

  gtk_image_set_from_icon_name (self->icon, galley_health_get_icon_name (self->health));
  gtk_label_set_text (self->sentence, galley_health_get_sentence (self->health));
  gtk_label_set_text (self->detail, galley_health_get_detail (self->health));
  gtk_widget_set_visible (self->connect, !connected || galley_sync_service_needs_sign_in (service));
  gtk_widget_set_visible (self->retry, connected);
  gtk_widget_set_visible (GTK_WIDGET (self->paused), connected);
  gtk_widget_set_visible (GTK_WIDGET (self->offline), connected);
  gtk_widget_set_visible (GTK_WIDGET (self->limits), connected);
  gtk_widget_set_visible (GTK_WIDGET (self->plots), connected);
}

static void
retry_now (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleySyncPage *self = GALLEY_SYNC_PAGE (widget);

  galley_sync_service_retry_now (galley_health_get_service (self->health));
}

static void
older_jobs (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleySyncPage *self = GALLEY_SYNC_PAGE (widget);

  show_window (self, galley_job_history_new (galley_health_get_store (self->health)));
}

static void
galley_sync_page_dispose (GObject *object)
{
  GalleySyncPage *self = GALLEY_SYNC_PAGE (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->shown);
  g_clear_object (&self->filter_of_jobs);
  g_clear_object (&self->health);
  G_OBJECT_CLASS (galley_sync_page_parent_class)->dispose (object);
}

static void
galley_sync_page_class_init (GalleySyncPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_sync_page_dispose;
  g_type_ensure (GALLEY_TYPE_DEVICES_PAGE);
  g_type_ensure (GALLEY_TYPE_JOURNAL_PAGE);
  g_type_ensure (GALLEY_TYPE_REFUSED_LIST);
  g_type_ensure (GALLEY_TYPE_REPAIR_PAGE);
  g_type_ensure (GALLEY_TYPE_SYNC_PLOTS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-sync-page.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, icon);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, sentence);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, detail);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, retry);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, paused);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, offline);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, limits);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, connect);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, tabs);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, journal);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, devices);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, repair);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, plots);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, refused);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, filter);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, search);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, count);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, stack);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, empty);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncPage, list);
  gtk_widget_class_install_action (widget_class, "sync.retry-now", NULL, retry_now);
  gtk_widget_class_install_action (widget_class, "sync.older-jobs", NULL, older_jobs);
}

static void
galley_sync_page_init (GalleySyncPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  galley_ui_name_drop_down (self->filter, _ ("Which Jobs"));
  g_signal_connect_object (self->filter, "notify::selected", G_CALLBACK (filter_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (filter_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
show_jobs (GalleySyncPage *self, GListModel *queue)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  self->filter_of_jobs = GTK_FILTER (gtk_custom_filter_new (job_is_shown, self, NULL));
  self->shown = gtk_filter_list_model_new (g_object_ref (queue),
                                           g_object_ref (self->filter_of_jobs));
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_card_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_card_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_card_cb), self, G_CONNECT_SWAPPED);
  selection = GTK_SELECTION_MODEL (
      gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->shown))));
  g_signal_connect_object (self->list, "activate", G_CALLBACK (job_activated_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, selection);
  g_object_unref (factory);
  g_signal_connect_object (self->shown, "items-changed", G_CALLBACK (jobs_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

/**
 * galley_sync_page_set_health:
 *
 * Once.
 */
void
galley_sync_page_set_health (GalleySyncPage *self, GalleyHealth *health)
{
  GalleySyncService *service;

  g_return_if_fail (GALLEY_IS_SYNC_PAGE (self) && self->health == NULL);

  self->health = g_object_ref (health);
  service = galley_health_get_service (health);
  galley_sync_plots_set_store (self->plots, galley_health_get_store (health));
  galley_refused_list_set_store (self->refused, galley_health_get_store (health));
  galley_journal_page_set_store (self->journal, galley_health_get_store (health));
  galley_devices_page_set_store (self->devices, galley_health_get_store (health), service);
  galley_repair_page_set_store (self->repair, galley_health_get_store (health), service);
  galley_limits_menu_attach (self->limits, service);
  show_jobs (self, G_LIST_MODEL (galley_sync_service_get_queue (service)));
  g_object_bind_property (service, "offline", self->offline, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property (service, "paused", self->paused, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_object (health, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update_count (self);
  update (self);
}

/**
 * galley_sync_page_show_job:
 * @id: of its row
 *
 * Returns: whether it is listed; its details are on screen then
 */
gboolean
galley_sync_page_show_job (GalleySyncPage *self, gint64 id)
{
  GalleyJobQueue *queue;
  GalleyJob *job;

  g_return_val_if_fail (GALLEY_IS_SYNC_PAGE (self), FALSE);

  queue = galley_sync_service_get_queue (galley_health_get_service (self->health));
  job = galley_job_queue_get_by_id (queue, id);
  if (job != NULL)
    show_details (self, job);
  return job != NULL;
}

/**
 * galley_sync_page_show_tab:
 * @name: jobs, journal, devices or repair; anything else is not shown
 */
void
galley_sync_page_show_tab (GalleySyncPage *self, const char *name)
{
  g_return_if_fail (GALLEY_IS_SYNC_PAGE (self));

  if (gtk_stack_get_child_by_name (self->tabs, name) != NULL)
    gtk_stack_set_visible_child_name (self->tabs, name);
}

void
galley_sync_page_search (GalleySyncPage *self)
{
  g_return_if_fail (GALLEY_IS_SYNC_PAGE (self));

  galley_sync_page_show_tab (self, "jobs");
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}
