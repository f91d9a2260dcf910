/* galley-search-table.h: the full-text index: one row an entity, made from its searched fields
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-database.h"

G_BEGIN_DECLS

/* Private to the data layer. */
typedef struct _GalleySearchTable GalleySearchTable;

GalleySearchTable *galley_search_table_new (GalleyDatabase *db);
void galley_search_table_free (GalleySearchTable *self);
void galley_search_table_forget (GalleySearchTable *self);
void galley_search_table_mark (GalleySearchTable *self, gint64 entity, gboolean is_new);
void galley_search_table_set_held (GalleySearchTable *self, gboolean held);
gboolean galley_search_table_flush (GalleySearchTable *self, GError **error);

G_END_DECLS
