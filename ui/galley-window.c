/* galley-window.c: the window: places on the left, a page of items or of work on the right
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-window"

#include "ui/galley-window-private.h"

#include "ui/galley-ui.h"
#include "ui/galley-undo-offer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (GalleyWindow, galley_window, ADW_TYPE_APPLICATION_WINDOW)

/* ── what is shown ── */

static gboolean
is_browsing (GalleyWindow *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "browser") == 0;
}

static void
update_subtitle (GalleyWindow *self)
{
  guint n_items = 0;
  g_autofree char *text = NULL;

  g_object_get (self->browser, "n-items", &n_items, NULL);
  text = g_strdup_printf (ngettext ("%u item", "%u items", n_items), n_items);
  adw_window_title_set_subtitle (self->title, is_browsing (self) && n_items > 0 ? text : "");
}

/* Files go into a project: elsewhere there is nothing to import into. In a narrow window there is
 * room for the title or for the button; the menu has it as well. */
static void
update_import_button (GalleyWindow *self)
{
  gtk_widget_set_visible (self->import_button,
                          !adw_leaflet_get_folded (self->leaflet) && is_browsing (self) &&
                              galley_browser_get_project (self->browser) != NULL);
}

static void
show_page (GalleyWindow *self, const char *page, const char *title)
{
  gboolean browsing = g_str_equal (page, "browser");

  gtk_stack_set_visible_child_name (self->pages, page);
  gtk_widget_set_visible (self->browser_buttons, browsing);
  update_import_button (self);
  adw_window_title_set_title (self->title, title);
  adw_leaflet_set_visible_child_name (self->navigation, "places");
  adw_leaflet_set_visible_child (self->leaflet, self->content);
  update_subtitle (self);
}

static void
remember_place (GalleyWindow *self, GalleyPlace place, const GalleyId *project)
{
  g_autofree char *id = place == GALLEY_PLACE_PROJECT ? galley_id_to_string (project)
                                                      : g_strdup ("");

  if (self->settings != NULL && place <= GALLEY_PLACE_PROJECT)
    g_settings_set_string (self->settings, "place", id);
}

static void
place_chosen_cb (GalleyWindow *self, GalleyPlace place, const GalleyId *project, const char *name)
{
  switch (place)
    {
    case GALLEY_PLACE_INBOX:
      galley_browser_show_inbox (self->browser);
      show_page (self, "browser", name);
      break;
    case GALLEY_PLACE_PROJECT:
      galley_browser_show_project (self->browser, project);
      show_page (self, "browser", name);
      break;
    case GALLEY_PLACE_CONFLICTS:
      show_page (self, "conflicts", name);
      break;
    case GALLEY_PLACE_SYNC:
    default:
      show_page (self, "sync", name);
    }

  remember_place (self, place, project);
}

/* To what is shown, so that the keys are about that. */
void
galley_window_focus_place (GalleyWindow *self)
{
  if (is_browsing (self))
    galley_browser_grab_focus (self->browser);
  else
    gtk_widget_child_focus (gtk_stack_get_visible_child (self->pages), GTK_DIR_TAB_FORWARD);
}

static void
projects_loaded_cb (GalleyWindow *self)
{
  /* Chosen before its row was there. */
  if (!galley_id_is_nil (&self->new_project))
    galley_sidebar_select (self->sidebar, GALLEY_PLACE_PROJECT, &self->new_project);
  memset (&self->new_project, 0, sizeof self->new_project);
}

static void
show_first_place (GalleyWindow *self)
{
  g_autofree char *text = self->settings != NULL ? g_settings_get_string (self->settings, "place")
                                                 : g_strdup ("");

  if (galley_id_parse (text, &self->new_project, NULL))
    return;

  memset (&self->new_project, 0, sizeof self->new_project);
  galley_sidebar_select (self->sidebar, GALLEY_PLACE_INBOX, NULL);
}

static void add_drop_target (GalleyWindow *self, GtkWidget *widget);

/* The window stands sooner without what nobody has asked for yet.
 * @list: (nullable): what the item is one of */
static void
review_item (GalleyWindow *self, GalleyItemList *list, const GalleyId *item)
{
  if (self->review == NULL)
    {
      self->review = g_object_new (GALLEY_TYPE_REVIEW, NULL);
      galley_review_set_workspace (self->review, self->workspace, self->health);
      adw_bin_set_child (self->review_place, GTK_WIDGET (self->review));
      add_drop_target (self, GTK_WIDGET (self->review));
    }

  galley_review_open (self->review, list, item);
  adw_leaflet_set_visible_child_name (self->navigation, "review");
}

