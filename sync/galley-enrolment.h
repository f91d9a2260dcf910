/* galley-enrolment.h: makes this device one of a server's, with an invite code
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"
#include "sync/galley-transport.h"

G_BEGIN_DECLS

void galley_enrolment_run_async (GalleyStore *store,
                                 GalleyTransport *transport,
                                 const char *url,
                                 const char *invite,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean galley_enrolment_run_finish (GalleyStore *store, GAsyncResult *result, GError **error);

/* After a crash between the two: the account is there, but the database does not know. Blocks. */
gboolean galley_enrolment_repair (GalleyStore *store, GError **error);

G_END_DECLS
