/* galley-render-source.c: the pages of a version's file, drawn by the decoder's process
 *
 * How many pages there are and how large they are travels with the version, so that notes can be
 * seen and made before the file itself has arrived.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-render-source"

#include "ui/galley-render-source.h"

#include "ui/galley-thumbnail.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A PDF's unit is a point of 1/72 inch; at 100 % it is shown as on a screen of 96 dots an inch. */
#define PDF_ACTUAL_ZOOM (96.0 / 72.0)
/* Letters do not get sharper beyond: 8 pixels a point are 576 dots an inch. */
#define PDF_MAX_SCALE 8.0

struct _GalleyRenderSource
{
  GObject parent_instance;

  GalleyRenderer *renderer;
  char *path;
  gboolean here;
  gboolean is_pdf;
  guint n_pages;
  GArray *sizes; /* of GalleyPageSize: of the first pages, or of all */
  gboolean inspecting;
  GCancellable *cancellable;
  GdkTexture *preview; /* (nullable): of the first page */
  GError *error;       /* (nullable) */
};

static void galley_render_source_init_source (GalleyPageSourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleyRenderSource,
                               galley_render_source,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GALLEY_TYPE_PAGE_SOURCE,
                                                      galley_render_source_init_source))

/* ── what is known of the pages ── */

static void
inspected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyRenderSource) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyMediaInfo)
      info = galley_renderer_inspect_finish (GALLEY_RENDERER (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_error (&self->error);
  if (info == NULL)
    self->error = g_steal_pointer (&error);
  else
    {
      self->n_pages = info->n_pages;
      g_array_unref (self->sizes);
      self->sizes = g_array_ref (info->pages);
    }
  galley_page_source_changed (GALLEY_PAGE_SOURCE (self));
}

/* The sizes of the first pages came with the version; of a long document the rest is asked for when
 * the file is there. */
static void
inspect (GalleyRenderSource *self)
{
  if (self->inspecting || !self->here || (self->n_pages > 0 && self->sizes->len >= self->n_pages))
    return;

  self->inspecting = TRUE;
  galley_renderer_inspect_async (self->renderer, self->path, self->cancellable, inspected_cb,
                                 g_object_ref (self));
}

static guint
get_n_pages (GalleyPageSource *source)
{
  return GALLEY_RENDER_SOURCE (source)->n_pages;
}

static gboolean
get_page_size (GalleyPageSource *source, guint page, double *width, double *height)
{
  GalleyRenderSource *self = GALLEY_RENDER_SOURCE (source);
  const GalleyPageSize *size;

  if (page == 0 || page > self->sizes->len)
    {
      inspect (self);
      return FALSE;
    }

  size = &g_array_index (self->sizes, GalleyPageSize, page - 1);
  *width = size->width;
  *height = size->height;
  return TRUE;
}

static double
get_actual_zoom (GalleyPageSource *source, guint page)
{
  return GALLEY_RENDER_SOURCE (source)->is_pdf ? PDF_ACTUAL_ZOOM : 1;
}

static double
get_max_scale (GalleyPageSource *source, guint page)
{
  return GALLEY_RENDER_SOURCE (source)->is_pdf ? PDF_MAX_SCALE : 1;
}

static GdkTexture *
get_preview (GalleyPageSource *source, guint page)
{
  return page == 1 ? GALLEY_RENDER_SOURCE (source)->preview : NULL;
}

static const GError *
get_error (GalleyPageSource *source)
{
  return GALLEY_RENDER_SOURCE (source)->error;
}

/* ── drawing ── */

static void
rendered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyPixels)
      pixels = galley_renderer_render_finish (GALLEY_RENDERER (source), result, &error);

  if (pixels == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_task_return_pointer (task,
                         gdk_memory_texture_new (pixels->width, pixels->height, GDK_MEMORY_R8G8B8A8,
                                                 pixels->pixels, pixels->stride),
                         g_object_unref);
}

static void
render_async (GalleyPageSource *source,
              guint page,
              double scale,
              const GdkRectangle *area,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  GalleyRenderSource *self = GALLEY_RENDER_SOURCE (source);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, render_async);
  if (!self->here)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s",
                               _ ("This file is not on this computer yet. It is fetched as soon "
                                  "as the server can be reached; notes can be made now."));
      return;
    }

  galley_renderer_render_async (self->renderer, self->path, page, scale, area->x, area->y,
                                area->width, area->height, cancellable, rendered_cb,
                                g_steal_pointer (&task));
}

