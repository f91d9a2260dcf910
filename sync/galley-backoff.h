/* galley-backoff.h: how long to wait before the next try
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GALLEY_BACKOFF_BASE_MS 1000
#define GALLEY_BACKOFF_CAP_MS (15 * 60 * 1000)

guint galley_backoff_next_ms (guint attempt, guint32 random);

G_END_DECLS
