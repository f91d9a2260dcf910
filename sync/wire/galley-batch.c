/* galley-batch.c: changes on the wire: frames, packed with zstd
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-batch"

#include "sync/wire/galley-batch.h"

#include <string.h>
#include <zstd.h>

#define MAGIC "GLYB\x01"
#define MAGIC_BYTES 5
#define ZSTD_LEVEL 3
#define HASH_BYTES sizeof (GalleyHash)
#define TIP_PURPOSE "galley tip 1"

void
galley_frame_clear (GalleyFrame *frame)
{
  g_clear_pointer (&frame->change, galley_change_unref);
}

/* ── writing ── */

struct _GalleyBatchWriter
{
  GByteArray *frames;
  gboolean has_last;
  GalleyHash last; /* of the change or gap before */
};

GalleyBatchWriter *
galley_batch_writer_new (void)
{
  GalleyBatchWriter *self = g_new0 (GalleyBatchWriter, 1);

  self->frames = g_byte_array_new ();
  g_byte_array_append (self->frames, (const guint8 *)MAGIC, MAGIC_BYTES);
  return self;
}

void
galley_batch_writer_free (GalleyBatchWriter *self)
{
  g_byte_array_unref (self->frames);
  g_free (self);
}

/* LEB128, as in the DWARF standard: seven bits a byte, the lowest first. */
static guint
put_varint (guint8 out[10], guint64 value)
{
  guint n = 0;

  for (; value >= 0x80; value >>= 7)
    out[n++] = 0x80 | (value & 0x7f);
  out[n++] = value;
  return n;
}

static void
begin_frame (GalleyBatchWriter *self, GalleyFrameType type, gsize payload_bytes)
{
  guint8 number[10], code = type;

  g_byte_array_append (self->frames, number, put_varint (number, payload_bytes));
  g_byte_array_append (self->frames, &code, 1);
}

/**
 * galley_batch_writer_add_change:
 * @change: the bytes of a change
 * @hash: of it
 *
 * When it follows the change or gap before it in its device's chain, its 32 bytes of "previous" are
 * left out; the reader puts them back, so the bytes stay what they are.
 */
void
galley_batch_writer_add_change (GalleyBatchWriter *self,
                                gconstpointer change,
                                gsize bytes,
                                const GalleyHash *hash)
{
  const guint8 *data = change;
  gsize rest = GALLEY_CHANGE_PREVIOUS_OFFSET + HASH_BYTES;
  gboolean chained = self->has_last && bytes > rest &&
                     memcmp (data + GALLEY_CHANGE_PREVIOUS_OFFSET, &self->last, HASH_BYTES) == 0;

  if (chained)
    {
      begin_frame (self, GALLEY_FRAME_CHAINED, bytes - HASH_BYTES);
      g_byte_array_append (self->frames, data, GALLEY_CHANGE_PREVIOUS_OFFSET);
      g_byte_array_append (self->frames, data + rest, bytes - rest);
    }
  else
    {
      begin_frame (self, GALLEY_FRAME_CHANGE, bytes);
      g_byte_array_append (self->frames, data, bytes);
    }
  self->last = *hash;
  self->has_last = TRUE;
}

void
galley_batch_writer_add_known (GalleyBatchWriter *self, guint64 first_seq, guint64 count)
{
  guint8 numbers[20];
  guint n = put_varint (numbers, first_seq);

  n += put_varint (numbers + n, count);
  begin_frame (self, GALLEY_FRAME_KNOWN, n);
  g_byte_array_append (self->frames, numbers, n);
}

void
galley_batch_writer_add_position (GalleyBatchWriter *self, guint64 position)
{
  guint8 number[10];
  guint n = put_varint (number, position);

  begin_frame (self, GALLEY_FRAME_POSITION, n);
  g_byte_array_append (self->frames, number, n);
}

