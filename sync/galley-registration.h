/* galley-registration.h: makes a project known to the server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job-context.h"

G_BEGIN_DECLS

void galley_registration_run_async (GalleyJobContext *context,
                                    const GalleyId *project,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean galley_registration_run_finish (GAsyncResult *result, GError **error);

GError *galley_registration_explain_missing (void);

G_END_DECLS
