/* galley-background-portal.h: asks the desktop whether a program in a sandbox may go on, or start,
 * without a window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean galley_background_portal_is_needed (void);
void galley_background_portal_ask_async (gboolean autostart,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean galley_background_portal_ask_finish (GAsyncResult *result, GError **error);

G_END_DECLS
