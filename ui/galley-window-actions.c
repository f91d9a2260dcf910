/* galley-window-actions.c: what a person can do in the window, by menu, key, or from elsewhere
 *
 * They are actions of the window's own group, which is also on the session bus.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-window-actions"

#include "ui/galley-window-private.h"

#include "data/galley-intent.h"
#include "ui/galley-connect-dialog.h"
#include "ui/galley-decide.h"
#include "ui/galley-policy-dialog.h"
#include "ui/galley-ui.h"
#include "ui/galley-undo-offer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* ── going somewhere ── */

static void
back_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;

  if (galley_window_is_reviewing (self))
    {
      adw_leaflet_set_visible_child_name (self->navigation, "places");
      galley_window_focus_place (self);
    }
  else
    adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
show_inbox_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;

  galley_sidebar_select (self->sidebar, GALLEY_PLACE_INBOX, NULL);
}

static void
show_conflicts_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;

  galley_sidebar_select (self->sidebar, GALLEY_PLACE_CONFLICTS, NULL);
}

/* Of a thing that is shown somewhere else. */
static void
show_conflict_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  GalleyId entity;

  if (!galley_id_parse (g_variant_get_string (parameter, NULL), &entity, NULL))
    return;
  galley_sidebar_select (self->sidebar, GALLEY_PLACE_CONFLICTS, NULL);
  galley_conflict_list_show (self->conflicts, &entity);
}

static void
settle_several_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;

  gtk_widget_activate_action (GTK_WIDGET (self->conflicts), "conflicts.settle-several", NULL);
}

static void
show_sync_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;

  galley_sidebar_select (self->sidebar, GALLEY_PLACE_SYNC, NULL);
}

/* From elsewhere, as the next one: a notice, a link, a script. */
static void
show_sync_tab_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;

  galley_sidebar_select (self->sidebar, GALLEY_PLACE_SYNC, NULL);
  galley_sync_page_show_tab (self->sync_page, g_variant_get_string (parameter, NULL));
}

static void
show_job_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;

  galley_sidebar_select (self->sidebar, GALLEY_PLACE_SYNC, NULL);
  galley_sync_page_show_job (self->sync_page, g_variant_get_int64 (parameter));
}

static void
show_first_project_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  GalleyId project;

  if (galley_sidebar_get_first_project (self->sidebar, &project))
    galley_sidebar_select (self->sidebar, GALLEY_PLACE_PROJECT, &project);
  else
    g_action_group_activate_action (G_ACTION_GROUP (self), "new-project", NULL);
}

static void
show_project_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyId project;

  if (galley_id_parse (g_variant_get_string (parameter, NULL), &project, NULL))
    galley_window_show_project (user_data, &project);
}

static void
open_item_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyId item;

  if (galley_id_parse (g_variant_get_string (parameter, NULL), &item, NULL))
    galley_window_open_item (user_data, &item);
}

static void
show_panel_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;

  if (self->review != NULL)
    gtk_widget_activate_action_variant (GTK_WIDGET (self->review), "review.show", parameter);
}

static void
sync_menu_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;

  if (galley_window_is_reviewing (self))
    galley_review_popup_sync (self->review);
  else
    galley_sync_button_popup (self->sync);
}

/* What is on screen, where it can be searched. */
static void
search_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  const char *page = gtk_stack_get_visible_child_name (self->pages);

  if (galley_window_is_reviewing (self))
    return;
  if (g_str_equal (page, "sync"))
    galley_sync_page_search (self->sync_page);
  else if (g_str_equal (page, "browser"))
    galley_browser_search (self->browser);
}

/* ── projects and files ── */

static void
project_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!galley_store_commit_finish (GALLEY_STORE (source), result, NULL, &error))
    {
      memset (&self->new_project, 0, sizeof self->new_project);
      galley_window_report (self, error->message);
    }
}

static void
make_project (GalleyWindow *self, const char *name)
{
  GalleyStore *store = galley_workspace_get_store (self->workspace);
  g_autoptr (GalleyDraft) draft = NULL;
  GalleyId project;

  galley_id_new (&project, galley_store_get_world (store));
  draft = galley_draft_new (&project, GALLEY_INTENT_CREATE_PROJECT);
  galley_intent_create_project (draft, name, 1, GALLEY_ROLE_REVIEWER);
  self->new_project = project; /* shown as soon as it is listed */
  galley_store_commit_async (store, draft, NULL, project_made_cb, g_object_ref (self));
}

