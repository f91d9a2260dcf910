/* galley-ctl-conflict.c: galleyctl conflict: what people changed at the same time, and settling it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-conflict"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-value.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-directory.h"
#include "data/galley-intent.h"
#include "data/galley-put-off.h"
#include "data/galley-resolve.h"

#include <glib/gi18n.h>

static void
add_field (GalleyCtl *ctl, const GalleyEntity *entity, const GalleyConflictField *field)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autofree char *base = field->base_ref.seq != 0 ? galley_ref_to_string (&field->base_ref) : NULL;

  json_builder_begin_object (json);
  galley_ctl_add_field_name (ctl, entity->kind, field->field, field->element);
  galley_json_add_string (json, "state", galley_field_state_to_string (field->state));
  galley_json_add_string (json, "rule", field->rule);
  galley_json_add_string (json, "why", galley_merge_explain (field->rule));
  galley_ctl_add_boolean (ctl, "delete_against_edit", field->delete_against_edit);
  galley_ctl_add_boolean (ctl, "base_known", field->base_known);
  galley_ctl_add_value (ctl, "base", entity->kind, field->field, field->base);
  galley_json_add_string (json, "base_change", base);
  galley_ctl_add_value (ctl, "shown", entity->kind, field->field, field->shown);
  galley_ctl_add_heads (ctl, entity, field->field, field->heads);
  json_builder_end_object (json);
}

/* @contested_only: without the fields that came together by rule. */
static gboolean
add_fields (GalleyCtl *ctl, const GalleyEntity *entity, gboolean contested_only, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GPtrArray)
      fields = galley_reader_get_conflict (galley_ctl_open_reader (ctl, NULL), &entity->id, error);

  json_builder_set_member_name (json, "fields");
  json_builder_begin_array (json);
  for (guint i = 0; fields != NULL && i < fields->len; i++)
    {
      const GalleyConflictField *field = g_ptr_array_index (fields, i);

      if (!contested_only || field->state == GALLEY_STATE_CONFLICT)
        add_field (ctl, entity, field);
    }
  json_builder_end_array (json);
  return fields != NULL;
}

static void
add_remark (GalleyCtl *ctl, const GalleyEntity *remark)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GVariant *body = galley_entity_get_value (remark, GALLEY_REMARK_BODY);
  g_auto (GStrv) asked = galley_entity_get_elements (remark, GALLEY_REMARK_ASKED);

  json_builder_begin_object (json);
  galley_json_add_id (json, "id", &remark->id);
  galley_ctl_add_person (ctl, "author", &remark->author);
  galley_json_add_time (json, "made", remark->created_us);
  galley_ctl_add_value (ctl, "body", GALLEY_KIND_REMARK, GALLEY_REMARK_BODY, body);
  json_builder_set_member_name (json, "asked");
  json_builder_begin_array (json);
  for (guint i = 0; asked[i] != NULL; i++)
    {
      GalleyId person;
      g_autofree char *name = galley_id_parse (asked[i], &person, NULL)
                                  ? galley_directory_name_of (galley_ctl_open_reader (ctl, NULL),
                                                              &person)
                                  : NULL;

      json_builder_add_string_value (json, name != NULL ? name : asked[i]);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static gboolean
add_remarks (GalleyCtl *ctl, const GalleyId *entity, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GPtrArray)
      remarks = galley_reader_list_remarks (galley_ctl_open_reader (ctl, NULL), entity, error);

  json_builder_set_member_name (json, "remarks");
  json_builder_begin_array (json);
  for (guint i = 0; remarks != NULL && i < remarks->len; i++)
    add_remark (ctl, remarks->pdata[i]);
  json_builder_end_array (json);
  return remarks != NULL;
}

