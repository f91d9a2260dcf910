/* galley-item-tile.c: an item in the grid: picture, name, state
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-item-tile"

#include "ui/galley-item-tile.h"

#include "ui/galley-state-style.h"
#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

struct _GalleyItemTile
{
  GtkWidget parent_instance;

  GalleyItem *item; /* (nullable) */

  GtkStack *stack;
  GtkImage *icon;
  GtkPicture *picture;
  GtkWidget *conflict;
  GtkWidget *away;
  GtkLabel *pages;
  GtkLabel *name;
  GtkImage *state_icon;
  GtkLabel *state;
  GtkWidget *notes_icon;
  GtkLabel *notes;
};

G_DEFINE_FINAL_TYPE (GalleyItemTile, galley_item_tile, GTK_TYPE_WIDGET)

static const char *
icon_for_media (const char *media_type)
{
  if (g_strcmp0 (media_type, "application/pdf") == 0)
    return "x-office-document-symbolic";
  if (media_type != NULL && g_str_has_prefix (media_type, "video/"))
    return "video-x-generic-symbolic";

  return "image-x-generic-symbolic";
}

/* Asked for when the pointer rests there: setting it for every tile of a long list costs more than
 * all else that a tile shows. */
static gboolean
name_tooltip_cb (
    GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, GalleyItemTile *self)
{
  const GalleyItemRow *row = self->item != NULL ? galley_item_get_row (self->item) : NULL;

  if (row == NULL)
    return FALSE;

  gtk_tooltip_set_text (tooltip, row->name);
  return TRUE;
}

static gboolean
notes_tooltip_cb (
    GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, GalleyItemTile *self)
{
  const GalleyItemRow *row = self->item != NULL ? galley_item_get_row (self->item) : NULL;
  g_autofree char *words = NULL;

  if (row == NULL)
    return FALSE;

  words = galley_words_for_notes (row->n_open, row->n_annotations);
  gtk_tooltip_set_text (tooltip, words);
  return TRUE;
}

static void
update_notes (GalleyItemTile *self, const GalleyItemRow *row)
{
  g_autofree char *notes = g_strdup_printf ("%u", row->n_open);

  gtk_widget_set_visible (self->notes_icon, row->n_annotations > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->notes), row->n_annotations > 0);
  gtk_label_set_text (self->notes, notes);
}

static void
update_row (GalleyItemTile *self, const GalleyItemRow *row)
{
  g_autofree char *pages = g_strdup_printf (ngettext ("%u page", "%u pages", row->n_pages),
                                            row->n_pages);

  gtk_label_set_text (self->name, row->name);
  gtk_label_set_text (self->state, galley_words_for_state (row->state));
  galley_state_style_set_image (self->state_icon, row->state);
  gtk_image_set_from_icon_name (self->icon, icon_for_media (row->media_type));
  gtk_widget_set_visible (self->conflict, row->contested);
  gtk_widget_set_visible (self->away, row->version > 0 && !row->here);
  gtk_label_set_text (self->pages, pages);
  gtk_widget_set_visible (GTK_WIDGET (self->pages), row->n_pages > 1);
  update_notes (self, row);
}

static void
update_spoken (GalleyItemTile *self)
{
  g_autofree char *spoken = galley_item_describe (self->item);
  GtkWidget *row = gtk_widget_get_parent (GTK_WIDGET (self));

  /* The cell around the tile takes the focus; before GTK 4.12 it can be named only from here. */
  if (row != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                    -1);
}

static void
update_picture (GalleyItemTile *self)
{
  GdkTexture *thumbnail = galley_item_get_thumbnail (self->item);

  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (thumbnail));
  gtk_stack_set_visible_child_name (self->stack, thumbnail != NULL ? "picture" : "icon");
}

static void
update (GalleyItemTile *self)
{
  const GalleyItemRow *row = galley_item_get_row (self->item);

  if (row != NULL)
    update_row (self, row);
  else
    gtk_label_set_text (self->name, "");
  update_spoken (self);
}

static void
galley_item_tile_dispose (GObject *object)
{
  GalleyItemTile *self = GALLEY_ITEM_TILE (object);
  GtkWidget *child;

  galley_item_tile_set_item (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (galley_item_tile_parent_class)->dispose (object);
}

static void
galley_item_tile_class_init (GalleyItemTileClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_item_tile_dispose;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-item-tile.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyItemTile, stack);
  gtk_widget_class_bind_template_child (widget_class, GalleyItemTile, icon);
  gtk_widget_class_bind_template_child (widget_class, GalleyItemTile, picture);
  gtk_widget_class_bind_template_child (widget_class, GalleyItemTile, conflict);
  gtk_widget_class_bind_template_child (widget_class, GalleyItemTile, away);
  gtk_widget_class_bind_template_child (widget_class, GalleyItemTile, pages);
  gtk_widget_class_bind_template_child (widget_class, GalleyItemTile, name);
  gtk_widget_class_bind_template_child (widget_class, GalleyItemTile, state_icon);
  gtk_widget_class_bind_template_child (widget_class, GalleyItemTile, state);
  gtk_widget_class_bind_template_child (widget_class, GalleyItemTile, notes_icon);
  gtk_widget_class_bind_template_child (widget_class, GalleyItemTile, notes);
  gtk_widget_class_bind_template_callback (widget_class, name_tooltip_cb);
  gtk_widget_class_bind_template_callback (widget_class, notes_tooltip_cb);
}

static void
galley_item_tile_init (GalleyItemTile *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
galley_item_tile_new (void)
{
  return g_object_new (GALLEY_TYPE_ITEM_TILE, NULL);
}

/**
 * galley_item_tile_set_item:
 * @item: (nullable): what to show and follow from now on
 */
void
galley_item_tile_set_item (GalleyItemTile *self, GalleyItem *item)
{
  g_return_if_fail (GALLEY_IS_ITEM_TILE (self));

  if (self->item == item)
    return;

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;

  g_signal_connect_object (item, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (item, "notify::thumbnail", G_CALLBACK (update_picture), self,
                           G_CONNECT_SWAPPED);
  update_picture (self);
  update (self);
}
