/* galley-autostart.h: whether the program starts with the desktop, without a window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "app/galley-background-portal.h"

G_BEGIN_DECLS

gboolean galley_autostart_is_on (GSettings *settings);
void galley_autostart_set_async (GSettings *settings,
                                 gboolean on,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
void galley_autostart_take_grant (GSettings *settings, const GalleyBackgroundGrant *grant);
gboolean galley_autostart_set_finish (GAsyncResult *result, GError **error);

G_END_DECLS
