/* galley-page-tiles.c: the pictures of a page in tiles: asked for, kept, drawn
 *
 * Of each page there is one small picture of the whole, and tiles at exactly the scale at which the
 * page is shown, so that letters are sharp. What is there is drawn at once, stretched where need
 * be: the whole, then tiles of the scale before, then the right ones as they arrive. Requests for
 * what is no longer looked at are cancelled. What was used last is kept up to a limit.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-page-tiles"

#include "ui/galley-page-tiles.h"

#include <math.h>

#define TILE_PIXELS 512
/* The longer side of the picture of the whole page. */
#define WHOLE_PIXELS 1024.0
#define MAX_BYTES (96 * 1024 * 1024)
/* Few, so that what is looked at now is not behind what was looked at before. */
#define MAX_REQUESTS 3
/* While the zoom changes with every frame, no tile would be in time. */
#define SETTLE_MS 70

/* column is -1 for the picture of the whole page */
typedef struct
{
  guint page;
  double scale;
  int column, row;
} Key;

typedef struct
{
  Key key;
  GdkTexture *texture;       /* (nullable): not there yet, or failed */
  GCancellable *cancellable; /* (nullable): a request is on its way */
  GList link;                /* in recent, if there is a texture */
} Tile;

struct _GalleyPageTiles
{
  GObject parent_instance;

  GalleyPageSource *source;
  GHashTable *tiles; /* Key in Tile: Tile, owner */
  GQueue recent;     /* of Tile with a texture; used last first */
  gsize bytes;
  gsize max_bytes;
  guint n_requests;

  GArray *wanted; /* Key; what is needed most first */
  guint page;     /* 0: nothing is shown */
  double scale;
  double scale_before;
  guint settle;  /* source id, or 0 */
  GError *error; /* (nullable): of this page */
};

G_DEFINE_FINAL_TYPE (GalleyPageTiles, galley_page_tiles, G_TYPE_OBJECT)

static guint changed_signal;

typedef struct
{
  GalleyPageTiles *self;
  Key key;
  GCancellable *cancellable;
} Request;

static guint
key_hash (gconstpointer data)
{
  const Key *key = data;

  return g_double_hash (&key->scale) ^ (key->page * 2654435761u) ^ ((guint)key->column << 16) ^
         (guint)key->row;
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const Key *first = a, *second = b;

  return first->page == second->page && first->column == second->column &&
         first->row == second->row && (first->column < 0 || first->scale == second->scale);
}

static gsize
texture_bytes (GdkTexture *texture)
{
  return (gsize)gdk_texture_get_width (texture) * (gsize)gdk_texture_get_height (texture) * 4;
}

static void
tile_free (gpointer data)
{
  Tile *tile = data;

  if (tile->cancellable != NULL)
    g_cancellable_cancel (tile->cancellable);
  g_clear_object (&tile->cancellable);
  g_clear_object (&tile->texture);
  g_free (tile);
}

static Key
whole_key (guint page)
{
  /* One a page whatever its scale: the hash must agree. */
  return (Key){ page, 0, -1, 0 };
}

static double
whole_scale (double width, double height)
{
  return WHOLE_PIXELS / MAX (width, height);
}

static Tile *
find_tile (GalleyPageTiles *self, const Key *key)
{
  return g_hash_table_lookup (self->tiles, key);
}

static gboolean
is_wanted (GalleyPageTiles *self, const Key *key)
{
  for (guint i = 0; i < self->wanted->len; i++)
    if (key_equal (&g_array_index (self->wanted, Key, i), key))
      return TRUE;

  return FALSE;
}

static void
drop_tile (GalleyPageTiles *self, Tile *tile)
{
  if (tile->texture != NULL)
    {
      g_queue_unlink (&self->recent, &tile->link);
      self->bytes -= texture_bytes (tile->texture);
    }
  g_hash_table_remove (self->tiles, &tile->key);
}

/* What is on the screen stays, whatever the limit. */
static void
keep_to_limit (GalleyPageTiles *self)
{
  GList *link = self->recent.tail;

  while (self->bytes > self->max_bytes && link != NULL)
    {
      Tile *tile = link->data;

      link = link->prev;
      if (!is_wanted (self, &tile->key))
        drop_tile (self, tile);
    }
}

static void
take_texture (GalleyPageTiles *self, Tile *tile, GdkTexture *texture)
{
  tile->texture = texture;
  tile->link.data = tile;
  g_queue_push_head_link (&self->recent, &tile->link);
  self->bytes += texture_bytes (texture);
  keep_to_limit (self);
}

