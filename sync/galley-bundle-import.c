/* galley-bundle-import.c: takes what a bundle holds, once all of it has been checked
 *
 *   read it to its end ──► compare with what is known here ──► read it again: persons and devices
 * ──► changes, a batch a transaction ──► signatures ──► files
 *
 * What was cut off is harmless: the changes are in an order in which nothing comes before what it
 * stands on, and importing once more goes on from there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-bundle-import"

#include "sync/galley-bundle-import.h"

#include "data/galley-file-store.h"
#include "sync/galley-sync-notes.h"
#include "sync/wire/galley-batch.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  GalleyStore *store;
  GalleyFileStore *files; /* (owned) */
  GalleyReader *reader;   /* (owned) */
  GFile *file;
  GCancellable *cancellable;
  GalleyBundleProgress progress;
  gpointer progress_data;
  GalleyBundleImportReport *report;
  GalleyBundleContent *content;
  gboolean connected; /* this workspace has a server */
  guint64 total;      /* bytes that are read, twice */

  guint n_batches;     /* that were taken */
  GHashTable *wanted;  /* GalleyHash, as text → itself: files that are spoken of and not here */
  GalleyHash incoming; /* file whose pieces are coming */
  guint64 incoming_bytes; /* of all of it */
  GOutputStream *out;     /* (owned) (nullable): where they go; NULL: nowhere */
} Import;

void
galley_bundle_import_report_clear (GalleyBundleImportReport *report)
{
  g_clear_pointer (&report->maker, g_free);
  g_clear_pointer (&report->met, g_ptr_array_unref);
}

static GFileInputStream *
open_bundle (GFile *file, GError **error)
{
  g_autoptr (GError) local = NULL;
  GFileInputStream *stream = g_file_read (file, NULL, &local);

  if (stream == NULL)
    g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
                 _ ("The bundle cannot be read: %s"), local->message);
  return stream;
}

/**
 * galley_bundle_peek:
 * @project: (out): what the bundle says it is of
 */
gboolean
galley_bundle_peek (const char *path, GalleyId *project, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = open_bundle (file, error);
  g_autoptr (GalleyBundleReader) reader = NULL;
  g_auto (GalleyBundlePart) part = { 0 };

  if (stream == NULL ||
      (reader = galley_bundle_reader_new (G_INPUT_STREAM (stream), error)) == NULL ||
      !galley_bundle_reader_next (reader, &part, error))
    return FALSE;

  *project = part.head.project;
  return TRUE;
}

/* ── what is known here ── */

/* The id that stands for all names of a person, as they are known here. */
static void
resolve (Import *self, const GalleyId *id, GalleyId *person)
{
  g_autoptr (GalleyPerson) known = galley_directory_get_person (self->reader, id, NULL);

  *person = known != NULL ? known->id : *id;
}

/* What is known here as a person's is theirs in the bundle as well, whichever of their names either
 * uses. */
static gboolean
is_same_person (Import *self, const GalleyId *here, const GalleyId *there)
{
  GalleyId a, b;

  if (galley_bundle_content_is_name (self->content, there, here))
    return TRUE;
  resolve (self, here, &a);
  resolve (self, there, &b);
  return galley_id_equal (&a, &b);
}

static gboolean
set_not_theirs (Import *self, const GalleyId *person, GError **error)
{
  g_autofree char *name = galley_directory_name_of (self->reader, person);

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
               _ ("The bundle has changes in the name of %s from a computer that is not known here "
                  "as theirs. Nothing of it was used. Sync once, then import it again."),
               name);
  return FALSE;
}

static gboolean
set_revoked (Import *self, const GalleyId *person, GError **error)
{
  g_autofree char *name = galley_directory_name_of (self->reader, person);

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
               _ ("The bundle has new changes from a computer of %s whose access was withdrawn. "
                  "Nothing of it was used; what the server has of them comes with the next sync."),
               name);
  return FALSE;
}

