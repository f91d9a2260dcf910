/* galley-mark-layer.c: the finished marks of a page, drawn once into tiles
 *
 * A cairo node as large as the window is rasterised and uploaded with every frame. Here a frame
 * costs a few textures, however many marks there are; a mark that changes costs the tiles that it
 * touches.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-mark-layer"

#include "ui/galley-mark-layer.h"

#include "ui/galley-mark-drawing.h"

#include <math.h>

#define TILE_PIXELS 512
/* Some screens full: what was scrolled away comes back at no cost. */
#define MAX_TILES 64

typedef struct
{
  int column, row;
} Place;

typedef struct
{
  Place place;
  GdkTexture *texture; /* (nullable): nothing is drawn there */
} Tile;

struct _GalleyMarkLayer
{
  GObject parent_instance;

  gboolean ink;       /* the ink of highlights and nothing else; or all else */
  GListModel *marks;  /* (nullable) */
  GPtrArray *watched; /* of GalleyMark, in the model's order */
  GHashTable *drawn;  /* GalleyMark: graphene_rect_t, what it covered when last looked at */
  GalleyMark *live;   /* (nullable): drawn by somebody else */
  guint page;
  double zoom;
  int device_scale;

  GHashTable *tiles; /* Place in Tile: Tile */
  guint n_drawn;
};

G_DEFINE_FINAL_TYPE (GalleyMarkLayer, galley_mark_layer, G_TYPE_OBJECT)

static guint changed_signal;

static guint
place_hash (gconstpointer data)
{
  const Place *place = data;

  return (guint)place->column * 65599u + (guint)place->row;
}

static gboolean
place_equal (gconstpointer a, gconstpointer b)
{
  const Place *first = a, *second = b;

  return first->column == second->column && first->row == second->row;
}

static void
tile_free (gpointer data)
{
  Tile *tile = data;

  g_clear_object (&tile->texture);
  g_free (tile);
}

/* Screen units. */
static double
tile_size (GalleyMarkLayer *self)
{
  return (double)TILE_PIXELS / self->device_scale;
}

static graphene_rect_t
tile_rect (GalleyMarkLayer *self, const Place *place)
{
  double size = tile_size (self);

  return GRAPHENE_RECT_INIT (place->column * size, place->row * size, size, size);
}

static void
drop_tiles_under (GalleyMarkLayer *self, const graphene_rect_t *area)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->tiles);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      graphene_rect_t rect = tile_rect (self, &((Tile *)value)->place);

      if (graphene_rect_intersection (&rect, area, NULL))
        g_hash_table_iter_remove (&iter);
    }
}

static void
forget_tiles (GalleyMarkLayer *self)
{
  g_hash_table_remove_all (self->tiles);
  g_hash_table_remove_all (self->drawn);
}

/* Drops what shows @mark as it was and what will show it as it is. */
static void
refresh_mark (GalleyMarkLayer *self, GalleyMark *mark)
{
  graphene_rect_t *before = g_hash_table_lookup (self->drawn, mark);
  graphene_rect_t now;

  if (before != NULL)
    drop_tiles_under (self, before);
  if (galley_mark_get_page (mark) == self->page)
    {
      galley_mark_drawing_get_bounds (mark, self->zoom, &now);
      drop_tiles_under (self, &now);
    }
  g_hash_table_remove (self->drawn, mark);
  g_signal_emit (self, changed_signal, 0);
}

static void
mark_changed_cb (GalleyMark *mark, GParamSpec *pspec, gpointer user_data)
{
  GalleyMarkLayer *self = user_data;

  if (mark == self->live)
    g_signal_emit (self, changed_signal, 0);
  else
    refresh_mark (self, mark);
}

static void
unwatch (GalleyMarkLayer *self, guint position)
{
  GalleyMark *mark = g_ptr_array_index (self->watched, position);

  g_signal_handlers_disconnect_by_func (mark, mark_changed_cb, self);
  refresh_mark (self, mark);
}

static void
marks_changed_cb (GListModel *marks, guint position, guint removed, guint added, gpointer user_data)
{
  GalleyMarkLayer *self = user_data;

  for (guint i = position; i < position + removed; i++)
    unwatch (self, i);
  if (removed > 0)
    g_ptr_array_remove_range (self->watched, position, removed);

  for (guint i = position; i < position + added; i++)
    {
      GalleyMark *mark = g_list_model_get_item (marks, i);

      g_ptr_array_insert (self->watched, (int)i, mark);
      g_signal_connect (mark, "notify", G_CALLBACK (mark_changed_cb), self);
      refresh_mark (self, mark);
    }
}

/**
 * galley_mark_layer_set_marks:
 * @marks: (nullable): of #GalleyMark; the last is on top
 */
