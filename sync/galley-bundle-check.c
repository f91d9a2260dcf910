/* galley-bundle-check.c: a bundle, read from its beginning to its end and checked; nothing of it is
 * used yet
 *
 *   each part in its place ──► each change in its chain ──► each chain signed ──► each file its
 * hash ──► all of it signed by who made it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-bundle-check"

#include "sync/galley-bundle-check.h"

#include "data/galley-decision.h"
#include "data/galley-schema.h"
#include "sync/wire/galley-batch.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#define LINK_BYTES (16 + 8 + 32)

/* What reading goes on with. */
typedef struct
{
  GalleyBundleContent *content;
  GHashTable *known;   /* GalleyId → GalleyChainLink (borrowed): chains as they are here */
  GHashTable *devices; /* GalleyId → GalleyDevice, of the content */
  guint64 n_links;
  GalleyHash file; /* whose pieces are coming */
  guint64 file_left;
  crypto_generichash_state file_state;
} Check;

void
galley_bundle_content_free (GalleyBundleContent *content)
{
  g_clear_pointer (&content->who, galley_me_free);
  g_array_unref (content->have);
  g_hash_table_unref (content->chains);
  g_array_unref (content->batches);
  g_free (content);
}

/* ── who ── */

/**
 * galley_bundle_content_is_name:
 * @person: as the bundle calls them
 */
gboolean
galley_bundle_content_is_name (const GalleyBundleContent *content,
                               const GalleyId *person,
                               const GalleyId *id)
{
  if (galley_id_equal (person, id))
    return TRUE;
  for (guint i = 0; i < content->who->aliases->len; i++)
    {
      const GalleyAlias *alias = &g_array_index (content->who->aliases, GalleyAlias, i);

      if (galley_id_equal (&alias->person, person) && galley_id_equal (&alias->alias, id))
        return TRUE;
    }

  return FALSE;
}

/* A device's id follows from its key, so nobody can have another's. */
static gboolean
read_who (Check *check, GBytes *payload, GError **error)
{
  g_autoptr (GError) cause = NULL;

  check->content->who = galley_me_parse (payload, &cause);
  if (check->content->who == NULL)
    return galley_bundle_set_damaged (error, "it does not say who made what");

  for (guint i = 0; i < check->content->who->devices->len; i++)
    {
      GalleyDevice *device = check->content->who->devices->pdata[i];
      GalleyId owner;

      galley_key_device_of (device->public_key, &owner);
      if (!galley_id_equal (&owner, &device->id))
        return galley_bundle_set_damaged (error, "a key is not that of its device");
      g_hash_table_insert (check->devices, &device->id, device);
    }

  return g_hash_table_contains (check->devices, &check->content->head.maker) ||
         galley_bundle_set_damaged (error, "the key of who made it is missing");
}

static gboolean
read_have (Check *check, GBytes *payload, GError **error)
{
  gsize bytes;
  const guint8 *data = g_bytes_get_data (payload, &bytes);

  if (bytes % LINK_BYTES != 0)
    return galley_bundle_set_damaged (error, "what its maker has is cut short");
  for (; bytes > 0; data += LINK_BYTES, bytes -= LINK_BYTES)
    {
      GalleyChainLink link;
      guint64 seq;

      memcpy (&link.ref.device, data, sizeof link.ref.device);
      memcpy (&seq, data + 16, sizeof seq);
      link.ref.seq = GUINT64_FROM_LE (seq);
      memcpy (&link.hash, data + 24, sizeof link.hash);
      if (link.ref.seq == 0 || link.ref.seq > G_MAXINT64)
        return galley_bundle_set_damaged (error, "a number of a chain is out of bounds");
      g_array_append_val (check->content->have, link);
    }

  return TRUE;
}

/* ── changes ── */

static gboolean
set_not_continued (GError **error)
{
  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                       _ ("The bundle goes on from changes that are not on this computer. Import "
                          "the one before it first, or ask for one that holds everything."));
  return FALSE;
}

/* Returns: %FALSE, with @error saying that a chain is another one than here. */
gboolean
galley_bundle_set_forked (GError **error)
{
  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_FORK,
                       _ ("The bundle has other changes of a computer than those that are here: "
                          "that computer was copied, or restored from a backup. Nothing of the "
                          "bundle was used."));
  return FALSE;
}

