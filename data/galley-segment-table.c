/* galley-segment-table.c: the compacted part of the journal: packed runs of changes, and where in
 * them a change stands
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-segment-table"

#include "data/galley-segment-table.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Unpacked segments that are kept: a walk through the history of a field touches few. */
#define MAX_KEPT_BYTES (16 * 1024 * 1024)

typedef struct
{
  GalleyHash hash; /* of the packed bytes; a number alone might be given again after a rollback */
  gint64 base;
  GalleySegment *segment;
} Kept;

struct _GalleySegmentTable
{
  GalleyDatabase *db; /* borrowed */
  GArray *kept;       /* of Kept, the one used last at the end */
  gsize kept_bytes;
};

static void
clear_kept (gpointer data)
{
  g_clear_pointer (&((Kept *)data)->segment, galley_segment_unref);
}

GalleySegmentTable *
galley_segment_table_new (GalleyDatabase *db)
{
  GalleySegmentTable *self = g_new0 (GalleySegmentTable, 1);

  self->db = db;
  self->kept = g_array_new (FALSE, TRUE, sizeof (Kept));
  g_array_set_clear_func (self->kept, clear_kept);
  return self;
}

void
galley_segment_table_free (GalleySegmentTable *self)
{
  g_array_unref (self->kept);
  g_free (self);
}

void
galley_segment_hit_clear (GalleySegmentHit *hit)
{
  g_clear_pointer (&hit->segment, galley_segment_unref);
  hit->record = NULL;
}

/* ── unpacked ones ── */

static GalleySegment *
take_kept (GalleySegmentTable *self, const GalleyHash *hash, gint64 base)
{
  for (guint i = self->kept->len; i-- > 0;)
    {
      Kept kept = g_array_index (self->kept, Kept, i);

      if (kept.base != base || !galley_hash_equal (&kept.hash, hash))
        continue;
      /* To the end, without the array letting go of it. */
      memmove (&g_array_index (self->kept, Kept, i), &g_array_index (self->kept, Kept, i) + 1,
               (self->kept->len - i - 1) * sizeof kept);
      g_array_index (self->kept, Kept, self->kept->len - 1) = kept;
      return galley_segment_ref (kept.segment);
    }

  return NULL;
}

static void
keep (GalleySegmentTable *self, const GalleyHash *hash, gint64 base, GalleySegment *segment)
{
  Kept kept = { *hash, base, galley_segment_ref (segment) };

  self->kept_bytes += galley_segment_get_bytes (segment);
  g_array_append_val (self->kept, kept);
  while (self->kept_bytes > MAX_KEPT_BYTES && self->kept->len > 1)
    {
      self->kept_bytes -= galley_segment_get_bytes (g_array_index (self->kept, Kept, 0).segment);
      g_array_remove_index (self->kept, 0);
    }
}

static gboolean
say_damaged (gint64 id, GError **error)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, id);

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
               _ ("The packed part %s of the journal is damaged. What is shown now is not "
                  "affected, "
                  "but the history in that part cannot be read; a backup or another computer has "
                  "it."),
               number);
  return FALSE;
}

/* The hash is checked each time: what a disk has made of it must not pass for a change. */
static GalleySegment *
read_segment (
    GalleySegmentTable *self, gint64 id, const GalleyHash *hash, gint64 base, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT packed FROM segment WHERE id = ?1", "i", id);
  g_autoptr (GBytes) packed = NULL;
  GalleySegment *segment = NULL;
  GalleyHash found;

  if (query == NULL || galley_database_step (self->db, query, error) <= 0)
    return NULL;

  packed = g_bytes_new (sqlite3_column_blob (query, 0), sqlite3_column_bytes (query, 0));
  galley_database_done (query);
  galley_hash_bytes (&found, g_bytes_get_data (packed, NULL), g_bytes_get_size (packed));
  if (galley_hash_equal (&found, hash))
    segment = galley_segment_unpack (packed, base, NULL);
  if (segment == NULL)
    say_damaged (id, error);

  return segment;
}

/**
 * galley_segment_table_load:
 * @error: %GALLEY_DATA_ERROR_DAMAGED, naming the segment
 *
 * Returns: (transfer full): its changes
 */
GalleySegment *
galley_segment_table_load (GalleySegmentTable *self, gint64 id, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT hash, base FROM segment WHERE id = ?1", "i",
                                               id);
  GalleySegment *segment;
  GalleyHash hash;
  gint64 base;

  if (query == NULL || galley_database_step (self->db, query, error) <= 0)
    {
      if (error != NULL && *error == NULL)
        say_damaged (id, error);
      return NULL;
    }

  galley_column_hash (query, 0, &hash);
  base = sqlite3_column_int64 (query, 1);
  galley_database_done (query);
  segment = take_kept (self, &hash, base);
  if (segment == NULL)
    {
      segment = read_segment (self, id, &hash, base, error);
      if (segment != NULL)
        keep (self, &hash, base, segment);
    }

  return segment;
}

