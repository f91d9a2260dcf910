/* galley-repair-page.c: what can be done when something is wrong, and the backups there are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-repair-page"

#include "ui/galley-repair-page.h"

#include "data/galley-local-backup.h"
#include "ui/galley-repair-row.h"
#include "ui/galley-support-window.h"
#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

struct _GalleyRepairPage
{
  GtkWidget parent_instance;

  GalleyStore *store; /* (nullable) */
  GtkWidget *content;
  GtkListBox *repairs;
  GtkListBox *backups;
};

G_DEFINE_FINAL_TYPE (GalleyRepairPage, galley_repair_page, GTK_TYPE_WIDGET)

/* ── backups ── */

static void
add_backup (GalleyRepairPage *self, const GalleyBackupFile *file)
{
  AdwActionRow *row = ADW_ACTION_ROW (adw_action_row_new ());
  g_autofree char *when = galley_words_for_exact_time (file->made_us);
  g_autofree char *size = g_format_size (file->size_bytes);
  g_autofree char *name = g_path_get_basename (file->path);
  g_autofree char *about = g_strdup_printf (file->bad
                                                /* Translators: a size, and the name of a file */
                                                ? _ ("%s · did not verify, kept apart · %s")
                                                : _ ("%s · sound when it was made · %s"),
                                            size, name);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), when);
  adw_action_row_set_subtitle (row, about);
  if (file->bad)
    adw_action_row_add_prefix (row, gtk_image_new_from_icon_name ("dialog-warning-symbolic"));
  gtk_list_box_append (self->backups, GTK_WIDGET (row));
}

static gpointer
list_backups (GalleyReader *reader, gpointer folder, GError **error)
{
  return galley_local_backup_list (folder, error);
}

static void
backups_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyRepairPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = galley_store_read_finish (GALLEY_STORE (source), result, &error);
  GtkWidget *child;

  if (files == NULL)
    g_debug ("no list of backups: %s", error->message);
  if (files == NULL || self->store == NULL)
    return;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->backups))) != NULL)
    gtk_list_box_remove (self->backups, child);
  for (guint i = 0; i < files->len; i++)
    add_backup (self, files->pdata[i]);
  if (files->len == 0)
    {
      GtkWidget *row = adw_action_row_new ();

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("No backup yet"));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                                   _ ("One is made each day in which something was done here."));
      gtk_list_box_append (self->backups, row);
    }
}

static void
show_backups (GalleyRepairPage *self)
{
  galley_store_read_async (self->store, list_backups,
                           g_strdup (galley_store_get_folder (self->store)), g_free,
                           (GDestroyNotify)g_ptr_array_unref, NULL, backups_listed_cb,
                           g_object_ref (self));
}

/* ── help from others ── */

static void
show_bundle_cb (GalleyRepairPage *self)
{
  GtkWindow *parent = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkWindow *window = GTK_WINDOW (galley_support_window_new (self->store));

  gtk_window_set_transient_for (window, parent);
  galley_ui_close_with (window, parent);
  gtk_window_present (window);
}

static void
add_bundle (GalleyRepairPage *self, GtkListBox *list)
{
  AdwActionRow *row = ADW_ACTION_ROW (adw_action_row_new ());
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("S_how…"));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Support Bundle"));
  adw_action_row_set_subtitle (row, _ ("What somebody needs to know who is to help you from afar. "
                                       "Shown before it is saved; without what you work on, unless "
                                       "you say so."));
  adw_action_row_set_subtitle_lines (row, 0);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_object (button, "clicked", G_CALLBACK (show_bundle_cb), self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (row, button);
  gtk_list_box_append (list, GTK_WIDGET (row));
}

/* ── the widget ── */

static void
galley_repair_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (galley_repair_page_parent_class)->map (widget);
  if (GALLEY_REPAIR_PAGE (widget)->store != NULL)
    show_backups (GALLEY_REPAIR_PAGE (widget));
}

static void
galley_repair_page_dispose (GObject *object)
{
  GalleyRepairPage *self = GALLEY_REPAIR_PAGE (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_repair_page_parent_class)->dispose (object);
}

static void
galley_repair_page_class_init (GalleyRepairPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_repair_page_dispose;
  widget_class->map = galley_repair_page_map;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static GtkListBox *
add_list (GalleyRepairPage *self, const char *heading)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, heading,
                                  -1);
  gtk_box_append (GTK_BOX (self->content), galley_ui_label_new (heading, "heading"));
  gtk_box_append (GTK_BOX (self->content), list);
  return GTK_LIST_BOX (list);
}

static void
galley_repair_page_init (GalleyRepairPage *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();

  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_margin_start (self->content, 12);
  gtk_widget_set_margin_end (self->content, 12);
  gtk_widget_set_margin_top (self->content, 6);
  gtk_widget_set_margin_bottom (self->content, 18);
  self->repairs = add_list (self, _ ("Repairs"));
  self->backups = add_list (self, _ ("Backups on This Computer"));
  add_bundle (self, add_list (self, _ ("Help From Others")));
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 860);
  adw_clamp_set_tightening_threshold (ADW_CLAMP (clamp), 860);
  adw_clamp_set_child (ADW_CLAMP (clamp), self->content);
  gtk_widget_set_focusable (scroller, FALSE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);
  gtk_widget_set_parent (scroller, GTK_WIDGET (self));
}

/**
 * galley_repair_page_set_store:
 *
 * Once.
 */
void
galley_repair_page_set_store (GalleyRepairPage *self,
                              GalleyStore *store,
                              GalleySyncService *service)
{
  g_return_if_fail (GALLEY_IS_REPAIR_PAGE (self) && self->store == NULL);

  self->store = g_object_ref (store);
  for (guint i = 0; i < GALLEY_N_REPAIRS; i++)
    {
      GtkWidget *row = galley_repair_row_new (store, service, i);

      g_signal_connect_object (row, "ended", G_CALLBACK (show_backups), self, G_CONNECT_SWAPPED);
      gtk_list_box_append (self->repairs, row);
    }
}
