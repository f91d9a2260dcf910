/* galley-page-strip.c: the pages of an asset one below the other, small; the current one is chosen
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-page-strip"

#include "ui/galley-page-strip.h"

#include "ui/galley-page-thumbnail.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define MAX_LOADING 2

struct _GalleyPageStrip
{
  GtkWidget parent_instance;

  GalleyCanvas *canvas; /* (nullable) */
  gboolean updating;    /* the list follows the canvas, and not the other way round */
  GPtrArray *rows;      /* of GalleyPageThumbnail, borrowed: those that show a page */
  guint n_loading;
  guint start; /* source id, or 0 */

  GtkWidget *scrolled;
  GtkWidget *list;
  GtkStringList *pages; /* their numbers */
  GtkSingleSelection *selection;
};

enum
{
  PROP_CANVAS = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GalleyPageStrip, galley_page_strip, GTK_TYPE_WIDGET)

/* A list binds more rows than can be seen. Those nearest to the middle come first, and few at a
 * time: the page itself is drawn by the same process. */
static double
distance_from_view (GalleyPageStrip *self, GtkWidget *row)
{
  graphene_rect_t bounds;

  if (!gtk_widget_get_mapped (row) || !gtk_widget_compute_bounds (row, self->scrolled, &bounds))
    return G_MAXDOUBLE;

  return fabs (bounds.origin.y + bounds.size.height / 2 -
               gtk_widget_get_height (self->scrolled) / 2.0);
}

static GalleyPageThumbnail *
find_next (GalleyPageStrip *self)
{
  GalleyPageThumbnail *next = NULL;
  double nearest = G_MAXDOUBLE;

  for (guint i = 0; i < self->rows->len; i++)
    {
      GalleyPageThumbnail *row = g_ptr_array_index (self->rows, i);
      double distance = distance_from_view (self, GTK_WIDGET (row));

      if (galley_page_thumbnail_is_wanting (row) && (next == NULL || distance < nearest))
        {
          nearest = distance;
          next = row;
        }
    }
  return next;
}

static void
load_next (GalleyPageStrip *self)
{
  GalleyPageThumbnail *next;

  while (self->n_loading < MAX_LOADING && (next = find_next (self)) != NULL)
    {
      self->n_loading++;
      galley_page_thumbnail_load (next);
    }
}

static gboolean
start_loading_cb (gpointer user_data)
{
  GalleyPageStrip *self = user_data;

  self->start = 0;
  load_next (self);
  return G_SOURCE_REMOVE;
}

/* Not before the list has its places. */
static void
wanting_cb (GalleyPageStrip *self)
{
  if (self->start == 0)
    self->start = g_idle_add (start_loading_cb, self);
}

static void
loaded_cb (GalleyPageStrip *self)
{
  self->n_loading--;
  load_next (self);
}

static void
set_up_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *thumbnail = galley_page_thumbnail_new ();
  GtkWidget *number = gtk_label_new (NULL);

  g_signal_connect_object (thumbnail, "wanting", G_CALLBACK (wanting_cb), user_data,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (thumbnail, "loaded", G_CALLBACK (loaded_cb), user_data,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (number, "caption");
  gtk_widget_add_css_class (number, "numeric");
  gtk_box_append (GTK_BOX (box), thumbnail);
  gtk_box_append (GTK_BOX (box), number);
  gtk_list_item_set_child (item, box);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GalleyPageStrip *self = user_data;
  GtkWidget *box = gtk_list_item_get_child (item);
  GtkWidget *thumbnail = gtk_widget_get_first_child (box);
  GtkStringObject *string = gtk_list_item_get_item (item);
  guint page = gtk_list_item_get_position (item) + 1;

  gtk_label_set_text (GTK_LABEL (gtk_widget_get_last_child (box)),
                      gtk_string_object_get_string (string));
  g_ptr_array_add (self->rows, thumbnail);
  if (self->canvas != NULL)
    galley_page_thumbnail_show_page (GALLEY_PAGE_THUMBNAIL (thumbnail),
                                     galley_canvas_get_source (self->canvas),
                                     galley_canvas_get_marks (self->canvas), page);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GalleyPageStrip *self = user_data;
  GtkWidget *thumbnail = gtk_widget_get_first_child (gtk_list_item_get_child (item));

  g_ptr_array_remove (self->rows, thumbnail);
  galley_page_thumbnail_show_page (GALLEY_PAGE_THUMBNAIL (thumbnail), NULL, NULL, 0);
}

static void
show_current (GalleyPageStrip *self)
{
  guint page = galley_canvas_get_page (self->canvas);
  guint count = g_list_model_get_n_items (G_LIST_MODEL (self->pages));

  if (page == 0 || page > count)
    return;

  self->updating = TRUE;
  gtk_single_selection_set_selected (self->selection, page - 1);
  self->updating = FALSE;
  gtk_widget_activate_action (self->list, "list.scroll-to-item", "u", page - 1);
}

/* All rows anew: source and marks belong to the asset, not to a page. */
static void
rebuild (GalleyPageStrip *self)
{
  guint count = self->canvas != NULL ? galley_canvas_get_n_pages (self->canvas) : 0;
  g_autoptr (GPtrArray) numbers = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 1; i <= count; i++)
    /* Translators: the number of a page */
    g_ptr_array_add (numbers, g_strdup_printf (_ ("Page %u"), i));
  g_ptr_array_add (numbers, NULL);

  self->updating = TRUE;
  gtk_string_list_splice (self->pages, 0, g_list_model_get_n_items (G_LIST_MODEL (self->pages)),
                          (const char *const *)numbers->pdata);
  self->updating = FALSE;
  if (self->canvas != NULL)
    show_current (self);
}

