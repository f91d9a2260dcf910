/* galley-decide.h: a person's word on the newest version of one or many items
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-decision.h"

G_BEGIN_DECLS

void galley_decide_async (GalleyStore *store,
                          GArray *items,
                          GPtrArray *scopes,
                          const char *verdict,
                          const char *note,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean galley_decide_finish (GAsyncResult *result, GArray **saved, GError **error);

G_END_DECLS
