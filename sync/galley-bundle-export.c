/* galley-bundle-export.c: writes a bundle: a project's changes and files, to be carried by hand
 *
 *   who made what ──► how far each chain is here ──► changes, batch by batch ──► signatures ──►
 * files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-bundle-export"

#include "sync/galley-bundle-export.h"

#include "data/galley-file-store.h"
#include "data/galley-schema.h"
#include "data/galley-snapshot-install.h"
#include "sync/wire/galley-batch.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Of one batch, unpacked: what the receiver applies in one transaction. */
#define BATCH_BYTES (1024 * 1024)

typedef struct
{
  GalleyStore *store;
  GalleyFileStore *files;
  const GalleyId *project;
  const GalleyBundleExportOptions *options;
  GCancellable *cancellable;
  GalleyBundleProgress progress;
  gpointer progress_data;
  GalleyBundleExportReport *report;

  GalleyReader *reader;
  GalleyKey *key;
  GalleyId device; /* of the key */
  GalleyBundleWriter *writer;
  GArray *chains;           /* of GalleyCarriedChain: all that is here */
  GArray *vouched;          /* of the same: as far as the receiver can check it */
  GArray *except;           /* (nullable): of GalleyChainLink: what the receiver has */
  GHashTable *spoken;       /* GalleyHash (owned): files that the changes which go along speak of */
  GalleyBatchWriter *batch; /* (owned) (nullable): that is being filled */
  guint64 total;            /* bytes; 0: not known yet */
} Export;

static gboolean
tell (Export *self, GError **error)
{
  if (self->progress != NULL)
    self->progress (galley_bundle_writer_get_size (self->writer), self->total, self->progress_data);
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

/* ── what the receiver has ── */

/* Only what is the same here: of a chain that has forked everything goes, and the receiver says
 * so. */
static gboolean
keep_common (Export *self, const GArray *have, GError **error)
{
  self->except = g_array_new (FALSE, TRUE, sizeof (GalleyChainLink));
  for (guint i = 0; i < have->len; i++)
    {
      const GalleyChainLink *link = &g_array_index (have, GalleyChainLink, i);
      GalleyHash hash;
      gboolean known;

      if (!galley_carried_find_hash (self->reader, self->project, &link->ref, &hash, &known, error))
        return FALSE;
      if (known && galley_hash_equal (&hash, &link->hash))
        g_array_append_vals (self->except, link, 1);
    }

  return TRUE;
}

/* What they have of chains that are longer there than here is no concern: nothing goes then. */
static void
cap_at_end (Export *self, GArray *have)
{
  for (guint i = 0; i < have->len; i++)
    {
      GalleyChainLink *link = &g_array_index (have, GalleyChainLink, i);

      for (guint k = 0; k < self->chains->len; k++)
        {
          const GalleyChainLink *end =
              &g_array_index (self->chains, GalleyCarriedChain, k).tip.link;

          if (galley_id_equal (&end->ref.device, &link->ref.device) && link->ref.seq > end->ref.seq)
            *link = *end;
        }
    }
}

static gboolean
read_since (Export *self, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->options->since);
  g_autoptr (GError) local = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, &local);
  g_autoptr (GalleyBundleContent) content = NULL;

  if (stream == NULL)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
                   _ ("The bundle cannot be read: %s"), local->message);
      return FALSE;
    }
  content = galley_bundle_check (G_INPUT_STREAM (stream), self->chains, self->cancellable, NULL,
                                 NULL, error);
  if (content == NULL)
    return FALSE;
  if (!galley_id_equal (&content->head.project, self->project))
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                           _ ("That bundle is of another project. Give one of this project that "
                              "the receiver has made."));
      return FALSE;
    }

  cap_at_end (self, content->have);
  return keep_common (self, content->have, error);
}

static guint64
get_except (const Export *self, const GalleyId *device)
{
  for (guint i = 0; self->except != NULL && i < self->except->len; i++)
    {
      const GalleyRef *ref = &g_array_index (self->except, GalleyChainLink, i).ref;

      if (galley_id_equal (&ref->device, device))
        return ref->seq;
    }

  return 0;
}

/* ── who ── */

static gboolean
set_no_key (GError **error)
{
  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                       _ ("The key of a computer whose changes are in this project is not here, so "
                          "nobody could check them. Sync once, then export again."));
  return FALSE;
}

static GalleyDevice *
describe_self (Export *self)
{
  GalleyDevice *device = g_new0 (GalleyDevice, 1);

  device->id = self->device;
  galley_store_get_person (self->store, &device->person);
  device->name = g_strdup (g_get_host_name ());
  memcpy (device->public_key, galley_key_get_public (self->key), sizeof device->public_key);
  return device;
}