static void
take_error (GalleyPageTiles *self, guint page, const GError *error)
{
  g_debug ("page %u: %s", page, error->message);
  if (page != self->page || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_error (&self->error);
  self->error = g_error_copy (error);
}

static void send_requests (GalleyPageTiles *self);

static void
tile_rendered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = user_data;
  g_autoptr (GalleyPageTiles) self = request->self;
  g_autoptr (GCancellable) cancellable = request->cancellable;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture)
      texture = galley_page_source_render_finish (GALLEY_PAGE_SOURCE (source), result, &error);
  Tile *tile = find_tile (self, &request->key);
  gboolean is_current = tile != NULL && tile->cancellable == cancellable;

  self->n_requests--;
  if (is_current && texture != NULL)
    {
      g_clear_object (&tile->cancellable);
      take_texture (self, tile, g_steal_pointer (&texture));
    }
  else if (is_current)
    {
      /* It stays as one that failed, or it would be asked for again and again. */
      g_clear_object (&tile->cancellable);
      take_error (self, request->key.page, error);
    }
  g_free (request);
  send_requests (self);
  g_signal_emit (self, changed_signal, 0);
}

/* The pixels that @key stands for. Returns FALSE for what is not on the page. */
static gboolean
get_area (GalleyPageTiles *self, const Key *key, double *scale, GdkRectangle *area)
{
  double width, height;
  int page_width, page_height;

  if (!galley_page_source_get_page_size (self->source, key->page, &width, &height))
    return FALSE;

  *scale = key->column < 0 ? whole_scale (width, height) : key->scale;
  page_width = MAX ((int)ceil (width * *scale - 1e-6), 1);
  page_height = MAX ((int)ceil (height * *scale - 1e-6), 1);
  if (key->column < 0)
    {
      *area = (GdkRectangle){ 0, 0, page_width, page_height };
      return TRUE;
    }

  area->x = key->column * TILE_PIXELS;
  area->y = key->row * TILE_PIXELS;
  area->width = MIN (TILE_PIXELS, page_width - area->x);
  area->height = MIN (TILE_PIXELS, page_height - area->y);
  return area->width > 0 && area->height > 0;
}

static void
send_request (GalleyPageTiles *self, const Key *key)
{
  Request *request;
  GdkRectangle area;
  double scale;
  Tile *tile;

  if (!get_area (self, key, &scale, &area))
    return;

  tile = g_new0 (Tile, 1);
  tile->key = *key;
  tile->cancellable = g_cancellable_new ();
  g_hash_table_insert (self->tiles, &tile->key, tile);

  request = g_new0 (Request, 1);
  request->self = g_object_ref (self);
  request->key = *key;
  request->cancellable = g_object_ref (tile->cancellable);
  self->n_requests++;
  galley_page_source_render_async (self->source, key->page, scale, &area, tile->cancellable,
                                   tile_rendered_cb, request);
}

static void
send_requests (GalleyPageTiles *self)
{
  for (guint i = 0; i < self->wanted->len && self->n_requests < MAX_REQUESTS; i++)
    {
      const Key *key = &g_array_index (self->wanted, Key, i);

      /* After a failure nothing more is asked of this page until galley_page_tiles_forget(). */
      if (self->error != NULL && key->page == self->page)
        continue;
      if (key->column >= 0 && self->settle != 0)
        continue;
      if (find_tile (self, key) == NULL)
        send_request (self, key);
    }
}

static gboolean
is_outdated_request (gpointer key, gpointer value, gpointer user_data)
{
  Tile *tile = value;

  return tile->texture == NULL && !is_wanted (user_data, &tile->key);
}

static int
compare_distance (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Key *first = a, *second = b;
  const graphene_point_t *centre = user_data;
  double of_first = hypot (first->column + 0.5 - centre->x, first->row + 0.5 - centre->y);
  double of_second = hypot (second->column + 0.5 - centre->x, second->row + 0.5 - centre->y);

  return (of_first > of_second) - (of_first < of_second);
}

/* The tiles that cover @visible, those in its middle first. */
static void
want_tiles (GalleyPageTiles *self, const graphene_rect_t *visible)
{
  double tile = TILE_PIXELS / self->scale;
  int left = (int)floor (visible->origin.x / tile), top = (int)floor (visible->origin.y / tile);
  int right = (int)ceil ((visible->origin.x + visible->size.width) / tile - 1e-6);
  int bottom = (int)ceil ((visible->origin.y + visible->size.height) / tile - 1e-6);
  graphene_point_t centre;

  for (int row = top; row < bottom; row++)
    for (int column = left; column < right; column++)
      {
        Key key = { self->page, self->scale, column, row };

        g_array_append_val (self->wanted, key);
      }

  centre.x = (float)((visible->origin.x + visible->size.width / 2) / tile);
  centre.y = (float)((visible->origin.y + visible->size.height / 2) / tile);
  g_array_sort_with_data (self->wanted, compare_distance, &centre);
}

