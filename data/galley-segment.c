/* galley-segment.c: a run of changes in one zstd frame: how a compacted journal and a snapshot keep
 * them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-segment"

#include "data/galley-segment.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <zstd.h>

#define MAGIC "GLYG\x01"
#define MAGIC_BYTES 5
/* Where the device and its number stand in the bytes of every change: see galley-change.c. */
#define SEQ_OFFSET 24
#define DEVICE_OFFSET 64
#define HEADER_BYTES 120

struct _GalleySegment
{
  gatomicrefcount ref_count;
  guint8 *data; /* unpacked */
  gsize bytes;
  GArray *records; /* of GalleySegmentRecord */
};

static gboolean
refuse (GError **error)
{
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
               _ ("A packed part of the journal is damaged."));
  return FALSE;
}

/* ── writing ── */

struct _GalleySegmentBuilder
{
  GByteArray *raw;
  guint64 last_offset;
};

GalleySegmentBuilder *
galley_segment_builder_new (void)
{
  GalleySegmentBuilder *self = g_new0 (GalleySegmentBuilder, 1);

  self->raw = g_byte_array_new ();
  g_byte_array_append (self->raw, (const guint8 *)MAGIC, MAGIC_BYTES);
  return self;
}

void
galley_segment_builder_free (GalleySegmentBuilder *self)
{
  g_byte_array_unref (self->raw);
  g_free (self);
}

/* LEB128, as in the DWARF standard: seven bits a byte, the lowest first. */
static void
put_varint (GByteArray *out, guint64 value)
{
  guint8 bytes[10];
  guint n = 0;

  for (; value >= 0x80; value >>= 7)
    bytes[n++] = 0x80 | (value & 0x7f);
  bytes[n++] = value;
  g_byte_array_append (out, bytes, n);
}

/**
 * galley_segment_builder_add:
 * @offset: of its lsn from the segment's base; greater than the one before
 * @position: in the project's stream
 * @marks: (nullable): see #GalleySegmentRecord
 */
void
galley_segment_builder_add (GalleySegmentBuilder *self,
                            guint64 offset,
                            guint64 position,
                            const guint8 *marks,
                            gsize marks_bytes,
                            gconstpointer change,
                            gsize bytes)
{
  g_return_if_fail (offset > self->last_offset);

  put_varint (self->raw, offset - self->last_offset);
  put_varint (self->raw, position);
  put_varint (self->raw, marks_bytes);
  if (marks_bytes > 0)
    g_byte_array_append (self->raw, marks, marks_bytes);
  put_varint (self->raw, bytes);
  g_byte_array_append (self->raw, change, bytes);
  self->last_offset = offset;
}

/* How much it is so far, unpacked. */
gsize
galley_segment_builder_get_bytes (GalleySegmentBuilder *self)
{
  return self->raw->len;
}

/**
 * galley_segment_builder_pack:
 * @level: of zstd
 *
 * Returns: (transfer full): one zstd frame that says its unpacked size
 */
GBytes *
galley_segment_builder_pack (GalleySegmentBuilder *self, int level)
{
  gsize bound = ZSTD_compressBound (self->raw->len);
  guint8 *packed = g_malloc (bound);
  gsize bytes = ZSTD_compress (packed, bound, self->raw->data, self->raw->len, level);

  if (ZSTD_isError (bytes))
    g_error ("Cannot pack a part of the journal: %s", ZSTD_getErrorName (bytes));

  return g_bytes_new_take (g_realloc (packed, bytes), bytes);
}

/* ── reading ── */

typedef struct
{
  const guint8 *at, *end;
} Cursor;

