/* galley-journal-cursor.c: the whole journal in order, whether it is compacted or not
 *
 * The live rows are one ordered stream, each segment is another; segments may overlap in their
 * order, and what stayed live lies between. The cursor opens a segment when its first change comes
 * near, and always gives the next one of all streams.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-journal-cursor"

#include "data/galley-journal-cursor.h"

#include <string.h>

/* A segment that has been opened. */
typedef struct
{
  GalleySegmentInfo info;
  GalleySegment *segment; /* (owned) */
  guint index;            /* of the next record */
} Stream;

struct _GalleyJournalCursor
{
  GalleyDatabase *db;           /* borrowed */
  GalleySegmentTable *segments; /* borrowed */
  GalleyJournalOrder order;
  gint64 from_lsn;
  gboolean own_transaction;
  sqlite3_stmt *live; /* (owned) */
  gboolean live_left; /* a row is there */
  GArray *infos;      /* of GalleySegmentInfo, in the order of reading */
  guint next_info;
  GArray *streams; /* of Stream */
  gint64 given;    /* the lsn of the last item; 0: none yet */
};

#define LIVE_COLUMNS                                                                               \
  "SELECT c.lsn, c.project, ifnull (c.position, 0), c.bytes, r.message FROM change c"              \
  " LEFT JOIN refusal r ON r.project = c.project AND r.device = c.device AND r.seq = c.seq"        \
  " WHERE (?1 = 0 OR c.project = ?1) AND "

static gboolean
goes_back (const GalleyJournalCursor *self)
{
  return self->order == GALLEY_JOURNAL_NEWEST_FIRST;
}

/* Whether @a is given before @b. */
static gboolean
is_before (const GalleyJournalCursor *self, gint64 a, gint64 b)
{
  return goes_back (self) ? a > b : a < b;
}

static void
clear_stream (gpointer data)
{
  g_clear_pointer (&((Stream *)data)->segment, galley_segment_unref);
}

static int
compare_last (gconstpointer a, gconstpointer b)
{
  const GalleySegmentInfo *x = a, *y = b;

  return x->last_lsn > y->last_lsn ? -1 : x->last_lsn < y->last_lsn ? 1 : 0;
}

static gboolean
step_live (GalleyJournalCursor *self, GError **error)
{
  int code = sqlite3_step (self->live);

  self->live_left = code == SQLITE_ROW;
  return self->live_left || code == SQLITE_DONE ||
         galley_database_set_error (self->db, "journal", error);
}

static gboolean
begin_live (GalleyJournalCursor *self, gint64 project, GError **error)
{
  const char *sql = goes_back (self) ? LIVE_COLUMNS "(?2 = 0 OR c.lsn < ?2) ORDER BY c.lsn DESC"
                                     : LIVE_COLUMNS "c.lsn > ?2 ORDER BY c.lsn";
  sqlite3 *handle = galley_database_get_handle (self->db);

  if (sqlite3_get_autocommit (handle))
    {
      if (!galley_database_exec (self->db, "BEGIN", error))
        return FALSE;
      self->own_transaction = TRUE;
    }
  if (sqlite3_prepare_v2 (handle, sql, -1, &self->live, NULL) != SQLITE_OK ||
      sqlite3_bind_int64 (self->live, 1, project) != SQLITE_OK ||
      sqlite3_bind_int64 (self->live, 2, self->from_lsn) != SQLITE_OK)
    return galley_database_set_error (self->db, sql, error);

  return step_live (self, error);
}

/**
 * galley_journal_cursor_new:
 * @project: number in this database; 0 for all
 * @from_lsn: gives what comes after this one in @order; 0: everything
 */
GalleyJournalCursor *
galley_journal_cursor_new (GalleyDatabase *db,
                           GalleySegmentTable *segments,
                           gint64 project,
                           GalleyJournalOrder order,
                           gint64 from_lsn,
                           GError **error)
{
  g_autoptr (GalleyJournalCursor) self = g_new0 (GalleyJournalCursor, 1);

  self->db = db;
  self->segments = segments;
  self->order = order;
  self->from_lsn = from_lsn;
  self->streams = g_array_new (FALSE, TRUE, sizeof (Stream));
  g_array_set_clear_func (self->streams, clear_stream);
  if (!begin_live (self, project, error) ||
      (self->infos =
           galley_segment_table_list (segments,
                                      project == 0 && order == GALLEY_JOURNAL_REPLAY ? -1 : project,
                                      error)) == NULL)
    return NULL;

  if (goes_back (self))
    g_array_sort (self->infos, compare_last);
  return g_steal_pointer (&self);
}

void
galley_journal_cursor_free (GalleyJournalCursor *self)
{
  sqlite3_finalize (self->live);
  if (self->own_transaction)
    galley_database_exec (self->db, "COMMIT", NULL);
  g_clear_pointer (&self->infos, g_array_unref);
  g_array_unref (self->streams);
  g_free (self);
}

