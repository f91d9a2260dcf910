/* galley-snapshot-install.c: a project begins with what is in force; its history comes later
 *
 *   take a number that no project has ──► part by part: segment and rows ──► compare ──► show
 *
 * Until the last step nothing shows: rows of a number that is no project's. After a crash it goes
 * on with the next part; with another snapshot it begins anew.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-snapshot-install"

#include "data/galley-snapshot-install.h"

#include "data/galley-heads.h"
#include "data/galley-sabotage.h"
#include "data/galley-snapshot.h"
#include "data/galley-store-private.h"
#include "data/galley-stream.h"
#include "data/galley-tables.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Far above those that projects get one after the other meanwhile. */
#define HIDDEN_NUMBERS 1000000

typedef struct
{
  GalleyStore *store;
  const GalleyId *project;
  const GalleyHash *hash;
  const GalleyHash *rolling; /* (nullable) */
  GalleySnapshotHead head;
  GArray *tips; /* of GalleySnapshotTip */
  gint64 number, base;
  gint64 begun;             /* parts that were here when it began */
  gint64 n_read;            /* parts of the file, those included */
  gint64 n_parts;           /* that are here */
  guint64 n_done;           /* changes */
  const GPtrArray *parts;   /* of Part: to go in together */
  gint64 to_index, indexed; /* entities, by number */
} Install;

/* ── what was begun with another snapshot ── */

static gboolean
discard (GalleyWriter *writer, gint64 number, GError **error)
{
  static const char *const statements[] = {
    "DELETE FROM segment WHERE project = ?1",
    "DELETE FROM segment_device WHERE project = ?1",
    "DELETE FROM snapshot WHERE project = ?1",
  };

  /* What others of this transaction have kept until its end is written before it is forgotten. */
  if (!galley_journal_flush (writer->journal, error) ||
      !galley_applier_flush (writer->applier, error))
    return FALSE;
  galley_applier_forget (writer->applier);
  galley_journal_forget (writer->journal);
  writer->everything_moved = TRUE;
  if (!galley_tables_empty_derived (writer->db, number, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    if (!galley_database_run (writer->db, error, statements[i], "i", number))
      return FALSE;

  return TRUE;
}

/* ── begin ── */

static gboolean
is_empty (GalleyWriter *writer, const GalleyId *project, gboolean *empty, GError **error)
{
  gint64 full = 0;

  if (!galley_database_get_int (writer->db, &full, error,
                                "SELECT position <> 0 OR EXISTS (SELECT 1 FROM tip"
                                " WHERE project = number) OR EXISTS (SELECT 1 FROM waiting"
                                " WHERE project = number) FROM project WHERE id = ?1",
                                "n", project))
    return FALSE;

  *empty = !full;
  return TRUE;
}

static gboolean
say_full (GError **error)
{
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_EXISTS,
               _ ("Something of the project is on this computer already, so it is fetched change "
                  "by change."));
  return FALSE;
}

static gboolean
take_number (GalleyWriter *writer, Install *self, GError **error)
{
  if (!galley_journal_get_last_lsn (writer->journal, &self->base, error) ||
      !galley_database_get_int (writer->db, &self->number, error,
                                "SELECT max (ifnull ((SELECT max (number) FROM project), 0),"
                                " ifnull ((SELECT max (project) FROM snapshot), 0))",
                                "") ||
      !galley_journal_flush (writer->journal, error))
    return FALSE;

  self->number += HIDDEN_NUMBERS;
  self->n_parts = 0;
  /* The numbers in the journal, up to the snapshot's position, are its own from now on. */
  galley_journal_forget (writer->journal);
  return galley_database_run (writer->db, error,
                              "INSERT INTO snapshot (project, id, position, base, hash)"
                              " VALUES (?1, ?2, ?3, ?4, ?5)",
                              "iniih", self->number, self->project, (gint64)self->head.position,
                              self->base, self->hash);
}

/* writer thread */
static gboolean
begin (GalleyWriter *writer, gpointer data, GError **error)
{
  Install *self = data;
  gboolean empty, same = FALSE;
  sqlite3_stmt *query;
  int stepped;

  if (!is_empty (writer, self->project, &empty, error))
    return FALSE;
  query = galley_database_query (writer->db, error,
                                 "SELECT project, base, n_parts, hash = ?2 FROM snapshot"
                                 " WHERE id = ?1",
                                 "nh", self->project, self->hash);
  stepped = query != NULL ? galley_database_step (writer->db, query, error) : -1;
  if (stepped > 0)
    {
      self->number = sqlite3_column_int64 (query, 0);
      self->base = sqlite3_column_int64 (query, 1);
      self->n_parts = sqlite3_column_int64 (query, 2);
      same = sqlite3_column_int (query, 3);
      galley_database_done (query);
    }
  if (stepped < 0)
    return FALSE;
  if (!empty)
    return say_full (error);
  self->begun = same ? self->n_parts : 0;
  if (same)
    return TRUE;

  return (stepped == 0 || discard (writer, self->number, error)) &&
         take_number (writer, self, error);
}

/* ── part by part ── */

/* Segments that go in together, so that they share one wait for the disk. */
#define TOGETHER 16
/* Entities whose texts are indexed in one transaction. */
#define INDEX_TOGETHER 2000

typedef struct
{
  GalleySegment *segment;
  GalleyPackedSegment *packed;
  GPtrArray *changes; /* of GalleyChange: those of the segment */
} Part;

static void
part_free (gpointer data)
{
  Part *part = data;

  g_clear_pointer (&part->segment, galley_segment_unref);
  g_clear_pointer (&part->packed, galley_packed_segment_free);
  g_clear_pointer (&part->changes, g_ptr_array_unref);
  g_free (part);
}

static gboolean
is_next (GalleyWriter *writer, Install *self, GError **error)
{
  gint64 n_parts = -1;

  if (!galley_database_get_int (writer->db, &n_parts, error,
                                "SELECT n_parts FROM snapshot WHERE project = ?1 AND ready = 0",
                                "i", self->number))
    return FALSE;
  if (n_parts == self->n_parts)
    return TRUE;

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_BUSY,
               _ ("Another program is fetching this project as well."));
  return FALSE;
}