static void
add_link (GalleyBatchWriter *self,
          GalleyFrameType type,
          const GalleyRef *ref,
          const GalleyHash *hash,
          const guint8 *signature)
{
  guint8 seq[10];
  guint n = put_varint (seq, ref->seq);

  begin_frame (self, type,
               sizeof ref->device + n + HASH_BYTES +
                   (signature != NULL ? GALLEY_SIGNATURE_BYTES : 0));
  g_byte_array_append (self->frames, ref->device.bytes, sizeof ref->device);
  g_byte_array_append (self->frames, seq, n);
  g_byte_array_append (self->frames, hash->bytes, HASH_BYTES);
  if (signature != NULL)
    g_byte_array_append (self->frames, signature, GALLEY_SIGNATURE_BYTES);
}

void
galley_batch_writer_add_tip (GalleyBatchWriter *self,
                             const GalleyRef *ref,
                             const GalleyHash *hash,
                             const guint8 signature[GALLEY_SIGNATURE_BYTES])
{
  add_link (self, GALLEY_FRAME_TIP, ref, hash, signature);
}

void
galley_batch_writer_add_gap (GalleyBatchWriter *self, const GalleyRef *ref, const GalleyHash *hash)
{
  add_link (self, GALLEY_FRAME_GAP, ref, hash, NULL);
  self->last = *hash;
  self->has_last = TRUE;
}

/**
 * galley_batch_writer_get_size:
 *
 * Returns: how large it is so far, unpacked, in bytes
 */
gsize
galley_batch_writer_get_size (GalleyBatchWriter *self)
{
  return self->frames->len;
}

/**
 * galley_batch_writer_finish:
 *
 * Returns: (transfer full): the batch, packed; the writer may only be freed now
 */
GBytes *
galley_batch_writer_finish (GalleyBatchWriter *self)
{
  gsize bound = ZSTD_compressBound (self->frames->len);
  guint8 *packed = g_malloc (bound);
  gsize bytes = ZSTD_compress (packed, bound, self->frames->data, self->frames->len, ZSTD_LEVEL);

  /* With a bound like that it can only fail for want of memory, as g_malloc() does. */
  if (ZSTD_isError (bytes))
    g_error ("Cannot pack a batch: %s", ZSTD_getErrorName (bytes));

  return g_bytes_new_take (g_realloc (packed, bytes), bytes);
}

/* ── reading ── */

struct _GalleyBatchReader
{
  guint8 *data; /* (owned) */
  gsize bytes, at;
  gboolean has_last;
  GalleyHash last;
};

static gboolean
malformed (GError **error, const char *what)
{
  g_set_error (error, GALLEY_WIRE_ERROR, GALLEY_WIRE_ERROR_MALFORMED,
               "The message is damaged: %s. Nothing of it was used.", what);
  return FALSE;
}

static gboolean
unpack (GalleyBatchReader *self, gconstpointer packed, gsize packed_bytes, GError **error)
{
  unsigned long long bytes = ZSTD_getFrameContentSize (packed, packed_bytes);

  if (bytes == ZSTD_CONTENTSIZE_ERROR || bytes == ZSTD_CONTENTSIZE_UNKNOWN)
    return malformed (error, "it does not say how large it is");
  if (bytes > GALLEY_BATCH_MAX_BYTES)
    {
      g_set_error (error, GALLEY_WIRE_ERROR, GALLEY_WIRE_ERROR_TOO_LARGE,
                   "The message is larger than 8 MiB. Send it in smaller parts.");
      return FALSE;
    }
  if (ZSTD_findFrameCompressedSize (packed, packed_bytes) != packed_bytes)
    return malformed (error, "it is cut short or has something behind its end");

  self->data = g_malloc (MAX (bytes, 1));
  self->bytes = ZSTD_decompress (self->data, bytes, packed, packed_bytes);
  if (ZSTD_isError (self->bytes) || self->bytes != bytes)
    return malformed (error, "it cannot be unpacked");
  if (bytes < MAGIC_BYTES || memcmp (self->data, MAGIC, MAGIC_BYTES - 1) != 0 ||
      self->data[MAGIC_BYTES - 1] < MAGIC[MAGIC_BYTES - 1])
    return malformed (error, "it is no batch of changes");
  if (self->data[MAGIC_BYTES - 1] > MAGIC[MAGIC_BYTES - 1])
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER,
                           "It is a batch of changes as only a newer Galley packs them.");
      return FALSE;
    }

  self->at = MAGIC_BYTES;
  return TRUE;
}

