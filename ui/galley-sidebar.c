/* galley-sidebar.c: the places of a workspace: inbox, projects, conflicts, sync
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sidebar"

#include "ui/galley-sidebar.h"

#include "ui/galley-tooltip.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _GalleySidebar
{
  GtkWidget parent_instance;

  GalleyHealth *health; /* (nullable) */
  gboolean reading;
  gboolean stale;
  gboolean rebuilding;
  GalleyPlace place; /* what is selected, also while its row is not there yet */
  GalleyId project;

  GtkListBox *list;
  GtkListBoxRow *conflicts;
  GtkListBoxRow *sync;
};

enum
{
  SIGNAL_CHOSEN,
  SIGNAL_ENTERED,
  SIGNAL_LOADED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleySidebar, galley_sidebar, GTK_TYPE_WIDGET)

/* What a row stands for. */
typedef struct
{
  GalleyPlace place;
  GalleyId project;
  char *name;
  GtkLabel *label;
  GtkLabel *badge;
  GtkImage *icon;
} Target;

static void
target_free (gpointer data)
{
  Target *target = data;

  g_free (target->name);
  g_free (target);
}

static Target *
target_of (GtkListBoxRow *row)
{
  return g_object_get_data (G_OBJECT (row), "galley-target");
}

static void
set_row_text (GtkListBoxRow *row, const char *name, const char *icon, const char *badge)
{
  Target *target = target_of (row);
  g_autofree char *spoken = *badge != '\0' ? g_strdup_printf ("%s, %s", name, badge)
                                           : g_strdup (name);

  g_free (target->name);
  target->name = g_strdup (name);
  gtk_label_set_text (target->label, name);
  gtk_label_set_text (target->badge, badge);
  gtk_widget_set_visible (GTK_WIDGET (target->badge), *badge != '\0');
  gtk_image_set_from_icon_name (target->icon, icon);
  galley_tooltip_set (GTK_WIDGET (row), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static GtkListBoxRow *
make_row (GalleyPlace place, const GalleyId *project)
{
  GtkListBoxRow *row = GTK_LIST_BOX_ROW (gtk_list_box_row_new ());
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  Target *target = g_new0 (Target, 1);

  target->place = place;
  if (project != NULL)
    target->project = *project;
  target->icon = GTK_IMAGE (gtk_image_new ());
  target->label = GTK_LABEL (gtk_label_new (NULL));
  target->badge = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (target->label, 0);
  gtk_label_set_ellipsize (target->label, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (target->label), TRUE);
  gtk_widget_set_valign (GTK_WIDGET (target->badge), GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (target->badge), "galley-count");
  gtk_widget_add_css_class (GTK_WIDGET (target->badge), "numeric");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (target->icon));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (target->label));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (target->badge));
  gtk_list_box_row_set_child (row, box);
  g_object_set_data_full (G_OBJECT (row), "galley-target", target, target_free);
  return row;
}

static void
update_fixed_rows (GalleySidebar *self)
{
  guint conflicts = galley_health_get_conflicts (self->health);
  GalleySyncService *service = galley_health_get_service (self->health);
  guint attention = galley_sync_service_get_attention (service);
  g_autofree char *n_conflicts = conflicts > 0 ? g_strdup_printf ("%u", conflicts) : g_strdup ("");
  g_autofree char *n_attention = attention > 0 ? g_strdup_printf ("%u", attention) : g_strdup ("");
  Target *target = target_of (self->conflicts);

  set_row_text (self->conflicts, _ ("Conflicts"), "galley-conflict-symbolic", n_conflicts);
  set_row_text (self->sync, _ ("Sync"), galley_health_get_icon_name (self->health), n_attention);
  if (conflicts > 0)
    gtk_widget_add_css_class (GTK_WIDGET (target->badge), "attention");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (target->badge), "attention");
}

/* ── projects ── */

static gboolean
is_selected (GalleySidebar *self, const Target *target)
{
  return target->place == self->place && (target->place != GALLEY_PLACE_PROJECT ||
                                          galley_id_equal (&target->project, &self->project));
}

static GtkListBoxRow *
find_row (GalleySidebar *self, gboolean (*matches) (GalleySidebar *self, const Target *target))
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (matches (self, target_of (row)))
      return row;

  return NULL;
}

