/* galley-resolve.c: a person's word on values that came apart, as a change like any other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-resolve"

#include "data/galley-resolve.h"

#include <glib/gi18n-lib.h>

#include "data/galley-draft-private.h"
#include "data/galley-intent.h"

static const char *const take_names[] = { "mine", "theirs", "base", "both", "value" };

const char *
galley_take_to_string (GalleyTake take)
{
  return take < G_N_ELEMENTS (take_names) ? take_names[take] : "value";
}

gboolean
galley_take_parse (const char *text, GalleyTake *take)
{
  for (guint i = 0; i < G_N_ELEMENTS (take_names); i++)
    if (g_strcmp0 (take_names[i], text) == 0)
      {
        *take = i;
        return TRUE;
      }

  return FALSE;
}

static const GalleyHead *
head_at (const GalleyConflictField *field, guint index)
{
  return &g_array_index (field->heads, GalleyHead, index);
}

/* What it is worth is told apart from who made it: a delete that nobody restored has one head. */
static gboolean
is_delete (const GalleyHead *head)
{
  return head->value != NULL && g_variant_is_of_type (head->value, G_VARIANT_TYPE ("(ba(ayt))")) &&
         !galley_lifecycle_is_alive (head->value);
}

/**
 * galley_resolve_find_mine:
 *
 * Returns: (transfer none) (nullable): the head that this device made, else one of the same person
 */
const GalleyHead *
galley_resolve_find_mine (const GalleyConflictField *field, const GalleyChooser *chooser)
{
  const GalleyHead *mine = NULL;

  for (guint i = 0; i < field->heads->len; i++)
    {
      const GalleyHead *head = head_at (field, i);

      if (galley_id_equal (&head->ref.device, &chooser->device))
        return head;
      if (mine == NULL && galley_id_equal (&head->actor, &chooser->person))
        mine = head;
    }

  return mine;
}

static const GalleyHead *
find_named (const GalleyConflictField *field, const GalleyRef *ref, GError **error)
{
  for (guint i = 0; i < field->heads->len; i++)
    if (galley_ref_equal (&head_at (field, i)->ref, ref))
      return head_at (field, i);

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
               _ ("That change is none of those between which there is to choose."));
  return NULL;
}

/**
 * galley_resolve_find_theirs:
 * @choice: may name one of several
 * @error: %GALLEY_DATA_ERROR_INVALID when there is more than one and @choice names none
 *
 * Returns: (transfer none) (nullable): the head of somebody else
 */
const GalleyHead *
galley_resolve_find_theirs (const GalleyConflictField *field,
                            const GalleyChooser *chooser,
                            const GalleyChoice *choice,
                            GError **error)
{
  const GalleyHead *mine = galley_resolve_find_mine (field, chooser), *theirs = NULL;
  guint n_theirs = 0;

  if (choice->has_head)
    return find_named (field, &choice->head, error);

  for (guint i = 0; i < field->heads->len; i++)
    if (head_at (field, i) != mine)
      {
        theirs = head_at (field, i);
        n_theirs++;
      }
  if (n_theirs != 1)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                   n_theirs == 0 ? _ ("There is no other value to take here.")
                                 : _ ("There is more than one other value. Name the change whose "
                                      "value is to be taken."));
      return NULL;
    }

  return theirs;
}

static gboolean
no_such_choice (GError **error, const char *message)
{
  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID, message);
  return FALSE;
}

static GVariant *
ref_value (GVariant *value)
{
  return value != NULL ? g_variant_ref (value) : NULL;
}

/* Texts one after the other, the own one first. */
static GVariant *
join_texts (const GalleyConflictField *field, const GalleyChooser *chooser)
{
  const GalleyHead *mine = galley_resolve_find_mine (field, chooser);
  g_autoptr (GString) text = g_string_new (NULL);

  if (mine != NULL && mine->value != NULL)
    g_string_append (text, g_variant_get_string (mine->value, NULL));
  for (guint i = 0; i < field->heads->len; i++)
    {
      const GalleyHead *head = head_at (field, i);

      if (head == mine || head->value == NULL)
        continue;
      if (text->len > 0)
        g_string_append (text, "\n\n");
      g_string_append (text, g_variant_get_string (head->value, NULL));
    }

  return g_variant_ref_sink (g_variant_new_string (text->str));
}