static void
name_given_cb (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  GtkWidget *entry = adw_message_dialog_get_extra_child (dialog);
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry))));

  if (g_str_equal (response, "make") && *name != '\0')
    make_project (user_data, name);
}

static void
name_changed_cb (AdwMessageDialog *dialog, GtkEditable *entry)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (entry)));

  adw_message_dialog_set_response_enabled (dialog, "make", *name != '\0');
}

static void
new_project_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("New Project"),
                                              _ ("A project is what is shared, and who may see "
                                                 "it, as one."));
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ ("Name"));
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Name of the Project"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "make",
                                    _ ("_Make Project"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "make",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "make");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (dialog), "make", FALSE);
  g_signal_connect_object (entry, "changed", G_CALLBACK (name_changed_cb), dialog,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "response", G_CALLBACK (name_given_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
import_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  GalleyId project;

  if (galley_window_get_project (self, &project))
    galley_import_choose (self->import, &project);
  else if (galley_sidebar_get_first_project (self->sidebar, &project))
    galley_window_report (self, _ ("Choose a project first: files are imported into it."));
  else
    g_action_group_activate_action (G_ACTION_GROUP (self), "new-project", NULL);
}

static void
export_bundle_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  const char *name;
  GalleyId project;

  if (!galley_window_get_project (self, &project))
    return galley_window_report (self, _ ("Choose a project first: that is what is exported."));

  name = galley_sidebar_get_name (self->sidebar, &project);
  galley_courier_choose_export (self->courier, &project, name != NULL ? name : _ ("Project"));
}

static void
show_policies_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  GalleyId project;

  if (!galley_window_get_project (self, &project))
    return galley_window_report (self, _ ("Choose a project first: each has rules of its own."));

  gtk_window_present (GTK_WINDOW (
      galley_policy_dialog_new (GTK_WINDOW (self), galley_workspace_get_store (self->workspace),
                                &project)));
}

static void
import_bundle_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  galley_courier_choose_import (((GalleyWindow *)user_data)->courier);
}

/* Text goes where one is writing; a picture or a file never does. */
static gboolean
text_is_pasted (GalleyWindow *self, GdkClipboard *clipboard)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  return (GTK_IS_TEXT (focus) || GTK_IS_TEXT_VIEW (focus)) &&
         gdk_content_formats_contain_gtype (gdk_clipboard_get_formats (clipboard), G_TYPE_STRING) &&
         gtk_widget_activate_action (focus, "clipboard.paste", NULL);
}

static void
paste_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));
  GalleyId project;

  if (text_is_pasted (self, clipboard))
    return;

  if (galley_window_get_project (self, &project))
    galley_import_clipboard (self->import, &project, clipboard);
  else
    galley_window_report (self, _ ("Choose a project first: pictures are pasted into it."));
}

static void
connected_cb (GalleyWindow *self)
{
  galley_window_report (self, _ ("Connected. Everything made before is being shared."));
}

static void
connect_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  GtkWidget *dialog = galley_connect_dialog_new (GTK_WINDOW (self), self->workspace);

  g_signal_connect_object (dialog, "connected", G_CALLBACK (connected_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ── saying something ── */

static void
report_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  galley_window_report (user_data, g_variant_get_string (parameter, NULL));
}

/* ── many at once ── */

static void
decided_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyWindow) self = user_data;
  g_autoptr (GArray) saved = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (!galley_decide_finish (result, &saved, &error))
    galley_window_report (self, error->message);
  if (saved->len == 0)
    return;

  text = g_strdup_printf (ngettext ("Decision on %u item saved", "Decisions on %u items saved",
                                    saved->len),
                          saved->len);
  galley_undo_offer (GTK_WIDGET (self), text, (const GalleyCommitted *)saved->data, saved->len);
  gtk_widget_activate_action (GTK_WIDGET (self->browser), "browser.unselect", NULL);
}