static gboolean
add_part (GalleyWriter *writer, Install *self, const Part *part, GError **error)
{
  if (!galley_segment_table_insert (writer->db, part->packed, error))
    return FALSE;

  for (guint i = 0; i < part->changes->len; i++)
    if (!galley_applier_apply_marked (writer->applier, self->number,
                                      galley_segment_get_record (part->segment, i),
                                      part->changes->pdata[i], error))
      return FALSE;

  return TRUE;
}

/* writer thread: segments, and the rows that follow from them, in one transaction */
static gboolean
add_parts (GalleyWriter *writer, gpointer data, GError **error)
{
  Install *self = data;
  gboolean added = is_next (writer, self, error);

  galley_applier_hold_search (writer->applier, TRUE);
  for (guint i = 0; added && i < self->parts->len; i++)
    added = add_part (writer, self, self->parts->pdata[i], error);
  galley_applier_hold_search (writer->applier, FALSE);

  return added && galley_database_run (writer->db, error,
                                       "UPDATE snapshot SET n_parts = n_parts + ?2"
                                       " WHERE project = ?1",
                                       "ii", self->number, (gint64)self->parts->len);
}

static gboolean
say_senseless (GError **error)
{
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
               _ ("The snapshot makes no sense. Nothing of it was used."));
  return FALSE;
}

static gboolean
check_changes (Install *self, const Part *part, GError **error)
{
  for (guint i = 0; i < part->changes->len; i++)
    {
      const GalleySegmentRecord *record = galley_segment_get_record (part->segment, i);

      if (!galley_id_equal (&galley_change_get_header (part->changes->pdata[i])->project,
                            self->project) ||
          record->position > self->head.position ||
          record->lsn != self->base + (gint64)record->position)
        return say_senseless (error);
    }

  return TRUE;
}

/* Read and checked away from the writer thread. */
static gboolean
read_segment (Install *self, GBytes *packed, GPtrArray *parts, GError **error)
{
  Part *part = g_new0 (Part, 1);

  g_ptr_array_add (parts, part);
  part->segment = galley_segment_unpack (packed, self->base, error);
  if (part->segment == NULL ||
      (part->changes = galley_segment_read_all (part->segment, error)) == NULL ||
      !check_changes (self, part, error))
    return FALSE;

  part->packed = galley_packed_segment_new_read (self->number, GALLEY_SEGMENT_SNAPSHOT, self->base,
                                                 packed, part->segment, part->changes);
  return TRUE;
}

/* ── search ── */

/* writer thread */
static gboolean
index_some (GalleyWriter *writer, gpointer data, GError **error)
{
  Install *self = data;

  self->indexed = self->to_index;
  return galley_applier_index (writer->applier, self->number, INDEX_TOGETHER, &self->indexed,
                               error);
}

static gboolean
index_all (Install *self, GCancellable *cancellable, GError **error)
{
  do
    {
      self->to_index = self->indexed;
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !galley_store_write (self->store, index_some, self, error))
        return FALSE;
    }
  while (self->indexed != 0);

  return TRUE;
}

/* ── compare and show ── */

