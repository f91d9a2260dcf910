/* galley-snapshot-maker.c: follows a project's stream, and writes down what is in force
 *
 * A workspace's database of one project, to which the stream is applied as on any device. A change
 * belongs to the snapshot when it is a head of something, when it was the first to speak of a
 * thing, or when the base of a contested field is looked for among it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-snapshot-maker"

#include "data/galley-snapshot-maker.h"

#include "data/galley-heads.h"
#include "data/galley-sabotage.h"
#include "data/galley-store-private.h"
#include "data/galley-tables.h"

#include <string.h>

/* Of a segment, unpacked: what a device applies in one go. */
#define SEGMENT_BYTES (128 * 1024)
#define ZSTD_LEVEL 6

struct _GalleySnapshotMaker
{
  GalleyDatabase *db;
  GalleyJournal *journal;
  GalleyApplier *applier;
  GalleyId project_id;
  gint64 project;
  guint64 position;
  gint64 last_entity; /* the greatest number of those that are there */
};

static gboolean
load_state (GalleySnapshotMaker *self, GError **error)
{
  gint64 position = 0;

  galley_journal_forget (self->journal);
  galley_applier_forget (self->applier);
  self->project = galley_journal_get_project (self->journal, &self->project_id, TRUE, error);
  self->last_entity = 0;
  if (self->project == 0 ||
      !galley_database_get_int (self->db, &position, error,
                                "SELECT ifnull (max (lsn), 0) FROM change", "") ||
      !galley_database_get_int (self->db, &self->last_entity, error,
                                "SELECT ifnull (max (number), 0) FROM derived_entity", ""))
    return FALSE;

  self->position = position;
  return TRUE;
}

/**
 * galley_snapshot_maker_open:
 * @path: of its database, which is made when there is none; one of an older Galley is an error
 */
GalleySnapshotMaker *
galley_snapshot_maker_open (const char *path, const GalleyId *project, GError **error)
{
  g_autoptr (GalleySnapshotMaker) self = g_new0 (GalleySnapshotMaker, 1);
  gboolean current;

  self->project_id = *project;
  self->db = galley_database_open (path, FALSE, error);
  if (self->db == NULL)
    return NULL;
  self->journal = galley_journal_new (self->db);
  self->applier = galley_applier_new (self->db, self->journal);
  /* It can be made again, so it need not survive a power cut; a torn file is noticed. */
  if (!galley_store_open_tables (self->db, error) ||
      !galley_tables_derived_is_current (self->db, &current, error) ||
      !galley_database_exec (self->db,
                             "PRAGMA synchronous = OFF;"
                             "CREATE TABLE IF NOT EXISTS birth (lsn INTEGER PRIMARY KEY) STRICT",
                             error) ||
      !load_state (self, error))
    return NULL;
  if (!current)
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                           "It is of another Galley and is made again.");
      return NULL;
    }

  return g_steal_pointer (&self);
}

void
galley_snapshot_maker_free (GalleySnapshotMaker *self)
{
  g_clear_pointer (&self->applier, galley_applier_free);
  g_clear_pointer (&self->journal, galley_journal_free);
  g_clear_pointer (&self->db, galley_database_close);
  g_free (self);
}

/* Up to where the stream has been followed. */
guint64
galley_snapshot_maker_get_position (GalleySnapshotMaker *self)
{
  return self->position;
}

gboolean
galley_snapshot_maker_begin (GalleySnapshotMaker *self, GError **error)
{
  return galley_database_exec (self->db, "BEGIN IMMEDIATE", error) && load_state (self, error);
}

/**
 * galley_snapshot_maker_end:
 * @done: whether it is to stay
 */
gboolean
galley_snapshot_maker_end (GalleySnapshotMaker *self, gboolean done, GError **error)
{
  if (done && galley_journal_flush (self->journal, error) &&
      galley_applier_flush (self->applier, error) &&
      galley_database_exec (self->db, "COMMIT", error))
    return TRUE;

  if (sqlite3_get_autocommit (galley_database_get_handle (self->db)) == 0)
    galley_database_exec (self->db, "ROLLBACK", NULL);
  load_state (self, NULL);
  return FALSE;
}

