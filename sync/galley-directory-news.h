/* galley-directory-news.h: brings persons, devices, roles and projects in line with the server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job-context.h"

G_BEGIN_DECLS

void galley_directory_news_fetch_async (GalleyJobContext *context,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean galley_directory_news_fetch_finish (GAsyncResult *result, GError **error);

G_END_DECLS
