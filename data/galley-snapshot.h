/* galley-snapshot.h: the file of a snapshot: all that is in force in a project at a position
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-key.h"
#include "data/galley-segment.h"

G_BEGIN_DECLS

#define GALLEY_SNAPSHOT_MEDIA_TYPE "application/vnd.galley.snapshot"
/* Of one part, in bytes; more is malformed. */
#define GALLEY_SNAPSHOT_MAX_PART (GALLEY_SEGMENT_MAX_BYTES + 1024)

/* What a snapshot says of itself. */
typedef struct
{
  GalleyId project;
  guint64 position;
  guint64 n_changes; /* in it */
  GalleyHash digest; /* of all heads at the position */
  char *history_id;
} GalleySnapshotHead;

/* Where a device's chain stands at the position. */
typedef struct
{
  GalleyRef ref;
  GalleyHash hash;
  guint8 signature[GALLEY_SIGNATURE_BYTES]; /* zero: none was made of this very change */
} GalleySnapshotTip;

void galley_snapshot_head_clear (GalleySnapshotHead *head);

typedef enum
{
  GALLEY_SNAPSHOT_HEAD = 1,
  GALLEY_SNAPSHOT_TIP = 2,
  GALLEY_SNAPSHOT_SEGMENT = 3,
  GALLEY_SNAPSHOT_END = 4,
} GalleySnapshotPartType;

/* Writes a file part by part. */
typedef struct _GalleySnapshotWriter GalleySnapshotWriter;

GalleySnapshotWriter *galley_snapshot_writer_new (const char *path, GError **error);
void galley_snapshot_writer_free (GalleySnapshotWriter *self);
gboolean galley_snapshot_writer_add_head (GalleySnapshotWriter *self,
                                          const GalleySnapshotHead *head,
                                          GError **error);
gboolean galley_snapshot_writer_add_tip (GalleySnapshotWriter *self,
                                         const GalleySnapshotTip *tip,
                                         GError **error);
gboolean galley_snapshot_writer_add_segment (GalleySnapshotWriter *self,
                                             GBytes *packed,
                                             GError **error);
gboolean galley_snapshot_writer_finish (GalleySnapshotWriter *self,
                                        GalleyHash *hash,
                                        guint64 *size_bytes,
                                        GError **error);

/* Reads one, with no more than a part in memory. */
typedef struct _GalleySnapshotReader GalleySnapshotReader;

typedef struct
{
  GalleySnapshotPartType type;
  GalleySnapshotHead head; /* (owned) */
  GalleySnapshotTip tip;
  GBytes *segment; /* (owned) */
} GalleySnapshotPart;

GalleySnapshotReader *galley_snapshot_reader_open (const char *path, GError **error);
void galley_snapshot_reader_free (GalleySnapshotReader *self);
gboolean galley_snapshot_reader_next (GalleySnapshotReader *self,
                                      GalleySnapshotPart *part,
                                      GError **error);
void galley_snapshot_part_clear (GalleySnapshotPart *part);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleySnapshotHead, galley_snapshot_head_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleySnapshotPart, galley_snapshot_part_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySnapshotWriter, galley_snapshot_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySnapshotReader, galley_snapshot_reader_free)

G_END_DECLS
