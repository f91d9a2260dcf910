/* galley-past.c: an item as it was at another time
 *
 * The journal is cut at a moment and what is left of it settled as ever. A change's time is never
 * before that of what it replaces, so the cut leaves nothing without what it stands on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-past"

#include "data/galley-past.h"

#include "data/galley-contradiction.h"
#include "data/galley-draft-private.h"
#include "data/galley-rule-book.h"
#include "data/galley-store-private.h"

#include <string.h>

/* A reply to a note of an item; more could only be a circle. */
#define MAX_DEPTH 4

/* One edit of those that had been made. */
typedef struct
{
  const GalleyJournalRow *row;
  const GalleyEdit *edit;
  gboolean replaced;
} Made;

typedef struct
{
  GalleyReader *reader;
  const GalleyId *item;
  gint64 project;     /* its number here */
  guint set;          /* of rules */
  GVariant *policies; /* (nullable) */
  GPtrArray *rows;    /* of GalleyJournalRow, newest first */
  GArray *made;       /* of Made, by thing, field and element */
  gboolean whole;
  GPtrArray *entities; /* of GalleyEntity */
  GArray *assignees;   /* of GalleyId: of the item */
} Past;

static int
compare_places (const Made *a, const Made *b)
{
  int entities = galley_id_compare (&a->edit->entity, &b->edit->entity);

  if (entities != 0)
    return entities;
  if (a->edit->kind != b->edit->kind)
    return a->edit->kind < b->edit->kind ? -1 : 1;
  if (a->edit->field != b->edit->field)
    return a->edit->field < b->edit->field ? -1 : 1;
  return strcmp (a->edit->element, b->edit->element);
}

static int
compare_made (gconstpointer a, gconstpointer b)
{
  const Made *x = a, *y = b;
  int places = compare_places (x, y);

  return places != 0 ? places : x->row->lsn < y->row->lsn ? -1 : x->row->lsn > y->row->lsn ? 1 : 0;
}

static void
collect (Past *past, guint64 until_hlc)
{
  for (guint i = 0; i < past->rows->len; i++)
    {
      const GalleyJournalRow *row = past->rows->pdata[i];

      if (galley_change_get_header (row->change)->hlc > until_hlc)
        continue;
      for (guint k = 0; k < galley_change_get_n_edits (row->change); k++)
        {
          Made made = { row, galley_change_get_edit (row->change, k), FALSE };

          /* As the applier does: docs/contract.md, "An id names one thing". */
          if (galley_contradiction_find_like (row->change, made.edit) == made.edit)
            g_array_append_val (past->made, made);
        }
    }

  g_array_sort (past->made, compare_made);
}

/* Among the edits of one field, from @first on: marks what another one of them replaced. */
static void
mark_replaced (Past *past, guint first, guint n)
{
  g_autoptr (GHashTable) gone = g_hash_table_new (galley_ref_hash, galley_ref_equal);
  guint n_refs = 0;

  for (guint i = 0; i < n; i++)
    {
      const GalleyEdit *edit = g_array_index (past->made, Made, first + i).edit;

      n_refs += edit->n_supersedes;
      for (guint s = 0; s < edit->n_supersedes; s++)
        g_hash_table_add (gone, (gpointer)&edit->supersedes[s]);
    }
  for (guint i = 0; n_refs > 0 && i < n; i++)
    {
      Made *made = &g_array_index (past->made, Made, first + i);
      const GalleyChangeHeader *header = galley_change_get_header (made->row->change);
      GalleyRef ref = { header->device, header->seq };

      made->replaced = g_hash_table_remove (gone, &ref);
    }
  past->whole &= g_hash_table_size (gone) == 0;
}

static void
add_head (GalleyField *field, const Made *made)
{
  const GalleyChangeHeader *header = galley_change_get_header (made->row->change);
  GalleyHead head = { { header->device, header->seq },
                      made->row->position,
                      header->actor,
                      header->hlc,
                      made->edit->value != NULL ? g_variant_ref (made->edit->value) : NULL };

  g_array_append_val (field->heads, head);
}