/**
 * galley_segment_table_list:
 * @project: number in this database; 0 for all projects; negative for those on their way in as well
 *
 * Returns: (transfer full) (element-type GalleySegmentInfo): by their first change
 */
GArray *
galley_segment_table_list (GalleySegmentTable *self, gint64 project, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (GalleySegmentInfo));
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT id, project, first_lsn, last_lsn, role"
                                               " FROM segment"
                                               " WHERE ?1 < 0 OR project = ?1 OR (?1 = 0 AND"
                                               "  project IN (SELECT number FROM project))"
                                               " ORDER BY first_lsn, role",
                                               "i", project);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleySegmentInfo info = {
        sqlite3_column_int64 (query, 0), sqlite3_column_int64 (query, 1),
        sqlite3_column_int64 (query, 2), sqlite3_column_int64 (query, 3),
        sqlite3_column_int (query, 4),
      };

      g_array_append_val (list, info);
    }

  return stepped == 0 ? g_steal_pointer (&list) : NULL;
}

/* ── finding a change ── */

static GArray *
list_ids (GalleyDatabase *db, sqlite3_stmt *query, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      gint64 id = sqlite3_column_int64 (query, 0);

      g_array_append_val (ids, id);
    }

  return stepped == 0 ? g_steal_pointer (&ids) : NULL;
}

/**
 * galley_segment_table_find:
 * @hit: (out caller-allocates): clear it with galley_segment_hit_clear(); holds nothing when the
 *   change is in no segment
 *
 * Returns: %FALSE only when something could not be read
 */
gboolean
galley_segment_table_find (GalleySegmentTable *self,
                           gint64 project,
                           const GalleyRef *ref,
                           GalleySegmentHit *hit,
                           GError **error)
{
  g_autoptr (GArray) ids = NULL;

  memset (hit, 0, sizeof *hit);
  ids = list_ids (self->db,
                  galley_database_query (self->db, error,
                                         "SELECT segment FROM segment_device WHERE project = ?1"
                                         " AND device = (SELECT number FROM device WHERE id = ?2)"
                                         " AND first_seq <= ?3 AND last_seq >= ?3"
                                         " ORDER BY first_seq DESC",
                                         "ini", project, &ref->device, (gint64)ref->seq),
                  error);
  if (ids == NULL)
    return FALSE;

  for (guint i = 0; i < ids->len && hit->record == NULL; i++)
    {
      galley_segment_hit_clear (hit);
      hit->segment = galley_segment_table_load (self, g_array_index (ids, gint64, i), error);
      if (hit->segment == NULL)
        return FALSE;
      hit->record = galley_segment_find (hit->segment, ref);
    }
  if (hit->record == NULL)
    galley_segment_hit_clear (hit);

  return TRUE;
}

/* The first digits are compared without unpacking anything. */
static gboolean
read_hash_start (const char *prefix, guint8 start[GALLEY_SEGMENT_HASH_BYTES])
{
  for (guint i = 0; i < GALLEY_SEGMENT_HASH_BYTES; i++)
    {
      int high = g_ascii_xdigit_value (prefix[2 * i]);
      int low = high >= 0 ? g_ascii_xdigit_value (prefix[2 * i + 1]) : -1;

      if (low < 0)
        return FALSE;
      start[i] = high << 4 | low;
    }

  return TRUE;
}

static gboolean
has_hash (const GalleySegmentRecord *record, const char *prefix)
{
  g_autoptr (GalleyChange) change = galley_segment_record_read (record, NULL);
  char text[GALLEY_HASH_TEXT_SIZE];

  return change != NULL &&
         g_str_has_prefix (galley_hash_print (galley_change_get_hash (change), text), prefix);
}

typedef struct
{
  gint64 segment, project;
  guint index;
} HashPlace;

static GArray *
list_hash_places (GalleySegmentTable *self, const guint8 *start, GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (HashPlace));
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT id, project, change_hashes FROM segment"
                                               " WHERE project IN (SELECT number FROM project)"
                                               " ORDER BY last_lsn DESC",
                                               "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      const guint8 *hashes = sqlite3_column_blob (query, 2);
      guint n_hashes = sqlite3_column_bytes (query, 2) / GALLEY_SEGMENT_HASH_BYTES;

      for (guint i = n_hashes; i-- > 0;)
        if (memcmp (hashes + i * GALLEY_SEGMENT_HASH_BYTES, start, GALLEY_SEGMENT_HASH_BYTES) == 0)
          {
            HashPlace place = { sqlite3_column_int64 (query, 0), sqlite3_column_int64 (query, 1),
                                i };

            g_array_append_val (places, place);
          }
    }

  return stepped == 0 ? g_steal_pointer (&places) : NULL;
}