/* The pictures of whole pages: of this one before its tiles, of its neighbours after them. */
static void
want_wholes (GalleyPageTiles *self)
{
  guint n_pages = galley_page_source_get_n_pages (self->source);
  Key key = whole_key (self->page);

  g_array_prepend_val (self->wanted, key);
  if (self->page < n_pages)
    {
      key = whole_key (self->page + 1);
      g_array_append_val (self->wanted, key);
    }
  if (self->page > 1)
    {
      key = whole_key (self->page - 1);
      g_array_append_val (self->wanted, key);
    }
}

static void
touch_wanted (GalleyPageTiles *self)
{
  for (guint i = self->wanted->len; i > 0; i--)
    {
      Tile *tile = find_tile (self, &g_array_index (self->wanted, Key, i - 1));

      if (tile == NULL || tile->texture == NULL)
        continue;
      g_queue_unlink (&self->recent, &tile->link);
      g_queue_push_head_link (&self->recent, &tile->link);
    }
}

static gboolean
settled_cb (gpointer user_data)
{
  GalleyPageTiles *self = user_data;

  self->settle = 0;
  send_requests (self);
  return G_SOURCE_REMOVE;
}

static void
note_view (GalleyPageTiles *self, guint page, double scale)
{
  gboolean is_new_page = page != self->page;

  if (!is_new_page && scale == self->scale)
    return;

  g_clear_handle_id (&self->settle, g_source_remove);
  if (is_new_page)
    {
      g_clear_error (&self->error);
      self->scale_before = 0;
    }
  else
    {
      self->scale_before = self->scale;
      self->settle = g_timeout_add (SETTLE_MS, settled_cb, self);
    }
  self->page = page;
  self->scale = scale;
}

/**
 * galley_page_tiles_show:
 * @page: the first is 1
 * @scale: pixels of the screen's device an asset unit
 * @visible: what of the page is seen, in asset units
 *
 * Says what galley_page_tiles_snapshot() will draw from now on, and sees to it that it is there.
 */
void
galley_page_tiles_show (GalleyPageTiles *self,
                        guint page,
                        double scale,
                        const graphene_rect_t *visible)
{
  double max_scale;

  g_return_if_fail (GALLEY_IS_PAGE_TILES (self));
  g_return_if_fail (page > 0 && scale > 0);

  max_scale = galley_page_source_get_max_scale (self->source, page);
  note_view (self, page, MIN (scale, max_scale));
  g_array_set_size (self->wanted, 0);
  want_tiles (self, visible);
  want_wholes (self);
  g_hash_table_foreach_remove (self->tiles, is_outdated_request, self);
  touch_wanted (self);
  keep_to_limit (self);
  send_requests (self);
}

static void
draw_tile (GalleyPageTiles *self, GtkSnapshot *snapshot, const Tile *tile, double zoom)
{
  double scale;
  GdkRectangle area;

  if (!get_area (self, &tile->key, &scale, &area))
    return;

  gtk_snapshot_append_texture (snapshot, tile->texture,
                               &GRAPHENE_RECT_INIT (area.x / scale * zoom, area.y / scale * zoom,
                                                    area.width / scale * zoom,
                                                    area.height / scale * zoom));
}

static void
draw_whole (GalleyPageTiles *self, GtkSnapshot *snapshot, double zoom)
{
  Key key = whole_key (self->page);
  Tile *tile = find_tile (self, &key);
  GdkTexture *preview = galley_page_source_get_preview (self->source, self->page);
  double width, height;

  if (tile != NULL && tile->texture != NULL)
    draw_tile (self, snapshot, tile, zoom);
  else if (preview != NULL &&
           galley_page_source_get_page_size (self->source, self->page, &width, &height))
    gtk_snapshot_append_texture (snapshot, preview,
                                 &GRAPHENE_RECT_INIT (0, 0, width * zoom, height * zoom));
}

static void
draw_scale (GalleyPageTiles *self, GtkSnapshot *snapshot, double scale, double zoom)
{
  for (GList *link = self->recent.head; link != NULL; link = link->next)
    {
      Tile *tile = link->data;

      if (tile->key.page == self->page && tile->key.column >= 0 && tile->key.scale == scale)
        draw_tile (self, snapshot, tile, zoom);
    }
}

/**
 * galley_page_tiles_snapshot:
 * @zoom: screen units an asset unit
 *
 * Draws the page with its top left corner at the origin. The caller clips.
 */
