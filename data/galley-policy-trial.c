/* galley-policy-trial.c: what a policy would have done in all that a project has seen so far
 *
 * Whoever is tried as an assignee is one today: who was one when people chose is not looked up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-policy-trial"

#include "data/galley-policy-trial.h"

#include "data/galley-contradiction.h"
#include "data/galley-heads.h"
#include "data/galley-journal-cursor.h"
#include "data/galley-rule-book.h"
#include "data/galley-store-private.h"

typedef struct
{
  GalleyReader *reader;
  GalleyPolicyTrial *trial;
  const GalleyPolicy *policy;
  GCancellable *cancellable; /* (nullable) */
  const GalleyFieldSpec *spec;
  guint8 kind;
  gint64 project;
} Trying;

static void
case_free (gpointer data)
{
  GalleyTrialCase *one = data;

  g_clear_pointer (&one->chosen, g_variant_unref);
  g_clear_pointer (&one->value, g_variant_unref);
  g_free (one);
}

void
galley_policy_trial_free (GalleyPolicyTrial *self)
{
  g_ptr_array_unref (self->cases);
  g_free (self);
}

static void
clear_head (gpointer head)
{
  g_clear_pointer (&((GalleyHead *)head)->value, g_variant_unref);
}

static gboolean
list_favoured (Trying *self, const GalleyId *entity, GalleyMergeRules *rules, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self->reader);
  GalleyRuleQuestion question = { .project = self->project,
                                  .kind = self->kind,
                                  .field = self->spec->number };
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT author, CASE kind WHEN 3 THEN number ELSE "
                                               "owner END FROM derived_entity"
                                               " WHERE id = ?1 AND project = ?2",
                                               "ni", entity, self->project);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;

  if (stepped > 0)
    {
      galley_column_id (query, 0, &question.author);
      question.item = sqlite3_column_int64 (query, 1);
      galley_database_done (query);
    }
  rules->favoured = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  return stepped >= 0 &&
         galley_rule_book_list_favoured (db, &question, self->policy, rules->favoured, error);
}

/* @chosen_by: (nullable): the change that settled it */
static gboolean
try_heads (Trying *self,
           const GalleyId *entity,
           const char *element,
           const GArray *heads,
           GalleyChange *chosen_by,
           GVariant *chosen,
           GError **error)
{
  const GalleyMergeRules usual = { .set = GALLEY_MERGE_RULES_USUAL };
  g_auto (GalleyMergeRules)
      rules = { .set = GALLEY_MERGE_RULES_POLICIES, .policy = self->policy->kind };
  g_autofree GalleyRef *refs = g_new (GalleyRef, heads->len);
  g_auto (GalleyMerge) before = { 0 }, after = { 0 };
  GalleyTrialCase *one;
  GalleyBase base = { 0 };

  for (guint i = 0; i < heads->len; i++)
    refs[i] = g_array_index (heads, GalleyHead, i).ref;
  if (!galley_journal_find_base (galley_reader_get_journal (self->reader), self->project, entity,
                                 self->spec->number, element, refs, heads->len, NULL, &base,
                                 error) ||
      !list_favoured (self, entity, &rules, error))
    return FALSE;

  galley_merge (&usual, self->spec, base.known, base.value, (const GalleyHead *)heads->data,
                heads->len, &before);
  galley_merge (&rules, self->spec, base.known, base.value, (const GalleyHead *)heads->data,
                heads->len, &after);
  g_clear_pointer (&base.value, g_variant_unref);
  if (before.state != GALLEY_STATE_CONFLICT)
    return TRUE;

  one = g_new0 (GalleyTrialCase, 1);
  one->entity = *entity;
  one->settled = after.state != GALLEY_STATE_CONFLICT;
  one->value = one->settled ? g_steal_pointer (&after.value) : NULL;
  if (chosen_by != NULL)
    {
      const GalleyChangeHeader *header = galley_change_get_header (chosen_by);

      one->chosen_in = (GalleyRef){ header->device, header->seq };
      one->chooser = header->actor;
      one->chosen = chosen != NULL ? g_variant_ref (chosen) : NULL;
    }
  g_ptr_array_add (self->trial->cases, one);
  return TRUE;
}

/* What stood there when somebody who had seen all of it made one of it. A value that is not on this
 * computer leaves the case out: nothing is made up. */
