/* galley-rebuild.h: making a damaged workspace good again, on a thread of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* On the main loop; @fraction: from 0 to 1 */
typedef void (*GalleyRebuildProgress) (double fraction, gpointer data);

void galley_rebuild_async (const char *folder,
                           GalleyRebuildProgress progress,
                           gpointer progress_data,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
char *galley_rebuild_finish (GAsyncResult *result, GError **error);

G_END_DECLS