static void
find_rules (Past *past, const GalleyEntity *entity, guint16 field, GalleyMergeRules *rules)
{
  GalleyPolicy policy;

  galley_policies_find (past->policies, entity->kind, field, &policy);
  rules->set = past->set;
  rules->policy = policy.kind;
  if (policy.kind == GALLEY_POLICY_ASSIGNEES)
    rules->favoured = g_array_ref (past->assignees);
  else
    rules->favoured = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  if (policy.kind == GALLEY_POLICY_AUTHOR)
    g_array_append_val (rules->favoured, entity->author);
  g_array_append_vals (rules->favoured, policy.persons, policy.n_persons);
}

static gboolean
settle (Past *past, GalleyEntity *entity, GalleyField *field, GError **error)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (entity->kind, field->number);
  const GalleyHead *heads = (const GalleyHead *)field->heads->data;
  g_autofree GalleyRef *refs = g_new (GalleyRef, field->heads->len);
  g_auto (GalleyMerge) merge = { 0 };
  g_auto (GalleyMergeRules) rules = { 0 };
  GalleyBase base = { 0 };

  find_rules (past, entity, field->number, &rules);
  for (guint i = 0; i < field->heads->len; i++)
    refs[i] = heads[i].ref;
  if (field->heads->len > 1 && field->number != GALLEY_F_ALIVE &&
      !galley_journal_find_base (galley_reader_get_journal (past->reader), past->project,
                                 &entity->id, field->number, field->element, refs,
                                 field->heads->len, NULL, &base, error))
    return FALSE;

  galley_merge (&rules, spec, base.known, base.value, heads, field->heads->len, &merge);
  g_clear_pointer (&base.value, g_variant_unref);
  field->state = merge.state;
  field->rule = merge.rule;
  field->value = g_steal_pointer (&merge.value);
  entity->contested |= merge.state == GALLEY_STATE_CONFLICT;
  return TRUE;
}

static void
add_field (Past *past, GalleyEntity *entity, guint first, guint n)
{
  const GalleyEdit *edit = g_array_index (past->made, Made, first).edit;
  GalleyField *field = galley_entity_add_field (entity, edit->field, edit->element);

  mark_replaced (past, first, n);
  for (guint i = 0; i < n; i++)
    {
      const Made *made = &g_array_index (past->made, Made, first + i);

      if (!made->replaced)
        {
          add_head (field, made);
          entity->updated_us = MAX (entity->updated_us,
                                    galley_change_get_time_us (made->row->change));
        }
    }
}

static void
find_parent (GalleyEntity *entity)
{
  GVariant *parent = galley_entity_get_value (entity, GALLEY_F_PARENT);

  if (parent != NULL && g_variant_is_of_type (parent, G_VARIANT_TYPE_BYTESTRING) &&
      g_variant_get_size (parent) == sizeof entity->parent)
    memcpy (&entity->parent, g_variant_get_data (parent), sizeof entity->parent);
}

static void
list_assignees (Past *past)
{
  for (guint i = 0; i < past->entities->len; i++)
    {
      const GalleyEntity *entity = past->entities->pdata[i];

      for (guint f = 0; entity->kind == GALLEY_KIND_ITEM && f < entity->fields->len; f++)
        {
          const GalleyField *field = entity->fields->pdata[f];
          GalleyId person;

          if (field->number == GALLEY_ITEM_ASSIGNEES && field->value != NULL &&
              galley_id_parse (field->element, &person, NULL))
            g_array_append_val (past->assignees, person);
        }
    }
}

