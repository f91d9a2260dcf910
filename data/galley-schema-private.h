/* galley-schema-private.h: another table of what exists, to see what an upgrade does
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-schema.h"

G_BEGIN_DECLS

/* From now on this is what exists, everywhere in the process; NULL: what this Galley knows. @kinds
 * is indexed by number and must stay where it is. For tests, while nobody else looks. */
void galley_schema_suppose (const GalleyKindSpec *kinds, guint n_kinds);

G_END_DECLS