static GalleyPerson *
describe_person (Export *self, const GalleyId *id)
{
  GalleyPerson *person = galley_directory_get_person (self->reader, id, NULL);

  if (person != NULL)
    return person;

  /* Whom no server has named is the one who works here: in a project of their own. */
  person = g_new0 (GalleyPerson, 1);
  person->id = *id;
  person->name = galley_directory_name_of (self->reader, id);
  person->role = GALLEY_ROLE_ADMIN;
  return person;
}

static gboolean
add_names (Export *self, GalleyMe *who, const GalleyId *person, GError **error)
{
  g_autoptr (GArray) names = galley_directory_list_names (self->reader, person, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      GalleyAlias alias = { g_array_index (names, GalleyId, i), *person };

      g_array_append_val (who->aliases, alias);
    }

  return names != NULL;
}

/* (transfer full) @device */
static gboolean
add_device (Export *self, GalleyMe *who, GalleyDevice *device, GError **error)
{
  GalleyPerson *person = describe_person (self, &device->person);
  gboolean known = FALSE;

  for (guint i = 0; i < who->persons->len; i++)
    known |= galley_id_equal (&((GalleyPerson *)who->persons->pdata[i])->id, &person->id);
  /* One name for each person, also where the device was met under an earlier one. */
  device->person = person->id;
  device->last_seen_us = 0;
  g_ptr_array_add (who->devices, device);
  if (known)
    {
      galley_person_free (person);
      return TRUE;
    }

  g_ptr_array_add (who->persons, person);
  return add_names (self, who, &person->id, error);
}

