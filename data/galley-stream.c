/* galley-stream.c: how far a server's stream has been followed, and what becomes of it when the
 * server lost some
 *
 * The device keeps one value for all of the stream up to its position, and some of earlier
 * positions, the further back the fewer. A server that was restored from a backup agrees with an
 * earlier one: the device goes back there, follows the stream anew and sends again what is missing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-stream"

#include "data/galley-stream-private.h"

#include "data/galley-arrival.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>

/* Between two marks that are kept, at most this part of the way from there to the end. */
#define MARK_SPREAD 8
/* Between two signatures that are kept stand fewer changes than this, or those of one push: so
 * that what leads from one to the next always fits into one batch. */
#define TIP_SPREAD 8

/* ── marks ── */

/**
 * galley_stream_read_mark:
 * @rolling: (out): of the stream up to @position
 * @known: (out): whether it is kept
 */
gboolean
galley_stream_read_mark (GalleyDatabase *db,
                         gint64 project,
                         guint64 position,
                         GalleyHash *rolling,
                         gboolean *known,
                         GError **error)
{
  sqlite3_stmt *query;
  int stepped;

  *known = position == 0;
  *rolling = (GalleyHash){ { 0 } };
  if (*known)
    return TRUE;

  query = galley_database_query (db, error,
                                 "SELECT rolling FROM mark WHERE project = ?1 AND position = ?2",
                                 "ii", project, (gint64)position);
  stepped = query != NULL ? galley_database_step (db, query, error) : -1;
  if (stepped > 0)
    {
      *known = TRUE;
      galley_column_hash (query, 0, rolling);
      galley_database_done (query);
    }

  return stepped >= 0;
}

/* Of a stream that an earlier Galley has followed; not known when the journal lacks some of it. */
static gboolean
compute_mark (GalleyWriter *writer,
              gint64 project,
              guint64 position,
              GalleyHash *rolling,
              gboolean *known,
              GError **error)
{
  sqlite3_stmt *query =
      galley_database_query (writer->db, error,
                             "SELECT position, bytes FROM change WHERE project = ?1"
                             " AND position BETWEEN 1 AND ?2 ORDER BY position",
                             "ii", project, (gint64)position);
  int stepped = query != NULL ? 1 : -1;
  guint64 next = 1;

  *rolling = (GalleyHash){ { 0 } };
  while (stepped > 0 && (stepped = galley_database_step (writer->db, query, error)) > 0)
    {
      g_autoptr (GBytes)
          bytes = g_bytes_new (sqlite3_column_blob (query, 1), sqlite3_column_bytes (query, 1));
      g_autoptr (GalleyChange) change = galley_change_new_from_bytes (bytes, error);

      if (change == NULL || (guint64)sqlite3_column_int64 (query, 0) != next)
        {
          galley_database_done (query);
          *known = FALSE;
          return change != NULL;
        }
      galley_hash_roll (rolling, galley_change_get_hash (change));
      next++;
    }

  *known = stepped == 0 && next == position + 1;
  return stepped == 0;
}

/* From the highest to the lowest, one goes where its neighbours are close enough to each other for
 * how far back they are. */
static gboolean
thin_marks (GalleyWriter *writer, gint64 project, guint64 end, GError **error)
{
  g_autoptr (GArray) positions = g_array_new (FALSE, FALSE, sizeof (guint64));
  sqlite3_stmt *query = galley_database_query (writer->db, error,
                                               "SELECT position FROM mark WHERE project = ?1"
                                               " ORDER BY position DESC",
                                               "i", project);
  int stepped = query != NULL ? 1 : -1;
  guint64 above = end;

  while (stepped > 0 && (stepped = galley_database_step (writer->db, query, error)) > 0)
    {
      guint64 position = sqlite3_column_int64 (query, 0);

      g_array_append_val (positions, position);
    }
  if (stepped < 0)
    return FALSE;

  for (guint i = 1; i + 1 < positions->len; i++)
    {
      guint64 here = g_array_index (positions, guint64, i);
      guint64 below = g_array_index (positions, guint64, i + 1);

      if (above - below > MAX (1, (end - above) / MARK_SPREAD))
        above = here;
      else if (!galley_database_run (writer->db, error,
                                     "DELETE FROM mark WHERE project = ?1 AND position = ?2", "ii",
                                     project, (gint64)here))
        return FALSE;
    }

  return TRUE;
}