static gboolean
add_row (GalleyCtl *ctl, const GalleyConflictRow *row, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyEntity)
      entity = galley_reader_get_entity (galley_ctl_open_reader (ctl, NULL), &row->entity, error);
  gboolean added;

  if (entity == NULL)
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_id (json, "id", &row->entity);
  galley_ctl_add_kind (ctl, row->kind);
  galley_json_add_id (json, "project", &row->project);
  galley_json_add_id (json, "item", &row->item);
  galley_json_add_string (json, "title", row->title);
  galley_json_add_time (json, "since", row->since_us);
  if (row->put_off_us != 0)
    galley_json_add_time (json, "put_off_until", row->put_off_us);
  galley_ctl_add_boolean (ctl, "you_are_asked", row->asked);
  added = add_fields (ctl, entity, TRUE, error);
  json_builder_end_object (json);
  return added;
}

static gboolean
run_list (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const char *project_text = galley_ctl_get_argument (ctl, 0);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  g_autoptr (GPtrArray) rows = NULL;
  gboolean added = TRUE;
  GalleyId project;

  if (reader == NULL ||
      (project_text != NULL && !galley_ctl_find_project (ctl, project_text, &project, error)) ||
      (rows = galley_reader_list_conflicts (reader, project_text != NULL ? &project : NULL,
                                            error)) == NULL)
    return FALSE;

  json_builder_begin_array (json);
  for (guint i = 0; added && i < rows->len; i++)
    added = add_row (ctl, g_ptr_array_index (rows, i), error);
  json_builder_end_array (json);
  return added;
}

static gboolean
run_show (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyEntity)
      entity = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0), 0, error);
  gboolean added;

  if (entity == NULL)
    return FALSE;

  json_builder_begin_object (json);
  galley_ctl_add_entity (ctl, entity);
  galley_json_add_id (json, "item", &entity->owner);
  added = add_fields (ctl, entity, FALSE, error) && add_remarks (ctl, &entity->id, error);
  json_builder_end_object (json);
  return added;
}

/* ── settling ── */

/* The fields that the command is about: the one it names, else all that are contested. */
static GPtrArray *
choose_fields (GalleyCtl *ctl, const GalleyEntity *entity, GPtrArray *fields, GError **error)
{
  const char *name = galley_ctl_get_option (ctl, "field");
  const char *element = galley_ctl_get_option (ctl, "element");
  const GalleyFieldSpec *spec = name != NULL ? galley_schema_find_field (entity->kind, name) : NULL;
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();

  for (guint i = 0; i < fields->len; i++)
    {
      const GalleyConflictField *field = g_ptr_array_index (fields, i);

      if (name == NULL ? field->state == GALLEY_STATE_CONFLICT
                       : spec != NULL && field->field == spec->number &&
                             (element == NULL || g_str_equal (element, field->element)))
        g_ptr_array_add (chosen, (gpointer)field);
    }
  if (chosen->len > 0)
    return g_steal_pointer (&chosen);

  if (name != NULL)
    galley_ctl_fail (error,
                     _ ("Nobody else has changed the field “%.60s”: there is nothing to "
                        "settle."),
                     name);
  else
    galley_ctl_fail (error, _ ("There is nothing to settle here."));
  return NULL;
}

static gboolean
read_value (GalleyCtl *ctl, const GalleyFieldSpec *spec, GalleyChoice *choice, GError **error)
{
  const char *text = galley_ctl_get_option (ctl, "value");
  g_autoptr (JsonNode) node = NULL;

  choice->take = GALLEY_TAKE_VALUE;
  if (g_str_equal (spec->format, "s"))
    {
      choice->value = g_variant_ref_sink (g_variant_new_string (text));
      return TRUE;
    }

  node = galley_ctl_value_parse (text, error);
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return node != NULL;
  if (spec->type == GALLEY_FIELD_LIFECYCLE)
    {
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
        return galley_ctl_usage (error, _ ("Whether the thing is there is either true or false."));
      choice->value = g_variant_ref_sink (g_variant_new_boolean (json_node_get_boolean (node)));
      return TRUE;
    }

  choice->value = galley_ctl_value_from_json (spec, node, error);
  return choice->value != NULL;
}

