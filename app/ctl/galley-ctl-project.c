/* galley-ctl-project.c: galleyctl project: make one, list them, compare one with another device's
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-project"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-editor.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-divergence.h"
#include "data/galley-intent.h"
#include "data/galley-merge.h"

#include <glib/gi18n.h>

static gboolean
run_create (GalleyCtl *ctl, GError **error)
{
  return galley_ctl_editor_run (ctl, "project.create", error);
}

static gboolean
run_list (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  g_autoptr (GPtrArray) rows = reader != NULL ? galley_reader_list_projects (reader, error) : NULL;

  if (rows == NULL)
    return FALSE;

  json_builder_begin_array (json);
  for (guint i = 0; i < rows->len; i++)
    {
      const GalleyProjectRow *row = g_ptr_array_index (rows, i);

      json_builder_begin_object (json);
      galley_json_add_id (json, "id", &row->id);
      galley_json_add_string (json, "name", row->name);
      galley_json_add_int (json, "items", row->n_items);
      galley_json_add_int (json, "conflicts", row->n_conflicts);
      galley_ctl_add_boolean (ctl, "shared", row->shared);
      galley_json_add_string (json, "role", galley_role_to_string (row->role));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  return TRUE;
}

static gboolean
run_digest (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  guint64 position, unsent;
  GalleyHash digest;
  GalleyId project;

  if (!galley_ctl_find_project (ctl, galley_ctl_get_argument (ctl, 0), &project, error) ||
      !galley_reader_get_digest (galley_ctl_open_reader (ctl, NULL), &project, &digest, &position,
                                 &unsent, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_id (json, "project", &project);
  galley_json_add_int (json, "position", position);
  galley_ctl_add_hash (ctl, "digest", &digest);
  galley_json_add_int (json, "unsent", unsent);
  galley_json_add_int (json, "differs_since",
                       galley_divergence_get (galley_ctl_open_reader (ctl, NULL), &project));
  json_builder_end_object (json);
  return TRUE;
}

/* ── the rules in force ── */

static void
add_rules (GalleyCtl *ctl, const GalleyId *project, guint rules)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const char *about = galley_merge_describe_rules (rules);

  json_builder_begin_object (json);
  galley_json_add_id (json, "project", project);
  galley_json_add_int (json, "rules", rules);
  galley_json_add_string (json, "about",
                          about != NULL ? about : _ ("rules that only a newer Galley knows"));
  galley_ctl_add_boolean (ctl, "known", about != NULL);
  json_builder_set_member_name (json, "sets");
  json_builder_begin_array (json);
  for (guint i = 1; i <= GALLEY_MERGE_RULES_NEWEST; i++)
    {
      json_builder_begin_object (json);
      galley_json_add_int (json, "rules", i);
      galley_json_add_string (json, "about", galley_merge_describe_rules (i));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static gboolean
show_rules (GalleyCtl *ctl, const GalleyId *project, GError **error)
{
  g_autoptr (GalleyEntity)
      entity = galley_reader_get_entity (galley_ctl_open_reader (ctl, NULL), project, error);
  GVariant *value;

  if (entity == NULL)
    return FALSE;

  value = galley_entity_get_value (entity, GALLEY_PROJECT_RULES);
  add_rules (ctl, project, value != NULL ? g_variant_get_uint32 (value) : GALLEY_MERGE_RULES_USUAL);
  return TRUE;
}

/* A change like any other: undone, refused to who may not, and seen in the audit. */
static gboolean
switch_rules (GalleyCtl *ctl, const GalleyId *project, guint rules, GError **error)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (project, GALLEY_INTENT_SWITCH_RULES);

  galley_intent_set (draft, GALLEY_KIND_PROJECT, project, GALLEY_PROJECT_RULES, NULL,
                     g_variant_new_uint32 (rules), NULL, 0);
  if (!galley_store_commit (galley_ctl_open_store (ctl, NULL), draft, NULL, error))
    return FALSE;

  add_rules (ctl, project, rules);
  return TRUE;
}

static gboolean
run_rules (GalleyCtl *ctl, GError **error)
{
  const char *text = galley_ctl_get_argument (ctl, 1);
  guint64 rules = 0;
  GalleyId project;

  if (text != NULL &&
      !g_ascii_string_to_unsigned (text, 10, 1, GALLEY_MERGE_RULES_NEWEST, &rules, NULL))
    return galley_ctl_usage (error, _ ("This Galley knows the sets of rules 1 to %d."),
                             GALLEY_MERGE_RULES_NEWEST);
  if (!galley_ctl_find_project (ctl, galley_ctl_get_argument (ctl, 0), &project, error))
    return FALSE;

  return text != NULL ? switch_rules (ctl, &project, rules, error)
                      : show_rules (ctl, &project, error);
}

static const GalleyCtlOption create_options[] = {
  { "approvals", "N", N_ ("how many approvals an item needs; 1 unless you say more"), FALSE },
  /* Translators: the words that are listed are typed just like this */
  { "by", "ROLE", N_ ("of which role at least: reviewer, lead or admin"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_project_verbs[] = {
  { "project", "create", "NAME", 1, 1, FALSE, create_options, NULL, N_ ("Makes a project"),
    run_create },
  { "project", "list", "", 0, 0, FALSE, NULL, "name,items,conflicts,shared,role,id",
    N_ ("All projects"), run_list },
  { "project", "digest", "PROJECT", 1, 1, FALSE, NULL, NULL,
    N_ ("What the project has come to: two devices with the same digest hold the same"),
    run_digest },
  { "project", "rules", "PROJECT [N]", 1, 2, FALSE, NULL, NULL,
    N_ ("Which rules settle what people entered at the same time, or others from now on"),
    run_rules },
  { NULL },
};
