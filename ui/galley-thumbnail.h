/* galley-thumbnail.h: the small pictures of items, read and decoded away from the main loop
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

GdkTexture *galley_thumbnail_decode (GBytes *bytes);

void galley_thumbnail_load_async (GalleyStore *store,
                                  GArray *ids,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
GPtrArray *galley_thumbnail_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
