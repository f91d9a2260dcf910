/* galley-renderer.h: looks into images and PDFs, through a process of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-media-info.h"
#include "sync/galley-pixels.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GalleyRenderError:
 * @GALLEY_RENDER_ERROR_DAMAGED: the file, or the page, cannot be opened
 * @GALLEY_RENDER_ERROR_EMPTY: the file has no bytes
 * @GALLEY_RENDER_ERROR_UNSUPPORTED: the file is of another kind, whatever its name says
 * @GALLEY_RENDER_ERROR_PASSWORD: a PDF that only opens with a password
 * @GALLEY_RENDER_ERROR_TOO_LARGE: more pixels, memory or disk than is allowed
 * @GALLEY_RENDER_ERROR_NOT_FOUND: the file is not there, or may not be read
 * @GALLEY_RENDER_ERROR_HELPER: the decoder crashed, took too long or could not be started; the next
 *   file may well open
 *
 * Messages are whole sentences for the person.
 */
typedef enum
{
  GALLEY_RENDER_ERROR_DAMAGED = 1,
  GALLEY_RENDER_ERROR_EMPTY,
  GALLEY_RENDER_ERROR_UNSUPPORTED,
  GALLEY_RENDER_ERROR_PASSWORD,
  GALLEY_RENDER_ERROR_TOO_LARGE,
  GALLEY_RENDER_ERROR_NOT_FOUND,
  GALLEY_RENDER_ERROR_HELPER,
} GalleyRenderError;

#define GALLEY_RENDER_ERROR (galley_render_error_quark ())
GQuark galley_render_error_quark (void);

#define GALLEY_TYPE_RENDERER (galley_renderer_get_type ())
G_DECLARE_FINAL_TYPE (GalleyRenderer, galley_renderer, GALLEY, RENDERER, GObject)

GalleyRenderer *galley_renderer_new (const char *program, const char *cache);
void galley_renderer_set_time_limit (GalleyRenderer *self, guint time_limit_ms);
int galley_renderer_get_pid (GalleyRenderer *self);

void galley_renderer_inspect_async (GalleyRenderer *self,
                                    const char *path,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
GalleyMediaInfo *galley_renderer_inspect_finish (GalleyRenderer *self,
                                                 GAsyncResult *result,
                                                 GError **error);
void galley_renderer_render_async (GalleyRenderer *self,
                                   const char *path,
                                   guint page,
                                   double scale,
                                   int x,
                                   int y,
                                   int width,
                                   int height,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
GalleyPixels *galley_renderer_render_finish (GalleyRenderer *self,
                                             GAsyncResult *result,
                                             GError **error);
void galley_renderer_thumbnail_async (GalleyRenderer *self,
                                      const char *path,
                                      guint page,
                                      guint box_px,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
GBytes *galley_renderer_thumbnail_finish (GalleyRenderer *self,
                                          GAsyncResult *result,
                                          GError **error);

GalleyMediaInfo *galley_renderer_inspect (GalleyRenderer *self, const char *path, GError **error);
GBytes *galley_renderer_thumbnail (
    GalleyRenderer *self, const char *path, guint page, guint box_px, GError **error);

G_END_DECLS