/* @choice: what the command says, for each field the same. */
static gboolean
read_choice (GalleyCtl *ctl,
             const GalleyEntity *entity,
             const GPtrArray *fields,
             GalleyChoice *choice,
             GError **error)
{
  const char *take = galley_ctl_get_option (ctl, "take");
  const char *head = galley_ctl_get_option (ctl, "head");
  const GalleyConflictField *first = g_ptr_array_index (fields, 0);
  const GalleyFieldSpec *spec = galley_schema_get_field (entity->kind, first->field);

  if (take == NULL)
    {
      if (fields->len > 1)
        return galley_ctl_usage (error, _ ("More than one field is contested: say with --field "
                                           "which one gets this value."));
      if (spec == NULL || spec->type == GALLEY_FIELD_DECISION)
        return galley_ctl_usage (error, _ ("This field takes no typed value: take one of the "
                                           "others."));
      return read_value (ctl, spec, choice, error);
    }

  if (!galley_take_parse (take, &choice->take) || choice->take == GALLEY_TAKE_VALUE)
    /* Translators: the words that are listed are typed just like this */
    return galley_ctl_usage (error, _ ("Take mine, theirs, base or both."));
  if (head != NULL && choice->take != GALLEY_TAKE_THEIRS)
    return galley_ctl_usage (error, _ ("The option --head says whose with --take theirs."));
  choice->has_head = head != NULL;
  return head == NULL || galley_ref_parse (head, &choice->head, error);
}

static gboolean
answer (GalleyCtl *ctl,
        const GalleyEntity *entity,
        const GPtrArray *fields,
        const GalleyCommitted *committed)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autofree char *change = galley_ref_to_string (&committed->ref);

  json_builder_begin_object (json);
  galley_json_add_id (json, "id", &entity->id);
  galley_json_add_string (json, "change", change);
  json_builder_set_member_name (json, "resolved");
  json_builder_begin_array (json);
  for (guint i = 0; i < fields->len; i++)
    {
      const GalleyConflictField *field = g_ptr_array_index (fields, i);

      json_builder_begin_object (json);
      galley_ctl_add_field_name (ctl, entity->kind, field->field, field->element);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
  return TRUE;
}

static gboolean
commit_choice (GalleyCtl *ctl,
               const GalleyEntity *entity,
               const GPtrArray *fields,
               const GalleyChoice *choice,
               GError **error)
{
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  g_autofree GalleyChoice *choices = g_new (GalleyChoice, fields->len);
  GalleyChooser chooser = { .device = *galley_store_get_device (store) };
  g_autoptr (GalleyDraft) draft = NULL;
  GalleyCommitted committed;

  galley_store_get_person (store, &chooser.person);
  for (guint i = 0; i < fields->len; i++)
    choices[i] = *choice;

  draft = galley_resolve_make_draft (&entity->project, entity->kind, &entity->id,
                                     (const GalleyConflictField *const *)fields->pdata, choices,
                                     fields->len, &chooser, error);
  return draft != NULL && galley_store_commit (store, draft, &committed, error) &&
         answer (ctl, entity, fields, &committed);
}

static gboolean
run_resolve (GalleyCtl *ctl, GError **error)
{
  g_autoptr (GalleyEntity) entity = NULL;
  g_autoptr (GPtrArray) fields = NULL, chosen = NULL;
  GalleyChoice choice = { 0 };
  gboolean resolved;

  if (galley_ctl_has_option (ctl, "take") == galley_ctl_has_option (ctl, "value"))
    return galley_ctl_usage (error, _ ("Say either what to --take or which --value it is to be."));

  entity = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0), 0, error);
  if (entity == NULL ||
      (fields = galley_reader_get_conflict (galley_ctl_open_reader (ctl, NULL), &entity->id,
                                            error)) == NULL ||
      (chosen = choose_fields (ctl, entity, fields, error)) == NULL)
    return FALSE;

  resolved = read_choice (ctl, entity, chosen, &choice, error) &&
             commit_choice (ctl, entity, chosen, &choice, error);
  g_clear_pointer (&choice.value, g_variant_unref);
  return resolved;
}

