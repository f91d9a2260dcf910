/* galley-ctl-policy.c: galleyctl project policy: what is done where people entered different values
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-policy"

#include "app/ctl/galley-ctl-policy.h"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-intent.h"
#include "data/galley-policy-trial.h"

#include <glib/gi18n.h>
#include <string.h>

/* As "annotation.color". */
static gboolean
find_field (const char *text, guint8 *kind, const GalleyFieldSpec **spec, GError **error)
{
  g_auto (GStrv) names = g_strsplit (text, ".", 2);
  const GalleyKindSpec *found = names[0] != NULL ? galley_schema_find_kind (names[0]) : NULL;

  *spec = found != NULL && names[1] != NULL ? galley_schema_find_field (found->number, names[1])
                                            : NULL;
  if (*spec == NULL ||
      !galley_policy_is_possible (found->number, (*spec)->number, GALLEY_POLICY_ASK))
    return galley_ctl_usage (error,
                             _ ("“%.60s” is no field with a policy: name one such as "
                                "annotation.color or item.due."),
                             text);

  *kind = found->number;
  return TRUE;
}

static gboolean
read_policy (const char *text,
             guint8 kind,
             const GalleyFieldSpec *spec,
             GalleyPolicy *policy,
             GError **error)
{
  if (!galley_policy_parse (text, policy))
    /* Translators: the words that are listed are typed just like this */
    return galley_ctl_usage (error, _ ("A policy is ask, careful, assignees, author or "
                                       "persons:ID,ID."));
  if (!galley_policy_is_possible (kind, spec->number, policy->kind))
    return galley_ctl_usage (error, _ ("Of the field “%s” no value is the more careful one."),
                             spec->name);

  return TRUE;
}

/**
 * galley_ctl_read_policies:
 * @said: (nullable): what is said already
 * @policies: (out) (nullable): with what the options "policy" say, each "FIELD=POLICY"; %NULL: they
 *   say nothing
 */
gboolean
galley_ctl_read_policies (GalleyCtl *ctl, GVariant *said, GVariant **policies, GError **error)
{
  const char *const *texts = galley_ctl_get_options (ctl, "policy");

  *policies = said != NULL && texts != NULL && texts[0] != NULL ? g_variant_ref (said) : NULL;
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (texts[i], "=", 2);
      g_autoptr (GVariant) before = *policies;
      const GalleyFieldSpec *spec;
      GalleyPolicy policy;
      guint8 kind;

      *policies = NULL;
      if (g_strv_length (parts) != 2)
        return galley_ctl_usage (error, _ ("The option --policy takes FIELD=POLICY."));
      if (!find_field (parts[0], &kind, &spec, error) ||
          !read_policy (parts[1], kind, spec, &policy, error))
        return FALSE;
      *policies = g_variant_ref_sink (galley_policies_set (before, kind, spec->number, &policy));
    }

  return TRUE;
}

static void
add_policies (GalleyCtl *ctl, const GalleyId *project, guint set, GVariant *policies)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_json_add_id (json, "project", project);
  galley_ctl_add_boolean (ctl, "in_force", set == GALLEY_MERGE_RULES_POLICIES);
  json_builder_set_member_name (json, "policies");
  json_builder_begin_array (json);
  for (guint8 kind = GALLEY_KIND_PROJECT; galley_schema_get_kind (kind) != NULL; kind++)
    for (guint i = 0; i < galley_schema_get_kind (kind)->n_fields; i++)
      {
        const GalleyFieldSpec *spec = &galley_schema_get_kind (kind)->fields[i];
        g_autofree char *field = g_strdup_printf ("%s.%s", galley_schema_get_kind (kind)->name,
                                                  spec->name);
        g_autofree char *text = NULL;
        GalleyPolicy policy;

        galley_policies_find (policies, kind, spec->number, &policy);
        if (policy.kind == GALLEY_POLICY_ASK)
          continue;
        text = policy.kind != GALLEY_POLICY_NEWER ? galley_policy_to_string (&policy) : NULL;
        json_builder_begin_object (json);
        galley_json_add_string (json, "field", field);
        galley_json_add_string (json, "policy", text);
        galley_json_add_string (json, "about", galley_policy_describe (policy.kind));
        json_builder_end_object (json);
      }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static void