static void
show_projects (GalleySidebar *self, GPtrArray *projects)
{
  GtkListBoxRow *row;
  int at = 1; /* below the inbox */

  self->rebuilding = TRUE;
  for (guint i = 0; i < projects->len; i++, at++)
    {
      const GalleyProjectRow *project = projects->pdata[i];
      g_autofree char *count = project->n_items > 0 ? g_strdup_printf ("%u", project->n_items)
                                                    : g_strdup ("");

      row = gtk_list_box_get_row_at_index (self->list, at);
      if (target_of (row)->place != GALLEY_PLACE_PROJECT)
        {
          row = make_row (GALLEY_PLACE_PROJECT, &project->id);
          gtk_list_box_insert (self->list, GTK_WIDGET (row), at);
        }
      /* Rows are filled anew rather than made anew: the focus stays where it is. */
      target_of (row)->project = project->id;
      set_row_text (row, project->name,
                    project->shared ? "galley-shared-symbolic" : "folder-symbolic", count);
    }
  while (target_of (row = gtk_list_box_get_row_at_index (self->list, at))->place ==
         GALLEY_PLACE_PROJECT)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));

  gtk_list_box_invalidate_headers (self->list);
  row = find_row (self, is_selected);
  if (row != NULL)
    gtk_list_box_select_row (self->list, row);
  self->rebuilding = FALSE;
}

static gpointer
read_projects (GalleyReader *reader, gpointer data, GError **error)
{
  return galley_reader_list_projects (reader, error);
}

static void read_again (GalleySidebar *self);

static void
projects_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleySidebar) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) projects = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->reading = FALSE;
  if (self->health == NULL)
    return;

  if (projects != NULL)
    {
      show_projects (self, projects);
      g_signal_emit (self, signals[SIGNAL_LOADED], 0);
    }
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.report", "s", error->message);
  if (self->stale)
    read_again (self);
}

static void
read_again (GalleySidebar *self)
{
  self->stale = self->reading;
  if (self->reading)
    return;

  self->reading = TRUE;
  galley_store_read_async (galley_health_get_store (self->health), read_projects, NULL, NULL,
                           (GDestroyNotify)g_ptr_array_unref, NULL, projects_read_cb,
                           g_object_ref (self));
}

static void
store_changed_cb (GalleySidebar *self, const GalleyTouched *touched)
{
  gboolean ours = touched->everything || touched->conflicts;

  for (guint i = 0; !ours && i < touched->entities->len; i++)
    {
      guint8 kind = g_array_index (touched->entities, GalleyTouchedEntity, i).kind;

      ours = kind == GALLEY_KIND_PROJECT || kind == GALLEY_KIND_ITEM;
    }

  if (ours)
    read_again (self);
}

/* ── the widget ── */

static void
choose (GalleySidebar *self, const Target *target)
{
  g_signal_emit (self, signals[SIGNAL_CHOSEN], 0, target->place,
                 target->place == GALLEY_PLACE_PROJECT ? &target->project : NULL, target->name);
}

static void
row_selected_cb (GalleySidebar *self, GtkListBoxRow *row)
{
  const Target *target = row != NULL ? target_of (row) : NULL;

  if (target == NULL || self->rebuilding || is_selected (self, target))
    return;

  self->place = target->place;
  self->project = target->project;
  choose (self, target);
}

/* Also when it is selected already: folded, a click leads to its page. */
static void
row_activated_cb (GalleySidebar *self, GtkListBoxRow *row)
{
  choose (self, target_of (row));
  g_signal_emit (self, signals[SIGNAL_ENTERED], 0);
}

static void
update_header_cb (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user_data)
{
  GalleyPlace place = target_of (row)->place;
  GalleyPlace place_before = before != NULL ? target_of (before)->place : place;
  GtkWidget *header;

  if (place == place_before || place == GALLEY_PLACE_SYNC)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  if (gtk_list_box_row_get_header (row) != NULL && place != GALLEY_PLACE_PROJECT)
    return;

  header = place == GALLEY_PLACE_PROJECT ? gtk_label_new (_ ("Projects"))
                                         : gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  if (GTK_IS_LABEL (header))
    gtk_label_set_xalign (GTK_LABEL (header), 0);
  gtk_widget_add_css_class (header, "galley-sidebar-header");
  gtk_list_box_row_set_header (row, header);
}

/* One stop for Tab, and the arrow keys within: by itself the list would go to every place that Tab
 * passes. */
