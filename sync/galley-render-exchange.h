/* galley-render-exchange.h: one request to the decoder's process, and its answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What is asked for; see galley-render-protocol.h. */
typedef struct
{
  guint8 what;
  char *path;
  guint page;
  double scale;
  int x, y, width, height;
} GalleyRenderRequest;

GalleyRenderRequest *galley_render_request_new (
    guint8 what, const char *path, guint page, double scale, int x, int y, int width, int height);
void galley_render_request_free (GalleyRenderRequest *self);

void galley_render_exchange_run_async (GSubprocess *helper,
                                       guint number,
                                       const GalleyRenderRequest *request,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
GVariant *galley_render_exchange_run_finish (GSubprocess *helper,
                                             GAsyncResult *result,
                                             GBytes **picture,
                                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyRenderRequest, galley_render_request_free)

G_END_DECLS