static gboolean
take_both (const GalleyConflictField *field,
           GalleyFieldType type,
           const GalleyChooser *chooser,
           GVariant **value,
           GError **error)
{
  if (type == GALLEY_FIELD_TEXT)
    *value = join_texts (field, chooser);
  else if (type == GALLEY_FIELD_SET)
    *value = g_variant_ref_sink (g_variant_new_boolean (TRUE));
  else
    return no_such_choice (error, _ ("Both values cannot stand in this field: take one of them, "
                                     "or give another."));

  return TRUE;
}

/* Deleted by one and edited by another. The edits are not heads of this field: who did not delete
 * it is for keeping it. */
static gboolean
take_lifecycle (const GalleyConflictField *field,
                const GalleyChooser *chooser,
                const GalleyChoice *choice,
                gboolean *keep,
                GError **error)
{
  const GalleyHead *mine = galley_resolve_find_mine (field, chooser);
  gboolean mine_is_keep = mine == NULL || !is_delete (mine);

  switch (choice->take)
    {
    case GALLEY_TAKE_MINE:
      *keep = mine_is_keep;
      return TRUE;

    case GALLEY_TAKE_THEIRS:
      *keep = !mine_is_keep;
      return TRUE;

    case GALLEY_TAKE_BASE:
      *keep = TRUE;
      return TRUE;

    case GALLEY_TAKE_VALUE:
      if (choice->value == NULL || !g_variant_is_of_type (choice->value, G_VARIANT_TYPE_BOOLEAN))
        return no_such_choice (error, _ ("Whether the thing is there is either true or false."));
      *keep = g_variant_get_boolean (choice->value);
      return TRUE;

    case GALLEY_TAKE_BOTH:
    default:
      return no_such_choice (error, _ ("A thing is kept or deleted, not both."));
    }
}

/**
 * galley_resolve_get_value:
 * @type: of the field; not %GALLEY_FIELD_LIFECYCLE
 * @value: (out) (nullable) (transfer full): %NULL when the choice clears the field
 * @error: %GALLEY_DATA_ERROR_INVALID when there is nothing of that sort to choose
 *
 * Pure: the value that everyone will see.
 */
gboolean
galley_resolve_get_value (const GalleyConflictField *field,
                          GalleyFieldType type,
                          const GalleyChooser *chooser,
                          const GalleyChoice *choice,
                          GVariant **value,
                          GError **error)
{
  const GalleyHead *head;

  *value = NULL;
  switch (choice->take)
    {
    case GALLEY_TAKE_MINE:
      head = galley_resolve_find_mine (field, chooser);
      if (head == NULL)
        return no_such_choice (error, _ ("None of these values is yours. Take theirs, and name the "
                                         "change whose value it is to be."));
      *value = ref_value (head->value);
      return TRUE;

    case GALLEY_TAKE_THEIRS:
      head = galley_resolve_find_theirs (field, chooser, choice, error);
      if (head != NULL)
        *value = ref_value (head->value);
      return head != NULL;

    case GALLEY_TAKE_BASE:
      if (!field->base_known)
        return no_such_choice (error, _ ("What it was before is not known here."));
      *value = ref_value (field->base);
      return TRUE;

    case GALLEY_TAKE_BOTH:
      return take_both (field, type, chooser, value, error);

    case GALLEY_TAKE_VALUE:
    default:
      *value = ref_value (choice->value);
      return TRUE;
    }
}

/* Whose value it is, when it is anybody's. */
static const GalleyHead *
find_taken (const GalleyConflictField *field,
            const GalleyChoice *choice,
            const GalleyChooser *chooser)
{
  if (choice->take == GALLEY_TAKE_MINE)
    return galley_resolve_find_mine (field, chooser);
  if (choice->take == GALLEY_TAKE_THEIRS)
    return galley_resolve_find_theirs (field, chooser, choice, NULL);

  return NULL;
}

