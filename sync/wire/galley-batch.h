/* galley-batch.h: changes on the wire: frames, packed with zstd
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-change.h"
#include "data/galley-key.h"
#include "sync/wire/galley-wire-error.h"

G_BEGIN_DECLS

#define GALLEY_BATCH_MEDIA_TYPE "application/vnd.galley.changes"
/* Of one batch, unpacked: checked before anything is unpacked. */
#define GALLEY_BATCH_MAX_BYTES (8 * 1024 * 1024)

typedef enum
{
  GALLEY_FRAME_CHANGE = 1,   /* a change, whole */
  GALLEY_FRAME_CHAINED = 2,  /* a change without its "previous": the hash of the frame before it */
  GALLEY_FRAME_KNOWN = 3,    /* a run of the asking device's own changes, which it has */
  GALLEY_FRAME_POSITION = 4, /* the next change has this position */
  GALLEY_FRAME_TIP = 5,      /* a device's signature over its chain up to here */
  GALLEY_FRAME_GAP = 6,      /* the hash of a change that was refused */
} GalleyFrameType;

typedef struct
{
  GalleyFrameType type;     /* a chained change reads as GALLEY_FRAME_CHANGE */
  GalleyChange *change;     /* (owned) */
  guint64 first_seq, count; /* known */
  guint64 position;
  GalleyRef ref; /* tip, gap */
  GalleyHash hash;
  guint8 signature[GALLEY_SIGNATURE_BYTES];
} GalleyFrame;

void galley_frame_clear (GalleyFrame *frame);

typedef struct _GalleyBatchWriter GalleyBatchWriter;

GalleyBatchWriter *galley_batch_writer_new (void);
void galley_batch_writer_free (GalleyBatchWriter *self);
void galley_batch_writer_add_change (GalleyBatchWriter *self,
                                     gconstpointer change,
                                     gsize bytes,
                                     const GalleyHash *hash);
void galley_batch_writer_add_known (GalleyBatchWriter *self, guint64 first_seq, guint64 count);
void galley_batch_writer_add_position (GalleyBatchWriter *self, guint64 position);
void galley_batch_writer_add_tip (GalleyBatchWriter *self,
                                  const GalleyRef *ref,
                                  const GalleyHash *hash,
                                  const guint8 signature[GALLEY_SIGNATURE_BYTES]);
void galley_batch_writer_add_gap (GalleyBatchWriter *self,
                                  const GalleyRef *ref,
                                  const GalleyHash *hash);
gsize galley_batch_writer_get_size (GalleyBatchWriter *self);
GBytes *galley_batch_writer_finish (GalleyBatchWriter *self);

typedef struct _GalleyBatchReader GalleyBatchReader;

GalleyBatchReader *galley_batch_reader_new (GBytes *packed, GError **error);
void galley_batch_reader_free (GalleyBatchReader *self);
/* 1: @frame is set, clear it; 0: the end; -1: @error is set */
int galley_batch_reader_next (GalleyBatchReader *self, GalleyFrame *frame, GError **error);

/* What a tip's signature is over. */
void galley_tip_sign (GalleyKey *key,
                      const GalleyId *project,
                      const GalleyRef *ref,
                      const GalleyHash *hash,
                      guint8 signature[GALLEY_SIGNATURE_BYTES]);
gboolean galley_tip_verify (const guint8 public_key[GALLEY_PUBLIC_KEY_BYTES],
                            const GalleyId *project,
                            const GalleyRef *ref,
                            const GalleyHash *hash,
                            const guint8 signature[GALLEY_SIGNATURE_BYTES]);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyFrame, galley_frame_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyBatchWriter, galley_batch_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyBatchReader, galley_batch_reader_free)

G_END_DECLS