void
galley_mark_layer_set_marks (GalleyMarkLayer *self, GListModel *marks)
{
  g_return_if_fail (GALLEY_IS_MARK_LAYER (self));

  if (self->marks != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->marks, marks_changed_cb, self);
      for (guint i = 0; i < self->watched->len; i++)
        unwatch (self, i);
      g_ptr_array_set_size (self->watched, 0);
    }
  g_set_object (&self->marks, marks);
  if (marks != NULL)
    {
      g_signal_connect (marks, "items-changed", G_CALLBACK (marks_changed_cb), self);
      marks_changed_cb (marks, 0, 0, g_list_model_get_n_items (marks), self);
    }
}

void
galley_mark_layer_set_page (GalleyMarkLayer *self, guint page)
{
  g_return_if_fail (GALLEY_IS_MARK_LAYER (self));

  if (self->page == page)
    return;

  self->page = page;
  forget_tiles (self);
}

/**
 * galley_mark_layer_set_live:
 * @mark: (nullable): the one that is drawn elsewhere, because it is selected or being moved
 */
void
galley_mark_layer_set_live (GalleyMarkLayer *self, GalleyMark *mark)
{
  g_autoptr (GalleyMark) before = NULL;

  g_return_if_fail (GALLEY_IS_MARK_LAYER (self));

  if (self->live == mark)
    return;

  before = g_steal_pointer (&self->live);
  if (mark != NULL)
    {
      self->live = g_object_ref (mark);
      refresh_mark (self, mark);
    }
  if (before != NULL)
    refresh_mark (self, before);
}

/**
 * galley_mark_layer_set_zoom:
 * @zoom: screen units an asset unit
 * @device_scale: pixels of the device a screen unit
 */
void
galley_mark_layer_set_zoom (GalleyMarkLayer *self, double zoom, int device_scale)
{
  g_return_if_fail (GALLEY_IS_MARK_LAYER (self));
  g_return_if_fail (zoom > 0 && device_scale > 0);

  if (self->zoom == zoom && self->device_scale == device_scale)
    return;

  self->zoom = zoom;
  self->device_scale = device_scale;
  forget_tiles (self);
}

static const graphene_rect_t *
get_bounds (GalleyMarkLayer *self, GalleyMark *mark)
{
  graphene_rect_t *bounds = g_hash_table_lookup (self->drawn, mark);

  if (bounds == NULL)
    {
      bounds = g_new (graphene_rect_t, 1);
      galley_mark_drawing_get_bounds (mark, self->zoom, bounds);
      g_hash_table_insert (self->drawn, mark, bounds);
    }
  return bounds;
}

static gboolean
is_shown (GalleyMarkLayer *self, GalleyMark *mark)
{
  return mark != self->live && galley_mark_get_page (mark) == self->page &&
         (!self->ink || galley_mark_get_shape (mark) == GALLEY_SHAPE_HIGHLIGHT);
}

static gboolean
is_in (GalleyMarkLayer *self, GalleyMark *mark, const graphene_rect_t *rect)
{
  return is_shown (self, mark) && graphene_rect_intersection (get_bounds (self, mark), rect, NULL);
}

static GdkTexture *
take_surface (cairo_surface_t *surface)
{
  g_autoptr (GBytes) bytes = NULL;
  int width = cairo_image_surface_get_width (surface);
  int height = cairo_image_surface_get_height (surface);
  int stride = cairo_image_surface_get_stride (surface);

  cairo_surface_flush (surface);
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface),
                                      (gsize)stride * (gsize)height,
                                      (GDestroyNotify)cairo_surface_destroy, surface);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, (gsize)stride);
}

static GdkTexture *
draw_tile (GalleyMarkLayer *self, const Place *place)
{
  graphene_rect_t rect = tile_rect (self, place);
  cairo_surface_t *surface = NULL;
  cairo_t *cr = NULL;

  /* Pins are above all else. */
  for (int pins = 0; pins < 2; pins++)
    for (guint i = 0; i < self->watched->len; i++)
      {
        GalleyMark *mark = g_ptr_array_index (self->watched, i);

        if ((galley_mark_get_shape (mark) == GALLEY_SHAPE_PIN) != pins ||
            !is_in (self, mark, &rect))
          continue;
        if (cr == NULL)
          {
            surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, TILE_PIXELS, TILE_PIXELS);
            cr = cairo_create (surface);
            cairo_scale (cr, self->device_scale, self->device_scale);
            cairo_translate (cr, -rect.origin.x, -rect.origin.y);
          }
        if (self->ink)
          galley_mark_drawing_draw_ink (mark, cr, self->zoom);
        else
          galley_mark_drawing_draw (mark, cr, self->zoom);
        self->n_drawn++;
      }
  if (cr == NULL)
    return NULL;

  cairo_destroy (cr);
  return take_surface (surface);
}

