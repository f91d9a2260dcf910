/* galley-ctl-explain.c: galleyctl explain: why a field is as it is, and how it came to that
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-explain"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-audit.h"
#include "data/galley-snapshot-install.h"

#include <glib/gi18n.h>

#define USUAL_LIMIT 100
#define MAX_LIMIT 1000000

static void
add_time_or_null (JsonBuilder *json, const char *name, gint64 time_us)
{
  if (time_us != 0)
    {
      galley_json_add_time (json, name, time_us);
      return;
    }
  json_builder_set_member_name (json, name);
  json_builder_add_null_value (json);
}

static void
add_replaced (GalleyCtl *ctl, const GalleyAuditStep *step)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_set_member_name (json, "replaced");
  json_builder_begin_array (json);
  for (guint i = 0; i < step->edit->n_supersedes; i++)
    {
      g_autofree char *ref = galley_ref_to_string (&step->edit->supersedes[i]);

      json_builder_add_string_value (json, ref);
    }
  json_builder_end_array (json);

  json_builder_set_member_name (json, "before");
  json_builder_begin_array (json);
  for (guint i = 0; i < step->n_replaced; i++)
    {
      json_builder_begin_object (json);
      galley_ctl_add_value (ctl, "value", step->edit->kind, step->edit->field,
                            step->replaced[i]->value);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
add_step (GalleyCtl *ctl, const GalleyAuditEntry *entry, const GalleyAuditStep *step)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const GalleyChangeHeader *header = galley_change_get_header (entry->row->change);
  const GalleyRef own = { header->device, header->seq };
  g_autofree char *change = galley_ref_to_string (&own);

  json_builder_begin_object (json);
  galley_json_add_string (json, "change", change);
  galley_ctl_add_person (ctl, "person", &header->actor);
  galley_ctl_add_device (ctl, "device", &header->device);
  galley_json_add_time (json, "time", entry->made_us);
  add_time_or_null (json, "shared", entry->shared_us);
  json_builder_set_member_name (json, "position");
  if (entry->row->position != 0)
    json_builder_add_int_value (json, entry->row->position);
  else
    json_builder_add_null_value (json);
  galley_json_add_string (json, "intent", galley_change_get_intent (entry->row->change));
  if (*step->edit->element != '\0')
    galley_json_add_string (json, "element", step->edit->element);
  galley_ctl_add_value (ctl, "value", step->edit->kind, step->edit->field, step->edit->value);
  galley_ctl_add_boolean (ctl, "stands", step->stands);
  galley_json_add_string (json, "refused", entry->row->refused);
  galley_json_add_string (json, "settled_by", step->take);
  galley_json_add_string (json, "rule", step->rule);
  galley_json_add_string (json, "signature", galley_proof_to_string (step->proof));
  add_replaced (ctl, step);
  json_builder_end_object (json);
}

static void
add_history (GalleyCtl *ctl, const GalleyAudit *audit)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_set_member_name (json, "history");
  json_builder_begin_array (json);
  for (guint i = 0; i < audit->entries->len; i++)
    {
      const GalleyAuditEntry *entry = audit->entries->pdata[i];

      for (guint k = 0; k < entry->steps->len; k++)
        add_step (ctl, entry, &g_array_index (entry->steps, GalleyAuditStep, k));
    }
  json_builder_end_array (json);
}

/* What was replaced is told as well, unless it is older than what is here. */
static gboolean
ask_for_older (GalleyCtl *ctl, GError **error)
{
  GalleyStore *store;
  guint n_projects;

  galley_ctl_set_status (ctl, GALLEY_CTL_DONE,
                         _ ("Older changes are not on this computer yet. They come with the next "
                            "sync."));
  store = galley_ctl_open_store (ctl, error);
  return store != NULL && galley_history_ask (store, &n_projects, error);
}

static gboolean
run_explain (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const char *name = galley_ctl_get_argument (ctl, 1);
  const char *element = galley_ctl_get_option (ctl, "element");
  g_autoptr (GalleyEntity)
      entity = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0), 0, error);
  g_autoptr (GalleyAudit) audit = NULL;
  g_autofree char *why = NULL;
  const GalleyFieldSpec *spec;
  GalleyJournalFilter filter = { 0 };

  if (entity == NULL)
    return FALSE;
  spec = galley_schema_find_field (entity->kind, name);
  if (spec == NULL)
    return galley_ctl_fail (error, _ ("This thing has no field “%.60s”."), name);
  if (!galley_ctl_get_number (ctl, "limit", USUAL_LIMIT, 1, MAX_LIMIT, &filter.limit, error))
    return FALSE;

  filter.entity = &entity->id;
  filter.field = &spec->number;
  filter.element = element;
  audit = galley_audit_read (galley_ctl_open_reader (ctl, NULL), &filter, error);
  if (audit == NULL)
    return FALSE;

  why = galley_audit_explain (audit, entity, spec, element);
  json_builder_begin_object (json);
  galley_ctl_add_entity (ctl, entity);
  galley_ctl_add_field_name (ctl, entity->kind, spec->number, element != NULL ? element : "");
  galley_ctl_add_field (ctl, entity, spec->number);
  galley_json_add_string (json, "why", why);
  add_history (ctl, audit);
  json_builder_end_object (json);
  return audit->whole || ask_for_older (ctl, error);
}

static const GalleyCtlOption options[] = {
  { "element", "TEXT", N_ ("of a list: the one element"), FALSE },
  { "limit", "N", N_ ("how many changes at most; 100 unless you say"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_explain_verbs[] = {
  { "explain", NULL, "ENTITY FIELD", 2, 2, FALSE, options, NULL,
    N_ ("Why a field is as it is: who set it, from what to what, and which rule counts"),
    run_explain },
  { NULL },
};