static gboolean
fill_who (Export *self, GalleyMe *who, GError **error)
{
  if (!add_device (self, who, describe_self (self), error))
    return FALSE;

  for (guint i = 0; i < self->vouched->len; i++)
    {
      const GalleyCarriedChain *chain = &g_array_index (self->vouched, GalleyCarriedChain, i);
      const GalleyId *id = &chain->tip.link.ref.device;
      GalleyDevice *device;

      if (galley_id_equal (id, &self->device))
        continue;
      device = galley_directory_get_device (self->reader, id, NULL);
      if (device == NULL)
        return set_no_key (error);
      if (!add_device (self, who, device, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
write_who (Export *self, GError **error)
{
  g_autoptr (GalleyMe) who = galley_me_new ();
  g_autoptr (GBytes) body = NULL;
  gsize bytes;
  gconstpointer data;

  who->device = self->device;
  if (!fill_who (self, who, error))
    return FALSE;

  who->person = ((GalleyDevice *)who->devices->pdata[0])->person;
  who->name = g_strdup (((GalleyPerson *)who->persons->pdata[0])->name);
  who->role = ((GalleyPerson *)who->persons->pdata[0])->role;
  who->server_id = galley_directory_get (self->reader, "server_id");
  if (who->server_id == NULL)
    who->server_id = g_strdup ("");
  body = galley_me_to_bytes (who);
  data = g_bytes_get_data (body, &bytes);
  return galley_bundle_writer_add (self->writer, GALLEY_BUNDLE_WHO, data, bytes, error);
}

static gboolean
write_have (Export *self, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; i < self->chains->len; i++)
    {
      const GalleyChainLink *link = &g_array_index (self->chains, GalleyCarriedChain, i).tip.link;
      guint64 seq = GUINT64_TO_LE (link->ref.seq);

      g_byte_array_append (bytes, link->ref.device.bytes, sizeof link->ref.device);
      g_byte_array_append (bytes, (const guint8 *)&seq, sizeof seq);
      g_byte_array_append (bytes, link->hash.bytes, sizeof link->hash);
    }

  return galley_bundle_writer_add (self->writer, GALLEY_BUNDLE_HAVE, bytes->data, bytes->len,
                                   error);
}

/* ── changes ── */

static gboolean
write_batch (Export *self, GError **error)
{
  g_autoptr (GBytes) packed = galley_batch_writer_finish (self->batch);
  gsize bytes;
  gconstpointer data = g_bytes_get_data (packed, &bytes);

  g_clear_pointer (&self->batch, galley_batch_writer_free);
  return galley_bundle_writer_add (self->writer, GALLEY_BUNDLE_CHANGES, data, bytes, error);
}

static gboolean
make_room (Export *self, gsize more, GError **error)
{
  if (self->batch != NULL && galley_batch_writer_get_size (self->batch) + more > BATCH_BYTES &&
      !write_batch (self, error))
    return FALSE;
  if (self->batch == NULL)
    self->batch = galley_batch_writer_new ();

  return TRUE;
}

static guint
hash_start (gconstpointer hash)
{
  guint start;

  memcpy (&start, hash, sizeof start);
  return start;
}

static void
note_files (Export *self, GalleyChange *change)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      g_autoptr (GVariant) hash = NULL;

      if (edit->kind != GALLEY_KIND_VERSION || edit->field != GALLEY_VERSION_FILE ||
          edit->value == NULL || !g_variant_is_of_type (edit->value, G_VARIANT_TYPE ("(ayts)")))
        continue;
      hash = g_variant_get_child_value (edit->value, 0);
      if (g_variant_get_size (hash) == sizeof (GalleyHash))
        g_hash_table_add (self->spoken, g_memdup2 (g_variant_get_data (hash), sizeof (GalleyHash)));
    }
}

static gboolean
write_link (Export *self, const GalleyCarriedLink *link, GError **error)
{
  gsize bytes = 0;
  gconstpointer data = link->change != NULL
                           ? g_bytes_get_data (galley_change_get_bytes (link->change), &bytes)
                           : NULL;

  if (!make_room (self, bytes, error))
    return FALSE;

  if (link->change == NULL)
    {
      galley_batch_writer_add_gap (self->batch, &link->link.ref, &link->link.hash);
      self->report->n_gaps++;
    }
  else
    {
      galley_batch_writer_add_change (self->batch, data, bytes, &link->link.hash);
      note_files (self, link->change);
      self->report->n_changes++;
    }
  return tell (self, error);
}

static gboolean
write_links (Export *self, GalleyCarriedCursor *cursor, GError **error)
{
  GalleyCarriedLink link;
  int got;

  while ((got = galley_carried_cursor_next (cursor, &link, error)) > 0)
    if (!write_link (self, &link, error))
      return FALSE;

  return got == 0;
}

/* Each device's own word for its chain up to the last change that goes along. */
static gboolean
write_tips (Export *self, GError **error)
{
  for (guint i = 0; i < self->vouched->len; i++)
    {
      GalleySignedTip *tip = &g_array_index (self->vouched, GalleyCarriedChain, i).tip;
      const GalleyRef *ref = &tip->link.ref;

      if (ref->seq <= get_except (self, &ref->device))
        continue;
      if (!make_room (self, 200, error))
        return FALSE;
      if (galley_id_equal (&ref->device, &self->device))
        galley_tip_sign (self->key, self->project, ref, &tip->link.hash, tip->signature);
      galley_batch_writer_add_tip (self->batch, ref, &tip->link.hash, tip->signature);
    }

  return self->batch == NULL || write_batch (self, error);
}

/* ── files ── */

static gboolean
write_pieces (Export *self, GInputStream *stream, const GalleyFileRow *file, GError **error)
{
  g_autofree guint8 *piece = g_malloc (GALLEY_BUNDLE_MAX_PIECE);
  guint64 left = file->size_bytes;

  while (left > 0)
    {
      gsize wanted = MIN (left, GALLEY_BUNDLE_MAX_PIECE), got;

      if (!g_input_stream_read_all (stream, piece, wanted, &got, self->cancellable, error))
        return FALSE;
      if (got != wanted)
        {
          g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                       _ ("The file “%s” on this computer is shorter than it was."), file->name);
          return FALSE;
        }
      if (!galley_bundle_writer_add (self->writer, GALLEY_BUNDLE_PIECE, piece, got, error) ||
          !tell (self, error))
        return FALSE;
      left -= got;
    }

  return TRUE;
}

static gboolean
write_file (Export *self, const GalleyFileRow *row, GError **error)
{
  g_autofree char *path = galley_file_store_get_path (self->files, &row->hash);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, self->cancellable, error);

  if (stream == NULL)
    return FALSE;

  self->report->n_files++;
  return galley_bundle_writer_add_file (self->writer, &row->hash, row->size_bytes, error) &&
         write_pieces (self, G_INPUT_STREAM (stream), row, error);
}

static void
drop_unspoken (Export *self, GPtrArray *files)
{
  for (guint i = files->len; i > 0; i--)
    if (!g_hash_table_contains (self->spoken, &((GalleyFileRow *)files->pdata[i - 1])->hash))
      g_ptr_array_remove_index (files, i - 1);
}

static gboolean
write_files (Export *self, GError **error)
{
  g_autoptr (GPtrArray) here = galley_outbox_files_here (self->reader, self->project, error);
  g_autoptr (GPtrArray) away = NULL;

  if (here == NULL ||
      (away = galley_outbox_files_to_download (self->reader, self->project, error)) == NULL)
    return FALSE;

  drop_unspoken (self, here);
  drop_unspoken (self, away);
  self->report->n_files_away = away->len;
  self->total = galley_bundle_writer_get_size (self->writer);
  for (guint i = 0; i < here->len; i++)
    self->total += ((GalleyFileRow *)here->pdata[i])->size_bytes;
  for (guint i = 0; i < here->len; i++)
    if (!write_file (self, here->pdata[i], error))
      return FALSE;

  return TRUE;
}

