/* galley-browser.c: the items of a project or of the inbox, as a grid of pictures or as a list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-browser"

#include "ui/galley-browser.h"

#include "ui/galley-item-columns.h"
#include "ui/galley-item-tile.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

/* As in galley-item-tile.ui, and of the grid in galley-browser.ui. */
#define TILE_WIDTH 152
#define MIN_COLUMNS 2
#define MAX_COLUMNS 12

struct _GalleyBrowser
{
  GtkWidget parent_instance;

  GalleyItemList *list;         /* (nullable) until there is a store */
  GtkSelectionModel *selection; /* (nullable) */
  GalleyItemQuery query;        /* its strings live in the widgets and in @filter */
  char *filter;                 /* a state, "conflict", or "" for all */
  gboolean list_mode;
  gboolean wants_focus; /* as soon as there is something to focus */
  int fitted_width;
  guint fit_source;

  GtkWidget *content;
  GtkSearchBar *search_bar;
  GtkEditable *search;
  GtkWidget *chips_scroller;
  GtkStack *stack;
  GtkGridView *grid;
  GtkColumnView *columns;
  GtkActionBar *selection_bar;
  GtkLabel *n_selected;
};

enum
{
  PROP_0,
  PROP_MODE,
  PROP_SEARCHING,
  PROP_N_ITEMS,
  PROP_FILTER,
  PROP_SORT,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  SIGNAL_OPEN,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static const char *const sort_names[] = {
  [GALLEY_SORT_NAME] = "name",
  [GALLEY_SORT_UPDATED] = "updated",
  [GALLEY_SORT_STATE] = "state",
};

G_DEFINE_FINAL_TYPE (GalleyBrowser, galley_browser, GTK_TYPE_WIDGET)

static gboolean
is_filtered (GalleyBrowser *self)
{
  return *self->filter != '\0' || *gtk_editable_get_text (self->search) != '\0';
}

static const char *
page_to_show (GalleyBrowser *self)
{
  if (self->list == NULL)
    return "loading";
  if (g_list_model_get_n_items (G_LIST_MODEL (self->list)) > 0)
    return self->list_mode ? "list" : "grid";
  if (!galley_item_list_is_ready (self->list))
    return "loading";
  if (is_filtered (self))
    return "not-found";

  return self->query.inbox ? "inbox-empty" : "project-empty";
}

static gboolean
focus_page (GalleyBrowser *self)
{
  const char *page = gtk_stack_get_visible_child_name (self->stack);
  GtkWidget *view = NULL;

  if (g_str_equal (page, "grid"))
    view = GTK_WIDGET (self->grid);
  if (g_str_equal (page, "list"))
    view = GTK_WIDGET (self->columns);
  /* The item that had the focus may have left the screen. */
  if (view != NULL)
    return gtk_widget_grab_focus (view) || gtk_widget_child_focus (view, GTK_DIR_TAB_FORWARD);

  return gtk_widget_child_focus (gtk_stack_get_visible_child (self->stack), GTK_DIR_TAB_FORWARD);
}

static void
update_page (GalleyBrowser *self)
{
  gtk_stack_set_visible_child_name (self->stack, page_to_show (self));
  if (self->wants_focus)
    self->wants_focus = !focus_page (self);
  gtk_widget_set_visible (self->chips_scroller, !self->query.inbox);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ITEMS]);
}

static void
ask (GalleyBrowser *self)
{
  if (self->list == NULL)
    return;

  self->query.search = gtk_editable_get_text (self->search);
  self->query.contested_only = g_str_equal (self->filter, "conflict");
  self->query.state = self->query.contested_only || *self->filter == '\0' ? NULL : self->filter;
  galley_item_list_set_query (self->list, &self->query);
  self->query.search = NULL;
  self->query.state = NULL;
  update_page (self);
}

static void
set_filter (GalleyBrowser *self, const char *filter)
{
  if (g_strcmp0 (self->filter, filter) == 0)
    return;

  g_free (self->filter);
  self->filter = g_strdup (filter);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FILTER]);
  ask (self);
}

/* ── selection ── */