static gboolean
add_tips (GalleyWriter *writer, Install *self, GError **error)
{
  for (guint i = 0; i < self->tips->len; i++)
    {
      const GalleySnapshotTip *tip = &g_array_index (self->tips, GalleySnapshotTip, i);
      gint64 device = galley_journal_get_device (writer->journal, &tip->ref.device, TRUE, error);

      if (device == 0 ||
          !galley_database_run (writer->db, error, "INSERT INTO tip VALUES (?1, ?2, ?3, ?4)",
                                "iiih", self->number, device, (gint64)tip->ref.seq, &tip->hash) ||
          !galley_database_run (writer->db, error,
                                "INSERT INTO snapshot_tip VALUES (?1, ?2, ?3, ?4)", "iiih",
                                self->number, device, (gint64)tip->ref.seq, &tip->hash))
        return FALSE;
    }

  return TRUE;
}

/* By it a server that was set back is known as such, also before the history is here. */
static gboolean
keep_mark (GalleyWriter *writer, Install *self, GError **error)
{
  GalleyMark mark = { .position = self->head.position };

  if (self->rolling == NULL)
    return TRUE;

  mark.rolling = *self->rolling;
  return galley_stream_check (writer, self->project, &mark, error);
}

static gboolean
show (GalleyWriter *writer, Install *self, GError **error)
{
  if (!galley_database_run (writer->db, error, "INSERT OR IGNORE INTO project (id) VALUES (?1)",
                            "n", self->project) ||
      !galley_database_run (writer->db, error,
                            "UPDATE project SET number = ?2, shared = 1, position = ?3,"
                            " history = ?4 WHERE id = ?1",
                            "niis", self->project, self->number, (gint64)self->head.position,
                            self->head.history_id) ||
      !galley_database_run (writer->db, error, "UPDATE snapshot SET ready = 1 WHERE project = ?1",
                            "i", self->number) ||
      !galley_journal_flush (writer->journal, error))
    return FALSE;

  /* The project has another number than it had. */
  galley_journal_forget (writer->journal);
  writer->everything_moved = writer->outbox_moved = TRUE;
  return keep_mark (writer, self, error);
}

/* The digest of the rows that were made here, never the one that was told. */
static gboolean
is_as_told (GalleyWriter *writer, Install *self, gboolean *same, GError **error)
{
  GalleyDigest sum;
  GalleyHash digest;

  if (!galley_applier_flush (writer->applier, error) ||
      !galley_digest_load (writer->db, self->number, &sum, error))
    return FALSE;

  galley_digest_to_hash (&sum, &digest);
  *same = galley_hash_equal (&digest, &self->head.digest) || GALLEY_SABOTAGED (SNAPSHOT_LOSES_HEAD);
  return TRUE;
}

/* What has come of it: told beside the transaction, which must not be rolled back. */
typedef struct
{
  Install *install;
  gboolean full, different;
} Finish;

/* writer thread */
static gboolean
finish (GalleyWriter *writer, gpointer data, GError **error)
{
  Finish *result = data;
  Install *self = result->install;
  gboolean empty, same;

  if (!is_next (writer, self, error) || !is_empty (writer, self->project, &empty, error) ||
      !is_as_told (writer, self, &same, error))
    return FALSE;

  result->full = !empty;
  result->different = !same;
  if (!empty || !same)
    return discard (writer, self->number, error);

  return add_tips (writer, self, error) && show (writer, self, error);
}

static gboolean
finish_install (Install *self, GError **error)
{
  Finish result = { .install = self };

  if (!galley_store_write (self->store, finish, &result, error))
    return FALSE;
  if (result.full)
    return say_full (error);
  if (result.different)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                   _ ("What the snapshot gave is not what the server says it stands for. Nothing "
                      "of it was used."));
      return FALSE;
    }

  return TRUE;
}

/* ── reading the file ── */

static gboolean
read_head (Install *self, GalleySnapshotReader *reader, GError **error)
{
  g_auto (GalleySnapshotPart) part = { 0 };

  if (!galley_snapshot_reader_next (reader, &part, error))
    return FALSE;
  if (part.type != GALLEY_SNAPSHOT_HEAD || !galley_id_equal (&part.head.project, self->project))
    return say_senseless (error);

  self->head = part.head;
  part.head.history_id = NULL;
  return TRUE;
}

static guint
count_records (GBytes *packed)
{
  g_autoptr (GalleySegment) segment = galley_segment_unpack (packed, 0, NULL);

  return segment != NULL ? galley_segment_get_n_records (segment) : 0;
}

/* What goes in together. It is read while the writer thread is at the one before. */
typedef struct
{
  Install *install;
  GalleySnapshotReader *reader;
  GPtrArray *parts;  /* of Part */
  guint64 n_changes; /* in them, and in those that are here since an earlier try */
  gboolean end;
  GError *error;
} Batch;