/* Whether the change was the first to speak of something. */
static gboolean
note_births (GalleySnapshotMaker *self, gint64 lsn, GError **error)
{
  gint64 last = 0;

  if (!galley_database_get_int (self->db, &last, error,
                                "SELECT ifnull (max (number), 0) FROM derived_entity", ""))
    return FALSE;
  if (last == self->last_entity)
    return TRUE;

  self->last_entity = last;
  return galley_database_run (self->db, error, "INSERT INTO birth VALUES (?1)", "i", lsn);
}

/**
 * galley_snapshot_maker_add:
 * @position: the next one
 */
gboolean
galley_snapshot_maker_add (GalleySnapshotMaker *self,
                           guint64 position,
                           GBytes *change,
                           GError **error)
{
  g_autoptr (GalleyChange) read = galley_change_new_from_bytes (change, error);
  gint64 device, lsn;

  if (read == NULL)
    return FALSE;
  device = galley_journal_get_device (self->journal, &galley_change_get_header (read)->device, TRUE,
                                      error);
  if (device == 0 ||
      !galley_journal_append (self->journal, self->project, device, read, position, &lsn, error) ||
      !galley_applier_apply (self->applier, self->project, read, error) ||
      !note_births (self, lsn, error))
    return FALSE;
  if ((guint64)lsn != position)
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                           "The positions of the stream are not dense.");
      return FALSE;
    }

  self->position = position;
  return TRUE;
}

gboolean
galley_snapshot_maker_add_gap (GalleySnapshotMaker *self,
                               const GalleyRef *ref,
                               const GalleyHash *hash,
                               GError **error)
{
  gint64 device = galley_journal_get_device (self->journal, &ref->device, TRUE, error);

  return device != 0 &&
         galley_journal_append_gap (self->journal, self->project, device, ref->seq, hash, error);
}

/* ── which changes ── */

/* One field that is contested. */
typedef struct
{
  gint64 entity;
  GalleyId id;
  guint16 field;
  char *element;
} Contested;

static void
clear_contested (gpointer contested)
{
  g_free (((Contested *)contested)->element);
}

static GArray *
list_contested (GalleySnapshotMaker *self, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, TRUE, sizeof (Contested));
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT e.number, e.id, c.field, c.element"
                                               " FROM derived_contested c JOIN derived_entity e"
                                               " ON e.number = c.entity WHERE c.field <> 0",
                                               "");
  int stepped = query != NULL ? 1 : -1;

  g_array_set_clear_func (list, clear_contested);
  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      Contested contested = { .entity = sqlite3_column_int64 (query, 0),
                              .field = sqlite3_column_int (query, 2),
                              .element = galley_column_text (query, 3) };

      galley_column_id (query, 1, &contested.id);
      g_array_append_val (list, contested);
    }

  return stepped == 0 ? g_steal_pointer (&list) : NULL;
}

static gboolean
need (GalleySnapshotMaker *self, gint64 lsn, GError **error)
{
  return galley_database_run (self->db, error, "INSERT OR IGNORE INTO needed VALUES (?1)", "i",
                              lsn);
}

static gboolean
need_ancestors (GalleySnapshotMaker *self, const Contested *contested, GError **error)
{
  g_autoptr (GArray) heads = galley_heads_list (self->journal, contested->entity, contested->field,
                                                contested->element, error);
  g_autoptr (GArray) visited = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autofree GalleyRef *refs = NULL;
  GalleyBase base;

  if (heads == NULL)
    return FALSE;
  refs = g_new (GalleyRef, MAX (heads->len, 1));
  for (guint i = 0; i < heads->len; i++)
    refs[i] = g_array_index (heads, GalleyHead, i).ref;
  if (!galley_journal_find_base (self->journal, self->project, &contested->id, contested->field,
                                 contested->element, refs, heads->len, visited, &base, error))
    return FALSE;

  g_clear_pointer (&base.value, g_variant_unref);
  for (guint i = 0; i < visited->len; i++)
    if (!need (self, g_array_index (visited, gint64, i), error))
      return FALSE;

  return TRUE;
}