static void
show_item_cb (GalleyWindow *self, const GalleyId *item)
{
  review_item (self, NULL, item);
}

static void
item_opened_cb (GalleyWindow *self, GalleyItem *item)
{
  galley_window_open_item (self, galley_item_get_id (item));
}

static gboolean
dropped_cb (GalleyWindow *self, const GValue *value)
{
  g_autoptr (GListModel) files = galley_import_list_files (value);
  GalleyId project;

  if (g_list_model_get_n_items (files) == 0)
    return FALSE;
  if (!galley_window_get_project (self, &project))
    {
      galley_window_report (self, _ ("Choose a project first: files are imported into it."));
      return FALSE;
    }

  galley_import_files (self->import, &project, files);
  return TRUE;
}

/* Also onto an item under review: what is dropped becomes an item of its project. */
static void
add_drop_target (GalleyWindow *self, GtkWidget *widget)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", G_CALLBACK (dropped_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}

static void
imported_cb (GalleyWindow *self, const char *text, GArray *changes)
{
  if (changes->len > 0)
    galley_undo_offer (GTK_WIDGET (self), text, (const GalleyCommitted *)changes->data,
                       changes->len);
  else
    galley_window_report (self, text);
}

/* @joined: (nullable) */
static void
carried_cb (GalleyWindow *self, const char *text, const GalleyId *joined)
{
  galley_window_report (self, text);
  if (joined != NULL)
    galley_window_suggest_project (self, joined);
}

static void
navigated_cb (GalleyWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  /* After the slide: what slides out is still to be seen. */
  if (adw_leaflet_get_child_transition_running (self->navigation) ||
      galley_window_is_reviewing (self) || self->review == NULL)
    return;

  galley_review_close (self->review);
  /* Nobody can see what keys would do there. */
  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->review)))
    galley_window_focus_place (self);
}

/* ── the window ── */

static gboolean
galley_window_close_request (GtkWindow *window)
{
  GalleyWindow *self = GALLEY_WINDOW (window);
  int width, height;

  if (self->settings != NULL)
    {
      gtk_window_get_default_size (window, &width, &height);
      g_settings_set (self->settings, "window-size", "(ii)", width, height);
      g_settings_set_boolean (self->settings, "window-maximized", gtk_window_is_maximized (window));
    }

  return GTK_WINDOW_CLASS (galley_window_parent_class)->close_request (window);
}

static void
galley_window_dispose (GObject *object)
{
  GalleyWindow *self = GALLEY_WINDOW (object);

  galley_window_remove_actions (self);
  g_clear_object (&self->import);
  g_clear_object (&self->courier);
  g_clear_object (&self->health);
  g_clear_object (&self->workspace);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (galley_window_parent_class)->dispose (object);
}

static void
galley_window_finalize (GObject *object)
{
  g_free (GALLEY_WINDOW (object)->damage_message);
  G_OBJECT_CLASS (galley_window_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, navigation);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, content);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, title);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, browser);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, conflicts);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, sync_page);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, review_place);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, sync);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, browser_buttons);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, import_button);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, damage);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, damage_text);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, new_device);
  gtk_widget_class_bind_template_child (widget_class, GalleyWindow, new_device_text);
}