/* A device that this one's server does not know cannot speak for somebody whom it knows. */
static gboolean
check_stranger (Import *self, const GalleyDevice *device, GError **error)
{
  g_autoptr (GalleyPerson) person = NULL;
  GalleyId me;

  galley_store_get_person (self->store, &me);
  if (self->connected)
    person = galley_directory_get_person (self->reader, &device->person, NULL);
  if (person != NULL || (self->connected && galley_id_equal (&me, &device->person)))
    return set_not_theirs (self, &device->person, error);

  return TRUE;
}

static gboolean
check_device (Import *self, const GalleyBundleChain *chain, GError **error)
{
  const GalleyDevice *device = chain->device;
  g_autoptr (GalleyDevice) known = NULL;
  GalleyId me;

  if (galley_id_equal (&device->id, galley_store_get_device (self->store)))
    {
      galley_store_get_person (self->store, &me);
      return is_same_person (self, &me, &device->person) ||
             set_not_theirs (self, &device->person, error);
    }

  known = galley_directory_get_device (self->reader, &device->id, NULL);
  if (known == NULL)
    return check_stranger (self, device, error);
  if (!is_same_person (self, &known->person, &device->person))
    return set_not_theirs (self, &device->person, error);

  return !known->revoked || chain->last.ref.seq <= chain->known.ref.seq ||
         set_revoked (self, &known->person, error);
}

/* One that ends before what is here of its device was not compared yet. */
static gboolean
check_fork (Import *self, const GalleyBundleChain *chain, GError **error)
{
  GalleyHash hash;
  gboolean known;

  if (chain->last.ref.seq >= chain->known.ref.seq)
    return TRUE;
  if (!galley_carried_find_hash (self->reader, &self->content->head.project, &chain->last.ref,
                                 &hash, &known, error))
    return FALSE;
  return !known || galley_hash_equal (&hash, &chain->last.hash) || galley_bundle_set_forked (error);
}

/* A name that is known here as somebody's cannot become another's: of the one who works here never,
 * of others not where a server says who is who. */
static gboolean
check_names (Import *self, GError **error)
{
  const GArray *aliases = self->content->who->aliases;
  GalleyId me;

  galley_store_get_person (self->store, &me);
  for (guint i = 0; i < aliases->len; i++)
    {
      const GalleyAlias *alias = &g_array_index (aliases, GalleyAlias, i);
      g_autoptr (GalleyPerson)
          known = galley_directory_get_person (self->reader, &alias->alias, NULL);
      gboolean is_guarded = galley_id_equal (&me, &alias->alias) ||
                            (self->connected && known != NULL);
      GalleyId a, b;

      resolve (self, &alias->alias, &a);
      resolve (self, &alias->person, &b);
      if (is_guarded && !galley_id_equal (&a, &b))
        return set_not_theirs (self, &alias->alias, error);
    }

  return TRUE;
}

static gboolean
check_against_here (Import *self, GError **error)
{
  GHashTableIter iter;
  gpointer chain;

  if (galley_directory_get_role (self->reader, &self->content->head.project) == GALLEY_ROLE_NONE)
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                           _ ("The server does not let you into this project any more. Ask a lead "
                              "to let you in again, then import the bundle."));
      return FALSE;
    }

  if (!check_names (self, error))
    return FALSE;
  g_hash_table_iter_init (&iter, self->content->chains);
  while (g_hash_table_iter_next (&iter, NULL, &chain))
    if (!check_device (self, chain, error) || !check_fork (self, chain, error))
      return FALSE;

  return TRUE;
}

/* ── read it to its end ── */

static void
checking_cb (guint64 done, guint64 total, gpointer data)
{
  const Import *self = data;

  if (self->progress != NULL)
    self->progress (done, MAX (self->total, done), self->progress_data);
}

static gboolean
measure (Import *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info (self->file, G_FILE_ATTRIBUTE_STANDARD_SIZE,
                                                  G_FILE_QUERY_INFO_NONE, NULL, &local);

  if (info == NULL)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
                   _ ("The bundle cannot be read: %s"), local->message);
      return FALSE;
    }

  self->total = 2 * (guint64)g_file_info_get_size (info);
  return TRUE;
}

