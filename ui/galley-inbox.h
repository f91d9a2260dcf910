/* galley-inbox.h: which items ask something of the person
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-reader.h"

G_BEGIN_DECLS

GArray *galley_inbox_list (GalleyReader *reader,
                           const GalleyId *person,
                           const char *search,
                           GError **error);

G_END_DECLS