/**
 * galley_segment_table_find_hash:
 * @prefix: at least 8 digits of the hash of a change
 * @project: (out): of the change, as its number in this database
 * @hit: (out caller-allocates): see galley_segment_table_find()
 */
gboolean
galley_segment_table_find_hash (GalleySegmentTable *self,
                                const char *prefix,
                                gint64 *project,
                                GalleySegmentHit *hit,
                                GError **error)
{
  guint8 start[GALLEY_SEGMENT_HASH_BYTES];
  g_autoptr (GArray) places = NULL;

  memset (hit, 0, sizeof *hit);
  if (!read_hash_start (prefix, start))
    return TRUE;
  places = list_hash_places (self, start, error);
  if (places == NULL)
    return FALSE;

  for (guint i = 0; i < places->len; i++)
    {
      const HashPlace *place = &g_array_index (places, HashPlace, i);

      hit->segment = galley_segment_table_load (self, place->segment, error);
      if (hit->segment == NULL)
        return FALSE;
      if (place->index < galley_segment_get_n_records (hit->segment))
        hit->record = galley_segment_get_record (hit->segment, place->index);
      *project = place->project;
      if (hit->record != NULL && has_hash (hit->record, prefix))
        return TRUE;
      galley_segment_hit_clear (hit);
    }

  return TRUE;
}

/* ── putting one in ── */

void
galley_packed_segment_free (GalleyPackedSegment *self)
{
  g_bytes_unref (self->packed);
  g_byte_array_unref (self->change_hashes);
  g_array_unref (self->spans);
  g_free (self);
}

static void
add_to_span (GArray *spans, const GalleyRef *ref)
{
  GalleySegmentSpan fresh = { ref->device, ref->seq, ref->seq };

  for (guint i = spans->len; i-- > 0;)
    {
      GalleySegmentSpan *span = &g_array_index (spans, GalleySegmentSpan, i);

      if (!galley_id_equal (&span->device, &ref->device))
        continue;
      span->first_seq = MIN (span->first_seq, ref->seq);
      span->last_seq = MAX (span->last_seq, ref->seq);
      return;
    }

  g_array_append_val (spans, fresh);
}

static void
describe_record (GalleyPackedSegment *self, const GalleySegmentRecord *record, GalleyChange *change)
{
  g_byte_array_append (self->change_hashes, galley_change_get_hash (change)->bytes,
                       GALLEY_SEGMENT_HASH_BYTES);
  add_to_span (self->spans, &record->ref);
  self->last_position = MAX (self->last_position, record->position);
  self->change_bytes += record->bytes;
  self->n_changes++;
}

/**
 * galley_segment_read_all:
 *
 * Returns: (transfer full) (element-type GalleyChange): all of its changes, each checked
 */
GPtrArray *
galley_segment_read_all (GalleySegment *segment, GError **error)
{
  g_autoptr (GPtrArray)
      changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);

  for (guint i = 0; i < galley_segment_get_n_records (segment); i++)
    {
      GalleyChange *change = galley_segment_record_read (galley_segment_get_record (segment, i),
                                                         error);

      if (change == NULL)
        return NULL;
      g_ptr_array_add (changes, change);
    }

  return g_steal_pointer (&changes);
}

/**
 * galley_packed_segment_new_read:
 * @segment: what @packed unpacks to, and @changes: what galley_segment_read_all() gave of it
 */
GalleyPackedSegment *
galley_packed_segment_new_read (gint64 project,
                                GalleySegmentRole role,
                                gint64 base,
                                GBytes *packed,
                                GalleySegment *segment,
                                GPtrArray *changes)
{
  GalleyPackedSegment *self = g_new0 (GalleyPackedSegment, 1);
  guint n_records = galley_segment_get_n_records (segment);

  self->project = project;
  self->role = role;
  self->base = base;
  self->packed = g_bytes_ref (packed);
  self->change_hashes = g_byte_array_new ();
  self->spans = g_array_new (FALSE, FALSE, sizeof (GalleySegmentSpan));
  galley_hash_bytes (&self->hash, g_bytes_get_data (packed, NULL), g_bytes_get_size (packed));
  self->first_lsn = galley_segment_get_record (segment, 0)->lsn;
  self->last_lsn = galley_segment_get_record (segment, n_records - 1)->lsn;
  for (guint i = 0; i < n_records; i++)
    describe_record (self, galley_segment_get_record (segment, i), changes->pdata[i]);

  return self;
}