static void
galley_window_class_init (GalleyWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = galley_window_close_request;

  g_signal_new ("rebuild", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
  g_type_ensure (GALLEY_TYPE_SIDEBAR);
  g_type_ensure (GALLEY_TYPE_BROWSER);
  g_type_ensure (GALLEY_TYPE_CONFLICT_LIST);
  g_type_ensure (GALLEY_TYPE_SYNC_PAGE);
  g_type_ensure (GALLEY_TYPE_SYNC_BUTTON);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-window.ui");
  bind_children (widget_class);
}

static void
connect_signals (GalleyWindow *self)
{
  g_signal_connect_object (self->sidebar, "chosen", G_CALLBACK (place_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sidebar, "entered", G_CALLBACK (galley_window_focus_place), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sidebar, "loaded", G_CALLBACK (projects_loaded_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->browser, "open", G_CALLBACK (item_opened_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->browser, "notify::n-items", G_CALLBACK (update_subtitle), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->conflicts, "show-item", G_CALLBACK (show_item_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->leaflet, "notify::folded", G_CALLBACK (update_import_button), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->navigation, "notify::child-transition-running",
                           G_CALLBACK (navigated_cb), self, G_CONNECT_SWAPPED);
}

static void
galley_window_init (GalleyWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  galley_window_add_actions (self);
  connect_signals (self);
  add_drop_target (self, self->content);
}

/* NULL where the schema is not installed, as in tests. */
static GSettings *
open_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema)
      schema = source != NULL ? g_settings_schema_source_lookup (source, GALLEY_APP_ID, TRUE)
                              : NULL;

  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

static void
restore (GalleyWindow *self)
{
  int width, height;

  self->settings = open_settings ();
  if (self->settings == NULL)
    return;

  g_settings_get (self->settings, "window-size", "(ii)", &width, &height);
  if (width > 0 && height > 0)
    gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (g_settings_get_boolean (self->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  g_settings_bind (self->settings, "browser-mode", self->browser, "mode", G_SETTINGS_BIND_DEFAULT);
}

/**
 * galley_window_new:
 * @application: (nullable): %NULL in tests
 */
GtkWidget *
galley_window_new (GtkApplication *application, GalleyWorkspace *workspace)
{
  GalleyWindow *self = g_object_new (GALLEY_TYPE_WINDOW, "application", application, NULL);
  GalleyStore *store = galley_workspace_get_store (workspace);

  self->workspace = g_object_ref (workspace);
  self->health = galley_health_new (store, galley_workspace_get_service (workspace));
  self->import = galley_import_new (GTK_WINDOW (self), workspace);
  g_signal_connect_object (self->import, "done", G_CALLBACK (imported_cb), self, G_CONNECT_SWAPPED);
  self->courier = galley_courier_new (GTK_WINDOW (self), store);
  g_signal_connect_object (self->courier, "done", G_CALLBACK (carried_cb), self, G_CONNECT_SWAPPED);
  restore (self);
  galley_window_watch (self);
  galley_browser_set_store (self->browser, store);
  galley_conflict_list_set_store (self->conflicts, store);
  galley_sync_page_set_health (self->sync_page, self->health);
  galley_sync_button_set_health (self->sync, self->health);
  galley_sidebar_set_health (self->sidebar, self->health);
  show_first_place (self);
  return GTK_WIDGET (self);
}

GalleyWorkspace *
galley_window_get_workspace (GalleyWindow *self)
{
  g_return_val_if_fail (GALLEY_IS_WINDOW (self), NULL);

  return self->workspace;
}

/**
 * galley_window_show_project:
 * @project: shown at once, or as soon as it is listed
 */
void
galley_window_show_project (GalleyWindow *self, const GalleyId *project)
{
  g_return_if_fail (GALLEY_IS_WINDOW (self) && project != NULL);

  self->new_project = *project;
  galley_sidebar_select (self->sidebar, GALLEY_PLACE_PROJECT, project);
}

/**
 * galley_window_suggest_project:
 *
 * Shows it, unless the person has opened an item meanwhile: nobody is led away from that.
 */
void
galley_window_suggest_project (GalleyWindow *self, const GalleyId *project)
{
  g_return_if_fail (GALLEY_IS_WINDOW (self) && project != NULL);

  if (!galley_window_is_reviewing (self))
    galley_window_show_project (self, project);
}

void
galley_window_open_item (GalleyWindow *self, const GalleyId *item)
{
  review_item (self, galley_browser_get_list (self->browser), item);
}

gboolean
galley_window_is_reviewing (GalleyWindow *self)
{
  return g_strcmp0 (adw_leaflet_get_visible_child_name (self->navigation), "review") == 0;
}

/**
 * galley_window_get_project:
 * @project: (out): the one that is on screen, or whose item is
 *
 * Returns: %FALSE where things of several projects are shown, or of none
 */
gboolean
galley_window_get_project (GalleyWindow *self, GalleyId *project)
{
  const GalleyId *browsed = is_browsing (self) ? galley_browser_get_project (self->browser) : NULL;

  if (galley_window_is_reviewing (self))
    return galley_review_get_project (self->review, project);
  if (browsed == NULL)
    return FALSE;

  *project = *browsed;
  return TRUE;
}
