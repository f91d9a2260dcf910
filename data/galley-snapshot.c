/* galley-snapshot.c: the file of a snapshot: all that is in force in a project at a position
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-snapshot"

#include "data/galley-snapshot.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "GLYS\x01"
#define MAGIC_BYTES 5
#define HEAD_BYTES (16 + 8 + 8 + 32)
#define TIP_BYTES (16 + 8 + 32 + GALLEY_SIGNATURE_BYTES)
#define MAX_HISTORY_BYTES 1000

void
galley_snapshot_head_clear (GalleySnapshotHead *head)
{
  g_clear_pointer (&head->history_id, g_free);
}

void
galley_snapshot_part_clear (GalleySnapshotPart *part)
{
  galley_snapshot_head_clear (&part->head);
  g_clear_pointer (&part->segment, g_bytes_unref);
}

/* ── writing ── */

struct _GalleySnapshotWriter
{
  FILE *file;
  guint64 bytes;
  crypto_generichash_state state;
};

static gboolean
fail_disk (GError **error)
{
  int code = errno;

  g_set_error (error, GALLEY_DATA_ERROR,
               code == ENOSPC ? GALLEY_DATA_ERROR_NO_SPACE : GALLEY_DATA_ERROR_IO,
               _ ("A snapshot cannot be written or read: %s"), g_strerror (code));
  return FALSE;
}

static gboolean
put (GalleySnapshotWriter *self, gconstpointer data, gsize bytes, GError **error)
{
  crypto_generichash_update (&self->state, data, bytes);
  self->bytes += bytes;
  return fwrite (data, 1, bytes, self->file) == bytes || fail_disk (error);
}

/**
 * galley_snapshot_writer_new:
 * @path: of a file that is made anew
 */
GalleySnapshotWriter *
galley_snapshot_writer_new (const char *path, GError **error)
{
  g_autoptr (GalleySnapshotWriter) self = g_new0 (GalleySnapshotWriter, 1);

  self->file = fopen (path, "wbe");
  if (self->file == NULL)
    {
      fail_disk (error);
      return NULL;
    }
  crypto_generichash_init (&self->state, NULL, 0, sizeof (GalleyHash));

  return put (self, MAGIC, MAGIC_BYTES, error) ? g_steal_pointer (&self) : NULL;
}

void
galley_snapshot_writer_free (GalleySnapshotWriter *self)
{
  if (self->file != NULL)
    fclose (self->file);
  g_free (self);
}

static gboolean
put_part (GalleySnapshotWriter *self,
          GalleySnapshotPartType type,
          gconstpointer data,
          gsize bytes,
          GError **error)
{
  guint32 length = GUINT32_TO_LE ((guint32)bytes);
  guint8 code = type;

  return put (self, &length, sizeof length, error) && put (self, &code, 1, error) &&
         (bytes == 0 || put (self, data, bytes, error));
}

static void
add_number (GByteArray *bytes, guint64 number)
{
  guint64 le = GUINT64_TO_LE (number);

  g_byte_array_append (bytes, (const guint8 *)&le, sizeof le);
}

gboolean
galley_snapshot_writer_add_head (GalleySnapshotWriter *self,
                                 const GalleySnapshotHead *head,
                                 GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *)&head->project, sizeof head->project);
  add_number (bytes, head->position);
  add_number (bytes, head->n_changes);
  g_byte_array_append (bytes, head->digest.bytes, sizeof head->digest);
  g_byte_array_append (bytes, (const guint8 *)head->history_id, strlen (head->history_id));
  return put_part (self, GALLEY_SNAPSHOT_HEAD, bytes->data, bytes->len, error);
}

gboolean
galley_snapshot_writer_add_tip (GalleySnapshotWriter *self,
                                const GalleySnapshotTip *tip,
                                GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *)&tip->ref.device, sizeof tip->ref.device);
  add_number (bytes, tip->ref.seq);
  g_byte_array_append (bytes, tip->hash.bytes, sizeof tip->hash);
  g_byte_array_append (bytes, tip->signature, sizeof tip->signature);
  return put_part (self, GALLEY_SNAPSHOT_TIP, bytes->data, bytes->len, error);
}

gboolean
galley_snapshot_writer_add_segment (GalleySnapshotWriter *self, GBytes *packed, GError **error)
{
  return put_part (self, GALLEY_SNAPSHOT_SEGMENT, g_bytes_get_data (packed, NULL),
                   g_bytes_get_size (packed), error);
}

/**
 * galley_snapshot_writer_finish:
 * @hash: (out): of the whole file, which is on disk when this returns
 */