static const GalleySegmentRecord *
get_record (const GalleyJournalCursor *self, const Stream *stream)
{
  guint n_records = galley_segment_get_n_records (stream->segment);

  if (stream->index >= n_records)
    return NULL;
  return galley_segment_get_record (stream->segment, goes_back (self)
                                                         ? n_records - 1 - stream->index
                                                         : stream->index);
}

/* Past what was given already, by this stream or by another that holds the same change; and past
 * what was not asked for. */
static void
skip_given (GalleyJournalCursor *self)
{
  gint64 given = self->given != 0 ? self->given : self->from_lsn;

  for (guint i = self->streams->len; given != 0 && i-- > 0;)
    {
      Stream *stream = &g_array_index (self->streams, Stream, i);
      const GalleySegmentRecord *record;

      while ((record = get_record (self, stream)) != NULL && !is_before (self, given, record->lsn))
        stream->index++;
      if (record == NULL)
        g_array_remove_index_fast (self->streams, i);
    }
}

/* The stream whose change is the next of all open ones; NULL: the live row, or nothing. */
static const Stream *
find_next (const GalleyJournalCursor *self, gint64 *lsn)
{
  const Stream *next = NULL;

  *lsn = self->live_left ? sqlite3_column_int64 (self->live, 0) : 0;
  for (guint i = 0; i < self->streams->len; i++)
    {
      const Stream *stream = &g_array_index (self->streams, Stream, i);
      gint64 at = get_record (self, stream)->lsn;

      /* Of a change that a snapshot and the history both hold, the history's counts. */
      if (*lsn == 0 || is_before (self, at, *lsn) ||
          (at == *lsn && next != NULL && stream->info.role > next->info.role))
        {
          *lsn = at;
          next = stream;
        }
    }

  return next;
}

static gboolean
is_wanted (const GalleyJournalCursor *self, const GalleySegmentInfo *info)
{
  if (self->order == GALLEY_JOURNAL_REPLAY && info->role == GALLEY_SEGMENT_HISTORY)
    return FALSE;

  return self->from_lsn == 0 ||
         is_before (self, self->from_lsn, goes_back (self) ? info->first_lsn : info->last_lsn);
}

/* Opens the segments that may hold something before @lsn; 0: the next one that there is. */
static gboolean
open_until (GalleyJournalCursor *self, gint64 lsn, gboolean *opened, GError **error)
{
  *opened = FALSE;
  while (self->next_info < self->infos->len)
    {
      const GalleySegmentInfo *info = &g_array_index (self->infos, GalleySegmentInfo,
                                                      self->next_info);
      Stream stream = { .info = *info };

      if (lsn != 0 && is_before (self, lsn, goes_back (self) ? info->last_lsn : info->first_lsn))
        break;
      self->next_info++;
      if (!is_wanted (self, info))
        continue;
      stream.segment = galley_segment_table_load (self->segments, info->id, error);
      if (stream.segment == NULL)
        return FALSE;
      g_array_append_val (self->streams, stream);
      *opened = TRUE;
      if (lsn == 0)
        break;
    }

  return TRUE;
}

static void
fill_item (const GalleyJournalCursor *self, const Stream *stream, GalleyJournalItem *item)
{
  memset (item, 0, sizeof *item);
  if (stream != NULL)
    {
      item->record = get_record (self, stream);
      item->lsn = item->record->lsn;
      item->project = stream->info.project;
      item->position = item->record->position;
      item->role = stream->info.role;
      item->data = item->record->data;
      item->bytes = item->record->bytes;
      return;
    }

  item->lsn = sqlite3_column_int64 (self->live, 0);
  item->project = sqlite3_column_int64 (self->live, 1);
  item->position = sqlite3_column_int64 (self->live, 2);
  item->data = sqlite3_column_blob (self->live, 3);
  item->bytes = sqlite3_column_bytes (self->live, 3);
  item->refused = (const char *)sqlite3_column_text (self->live, 4);
}

/**
 * galley_journal_cursor_next:
 * @item: (out caller-allocates): good until the next call
 * @error: %GALLEY_DATA_ERROR_DAMAGED, naming the segment that cannot be read
 *
 * Each change once, even where a snapshot and the history after it both hold it.
 */
int
galley_journal_cursor_next (GalleyJournalCursor *self, GalleyJournalItem *item, GError **error)
{
  const Stream *next;
  gboolean opened;
  gint64 lsn;

  if (self->live_left && self->given != 0 && sqlite3_column_int64 (self->live, 0) == self->given &&
      !step_live (self, error))
    return -1;

  do
    {
      skip_given (self);
      next = find_next (self, &lsn);
      if (!open_until (self, lsn, &opened, error))
        return -1;
    }
  while (opened);
  if (lsn == 0)
    return 0;

  fill_item (self, next, item);
  self->given = lsn;
  return 1;
}

/**
 * galley_journal_item_read:
 *
 * Returns: (transfer full): the change, which outlives the cursor
 */
GalleyChange *
galley_journal_item_read (const GalleyJournalItem *item, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (item->data, item->bytes);

  return galley_change_new_from_bytes (bytes, error);
}