void
galley_page_tiles_snapshot (GalleyPageTiles *self, GtkSnapshot *snapshot, double zoom)
{
  gboolean is_sharp;

  g_return_if_fail (GALLEY_IS_PAGE_TILES (self));

  if (self->page == 0)
    return;

  is_sharp = galley_page_tiles_is_sharp (self);
  if (!is_sharp)
    {
      draw_whole (self, snapshot, zoom);
      draw_scale (self, snapshot, self->scale_before, zoom);
    }
  draw_scale (self, snapshot, self->scale, zoom);
}

/**
 * galley_page_tiles_forget:
 *
 * Drops all pictures and the error: the next galley_page_tiles_show() asks again.
 */
void
galley_page_tiles_forget (GalleyPageTiles *self)
{
  g_return_if_fail (GALLEY_IS_PAGE_TILES (self));

  g_clear_error (&self->error);
  g_clear_handle_id (&self->settle, g_source_remove);
  g_queue_init (&self->recent);
  self->bytes = 0;
  g_hash_table_remove_all (self->tiles);
  g_array_set_size (self->wanted, 0);
  self->page = 0;
}

/**
 * galley_page_tiles_has_picture:
 *
 * Returns: whether there is anything at all to show of the page
 */
gboolean
galley_page_tiles_has_picture (GalleyPageTiles *self)
{
  g_return_val_if_fail (GALLEY_IS_PAGE_TILES (self), FALSE);

  if (self->page == 0)
    return FALSE;
  if (galley_page_source_get_preview (self->source, self->page) != NULL)
    return TRUE;

  for (GList *link = self->recent.head; link != NULL; link = link->next)
    if (((Tile *)link->data)->key.page == self->page)
      return TRUE;

  return FALSE;
}

/**
 * galley_page_tiles_is_sharp:
 *
 * Returns: whether all that is seen is there at the right scale
 */
gboolean
galley_page_tiles_is_sharp (GalleyPageTiles *self)
{
  g_return_val_if_fail (GALLEY_IS_PAGE_TILES (self), FALSE);

  for (guint i = 0; i < self->wanted->len; i++)
    {
      const Key *key = &g_array_index (self->wanted, Key, i);
      const Tile *tile = find_tile (self, key);

      if (key->column >= 0 && (tile == NULL || tile->texture == NULL))
        return FALSE;
    }
  return self->page != 0;
}

/**
 * galley_page_tiles_get_error:
 *
 * Returns: (transfer none) (nullable): why this page could not be drawn
 */
const GError *
galley_page_tiles_get_error (GalleyPageTiles *self)
{
  g_return_val_if_fail (GALLEY_IS_PAGE_TILES (self), NULL);

  return self->error;
}

/**
 * galley_page_tiles_get_bytes:
 *
 * Returns: how much memory the pictures take
 */
gsize
galley_page_tiles_get_bytes (GalleyPageTiles *self)
{
  g_return_val_if_fail (GALLEY_IS_PAGE_TILES (self), 0);

  return self->bytes;
}

void
galley_page_tiles_set_max_bytes (GalleyPageTiles *self, gsize max_bytes)
{
  g_return_if_fail (GALLEY_IS_PAGE_TILES (self));

  self->max_bytes = max_bytes;
  keep_to_limit (self);
}

static void
galley_page_tiles_dispose (GObject *object)
{
  GalleyPageTiles *self = GALLEY_PAGE_TILES (object);

  galley_page_tiles_forget (self);
  G_OBJECT_CLASS (galley_page_tiles_parent_class)->dispose (object);
}

static void
galley_page_tiles_finalize (GObject *object)
{
  GalleyPageTiles *self = GALLEY_PAGE_TILES (object);

  g_hash_table_unref (self->tiles);
  g_array_unref (self->wanted);
  g_object_unref (self->source);
  G_OBJECT_CLASS (galley_page_tiles_parent_class)->finalize (object);
}

static void
galley_page_tiles_class_init (GalleyPageTilesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = galley_page_tiles_dispose;
  object_class->finalize = galley_page_tiles_finalize;

  /**
   * GalleyPageTiles::changed:
   *
   * There is something new to draw, or an error.
   */
  changed_signal = g_signal_new ("changed", GALLEY_TYPE_PAGE_TILES, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_page_tiles_init (GalleyPageTiles *self)
{
  self->tiles = g_hash_table_new_full (key_hash, key_equal, NULL, tile_free);
  self->wanted = g_array_new (FALSE, FALSE, sizeof (Key));
  self->max_bytes = MAX_BYTES;
  g_queue_init (&self->recent);
}

GalleyPageTiles *
galley_page_tiles_new (GalleyPageSource *source)
{
  GalleyPageTiles *self;

  g_return_val_if_fail (GALLEY_IS_PAGE_SOURCE (source), NULL);

  self = g_object_new (GALLEY_TYPE_PAGE_TILES, NULL);
  self->source = g_object_ref (source);
  return self;
}