/* Sets first: what comes of the rest may depend on whom the item was assigned to. */
static gboolean
settle_all (Past *past, gboolean sets, GError **error)
{
  for (guint i = 0; i < past->entities->len; i++)
    {
      GalleyEntity *entity = past->entities->pdata[i];

      for (guint f = 0; f < entity->fields->len; f++)
        {
          GalleyField *field = entity->fields->pdata[f];
          const GalleyFieldSpec *spec = galley_schema_get_field (entity->kind, field->number);

          if ((spec != NULL && spec->type == GALLEY_FIELD_SET) == sets &&
              !settle (past, entity, field, error))
            return FALSE;
          if (field->number == GALLEY_F_PARENT)
            find_parent (entity);
        }
    }

  if (sets)
    list_assignees (past);
  return TRUE;
}

/* Who made it and when: by its first change. */
static void
describe (Past *past, GalleyEntity *entity, const Made *first)
{
  const GalleyChangeHeader *header = galley_change_get_header (first->row->change);

  entity->id = first->edit->entity;
  entity->kind = first->edit->kind;
  entity->project = header->project;
  entity->author = header->actor;
  entity->created_us = entity->updated_us = galley_change_get_time_us (first->row->change);
  entity->owner = *past->item;
}

static void
add_entities (Past *past)
{
  GalleyEntity *entity = NULL;
  guint n = 1;

  for (guint first = 0; first < past->made->len; first += n)
    {
      const Made *made = &g_array_index (past->made, Made, first);

      for (n = 1; first + n < past->made->len &&
                  compare_places (made, &g_array_index (past->made, Made, first + n)) == 0;
           n++)
        ;
      if (entity == NULL || entity->kind != made->edit->kind ||
          !galley_id_equal (&entity->id, &made->edit->entity))
        {
          entity = galley_entity_new ();
          describe (past, entity, made);
          g_ptr_array_add (past->entities, entity);
        }
      add_field (past, entity, first, n);
    }
}

/* ── being there or not ── */

static gboolean
belongs_to (const GalleyEntity *part, const GalleyEntity *whole)
{
  return part == whole || whole->kind == GALLEY_KIND_ITEM ||
         galley_id_equal (&part->parent, &whole->id);
}

static gboolean
was_seen (const GArray *deletes, const GalleyRef *ref)
{
  for (guint i = 0; i < deletes->len; i++)
    {
      const GalleyHead *head = &g_array_index (deletes, GalleyHead, i);

      if (galley_lifecycle_saw (head->value, ref) ||
          (galley_id_equal (&head->ref.device, &ref->device) && ref->seq <= head->ref.seq))
        return TRUE;
    }

  return FALSE;
}

/* A delete stands when all of the thing had been seen: see docs/contract.md. */
static gboolean
is_unseen (Past *past, const GalleyEntity *entity, const GArray *deletes)
{
  for (guint i = 0; i < past->entities->len; i++)
    {
      const GalleyEntity *part = past->entities->pdata[i];

      for (guint f = 0; belongs_to (part, entity) && f < part->fields->len; f++)
        {
          const GalleyField *field = part->fields->pdata[f];

          for (guint h = 0; field->number != GALLEY_F_ALIVE && h < field->heads->len; h++)
            if (!was_seen (deletes, &g_array_index (field->heads, GalleyHead, h).ref))
              return TRUE;
        }
    }

  return FALSE;
}

static void
find_alive (Past *past, GalleyEntity *entity)
{
  GalleyField *field = (GalleyField *)galley_entity_get_field (entity, GALLEY_F_ALIVE);

  entity->alive = field != NULL && field->value != NULL;
  if (!entity->alive || galley_lifecycle_is_alive (field->value))
    return;

  entity->alive = is_unseen (past, entity, field->heads);
  if (entity->alive)
    {
      entity->contested = TRUE;
      field->state = GALLEY_STATE_CONFLICT;
      field->rule = "kept";
      g_clear_pointer (&field->value, g_variant_unref);
      field->value = g_variant_ref_sink (galley_lifecycle_value (TRUE, NULL, 0));
    }
}

static int
compare_entities (gconstpointer a, gconstpointer b)
{
  const GalleyEntity *x = *(GalleyEntity *const *)a, *y = *(GalleyEntity *const *)b;

  if (x->created_us != y->created_us)
    return x->created_us < y->created_us ? -1 : 1;
  return galley_id_compare (&x->id, &y->id);
}

