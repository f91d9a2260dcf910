/* galley-pull-batch.c: a batch of changes as the server sent it, read and checked, not yet applied
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-pull-batch"

#include "sync/galley-pull-batch.h"

#include "data/galley-directory.h"
#include "sync/galley-sync-error.h"
#include "sync/wire/galley-batch.h"

#include <glib/gi18n-lib.h>

/* More than a server is ever asked for; a run of known changes costs it next to nothing to claim.
 */
#define MAX_INCOMING 100000

/* What reading a batch goes on with. */
typedef struct
{
  GalleyPullBatch *batch;
  const GalleyId *project;
  GalleyReader *reader;
  GalleyKey *own_key;
  GHashTable *hashes; /* GalleyRef to GalleyHash, of the changes and gaps of this batch */
} Reading;

static void
clear_incoming (gpointer data)
{
  g_clear_pointer (&((GalleyIncoming *)data)->change, galley_change_unref);
}

void
galley_pull_batch_free (GalleyPullBatch *self)
{
  g_array_unref (self->incoming);
  g_array_unref (self->tips);
  g_free (self);
}

static gboolean
malformed (GError **error, const char *what)
{
  g_set_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY,
               /* Translators: the reason is for whoever runs the server */
               _ ("The server sent changes that make no sense (%s). Nothing of them was used."),
               what);
  return FALSE;
}

static gboolean
unreadable (GError **error, const GError *cause)
{
  if (!g_error_matches (cause, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER))
    return malformed (error, cause->message);

  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER,
                       _ ("Somebody has made changes with a newer Galley that this one cannot "
                          "read. "
                          "Update Galley to see them; what you do here is kept and sent as ever."));
  return FALSE;
}

static void
remember (Reading *reading, const GalleyRef *ref, const GalleyHash *hash)
{
  g_hash_table_insert (reading->hashes, g_memdup2 (ref, sizeof *ref),
                       g_memdup2 (hash, sizeof *hash));
}

static gboolean
take_change (Reading *reading, GalleyFrame *frame, GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (frame->change);
  GalleyIncoming incoming = {
    .position = ++reading->batch->position,
    .ref = { header->device, header->seq },
  };

  if (!galley_id_equal (&header->project, reading->project))
    return malformed (error, "a change of another project");

  remember (reading, &incoming.ref, galley_change_get_hash (frame->change));
  incoming.change = g_steal_pointer (&frame->change);
  g_array_append_val (reading->batch->incoming, incoming);
  return TRUE;
}

static gboolean
take_known (Reading *reading, const GalleyFrame *frame, GError **error)
{
  if (frame->count > MAX_INCOMING - reading->batch->incoming->len)
    return malformed (error, "more known changes than can be");

  for (guint64 i = 0; i < frame->count; i++)
    {
      GalleyIncoming incoming = {
        .position = ++reading->batch->position,
        .ref = { *galley_key_get_device (reading->own_key), frame->first_seq + i },
      };

      g_array_append_val (reading->batch->incoming, incoming);
    }

  return TRUE;
}

static gboolean
take_gap (Reading *reading, const GalleyFrame *frame, GError **error)
{
  GalleyIncoming incoming = { .ref = frame->ref, .gap = TRUE, .hash = frame->hash };

  if (reading->batch->incoming->len >= MAX_INCOMING)
    return malformed (error, "more gaps than can be");

  remember (reading, &frame->ref, &frame->hash);
  g_array_append_val (reading->batch->incoming, incoming);
  return TRUE;
}

static gboolean
find_key (Reading *reading,
          const GalleyId *id,
          guint8 public_key[GALLEY_PUBLIC_KEY_BYTES],
          GError **error)
{
  g_autoptr (GalleyDevice) device = NULL;

  if (galley_id_equal (id, galley_key_get_device (reading->own_key)))
    {
      memcpy (public_key, galley_key_get_public (reading->own_key), GALLEY_PUBLIC_KEY_BYTES);
      return TRUE;
    }

  device = galley_directory_get_device (reading->reader, id, error);
  if (device == NULL)
    return FALSE;
  memcpy (public_key, device->public_key, GALLEY_PUBLIC_KEY_BYTES);
  return TRUE;
}

/* The signature is the device's, and over the very change that came; by the chain of hashes it
 * holds for all of the device's changes before it. */
