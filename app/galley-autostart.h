/* galley-autostart.h: whether the program starts with the desktop, without a window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean galley_autostart_is_on (void);
gboolean galley_autostart_set (gboolean on, GError **error);

G_END_DECLS
