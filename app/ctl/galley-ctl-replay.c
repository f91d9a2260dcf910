/* galley-ctl-replay.c: galleyctl replay: all that is derived, made again from the journal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-replay"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-policy.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-rescue.h"
#include "data/galley-shadow.h"
#include "sync/galley-sync-lock.h"

#include <glib/gi18n.h>

/* Of each list, for people. */
#define MOST_SHOWN 20

static void
answer (GalleyCtl *ctl, gboolean dry_run, const GalleyReplayReport *report, const char *kept)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_ctl_add_boolean (ctl, "dry_run", dry_run);
  galley_json_add_int (json, "changes", report->n_changes);
  galley_ctl_add_boolean (ctl, "equal", report->equal);
  galley_json_add_string (json, "difference", report->difference);
  if (kept != NULL)
    galley_json_add_string (json, "kept", kept);
  json_builder_end_object (json);
}

static gboolean
dry_run (GalleyCtl *ctl, const GalleyId *project, GError **error)
{
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  GalleyReplayReport report = { 0 };
  gboolean done = store != NULL &&
                  galley_replay_dry_run_project (store, project, NULL, NULL, NULL, &report, error);

  if (done)
    answer (ctl, TRUE, &report, NULL);
  if (done && !report.equal)
    galley_ctl_set_status (ctl, GALLEY_CTL_FAILED,
                           report.difference != NULL
                               ? report.difference
                               : _ ("What was replayed differs from what is here."));
  galley_replay_report_clear (&report);
  return done;
}

/* A database that is sound enough may be in use. One that is not is put aside, and that would pull
 * it from under another program. */
static gboolean
repair (GalleyCtl *ctl, const GError *damage, GError **error)
{
  const char *folder = galley_ctl_get_folder (ctl);
  GalleySyncLock *lock = galley_sync_lock_try (folder);
  g_autofree char *kept = NULL;
  GalleyReplayReport report = { 0 };
  gboolean done;

  if (lock == NULL)
    return galley_ctl_fail (error,
                            _ ("%s Close Galley's window and whatever else works in this "
                               "folder, then run replay again."),
                            damage->message);

  galley_ctl_close_store (ctl);
  done = galley_rescue_or_rebuild (folder, NULL, NULL, &report, &kept, error);
  galley_sync_lock_free (lock);
  if (done)
    answer (ctl, FALSE, &report, kept);
  galley_replay_report_clear (&report);
  return done;
}

/* Of a damaged database all is made again, whatever was asked for. */
static gboolean
rebuild (GalleyCtl *ctl, const GalleyId *project, GError **error)
{
  g_autoptr (GError) local = NULL;
  GalleyStore *store = galley_ctl_open_store (ctl, &local);
  GalleyReplayReport report = { 0 };
  gboolean done = store != NULL &&
                  galley_replay_rebuild_project (store, project, NULL, NULL, NULL, &report, &local);

  if (done)
    answer (ctl, FALSE, &report, NULL);
  galley_replay_report_clear (&report);
  if (!done && g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
    return repair (ctl, local, error);
  if (!done)
    g_propagate_error (error, g_steal_pointer (&local));

  return done;
}

/* ── a rehearsal ── */

static void
add_side (GalleyCtl *ctl,
          const char *name,
          const GalleyShadowField *field,
          const GalleyShadowSide *side)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_set_member_name (json, name);
  json_builder_begin_object (json);
  galley_json_add_string (json, "state", galley_field_state_to_string (side->state));
  galley_json_add_string (json, "rule", side->rule);
  galley_ctl_add_value (ctl, "value", field->kind, field->field, side->value);
  json_builder_end_object (json);
}