static gboolean
check_tip (Reading *reading, const GalleyFrame *frame, GError **error)
{
  const GalleyHash *hash = g_hash_table_lookup (reading->hashes, &frame->ref);
  guint8 public_key[GALLEY_PUBLIC_KEY_BYTES];
  GalleyId owner;

  if (!find_key (reading, &frame->ref.device, public_key, error))
    return FALSE;

  galley_key_device_of (public_key, &owner);
  if (galley_id_equal (&owner, &frame->ref.device) &&
      (hash == NULL || galley_hash_equal (hash, &frame->hash)) &&
      galley_tip_verify (public_key, reading->project, &frame->ref, &frame->hash, frame->signature))
    {
      GalleySignedTip tip = { .link = { frame->ref, frame->hash } };

      memcpy (tip.signature, frame->signature, sizeof tip.signature);
      g_array_append_val (reading->batch->tips, tip);
      return TRUE;
    }

  g_set_error_literal (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGNATURE,
                       _ ("The server sent changes that are not what their device signed. Nothing "
                          "of them was used; ask who runs the server."));
  return FALSE;
}

static gboolean
take_position (Reading *reading, const GalleyFrame *frame, GError **error)
{
  return frame->position == reading->batch->position + 1 ||
         malformed (error, "a hole in the positions");
}

static gboolean
take_frame (Reading *reading, GalleyFrame *frame, GError **error)
{
  switch (frame->type)
    {
    case GALLEY_FRAME_CHANGE:
    case GALLEY_FRAME_CHAINED:
      return take_change (reading, frame, error);
    case GALLEY_FRAME_KNOWN:
      return take_known (reading, frame, error);
    case GALLEY_FRAME_POSITION:
      return take_position (reading, frame, error);
    case GALLEY_FRAME_TIP:
      return check_tip (reading, frame, error);
    case GALLEY_FRAME_GAP:
      return take_gap (reading, frame, error);
    default:
      return malformed (error, "a frame of an unknown kind");
    }
}

static gboolean
read_frames (Reading *reading, GalleyBatchReader *frames, GError **error)
{
  int got;

  do
    {
      g_auto (GalleyFrame) frame = { 0 };
      g_autoptr (GError) cause = NULL;

      got = galley_batch_reader_next (frames, &frame, &cause);
      if (got < 0)
        return unreadable (error, cause);
      if (got > 0 && !take_frame (reading, &frame, error))
        return FALSE;
    }
  while (got > 0);

  return TRUE;
}

/**
 * galley_pull_batch_read:
 * @packed: the body of the answer
 * @after: the position that was asked from
 * @reader: of the calling thread: knows the public keys of the devices
 * @own_key: of this device
 * @error: %GALLEY_SYNC_ERROR_NOT_GALLEY for bytes that are no such batch,
 *   %GALLEY_SYNC_ERROR_SIGNATURE, %GALLEY_DATA_ERROR_NOT_FOUND when the directory lacks a device,
 *   %GALLEY_DATA_ERROR_NEWER for changes of a later format
 *
 * Any thread.
 *
 * Returns: (transfer full): all of the batch, or %NULL: then nothing of it may be used
 */
GalleyPullBatch *
galley_pull_batch_read (GBytes *packed,
                        const GalleyId *project,
                        guint64 after,
                        GalleyReader *reader,
                        GalleyKey *own_key,
                        GError **error)
{
  g_autoptr (GalleyPullBatch) batch = g_new0 (GalleyPullBatch, 1);
  g_autoptr (GHashTable)
      hashes = g_hash_table_new_full (galley_ref_hash, galley_ref_equal, g_free, g_free);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GalleyBatchReader) frames = galley_batch_reader_new (packed, &cause);
  Reading reading = {
    .batch = batch,
    .project = project,
    .reader = reader,
    .own_key = own_key,
    .hashes = hashes,
  };

  batch->position = after;
  batch->incoming = g_array_new (FALSE, TRUE, sizeof (GalleyIncoming));
  g_array_set_clear_func (batch->incoming, clear_incoming);
  batch->tips = g_array_new (FALSE, TRUE, sizeof (GalleySignedTip));
  if (frames == NULL)
    {
      unreadable (error, cause);
      return NULL;
    }

  return read_frames (&reading, frames, error) ? g_steal_pointer (&batch) : NULL;
}
