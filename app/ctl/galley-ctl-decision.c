/* galley-ctl-decision.c: galleyctl decision: say it, and check who said it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-decision"

#include "app/ctl/galley-ctl-decision.h"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-editor.h"
#include "app/ctl/galley-ctl-verbs.h"

#include <glib/gi18n.h>
#include <string.h>

static gboolean
run_set (GalleyCtl *ctl, GError **error)
{
  return galley_ctl_editor_run (ctl, "decision.set", error);
}

/* ── what the decisions on an item come to ── */

static gboolean
is_open_blocking_note (const GalleyEntity *note)
{
  GVariant *blocking = galley_entity_get_value (note, GALLEY_ANNOTATION_BLOCKING);

  return blocking != NULL && g_variant_is_of_type (blocking, G_VARIANT_TYPE_BOOLEAN) &&
         g_variant_get_boolean (blocking) &&
         g_strcmp0 (galley_entity_get_string (note, GALLEY_ANNOTATION_STATUS, "open"),
                    "resolved") != 0;
}

static GPtrArray *
list_blocking_notes (GalleyReader *reader, const GalleyId *item, GError **error)
{
  GPtrArray *notes = galley_reader_list_children (reader, item, GALLEY_KIND_ANNOTATION, error);

  for (guint i = notes != NULL ? notes->len : 0; i > 0; i--)
    if (!is_open_blocking_note (g_ptr_array_index (notes, i - 1)))
      g_ptr_array_remove_index (notes, i - 1);

  return notes;
}

/* A decision covers what its author had seen: this file, and the notes that block it. */
static const char *
why_not_counted (const GalleyDecision *decision, const GalleyItemRow *item, const GPtrArray *notes)
{
  if (!galley_hash_equal (&decision->file, &item->file))
    return "another-version";

  for (guint n = 0; n < notes->len; n++)
    {
      const GalleyEntity *note = g_ptr_array_index (notes, n);
      gboolean seen = FALSE;

      for (guint i = 0; i < decision->seen_notes->len && !seen; i++)
        seen = galley_id_equal (&g_array_index (decision->seen_notes, GalleyId, i), &note->id);
      if (!seen)
        return "blocking-note-not-seen";
    }

  return NULL;
}

/* Without a server there is only this person, who may do all. */
static GalleyRole
role_of (GalleyReader *reader, const GalleyId *person)
{
  g_autoptr (GalleyPerson) known = galley_directory_get_person (reader, person, NULL);
  g_autoptr (GPtrArray) persons = NULL;

  if (known != NULL)
    return known->role;

  persons = galley_directory_list_persons (reader, NULL);
  return persons != NULL && persons->len > 0 ? GALLEY_ROLE_REVIEWER : GALLEY_ROLE_LEAD;
}

static void
add_decision (GalleyCtl *ctl,
              const GalleyEntity *entity,
              const GalleyItemRow *item,
              const GPtrArray *notes,
              GArray *votes)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GVariant *value = galley_entity_get_value (entity, GALLEY_DECISION_VERDICT);
  g_autoptr (GalleyDecision) decision = value != NULL ? galley_decision_from_variant (value, NULL)
                                                      : NULL;
  GalleyVote vote = { .person = entity->author };
  const char *why_not;

  if (decision == NULL)
    return;

  why_not = why_not_counted (decision, item, notes);
  vote.role = role_of (galley_ctl_open_reader (ctl, NULL), &entity->author);
  vote.verdict = g_intern_string (decision->verdict);
  vote.counts = why_not == NULL;
  g_array_append_val (votes, vote);

  json_builder_begin_object (json);
  galley_json_add_id (json, "id", &entity->id);
  galley_ctl_add_person (ctl, "person", &entity->author);
  galley_json_add_string (json, "role", galley_role_to_string (vote.role));
  galley_json_add_string (json, "verdict", decision->verdict);
  galley_json_add_string (json, "note",
                          galley_entity_get_string (entity, GALLEY_DECISION_NOTE, NULL));
  galley_json_add_time (json, "time", entity->updated_us);
  galley_ctl_add_hash (ctl, "file", &decision->file);
  galley_ctl_add_boolean (ctl, "counts", vote.counts);
  galley_json_add_string (json, "why_not", why_not);
  galley_ctl_add_boolean (ctl, "contested", entity->contested);
  json_builder_end_object (json);
}

