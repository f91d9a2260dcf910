/* galley-page-source.h: where the canvas gets the pictures of an asset's pages from
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_PAGE_SOURCE (galley_page_source_get_type ())
G_DECLARE_INTERFACE (GalleyPageSource, galley_page_source, GALLEY, PAGE_SOURCE, GObject)

/* Pages count from 1. Everything but render_async() answers from memory.
 *
 * get_n_pages      0 while it is not known
 * get_page_size    FALSE while it is not known; asset units
 * get_actual_zoom  (optional) screen units an asset unit at "100 %"; 1 if not given
 * get_max_scale    (optional) pixels an asset unit beyond which nothing more is to be seen
 * get_preview      (optional) (transfer none) (nullable) a small picture to show meanwhile
 * get_error        (optional) (transfer none) (nullable) why there is no page size, in a sentence
 * render_async     @area in pixels of the page at @scale pixels an asset unit; never larger than
 *                  1024 x 1024
 * render_finish    (transfer full) of the area's size
 */
struct _GalleyPageSourceInterface
{
  GTypeInterface parent_interface;

  guint (*get_n_pages) (GalleyPageSource *self);
  gboolean (*get_page_size) (GalleyPageSource *self, guint page, double *width, double *height);
  double (*get_actual_zoom) (GalleyPageSource *self, guint page);
  double (*get_max_scale) (GalleyPageSource *self, guint page);
  GdkTexture *(*get_preview) (GalleyPageSource *self, guint page);
  const GError *(*get_error) (GalleyPageSource *self);
  void (*render_async) (GalleyPageSource *self,
                        guint page,
                        double scale,
                        const GdkRectangle *area,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
  GdkTexture *(*render_finish) (GalleyPageSource *self, GAsyncResult *result, GError **error);
};

guint galley_page_source_get_n_pages (GalleyPageSource *self);
gboolean galley_page_source_get_page_size (GalleyPageSource *self,
                                           guint page,
                                           double *width,
                                           double *height);
double galley_page_source_get_actual_zoom (GalleyPageSource *self, guint page);
double galley_page_source_get_max_scale (GalleyPageSource *self, guint page);
GdkTexture *galley_page_source_get_preview (GalleyPageSource *self, guint page);
const GError *galley_page_source_get_error (GalleyPageSource *self);
void galley_page_source_render_async (GalleyPageSource *self,
                                      guint page,
                                      double scale,
                                      const GdkRectangle *area,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
GdkTexture *galley_page_source_render_finish (GalleyPageSource *self,
                                              GAsyncResult *result,
                                              GError **error);

void galley_page_source_changed (GalleyPageSource *self);

G_END_DECLS