static GdkTexture *
render_finish (GalleyPageSource *source, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
galley_render_source_init_source (GalleyPageSourceInterface *iface)
{
  iface->get_n_pages = get_n_pages;
  iface->get_page_size = get_page_size;
  iface->get_actual_zoom = get_actual_zoom;
  iface->get_max_scale = get_max_scale;
  iface->get_preview = get_preview;
  iface->get_error = get_error;
  iface->render_async = render_async;
  iface->render_finish = render_finish;
}

/* ── the object ── */

static void
galley_render_source_dispose (GObject *object)
{
  GalleyRenderSource *self = GALLEY_RENDER_SOURCE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->renderer);
  g_clear_object (&self->preview);
  G_OBJECT_CLASS (galley_render_source_parent_class)->dispose (object);
}

static void
galley_render_source_finalize (GObject *object)
{
  GalleyRenderSource *self = GALLEY_RENDER_SOURCE (object);

  g_free (self->path);
  g_array_unref (self->sizes);
  g_object_unref (self->cancellable);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (galley_render_source_parent_class)->finalize (object);
}

static void
galley_render_source_class_init (GalleyRenderSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_render_source_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_render_source_finalize;
}

static void
galley_render_source_init (GalleyRenderSource *self)
{
  self->sizes = g_array_new (FALSE, FALSE, sizeof (GalleyPageSize));
  self->cancellable = g_cancellable_new ();
}

static GVariant *
typed_value (const GalleyEntity *version, guint16 field, const char *type)
{
  GVariant *value = galley_entity_get_value (version, field);

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE (type)) ? value : NULL;
}

static void
read_media (GalleyRenderSource *self, const GalleyEntity *version)
{
  GVariant *media = typed_value (version, GALLEY_VERSION_MEDIA, "(ua(dd))");
  g_autoptr (GVariant) sizes = NULL;

  if (media == NULL)
    return;

  g_variant_get_child (media, 0, "u", &self->n_pages);
  sizes = g_variant_get_child_value (media, 1);
  for (gsize i = 0; i < g_variant_n_children (sizes); i++)
    {
      GalleyPageSize size;

      g_variant_get_child (sizes, i, "(dd)", &size.width, &size.height);
      if (!(size.width > 0 && size.height > 0))
        break; /* it came from elsewhere: what makes no sense is asked of the file */
      g_array_append_val (self->sizes, size);
    }
}

static void
read_preview (GalleyRenderSource *self, const GalleyEntity *version)
{
  GVariant *value = typed_value (version, GALLEY_VERSION_THUMBNAIL, "ay");
  g_autoptr (GBytes) bytes = value != NULL ? g_variant_get_data_as_bytes (value) : NULL;

  if (bytes != NULL)
    self->preview = galley_thumbnail_decode (bytes);
}

/**
 * galley_render_source_file_of:
 * @file: (out): the hash of the version's bytes
 *
 * Returns: %FALSE when the version names no file
 */
gboolean
galley_render_source_file_of (const GalleyEntity *version, GalleyHash *file)
{
  GVariant *value = typed_value (version, GALLEY_VERSION_FILE, "(ayts)");
  g_autoptr (GVariant) hash = value != NULL ? g_variant_get_child_value (value, 0) : NULL;

  if (hash == NULL || g_variant_get_size (hash) != sizeof *file)
    return FALSE;

  memcpy (file, g_variant_get_data (hash), sizeof *file);
  return TRUE;
}

/**
 * galley_render_source_new:
 * @here: whether the file's bytes are on this computer
 *
 * Returns: (transfer full) (nullable): %NULL when the version names no file
 */
GalleyPageSource *
galley_render_source_new (GalleyRenderer *renderer,
                          GalleyFileStore *files,
                          const GalleyEntity *version,
                          gboolean here)
{
  GalleyRenderSource *self;
  const char *media_type;
  GalleyHash file;

  if (!galley_render_source_file_of (version, &file))
    return NULL;

  self = g_object_new (GALLEY_TYPE_RENDER_SOURCE, NULL);
  self->renderer = g_object_ref (renderer);
  self->path = galley_file_store_get_path (files, &file);
  self->here = here;
  g_variant_get_child (galley_entity_get_value (version, GALLEY_VERSION_FILE), 2, "&s",
                       &media_type);
  self->is_pdf = g_str_equal (media_type, "application/pdf");
  read_media (self, version);
  read_preview (self, version);
  inspect (self);
  return GALLEY_PAGE_SOURCE (self);
}

/**
 * galley_render_source_set_here:
 *
 * Returns: whether the file has arrived since it was asked last
 */
gboolean
galley_render_source_set_here (GalleyRenderSource *self, gboolean here)
{
  gboolean arrived;

  g_return_val_if_fail (GALLEY_IS_RENDER_SOURCE (self), FALSE);

  arrived = here && !self->here;
  self->here = here;
  inspect (self);
  return arrived;
}