static gboolean
galley_sidebar_focus (GtkWidget *widget, GtkDirectionType direction)
{
  GalleySidebar *self = GALLEY_SIDEBAR (widget);
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  if (direction != GTK_DIR_TAB_FORWARD && direction != GTK_DIR_TAB_BACKWARD)
    return GTK_WIDGET_CLASS (galley_sidebar_parent_class)->focus (widget, direction);
  if (gtk_widget_get_focus_child (widget) != NULL)
    return FALSE;
  if (row == NULL)
    row = gtk_list_box_get_row_at_index (self->list, 0);

  return gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
galley_sidebar_dispose (GObject *object)
{
  GalleySidebar *self = GALLEY_SIDEBAR (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->health);
  G_OBJECT_CLASS (galley_sidebar_parent_class)->dispose (object);
}

static void
galley_sidebar_class_init (GalleySidebarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_sidebar_dispose;
  widget_class->focus = galley_sidebar_focus;
  signals[SIGNAL_CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_INT,
                                         G_TYPE_POINTER, G_TYPE_STRING);
  signals[SIGNAL_ENTERED] = g_signal_new ("entered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_LOADED] = g_signal_new ("loaded", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleySidebar, list);
}

static void
galley_sidebar_init (GalleySidebar *self)
{
  GtkListBoxRow *inbox;

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_header_func (self->list, update_header_cb, NULL, NULL);

  inbox = make_row (GALLEY_PLACE_INBOX, NULL);
  self->conflicts = make_row (GALLEY_PLACE_CONFLICTS, NULL);
  self->sync = make_row (GALLEY_PLACE_SYNC, NULL);
  set_row_text (inbox, _ ("Inbox"), "galley-inbox-symbolic", "");
  set_row_text (self->conflicts, _ ("Conflicts"), "galley-conflict-symbolic", "");
  set_row_text (self->sync, _ ("Sync"), "galley-sync-local-symbolic", "");
  gtk_list_box_append (self->list, GTK_WIDGET (inbox));
  gtk_list_box_append (self->list, GTK_WIDGET (self->conflicts));
  gtk_list_box_append (self->list, GTK_WIDGET (self->sync));
  g_signal_connect_object (self->list, "row-selected", G_CALLBACK (row_selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (row_activated_cb), self,
                           G_CONNECT_SWAPPED);
}

/**
 * galley_sidebar_set_health:
 *
 * Once.
 */
void
galley_sidebar_set_health (GalleySidebar *self, GalleyHealth *health)
{
  g_return_if_fail (GALLEY_IS_SIDEBAR (self) && self->health == NULL);

  self->health = g_object_ref (health);
  g_signal_connect_object (health, "changed", G_CALLBACK (update_fixed_rows), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (galley_health_get_store (health), "changed",
                           G_CALLBACK (store_changed_cb), self, G_CONNECT_SWAPPED);
  update_fixed_rows (self);
  read_again (self);
}

/**
 * galley_sidebar_select:
 * @project: (nullable): which, with %GALLEY_PLACE_PROJECT; its row may come later
 *
 * "chosen" is emitted at once when the row is there.
 */
void
galley_sidebar_select (GalleySidebar *self, GalleyPlace place, const GalleyId *project)
{
  GtkListBoxRow *row;

  g_return_if_fail (GALLEY_IS_SIDEBAR (self));

  self->place = place;
  memset (&self->project, 0, sizeof self->project);
  if (project != NULL)
    self->project = *project;
  row = find_row (self, is_selected);
  if (row == NULL)
    return;

  gtk_list_box_select_row (self->list, row);
  choose (self, target_of (row));
  g_signal_emit (self, signals[SIGNAL_ENTERED], 0);
}

/**
 * galley_sidebar_get_name:
 *
 * Returns: (transfer none) (nullable): what the project is called; %NULL when it is not listed
 */
const char *
galley_sidebar_get_name (GalleySidebar *self, const GalleyId *project)
{
  GtkListBoxRow *row;

  g_return_val_if_fail (GALLEY_IS_SIDEBAR (self) && project != NULL, NULL);

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (target_of (row)->place == GALLEY_PLACE_PROJECT &&
        galley_id_equal (&target_of (row)->project, project))
      return target_of (row)->name;

  return NULL;
}

/**
 * galley_sidebar_get_first_project:
 * @project: (out)
 *
 * Returns: %FALSE when there is none
 */
gboolean
galley_sidebar_get_first_project (GalleySidebar *self, GalleyId *project)
{
  GtkListBoxRow *row;

  g_return_val_if_fail (GALLEY_IS_SIDEBAR (self), FALSE);

  row = gtk_list_box_get_row_at_index (self->list, 1);
  if (row == NULL || target_of (row)->place != GALLEY_PLACE_PROJECT)
    return FALSE;

  *project = target_of (row)->project;
  return TRUE;
}