static void
selected_cb (GalleyPageStrip *self)
{
  guint selected = gtk_single_selection_get_selected (self->selection);

  if (!self->updating && self->canvas != NULL && selected != GTK_INVALID_LIST_POSITION)
    galley_canvas_set_page (self->canvas, selected + 1);
}

static void
galley_page_strip_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  GalleyPageStrip *self = GALLEY_PAGE_STRIP (object);

  switch (prop)
    {
    case PROP_CANVAS:
      g_value_set_object (value, self->canvas);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
galley_page_strip_set_property (GObject *object, guint prop, const GValue *value, GParamSpec *pspec)
{
  GalleyPageStrip *self = GALLEY_PAGE_STRIP (object);

  switch (prop)
    {
    case PROP_CANVAS:
      galley_page_strip_set_canvas (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
galley_page_strip_dispose (GObject *object)
{
  GalleyPageStrip *self = GALLEY_PAGE_STRIP (object);

  if (self->canvas != NULL)
    g_signal_handlers_disconnect_by_data (self->canvas, self);
  g_clear_object (&self->canvas);
  g_clear_handle_id (&self->start, g_source_remove);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->pages);
  G_OBJECT_CLASS (galley_page_strip_parent_class)->dispose (object);
}

static void
galley_page_strip_finalize (GObject *object)
{
  g_ptr_array_unref (GALLEY_PAGE_STRIP (object)->rows);
  G_OBJECT_CLASS (galley_page_strip_parent_class)->finalize (object);
}

static void
galley_page_strip_class_init (GalleyPageStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = galley_page_strip_get_property;
  object_class->set_property = galley_page_strip_set_property;
  object_class->dispose = galley_page_strip_dispose;
  object_class->finalize = galley_page_strip_finalize;
  props[PROP_CANVAS] = g_param_spec_object ("canvas", NULL, NULL, GALLEY_TYPE_CANVAS,
                                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "page-strip");
}

static void
galley_page_strip_init (GalleyPageStrip *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  self->rows = g_ptr_array_new ();
  g_signal_connect (factory, "setup", G_CALLBACK (set_up_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  self->pages = gtk_string_list_new (NULL);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->pages)));
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  self->list = gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Pages"), -1);
  gtk_widget_add_css_class (self->list, "navigation-sidebar");

  self->scrolled = gtk_scrolled_window_new ();
  gtk_widget_set_focusable (self->scrolled, FALSE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->list);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
}

/**
 * galley_page_strip_new:
 * @canvas: (nullable): see galley_page_strip_set_canvas()
 */
GtkWidget *
galley_page_strip_new (GalleyCanvas *canvas)
{
  return g_object_new (GALLEY_TYPE_PAGE_STRIP, "canvas", canvas, NULL);
}

/**
 * galley_page_strip_set_canvas:
 * @canvas: (nullable): what it follows and what it turns
 */
void
galley_page_strip_set_canvas (GalleyPageStrip *self, GalleyCanvas *canvas)
{
  g_return_if_fail (GALLEY_IS_PAGE_STRIP (self));

  if (self->canvas == canvas)
    return;

  if (self->canvas != NULL)
    g_signal_handlers_disconnect_by_data (self->canvas, self);
  g_set_object (&self->canvas, canvas);
  if (canvas != NULL)
    {
      g_signal_connect_swapped (canvas, "notify::source", G_CALLBACK (rebuild), self);
      g_signal_connect_swapped (canvas, "notify::n-pages", G_CALLBACK (rebuild), self);
      g_signal_connect_swapped (canvas, "notify::marks", G_CALLBACK (rebuild), self);
      g_signal_connect_swapped (canvas, "notify::page", G_CALLBACK (show_current), self);
    }
  rebuild (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CANVAS]);
}