/**
 * galley_batch_reader_new:
 * @packed: a batch, from wherever
 * @error: %GALLEY_WIRE_ERROR_MALFORMED or _TOO_LARGE, or %GALLEY_DATA_ERROR_NEWER
 */
GalleyBatchReader *
galley_batch_reader_new (GBytes *packed, GError **error)
{
  g_autoptr (GalleyBatchReader) self = g_new0 (GalleyBatchReader, 1);
  gsize bytes;
  gconstpointer data = g_bytes_get_data (packed, &bytes);

  if (bytes == 0)
    {
      malformed (error, "it is empty");
      return NULL;
    }

  return unpack (self, data, bytes, error) ? g_steal_pointer (&self) : NULL;
}

void
galley_batch_reader_free (GalleyBatchReader *self)
{
  g_free (self->data);
  g_free (self);
}

static gboolean
take_varint (const guint8 *data, gsize bytes, gsize *at, guint64 *value)
{
  guint64 number = 0;

  for (guint shift = 0; shift < 64 && *at < bytes; shift += 7)
    {
      guint8 byte = data[(*at)++];

      if (shift == 63 && byte > 1)
        return FALSE;
      number |= (guint64)(byte & 0x7f) << shift;
      if (byte < 0x80)
        {
          *value = number;
          return TRUE;
        }
    }

  return FALSE;
}

static gboolean
read_change (GalleyBatchReader *self,
             GalleyFrame *frame,
             const guint8 *payload,
             gsize bytes,
             gboolean chained,
             GError **error)
{
  g_autoptr (GBytes) change = NULL;

  if (chained)
    {
      guint8 *whole;

      if (!self->has_last || bytes < GALLEY_CHANGE_PREVIOUS_OFFSET)
        return malformed (error, "a change follows nothing");
      whole = g_malloc (bytes + HASH_BYTES);
      memcpy (whole, payload, GALLEY_CHANGE_PREVIOUS_OFFSET);
      memcpy (whole + GALLEY_CHANGE_PREVIOUS_OFFSET, &self->last, HASH_BYTES);
      memcpy (whole + GALLEY_CHANGE_PREVIOUS_OFFSET + HASH_BYTES,
              payload + GALLEY_CHANGE_PREVIOUS_OFFSET, bytes - GALLEY_CHANGE_PREVIOUS_OFFSET);
      change = g_bytes_new_take (whole, bytes + HASH_BYTES);
    }
  else
    {
      change = g_bytes_new (payload, bytes);
    }

  frame->type = GALLEY_FRAME_CHANGE;
  frame->change = galley_change_new_from_bytes (change, error);
  if (frame->change == NULL)
    return FALSE;
  self->last = *galley_change_get_hash (frame->change);
  self->has_last = TRUE;
  return TRUE;
}

static gboolean
read_link (
    GalleyBatchReader *self, GalleyFrame *frame, const guint8 *payload, gsize bytes, GError **error)
{
  gsize at = sizeof (GalleyId);
  gsize tail = HASH_BYTES + (frame->type == GALLEY_FRAME_TIP ? GALLEY_SIGNATURE_BYTES : 0);

  if (bytes <= at || !take_varint (payload, bytes, &at, &frame->ref.seq) || bytes - at != tail ||
      frame->ref.seq == 0 || frame->ref.seq > G_MAXINT64)
    return malformed (error, "a link of a chain has a wrong size");

  memcpy (&frame->ref.device, payload, sizeof (GalleyId));
  memcpy (&frame->hash, payload + at, HASH_BYTES);
  if (frame->type == GALLEY_FRAME_TIP)
    {
      memcpy (frame->signature, payload + at + HASH_BYTES, GALLEY_SIGNATURE_BYTES);
      return TRUE;
    }

  self->last = frame->hash;
  self->has_last = TRUE;
  return TRUE;
}