static gboolean
add_approval (GalleyCtl *ctl,
              const GalleyItemRow *item,
              const GArray *votes,
              const GPtrArray *notes,
              GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  g_autoptr (GalleyEntity) project = galley_reader_get_entity (reader, &item->project, error);
  GVariant *rule = project != NULL ? galley_entity_get_value (project, GALLEY_PROJECT_APPROVAL)
                                   : NULL;
  GalleyApproval approval;
  const char *least = "reviewer";
  guint needed = 1;

  if (project == NULL)
    return FALSE;
  if (rule != NULL && g_variant_is_of_type (rule, G_VARIANT_TYPE ("(us)")))
    g_variant_get (rule, "(u&s)", &needed, &least);
  galley_approval_derive (needed, galley_role_parse (least), (const GalleyVote *)votes->data,
                          votes->len, &approval);

  json_builder_set_member_name (json, "approval");
  json_builder_begin_object (json);
  galley_json_add_string (json, "state", approval.state);
  galley_json_add_int (json, "approvals", approval.approvals);
  galley_json_add_int (json, "needed", approval.needed);
  galley_json_add_string (json, "by", least);
  galley_json_add_int (json, "still_needed",
                       approval.approvals < approval.needed ? approval.needed - approval.approvals
                                                            : 0);
  json_builder_set_member_name (json, "blocking_notes");
  json_builder_begin_array (json);
  for (guint i = 0; i < notes->len; i++)
    {
      char id[GALLEY_ID_TEXT_SIZE];

      json_builder_add_string_value (json,
                                     galley_id_print (&((GalleyEntity *)g_ptr_array_index (notes,
                                                                                           i))
                                                           ->id,
                                                      id));
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
  return TRUE;
}

/**
 * galley_ctl_add_decisions:
 *
 * Who decided what on which version, whether it counts, and what the approval rule still needs.
 */
gboolean
galley_ctl_add_decisions (GalleyCtl *self, const GalleyItemRow *item, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (self);
  GalleyReader *reader = galley_ctl_open_reader (self, error);
  g_autoptr (GPtrArray) decisions = NULL, notes = NULL;
  g_autoptr (GArray) votes = g_array_new (FALSE, TRUE, sizeof (GalleyVote));

  decisions = galley_reader_list_children (reader, &item->id, GALLEY_KIND_DECISION, error);
  if (decisions == NULL || (notes = list_blocking_notes (reader, &item->id, error)) == NULL)
    return FALSE;

  json_builder_set_member_name (json, "decisions");
  json_builder_begin_array (json);
  for (guint i = 0; i < decisions->len; i++)
    add_decision (self, g_ptr_array_index (decisions, i), item, notes, votes);
  json_builder_end_array (json);
  return add_approval (self, item, votes, notes, error);
}

/* ── is it what its person signed ── */

typedef struct
{
  GalleyCtl *ctl;
  const GalleyEntity *entity; /* the decision */
  GPtrArray *versions;        /* of the item: of GalleyEntity */
  const char *fault;          /* (nullable): the first that was found */
} Check;

/* The decision's id says which person decided on which version. */
static const GalleyEntity *
find_version (Check *check, const GalleyId *person)
{
  for (guint i = 0; i < check->versions->len; i++)
    {
      const GalleyEntity *version = g_ptr_array_index (check->versions, i);
      GalleyId id;

      galley_decision_get_id (person, &version->id, &id);
      if (galley_id_equal (&id, &check->entity->id))
        return version;
    }

  return NULL;
}

static gboolean
is_file_of (const GalleyEntity *version, const GalleyHash *file)
{
  GVariant *value = galley_entity_get_value (version, GALLEY_VERSION_FILE);
  g_autoptr (GVariant) hash = NULL;

  if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE ("(ayts)")))
    return FALSE;

  hash = g_variant_get_child_value (value, 0);
  return g_variant_get_size (hash) == sizeof *file &&
         memcmp (g_variant_get_data (hash), file, sizeof *file) == 0;
}

/* Whether the bytes that are here, if they are, are those that were decided on. */
static gboolean
check_bytes (Check *check, const GalleyHash *file, gboolean *here)
{
  g_autofree char *path = galley_reader_path_of_file (galley_ctl_open_reader (check->ctl, NULL),
                                                      file);
  g_autoptr (GMappedFile) mapped = path != NULL ? g_mapped_file_new (path, FALSE, NULL) : NULL;
  GalleyHash found;

  *here = mapped != NULL;
  if (mapped == NULL)
    return TRUE;

  galley_hash_bytes (&found, g_mapped_file_get_contents (mapped),
                     g_mapped_file_get_length (mapped));
  return galley_hash_equal (&found, file);
}

static gboolean
is_signed (Check *check,
           const GalleyDecision *decision,
           const GalleyRef *ref,
           const GalleyId *person,
           GError **error)
{
  GalleyStore *store = galley_ctl_open_store (check->ctl, error);
  g_autoptr (GalleyDevice) device = NULL;
  const guint8 *key;

  if (galley_id_equal (&ref->device, galley_store_get_device (store)))
    key = galley_key_get_public (galley_store_get_key (store));
  else
    {
      device = galley_directory_get_device (galley_ctl_open_reader (check->ctl, NULL), &ref->device,
                                            error);
      if (device == NULL)
        return FALSE;
      key = device->public_key;
    }
  if (galley_decision_verify (decision, &check->entity->project, &check->entity->id, person, key))
    return TRUE;

  check->fault = _ ("The signature is not the one of the device that it is said to come from.");
  return FALSE;
}