static gboolean
run_put_off (GalleyCtl *ctl, GError **error)
{
  const char *until = galley_ctl_get_argument (ctl, 1);
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyEntity)
      entity = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0), 0, error);
  GalleyPutOff off = { 0 };
  GalleyStore *store;

  if (entity == NULL)
    return FALSE;
  if (!entity->contested)
    return galley_ctl_fail (error, _ ("Nobody disagrees about this."));
  off.entity = entity->id;
  if (!g_str_equal (until, "back") && !galley_ctl_parse_moment (until, &off.until_us, error))
    return FALSE;
  store = galley_ctl_open_store (ctl, error);
  if (store == NULL || !galley_store_write (store, galley_put_off, &off, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_id (json, "id", &entity->id);
  if (off.until_us != 0)
    galley_json_add_time (json, "put_off_until", off.until_us);
  json_builder_end_object (json);
  return TRUE;
}

static GArray *
find_asked (GalleyCtl *ctl, GError **error)
{
  const char *const *names = galley_ctl_get_options (ctl, "ask");
  g_autoptr (GArray) asked = g_array_new (FALSE, FALSE, sizeof (GalleyId));

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      GalleyId person;

      if (!galley_ctl_find_person (ctl, names[i], &person, error))
        return NULL;
      g_array_append_val (asked, person);
    }

  return g_steal_pointer (&asked);
}

static gboolean
run_say (GalleyCtl *ctl, GError **error)
{
  const char *body = galley_ctl_get_argument (ctl, 1);
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyEntity)
      entity = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0), 0, error);
  g_autoptr (GArray) asked = entity != NULL ? find_asked (ctl, error) : NULL;
  g_autoptr (GalleyDraft) draft = NULL;
  GalleyStore *store;
  GalleyId id;

  if (asked == NULL)
    return FALSE;
  if (body == NULL && asked->len == 0)
    return galley_ctl_usage (error, _ ("Say what is to be said, or whom to --ask."));
  if (!entity->contested)
    return galley_ctl_fail (error, _ ("Nobody disagrees about this."));

  store = galley_ctl_open_store (ctl, error);
  if (store == NULL)
    return FALSE;

  galley_id_new (&id, galley_store_get_world (store));
  draft = galley_draft_new (&entity->project, GALLEY_INTENT_ADD_REMARK);
  galley_intent_add_remark (draft, &id, &entity->id, body != NULL ? body : "",
                            (const GalleyId *)asked->data, asked->len);
  if (!galley_store_commit (store, draft, NULL, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_id (json, "id", &id);
  json_builder_end_object (json);
  return TRUE;
}

static const GalleyCtlOption say_options[] = {
  { "ask", "PERSON", N_ ("to settle it; may be given more than once"), TRUE },
  { NULL },
};

static const GalleyCtlOption resolve_options[] = {
  { "field", "FIELD", N_ ("only this one; else all that are contested"), FALSE },
  { "element", "TEXT", N_ ("of a list: only this element"), FALSE },
  /* Translators: the words that are listed are typed just like this */
  { "take", "WHOSE", N_ ("mine, theirs, base (what it was before) or both (of texts)"), FALSE },
  { "head", "CHANGE", N_ ("of more than two: the change whose value is theirs"), FALSE },
  { "value", "VALUE", N_ ("another one: a text as it is, all else as JSON"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_conflict_verbs[] = {
  { "conflict", "put-off", "CONFLICT TIME|back", 2, 2, FALSE, NULL, NULL,
    N_ ("Leaves a conflict for later, on this computer; back: to be seen again"), run_put_off },
  { "conflict", "say", "CONFLICT [TEXT]", 1, 2, FALSE, say_options, NULL,
    N_ ("Says something about a conflict to all, or asks somebody to settle it"), run_say },
  { "conflict", "list", "[PROJECT]", 0, 1, FALSE, NULL, "title,kind,since,id",
    N_ ("What waits for somebody to choose"), run_list },
  { "conflict", "show", "ID", 1, 1, FALSE, NULL, NULL,
    N_ ("Per field: what it was, what everyone made of it, what is shown and why"), run_show },
  { "conflict", "resolve", "ID", 1, 1, FALSE, resolve_options, NULL,
    N_ ("Chooses a value, as a change that can be undone"), run_resolve },
  { NULL },
};
