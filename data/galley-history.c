/* galley-history.c: the older changes of a project that began with a snapshot
 *
 * They come in the order of the stream and are kept in segments that a replay passes over, until
 * all of them are here, their chains end where the snapshot says, and what the snapshot held is
 * found among them to the byte. Then they take its place.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-history"

#include "data/galley-snapshot-install.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Of a segment, unpacked, about. */
#define SEGMENT_BYTES (128 * 1024)
#define ZSTD_LEVEL 6

/* What the snapshot's row says. */
typedef struct
{
  gint64 project, base;
  guint64 position, fetched;
} Snapshot;

static gboolean
load_snapshot (GalleyDatabase *db, const GalleyId *project, Snapshot *snapshot, GError **error)
{
  sqlite3_stmt *query =
      galley_database_query (db, error,
                             "SELECT s.project, s.base, s.position, s.history FROM snapshot s"
                             " JOIN project p ON p.number = s.project"
                             " WHERE p.id = ?1 AND s.ready = 1",
                             "n", project);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;

  memset (snapshot, 0, sizeof *snapshot);
  if (stepped > 0)
    {
      snapshot->project = sqlite3_column_int64 (query, 0);
      snapshot->base = sqlite3_column_int64 (query, 1);
      snapshot->position = sqlite3_column_int64 (query, 2);
      snapshot->fetched = sqlite3_column_int64 (query, 3);
      galley_database_done (query);
    }

  return stepped >= 0;
}

/**
 * galley_history_get_state:
 * @state: (out caller-allocates)
 */
gboolean
galley_history_get_state (GalleyReader *reader,
                          const GalleyId *project,
                          GalleyHistoryState *state,
                          GError **error)
{
  Snapshot snapshot;

  if (!load_snapshot (galley_reader_get_db (reader), project, &snapshot, error))
    return FALSE;

  *state = (GalleyHistoryState){ snapshot.position, snapshot.fetched };
  return TRUE;
}

/* ── somebody looks for what is not here ── */

static char *
asked_key (const GalleyId *project)
{
  char id[GALLEY_ID_TEXT_SIZE];

  return g_strconcat ("history_asked:", galley_id_print (project, id), NULL);
}

/* Whether somebody waits for the project's history. */
gboolean
galley_history_is_asked (GalleyReader *reader, const GalleyId *project)
{
  g_autofree char *key = asked_key (project);
  g_autofree char *value = galley_directory_get (reader, key);

  return value != NULL;
}

gboolean
galley_history_set_asked (GalleyWriter *writer,
                          const GalleyId *project,
                          gboolean asked,
                          GError **error)
{
  g_autofree char *key = asked_key (project);

  return galley_directory_set (writer, key, asked ? "1" : NULL, error);
}

static GArray *
list_incomplete (GalleyDatabase *db, GError **error)
{
  g_autoptr (GArray) projects = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  sqlite3_stmt *query = galley_database_query (db, error, "SELECT id FROM snapshot WHERE ready = 1",
                                               "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId id;

      galley_column_id (query, 0, &id);
      g_array_append_val (projects, id);
    }

  return stepped == 0 ? g_steal_pointer (&projects) : NULL;
}

/**
 * galley_history_ask_on_writer:
 * @data: (nullable) (out): guint: as for galley_history_ask()
 *
 * The same as that, for galley_store_write_async().
 */
gboolean
galley_history_ask_on_writer (GalleyWriter *writer, gpointer data, GError **error)
{
  g_autoptr (GArray) projects = list_incomplete (writer->db, error);

  if (projects == NULL)
    return FALSE;
  if (data != NULL)
    *(guint *)data = projects->len;
  for (guint i = 0; i < projects->len; i++)
    if (!galley_history_set_asked (writer, &g_array_index (projects, GalleyId, i), TRUE, error))
      return FALSE;

  return TRUE;
}

/**
 * galley_history_ask:
 * @n_projects: (out): how many there are whose history is not all here
 *
 * For who has met %GALLEY_DATA_ERROR_NOT_HERE_YET: what is missing comes with the next sync,
 * whoever runs it, and no longer only when nothing else is to be done. Blocks.
 */
gboolean
galley_history_ask (GalleyStore *store, guint *n_projects, GError **error)
{
  *n_projects = 0;
  return galley_store_write (store, galley_history_ask_on_writer, n_projects, error);
}