static gboolean
check (Import *self, GError **error)
{
  g_autoptr (GFileInputStream) stream = open_bundle (self->file, error);
  g_autoptr (GArray) known = NULL;
  GalleyId project;

  if (stream == NULL || !measure (self, error))
    return FALSE;

  /* The head is looked at twice, since the chains of its project are needed from the start. */
  if (!galley_bundle_peek (g_file_peek_path (self->file), &project, error) ||
      (known = galley_carried_list_chains (self->reader, &project, error)) == NULL)
    return FALSE;

  self->report->joined = known->len == 0;
  self->content = galley_bundle_check (G_INPUT_STREAM (stream), known, self->cancellable,
                                       checking_cb, self, error);
  return self->content != NULL && check_against_here (self, error);
}

/* ── persons and devices ── */

/* writer thread */
static gboolean
write_self (GalleyWriter *writer, Import *self, GError **error)
{
  GalleyPerson me = { .role = GALLEY_ROLE_ADMIN };
  g_autofree char *name = NULL;

  galley_store_get_person (self->store, &me.id);
  name = galley_directory_name_of (self->reader, &me.id);
  me.name = name;
  return galley_carried_meet_person (writer, &me, error);
}

/* writer thread; where no server has said who is who, the one who works here is one of several now.
 * What a server has not said of somebody, nobody else may: that gives no say in approvals. */
static gboolean
write_who (GalleyWriter *writer, gpointer data, GError **error)
{
  Import *self = data;
  const GalleyMe *who = self->content->who;

  if (!self->connected && !write_self (writer, self, error))
    return FALSE;
  for (guint i = 0; i < who->persons->len; i++)
    {
      GalleyPerson person = *(GalleyPerson *)who->persons->pdata[i];

      if (self->connected)
        person.role = GALLEY_ROLE_GUEST;
      if (!galley_carried_meet_person (writer, &person, error))
        return FALSE;
    }
  for (guint i = 0; i < who->aliases->len; i++)
    {
      const GalleyAlias *alias = &g_array_index (who->aliases, GalleyAlias, i);

      if (!galley_carried_meet_alias (writer, &alias->alias, &alias->person, error))
        return FALSE;
    }
  for (guint i = 0; i < who->devices->len; i++)
    if (!galley_carried_meet_device (writer, who->devices->pdata[i], error))
      return FALSE;

  return TRUE;
}

static void
note_who (Import *self)
{
  const GalleyMe *who = self->content->who;
  GalleyId me;

  galley_store_get_person (self->store, &me);
  self->report->maker = g_strdup (who->name);
  for (guint i = 0; i < who->persons->len; i++)
    {
      const GalleyPerson *person = who->persons->pdata[i];
      g_autoptr (GalleyPerson)
          known = galley_directory_get_person (self->reader, &person->id, NULL);

      if (known == NULL && !galley_id_equal (&person->id, &me))
        g_ptr_array_add (self->report->met, g_strdup (person->name));
    }
}

/* ── changes ── */

typedef struct
{
  Import *import;
  GArray *incoming; /* of GalleyIncoming, which own their changes */
  guint64 n_new;
} Batch;

static void
clear_incoming (gpointer data)
{
  g_clear_pointer (&((GalleyIncoming *)data)->change, galley_change_unref);
}

/* writer thread */
static gboolean
write_batch (GalleyWriter *writer, gpointer data, GError **error)
{
  Batch *batch = data;

  batch->n_new = 0;
  return galley_outbox_take_carried (writer, &batch->import->content->head.project,
                                     (const GalleyIncoming *)batch->incoming->data,
                                     batch->incoming->len, &batch->n_new, error);
}

static void
add_incoming (GArray *incoming, GalleyFrame *frame)
{
  GalleyIncoming one = { .ref = frame->ref, .hash = frame->hash };

  if (frame->type == GALLEY_FRAME_CHANGE)
    {
      const GalleyChangeHeader *header = galley_change_get_header (frame->change);

      one.ref = (GalleyRef){ header->device, header->seq };
      one.change = g_steal_pointer (&frame->change);
    }
  else if (frame->type == GALLEY_FRAME_GAP)
    {
      one.gap = TRUE;
    }
  else
    {
      return;
    }
  g_array_append_val (incoming, one);
}