static void
selection_changed_cb (GalleyBrowser *self)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (self->selection);
  guint n = gtk_bitset_get_size (selected);
  g_autofree char *text = g_strdup_printf (ngettext ("%u item selected", "%u items selected", n),
                                           n);

  gtk_label_set_text (self->n_selected, text);
  /* One is what the arrow keys stand on; several were chosen to do something with. */
  gtk_action_bar_set_revealed (self->selection_bar, n > 1);
}

static void
activate_cb (GalleyBrowser *self, guint position)
{
  g_autoptr (GalleyItem) item = g_list_model_get_item (G_LIST_MODEL (self->list), position);

  if (item != NULL)
    g_signal_emit (self, signals[SIGNAL_OPEN], 0, item);
}

static void
unselect (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyBrowser *self = GALLEY_BROWSER (widget);

  if (self->selection != NULL)
    gtk_selection_model_unselect_all (self->selection);
}

static void
clear_filter (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyBrowser *self = GALLEY_BROWSER (widget);

  gtk_editable_set_text (self->search, "");
  gtk_search_bar_set_search_mode (self->search_bar, FALSE);
  set_filter (self, "");
}

/* ── tiles ── */

static void
setup_tile_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  gtk_list_item_set_child (list_item, galley_item_tile_new ());
}

static void
bind_tile_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  galley_item_tile_set_item (GALLEY_ITEM_TILE (gtk_list_item_get_child (list_item)),
                             gtk_list_item_get_item (list_item));
}

static void
unbind_tile_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  galley_item_tile_set_item (GALLEY_ITEM_TILE (gtk_list_item_get_child (list_item)), NULL);
}

static void
sort_cb (GalleyItemSort sort, gboolean descending, gpointer user_data)
{
  galley_browser_sort (user_data, sort, descending);
}

/* ── the widget ── */

static void
galley_browser_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  gtk_widget_measure (GALLEY_BROWSER (widget)->content, orientation, for_size, minimum, natural,
                      minimum_baseline, natural_baseline);
}

/* The grid makes tiles for thirty rows of as many columns as it may ever have: no more than fit. */
static gboolean
fit_columns (gpointer user_data)
{
  GalleyBrowser *self = user_data;
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  self->fit_source = 0;
  galley_item_columns_set_width (self->columns, width);
  gtk_grid_view_set_max_columns (self->grid, CLAMP (width / TILE_WIDTH, MIN_COLUMNS, MAX_COLUMNS));
  return G_SOURCE_REMOVE;
}

static void
galley_browser_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GalleyBrowser *self = GALLEY_BROWSER (widget);

  gtk_widget_allocate (self->content, width, height, baseline, NULL);
  /* Columns come and go with the width, but not in the midst of an allocation. */
  if (self->fitted_width != width && self->fit_source == 0)
    self->fit_source = g_idle_add (fit_columns, self);
  self->fitted_width = width;
}

static void
galley_browser_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  GalleyBrowser *self = GALLEY_BROWSER (object);

  switch (property)
    {
    case PROP_MODE:
      g_value_set_string (value, self->list_mode ? "list" : "grid");
      break;
    case PROP_SEARCHING:
      g_value_set_boolean (value, gtk_search_bar_get_search_mode (self->search_bar));
      break;
    case PROP_N_ITEMS:
      if (self->list != NULL)
        g_object_get_property (G_OBJECT (self->list), "n-items", value);
      break;
    case PROP_FILTER:
      g_value_set_string (value, self->filter);
      break;
    case PROP_SORT:
      g_value_set_string (value, sort_names[self->query.sort]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

/* What was changed last is looked for at the top, names from A. */
static void
set_sort (GalleyBrowser *self, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (sort_names); i++)
    if (g_strcmp0 (sort_names[i], name) == 0)
      galley_browser_sort (self, i, i == GALLEY_SORT_UPDATED);
}

static void
set_mode (GalleyBrowser *self, const char *mode)
{
  GtkSelectionModel *none = NULL;

  self->list_mode = g_strcmp0 (mode, "list") == 0;
  /* Only the view on screen has the model: the other one would keep hundreds of rows alive. */
  gtk_grid_view_set_model (self->grid, self->list_mode ? none : self->selection);
  gtk_column_view_set_model (self->columns, self->list_mode ? self->selection : none);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODE]);
  update_page (self);
}