static void
check_version (Check *check, const GalleyDecision *decision, const GalleyId *person)
{
  JsonBuilder *json = galley_ctl_get_json (check->ctl);
  const GalleyEntity *version = find_version (check, person);
  gboolean names_file = version != NULL && is_file_of (version, &decision->file);
  gboolean here, intact = check_bytes (check, &decision->file, &here);

  galley_ctl_add_hash (check->ctl, "file", &decision->file);
  if (version != NULL)
    galley_json_add_id (json, "version", &version->id);
  else
    galley_json_add_string (json, "version", NULL);
  galley_ctl_add_boolean (check->ctl, "version_matches", names_file);
  galley_ctl_add_boolean (check->ctl, "file_here", here);
  galley_ctl_add_boolean (check->ctl, "file_intact", intact);
  if (!names_file)
    check->fault = _ ("The decision is not about the bytes of the version that it belongs to.");
  else if (!intact)
    check->fault = _ ("The file on this computer is not the one that was decided on.");
}

/* One head: settled decisions have just one. */
static gboolean
check_head (Check *check, const GalleyHead *head, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (check->ctl);
  GalleyReader *reader = galley_ctl_open_reader (check->ctl, error);
  g_autoptr (GalleyJournalRow)
      row = galley_reader_get_change (reader, &check->entity->project, &head->ref, error);
  g_autoptr (GalleyDecision) decision = row != NULL && head->value != NULL
                                            ? galley_decision_from_variant (head->value, error)
                                            : NULL;
  g_autofree char *change = galley_ref_to_string (&head->ref);
  g_autoptr (GError) local = NULL;
  const GalleyId *person;
  gboolean valid;

  if (row == NULL)
    return FALSE;
  if (decision == NULL)
    {
      check->fault = _ ("There is a decision without a verdict.");
      return TRUE;
    }

  person = &galley_change_get_header (row->change)->actor;
  json_builder_begin_object (json);
  galley_json_add_string (json, "change", change);
  galley_ctl_add_person (check->ctl, "person", person);
  galley_ctl_add_device (check->ctl, "device", &head->ref.device);
  galley_json_add_time (json, "time", galley_change_get_time_us (row->change));
  galley_json_add_string (json, "verdict", decision->verdict);
  check_version (check, decision, person);
  valid = is_signed (check, decision, &head->ref, person, &local);
  galley_ctl_add_boolean (check->ctl, "signature_valid", valid);
  json_builder_end_object (json);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));

  return valid || check->fault != NULL;
}

static gboolean
run_verify (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyEntity) entity = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0),
                                                            GALLEY_KIND_DECISION, error);
  const GalleyField *field;
  g_autoptr (GPtrArray) versions = NULL;
  Check check = { ctl, entity, NULL, NULL };
  gboolean checked = TRUE;

  if (entity == NULL)
    return FALSE;
  versions = galley_reader_list_children (galley_ctl_open_reader (ctl, NULL), &entity->parent,
                                          GALLEY_KIND_VERSION, error);
  field = galley_entity_get_field (entity, GALLEY_DECISION_VERDICT);
  if (versions == NULL)
    return FALSE;
  if (field == NULL)
    return galley_ctl_fail (error, _ ("There is a decision without a verdict."));

  check.versions = versions;
  json_builder_begin_object (json);
  galley_json_add_id (json, "id", &entity->id);
  galley_json_add_id (json, "item", &entity->parent);
  json_builder_set_member_name (json, "heads");
  json_builder_begin_array (json);
  for (guint i = 0; checked && i < field->heads->len; i++)
    checked = check_head (&check, &g_array_index (field->heads, GalleyHead, i), error);
  json_builder_end_array (json);
  galley_ctl_add_boolean (ctl, "valid", check.fault == NULL);
  json_builder_end_object (json);

  if (checked && check.fault != NULL)
    galley_ctl_set_status (ctl, GALLEY_CTL_FAILED, check.fault);
  return checked;
}

static const GalleyCtlOption set_options[] = {
  { "note", "TEXT", N_ ("why"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_decision_verbs[] = {
  { "decision", "set", "ITEM VERDICT", 2, 2, FALSE, set_options, NULL,
    N_ ("Decides on the newest version: approve, request-changes or comment; signed"), run_set },
  { "decision", "verify", "ID", 1, 1, FALSE, NULL, NULL,
    N_ ("Checks a decision's signature, and that it is about the bytes of its version"),
    run_verify },
  { NULL },
};