/* @most: what is shown to people fits on a screen; programs get all. */
static void
add_fields (GalleyCtl *ctl, const GPtrArray *fields, guint most)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_set_member_name (json, "fields");
  json_builder_begin_array (json);
  for (guint i = 0; i < MIN (fields->len, most); i++)
    {
      const GalleyShadowField *field = g_ptr_array_index (fields, i);

      json_builder_begin_object (json);
      galley_json_add_id (json, "entity", &field->entity);
      galley_ctl_add_kind (ctl, field->kind);
      galley_ctl_add_field_name (ctl, field->kind, field->field, field->element);
      add_side (ctl, "now", field, &field->now);
      add_side (ctl, "then", field, &field->then);
      galley_json_add_id (json, "project", &field->project);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
add_items (GalleyCtl *ctl, const GPtrArray *items, guint most)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_set_member_name (json, "items");
  json_builder_begin_array (json);
  for (guint i = 0; i < MIN (items->len, most); i++)
    {
      const GalleyShadowItem *item = g_ptr_array_index (items, i);

      json_builder_begin_object (json);
      galley_json_add_string (json, "name", item->name);
      galley_json_add_string (json, "now", item->now);
      galley_json_add_string (json, "then", item->then);
      galley_json_add_id (json, "id", &item->id);
      galley_json_add_id (json, "project", &item->project);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
answer_shadow (GalleyCtl *ctl, guint rules, const GalleyShadowReport *report)
{
  guint most = galley_ctl_wants_json (ctl) ? G_MAXUINT : MOST_SHOWN;
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_json_add_int (json, "rules", rules);
  galley_json_add_int (json, "changes", report->n_changes);
  galley_json_add_int (json, "differences", report->fields->len);
  galley_json_add_int (json, "settled", report->n_settled);
  galley_json_add_int (json, "opened", report->n_opened);
  galley_json_add_int (json, "values", report->n_values);
  galley_json_add_int (json, "items_differ", report->items->len);
  galley_json_add_int (json, "things", report->n_things);
  galley_json_add_int (json, "searched", report->n_found);
  add_fields (ctl, report->fields, most);
  add_items (ctl, report->items, most);
  json_builder_end_object (json);
  if (report->fields->len > most || report->items->len > most)
    /* Translators: --json stays as it is */
    galley_ctl_set_status (ctl, GALLEY_CTL_DONE,
                           _ ("There is more than is shown here; with --json all of it is told."));
}

/* @said: (out) (nullable): the project's policies, to which others are added */
static gboolean
find_supposed (
    GalleyShadow *shadow, const char *text, GalleyId *project, GVariant **said, GError **error)
{
  GalleyReader *reader = galley_shadow_get_reader (shadow);
  g_autoptr (GalleyEntity) entity = NULL;
  GVariant *value;

  if (!galley_ctl_find_project_in (reader, text, project, error))
    return FALSE;
  entity = galley_reader_get_entity (reader, project, error);
  if (entity == NULL)
    return FALSE;

  value = galley_entity_get_value (entity, GALLEY_PROJECT_POLICIES);
  *said = value != NULL ? g_variant_ref (value) : NULL;
  return TRUE;
}

/* On a copy: the workspace is not even opened, which could already make its tables again. */
static gboolean
rehearse (GalleyCtl *ctl, GError **error)
{
  const char *project_text = galley_ctl_get_argument (ctl, 0);
  g_auto (GalleyShadowReport) report = { 0 };
  g_autoptr (GalleyShadow) shadow = NULL;
  g_autoptr (GVariant) said = NULL, policies = NULL;
  GalleyId project;
  guint rules;

  shadow = galley_shadow_new (galley_ctl_get_folder (ctl), error);
  if (shadow == NULL ||
      (project_text != NULL && !find_supposed (shadow, project_text, &project, &said, error)) ||
      !galley_ctl_read_policies (ctl, said, &policies, error) ||
      !galley_ctl_get_number (ctl, "rules",
                              policies != NULL ? GALLEY_MERGE_RULES_POLICIES
                                               : GALLEY_MERGE_RULES_CAREFUL,
                              1, GALLEY_MERGE_RULES_NEWEST, &rules, error) ||
      !galley_shadow_run (shadow, project_text != NULL ? &project : NULL, rules, policies, NULL,
                          NULL, NULL, &report, error))
    return FALSE;

  answer_shadow (ctl, rules, &report);
  return TRUE;
}

static gboolean
run_replay (GalleyCtl *ctl, GError **error)
{
  const char *project_text = galley_ctl_get_argument (ctl, 0);
  GalleyId project;

  if (galley_ctl_has_option (ctl, "shadow"))
    return !galley_ctl_has_option (ctl, "dry-run")
               ? rehearse (ctl, error)
               : galley_ctl_usage (error, _ ("A dry run compares with what is here, a shadow with "
                                             "what would be: give one of them."));
  if (galley_ctl_has_option (ctl, "rules") || galley_ctl_has_option (ctl, "policy"))
    return galley_ctl_usage (error, _ ("Rules are tried with --shadow."));
  if (project_text != NULL && !galley_ctl_find_project (ctl, project_text, &project, error))
    return FALSE;

  return galley_ctl_has_option (ctl, "dry-run")
             ? dry_run (ctl, project_text != NULL ? &project : NULL, error)
             : rebuild (ctl, project_text != NULL ? &project : NULL, error);
}

static const GalleyCtlOption options[] = {
  { "dry-run", NULL, N_ ("compare only, and say the first difference"), FALSE },
  { "shadow", NULL,
    N_ ("change nothing, and say what would be shown otherwise by other rules or this Galley"),
    FALSE },
  { "rules", "N",
    N_ ("with --shadow: by which set of rules; 2, or 3 with --policy, unless you say"), FALSE },
  { "policy", "FIELD=POLICY", N_ ("with --shadow: as if the project said so"), TRUE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_replay_verbs[] = {
  { "replay", NULL, "[PROJECT]", 0, 1, FALSE, options, NULL,
    N_ ("Makes everything but the journal again, from the journal, of one project or all"),
    run_replay },
  { NULL },
};
