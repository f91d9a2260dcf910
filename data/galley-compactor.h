/* galley-compactor.h: moves settled changes of the journal into packed segments, and gives the disk
 * back what they took
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

/* What is compacted. The numbers are 0 for the usual ones. */
typedef struct
{
  guint keep_recent;   /* changes that stay live, counted from the newest */
  gsize segment_bytes; /* of a segment, unpacked, about */
  guint min_changes;   /* fewer are left for another time */
} GalleyCompactOptions;

typedef struct
{
  guint64 n_changes;    /* moved */
  guint64 n_segments;   /* made */
  guint64 before_bytes; /* what the moved changes took in the journal, about */
  guint64 after_bytes;  /* what they take now */
  guint64 file_before;  /* the database, in bytes */
  guint64 file_after;
  gboolean keeps_size; /* made by an older Galley: the file does not get smaller by itself */
} GalleyCompactReport;

/* @total: how many changes there were to move when it began, about */
typedef void (*GalleyCompactProgress) (guint64 done, guint64 total, gpointer data);

gboolean galley_compact (GalleyStore *store,
                         const GalleyCompactOptions *options,
                         GCancellable *cancellable,
                         GalleyCompactProgress progress,
                         gpointer progress_data,
                         GalleyCompactReport *report,
                         GError **error);
gboolean galley_compact_rewrite (GalleyStore *store, GError **error);
gboolean galley_compact_estimate (GalleyReader *reader, guint64 *n_changes, GError **error);

G_END_DECLS