static gboolean
set_unsigned (GError **error)
{
  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                       _ ("The bundle has changes that are not what their computer signed. Nothing "
                          "of it was used."));
  return FALSE;
}

static GalleyBundleChain *
begin_chain (Check *check, const GalleyRef *ref, GError **error)
{
  GalleyBundleChain *chain = g_new0 (GalleyBundleChain, 1);
  const GalleyChainLink *known = g_hash_table_lookup (check->known, &ref->device);

  chain->device = g_hash_table_lookup (check->devices, &ref->device);
  chain->first_seq = ref->seq;
  if (known != NULL)
    chain->known = *known;
  chain->last.ref = (GalleyRef){ ref->device, ref->seq - 1 };
  if (chain->device == NULL)
    {
      galley_bundle_set_damaged (error, "the key of a device is missing");
      g_free (chain);
      return NULL;
    }
  if (ref->seq > chain->known.ref.seq + 1)
    {
      set_not_continued (error);
      g_free (chain);
      return NULL;
    }

  /* What it goes on from; of a chain that begins further back only its own links can say. */
  if (ref->seq == chain->known.ref.seq + 1)
    chain->last.hash = chain->known.hash;
  g_hash_table_insert (check->content->chains, &chain->last.ref.device, chain);
  return chain;
}

/* @previous: (nullable): of a gap it is not known */
static gboolean
add_link (Check *check,
          const GalleyRef *ref,
          const GalleyHash *hash,
          const GalleyHash *previous,
          GalleyBundleChain **out,
          GError **error)
{
  GalleyBundleChain *chain = g_hash_table_lookup (check->content->chains, &ref->device);
  gboolean follows_known;

  if (chain == NULL && (chain = begin_chain (check, ref, error)) == NULL)
    return FALSE;
  if (ref->seq != chain->last.ref.seq + 1 || chain->is_signed)
    return galley_bundle_set_damaged (error, "a device's changes do not follow each other");

  follows_known = ref->seq == chain->known.ref.seq + 1;
  if (previous != NULL && (ref->seq > chain->first_seq || follows_known) &&
      !galley_hash_equal (previous, &chain->last.hash))
    return follows_known && ref->seq == chain->first_seq ? galley_bundle_set_forked (error)
                                                         : set_unsigned (error);
  if (ref->seq == chain->known.ref.seq && !galley_hash_equal (hash, &chain->known.hash))
    return galley_bundle_set_forked (error);

  chain->last.ref.seq = ref->seq;
  chain->last.hash = *hash;
  check->n_links++;
  *out = chain;
  return TRUE;
}

/* Whether a change that is superseded is here, or has come by now. */
static gboolean
is_there (Check *check, const GalleyRef *ref)
{
  const GalleyChainLink *known = g_hash_table_lookup (check->known, &ref->device);
  const GalleyBundleChain *chain = g_hash_table_lookup (check->content->chains, &ref->device);

  return (known != NULL && ref->seq <= known->ref.seq) ||
         (chain != NULL && ref->seq <= chain->last.ref.seq);
}

static gboolean
check_edit (Check *check,
            const GalleyBundleChain *chain,
            GalleyChange *change,
            const GalleyEdit *edit,
            GError **error)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (edit->kind, edit->field);
  g_autoptr (GalleyDecision) decision = NULL;

  for (guint i = 0; i < edit->n_supersedes; i++)
    if (!is_there (check, &edit->supersedes[i]))
      return set_not_continued (error);
  if (spec == NULL || spec->type != GALLEY_FIELD_DECISION || edit->value == NULL)
    return TRUE;

  decision = galley_decision_from_variant (edit->value, NULL);
  return decision == NULL ||
         galley_decision_verify (decision, &check->content->head.project, &edit->entity,
                                 &galley_change_get_header (change)->actor,
                                 chain->device->public_key) ||
         set_unsigned (error);
}