static void
decide_selected_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  g_autoptr (GPtrArray) selected = galley_browser_get_selected (self->browser);
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  g_autoptr (GPtrArray)
      scopes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_decision_scope_free);

  /* A tile shows no notes: what blocks an approval must have been looked at. */
  for (guint i = 0; i < selected->len; i++)
    {
      const GalleyItemRow *row = galley_item_get_row (selected->pdata[i]);

      g_array_append_val (items, *galley_item_get_id (selected->pdata[i]));
      g_ptr_array_add (scopes, row != NULL ? galley_decision_scope_new (&row->file, 0) : NULL);
    }
  if (items->len > 0)
    galley_decide_async (galley_workspace_get_store (self->workspace), items, scopes,
                         g_variant_get_string (parameter, NULL), NULL, decided_cb,
                         g_object_ref (self));
}

/* Made when it is asked for: an application makes one with each window where it finds it by name.
 */
static void
show_shortcuts_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkApplicationWindow *window = user_data;
  g_autoptr (GtkBuilder) builder = NULL;

  if (gtk_application_window_get_help_overlay (window) == NULL)
    {
      builder = gtk_builder_new_from_resource (GALLEY_RESOURCES "/ui/galley-shortcuts.ui");
      gtk_application_window_set_help_overlay (window,
                                               GTK_SHORTCUTS_WINDOW (
                                                   gtk_builder_get_object (builder,
                                                                           "help_overlay")));
    }
  gtk_window_present (GTK_WINDOW (gtk_application_window_get_help_overlay (window)));
}

static const GActionEntry entries[] = {
  { "back", back_cb, NULL, NULL, NULL, { 0 } },
  { "show-inbox", show_inbox_cb, NULL, NULL, NULL, { 0 } },
  { "show-conflicts", show_conflicts_cb, NULL, NULL, NULL, { 0 } },
  { "show-conflict", show_conflict_cb, "s", NULL, NULL, { 0 } },
  { "settle-several", settle_several_cb, NULL, NULL, NULL, { 0 } },
  { "show-sync", show_sync_cb, NULL, NULL, NULL, { 0 } },
  { "show-sync-tab", show_sync_tab_cb, "s", NULL, NULL, { 0 } },
  { "show-job", show_job_cb, "x", NULL, NULL, { 0 } },
  { "show-first-project", show_first_project_cb, NULL, NULL, NULL, { 0 } },
  { "show-project", show_project_cb, "s", NULL, NULL, { 0 } },
  { "open-item", open_item_cb, "s", NULL, NULL, { 0 } },
  { "show-panel", show_panel_cb, "s", NULL, NULL, { 0 } },
  { "sync-menu", sync_menu_cb, NULL, NULL, NULL, { 0 } },
  { "show-help-overlay", show_shortcuts_cb, NULL, NULL, NULL, { 0 } },
  { "search", search_cb, NULL, NULL, NULL, { 0 } },
  { "new-project", new_project_cb, NULL, NULL, NULL, { 0 } },
  { "import", import_cb, NULL, NULL, NULL, { 0 } },
  { "show-policies", show_policies_cb, NULL, NULL, NULL, { 0 } },
  { "export-bundle", export_bundle_cb, NULL, NULL, NULL, { 0 } },
  { "import-bundle", import_bundle_cb, NULL, NULL, NULL, { 0 } },
  { "paste", paste_cb, NULL, NULL, NULL, { 0 } },
  { "connect", connect_cb, NULL, NULL, NULL, { 0 } },
  { "report", report_cb, "s", NULL, NULL, { 0 } },
  { "decide-selected", decide_selected_cb, "s", NULL, NULL, { 0 } },
};

static void
add_property_action (GalleyWindow *self, const char *name, const char *property)
{
  g_autoptr (GPropertyAction) action = g_property_action_new (name, self->browser, property);

  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
}

/* The menus of the header bar act on the browser, but do not stand within it. */
void
galley_window_add_actions (GalleyWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  galley_window_add_history_actions (self);
  galley_window_add_undo_actions (self);
  add_property_action (self, "view", "mode");
  add_property_action (self, "sort", "sort");
}

/**
 * galley_window_remove_actions:
 *
 * Those that hold the browser: it would outlive the window, and go on telling it of its mode.
 */
void
galley_window_remove_actions (GalleyWindow *self)
{
  g_action_map_remove_action (G_ACTION_MAP (self), "view");
  g_action_map_remove_action (G_ACTION_MAP (self), "sort");
}