static void
batch_free (Batch *batch)
{
  g_ptr_array_unref (batch->parts);
  g_clear_error (&batch->error);
  g_free (batch);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Batch, batch_free)

static gboolean
take_segment (Batch *batch, GBytes *packed, GError **error)
{
  Install *self = batch->install;
  const Part *part;

  if (self->n_read++ < self->begun)
    {
      batch->n_changes += count_records (packed);
      return TRUE;
    }
  if (!read_segment (self, packed, batch->parts, error))
    return FALSE;

  part = batch->parts->pdata[batch->parts->len - 1];
  batch->n_changes += part->changes->len;
  return TRUE;
}

/* A thread of its own. */
static gpointer
read_batch (gpointer data)
{
  Batch *batch = data;

  while (!batch->end && batch->error == NULL && batch->parts->len < TOGETHER)
    {
      g_auto (GalleySnapshotPart) part = { 0 };

      if (!galley_snapshot_reader_next (batch->reader, &part, &batch->error))
        break;
      batch->end = part.type == GALLEY_SNAPSHOT_END;
      if (part.type == GALLEY_SNAPSHOT_TIP)
        g_array_append_val (batch->install->tips, part.tip);
      else if (part.type == GALLEY_SNAPSHOT_SEGMENT)
        take_segment (batch, part.segment, &batch->error);
    }

  return batch;
}

static GThread *
read_next (Install *self, GalleySnapshotReader *reader)
{
  Batch *batch = g_new0 (Batch, 1);

  batch->install = self;
  batch->reader = reader;
  batch->parts = g_ptr_array_new_with_free_func (part_free);
  return g_thread_new ("galley-snapshot", read_batch, batch);
}

static gboolean
write_batch (Install *self, const Batch *batch, GError **error)
{
  if (batch->parts->len > 0)
    {
      self->parts = batch->parts;
      if (!galley_store_write (self->store, add_parts, self, error))
        return FALSE;
    }

  self->n_parts += batch->parts->len;
  self->n_done += batch->n_changes;
  return TRUE;
}

static gboolean
read_parts (Install *self,
            GalleySnapshotReader *reader,
            GCancellable *cancellable,
            GalleySnapshotProgress progress,
            gpointer progress_data,
            GError **error)
{
  GThread *reading = read_next (self, reader);
  gboolean done = TRUE;

  while (reading != NULL)
    {
      g_autoptr (Batch) batch = g_thread_join (g_steal_pointer (&reading));

      if (batch->error != NULL)
        {
          if (done)
            g_propagate_error (error, g_steal_pointer (&batch->error));
          return FALSE;
        }
      if (done && !batch->end)
        reading = read_next (self, reader);
      /* What is being read ahead is waited for before an error is told. */
      done = done && !g_cancellable_set_error_if_cancelled (cancellable, error) &&
             write_batch (self, batch, error);
      if (done && progress != NULL)
        progress (self->n_done, MAX (self->head.n_changes, self->n_done), progress_data);
    }

  return done;
}

/**
 * galley_snapshot_install:
 * @path: of the file, whose hash was checked to be @hash
 * @rolling: (nullable): of the stream up to the snapshot's position, as the server says
 * @progress: (nullable): called on the calling thread
 * @error: %GALLEY_DATA_ERROR_EXISTS when the project is not new here; %GALLEY_DATA_ERROR_DAMAGED
 *   when the file is not what it says: then nothing of it was used
 *
 * Blocks; from any thread but the store's own. After an interruption, asked with the same file, it
 * goes on where it was. The project shows only when all of it is there.
 */
gboolean
galley_snapshot_install (GalleyStore *store,
                         const GalleyId *project,
                         const char *path,
                         const GalleyHash *hash,
                         const GalleyHash *rolling,
                         GCancellable *cancellable,
                         GalleySnapshotProgress progress,
                         gpointer progress_data,
                         GError **error)
{
  g_autoptr (GalleySnapshotReader) reader = galley_snapshot_reader_open (path, error);
  g_autoptr (GArray) tips = g_array_new (FALSE, FALSE, sizeof (GalleySnapshotTip));
  Install self = {
    .store = store, .project = project, .hash = hash, .rolling = rolling, .tips = tips
  };
  gboolean done;

  if (reader == NULL)
    return FALSE;

  done = read_head (&self, reader, error) && galley_store_write (store, begin, &self, error) &&
         read_parts (&self, reader, cancellable, progress, progress_data, error) &&
         index_all (&self, cancellable, error) && finish_install (&self, error);
  galley_snapshot_head_clear (&self.head);
  return done;
}
