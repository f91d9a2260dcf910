/* galley-journal.h: the append-only record of changes: permanent tables only
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-segment-table.h"

G_BEGIN_DECLS

/* Private to the data layer; belongs to the thread of its database. */
typedef struct _GalleyJournal GalleyJournal;

GalleyJournal *galley_journal_new (GalleyDatabase *db);
void galley_journal_free (GalleyJournal *self);
/* After a rollback: what was learnt in the transaction is not so. */
void galley_journal_forget (GalleyJournal *self);
GalleyDatabase *galley_journal_get_db (GalleyJournal *self);
GalleySegmentTable *galley_journal_get_segments (GalleyJournal *self);
gboolean galley_journal_read_last_lsn (GalleyDatabase *db, gint64 *lsn, GError **error);
gboolean galley_journal_get_last_lsn (GalleyJournal *self, gint64 *lsn, GError **error);

/* Numbers stand for ids within this database: 0 and no error means not there. */
gint64 galley_journal_get_project (GalleyJournal *self,
                                   const GalleyId *id,
                                   gboolean make,
                                   GError **error);
gint64 galley_journal_get_device (GalleyJournal *self,
                                  const GalleyId *id,
                                  gboolean make,
                                  GError **error);

/* As these, where not being there is no reason to stop: FALSE only when it could not be read. */
gboolean galley_journal_find_project (GalleyJournal *self,
                                      const GalleyId *id,
                                      gint64 *number,
                                      GError **error);
gboolean galley_journal_find_device (GalleyJournal *self,
                                     const GalleyId *id,
                                     gint64 *number,
                                     GError **error);

typedef struct
{
  guint64 seq; /* 0: nothing yet */
  GalleyHash hash;
} GalleyTip;

gboolean galley_journal_get_tip (
    GalleyJournal *self, gint64 project, gint64 device, GalleyTip *tip, GError **error);
/* Writes the tips that have moved: once, at the end of a transaction. */
gboolean galley_journal_flush (GalleyJournal *self, GError **error);
gboolean galley_journal_append (GalleyJournal *self,
                                gint64 project,
                                gint64 device,
                                GalleyChange *change,
                                guint64 position,
                                gint64 *lsn,
                                GError **error);
gboolean galley_journal_append_gap (GalleyJournal *self,
                                    gint64 project,
                                    gint64 device,
                                    guint64 seq,
                                    const GalleyHash *hash,
                                    GError **error);

/* What followed has been put aside: the device's chain ends here again. */
gboolean galley_journal_cut (GalleyJournal *self,
                             gint64 project,
                             const GalleyRef *last,
                             GError **error);

typedef struct
{
  GalleyChange *change; /* (owned) (nullable): NULL: not in the journal */
  gint64 lsn;
  guint64 position;
  gboolean refused;
} GalleyJournalEntry;

gboolean galley_journal_load (GalleyJournal *self,
                              gint64 project,
                              const GalleyRef *ref,
                              GalleyJournalEntry *entry,
                              GError **error);
/* Every device's tip: how far each has been seen. */
GArray *galley_journal_list_tips (GalleyJournal *self,
                                  gint64 project,
                                  GError **error); /* GalleyRef */

/* The nearest common ancestor of heads in the graph of what superseded what. */
typedef struct
{
  gboolean known;         /* there is exactly one, or nothing at all came before */
  GalleyRef ref;          /* zero seq: nothing came before */
  GVariant *value;        /* (owned) (nullable) */
  gboolean lacks_history; /* changes that it might be among are not on this computer yet */
  guint n_settling;       /* heads that settled what was open before them */
} GalleyBase;

gboolean galley_journal_find_base (GalleyJournal *self,
                                   gint64 project,
                                   const GalleyId *entity,
                                   guint16 field,
                                   const char *element,
                                   const GalleyRef *heads,
                                   guint n_heads,
                                   GArray *visited,
                                   GalleyBase *base,
                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyJournal, galley_journal_free)

G_END_DECLS