/**
 * galley_packed_segment_new:
 * @packed: of galley_segment_builder_pack(), here or elsewhere
 *
 * Unpacks it again and reads every change, so that nothing goes in that would not come out.
 */
GalleyPackedSegment *
galley_packed_segment_new (
    gint64 project, GalleySegmentRole role, gint64 base, GBytes *packed, GError **error)
{
  g_autoptr (GalleySegment) segment = galley_segment_unpack (packed, base, error);
  g_autoptr (GPtrArray) changes = segment != NULL ? galley_segment_read_all (segment, error) : NULL;

  if (changes == NULL)
    return NULL;

  return galley_packed_segment_new_read (project, role, base, packed, segment, changes);
}

static gboolean
insert_spans (GalleyDatabase *db, gint64 project, GArray *spans, gint64 id, GError **error)
{
  for (guint i = 0; i < spans->len; i++)
    {
      const GalleySegmentSpan *span = &g_array_index (spans, GalleySegmentSpan, i);

      if (!galley_database_run (db, error, "INSERT OR IGNORE INTO device (id) VALUES (?1)", "n",
                                &span->device) ||
          !galley_database_run (db, error,
                                "INSERT OR REPLACE INTO segment_device"
                                " SELECT ?1, number, ?3, ?4, ?5 FROM device WHERE id = ?2",
                                "iniii", project, &span->device, (gint64)span->first_seq,
                                (gint64)span->last_seq, id))
        return FALSE;
    }

  return TRUE;
}

/**
 * galley_segment_table_insert:
 *
 * Within a transaction of the caller's.
 */
gboolean
galley_segment_table_insert (GalleyDatabase *db, const GalleyPackedSegment *packed, GError **error)
{
  gsize bytes;
  gconstpointer data = g_bytes_get_data (packed->packed, &bytes);

  return galley_database_run (db, error,
                              "INSERT INTO segment (project, role, base, first_lsn, last_lsn, "
                              "last_position,"
                              " n_changes, change_bytes, packed_bytes, hash, change_hashes, packed)"
                              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                              "iiiiiiiiihbb", packed->project, (gint64)packed->role, packed->base,
                              packed->first_lsn, packed->last_lsn, (gint64)packed->last_position,
                              (gint64)packed->n_changes, (gint64)packed->change_bytes,
                              (gint64)bytes, &packed->hash, packed->change_hashes->data,
                              (gsize)packed->change_hashes->len, data, bytes) &&
         insert_spans (db, packed->project, packed->spans,
                       sqlite3_last_insert_rowid (galley_database_get_handle (db)), error);
}

/* ── and back ── */

static gboolean
unpack_record (GalleySegmentTable *self,
               gint64 project,
               const GalleySegmentRecord *record,
               GError **error)
{
  return galley_database_run (self->db, error,
                              "INSERT INTO change SELECT ?1, ?2, number, ?3, NULLIF (?4, 0), ?5"
                              " FROM device WHERE id = ?6",
                              "iiiibn", record->lsn, project, (gint64)record->ref.seq,
                              (gint64)record->position, record->data, record->bytes,
                              &record->ref.device);
}

static gboolean
unpack_segment (GalleySegmentTable *self, gint64 project, gint64 id, GError **error)
{
  g_autoptr (GalleySegment) segment = galley_segment_table_load (self, id, error);

  if (segment == NULL)
    return FALSE;
  for (guint i = 0; i < galley_segment_get_n_records (segment); i++)
    if (!unpack_record (self, project, galley_segment_get_record (segment, i), error))
      return FALSE;

  return galley_database_run (self->db, error,
                              "DELETE FROM segment_device WHERE project = ?1 AND segment = ?2",
                              "ii", project, id) &&
         galley_database_run (self->db, error, "DELETE FROM segment WHERE id = ?1", "i", id);
}

/**
 * galley_segment_table_unpack_after:
 *
 * Within a transaction of the caller's. The segments of the journal that reach behind a position of
 * the stream become rows again, at the same places, since a segment never changes and those of its
 * changes will.
 */
gboolean
galley_segment_table_unpack_after (GalleySegmentTable *self,
                                   gint64 project,
                                   guint64 position,
                                   GError **error)
{
  g_autoptr (GArray) ids =
      list_ids (self->db,
                galley_database_query (self->db, error,
                                       "SELECT id FROM segment WHERE project = ?1 AND role = ?2"
                                       " AND last_position > ?3 ORDER BY id",
                                       "iii", project, (gint64)GALLEY_SEGMENT_JOURNAL,
                                       (gint64)position),
                error);

  for (guint i = 0; ids != NULL && i < ids->len; i++)
    if (!unpack_segment (self, project, g_array_index (ids, gint64, i), error))
      return FALSE;

  return ids != NULL;
}