static Tile *
get_tile (GalleyMarkLayer *self, const Place *place)
{
  Tile *tile = g_hash_table_lookup (self->tiles, place);

  if (tile == NULL)
    {
      tile = g_new0 (Tile, 1);
      tile->place = *place;
      tile->texture = draw_tile (self, place);
      g_hash_table_insert (self->tiles, &tile->place, tile);
    }
  return tile;
}

static gboolean
is_out_of_sight (gpointer key, gpointer value, gpointer user_data)
{
  const Place *range = user_data, *place = key;

  return place->column < range[0].column || place->column >= range[1].column ||
         place->row < range[0].row || place->row >= range[1].row;
}

/**
 * galley_mark_layer_snapshot:
 * @visible: screen units from the page's top left corner; a mark may stand out over the page's edge
 *
 * Draws the marks with the page's corner at the origin.
 */
void
galley_mark_layer_snapshot (GalleyMarkLayer *self,
                            GtkSnapshot *snapshot,
                            const graphene_rect_t *visible)
{
  double size;
  Place range[2];

  g_return_if_fail (GALLEY_IS_MARK_LAYER (self));

  if (self->page == 0 || self->zoom <= 0)
    return;

  size = tile_size (self);
  range[0].column = (int)floor (visible->origin.x / size);
  range[0].row = (int)floor (visible->origin.y / size);
  range[1].column = (int)ceil ((visible->origin.x + visible->size.width) / size);
  range[1].row = (int)ceil ((visible->origin.y + visible->size.height) / size);
  if (g_hash_table_size (self->tiles) > MAX_TILES)
    g_hash_table_foreach_remove (self->tiles, is_out_of_sight, range);

  for (int row = range[0].row; row < range[1].row; row++)
    for (int column = range[0].column; column < range[1].column; column++)
      {
        Place place = { column, row };
        Tile *tile = get_tile (self, &place);
        graphene_rect_t rect = tile_rect (self, &place);

        if (tile->texture != NULL)
          gtk_snapshot_append_texture (snapshot, tile->texture, &rect);
      }
}

/**
 * galley_mark_layer_is_empty:
 *
 * Returns: whether there is nothing to draw on this page
 */
gboolean
galley_mark_layer_is_empty (GalleyMarkLayer *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK_LAYER (self), TRUE);

  for (guint i = 0; i < self->watched->len; i++)
    if (is_shown (self, g_ptr_array_index (self->watched, i)))
      return FALSE;

  return TRUE;
}

/**
 * galley_mark_layer_get_n_drawn:
 *
 * Returns: how often a mark was drawn into a tile so far; for measuring
 */
guint
galley_mark_layer_get_n_drawn (GalleyMarkLayer *self)
{
  g_return_val_if_fail (GALLEY_IS_MARK_LAYER (self), 0);

  return self->n_drawn;
}

static void
galley_mark_layer_dispose (GObject *object)
{
  GalleyMarkLayer *self = GALLEY_MARK_LAYER (object);

  galley_mark_layer_set_marks (self, NULL);
  g_clear_object (&self->live);
  G_OBJECT_CLASS (galley_mark_layer_parent_class)->dispose (object);
}

static void
galley_mark_layer_finalize (GObject *object)
{
  GalleyMarkLayer *self = GALLEY_MARK_LAYER (object);

  g_ptr_array_unref (self->watched);
  g_hash_table_unref (self->drawn);
  g_hash_table_unref (self->tiles);
  G_OBJECT_CLASS (galley_mark_layer_parent_class)->finalize (object);
}

static void
galley_mark_layer_class_init (GalleyMarkLayerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = galley_mark_layer_dispose;
  object_class->finalize = galley_mark_layer_finalize;

  /**
   * GalleyMarkLayer::changed:
   *
   * A mark came, went or is another now: draw again.
   */
  changed_signal = g_signal_new ("changed", GALLEY_TYPE_MARK_LAYER, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_mark_layer_init (GalleyMarkLayer *self)
{
  self->watched = g_ptr_array_new_with_free_func (g_object_unref);
  self->drawn = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->tiles = g_hash_table_new_full (place_hash, place_equal, NULL, tile_free);
  self->device_scale = 1;
  self->zoom = 1;
}

/**
 * galley_mark_layer_new:
 * @ink: %TRUE for the ink of highlights, to be multiplied with the page; %FALSE for all else
 */
GalleyMarkLayer *
galley_mark_layer_new (gboolean ink)
{
  GalleyMarkLayer *self = g_object_new (GALLEY_TYPE_MARK_LAYER, NULL);

  self->ink = ink;
  return self;
}
