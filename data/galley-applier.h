/* galley-applier.h: the door's inner side: what a change does to the derived tables
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-journal.h"
#include "data/galley-merge.h"

G_BEGIN_DECLS

/* Private to the data layer; belongs to the thread of its database. All of it works inside a
 * transaction of the caller's. */
typedef struct _GalleyApplier GalleyApplier;

GalleyApplier *galley_applier_new (GalleyDatabase *db, GalleyJournal *journal);
void galley_applier_free (GalleyApplier *self);
void galley_applier_forget (GalleyApplier *self);

/* An entity as later edits of the same transaction need it. */
typedef struct
{
  GalleyId id;
  GalleyId owner_id; /* the item; nil: none. An item owns itself */
  GalleyId author;
  gint64 number, project, parent, owner;
  guint8 kind;
} GalleyEntityRow;

gboolean galley_applier_find (GalleyApplier *self,
                              gint64 project,
                              guint8 kind,
                              const GalleyId *id,
                              const GalleyEntityRow **row,
                              GError **error);
gboolean galley_applier_apply (GalleyApplier *self,
                               gint64 project,
                               GalleyChange *change,
                               GError **error);
gboolean galley_applier_apply_marked (GalleyApplier *self,
                                      gint64 project,
                                      const GalleySegmentRecord *record,
                                      GalleyChange *change,
                                      GError **error);
/* What a snapshot gives is searched for when all of it is there: each entity is indexed once. */
void galley_applier_hold_search (GalleyApplier *self, gboolean held);
gboolean galley_applier_index (
    GalleyApplier *self, gint64 project, guint limit, gint64 *last, GError **error);
/* By which rules a field is settled. */
gboolean galley_applier_find_rules (GalleyApplier *self,
                                    const GalleyEntityRow *row,
                                    guint16 field,
                                    GalleyMergeRules *rules,
                                    GError **error);
/* For a rehearsal: in all projects, whatever they say. @policies: (nullable): theirs. */
void galley_applier_suppose_rules (GalleyApplier *self, guint set, GVariant *policies);
gboolean galley_applier_settle_again (GalleyApplier *self, gint64 project, GError **error);
/* An own change got its place in the stream: contested fields may show another value now. */
gboolean galley_applier_place (GalleyApplier *self,
                               gint64 project,
                               GalleyChange *change,
                               GError **error);
/* A change was refused: its values leave the shared state, what they superseded comes back. */
gboolean galley_applier_withdraw (GalleyApplier *self,
                                  gint64 project,
                                  GalleyChange *change,
                                  GError **error);
gboolean galley_applier_people_moved (GalleyApplier *self, GError **error);
/* Writes what is kept until the end of the transaction: digests, item rows, search. */
gboolean galley_applier_flush (GalleyApplier *self, GError **error);

/* The entities touched since the last call; GalleyEntityRow. */
GArray *galley_applier_take_touched (GalleyApplier *self);
gboolean galley_applier_take_conflicts_moved (GalleyApplier *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyApplier, galley_applier_free)

G_END_DECLS