/* ── adding ── */

/* Where a device's chain stands in what was fetched. */
typedef struct
{
  GalleyId device;
  guint64 seq;
  GalleyHash hash;
} Tip;

typedef struct
{
  Snapshot snapshot;
  GHashTable *tips;    /* GalleyId → Tip (owned) */
  GPtrArray *segments; /* of GalleyPackedSegment */
  GArray *gaps;        /* of GalleyIncoming */
  guint64 position;
  GalleySegmentBuilder *builder; /* (owned) */
} Addition;

static Tip *
find_tip (Addition *self, GalleyDatabase *db, const GalleyId *device, GError **error)
{
  Tip *tip = g_hash_table_lookup (self->tips, device);
  sqlite3_stmt *query;
  int stepped;

  if (tip != NULL)
    return tip;

  query = galley_database_query (db, error,
                                 "SELECT t.seq, t.hash FROM history_tip t JOIN device d"
                                 " ON d.number = t.device WHERE t.project = ?1 AND d.id = ?2",
                                 "in", self->snapshot.project, device);
  stepped = query != NULL ? galley_database_step (db, query, error) : -1;
  if (stepped < 0)
    return NULL;

  tip = g_new0 (Tip, 1);
  tip->device = *device;
  if (stepped > 0)
    {
      tip->seq = sqlite3_column_int64 (query, 0);
      galley_column_hash (query, 1, &tip->hash);
      galley_database_done (query);
    }
  g_hash_table_insert (self->tips, &tip->device, tip);
  return tip;
}

static gboolean
say_broken (const GalleyRef *ref, GError **error)
{
  g_autofree char *text = galley_ref_to_string (ref);

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_FORK,
               _ ("In the older changes that the server sent, number %s does not continue its "
                  "device's chain. Nothing of them was used; ask who runs the server."),
               text);
  return FALSE;
}

static gboolean
follow (Addition *self, GalleyDatabase *db, const GalleyIncoming *incoming, GError **error)
{
  Tip *tip = find_tip (self, db, &incoming->ref.device, error);

  if (tip == NULL)
    return FALSE;
  if (incoming->gap && incoming->ref.seq <= tip->seq)
    return TRUE;
  if (incoming->ref.seq != tip->seq + 1 ||
      (!incoming->gap &&
       !galley_hash_equal (&galley_change_get_header (incoming->change)->previous, &tip->hash)))
    return say_broken (&incoming->ref, error);

  tip->seq = incoming->ref.seq;
  tip->hash = incoming->gap ? incoming->hash : *galley_change_get_hash (incoming->change);
  return TRUE;
}

static gboolean
flush_segment (Addition *self, GError **error)
{
  g_autoptr (GalleySegmentBuilder) builder = g_steal_pointer (&self->builder);
  g_autoptr (GBytes) packed = NULL;
  GalleyPackedSegment *segment;

  if (builder == NULL)
    return TRUE;

  packed = galley_segment_builder_pack (builder, ZSTD_LEVEL);
  segment = galley_packed_segment_new (self->snapshot.project, GALLEY_SEGMENT_HISTORY,
                                       self->snapshot.base, packed, error);
  if (segment == NULL)
    return FALSE;
  g_ptr_array_add (self->segments, segment);
  return TRUE;
}

static gboolean
add_change (Addition *self, const GalleyIncoming *incoming, GError **error)
{
  gsize bytes;
  gconstpointer data = g_bytes_get_data (galley_change_get_bytes (incoming->change), &bytes);

  if (self->builder == NULL)
    self->builder = galley_segment_builder_new ();
  galley_segment_builder_add (self->builder, incoming->position, incoming->position, NULL, 0, data,
                              bytes);
  self->position = incoming->position;
  return galley_segment_builder_get_bytes (self->builder) < SEGMENT_BYTES ||
         flush_segment (self, error);
}

/* Checked and packed away from the writer thread. What comes after the snapshot is here already. */
static gboolean
prepare (Addition *self,
         GalleyDatabase *db,
         const GalleyIncoming *changes,
         guint n_changes,
         GError **error)
{
  for (guint i = 0; i < n_changes; i++)
    {
      const GalleyIncoming *incoming = &changes[i];

      if (self->position >= self->snapshot.position)
        break;
      if (!incoming->gap && (incoming->change == NULL || incoming->position != self->position + 1))
        return say_broken (&incoming->ref, error);
      if (!follow (self, db, incoming, error))
        return FALSE;
      if (incoming->gap)
        g_array_append_vals (self->gaps, incoming, 1);
      else if (!add_change (self, incoming, error))
        return FALSE;
    }

  return flush_segment (self, error);
}