static gboolean
take_change (Check *check, GalleyChange *change, GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  GalleyRef ref = { header->device, header->seq };
  GalleyBundleChain *chain;

  if (!galley_id_equal (&header->project, &check->content->head.project))
    return galley_bundle_set_damaged (error, "a change is of another project");
  if (!add_link (check, &ref, galley_change_get_hash (change), &header->previous, &chain, error))
    return FALSE;
  if (!galley_bundle_content_is_name (check->content, &chain->device->person, &header->actor))
    return set_unsigned (error);

  check->content->n_new += header->seq > chain->known.ref.seq;
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    if (!check_edit (check, chain, change, galley_change_get_edit (change, i), error))
      return FALSE;

  return TRUE;
}

static gboolean
take_gap (Check *check, const GalleyFrame *frame, GError **error)
{
  GalleyBundleChain *chain;

  if (!add_link (check, &frame->ref, &frame->hash, NULL, &chain, error))
    return FALSE;

  check->content->n_gaps += frame->ref.seq > chain->known.ref.seq;
  return TRUE;
}

/* By the chain of hashes it holds for all of the device's changes before it. */
static gboolean
take_tip (Check *check, const GalleyFrame *frame, GError **error)
{
  GalleyBundleChain *chain = g_hash_table_lookup (check->content->chains, &frame->ref.device);

  if (chain == NULL || !galley_ref_equal (&frame->ref, &chain->last.ref) || chain->is_signed ||
      !galley_hash_equal (&frame->hash, &chain->last.hash) ||
      !galley_tip_verify (chain->device->public_key, &check->content->head.project, &frame->ref,
                          &frame->hash, frame->signature))
    return set_unsigned (error);

  chain->is_signed = TRUE;
  memcpy (chain->signature, frame->signature, sizeof chain->signature);
  return TRUE;
}

static gboolean
take_frame (Check *check, GalleyFrame *frame, GError **error)
{
  switch (frame->type)
    {
    case GALLEY_FRAME_CHANGE:
    case GALLEY_FRAME_CHAINED:
      return take_change (check, frame->change, error);
    case GALLEY_FRAME_GAP:
      return take_gap (check, frame, error);
    case GALLEY_FRAME_TIP:
      return take_tip (check, frame, error);
    case GALLEY_FRAME_KNOWN:
    case GALLEY_FRAME_POSITION:
    default:
      return galley_bundle_set_damaged (error, "it has a frame that only a server sends");
    }
}

static gboolean
read_changes (Check *check, GBytes *payload, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GalleyBatchReader) frames = galley_batch_reader_new (payload, &cause);
  GalleyHash hash;
  int got = frames != NULL ? 1 : -1;

  while (got > 0)
    {
      g_auto (GalleyFrame) frame = { 0 };

      got = galley_batch_reader_next (frames, &frame, &cause);
      if (got > 0 && !take_frame (check, &frame, error))
        return FALSE;
    }
  if (got < 0)
    return galley_bundle_set_damaged (error, cause->message);

  galley_hash_bytes (&hash, g_bytes_get_data (payload, NULL), g_bytes_get_size (payload));
  g_array_append_val (check->content->batches, hash);
  return TRUE;
}

/* ── files ── */

static gboolean
end_file (Check *check, GError **error)
{
  GalleyHash hash;

  crypto_generichash_final (&check->file_state, hash.bytes, sizeof hash);
  return galley_hash_equal (&hash, &check->file) ||
         galley_bundle_set_damaged (error, "a file is not what its name says");
}

static gboolean
begin_file (Check *check, const GalleyBundlePart *part, GError **error)
{
  check->file = part->file;
  check->file_left = part->size_bytes;
  check->content->n_files++;
  crypto_generichash_init (&check->file_state, NULL, 0, sizeof (GalleyHash));
  return check->file_left > 0 || end_file (check, error);
}

static gboolean
read_piece (Check *check, GBytes *payload, GError **error)
{
  gsize bytes;
  gconstpointer data = g_bytes_get_data (payload, &bytes);

  crypto_generichash_update (&check->file_state, data, bytes);
  check->file_left -= bytes;
  return check->file_left > 0 || end_file (check, error);
}

/* ── the whole ── */

