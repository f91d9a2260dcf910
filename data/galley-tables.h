/* galley-tables.h: the tables of a workspace: permanent ones, and derived ones that can be made
 * again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-database.h"

G_BEGIN_DECLS

gboolean galley_tables_prepare (GalleyDatabase *db, GError **error);
gboolean galley_tables_drop_derived (GalleyDatabase *db, GError **error);
gboolean galley_tables_make_derived (GalleyDatabase *db, GError **error);
gboolean galley_tables_derived_is_current (GalleyDatabase *db, gboolean *current, GError **error);

G_END_DECLS