/* The very bytes that were checked. */
static gboolean
is_as_checked (Import *self, GBytes *payload)
{
  GalleyHash hash;

  galley_hash_bytes (&hash, g_bytes_get_data (payload, NULL), g_bytes_get_size (payload));
  return self->n_batches < self->content->batches->len &&
         galley_hash_equal (&hash,
                            &g_array_index (self->content->batches, GalleyHash, self->n_batches));
}

static gboolean
take_changes (Import *self, GBytes *payload, GError **error)
{
  g_autoptr (GArray) incoming = g_array_new (FALSE, TRUE, sizeof (GalleyIncoming));
  g_autoptr (GalleyBatchReader) frames = NULL;
  Batch batch = { self, incoming, 0 };
  int got = 1;

  g_array_set_clear_func (incoming, clear_incoming);
  if (!is_as_checked (self, payload))
    return galley_bundle_set_damaged (error, "it was altered while it was read");

  self->n_batches++;
  frames = galley_batch_reader_new (payload, error);
  while (frames != NULL && got > 0)
    {
      g_auto (GalleyFrame) frame = { 0 };

      got = galley_batch_reader_next (frames, &frame, error);
      if (got > 0)
        add_incoming (incoming, &frame);
    }
  if (frames == NULL || got < 0 || !galley_store_write (self->store, write_batch, &batch, error))
    return FALSE;

  self->report->n_changes += batch.n_new;
  return TRUE;
}

/* writer thread */
static gboolean
write_tips (GalleyWriter *writer, gpointer data, GError **error)
{
  Import *self = data;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->content->chains);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const GalleyBundleChain *chain = value;
      GalleySignedTip tip = { .link = chain->last };

      memcpy (tip.signature, chain->signature, sizeof tip.signature);
      if (!galley_stream_keep_tips (writer, &self->content->head.project, &tip, 1, error))
        return FALSE;
    }

  return TRUE;
}

/* ── files ── */

/* Of what a bundle brings, only what the project speaks of and what is not here. */
static gboolean
list_wanted (Import *self, GError **error)
{
  g_autoptr (GPtrArray)
      rows = galley_outbox_files_to_download (self->reader, &self->content->head.project, error);

  self->wanted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    g_hash_table_add (self->wanted,
                      galley_hash_to_string (&((GalleyFileRow *)rows->pdata[i])->hash));

  return rows != NULL;
}

/* writer thread */
static gboolean
write_here (GalleyWriter *writer, gpointer data, GError **error)
{
  const Import *self = data;

  return galley_outbox_set_file_here (writer, &self->incoming, TRUE, error);
}

static gboolean
end_file (Import *self, GError **error)
{
  if (!g_output_stream_close (self->out, self->cancellable, error))
    return FALSE;

  g_clear_object (&self->out);
  self->report->n_files++;
  return galley_file_store_finish_part (self->files, &self->incoming, self->incoming_bytes,
                                        error) &&
         galley_store_write (self->store, write_here, self, error);
}

static gboolean
take_file (Import *self, const GalleyBundlePart *part, GError **error)
{
  char text[GALLEY_HASH_TEXT_SIZE];

  if (self->wanted == NULL && !list_wanted (self, error))
    return FALSE;

  galley_hash_print (&part->file, text);
  if (!g_hash_table_contains (self->wanted, text))
    {
      self->report->n_files_known++;
      return TRUE;
    }

  self->incoming = part->file;
  self->incoming_bytes = part->size_bytes;
  self->out = galley_file_store_append_part (self->files, &part->file, 0, error);
  return self->out != NULL && (part->size_bytes > 0 || end_file (self, error));
}

static gboolean
take_piece (Import *self, GBytes *payload, guint64 *left, GError **error)
{
  gsize bytes;
  gconstpointer data = g_bytes_get_data (payload, &bytes);

  *left -= MIN (*left, bytes);
  if (self->out == NULL)
    return TRUE;

  return g_output_stream_write_all (self->out, data, bytes, NULL, self->cancellable, error) &&
         (*left > 0 || end_file (self, error));
}