/* What the audit keeps of a choice: the value alone does not say whose it was. */
static void
add_record (GVariantBuilder *records,
            const GalleyFieldSpec *spec,
            const GalleyConflictField *field,
            const GalleyChoice *choice,
            const GalleyChooser *chooser)
{
  const GalleyHead *taken = find_taken (field, choice, chooser);
  g_autofree char *head = taken != NULL ? galley_ref_to_string (&taken->ref) : NULL;

  g_variant_builder_open (records, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (records, "{sv}", "field", g_variant_new_string (spec->name));
  if (*field->element != '\0')
    g_variant_builder_add (records, "{sv}", "element", g_variant_new_string (field->element));
  g_variant_builder_add (records, "{sv}", "take",
                         g_variant_new_string (galley_take_to_string (choice->take)));
  if (head != NULL)
    g_variant_builder_add (records, "{sv}", "head", g_variant_new_string (head));
  if (field->rule != NULL)
    g_variant_builder_add (records, "{sv}", "rule", g_variant_new_string (field->rule));
  g_variant_builder_close (records);
}

static gboolean
add_edit (GalleyDraft *draft,
          const GalleyFieldSpec *spec,
          guint8 kind,
          const GalleyId *entity,
          const GalleyConflictField *field,
          const GalleyChoice *choice,
          const GalleyChooser *chooser,
          GError **error)
{
  g_autofree GalleyRef *seen = g_new (GalleyRef, MAX (field->heads->len, 1));
  g_autoptr (GVariant) value = NULL;
  gboolean keep;

  for (guint i = 0; i < field->heads->len; i++)
    seen[i] = head_at (field, i)->ref;

  if (spec->type == GALLEY_FIELD_LIFECYCLE)
    {
      if (!take_lifecycle (field, chooser, choice, &keep, error))
        return FALSE;
      if (keep)
        galley_draft_set (draft, kind, entity, field->field, field->element,
                          galley_lifecycle_value (TRUE, NULL, 0), seen, field->heads->len);
      else
        galley_draft_delete_shown (draft, kind, entity, seen, field->heads->len,
                                   field->tips != NULL ? (const GalleyRef *)field->tips->data
                                                       : NULL,
                                   field->tips != NULL ? field->tips->len : 0);
      return TRUE;
    }

  if (!galley_resolve_get_value (field, spec->type, chooser, choice, &value, error) ||
      !galley_schema_check_value (spec, field->element, value, error))
    return FALSE;
  galley_draft_set (draft, kind, entity, field->field, field->element, value, seen,
                    field->heads->len);
  return TRUE;
}

/**
 * galley_resolve_make_draft:
 * @fields: (array length=n_fields): of one entity, as galley_reader_get_conflict() gave them
 * @choices: (array length=n_fields): one a field
 * @error: %GALLEY_DATA_ERROR_INVALID when a choice cannot be made there
 *
 * The change supersedes all the heads that were shown, and no other: one that arrives meanwhile
 * keeps the field open. Its extra "resolved" says per field what was taken and under which rule.
 *
 * Returns: (transfer full): the draft, to be committed
 */
GalleyDraft *
galley_resolve_make_draft (const GalleyId *project,
                           guint8 kind,
                           const GalleyId *entity,
                           const GalleyConflictField *const *fields,
                           const GalleyChoice *choices,
                           guint n_fields,
                           const GalleyChooser *chooser,
                           GError **error)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (project, GALLEY_INTENT_RESOLVE);
  g_auto (GVariantBuilder) records = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; i < n_fields; i++)
    {
      const GalleyFieldSpec *spec = galley_schema_get_field (kind, fields[i]->field);

      if (spec == NULL)
        {
          no_such_choice (error, _ ("A newer Galley made this field; it is settled there."));
          return NULL;
        }
      if (!add_edit (draft, spec, kind, entity, fields[i], &choices[i], chooser, error))
        return NULL;
      add_record (&records, spec, fields[i], &choices[i], chooser);
    }

  galley_draft_add_extra (draft, "resolved", g_variant_builder_end (&records));
  return g_steal_pointer (&draft);
}
