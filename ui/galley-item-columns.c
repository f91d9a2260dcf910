/* galley-item-columns.c: the columns of the list of items, and which of them sorts it
 *
 * The database sorts, not the view: 100,000 items are never all loaded. So the headers' sorters
 * compare nothing; they only tell which header was clicked.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-item-columns"

#include "ui/galley-item-columns.h"

#include "ui/galley-item.h"
#include "ui/galley-state-style.h"
#include "ui/galley-tooltip.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

/* Below these widths of the view a column makes room for the name. */
#define NOTES_FROM_PX 420
#define UPDATED_FROM_PX 560
#define VERSION_FROM_PX 680

typedef struct
{
  GalleySortFunc func;
  gpointer data;
  gboolean asking;
  int asked; /* a GalleyItemSort, of the sorter that was asked first; -1: none was */
} Sorting;

typedef struct
{
  Sorting *sorting;
  GalleyItemSort sort;
} Key;

/* Says "smaller" always: the view's own sorter turns it round when the header points down. */
static int
note_key (gconstpointer a, gconstpointer b, gpointer user_data)
{
  Key *key = user_data;

  if (key->sorting->asking && key->sorting->asked < 0)
    key->sorting->asked = key->sort;

  return -1;
}

/* GTK tells the clicked column only since 4.10; before that two things are compared to see it. */
static void
sorter_changed_cb (GtkColumnView *view, GtkSorterChange change, GtkSorter *sorter)
{
  Sorting *sorting = g_object_get_data (G_OBJECT (view), "galley-sorting");
  g_autoptr (GObject) one = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GObject) other = g_object_new (G_TYPE_OBJECT, NULL);
  GtkOrdering order;

  sorting->asking = TRUE;
  sorting->asked = -1;
  order = gtk_sorter_compare (sorter, one, other);
  sorting->asking = FALSE;
  if (sorting->asked >= 0)
    sorting->func (sorting->asked, order == GTK_ORDERING_LARGER, sorting->data);
}

/* ── cells ── */

typedef void (*FillFunc) (GtkWidget *cell, GalleyItem *item, const GalleyItemRow *row);

static void
fill_name (GtkWidget *cell, GalleyItem *item, const GalleyItemRow *row)
{
  GtkWidget *picture = gtk_widget_get_first_child (cell);
  GtkWidget *label = gtk_widget_get_next_sibling (picture);
  GtkWidget *conflict = gtk_widget_get_next_sibling (label);
  GdkTexture *thumbnail = galley_item_get_thumbnail (item);

  if (thumbnail != NULL)
    gtk_image_set_from_paintable (GTK_IMAGE (picture), GDK_PAINTABLE (thumbnail));
  else
    gtk_image_set_from_icon_name (GTK_IMAGE (picture), "image-x-generic-symbolic");
  gtk_label_set_text (GTK_LABEL (label), galley_item_get_name (item));
  galley_tooltip_set (label, galley_item_get_name (item));
  gtk_widget_set_visible (conflict, row != NULL && row->contested);
}

static void
fill_state (GtkWidget *cell, GalleyItem *item, const GalleyItemRow *row)
{
  GtkWidget *icon = gtk_widget_get_first_child (cell);

  galley_state_style_set_image (GTK_IMAGE (icon), row != NULL ? row->state : NULL);
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_next_sibling (icon)),
                      row != NULL ? galley_words_for_state (row->state) : "");
}

static void
fill_notes (GtkWidget *cell, GalleyItem *item, const GalleyItemRow *row)
{
  g_autofree char *text = row != NULL ? galley_words_for_notes (row->n_open, row->n_annotations)
                                      : g_strdup ("");

  gtk_label_set_text (GTK_LABEL (cell), text);
}

static void
fill_version (GtkWidget *cell, GalleyItem *item, const GalleyItemRow *row)
{
  g_autofree char *text = row != NULL && row->version > 0 ? g_strdup_printf ("%u", row->version)
                                                          : g_strdup ("");

  gtk_label_set_text (GTK_LABEL (cell), text);
}

static void
fill_updated (GtkWidget *cell, GalleyItem *item, const GalleyItemRow *row)
{
  g_autofree char *text = row != NULL ? galley_words_for_time (row->updated_us, g_get_real_time ())
                                      : g_strdup ("");

  gtk_label_set_text (GTK_LABEL (cell), text);
}

static GtkWidget *
make_text_cell (void)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  return label;
}

static GtkWidget *
make_name_cell (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *picture = gtk_image_new ();
  GtkWidget *label = make_text_cell ();
  GtkWidget *conflict = gtk_image_new_from_icon_name ("galley-conflict-symbolic");

  gtk_image_set_pixel_size (GTK_IMAGE (picture), 32);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (label, TRUE);
  galley_tooltip_set (conflict, _ ("Has a conflict"));
  gtk_widget_add_css_class (conflict, "galley-changes");
  gtk_box_append (GTK_BOX (box), picture);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), conflict);
  return box;
}