static gboolean
take_part (Check *check, GalleyBundlePart *part, GError **error)
{
  switch (part->type)
    {
    case GALLEY_BUNDLE_HEAD:
      check->content->head = part->head;
      return TRUE;
    case GALLEY_BUNDLE_WHO:
      return read_who (check, part->payload, error);
    case GALLEY_BUNDLE_HAVE:
      return read_have (check, part->payload, error);
    case GALLEY_BUNDLE_CHANGES:
      return read_changes (check, part->payload, error);
    case GALLEY_BUNDLE_FILE:
      return begin_file (check, part, error);
    case GALLEY_BUNDLE_PIECE:
      return read_piece (check, part->payload, error);
    case GALLEY_BUNDLE_END:
    default:
      return TRUE;
    }
}

static gboolean
check_end (Check *check, GalleyBundleReader *reader, GError **error)
{
  const GalleyDevice *maker = g_hash_table_lookup (check->devices, &check->content->head.maker);
  GHashTableIter iter;
  gpointer chain;

  if (!galley_bundle_reader_verify (reader, maker->public_key))
    return galley_bundle_set_damaged (error, "its signature does not hold");
  if (check->n_links != check->content->head.n_links)
    return galley_bundle_set_damaged (error, "it does not hold what it says");

  g_hash_table_iter_init (&iter, check->content->chains);
  while (g_hash_table_iter_next (&iter, NULL, &chain))
    if (!((GalleyBundleChain *)chain)->is_signed)
      return set_unsigned (error);

  return TRUE;
}

static gboolean
read_all (Check *check,
          GInputStream *stream,
          GCancellable *cancellable,
          GalleyBundleProgress progress,
          gpointer progress_data,
          GError **error)
{
  g_autoptr (GalleyBundleReader) reader = galley_bundle_reader_new (stream, error);
  gboolean ended = FALSE;

  while (reader != NULL && !ended)
    {
      g_auto (GalleyBundlePart) part = { 0 };

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !galley_bundle_reader_next (reader, &part, error) || !take_part (check, &part, error))
        return FALSE;
      ended = part.type == GALLEY_BUNDLE_END;
      if (progress != NULL)
        progress (galley_bundle_reader_get_offset (reader), 0, progress_data);
    }
  if (reader == NULL)
    return FALSE;

  check->content->bytes = galley_bundle_reader_get_offset (reader);
  return check_end (check, reader, error);
}

/**
 * galley_bundle_check:
 * @stream: at the beginning of a bundle, from wherever
 * @known: (element-type GalleyCarriedChain): how far each device's chain is here
 * @cancellable: (nullable)
 * @progress: (nullable): on the calling thread; the total is not known to it
 * @error: %GALLEY_DATA_ERROR_INVALID for one that is damaged, altered or signed by nobody,
 *   %GALLEY_DATA_ERROR_NEWER, _FORK, _IO, and _NOT_FOUND when it goes on from what is not here
 *
 * Blocks; any thread. No more than a part of it is in memory.
 *
 * Returns: (transfer full): what it holds; %NULL: then nothing of it may be used
 */
GalleyBundleContent *
galley_bundle_check (GInputStream *stream,
                     const GArray *known,
                     GCancellable *cancellable,
                     GalleyBundleProgress progress,
                     gpointer progress_data,
                     GError **error)
{
  g_autoptr (GalleyBundleContent) content = g_new0 (GalleyBundleContent, 1);
  g_autoptr (GHashTable) links = g_hash_table_new (galley_id_hash, galley_id_equal);
  g_autoptr (GHashTable) devices = g_hash_table_new (galley_id_hash, galley_id_equal);
  Check check = { .content = content, .known = links, .devices = devices };

  content->have = g_array_new (FALSE, TRUE, sizeof (GalleyChainLink));
  content->batches = g_array_new (FALSE, TRUE, sizeof (GalleyHash));
  content->chains = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL, g_free);
  for (guint i = 0; i < known->len; i++)
    {
      GalleyChainLink *link = &g_array_index (known, GalleyCarriedChain, i).tip.link;

      g_hash_table_insert (links, &link->ref.device, link);
    }

  return read_all (&check, stream, cancellable, progress, progress_data, error)
             ? g_steal_pointer (&content)
             : NULL;
}
