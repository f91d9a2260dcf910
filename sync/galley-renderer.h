/* galley-renderer.h: looks into images and PDFs, through a process of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GalleyRenderError:
 *
 * Each comes with a sentence for the person. The first six are the file's fault, the last is not.
 */
typedef enum
{
  GALLEY_RENDER_ERROR_DAMAGED = 1,
  GALLEY_RENDER_ERROR_EMPTY,
  GALLEY_RENDER_ERROR_UNSUPPORTED,
  GALLEY_RENDER_ERROR_PASSWORD,
  GALLEY_RENDER_ERROR_TOO_LARGE,
  GALLEY_RENDER_ERROR_NOT_FOUND,
  GALLEY_RENDER_ERROR_HELPER, /* the process died, hung or could not be started */
} GalleyRenderError;

#define GALLEY_RENDER_ERROR (galley_render_error_quark ())
GQuark galley_render_error_quark (void);

/* What a file is. */
typedef struct
{
  double width, height; /* in the asset's own units: pixels as they are seen, or PDF points */
} GalleyPageSize;

typedef struct
{
  char *media_type;
  guint n_pages; /* 1 for an image */
  GArray *pages; /* of GalleyPageSize; at most 5,000 */
} GalleyMediaInfo;

void galley_media_info_free (GalleyMediaInfo *info);

/* RGBA, 8 bits each, not premultiplied, sRGB, without padding. */
typedef struct
{
  GBytes *pixels;
  int width, height, stride; /* stride in bytes */
} GalleyPixels;

void galley_pixels_free (GalleyPixels *pixels);

#define GALLEY_TYPE_RENDERER (galley_renderer_get_type ())
G_DECLARE_FINAL_TYPE (GalleyRenderer, galley_renderer, GALLEY, RENDERER, GObject)

GalleyRenderer *galley_renderer_new (const char *program, const char *cache);

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

/* They wait: for the command line and tests, never for a window. */
GalleyMediaInfo *galley_renderer_inspect (GalleyRenderer *self, const char *path, GError **error);
GBytes *galley_renderer_thumbnail (
    GalleyRenderer *self, const char *path, guint page, guint box_px, GError **error);

/* The running helper's process id, 0 when none runs: for tests. */
int galley_renderer_get_pid (GalleyRenderer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyMediaInfo, galley_media_info_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPixels, galley_pixels_free)

G_END_DECLS