static gboolean
write_gaps (GalleyWriter *writer, Addition *self, GError **error)
{
  for (guint i = 0; i < self->gaps->len; i++)
    {
      const GalleyIncoming *gap = &g_array_index (self->gaps, GalleyIncoming, i);
      gint64 device = galley_journal_get_device (writer->journal, &gap->ref.device, TRUE, error);

      if (device == 0 ||
          !galley_database_run (writer->db, error,
                                "INSERT OR IGNORE INTO gap VALUES (?1, ?2, ?3, ?4)", "iiih",
                                self->snapshot.project, device, (gint64)gap->ref.seq, &gap->hash))
        return FALSE;
    }

  return TRUE;
}

static gboolean
write_tips (GalleyWriter *writer, Addition *self, GError **error)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->tips);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Tip *tip = value;
      gint64 device = galley_journal_get_device (writer->journal, &tip->device, TRUE, error);

      if (device == 0 ||
          !galley_database_run (writer->db, error,
                                "INSERT OR REPLACE INTO history_tip VALUES (?1, ?2, ?3, ?4)",
                                "iiih", self->snapshot.project, device, (gint64)tip->seq,
                                &tip->hash))
        return FALSE;
    }

  return TRUE;
}

/* writer thread */
static gboolean
write_addition (GalleyWriter *writer, gpointer data, GError **error)
{
  Addition *self = data;

  if (!galley_database_run (writer->db, error,
                            "UPDATE snapshot SET history = ?2 WHERE project = ?1 AND history = ?3",
                            "iii", self->snapshot.project, (gint64)self->position,
                            (gint64)self->snapshot.fetched))
    return FALSE;
  /* Another program was here before: its next look tells what is missing still. */
  if (galley_database_changes (writer->db) == 0)
    return TRUE;

  writer->outbox_moved = TRUE;
  for (guint i = 0; i < self->segments->len; i++)
    if (!galley_segment_table_insert (writer->db, self->segments->pdata[i], error))
      return FALSE;

  return write_gaps (writer, self, error) && write_tips (writer, self, error);
}

/**
 * galley_history_add:
 * @changes: (array length=n_changes): in the order of the stream, from the position that
 *   galley_history_get_state() told
 * @error: %GALLEY_DATA_ERROR_FORK when a chain breaks
 *
 * Blocks; from any thread but the store's own.
 */
gboolean
galley_history_add (GalleyStore *store,
                    const GalleyId *project,
                    const GalleyIncoming *changes,
                    guint n_changes,
                    GError **error)
{
  g_autoptr (GalleyReader) reader = galley_store_open_reader (store, error);
  g_autoptr (GHashTable)
      tips = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL, g_free);
  g_autoptr (GPtrArray)
      segments = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_packed_segment_free);
  g_autoptr (GArray) gaps = g_array_new (FALSE, FALSE, sizeof (GalleyIncoming));
  Addition self = { .tips = tips, .segments = segments, .gaps = gaps };
  gboolean done;

  if (reader == NULL ||
      !load_snapshot (galley_reader_get_db (reader), project, &self.snapshot, error))
    return FALSE;

  self.position = self.snapshot.fetched;
  done = self.snapshot.project == 0 ||
         (prepare (&self, galley_reader_get_db (reader), changes, n_changes, error) &&
          galley_store_write (store, write_addition, &self, error));
  g_clear_pointer (&self.builder, galley_segment_builder_free);
  return done;
}

/* ── all of it is here ── */

static gboolean
say_different (const GalleySegmentRecord *record, GError **error)
{
  g_autofree char *text = galley_ref_to_string (&record->ref);

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_FORK,
               _ ("The change %s is another in the history than in the snapshot that this computer "
                  "began with. An administrator should look at the server."),
               text);
  return FALSE;
}

