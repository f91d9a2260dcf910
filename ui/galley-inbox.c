/* galley-inbox.c: which items ask something of the person
 *
 * What a person cannot be spared comes first: conflicts, then items that lack only some approvals,
 * then those that nobody has decided on. An item on whose newest version the person has decided
 * asks nothing more of them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-inbox"

#include "ui/galley-inbox.h"

#include "data/galley-decision.h"

/* Own decisions are looked up one by one: beyond this many the item is listed in any case. */
#define MAX_LOOKUPS 500

static gboolean
add_missing (GalleyReader *reader,
             const GalleyItemFilter *filter,
             GArray *ids,
             GHashTable *known,
             GError **error)
{
  g_autoptr (GArray) found = galley_reader_list_item_ids (reader, filter, error);

  if (found == NULL)
    return FALSE;

  for (guint i = 0; i < found->len; i++)
    {
      GalleyId *id = &g_array_index (found, GalleyId, i);

      if (g_hash_table_add (known, g_memdup2 (id, sizeof *id)))
        g_array_append_val (ids, *id);
    }

  return TRUE;
}

static gboolean
find_newest_version (GalleyReader *reader, const GalleyId *item, GalleyId *version)
{
  g_autoptr (GPtrArray)
      versions = galley_reader_list_children (reader, item, GALLEY_KIND_VERSION, NULL);
  guint best = 0;
  gboolean found = FALSE;

  for (guint i = 0; versions != NULL && i < versions->len; i++)
    {
      GalleyEntity *entity = versions->pdata[i];
      GVariant *value = galley_entity_get_value (entity, GALLEY_VERSION_NUMBER);
      guint number = value != NULL ? g_variant_get_uint32 (value) : 0;

      if (!entity->alive || (found && number < best))
        continue;
      best = number;
      *version = entity->id;
      found = TRUE;
    }

  return found;
}

static gboolean
has_decided (GalleyReader *reader, const GalleyId *person, const GalleyId *item)
{
  GalleyId version, decision;
  g_autoptr (GalleyEntity) entity = NULL;

  if (!find_newest_version (reader, item, &version))
    return FALSE;

  galley_decision_get_id (person, &version, &decision);
  entity = galley_reader_get_entity (reader, &decision, NULL);
  return entity != NULL && entity->alive && !entity->contested;
}

static void
remove_decided (GalleyReader *reader, const GalleyId *person, GArray *ids, guint from)
{
  guint end = MIN (ids->len, from + MAX_LOOKUPS);

  for (guint i = end; i > from; i--)
    if (has_decided (reader, person, &g_array_index (ids, GalleyId, i - 1)))
      g_array_remove_index (ids, i - 1);
}

/**
 * galley_inbox_list:
 * @search: (nullable): words that the item or its notes hold
 *
 * Returns: (transfer full) (element-type GalleyId): most pressing first; reader thread
 */
GArray *
galley_inbox_list (GalleyReader *reader, const GalleyId *person, const char *search, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  g_autoptr (GHashTable)
      known = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);
  GalleyItemFilter filter = {
    .search = search, .sort = GALLEY_SORT_UPDATED, .descending = TRUE, .contested_only = TRUE
  };
  guint n_contested;

  if (!add_missing (reader, &filter, ids, known, error))
    return NULL;

  n_contested = ids->len;
  filter.contested_only = FALSE;
  filter.state = "partly";
  if (!add_missing (reader, &filter, ids, known, error))
    return NULL;

  remove_decided (reader, person, ids, n_contested);
  filter.state = "open";
  if (!add_missing (reader, &filter, ids, known, error))
    return NULL;

  return g_steal_pointer (&ids);
}
