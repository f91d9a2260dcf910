/* galley-file-download.h: a file, or a part of one, on its way down
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "server/galley-server-error.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Private to the server; main loop. */
gboolean galley_file_download_start (SoupServerMessage *message, const char *path, GError **error);

G_END_DECLS
