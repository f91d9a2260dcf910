/* galley-rule-book.h: by which rules a project's fields are settled: its own word, or a rehearsal's
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-journal.h"
#include "data/galley-merge.h"

G_BEGIN_DECLS

/* Private to the data layer; belongs to the thread of its database. What it has looked up stays
 * until galley_rule_book_forget(). */
typedef struct _GalleyRuleBook GalleyRuleBook;

GalleyRuleBook *galley_rule_book_new (GalleyJournal *journal);
void galley_rule_book_free (GalleyRuleBook *self);
void galley_rule_book_forget (GalleyRuleBook *self);
void galley_rule_book_suppose (GalleyRuleBook *self, guint set, GVariant *policies);

/* What the rules of a field may depend on. */
typedef struct
{
  gint64 project;
  guint8 kind;
  guint16 field;
  gint64 item;     /* that the thing is, or belongs to; 0: none */
  GalleyId author; /* who made the thing */
} GalleyRuleQuestion;

gboolean galley_rule_book_find (GalleyRuleBook *self,
                                const GalleyRuleQuestion *question,
                                GalleyMergeRules *rules,
                                GError **error);
gboolean galley_rule_book_read (
    GalleyRuleBook *self, gint64 project, guint *set, GVariant **policies, GError **error);
gboolean galley_rule_book_list_favoured (GalleyDatabase *db,
                                         const GalleyRuleQuestion *question,
                                         const GalleyPolicy *policy,
                                         GArray *persons, /* GalleyId */
                                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyRuleBook, galley_rule_book_free)

G_END_DECLS
