/* galley-thumbnail.c: the small pictures of items, read and decoded away from the main loop
 *
 * They come from other people, so only two formats are let through, and only when their header says
 * that they are small; anything else is no thumbnail.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-thumbnail"

#include "ui/galley-thumbnail.h"

#include <string.h>

#define MAX_BYTES (16 * 1024)
#define MAX_SIDE_PX 512

static gboolean
is_small (guint width, guint height)
{
  return width > 0 && height > 0 && width <= MAX_SIDE_PX && height <= MAX_SIDE_PX;
}

static guint
read_be16 (const guint8 *data)
{
  return (guint)data[0] << 8 | data[1];
}

/* PNG: signature, then the chunk IHDR, which starts with width and height (RFC 2083, 3.2, 4.1.1).
 */
static gboolean
is_small_png (const guint8 *data, gsize bytes)
{
  static const guint8 magic[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

  if (bytes < 24 || memcmp (data, magic, sizeof magic) != 0 || memcmp (data + 12, "IHDR", 4) != 0)
    return FALSE;

  return read_be16 (data + 16) == 0 && read_be16 (data + 20) == 0 &&
         is_small (read_be16 (data + 18), read_be16 (data + 22));
}

/* JPEG: segments of a marker and a length, until one starts a frame (ITU-T T.81, B.2.2). */
static gboolean
is_small_jpeg (const guint8 *data, gsize bytes)
{
  gsize at = 2;

  if (bytes < 4 || data[0] != 0xff || data[1] != 0xd8)
    return FALSE;

  while (at + 9 <= bytes && data[at] == 0xff)
    {
      guint8 marker = data[at + 1];

      if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
        return is_small (read_be16 (data + at + 7), read_be16 (data + at + 5));
      at += 2 + read_be16 (data + at + 2);
    }

  return FALSE;
}

/**
 * galley_thumbnail_decode:
 *
 * Returns: (transfer full) (nullable): %NULL when it is no small PNG or JPEG; any thread
 */
GdkTexture *
galley_thumbnail_decode (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  if (size > MAX_BYTES || (!is_small_png (data, size) && !is_small_jpeg (data, size)))
    return NULL;

  return gdk_texture_new_from_bytes (bytes, NULL);
}

static void
unref_bytes (gpointer bytes)
{
  if (bytes != NULL)
    g_bytes_unref (bytes);
}

static void
unref_texture (gpointer texture)
{
  if (texture != NULL)
    g_object_unref (texture);
}

static gpointer
read_bytes (GalleyReader *reader, gpointer data, GError **error)
{
  GArray *ids = data;
  GPtrArray *all = g_ptr_array_new_with_free_func (unref_bytes);

  /* None, or one that cannot be read, is an item without a picture. */
  for (guint i = 0; i < ids->len; i++)
    g_ptr_array_add (all,
                     galley_reader_get_thumbnail (reader, &g_array_index (ids, GalleyId, i), NULL));

  return all;
}

static void
decode_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GPtrArray *all = task_data;
  GPtrArray *textures = g_ptr_array_new_with_free_func (unref_texture);

  for (guint i = 0; i < all->len && !g_cancellable_is_cancelled (cancellable); i++)
    g_ptr_array_add (textures,
                     all->pdata[i] != NULL ? galley_thumbnail_decode (all->pdata[i]) : NULL);

  g_task_return_pointer (task, textures, (GDestroyNotify)g_ptr_array_unref);
}

static void
bytes_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  GPtrArray *all = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  if (all == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_task_set_task_data (task, all, (GDestroyNotify)g_ptr_array_unref);
  g_task_run_in_thread (task, decode_in_thread);
}

/**
 * galley_thumbnail_load_async:
 * @ids: of #GalleyId of items
 */
void
galley_thumbnail_load_async (GalleyStore *store,
                             GArray *ids,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  /* No source object: the last reference to it must not fall in a worker thread. */
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, galley_thumbnail_load_async);
  galley_store_read_async (store, read_bytes, g_array_ref (ids), (GDestroyNotify)g_array_unref,
                           (GDestroyNotify)g_ptr_array_unref, cancellable, bytes_read_cb, task);
}

/**
 * galley_thumbnail_load_finish:
 *
 * Returns: (transfer full) (element-type GdkTexture): one for each id, %NULL where there is none
 */
GPtrArray *
galley_thumbnail_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