/* ── the whole ── */

static gboolean
check_history (Export *self, GError **error)
{
  GalleyHistoryState history;

  if (!galley_history_get_state (self->reader, self->project, &history, error))
    return FALSE;
  if (history.position == 0)
    return TRUE;

  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_HERE_YET,
                       _ ("The older changes of this project are not on this computer yet, so a "
                          "bundle would not hold everything. Fetch the history, then export "
                          "again."));
  return FALSE;
}

static gboolean
write_head (Export *self, GError **error)
{
  GalleyBundleHead head = {
    .project = *self->project,
    .maker = self->device,
    .made_us = galley_world_now_us (galley_store_get_world (self->store)),
  };

  for (guint i = 0; i < self->vouched->len; i++)
    {
      const GalleyRef *ref = &g_array_index (self->vouched, GalleyCarriedChain, i).tip.link.ref;
      guint64 except = get_except (self, &ref->device);

      head.n_links += ref->seq - MIN (ref->seq, except);
    }

  return galley_bundle_writer_add_head (self->writer, &head, error);
}

static void
count_left_out (Export *self)
{
  for (guint i = 0; i < self->chains->len; i++)
    self->report->n_left_out +=
        g_array_index (self->chains, GalleyCarriedChain, i).tip.link.ref.seq;
  for (guint i = 0; i < self->vouched->len; i++)
    self->report->n_left_out -=
        g_array_index (self->vouched, GalleyCarriedChain, i).tip.link.ref.seq;
}

/* All of it sees one moment: what comes in meanwhile is not looked at. */
static gboolean
write_all (Export *self, const char *path, GError **error)
{
  g_autoptr (GalleyCarriedCursor) cursor = NULL;

  self->chains = galley_carried_list_chains (self->reader, self->project, error);
  if (self->chains == NULL || (self->options->since != NULL && !read_since (self, error)) ||
      !check_history (self, error) ||
      (self->vouched = galley_carried_list_vouched (self->reader, self->project, error)) == NULL)
    return FALSE;
  count_left_out (self);
  cursor = galley_carried_cursor_new (self->reader, self->project, self->vouched, self->except,
                                      error);
  if (cursor == NULL || (self->writer = galley_bundle_writer_new (path, error)) == NULL)
    return FALSE;

  return write_head (self, error) && write_who (self, error) && write_have (self, error) &&
         write_links (self, cursor, error) && write_tips (self, error) &&
         (!self->options->with_files || write_files (self, error)) &&
         galley_bundle_writer_finish (self->writer, self->key, error);
}

/**
 * galley_bundle_export:
 * @path: where the bundle is to be; what is there is replaced once the bundle is whole
 * @cancellable: (nullable)
 * @progress: (nullable): on the calling thread
 * @report: (out caller-allocates)
 * @error: %GALLEY_DATA_ERROR_NOT_HERE_YET when older changes have not been fetched, _NOT_FOUND when
 *   a signature is not here, _IO, _NO_SPACE
 *
 * Blocks; from any thread but the store's own.
 */
gboolean
galley_bundle_export (GalleyStore *store,
                      const GalleyId *project,
                      const char *path,
                      const GalleyBundleExportOptions *options,
                      GCancellable *cancellable,
                      GalleyBundleProgress progress,
                      gpointer progress_data,
                      GalleyBundleExportReport *report,
                      GError **error)
{
  Export self = {
    .store = store,
    .project = project,
    .options = options,
    .cancellable = cancellable,
    .progress = progress,
    .progress_data = progress_data,
    .report = report,
    .key = galley_store_get_key (store),
  };
  g_autofree char *folder = NULL;
  gboolean done;

  memset (report, 0, sizeof *report);
  self.reader = galley_store_open_reader (store, error);
  if (self.reader == NULL)
    return FALSE;

  folder = g_build_filename (galley_store_get_folder (store), "files", NULL);
  self.files = galley_file_store_new (folder);
  self.device = *galley_key_get_device (self.key);
  self.spoken = g_hash_table_new_full (hash_start, galley_hash_equal, g_free, NULL);
  done = write_all (&self, path, error);
  if (done)
    report->bytes = galley_bundle_writer_get_size (self.writer);
  g_clear_pointer (&self.batch, galley_batch_writer_free);
  g_clear_pointer (&self.writer, galley_bundle_writer_free);
  g_clear_pointer (&self.chains, g_array_unref);
  g_clear_pointer (&self.vouched, g_array_unref);
  g_clear_pointer (&self.except, g_array_unref);
  g_hash_table_unref (self.spoken);
  galley_file_store_free (self.files);
  galley_reader_free (self.reader);
  return done;
}
