/* galley-ctl-search.c: galleyctl search: words in names, bodies and tags
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-search"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"

#include <glib/gi18n.h>

#define USUAL_LIMIT 50
#define MAX_LIMIT 10000

static gboolean
run_search (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  g_autoptr (GPtrArray) hits = NULL;
  guint limit;

  if (reader == NULL ||
      !galley_ctl_get_number (ctl, "limit", USUAL_LIMIT, 1, MAX_LIMIT, &limit, error))
    return FALSE;
  hits = galley_reader_search (reader, galley_ctl_get_argument (ctl, 0), limit, error);
  if (hits == NULL)
    return FALSE;

  json_builder_begin_array (json);
  for (guint i = 0; i < hits->len; i++)
    {
      const GalleySearchHit *hit = g_ptr_array_index (hits, i);
      g_autoptr (GalleyItemRow) item = NULL;

      if (!galley_id_is_nil (&hit->item))
        item = galley_reader_get_item (reader, &hit->item, NULL);
      json_builder_begin_object (json);
      galley_json_add_id (json, "id", &hit->entity);
      galley_ctl_add_kind (ctl, hit->kind);
      galley_json_add_id (json, "item", &hit->item);
      galley_json_add_string (json, "item_name", item != NULL ? item->name : NULL);
      galley_json_add_string (json, "snippet", hit->snippet);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  return TRUE;
}

static const GalleyCtlOption options[] = {
  { "limit", "N", N_ ("how many at most; 50 unless you say"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_search_verbs[] = {
  { "search", NULL, "QUERY", 1, 1, FALSE, options, "kind,item_name,snippet,id",
    N_ ("Finds words in names, notes, replies and tags"), run_search },
  { NULL },
};
