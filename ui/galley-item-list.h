/* galley-item-list.h: the items of a filter as a list model that is loaded as it is looked at
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"
#include "ui/galley-item.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_ITEM_LIST (galley_item_list_get_type ())
G_DECLARE_FINAL_TYPE (GalleyItemList, galley_item_list, GALLEY, ITEM_LIST, GObject)

/* A GListModel of GalleyItem. Main loop.
 *
 * properties:
 *   n-items (uint), ready (boolean): whether the filter in force has been answered
 * signals:
 *   "failed" (char *message)  the list could not be read; what is shown stays
 */

/* What the list holds; strings are copied. */
typedef struct
{
  gboolean inbox;   /* what asks something of the person, of all projects: the rest is then unused
                     * but for search */
  GalleyId project; /* nil: all */
  const char *state;
  const char *tag;
  const char *search;
  gboolean contested_only;
  GalleyItemSort sort;
  gboolean descending;
} GalleyItemQuery;

GalleyItemList *galley_item_list_new (GalleyStore *store);
void galley_item_list_set_query (GalleyItemList *self, const GalleyItemQuery *query);
gboolean galley_item_list_is_ready (GalleyItemList *self);
gboolean galley_item_list_find (GalleyItemList *self, const GalleyId *id, guint *position);
const GalleyId *galley_item_list_get_id (GalleyItemList *self, guint position);

G_END_DECLS