static gboolean
put_mark (GalleyWriter *writer, gint64 project, const GalleyMark *mark, GError **error)
{
  return galley_database_run (writer->db, error,
                              "INSERT INTO mark VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE"
                              " SET rolling = excluded.rolling",
                              "iih", project, (gint64)mark->position, &mark->rolling) &&
         thin_marks (writer, project, mark->position, error);
}

static gboolean
find_hash (GalleyWriter *writer,
           gint64 project,
           const GalleyIncoming *incoming,
           GalleyHash *hash,
           gboolean *known,
           GError **error)
{
  GalleyJournalEntry entry;

  *known = incoming->change != NULL;
  if (*known)
    {
      *hash = *galley_change_get_hash (incoming->change);
      return TRUE;
    }
  if (!galley_journal_load (writer->journal, project, &incoming->ref, &entry, error))
    return FALSE;

  *known = entry.change != NULL;
  if (*known)
    *hash = *galley_change_get_hash (entry.change);
  g_clear_pointer (&entry.change, galley_change_unref);
  return TRUE;
}

/**
 * galley_stream_roll:
 * @from: the position that the stream had been followed to
 * @changes: (array length=n_changes): what came behind it, and is in the journal by now
 * @to: the position that it has been followed to with these
 *
 * Keeps the one value for all of the stream, where it can be known.
 */
gboolean
galley_stream_roll (GalleyWriter *writer,
                    gint64 project,
                    guint64 from,
                    const GalleyIncoming *changes,
                    guint n_changes,
                    guint64 to,
                    GError **error)
{
  GalleyMark mark = { .position = from };
  gboolean known;

  if (!galley_stream_read_mark (writer->db, project, from, &mark.rolling, &known, error) ||
      (!known && !compute_mark (writer, project, from, &mark.rolling, &known, error)))
    return FALSE;

  for (guint i = 0; known && i < n_changes; i++)
    {
      GalleyHash hash;

      if (changes[i].gap || changes[i].position <= mark.position)
        continue;
      if (!find_hash (writer, project, &changes[i], &hash, &known, error))
        return FALSE;
      known = known && changes[i].position == mark.position + 1;
      mark.position = changes[i].position;
      galley_hash_roll (&mark.rolling, &hash);
    }

  return !known || mark.position != to || to == 0 || put_mark (writer, project, &mark, error);
}

/**
 * galley_stream_check:
 * @server: what the server says of its stream up to a position that was just received
 * @error: %GALLEY_DATA_ERROR_DAMAGED when that is not what came
 *
 * On the writer thread, in the transaction of galley_outbox_receive(). Where this device cannot
 * know the value, because its journal does not begin with the stream, it takes the server's.
 */
gboolean
galley_stream_check (GalleyWriter *writer,
                     const GalleyId *project,
                     const GalleyMark *server,
                     GError **error)
{
  gint64 number = galley_journal_get_project (writer->journal, project, TRUE, error);
  GalleyHash rolling;
  gboolean known;

  if (number == 0 ||
      !galley_stream_read_mark (writer->db, number, server->position, &rolling, &known, error))
    return FALSE;
  if (!known)
    return put_mark (writer, number, server, error);
  if (server->position == 0 || galley_hash_equal (&rolling, &server->rolling))
    return TRUE;

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
               _ ("The server’s changes are not those that it counts. Nothing of them was used; "
                  "ask who runs the server."));
  return FALSE;
}

/**
 * galley_stream_list_marks:
 *
 * Returns: (transfer full) (element-type GalleyMark): highest first
 */
GArray *
galley_stream_list_marks (GalleyReader *reader, const GalleyId *project, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GArray) marks = g_array_new (FALSE, FALSE, sizeof (GalleyMark));
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT m.position, m.rolling FROM mark m"
                                               " JOIN project p ON p.number = m.project"
                                               " WHERE p.id = ?1 ORDER BY m.position DESC",
                                               "n", project);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyMark mark = { .position = sqlite3_column_int64 (query, 0) };

      galley_column_hash (query, 1, &mark.rolling);
      g_array_append_val (marks, mark);
    }

  return stepped == 0 ? g_steal_pointer (&marks) : NULL;
}

/* ── signatures ── */

typedef struct
{
  gint64 device;
  guint64 newest, before; /* numbers of changes whose signatures are kept; 0: none */
} Kept;