static GtkWidget *
make_state_cell (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_box_append (GTK_BOX (box), gtk_image_new ());
  gtk_box_append (GTK_BOX (box), make_text_cell ());
  return box;
}

static GtkWidget *
make_number_cell (void)
{
  GtkWidget *label = make_text_cell ();

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_add_css_class (label, "numeric");
  return label;
}

typedef struct
{
  const char *title;
  GtkWidget *(*make) (void);
  FillFunc fill;
  int sort; /* a GalleyItemSort; -1: cannot be sorted by */
  int from_px;
} Column;

static const Column columns[] = {
  { N_ ("Name"), make_name_cell, fill_name, GALLEY_SORT_NAME, 0 },
  { N_ ("State"), make_state_cell, fill_state, GALLEY_SORT_STATE, 0 },
  { N_ ("Notes"), make_text_cell, fill_notes, -1, NOTES_FROM_PX },
  { N_ ("Version"), make_number_cell, fill_version, -1, VERSION_FROM_PX },
  /* Translators: the head of a column: when an item was changed last */
  { N_ ("Changed"), make_text_cell, fill_updated, GALLEY_SORT_UPDATED, UPDATED_FROM_PX },
};

/* The row of all cells takes the focus; it can be named only from within before GTK 4.12, and only
 * once the cell stands in it. */
static void
name_row (GtkListItem *list_item)
{
  GtkWidget *cell = gtk_list_item_get_child (list_item);
  GalleyItem *item = gtk_list_item_get_item (list_item);
  GtkWidget *row = cell != NULL ? gtk_widget_get_parent (cell) : NULL;
  g_autofree char *spoken = NULL;

  row = row != NULL ? gtk_widget_get_parent (row) : NULL;
  if (row == NULL || item == NULL)
    return;

  spoken = galley_item_describe (item);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
fill_cell (GtkListItem *list_item)
{
  const Column *column = g_object_get_data (G_OBJECT (list_item), "galley-column");
  GalleyItem *item = gtk_list_item_get_item (list_item);

  column->fill (gtk_list_item_get_child (list_item), item, galley_item_get_row (item));
  if (column == &columns[0])
    name_row (list_item);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  const Column *column = user_data;

  GtkWidget *cell = column->make ();

  gtk_list_item_set_child (list_item, cell);
  g_object_set_data (G_OBJECT (list_item), "galley-column", user_data);
  if (column == &columns[0])
    g_signal_connect_object (cell, "map", G_CALLBACK (name_row), list_item, G_CONNECT_SWAPPED);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  GObject *item = gtk_list_item_get_item (list_item);

  g_signal_connect_object (item, "changed", G_CALLBACK (fill_cell), list_item, G_CONNECT_SWAPPED);
  if (g_object_get_data (G_OBJECT (list_item), "galley-column") == &columns[0])
    g_signal_connect_object (item, "notify::thumbnail", G_CALLBACK (fill_cell), list_item,
                             G_CONNECT_SWAPPED);
  fill_cell (list_item);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), fill_cell, list_item);
}

static GtkColumnViewColumn *
make_column (const Column *column, Sorting *sorting)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *made;

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), (gpointer)column);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  made = gtk_column_view_column_new (_ (column->title), factory);
  gtk_column_view_column_set_resizable (made, TRUE);
  gtk_column_view_column_set_expand (made, column == &columns[0]);
  if (column->sort >= 0)
    {
      Key *key = g_new0 (Key, 1);
      g_autoptr (GtkCustomSorter) sorter = NULL;

      key->sorting = sorting;
      key->sort = column->sort;
      sorter = gtk_custom_sorter_new (note_key, key, g_free);
      gtk_column_view_column_set_sorter (made, GTK_SORTER (sorter));
    }

  return made;
}

/**
 * galley_item_columns_add:
 * @func: called when a header was clicked
 */
void
galley_item_columns_add (GtkColumnView *view, GalleySortFunc func, gpointer data)
{
  Sorting *sorting = g_new0 (Sorting, 1);

  sorting->func = func;
  sorting->data = data;
  g_object_set_data_full (G_OBJECT (view), "galley-sorting", sorting, g_free);
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = make_column (&columns[i], sorting);

      gtk_column_view_append_column (view, column);
    }
  g_signal_connect_object (gtk_column_view_get_sorter (view), "changed",
                           G_CALLBACK (sorter_changed_cb), view, G_CONNECT_SWAPPED);
}

/**
 * galley_item_columns_set_width:
 * @width_px: how wide the view is: columns that leave no room for the name are hidden
 */
void
galley_item_columns_set_width (GtkColumnView *view, int width_px)
{
  GListModel *model = gtk_column_view_get_columns (view);

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (model, i);

      gtk_column_view_column_set_visible (column, width_px >= columns[i].from_px);
    }
}