static gboolean
read_numbers (GalleyFrame *frame, const guint8 *payload, gsize bytes, GError **error)
{
  gsize at = 0;
  gboolean read;

  if (frame->type == GALLEY_FRAME_POSITION)
    read = take_varint (payload, bytes, &at, &frame->position) && frame->position <= G_MAXINT64;
  else
    read = take_varint (payload, bytes, &at, &frame->first_seq) &&
           take_varint (payload, bytes, &at, &frame->count) && frame->first_seq > 0 &&
           frame->count > 0 && frame->first_seq <= G_MAXINT64 && frame->count <= G_MAXINT32;

  return (read && at == bytes) || malformed (error, "a number is out of bounds");
}

int
galley_batch_reader_next (GalleyBatchReader *self, GalleyFrame *frame, GError **error)
{
  const guint8 *payload;
  guint64 bytes;
  gboolean read;

  memset (frame, 0, sizeof *frame);
  if (self->at == self->bytes)
    return 0;
  if (!take_varint (self->data, self->bytes, &self->at, &bytes) || self->at >= self->bytes ||
      bytes > self->bytes - self->at - 1)
    return malformed (error, "a frame is cut short") ? 1 : -1;

  frame->type = self->data[self->at];
  payload = self->data + self->at + 1;
  self->at += 1 + bytes;
  switch ((int)frame->type)
    {
    case GALLEY_FRAME_CHANGE:
    case GALLEY_FRAME_CHAINED:
      read = read_change (self, frame, payload, bytes, frame->type == GALLEY_FRAME_CHAINED, error);
      break;

    case GALLEY_FRAME_KNOWN:
    case GALLEY_FRAME_POSITION:
      read = read_numbers (frame, payload, bytes, error);
      break;

    case GALLEY_FRAME_TIP:
    case GALLEY_FRAME_GAP:
      read = read_link (self, frame, payload, bytes, error);
      break;

    default:
      read = malformed (error, "it has a frame of an unknown kind");
      break;
    }

  return read ? 1 : -1;
}

/* ── tips ── */

typedef struct
{
  char purpose[16];
  GalleyId project;
  GalleyRef ref;
  GalleyHash hash;
} TipMessage;

static void
fill_message (TipMessage *message,
              const GalleyId *project,
              const GalleyRef *ref,
              const GalleyHash *hash)
{
  memset (message, 0, sizeof *message);
  memcpy (message->purpose, TIP_PURPOSE, sizeof TIP_PURPOSE);
  message->project = *project;
  message->ref.device = ref->device;
  message->ref.seq = GUINT64_TO_LE (ref->seq);
  message->hash = *hash;
}

/**
 * galley_tip_sign:
 * @ref: the last change of a batch
 * @hash: of it: the chain of hashes makes the signature cover everything before
 */
void
galley_tip_sign (GalleyKey *key,
                 const GalleyId *project,
                 const GalleyRef *ref,
                 const GalleyHash *hash,
                 guint8 signature[GALLEY_SIGNATURE_BYTES])
{
  TipMessage message;

  fill_message (&message, project, ref, hash);
  galley_key_sign (key, &message, sizeof message, signature);
}

gboolean
galley_tip_verify (const guint8 public_key[GALLEY_PUBLIC_KEY_BYTES],
                   const GalleyId *project,
                   const GalleyRef *ref,
                   const GalleyHash *hash,
                   const guint8 signature[GALLEY_SIGNATURE_BYTES])
{
  TipMessage message;

  fill_message (&message, project, ref, hash);
  return galley_key_verify (public_key, &message, sizeof message, signature);
}