static void
galley_browser_set_property (GObject *object,
                             guint property,
                             const GValue *value,
                             GParamSpec *pspec)
{
  GalleyBrowser *self = GALLEY_BROWSER (object);

  switch (property)
    {
    case PROP_MODE:
      set_mode (self, g_value_get_string (value));
      break;
    case PROP_SEARCHING:
      gtk_search_bar_set_search_mode (self->search_bar, g_value_get_boolean (value));
      break;
    case PROP_FILTER:
      set_filter (self, g_value_get_string (value));
      break;
    case PROP_SORT:
      set_sort (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
galley_browser_dispose (GObject *object)
{
  GalleyBrowser *self = GALLEY_BROWSER (object);
  GtkWidget *child;

  g_clear_handle_id (&self->fit_source, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->list);
  G_OBJECT_CLASS (galley_browser_parent_class)->dispose (object);
}

static void
galley_browser_finalize (GObject *object)
{
  g_free (GALLEY_BROWSER (object)->filter);
  G_OBJECT_CLASS (galley_browser_parent_class)->finalize (object);
}

static void
galley_browser_class_init (GalleyBrowserClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = galley_browser_get_property;
  object_class->set_property = galley_browser_set_property;
  object_class->dispose = galley_browser_dispose;
  object_class->finalize = galley_browser_finalize;
  widget_class->measure = galley_browser_measure;
  widget_class->size_allocate = galley_browser_size_allocate;

  properties[PROP_MODE] = g_param_spec_string ("mode", NULL, NULL, "grid",
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SEARCHING] = g_param_spec_boolean ("searching", NULL, NULL, FALSE,
                                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_FILTER] = g_param_spec_string ("filter", NULL, NULL, "",
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SORT] = g_param_spec_string ("sort", NULL, NULL, "name",
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[SIGNAL_OPEN] = g_signal_new ("open", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 1, GALLEY_TYPE_ITEM);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-browser.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyBrowser, content);
  gtk_widget_class_bind_template_child (widget_class, GalleyBrowser, search_bar);
  gtk_widget_class_bind_template_child (widget_class, GalleyBrowser, search);
  gtk_widget_class_bind_template_child (widget_class, GalleyBrowser, chips_scroller);
  gtk_widget_class_bind_template_child (widget_class, GalleyBrowser, stack);
  gtk_widget_class_bind_template_child (widget_class, GalleyBrowser, grid);
  gtk_widget_class_bind_template_child (widget_class, GalleyBrowser, columns);
  gtk_widget_class_bind_template_child (widget_class, GalleyBrowser, selection_bar);
  gtk_widget_class_bind_template_child (widget_class, GalleyBrowser, n_selected);
  gtk_widget_class_install_property_action (widget_class, "browser.filter", "filter");
  gtk_widget_class_install_action (widget_class, "browser.clear-filter", NULL, clear_filter);
  gtk_widget_class_install_action (widget_class, "browser.unselect", NULL, unselect);
}

static void
search_mode_changed_cb (GalleyBrowser *self)
{
  if (!gtk_search_bar_get_search_mode (self->search_bar))
    {
      gtk_editable_set_text (self->search, "");
      if (gtk_widget_get_focus_child (GTK_WIDGET (self->search_bar)) != NULL)
        galley_browser_grab_focus (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCHING]);
}

static void
init_views (GalleyBrowser *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_tile_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_tile_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_tile_cb), NULL);
  gtk_grid_view_set_factory (self->grid, factory);
  galley_item_columns_add (self->columns, sort_cb, self);
  g_signal_connect_object (self->grid, "activate", G_CALLBACK (activate_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->columns, "activate", G_CALLBACK (activate_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
galley_browser_init (GalleyBrowser *self)
{
  self->filter = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
  init_views (self);
  galley_ui_name_inner (GTK_WIDGET (self->columns), _ ("Items"));

  gtk_search_bar_connect_entry (self->search_bar, self->search);
  gtk_search_bar_set_key_capture_widget (self->search_bar, GTK_WIDGET (self));
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (ask), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "activate", G_CALLBACK (galley_browser_grab_focus), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search_bar, "notify::search-mode-enabled",
                           G_CALLBACK (search_mode_changed_cb), self, G_CONNECT_SWAPPED);
}

/**
 * galley_browser_set_store:
 *
 * Once.
 */
void
galley_browser_set_store (GalleyBrowser *self, GalleyStore *store)
{
  g_return_if_fail (GALLEY_IS_BROWSER (self) && self->list == NULL);

  self->list = galley_item_list_new (store);
  self->selection = GTK_SELECTION_MODEL (
      gtk_multi_selection_new (g_object_ref (G_LIST_MODEL (self->list))));
  g_signal_connect_object (self->selection, "selection-changed", G_CALLBACK (selection_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "notify", G_CALLBACK (update_page), self, G_CONNECT_SWAPPED);
  set_mode (self, self->list_mode ? "list" : "grid");
}

void
galley_browser_show_inbox (GalleyBrowser *self)
{
  g_return_if_fail (GALLEY_IS_BROWSER (self));

  self->query.inbox = TRUE;
  memset (&self->query.project, 0, sizeof self->query.project);
  clear_filter (GTK_WIDGET (self), NULL, NULL);
  ask (self);
}

void
galley_browser_show_project (GalleyBrowser *self, const GalleyId *project)
{
  g_return_if_fail (GALLEY_IS_BROWSER (self) && project != NULL);

  if (!galley_id_equal (&self->query.project, project))
    clear_filter (GTK_WIDGET (self), NULL, NULL);
  self->query.inbox = FALSE;
  self->query.project = *project;
  ask (self);
}

/**
 * galley_browser_get_project:
 *
 * Returns: (transfer none) (nullable): %NULL while the inbox is shown
 */
const GalleyId *
galley_browser_get_project (GalleyBrowser *self)
{
  g_return_val_if_fail (GALLEY_IS_BROWSER (self), NULL);

  return galley_id_is_nil (&self->query.project) ? NULL : &self->query.project;
}

/**
 * galley_browser_get_list:
 *
 * Returns: (transfer none) (nullable): the items that are shown, in order
 */
GalleyItemList *
galley_browser_get_list (GalleyBrowser *self)
{
  g_return_val_if_fail (GALLEY_IS_BROWSER (self), NULL);

  return self->list;
}

/**
 * galley_browser_get_selected:
 *
 * Returns: (transfer full) (element-type GalleyItem): in order
 */
GPtrArray *
galley_browser_get_selected (GalleyBrowser *self)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) selected = NULL;
  GtkBitsetIter iter;
  guint position;

  g_return_val_if_fail (GALLEY_IS_BROWSER (self), items);

  selected = self->selection != NULL ? gtk_selection_model_get_selection (self->selection)
                                     : gtk_bitset_new_empty ();
  if (gtk_bitset_iter_init_first (&iter, selected, &position))
    do
      g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (self->list), position));
    while (gtk_bitset_iter_next (&iter, &position));

  return items;
}

/**
 * galley_browser_search:
 *
 * Shows the search entry and puts the focus there, also when it is shown already.
 */
void
galley_browser_search (GalleyBrowser *self)
{
  g_return_if_fail (GALLEY_IS_BROWSER (self));

  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

/**
 * galley_browser_grab_focus:
 *
 * To the items, or to what stands in their place; while they are loaded, as soon as they are there.
 */
void
galley_browser_grab_focus (GalleyBrowser *self)
{
  g_return_if_fail (GALLEY_IS_BROWSER (self));

  self->wants_focus = !focus_page (self);
}

void
galley_browser_sort (GalleyBrowser *self, GalleyItemSort sort, gboolean descending)
{
  g_return_if_fail (GALLEY_IS_BROWSER (self));

  self->query.sort = sort;
  self->query.descending = descending;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SORT]);
  ask (self);
}
