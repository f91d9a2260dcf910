/* galley-rule-book.c: by which rules a project's fields are settled: its own word, or a rehearsal's
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-rule-book"

#include "data/galley-rule-book.h"

#include "data/galley-heads.h"

#include <string.h>

typedef struct
{
  gint64 project;
  guint set;
  GVariant *policies; /* (owned) (nullable) */
} ProjectRules;

struct _GalleyRuleBook
{
  GalleyJournal *journal; /* borrowed */
  GArray *known;          /* of ProjectRules */
  ProjectRules supposed;  /* a set of 0: that of each project */
};

static void
clear_rules (gpointer data)
{
  g_clear_pointer (&((ProjectRules *)data)->policies, g_variant_unref);
}

GalleyRuleBook *
galley_rule_book_new (GalleyJournal *journal)
{
  GalleyRuleBook *self = g_new0 (GalleyRuleBook, 1);

  self->journal = journal;
  self->known = g_array_new (FALSE, TRUE, sizeof (ProjectRules));
  g_array_set_clear_func (self->known, clear_rules);
  return self;
}

void
galley_rule_book_free (GalleyRuleBook *self)
{
  g_array_unref (self->known);
  clear_rules (&self->supposed);
  g_free (self);
}

/* Some project may say something else by now. */
void
galley_rule_book_forget (GalleyRuleBook *self)
{
  g_array_set_size (self->known, 0);
}

/**
 * galley_rule_book_suppose:
 * @set: as if every project had said so; 0: what each says
 * @policies: (nullable): as if every project had said so; %NULL: what each says
 */
void
galley_rule_book_suppose (GalleyRuleBook *self, guint set, GVariant *policies)
{
  galley_rule_book_forget (self);
  clear_rules (&self->supposed);
  self->supposed.set = set;
  self->supposed.policies = policies != NULL ? g_variant_ref (policies) : NULL;
}

/* A project that comes as a snapshot goes by a number of its own until it is shown. */
#define FIND_PROJECT                                                                               \
  "SELECT e.number FROM derived_entity e WHERE e.project = ?1 AND e.kind = ?2 AND e.id ="          \
  " coalesce ((SELECT id FROM project WHERE number = ?1),"                                         \
  " (SELECT id FROM snapshot WHERE project = ?1))"

/* Such a field is itself settled as ever, or nobody could say which rules settle it.
 * @value: (out) (nullable): what is in force */
static gboolean
read_ruling (GalleyRuleBook *self, gint64 entity, guint16 field, GVariant **value, GError **error)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (GALLEY_KIND_PROJECT, field);
  const GalleyMergeRules usual = { .set = GALLEY_MERGE_RULES_USUAL };
  g_autoptr (GArray) heads = galley_heads_list (self->journal, entity, field, "", error);
  g_auto (GalleyMerge) merge = { 0 };

  *value = NULL;
  if (heads == NULL)
    return FALSE;
  if (heads->len == 0)
    return TRUE;

  galley_merge (&usual, spec, FALSE, NULL, (const GalleyHead *)heads->data, heads->len, &merge);
  if (merge.value != NULL && g_variant_is_of_type (merge.value, G_VARIANT_TYPE (spec->format)))
    *value = g_steal_pointer (&merge.value);
  return TRUE;
}

/* What a rehearsal supposes comes before what the project says; of what it does not suppose the
 * project's word holds. */
static gboolean
read_rules (GalleyRuleBook *self, ProjectRules *rules, GError **error)
{
  g_autoptr (GVariant) set = NULL;
  gint64 entity = 0;

  if (!galley_database_get_int (galley_journal_get_db (self->journal), &entity, error, FIND_PROJECT,
                                "ii", rules->project, (gint64)GALLEY_KIND_PROJECT) ||
      !read_ruling (self, entity, GALLEY_PROJECT_RULES, &set, error))
    return FALSE;

  rules->set = set != NULL ? MAX (g_variant_get_uint32 (set), GALLEY_MERGE_RULES_USUAL)
                           : GALLEY_MERGE_RULES_USUAL;
  if (self->supposed.set != 0)
    rules->set = self->supposed.set;
  if (rules->set < GALLEY_MERGE_RULES_POLICIES)
    return TRUE;
  if (self->supposed.policies == NULL)
    return read_ruling (self, entity, GALLEY_PROJECT_POLICIES, &rules->policies, error);

  rules->policies = g_variant_ref (self->supposed.policies);
  return TRUE;
}

/* (transfer none) (nullable) */
static const ProjectRules *
find_project_rules (GalleyRuleBook *self, gint64 project, GError **error)
{
  ProjectRules rules = { .project = project };

  for (guint i = 0; i < self->known->len; i++)
    if (g_array_index (self->known, ProjectRules, i).project == project)
      return &g_array_index (self->known, ProjectRules, i);

  if (!read_rules (self, &rules, error))
    return NULL;
  g_array_append_val (self->known, rules);
  return &g_array_index (self->known, ProjectRules, self->known->len - 1);
}

/**
 * galley_rule_book_list_favoured:
 *
 * Whose value counts by @policy; see #GalleyMergeRules.
 */
gboolean
galley_rule_book_list_favoured (GalleyDatabase *db,
                                const GalleyRuleQuestion *question,
                                const GalleyPolicy *policy,
                                GArray *persons,
                                GError **error)
{
  if (policy->kind == GALLEY_POLICY_AUTHOR)
    g_array_append_val (persons, question->author);
  else if (policy->kind == GALLEY_POLICY_PERSONS)
    g_array_append_vals (persons, policy->persons, policy->n_persons);

  return policy->kind != GALLEY_POLICY_ASSIGNEES ||
         galley_heads_list_assignees (db, question->item, persons, error);
}

/**
 * galley_rule_book_find:
 * @rules: (out): cleared with galley_merge_rules_clear(); its set may be one that only a newer
 *   Galley knows
 */
gboolean
galley_rule_book_find (GalleyRuleBook *self,
                       const GalleyRuleQuestion *question,
                       GalleyMergeRules *rules,
                       GError **error)
{
  const ProjectRules *of_project = find_project_rules (self, question->project, error);
  GalleyPolicy policy = { 0 };

  memset (rules, 0, sizeof *rules);
  if (of_project == NULL)
    return FALSE;

  galley_policies_find (of_project->policies, question->kind, question->field, &policy);
  rules->set = of_project->set;
  rules->policy = policy.kind;
  if (policy.kind == GALLEY_POLICY_ASK)
    return TRUE;

  rules->favoured = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  return galley_rule_book_list_favoured (galley_journal_get_db (self->journal), question, &policy,
                                         rules->favoured, error);
}

/**
 * galley_rule_book_read:
 * @set: (out): of rules, that is in force
 * @policies: (out) (nullable) (transfer none): where @set goes by them: good until the book forgets
 */
gboolean
galley_rule_book_read (
    GalleyRuleBook *self, gint64 project, guint *set, GVariant **policies, GError **error)
{
  const ProjectRules *of_project = find_project_rules (self, project, error);

  if (of_project == NULL)
    return FALSE;

  *set = of_project->set;
  *policies = of_project->policies;
  return TRUE;
}
