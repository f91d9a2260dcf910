/* galley-segment-table.h: the compacted part of the journal: packed runs of changes, and where in
 * them a change stands
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-database.h"
#include "data/galley-segment.h"

G_BEGIN_DECLS

/* What the changes of a segment are to a replay. The numbers stand in the database. */
typedef enum
{
  GALLEY_SEGMENT_JOURNAL = 0,  /* changes like any other */
  GALLEY_SEGMENT_SNAPSHOT = 1, /* what was in force at a position; only marked edits count */
  GALLEY_SEGMENT_HISTORY = 2,  /* older than a snapshot, and not all of them are here yet */
} GalleySegmentRole;

/* Private to the data layer; belongs to the thread of its database. Keeps a few segments unpacked.
 */
typedef struct _GalleySegmentTable GalleySegmentTable;

GalleySegmentTable *galley_segment_table_new (GalleyDatabase *db);
void galley_segment_table_free (GalleySegmentTable *self);

/* Where a segment is, without its changes. */
typedef struct
{
  gint64 id, project;
  gint64 first_lsn, last_lsn;
  GalleySegmentRole role;
} GalleySegmentInfo;

GArray *galley_segment_table_list (GalleySegmentTable *self, gint64 project, GError **error);
GalleySegment *galley_segment_table_load (GalleySegmentTable *self, gint64 id, GError **error);

/* A change within a segment: the segment is held as long as the record is used. */
typedef struct
{
  GalleySegment *segment; /* (owned) (nullable): NULL: no segment has the change */
  const GalleySegmentRecord *record;
} GalleySegmentHit;

gboolean galley_segment_table_find (GalleySegmentTable *self,
                                    gint64 project,
                                    const GalleyRef *ref,
                                    GalleySegmentHit *hit,
                                    GError **error);
gboolean galley_segment_table_find_hash (GalleySegmentTable *self,
                                         const char *prefix,
                                         gint64 *project,
                                         GalleySegmentHit *hit,
                                         GError **error);
void galley_segment_hit_clear (GalleySegmentHit *hit);

/* A segment that is ready to be put into the table. */
typedef struct
{
  gint64 project; /* number in this database */
  GalleySegmentRole role;
  gint64 base;
  GBytes *packed;
  GalleyHash hash; /* of @packed */
  GByteArray *change_hashes;
  GArray *spans; /* of GalleySegmentSpan, one a device */
  gint64 first_lsn, last_lsn;
  guint64 last_position;
  guint n_changes;
  guint64 change_bytes; /* of the changes alone, unpacked */
} GalleyPackedSegment;

typedef struct
{
  GalleyId device;
  guint64 first_seq, last_seq;
} GalleySegmentSpan;

GalleyPackedSegment *galley_packed_segment_new (
    gint64 project, GalleySegmentRole role, gint64 base, GBytes *packed, GError **error);
GPtrArray *galley_segment_read_all (GalleySegment *segment, GError **error); /* of GalleyChange */
GalleyPackedSegment *galley_packed_segment_new_read (gint64 project,
                                                     GalleySegmentRole role,
                                                     gint64 base,
                                                     GBytes *packed,
                                                     GalleySegment *segment,
                                                     GPtrArray *changes);
void galley_packed_segment_free (GalleyPackedSegment *self);
gboolean galley_segment_table_insert (GalleyDatabase *db,
                                      const GalleyPackedSegment *packed,
                                      GError **error);

gboolean galley_segment_table_unpack_after (GalleySegmentTable *self,
                                            gint64 project,
                                            guint64 position,
                                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySegmentTable, galley_segment_table_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPackedSegment, galley_packed_segment_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleySegmentHit, galley_segment_hit_clear)

G_END_DECLS