add_trial (GalleyCtl *ctl, guint8 kind, const GalleyFieldSpec *spec, const GalleyPolicyTrial *trial)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_json_add_int (json, "conflicts", trial->cases->len);
  galley_json_add_int (json, "settled", trial->n_settled);
  galley_json_add_int (json, "as_people_chose", trial->n_alike);
  galley_json_add_int (json, "otherwise", trial->n_unlike);
  json_builder_set_member_name (json, "cases");
  json_builder_begin_array (json);
  for (guint i = 0; i < trial->cases->len; i++)
    {
      const GalleyTrialCase *one = trial->cases->pdata[i];
      g_autofree char *change = galley_ref_to_string (&one->chosen_in);

      json_builder_begin_object (json);
      galley_json_add_id (json, "entity", &one->entity);
      galley_ctl_add_boolean (ctl, "settled", one->settled);
      if (one->settled)
        galley_ctl_add_value (ctl, "value", kind, spec->number, one->value);
      if (one->chosen_in.seq != 0)
        {
          galley_json_add_string (json, "chosen_in", change);
          galley_ctl_add_person (ctl, "chooser", &one->chooser);
          galley_ctl_add_value (ctl, "chosen", kind, spec->number, one->chosen);
        }
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static gboolean
try_policy (GalleyCtl *ctl,
            const GalleyId *project,
            guint8 kind,
            const GalleyFieldSpec *spec,
            const GalleyPolicy *policy,
            GError **error)
{
  g_autoptr (GalleyPolicyTrial)
      trial = galley_policy_trial_run (galley_ctl_open_reader (ctl, NULL), project, kind,
                                       spec->number, policy, NULL, error);

  if (trial == NULL)
    return FALSE;

  add_trial (ctl, kind, spec, trial);
  return TRUE;
}

static gboolean
run_policy (GalleyCtl *ctl, GError **error)
{
  const char *field = galley_ctl_get_argument (ctl, 1), *text = galley_ctl_get_argument (ctl, 2);
  g_autoptr (GalleyEntity) entity = NULL;
  g_autoptr (GVariant) after = NULL;
  g_autoptr (GalleyDraft) draft = NULL;
  const GalleyFieldSpec *spec;
  GalleyPolicy policy;
  GVariant *set, *before;
  GalleyId project;
  guint8 kind;

  if (field != NULL && text == NULL)
    return galley_ctl_usage (error, _ ("Say which policy the field is to have."));
  if (field != NULL &&
      (!find_field (field, &kind, &spec, error) || !read_policy (text, kind, spec, &policy, error)))
    return FALSE;
  if (!galley_ctl_find_project (ctl, galley_ctl_get_argument (ctl, 0), &project, error))
    return FALSE;
  if (field != NULL && galley_ctl_has_option (ctl, "try"))
    return try_policy (ctl, &project, kind, spec, &policy, error);

  entity = galley_reader_get_entity (galley_ctl_open_reader (ctl, NULL), &project, error);
  if (entity == NULL)
    return FALSE;
  set = galley_entity_get_value (entity, GALLEY_PROJECT_RULES);
  before = galley_entity_get_value (entity, GALLEY_PROJECT_POLICIES);
  if (field == NULL)
    {
      add_policies (ctl, &project, set != NULL ? g_variant_get_uint32 (set) : 0, before);
      return TRUE;
    }

  after = g_variant_ref_sink (galley_policies_set (before, kind, spec->number, &policy));
  draft = galley_draft_new (&project, GALLEY_INTENT_SWITCH_RULES);
  galley_intent_set_policies (draft, &project, set, after);
  if (!galley_store_commit (galley_ctl_open_store (ctl, NULL), draft, NULL, error))
    return FALSE;
  add_policies (ctl, &project, GALLEY_MERGE_RULES_POLICIES, after);
  return TRUE;
}

static const GalleyCtlOption options[] = {
  { "try", NULL, N_ ("change nothing, and say what it would have done until now"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_policy_verbs[] = {
  { "project", "policy", "PROJECT [FIELD POLICY]", 1, 3, FALSE, options, NULL,
    N_ ("What is done where people entered different values: field by field"), run_policy },
  { NULL },
};