static gboolean
load_kept (GalleyWriter *writer, gint64 project, Kept *kept, GError **error)
{
  sqlite3_stmt *query = galley_database_query (writer->db, error,
                                               "SELECT seq FROM signature WHERE project = ?1"
                                               " AND device = ?2 ORDER BY seq DESC LIMIT 2",
                                               "ii", project, kept->device);
  int stepped = query != NULL ? galley_database_step (writer->db, query, error) : -1;

  kept->newest = kept->before = 0;
  if (stepped > 0)
    {
      kept->newest = sqlite3_column_int64 (query, 0);
      stepped = galley_database_step (writer->db, query, error);
    }
  if (stepped > 0)
    {
      kept->before = sqlite3_column_int64 (query, 0);
      galley_database_done (query);
    }

  return stepped >= 0;
}

static gboolean
keep_tip (
    GalleyWriter *writer, gint64 project, Kept *kept, const GalleySignedTip *tip, GError **error)
{
  guint64 seq = tip->link.ref.seq;

  if (seq <= kept->newest)
    return TRUE;
  if (kept->newest != 0 && seq - kept->before < TIP_SPREAD)
    {
      if (!galley_database_run (writer->db, error,
                                "DELETE FROM signature WHERE project = ?1 AND device = ?2"
                                " AND seq = ?3",
                                "iii", project, kept->device, (gint64)kept->newest))
        return FALSE;
    }
  else
    {
      kept->before = kept->newest;
    }

  kept->newest = seq;
  return galley_database_run (writer->db, error,
                              "INSERT OR REPLACE INTO signature VALUES (?1, ?2, ?3, ?4, ?5)",
                              "iiihb", project, kept->device, (gint64)seq, &tip->link.hash,
                              tip->signature, (gsize)GALLEY_SIGNATURE_BYTES);
}

/**
 * galley_stream_keep_tips:
 * @tips: (array length=n_tips): verified, each device's in order
 *
 * On the writer thread. With them this device can show a server that has lost them that another
 * device's changes are that device's.
 */
gboolean
galley_stream_keep_tips (GalleyWriter *writer,
                         const GalleyId *project,
                         const GalleySignedTip *tips,
                         guint n_tips,
                         GError **error)
{
  gint64 number = galley_journal_get_project (writer->journal, project, TRUE, error);
  g_autoptr (GArray) devices = g_array_new (FALSE, TRUE, sizeof (Kept));

  if (number == 0)
    return FALSE;
  for (guint i = 0; i < n_tips; i++)
    {
      gint64 device = galley_journal_get_device (writer->journal, &tips[i].link.ref.device, TRUE,
                                                 error);
      Kept *kept = NULL;

      for (guint k = 0; k < devices->len && kept == NULL; k++)
        if (g_array_index (devices, Kept, k).device == device)
          kept = &g_array_index (devices, Kept, k);
      if (kept == NULL && device != 0)
        {
          Kept fresh = { .device = device };

          if (!load_kept (writer, number, &fresh, error))
            return FALSE;
          g_array_append_val (devices, fresh);
          kept = &g_array_index (devices, Kept, devices->len - 1);
        }
      if (kept == NULL || !keep_tip (writer, number, kept, &tips[i], error))
        return FALSE;
    }

  return TRUE;
}

/* ── the server lost some ── */

/* What the server must be asked to have is noted before the places are forgotten: it had it once.
 */
static gboolean
note_loss (GalleyWriter *writer, gint64 project, GError **error)
{
  return galley_database_run (
             writer->db, error,
             "INSERT INTO loss SELECT ?1, ifnull ((SELECT max (c.seq) FROM change c"
             " JOIN device d ON d.number = c.device WHERE c.project = ?1 AND d.id = ?2"
             " AND c.position IS NOT NULL), 0) WHERE true ON CONFLICT DO UPDATE"
             " SET own_seq = max (own_seq, excluded.own_seq)",
             "in", project, &writer->device) &&
         galley_database_run (writer->db, error, "DELETE FROM upload WHERE project = ?1", "i",
                              project);
}

