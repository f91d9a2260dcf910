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
#include "data/galley-snapshot.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Far above those that projects get one after the other meanwhile. */
#define HIDDEN_NUMBERS 1000000

typedef struct
{
  GalleyStore *store;
  const GalleyId *project;
  const GalleyHash *hash;
  GalleySnapshotHead head;
  GArray *tips; /* of GalleySnapshotTip */
  gint64 number, base;
  gint64 n_parts; /* that are here */
  guint64 n_done; /* changes */
} Install;

/* ── what was begun with another snapshot ── */

static gboolean
discard (GalleyWriter *writer, gint64 number, GError **error)
{
  static const char *const statements[] = {
    "DELETE FROM derived_head WHERE entity IN"
    " (SELECT number FROM derived_entity WHERE project = ?1)",
    "DELETE FROM derived_contested WHERE entity IN"
    " (SELECT number FROM derived_entity WHERE project = ?1)",
    "DELETE FROM derived_file_use WHERE version IN"
    " (SELECT number FROM derived_entity WHERE project = ?1)",
    "DELETE FROM derived_search WHERE rowid IN"
    " (SELECT number FROM derived_entity WHERE project = ?1)",
    "DELETE FROM derived_item WHERE project = ?1",
    "DELETE FROM derived_entity WHERE project = ?1",
    "DELETE FROM derived_digest WHERE project = ?1",
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
  if (same)
    return TRUE;

  return (stepped == 0 || discard (writer, self->number, error)) &&
         take_number (writer, self, error);
}

/* ── part by part ── */

typedef struct
{
  Install *install;
  GalleySegment *segment;
  GalleyPackedSegment *packed;
  GPtrArray *changes; /* of GalleyChange: those of the segment */
} Part;

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

/* writer thread: the segment, and the rows that follow from it, in one transaction */
static gboolean
add_part (GalleyWriter *writer, gpointer data, GError **error)
{
  Part *part = data;
  Install *self = part->install;

  if (!is_next (writer, self, error) ||
      !galley_segment_table_insert (writer->db, part->packed, error))
    return FALSE;

  for (guint i = 0; i < part->changes->len; i++)
    if (!galley_applier_apply_marked (writer->applier, self->number,
                                      galley_segment_get_record (part->segment, i),
                                      part->changes->pdata[i], error))
      return FALSE;

  return galley_database_run (writer->db, error,
                              "UPDATE snapshot SET n_parts = n_parts + 1 WHERE project = ?1", "i",
                              self->number);
}

static gboolean
say_senseless (GError **error)
{
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
               _ ("The snapshot makes no sense. Nothing of it was used."));
  return FALSE;
}

static gboolean
read_changes (Part *part, GError **error)
{
  for (guint i = 0; i < galley_segment_get_n_records (part->segment); i++)
    {
      const GalleySegmentRecord *record = galley_segment_get_record (part->segment, i);
      GalleyChange *change = galley_segment_record_read (record, error);

      if (change == NULL)
        return FALSE;
      g_ptr_array_add (part->changes, change);
      if (!galley_id_equal (&galley_change_get_header (change)->project, part->install->project) ||
          record->position > part->install->head.position ||
          record->lsn != part->install->base + (gint64)record->position)
        return say_senseless (error);
    }

  return TRUE;
}

static gboolean
install_segment (Install *self, GBytes *packed, GError **error)
{
  g_autoptr (GalleySegment) segment = galley_segment_unpack (packed, self->base, error);
  g_autoptr (GPtrArray)
      changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
  g_autoptr (GalleyPackedSegment) ready = NULL;
  Part part = { self, segment, NULL, changes };

  if (segment == NULL || !read_changes (&part, error))
    return FALSE;
  ready = galley_packed_segment_new (self->number, GALLEY_SEGMENT_SNAPSHOT, self->base, packed,
                                     error);
  if (ready == NULL)
    return FALSE;

  part.packed = ready;
  if (!galley_store_write (self->store, add_part, &part, error))
    return FALSE;
  self->n_parts++;
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
  return TRUE;
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
  *same = galley_hash_equal (&digest, &self->head.digest);
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

typedef struct
{
  GCancellable *cancellable;
  GalleySnapshotProgress progress;
  gpointer data;
} Watcher;

static guint
count_records (GBytes *packed)
{
  g_autoptr (GalleySegment) segment = galley_segment_unpack (packed, 0, NULL);

  return segment != NULL ? galley_segment_get_n_records (segment) : 0;
}

/* Those that are here since an earlier try are passed over. */
static gboolean
take_segment (Install *self, GBytes *packed, gint64 index, const Watcher *watcher, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (watcher->cancellable, error) ||
      (index >= self->n_parts && !install_segment (self, packed, error)))
    return FALSE;

  self->n_done += count_records (packed);
  if (watcher->progress != NULL)
    watcher->progress (self->n_done, MAX (self->head.n_changes, self->n_done), watcher->data);
  return TRUE;
}

static gboolean
read_parts (Install *self, GalleySnapshotReader *reader, const Watcher *watcher, GError **error)
{
  gboolean end = FALSE;
  gint64 n_segments = 0;

  while (!end)
    {
      g_auto (GalleySnapshotPart) part = { 0 };

      if (!galley_snapshot_reader_next (reader, &part, error))
        return FALSE;
      end = part.type == GALLEY_SNAPSHOT_END;
      if (part.type == GALLEY_SNAPSHOT_TIP)
        g_array_append_val (self->tips, part.tip);
      else if (part.type == GALLEY_SNAPSHOT_SEGMENT &&
               !take_segment (self, part.segment, n_segments++, watcher, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * galley_snapshot_install:
 * @path: of the file, whose hash was checked to be @hash
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
                         GCancellable *cancellable,
                         GalleySnapshotProgress progress,
                         gpointer progress_data,
                         GError **error)
{
  g_autoptr (GalleySnapshotReader) reader = galley_snapshot_reader_open (path, error);
  g_autoptr (GArray) tips = g_array_new (FALSE, FALSE, sizeof (GalleySnapshotTip));
  Install self = { .store = store, .project = project, .hash = hash, .tips = tips };
  Watcher watcher = { cancellable, progress, progress_data };
  gboolean done;

  if (reader == NULL)
    return FALSE;

  done = read_head (&self, reader, error) && galley_store_write (store, begin, &self, error) &&
         read_parts (&self, reader, &watcher, error) && finish_install (&self, error);
  galley_snapshot_head_clear (&self.head);
  return done;
}
