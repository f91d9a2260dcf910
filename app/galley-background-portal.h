/* galley-background-portal.h: asks the desktop whether a program in a sandbox may go on, or start,
 * without a window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a desktop lets the program do. */
typedef struct
{
  gboolean background; /* go on without a window */
  gboolean autostart;  /* start with the session */
} GalleyBackgroundGrant;

gboolean galley_background_portal_is_needed (void);
void galley_background_portal_ask_async (gboolean autostart,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean galley_background_portal_ask_finish (GAsyncResult *result,
                                              GalleyBackgroundGrant *grant,
                                              GError **error);
GError *galley_background_portal_explain_denied (void);

G_END_DECLS
