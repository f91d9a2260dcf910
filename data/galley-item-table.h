/* galley-item-table.h: the rows of items as lists show them: name, state, newest version
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-applier.h"

G_BEGIN_DECLS

/* Private to the data layer. */
typedef struct _GalleyItemTable GalleyItemTable;

GalleyItemTable *galley_item_table_new (GalleyDatabase *db);
void galley_item_table_free (GalleyItemTable *self);
void galley_item_table_forget (GalleyItemTable *self);
void galley_item_table_mark (GalleyItemTable *self,
                             const GalleyEntityRow *row,
                             gint64 time_us,
                             gboolean whole);
gboolean galley_item_table_add_file (GalleyItemTable *self,
                                     gint64 version,
                                     GVariant *file,
                                     GError **error);
gboolean galley_item_table_mark_decided (GalleyItemTable *self, GError **error);
gboolean galley_item_table_remove (GalleyItemTable *self, gint64 entity, GError **error);
gboolean galley_item_table_flush (GalleyItemTable *self, GError **error);

/* The value that everyone sees of a field without elements. */
gboolean galley_field_get_value (
    GalleyDatabase *db, gint64 entity, guint16 field, GVariant **value, GError **error);

G_END_DECLS