/* What belongs to something that was not there was not there either. */
static gboolean
is_in_item (Past *past, GHashTable *by_id, const GalleyEntity *entity)
{
  for (guint depth = 0; entity != NULL && entity->alive; depth++)
    {
      if (galley_id_equal (&entity->id, past->item))
        return TRUE;
      entity = depth < MAX_DEPTH ? g_hash_table_lookup (by_id, &entity->parent) : NULL;
    }

  return FALSE;
}

static GPtrArray *
take_alive (Past *past)
{
  GPtrArray *alive = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_entity_free);
  g_autoptr (GHashTable) by_id = g_hash_table_new (galley_id_hash, galley_id_equal);

  for (guint i = 0; i < past->entities->len; i++)
    {
      GalleyEntity *entity = past->entities->pdata[i];

      find_alive (past, entity);
      g_hash_table_insert (by_id, &entity->id, entity);
    }
  for (guint i = 0; i < past->entities->len; i++)
    if (is_in_item (past, by_id, past->entities->pdata[i]))
      g_ptr_array_add (alive, past->entities->pdata[i]);
    else
      galley_entity_free (past->entities->pdata[i]);
  g_ptr_array_set_size (past->entities, 0);

  g_ptr_array_sort (alive, compare_entities);
  return alive;
}

static gboolean
read_rules (Past *past, const GalleyId *project, GError **error)
{
  GalleyJournal *journal = galley_reader_get_journal (past->reader);
  g_autoptr (GalleyRuleBook) book = galley_rule_book_new (journal);
  GVariant *policies;

  if (!galley_journal_find_project (journal, project, &past->project, error) ||
      !galley_rule_book_read (book, past->project, &past->set, &policies, error))
    return FALSE;

  past->policies = policies != NULL ? g_variant_ref (policies) : NULL;
  return TRUE;
}

/**
 * galley_past_list_item:
 * @until_hlc: the last moment that counts, as the changes say when they were made: 48 bits of
 *   milliseconds since 1970 UTC, 16 bits of counter
 * @whole: (out): %FALSE: some of what was there then is not on this computer
 *
 * Under the rules that are in force now. Reader thread; the time grows with the item's changes.
 *
 * Returns: (transfer full) (element-type GalleyEntity): the item and what belonged to it, as far as
 *   they were there, in the order in which they were made; empty before the item was made
 */
GPtrArray *
galley_past_list_item (
    GalleyReader *reader, const GalleyId *item, guint64 until_hlc, gboolean *whole, GError **error)
{
  g_autoptr (GalleyEntity) now = galley_reader_get_bare_entity (reader, item, error);
  GalleyJournalFilter filter = { .entity = item, .limit = G_MAXUINT };
  Past past = { .reader = reader, .item = item, .whole = TRUE };
  GPtrArray *alive = NULL;

  if (now == NULL)
    return NULL;
  past.rows = galley_reader_list_journal (reader, &filter, error);
  if (past.rows == NULL || !read_rules (&past, &now->project, error))
    {
      g_clear_pointer (&past.rows, g_ptr_array_unref);
      return NULL;
    }

  past.assignees = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  past.made = g_array_new (FALSE, FALSE, sizeof (Made));
  past.entities = g_ptr_array_new ();
  collect (&past, until_hlc);
  add_entities (&past);
  if (settle_all (&past, TRUE, error) && settle_all (&past, FALSE, error))
    alive = take_alive (&past);
  *whole = past.whole;
  g_ptr_array_foreach (past.entities, (GFunc)(void (*) (void))galley_entity_free, NULL);
  g_ptr_array_unref (past.entities);
  g_array_unref (past.assignees);
  g_clear_pointer (&past.policies, g_variant_unref);
  g_array_unref (past.made);
  g_ptr_array_unref (past.rows);
  return alive;
}
