/* galley-page-source.c: where the canvas gets the pictures of an asset's pages from
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-page-source"

#include "ui/galley-page-source.h"

G_DEFINE_INTERFACE (GalleyPageSource, galley_page_source, G_TYPE_OBJECT)

static guint changed_signal;

static void
galley_page_source_default_init (GalleyPageSourceInterface *iface)
{
  /**
   * GalleyPageSource::changed:
   *
   * Pages, their sizes or their pictures are others than before, or can be had now.
   */
  changed_signal = g_signal_new ("changed", GALLEY_TYPE_PAGE_SOURCE, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

guint
galley_page_source_get_n_pages (GalleyPageSource *self)
{
  g_return_val_if_fail (GALLEY_IS_PAGE_SOURCE (self), 0);

  return GALLEY_PAGE_SOURCE_GET_IFACE (self)->get_n_pages (self);
}

/**
 * galley_page_source_get_page_size:
 * @page: the first is 1
 * @width: (out): asset units
 * @height: (out): asset units
 *
 * Returns: %FALSE while it is not known, or for a page that is not there
 */
gboolean
galley_page_source_get_page_size (GalleyPageSource *self, guint page, double *width, double *height)
{
  g_return_val_if_fail (GALLEY_IS_PAGE_SOURCE (self), FALSE);

  *width = *height = 0;
  if (page < 1 || page > galley_page_source_get_n_pages (self))
    return FALSE;

  return GALLEY_PAGE_SOURCE_GET_IFACE (self)->get_page_size (self, page, width, height) &&
         *width > 0 && *height > 0;
}

/**
 * galley_page_source_get_actual_zoom:
 *
 * Returns: screen units an asset unit at "100 %": an image's pixel is a pixel, paper has its size
 */
double
galley_page_source_get_actual_zoom (GalleyPageSource *self, guint page)
{
  GalleyPageSourceInterface *iface;

  g_return_val_if_fail (GALLEY_IS_PAGE_SOURCE (self), 1);

  iface = GALLEY_PAGE_SOURCE_GET_IFACE (self);
  return iface->get_actual_zoom != NULL ? iface->get_actual_zoom (self, page) : 1;
}

/**
 * galley_page_source_get_max_scale:
 *
 * Returns: pixels an asset unit beyond which a picture shows nothing more
 */
double
galley_page_source_get_max_scale (GalleyPageSource *self, guint page)
{
  GalleyPageSourceInterface *iface;

  g_return_val_if_fail (GALLEY_IS_PAGE_SOURCE (self), 1);

  iface = GALLEY_PAGE_SOURCE_GET_IFACE (self);
  return iface->get_max_scale != NULL ? iface->get_max_scale (self, page) : G_MAXDOUBLE;
}

/**
 * galley_page_source_get_preview:
 *
 * Returns: (transfer none) (nullable): a small picture to show until there is a better one
 */
GdkTexture *
galley_page_source_get_preview (GalleyPageSource *self, guint page)
{
  GalleyPageSourceInterface *iface;

  g_return_val_if_fail (GALLEY_IS_PAGE_SOURCE (self), NULL);

  iface = GALLEY_PAGE_SOURCE_GET_IFACE (self);
  return iface->get_preview != NULL ? iface->get_preview (self, page) : NULL;
}

/**
 * galley_page_source_get_error:
 *
 * Returns: (transfer none) (nullable): why nothing is known of the asset
 */
const GError *
galley_page_source_get_error (GalleyPageSource *self)
{
  GalleyPageSourceInterface *iface;

  g_return_val_if_fail (GALLEY_IS_PAGE_SOURCE (self), NULL);

  iface = GALLEY_PAGE_SOURCE_GET_IFACE (self);
  return iface->get_error != NULL ? iface->get_error (self) : NULL;
}

/**
 * galley_page_source_render_async:
 * @scale: pixels an asset unit
 * @area: which part, in pixels at that scale
 * @cancellable: (nullable): when nobody looks at that part any more
 */
void
galley_page_source_render_async (GalleyPageSource *self,
                                 guint page,
                                 double scale,
                                 const GdkRectangle *area,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_return_if_fail (GALLEY_IS_PAGE_SOURCE (self));
  g_return_if_fail (scale > 0 && area->width > 0 && area->height > 0);

  GALLEY_PAGE_SOURCE_GET_IFACE (self)->render_async (self, page, scale, area, cancellable, callback,
                                                     user_data);
}

/**
 * galley_page_source_render_finish:
 *
 * Returns: (transfer full) (nullable): the picture; %NULL with a sentence for people in @error
 */
GdkTexture *
galley_page_source_render_finish (GalleyPageSource *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (GALLEY_IS_PAGE_SOURCE (self), NULL);

  return GALLEY_PAGE_SOURCE_GET_IFACE (self)->render_finish (self, result, error);
}

/**
 * galley_page_source_changed:
 *
 * For implementations: emits #GalleyPageSource::changed.
 */
void
galley_page_source_changed (GalleyPageSource *self)
{
  g_return_if_fail (GALLEY_IS_PAGE_SOURCE (self));

  g_signal_emit (self, changed_signal, 0);
}
