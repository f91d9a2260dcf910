/* galley-settle-plan.c: one choice for many conflicts, and what it would do
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-settle-plan"

#include "data/galley-settle-plan.h"

#include "data/galley-draft-private.h"

static const GalleyHead *
head_at (const GalleyConflictField *field, guint index)
{
  return &g_array_index (field->heads, GalleyHead, index);
}

/* The value of whom the rule is about. */
static const GalleyHead *
find_theirs_of (const GalleyConflictField *field, const GalleySettleRule *rule)
{
  for (guint i = 0; i < field->heads->len; i++)
    {
      const GalleyHead *head = head_at (field, i);

      if (galley_id_equal (rule->scope == GALLEY_SETTLE_PERSON ? &head->actor : &head->ref.device,
                           &rule->id))
        return head;
    }

  return NULL;
}

static gboolean
is_about_thing (const GalleySettleRule *rule, const GalleyConflictRow *row)
{
  switch (rule->scope)
    {
    case GALLEY_SETTLE_ITEM:
      return galley_id_equal (&rule->id, &row->item) || galley_id_equal (&rule->id, &row->entity);
    case GALLEY_SETTLE_FIELD:
      return rule->kind == row->kind;
    case GALLEY_SETTLE_ALL:
    case GALLEY_SETTLE_PERSON:
    case GALLEY_SETTLE_DEVICE:
    default:
      return TRUE;
    }
}

static gboolean
is_about_field (const GalleySettleRule *rule, const GalleyConflictField *field)
{
  if (field->state != GALLEY_STATE_CONFLICT)
    return FALSE;

  switch (rule->scope)
    {
    case GALLEY_SETTLE_FIELD:
      return rule->field == field->field;
    case GALLEY_SETTLE_PERSON:
    case GALLEY_SETTLE_DEVICE:
      return find_theirs_of (field, rule) != NULL;
    case GALLEY_SETTLE_ALL:
    case GALLEY_SETTLE_ITEM:
    default:
      return TRUE;
    }
}

/* Of one's word on whether a thing is there: "theirs" alone would mean whatever is not mine. */
static gboolean
say_as (const GalleyHead *head, GalleyChoice *choice)
{
  choice->take = GALLEY_TAKE_VALUE;
  choice->value = g_variant_ref_sink (
      g_variant_new_boolean (head->value != NULL && galley_lifecycle_is_alive (head->value)));
  return TRUE;
}

static void
clear_choice (gpointer data)
{
  g_clear_pointer (&((GalleyChoice *)data)->value, g_variant_unref);
}

/* The choice as it is in this field; a rule may not say which of several it means. */
static gboolean
make_choice (const GalleySettleRule *rule,
             const GalleyConflictField *field,
             const GalleyChooser *chooser,
             GalleyChoice *choice)
{
  gboolean of_one = rule->scope == GALLEY_SETTLE_PERSON || rule->scope == GALLEY_SETTLE_DEVICE;
  const GalleyHead *head = NULL;

  *choice = (GalleyChoice){ .take = rule->take };
  switch (rule->take)
    {
    case GALLEY_TAKE_MINE:
      return galley_resolve_find_mine (field, chooser) != NULL;
    case GALLEY_TAKE_THEIRS:
      if (field->delete_against_edit && !of_one)
        return galley_resolve_find_mine (field, chooser) != NULL;
      head = of_one ? find_theirs_of (field, rule)
                    : galley_resolve_find_theirs (field, chooser, choice, NULL);
      if (head == NULL)
        return FALSE;
      if (field->delete_against_edit)
        return say_as (head, choice);
      choice->has_head = TRUE;
      choice->head = head->ref;
      return TRUE;
    case GALLEY_TAKE_BASE:
      return field->base_known;
    case GALLEY_TAKE_BOTH:
    case GALLEY_TAKE_VALUE:
    default:
      return FALSE;
    }
}

static gboolean
add_thing (GalleySettlePlan *self,
           GalleyReader *reader,
           const GalleySettleRule *rule,
           const GalleyConflictRow *row,
           const GalleyChooser *chooser,
           GError **error)
{
  g_autoptr (GPtrArray) fields = galley_reader_get_conflict (reader, &row->entity, error);
  g_autoptr (GPtrArray) settled = g_ptr_array_new ();
  g_autoptr (GArray) choices = g_array_new (FALSE, TRUE, sizeof (GalleyChoice));
  GalleyDraft *draft;

  g_array_set_clear_func (choices, clear_choice);
  for (guint i = 0; fields != NULL && i < fields->len; i++)
    {
      GalleyConflictField *field = fields->pdata[i];
      GalleyChoice choice;

      if (!is_about_field (rule, field))
        continue;
      if (make_choice (rule, field, chooser, &choice))
        {
          g_ptr_array_add (settled, field);
          g_array_append_val (choices, choice);
        }
      else
        {
          self->n_left++;
        }
    }
  if (fields == NULL || settled->len == 0)
    return fields != NULL;

  draft = galley_resolve_make_draft (&row->project, row->kind, &row->entity,
                                     (const GalleyConflictField *const *)settled->pdata,
                                     (const GalleyChoice *)choices->data, settled->len, chooser,
                                     NULL);
  /* What a field does not take by itself (a value that the schema no longer allows) is left. */
  if (draft == NULL)
    {
      self->n_left += settled->len;
      return TRUE;
    }
  g_ptr_array_add (self->drafts, draft);
  self->n_fields += settled->len;
  return TRUE;
}

/**
 * galley_settle_plan_make:
 * @rule: which conflicts, and what to take in each
 *
 * Nothing is written. What is settled are the values that are there now: one that comes in before
 * the drafts are committed keeps its field open.
 *
 * Returns: (transfer full)
 */
GalleySettlePlan *
galley_settle_plan_make (GalleyReader *reader,
                         const GalleySettleRule *rule,
                         const GalleyChooser *chooser,
                         GError **error)
{
  g_autoptr (GalleySettlePlan) self = g_new0 (GalleySettlePlan, 1);
  g_autoptr (GPtrArray) rows = galley_reader_list_conflicts (reader, NULL, error);

  self->drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);
  if (rows == NULL)
    return NULL;
  for (guint i = 0; i < rows->len; i++)
    if (is_about_thing (rule, rows->pdata[i]) &&
        !add_thing (self, reader, rule, rows->pdata[i], chooser, error))
      return NULL;

  return g_steal_pointer (&self);
}

void
galley_settle_plan_free (GalleySettlePlan *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->drafts);
  g_free (self);
}
