/* galley-sample.h: the project that a new workspace starts with, to try everything on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-workspace.h"

G_BEGIN_DECLS

void galley_sample_make_async (GalleyWorkspace *workspace,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean galley_sample_make_finish (GAsyncResult *result, GalleyId *project, GError **error);

G_END_DECLS
