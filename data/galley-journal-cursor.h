/* galley-journal-cursor.h: the whole journal in order, whether it is compacted or not
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-segment-table.h"

G_BEGIN_DECLS

/**
 * GalleyJournalOrder:
 * @GALLEY_JOURNAL_OLDEST_FIRST: in the order in which this device came to know the changes
 * @GALLEY_JOURNAL_NEWEST_FIRST: the other way round
 * @GALLEY_JOURNAL_REPLAY: oldest first, and only what the present state follows from: of a project
 *   whose older history is not all here, that is its snapshot and what came after
 */
typedef enum
{
  GALLEY_JOURNAL_OLDEST_FIRST,
  GALLEY_JOURNAL_NEWEST_FIRST,
  GALLEY_JOURNAL_REPLAY,
} GalleyJournalOrder;

/* Private to the data layer; belongs to the thread of its database. It sees one moment: when no
 * transaction is open it opens one, until it is freed. */
typedef struct _GalleyJournalCursor GalleyJournalCursor;

/* Good until the next call. */
typedef struct
{
  gint64 lsn, project;
  guint64 position;                  /* 0: not accepted */
  const char *refused;               /* (nullable): why the server refused it */
  GalleySegmentRole role;            /* of the segment; JOURNAL for a live one */
  const GalleySegmentRecord *record; /* (nullable): NULL: a live one */
  gconstpointer data;
  gsize bytes;
} GalleyJournalItem;

GalleyJournalCursor *galley_journal_cursor_new (GalleyDatabase *db,
                                                GalleySegmentTable *segments,
                                                gint64 project,
                                                GalleyJournalOrder order,
                                                gint64 from_lsn,
                                                GError **error);
void galley_journal_cursor_free (GalleyJournalCursor *self);
/* 1: an item; 0: no more; -1: @error is set */
int galley_journal_cursor_next (GalleyJournalCursor *self, GalleyJournalItem *item, GError **error);
GalleyChange *galley_journal_item_read (const GalleyJournalItem *item, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyJournalCursor, galley_journal_cursor_free)

G_END_DECLS