gboolean
galley_snapshot_writer_finish (GalleySnapshotWriter *self,
                               GalleyHash *hash,
                               guint64 *size_bytes,
                               GError **error)
{
  if (!put_part (self, GALLEY_SNAPSHOT_END, NULL, 0, error))
    return FALSE;
  if (fflush (self->file) != 0 || fsync (fileno (self->file)) != 0)
    return fail_disk (error);

  crypto_generichash_final (&self->state, hash->bytes, sizeof *hash);
  *size_bytes = self->bytes;
  return TRUE;
}

/* ── reading ── */

struct _GalleySnapshotReader
{
  FILE *file;
};

static gboolean
malformed (GError **error)
{
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
               _ ("The snapshot makes no sense. Nothing of it was used."));
  return FALSE;
}

static gboolean
take (GalleySnapshotReader *self, gpointer data, gsize bytes, GError **error)
{
  if (fread (data, 1, bytes, self->file) == bytes)
    return TRUE;

  return ferror (self->file) ? fail_disk (error) : malformed (error);
}

GalleySnapshotReader *
galley_snapshot_reader_open (const char *path, GError **error)
{
  g_autoptr (GalleySnapshotReader) self = g_new0 (GalleySnapshotReader, 1);
  char magic[MAGIC_BYTES];

  self->file = fopen (path, "rbe");
  if (self->file == NULL)
    {
      fail_disk (error);
      return NULL;
    }
  if (!take (self, magic, sizeof magic, error))
    return NULL;
  if (memcmp (magic, MAGIC, MAGIC_BYTES) != 0)
    {
      malformed (error);
      return NULL;
    }

  return g_steal_pointer (&self);
}

void
galley_snapshot_reader_free (GalleySnapshotReader *self)
{
  if (self->file != NULL)
    fclose (self->file);
  g_free (self);
}

static guint64
read_number (const guint8 *data)
{
  guint64 le;

  memcpy (&le, data, sizeof le);
  return GUINT64_FROM_LE (le);
}

static gboolean
read_head (GalleySnapshotHead *head, const guint8 *data, gsize bytes)
{
  if (bytes < HEAD_BYTES || bytes > HEAD_BYTES + MAX_HISTORY_BYTES ||
      !g_utf8_validate_len ((const char *)data + HEAD_BYTES, bytes - HEAD_BYTES, NULL))
    return FALSE;

  memcpy (&head->project, data, 16);
  head->position = read_number (data + 16);
  head->n_changes = read_number (data + 24);
  memcpy (&head->digest, data + 32, 32);
  head->history_id = g_strndup ((const char *)data + HEAD_BYTES, bytes - HEAD_BYTES);
  return head->position > 0 && head->position < G_MAXINT32;
}

static gboolean
read_tip (GalleySnapshotTip *tip, const guint8 *data, gsize bytes)
{
  if (bytes != TIP_BYTES)
    return FALSE;

  memcpy (&tip->ref.device, data, 16);
  tip->ref.seq = read_number (data + 16);
  memcpy (&tip->hash, data + 24, 32);
  memcpy (tip->signature, data + 56, sizeof tip->signature);
  return tip->ref.seq > 0 && tip->ref.seq < G_MAXINT64;
}

static gboolean
read_payload (GalleySnapshotPart *part, guint8 *data, gsize bytes)
{
  switch (part->type)
    {
    case GALLEY_SNAPSHOT_HEAD:
      return read_head (&part->head, data, bytes);
    case GALLEY_SNAPSHOT_TIP:
      return read_tip (&part->tip, data, bytes);
    case GALLEY_SNAPSHOT_SEGMENT:
      part->segment = g_bytes_new (data, bytes);
      return TRUE;
    case GALLEY_SNAPSHOT_END:
      return bytes == 0;
    default:
      return FALSE;
    }
}

/**
 * galley_snapshot_reader_next:
 * @part: (out caller-allocates): clear it with galley_snapshot_part_clear(); the last is
 *   %GALLEY_SNAPSHOT_END
 */
gboolean
galley_snapshot_reader_next (GalleySnapshotReader *self, GalleySnapshotPart *part, GError **error)
{
  g_autofree guint8 *data = NULL;
  guint32 length;
  guint8 type;

  memset (part, 0, sizeof *part);
  if (!take (self, &length, sizeof length, error) || !take (self, &type, 1, error))
    return FALSE;

  length = GUINT32_FROM_LE (length);
  if (length > GALLEY_SNAPSHOT_MAX_PART)
    return malformed (error);
  data = g_malloc (MAX (length, 1));
  part->type = type;
  return take (self, data, length, error) &&
         (read_payload (part, data, length) || malformed (error));
}