static gboolean
try_edit (Trying *self, GalleyChange *change, const GalleyEdit *edit, GError **error)
{
  g_autoptr (GArray) heads = g_array_new (FALSE, TRUE, sizeof (GalleyHead));

  g_array_set_clear_func (heads, clear_head);
  for (guint i = 0; i < edit->n_supersedes; i++)
    {
      GalleyJournalEntry entry;
      const GalleyEdit *was;

      if (!galley_journal_load (galley_reader_get_journal (self->reader), self->project,
                                &edit->supersedes[i], &entry, error))
        return FALSE;
      was = entry.change != NULL ? galley_contradiction_find_like (entry.change, edit) : NULL;
      if (was != NULL)
        {
          const GalleyChangeHeader *header = galley_change_get_header (entry.change);
          GalleyHead head = { edit->supersedes[i], entry.position, header->actor, header->hlc,
                              was->value != NULL ? g_variant_ref (was->value) : NULL };

          g_array_append_val (heads, head);
        }
      g_clear_pointer (&entry.change, galley_change_unref);
    }

  return heads->len != edit->n_supersedes ||
         try_heads (self, &edit->entity, edit->element, heads, change, edit->value, error);
}

static gboolean
try_journal (Trying *self, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self->reader);
  g_autoptr (GalleyJournalCursor) cursor = NULL;
  GalleyJournalItem item;
  int stepped;

  cursor = galley_journal_cursor_new (db,
                                      galley_journal_get_segments (
                                          galley_reader_get_journal (self->reader)),
                                      self->project, GALLEY_JOURNAL_OLDEST_FIRST, 0, error);
  if (cursor == NULL)
    return FALSE;
  while ((stepped = galley_journal_cursor_next (cursor, &item, error)) > 0)
    {
      g_autoptr (GalleyChange)
          change = item.refused == NULL ? galley_journal_item_read (&item, error) : NULL;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      if (item.refused != NULL)
        continue;
      if (change == NULL)
        return FALSE;
      for (guint i = 0; i < galley_change_get_n_edits (change); i++)
        {
          const GalleyEdit *edit = galley_change_get_edit (change, i);

          if (edit->kind == self->kind && edit->field == self->spec->number &&
              edit->n_supersedes > 1 && galley_contradiction_find_like (change, edit) == edit &&
              !try_edit (self, change, edit, error))
            return FALSE;
        }
    }

  return stepped == 0;
}

static gboolean
try_open (Trying *self, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self->reader);
  g_autoptr (GArray) entities = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT e.number, e.id FROM derived_contested c JOIN derived_entity e ON e.number = c.entity"
      " WHERE e.project = ?1 AND e.kind = ?2 AND c.field = ?3 ORDER BY e.id",
      "iii", self->project, (gint64)self->kind, (gint64)self->spec->number);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      gint64 number = sqlite3_column_int64 (query, 0);
      GalleyId id;

      galley_column_id (query, 1, &id);
      g_array_append_val (entities, number);
      g_array_append_val (ids, id);
    }
  if (stepped < 0)
    return FALSE;

  for (guint i = 0; i < entities->len; i++)
    {
      g_autoptr (GArray) heads = galley_heads_list (galley_reader_get_journal (self->reader),
                                                    g_array_index (entities, gint64, i),
                                                    self->spec->number, "", error);

      if (heads == NULL || (heads->len > 1 && !try_heads (self, &g_array_index (ids, GalleyId, i),
                                                          "", heads, NULL, NULL, error)))
        return FALSE;
    }

  return TRUE;
}

static void
count (GalleyPolicyTrial *self)
{
  for (guint i = 0; i < self->cases->len; i++)
    {
      const GalleyTrialCase *one = self->cases->pdata[i];
      gboolean alike = one->value == one->chosen || (one->value != NULL && one->chosen != NULL &&
                                                     g_variant_equal (one->value, one->chosen));

      if (!one->settled)
        continue;
      self->n_settled++;
      if (one->chosen_in.seq != 0 && alike)
        self->n_alike++;
      else if (one->chosen_in.seq != 0)
        self->n_unlike++;
    }
}

/**
 * galley_policy_trial_run:
 * @policy: what is tried; nothing is switched on
 * @cancellable: (nullable)
 *
 * Reads the project's whole journal, once, which takes its time: where lists wait for the same
 * reader, use another thread and a borrowed one.
 *
 * Returns: (transfer full): each time that somebody had to choose a value of the field, and what
 * the policy would have made of it
 */
GalleyPolicyTrial *
galley_policy_trial_run (GalleyReader *reader,
                         const GalleyId *project,
                         guint8 kind,
                         guint16 field,
                         const GalleyPolicy *policy,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GalleyPolicyTrial) trial = g_new0 (GalleyPolicyTrial, 1);
  Trying self = { .reader = reader,
                  .trial = trial,
                  .policy = policy,
                  .cancellable = cancellable,
                  .spec = galley_schema_get_field (kind, field),
                  .kind = kind };

  trial->cases = g_ptr_array_new_with_free_func (case_free);
  g_return_val_if_fail (self.spec != NULL, NULL);
  if (!galley_journal_find_project (galley_reader_get_journal (reader), project, &self.project,
                                    error) ||
      !try_open (&self, error) || !try_journal (&self, error))
    return NULL;

  count (trial);
  return g_steal_pointer (&trial);
}