/* ── read it again ── */

static gboolean
take_part (Import *self, GalleyBundlePart *part, guint64 *file_left, GError **error)
{
  switch (part->type)
    {
    case GALLEY_BUNDLE_CHANGES:
      return take_changes (self, part->payload, error);
    case GALLEY_BUNDLE_FILE:
      *file_left = part->size_bytes;
      return take_file (self, part, error);
    case GALLEY_BUNDLE_PIECE:
      return take_piece (self, part->payload, file_left, error);
    case GALLEY_BUNDLE_HEAD:
    case GALLEY_BUNDLE_WHO:
    case GALLEY_BUNDLE_HAVE:
    case GALLEY_BUNDLE_END:
    default:
      return TRUE;
    }
}

static gboolean
use (Import *self, GError **error)
{
  g_autoptr (GFileInputStream) stream = open_bundle (self->file, error);
  g_autoptr (GalleyBundleReader) reader = NULL;
  GalleyBundlePartType type = 0;
  guint64 file_left = 0;

  note_who (self);
  if (stream == NULL || !galley_store_write (self->store, write_who, self, error) ||
      (reader = galley_bundle_reader_new (G_INPUT_STREAM (stream), error)) == NULL)
    return FALSE;

  while (type != GALLEY_BUNDLE_END)
    {
      g_auto (GalleyBundlePart) part = { 0 };
      gboolean tips_wait = type <= GALLEY_BUNDLE_CHANGES;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
          !galley_bundle_reader_next (reader, &part, error))
        return FALSE;
      type = part.type;
      if ((tips_wait && type > GALLEY_BUNDLE_CHANGES &&
           !galley_store_write (self->store, write_tips, self, error)) ||
          !take_part (self, &part, &file_left, error))
        return FALSE;
      if (self->progress != NULL)
        self->progress (self->content->bytes + galley_bundle_reader_get_offset (reader),
                        MAX (self->total, 2 * self->content->bytes), self->progress_data);
    }

  return TRUE;
}

/**
 * galley_bundle_import:
 * @cancellable: (nullable): what was taken by then stays, and is harmless
 * @progress: (nullable): on the calling thread
 * @report: (out caller-allocates): clear it with galley_bundle_import_report_clear()
 * @error: as galley_bundle_check(); with those nothing of the bundle was used
 *
 * Blocks; from any thread but the store's own. Repeating it is harmless.
 */
gboolean
galley_bundle_import (GalleyStore *store,
                      const char *path,
                      GCancellable *cancellable,
                      GalleyBundleProgress progress,
                      gpointer progress_data,
                      GalleyBundleImportReport *report,
                      GError **error)
{
  Import self = {
    .store = store,
    .cancellable = cancellable,
    .progress = progress,
    .progress_data = progress_data,
    .report = report,
  };
  g_autofree char *url = NULL, *folder = NULL;
  gboolean done;

  memset (report, 0, sizeof *report);
  report->met = g_ptr_array_new_with_free_func (g_free);
  self.reader = galley_store_open_reader (store, error);
  if (self.reader == NULL)
    return FALSE;

  /* Beside a download of the same file. */
  folder = g_build_filename (galley_store_get_folder (store), "files", NULL);
  self.files = galley_file_store_new_for (folder, "bundle");
  url = galley_directory_get (self.reader, GALLEY_SETTING_SERVER_URL);
  self.connected = url != NULL;
  self.file = g_file_new_for_path (path);
  done = check (&self, error);
  if (done)
    {
      report->project = self.content->head.project;
      report->n_gaps = self.content->n_gaps;
      done = use (&self, error);
    }

  g_clear_object (&self.out);
  g_clear_pointer (&self.wanted, g_hash_table_unref);
  g_clear_pointer (&self.content, galley_bundle_content_free);
  g_object_unref (self.file);
  galley_file_store_free (self.files);
  galley_reader_free (self.reader);
  return done;
}
