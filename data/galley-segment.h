/* galley-segment.h: a run of changes in one zstd frame: how a compacted journal and a snapshot keep
 * them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-change.h"

G_BEGIN_DECLS

/* What a frame holds at most when it is unpacked; more is malformed. */
#define GALLEY_SEGMENT_MAX_BYTES (8 * 1024 * 1024)
/* The first bytes of each change's hash, kept beside a segment to find a change by its hash. */
#define GALLEY_SEGMENT_HASH_BYTES 4

/* A change as it stands in a segment. All pointers belong to the segment. */
typedef struct
{
  gint64 lsn; /* its place in this device's journal */
  guint64 position;
  GalleyRef ref;
  const guint8 *marks; /* (nullable): a bit an edit, lowest first: the edits that count */
  gsize marks_bytes;   /* 0: all of them do */
  const guint8 *data;  /* the change */
  gsize bytes;
} GalleySegmentRecord;

/* Unpacked, immutable, counted; may be read from any thread. */
typedef struct _GalleySegment GalleySegment;

GalleySegment *galley_segment_unpack (GBytes *packed, gint64 base, GError **error);
GalleySegment *galley_segment_ref (GalleySegment *self);
void galley_segment_unref (GalleySegment *self);
guint galley_segment_get_n_records (GalleySegment *self);
const GalleySegmentRecord *galley_segment_get_record (GalleySegment *self, guint index);
const GalleySegmentRecord *galley_segment_find (GalleySegment *self, const GalleyRef *ref);
gsize galley_segment_get_bytes (GalleySegment *self);

GalleyChange *galley_segment_record_read (const GalleySegmentRecord *record, GError **error);
gboolean galley_segment_record_counts (const GalleySegmentRecord *record, guint edit);

/* Puts changes together, in the order of their lsn. */
typedef struct _GalleySegmentBuilder GalleySegmentBuilder;

GalleySegmentBuilder *galley_segment_builder_new (void);
void galley_segment_builder_free (GalleySegmentBuilder *self);
void galley_segment_builder_add (GalleySegmentBuilder *self,
                                 guint64 offset,
                                 guint64 position,
                                 const guint8 *marks,
                                 gsize marks_bytes,
                                 gconstpointer change,
                                 gsize bytes);
gsize galley_segment_builder_get_bytes (GalleySegmentBuilder *self);
GBytes *galley_segment_builder_pack (GalleySegmentBuilder *self, int level);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySegment, galley_segment_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySegmentBuilder, galley_segment_builder_free)

G_END_DECLS