static gboolean
choose_changes (GalleySnapshotMaker *self, gint64 *n_changes, GError **error)
{
  g_autoptr (GArray) contested = NULL;

  if (!galley_database_exec (self->db,
                             "CREATE TEMP TABLE IF NOT EXISTS needed (lsn INTEGER PRIMARY KEY);"
                             "DELETE FROM needed; INSERT INTO needed SELECT lsn FROM birth;"
                             "INSERT OR IGNORE INTO needed SELECT c.lsn FROM derived_head h"
                             "  JOIN derived_entity e ON e.number = h.entity"
                             "  JOIN change c ON c.project = e.project AND c.device = h.device"
                             "  AND c.seq = h.seq",
                             error) ||
      (contested = list_contested (self, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < contested->len; i++)
    if (!need_ancestors (self, &g_array_index (contested, Contested, i), error))
      return FALSE;

  *n_changes = 0;
  return galley_database_get_int (self->db, n_changes, error, "SELECT count (*) FROM needed", "");
}

/* ── writing them ── */

/* A snapshot on its way to its file. */
typedef struct
{
  GalleySnapshotMaker *maker;
  GalleySnapshotWriter *writer;
  GalleySegmentBuilder *builder; /* (owned) */
  GalleySnapshotSignatureFunc find_signature;
  gpointer data;
} Writing;

static gboolean
is_head (GalleySnapshotMaker *self,
         const GalleyEdit *edit,
         const GalleyChangeHeader *header,
         gboolean *head,
         GError **error)
{
  gint64 device = galley_journal_get_device (self->journal, &header->device, FALSE, error);
  const GalleyEntityRow *row;
  gint64 found = 0;

  if (device == 0 ||
      !galley_applier_find (self->applier, self->project, edit->kind, &edit->entity, &row, error) ||
      (row != NULL &&
       !galley_database_get_int (self->db, &found, error,
                                 "SELECT 1 FROM derived_head WHERE entity = ?1 AND field = ?2"
                                 " AND element = ?3 AND device = ?4 AND seq = ?5",
                                 "iisii", row->number, (gint64)edit->field, edit->element, device,
                                 (gint64)header->seq)))
    return FALSE;

  *head = found != 0;
  return TRUE;
}

/* @marks: (out): empty when every edit is in force */
static gboolean
mark (GalleySnapshotMaker *self, GalleyChange *change, GByteArray *marks, GError **error)
{
  guint n_edits = galley_change_get_n_edits (change), n_heads = 0;

  g_byte_array_set_size (marks, (n_edits + 7) / 8);
  memset (marks->data, 0, marks->len);
  for (guint i = 0; i < n_edits; i++)
    {
      gboolean head;

      if (!is_head (self, galley_change_get_edit (change, i), galley_change_get_header (change),
                    &head, error))
        return FALSE;
      if (GALLEY_SABOTAGED (SNAPSHOT_LOSES_HEAD) && i == 1)
        head = FALSE;
      if (head)
        marks->data[i / 8] |= 1 << (i % 8);
      n_heads += head;
    }
  if (n_heads == n_edits)
    g_byte_array_set_size (marks, 0);

  return TRUE;
}

static gboolean
flush_segment (Writing *writing, GError **error)
{
  g_autoptr (GBytes) packed = NULL;
  g_autoptr (GalleySegmentBuilder) builder = g_steal_pointer (&writing->builder);

  if (builder == NULL)
    return TRUE;

  packed = galley_segment_builder_pack (builder, ZSTD_LEVEL);
  return galley_snapshot_writer_add_segment (writing->writer, packed, error);
}

static gboolean
write_change (Writing *writing, sqlite3_stmt *row, GByteArray *marks, GError **error)
{
  g_autoptr (GBytes)
      bytes = g_bytes_new (sqlite3_column_blob (row, 1), sqlite3_column_bytes (row, 1));
  g_autoptr (GalleyChange) change = galley_change_new_from_bytes (bytes, error);
  guint64 position = sqlite3_column_int64 (row, 0);

  if (change == NULL || !mark (writing->maker, change, marks, error))
    return FALSE;
  if (writing->builder == NULL)
    writing->builder = galley_segment_builder_new ();
  galley_segment_builder_add (writing->builder, position, position, marks->data, marks->len,
                              g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  return galley_segment_builder_get_bytes (writing->builder) < SEGMENT_BYTES ||
         flush_segment (writing, error);
}

static gboolean
write_changes (Writing *writing, GError **error)
{
  GalleyDatabase *db = writing->maker->db;
  g_autoptr (GByteArray) marks = g_byte_array_new ();
  sqlite3_stmt *query =
      galley_database_query (db, error,
                             "SELECT c.lsn, c.bytes FROM needed n CROSS JOIN change c"
                             " ON c.lsn = n.lsn ORDER BY n.lsn",
                             "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    if (!write_change (writing, query, marks, error))
      {
        galley_database_done (query);
        return FALSE;
      }

  return stepped == 0 && flush_segment (writing, error);
}

static gboolean
write_tips (Writing *writing, GError **error)
{
  GalleyDatabase *db = writing->maker->db;
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT d.id, t.seq, t.hash FROM tip t JOIN device d"
                                               " ON d.number = t.device ORDER BY d.id",
                                               "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleySnapshotTip tip = { .ref.seq = sqlite3_column_int64 (query, 1) };

      galley_column_id (query, 0, &tip.ref.device);
      galley_column_hash (query, 2, &tip.hash);
      writing->find_signature (&tip.ref, tip.signature, writing->data);
      if (!galley_snapshot_writer_add_tip (writing->writer, &tip, error))
        {
          galley_database_done (query);
          return FALSE;
        }
    }

  return stepped == 0;
}

static gboolean
write_head (Writing *writing, const char *history_id, gint64 n_changes, GError **error)
{
  GalleySnapshotMaker *self = writing->maker;
  GalleySnapshotHead head = { .project = self->project_id,
                              .position = self->position,
                              .n_changes = n_changes,
                              .history_id = (char *)history_id };
  GalleyDigest digest;

  if (!galley_digest_load (self->db, self->project, &digest, error))
    return FALSE;

  galley_digest_to_hash (&digest, &head.digest);
  return galley_snapshot_writer_add_head (writing->writer, &head, error);
}

/**
 * galley_snapshot_maker_write:
 * @path: of a file that is made anew
 * @hash: (out): of the file
 *
 * With the memory of one segment, whatever the size of the project.
 */
gboolean
galley_snapshot_maker_write (GalleySnapshotMaker *self,
                             const char *path,
                             const char *history_id,
                             GalleySnapshotSignatureFunc find_signature,
                             gpointer data,
                             GalleyHash *hash,
                             guint64 *size_bytes,
                             GError **error)
{
  g_autoptr (GalleySnapshotWriter) writer = galley_snapshot_writer_new (path, error);
  Writing writing = { self, writer, NULL, find_signature, data };
  gint64 n_changes;
  gboolean written;

  if (writer == NULL)
    return FALSE;

  written = choose_changes (self, &n_changes, error) &&
            write_head (&writing, history_id, n_changes, error) && write_tips (&writing, error) &&
            write_changes (&writing, error) &&
            galley_snapshot_writer_finish (writer, hash, size_bytes, error);
  g_clear_pointer (&writing.builder, galley_segment_builder_free);
  return written;
}