static gboolean
take_varint (Cursor *cursor, guint64 *value)
{
  *value = 0;
  for (guint shift = 0; shift < 64 && cursor->at < cursor->end; shift += 7)
    {
      guint8 byte = *cursor->at++;

      *value |= (guint64)(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return TRUE;
    }

  return FALSE;
}

static gboolean
take_bytes (Cursor *cursor, guint64 bytes, const guint8 **data)
{
  if (bytes > (guint64)(cursor->end - cursor->at))
    return FALSE;

  *data = cursor->at;
  cursor->at += bytes;
  return TRUE;
}

static gboolean
take_record (Cursor *cursor, gint64 *lsn, GalleySegmentRecord *record)
{
  guint64 step, marks_bytes, bytes, seq;

  if (!take_varint (cursor, &step) || step == 0 || step > G_MAXINT32 ||
      !take_varint (cursor, &record->position) || record->position > G_MAXINT64 ||
      !take_varint (cursor, &marks_bytes) || !take_bytes (cursor, marks_bytes, &record->marks) ||
      !take_varint (cursor, &bytes) || bytes < HEADER_BYTES || bytes > GALLEY_CHANGE_MAX_BYTES ||
      !take_bytes (cursor, bytes, &record->data))
    return FALSE;

  *lsn += step;
  record->lsn = *lsn;
  record->marks_bytes = marks_bytes;
  record->bytes = bytes;
  memcpy (&seq, record->data + SEQ_OFFSET, sizeof seq);
  record->ref.seq = GUINT64_FROM_LE (seq);
  memcpy (&record->ref.device, record->data + DEVICE_OFFSET, sizeof record->ref.device);
  return TRUE;
}

static gboolean
read_records (GalleySegment *self, gint64 base)
{
  Cursor cursor = { self->data, self->data + self->bytes };
  const guint8 *magic;

  if (!take_bytes (&cursor, MAGIC_BYTES, &magic) || memcmp (magic, MAGIC, MAGIC_BYTES) != 0)
    return FALSE;
  while (cursor.at < cursor.end)
    {
      GalleySegmentRecord record;

      if (!take_record (&cursor, &base, &record))
        return FALSE;
      g_array_append_val (self->records, record);
    }

  return self->records->len > 0;
}

/* The size is believed only within bounds, and must then be met exactly. */
static gboolean
unpack (GalleySegment *self, GBytes *packed)
{
  gsize packed_bytes;
  gconstpointer data = g_bytes_get_data (packed, &packed_bytes);
  unsigned long long bytes = ZSTD_getFrameContentSize (data, packed_bytes);

  if (bytes == ZSTD_CONTENTSIZE_ERROR || bytes == ZSTD_CONTENTSIZE_UNKNOWN ||
      bytes > GALLEY_SEGMENT_MAX_BYTES ||
      ZSTD_findFrameCompressedSize (data, packed_bytes) != packed_bytes)
    return FALSE;

  self->data = g_malloc (MAX (bytes, 1));
  self->bytes = ZSTD_decompress (self->data, bytes, data, packed_bytes);
  return !ZSTD_isError (self->bytes) && self->bytes == bytes;
}

/**
 * galley_segment_unpack:
 * @packed: a zstd frame, of whatever origin
 * @base: what the offsets of the changes are added to
 * @error: %GALLEY_DATA_ERROR_DAMAGED when it is not a segment
 *
 * The changes themselves are checked when they are read.
 */
GalleySegment *
galley_segment_unpack (GBytes *packed, gint64 base, GError **error)
{
  g_autoptr (GalleySegment) self = g_new0 (GalleySegment, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->records = g_array_new (FALSE, FALSE, sizeof (GalleySegmentRecord));
  if (!unpack (self, packed) || !read_records (self, base))
    {
      refuse (error);
      return NULL;
    }

  return g_steal_pointer (&self);
}

GalleySegment *
galley_segment_ref (GalleySegment *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
galley_segment_unref (GalleySegment *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_array_unref (self->records);
  g_free (self->data);
  g_free (self);
}

guint
galley_segment_get_n_records (GalleySegment *self)
{
  return self->records->len;
}

const GalleySegmentRecord *
galley_segment_get_record (GalleySegment *self, guint index)
{
  g_return_val_if_fail (index < self->records->len, NULL);

  return &g_array_index (self->records, GalleySegmentRecord, index);
}

/**
 * galley_segment_find:
 *
 * Returns: (transfer none) (nullable): the change of that name
 */
const GalleySegmentRecord *
galley_segment_find (GalleySegment *self, const GalleyRef *ref)
{
  for (guint i = 0; i < self->records->len; i++)
    {
      const GalleySegmentRecord *record = &g_array_index (self->records, GalleySegmentRecord, i);

      if (record->ref.seq == ref->seq && galley_id_equal (&record->ref.device, &ref->device))
        return record;
    }

  return NULL;
}

/* What it takes in memory, about. */
gsize
galley_segment_get_bytes (GalleySegment *self)
{
  return self->bytes + self->records->len * sizeof (GalleySegmentRecord);
}

/**
 * galley_segment_record_read:
 *
 * Returns: (transfer full): the change, checked as any that comes from outside
 */
GalleyChange *
galley_segment_record_read (const GalleySegmentRecord *record, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (record->data, record->bytes);

  return galley_change_new_from_bytes (bytes, error);
}

/* Whether the edit is part of the state that the segment stands for. */
gboolean
galley_segment_record_counts (const GalleySegmentRecord *record, guint edit)
{
  return record->marks_bytes == 0 ||
         (edit / 8 < record->marks_bytes && (record->marks[edit / 8] >> (edit % 8) & 1) != 0);
}
