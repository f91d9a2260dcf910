/* galley-support.h: what somebody needs to know who is to help with a workspace from afar
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

char *galley_support_describe (GalleyStore *store, gboolean with_words, GError **error);
void galley_support_describe_async (GalleyStore *store,
                                    gboolean with_words,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
char *galley_support_describe_finish (GAsyncResult *result, GError **error);
char *galley_support_hide_names (const char *text);

G_END_DECLS
