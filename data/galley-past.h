/* galley-past.h: an item as it was at another time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-reader.h"

G_BEGIN_DECLS

GPtrArray *galley_past_list_item (
    GalleyReader *reader, const GalleyId *item, guint64 until_hlc, gboolean *whole, GError **error);

G_END_DECLS
