/* galley-common-ground.h: asks the server how far it has what this device has
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-outbox.h"
#include "sync/galley-job-context.h"
#include "sync/wire/galley-wire-json.h"

G_BEGIN_DECLS

char *galley_common_ground_to_query (const GalleyOutboxState *state);
void galley_common_ground_find_async (GalleyJobContext *context,
                                      const GalleyId *project,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
GalleyCommon *galley_common_ground_find_finish (GAsyncResult *result, GError **error);

G_END_DECLS