/* Each change of the snapshot is found in the history, to the byte. */
static gboolean
compare_record (GalleySegmentTable *segments,
                GArray *list,
                guint *at,
                const GalleySegmentRecord *record,
                GError **error)
{
  for (; *at < list->len; (*at)++)
    {
      const GalleySegmentInfo *info = &g_array_index (list, GalleySegmentInfo, *at);
      g_autoptr (GalleySegment) segment = NULL;
      const GalleySegmentRecord *same;

      if (info->role != GALLEY_SEGMENT_HISTORY || info->last_lsn < record->lsn)
        continue;
      segment = galley_segment_table_load (segments, info->id, error);
      if (segment == NULL)
        return FALSE;
      same = galley_segment_find (segment, &record->ref);
      return (same != NULL && same->bytes == record->bytes &&
              memcmp (same->data, record->data, record->bytes) == 0) ||
             say_different (record, error);
    }

  return say_different (record, error);
}

static gboolean
compare_all (GalleyReader *reader, const Snapshot *snapshot, GError **error)
{
  GalleySegmentTable *segments = galley_journal_get_segments (galley_reader_get_journal (reader));
  g_autoptr (GArray) list = galley_segment_table_list (segments, snapshot->project, error);
  guint at = 0;

  if (list == NULL)
    return FALSE;
  for (guint i = 0; i < list->len; i++)
    {
      const GalleySegmentInfo *info = &g_array_index (list, GalleySegmentInfo, i);
      g_autoptr (GalleySegment) segment = NULL;

      if (info->role != GALLEY_SEGMENT_SNAPSHOT)
        continue;
      segment = galley_segment_table_load (segments, info->id, error);
      if (segment == NULL)
        return FALSE;
      for (guint r = 0; r < galley_segment_get_n_records (segment); r++)
        if (!compare_record (segments, list, &at, galley_segment_get_record (segment, r), error))
          return FALSE;
    }

  return TRUE;
}

static gboolean
compare_tips (GalleyDatabase *db, const Snapshot *snapshot, GError **error)
{
  gint64 n_different = 0;

  if (!galley_database_get_int (db, &n_different, error,
                                "SELECT count (*) FROM snapshot_tip s LEFT JOIN history_tip h"
                                " ON h.project = s.project AND h.device = s.device"
                                " WHERE s.project = ?1 AND (h.seq IS NULL OR h.seq <> s.seq"
                                "  OR h.hash <> s.hash)",
                                "i", snapshot->project))
    return FALSE;
  if (n_different == 0)
    return TRUE;

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_FORK,
               _ ("The older changes do not lead to where the snapshot stands. An administrator "
                  "should look at the server."));
  return FALSE;
}

/* writer thread: the history takes the snapshot's place */
static gboolean
replace_snapshot (GalleyWriter *writer, gpointer data, GError **error)
{
  static const char *const statements[] = {
    ("DELETE FROM segment_device WHERE project = ?1 AND segment IN"
     " (SELECT id FROM segment WHERE project = ?1 AND role = 1)"),
    "DELETE FROM segment WHERE project = ?1 AND role = 1",
    "UPDATE segment SET role = 0 WHERE project = ?1 AND role = 2",
    "DELETE FROM snapshot WHERE project = ?1",
    "DELETE FROM snapshot_tip WHERE project = ?1",
    "DELETE FROM history_tip WHERE project = ?1",
  };
  const Snapshot *snapshot = data;

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    if (!galley_database_run (writer->db, error, statements[i], "i", snapshot->project))
      return FALSE;

  writer->outbox_moved = TRUE;
  return galley_applier_settle_again (writer->applier, snapshot->project, error);
}

/**
 * galley_history_finish:
 * @error: %GALLEY_DATA_ERROR_FORK when the history is not that of the snapshot
 *
 * When all has been added. Fields whose base was not known are settled again. Blocks; from any
 * thread but the store's own.
 */
gboolean
galley_history_finish (GalleyStore *store, const GalleyId *project, GError **error)
{
  g_autoptr (GalleyReader) reader = galley_store_open_reader (store, error);
  Snapshot snapshot;

  if (reader == NULL || !load_snapshot (galley_reader_get_db (reader), project, &snapshot, error))
    return FALSE;
  if (snapshot.project == 0 || snapshot.fetched < snapshot.position)
    return TRUE;

  return compare_tips (galley_reader_get_db (reader), &snapshot, error) &&
         compare_all (reader, &snapshot, error) &&
         galley_store_write (store, replace_snapshot, &snapshot, error);
}