/* A change that waits for another has its place only with it. */
static gboolean
forget_places (GalleyWriter *writer, gint64 project, guint64 after, GError **error)
{
  return galley_segment_table_unpack_after (galley_journal_get_segments (writer->journal), project,
                                            after, error) &&
         galley_database_run (writer->db, error,
                              "UPDATE change SET position = NULL WHERE project = ?1"
                              " AND position > ?2",
                              "ii", project, (gint64)after) &&
         galley_database_run (writer->db, error,
                              "UPDATE OR REPLACE waiting SET position = - position"
                              " WHERE project = ?1 AND position > ?2",
                              "ii", project, (gint64)after) &&
         galley_database_run (writer->db, error,
                              "DELETE FROM mark WHERE project = ?1 AND position > ?2", "ii",
                              project, (gint64)after) &&
         galley_arrival_forget (writer, project, after, error);
}

/**
 * galley_stream_begin_anew:
 * @after: up to where the stream is what this device has followed
 *
 * Places behind it mean nothing any more; which of contested values is in force is found anew.
 */
gboolean
galley_stream_begin_anew (GalleyWriter *writer, gint64 project, guint64 after, GError **error)
{
  writer->outbox_moved = writer->everything_moved = TRUE;
  return note_loss (writer, project, error) && forget_places (writer, project, after, error) &&
         galley_applier_settle_again (writer->applier, project, error);
}

/**
 * galley_stream_go_back:
 * @position: the last one up to which the server's stream is what this device has followed
 * @history_id: of the server's stream now
 *
 * On the writer thread. From here on the stream is followed anew, and everything that is here and
 * not in it is due to be sent again. Nothing leaves the journal.
 */
gboolean
galley_stream_go_back (GalleyWriter *writer,
                       const GalleyId *project,
                       guint64 position,
                       const char *history_id,
                       GError **error)
{
  gint64 number = galley_journal_get_project (writer->journal, project, TRUE, error);

  return number != 0 && galley_stream_begin_anew (writer, number, position, error) &&
         galley_database_run (writer->db, error,
                              "UPDATE project SET position = ?2, history = ?3 WHERE number = ?1",
                              "iis", number, (gint64)position, history_id);
}

/**
 * galley_stream_end_relay:
 *
 * On the writer thread. The server has everything that this device can give it.
 */
gboolean
galley_stream_end_relay (GalleyWriter *writer, const GalleyId *project, GError **error)
{
  writer->outbox_moved = TRUE;
  return galley_database_run (writer->db, error,
                              "DELETE FROM loss WHERE project ="
                              " (SELECT number FROM project WHERE id = ?1)",
                              "n", project);
}

/* ── places that were told and do not stand ── */

static GalleyRef
ref_of (const GalleyIncoming *incoming)
{
  const GalleyChangeHeader *header;

  if (incoming->change == NULL)
    return incoming->ref;
  header = galley_change_get_header (incoming->change);
  return (GalleyRef){ header->device, header->seq };
}

/* Both go up: @next is how far the changes have been looked at. */
static gboolean
is_at (const GalleyIncoming *changes,
       guint n_changes,
       guint *next,
       guint64 position,
       const GalleyRef *ref)
{
  GalleyRef there;

  while (*next < n_changes && (changes[*next].gap || changes[*next].position < position))
    (*next)++;
  if (*next == n_changes || changes[*next].position != position)
    return TRUE;

  there = ref_of (&changes[*next]);
  return galley_ref_equal (&there, ref);
}

/**
 * galley_stream_check_places:
 * @changes: (array length=n_changes): what the stream holds from @from on
 *
 * An own change may have got its place by the server's word before the stream came to it. When
 * another change stands there by now, the server has lost that word.
 */
gboolean
galley_stream_check_places (GalleyWriter *writer,
                            gint64 project,
                            guint64 from,
                            const GalleyIncoming *changes,
                            guint n_changes,
                            GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      writer->db, error,
      "SELECT c.position, d.id, c.seq FROM change c JOIN device d ON d.number = c.device"
      " WHERE c.project = ?1 AND c.position > ?2 ORDER BY c.position",
      "ii", project, (gint64)from);
  int stepped = query != NULL ? 1 : -1;
  gboolean stands = TRUE;
  guint next = 0;

  while (stepped > 0 && (stepped = galley_database_step (writer->db, query, error)) > 0)
    {
      GalleyRef ref = { .seq = sqlite3_column_int64 (query, 2) };

      galley_column_id (query, 1, &ref.device);
      stands = is_at (changes, n_changes, &next, sqlite3_column_int64 (query, 0), &ref);
      if (!stands || next == n_changes)
        {
          galley_database_done (query);
          stepped = 0;
        }
    }
  if (stepped < 0)
    return FALSE;

  return stands || galley_stream_begin_anew (writer, project, from, error);
}
