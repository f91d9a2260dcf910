/* galley-outbox.c: what waits to be sent, and what comes in, as the sync service asks for it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-outbox"

#include "data/galley-outbox.h"

#include "data/galley-arrival.h"
#include "data/galley-quarantine.h"
#include "data/galley-sabotage.h"
#include "data/galley-store-private.h"
#include "data/galley-stream-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* ── what comes in ── */

/* Whether all that @change stands on is here: its device's previous change, and what it supersedes.
 */
static gboolean
is_ready (GalleyWriter *writer,
          gint64 project,
          gint64 device,
          GalleyChange *change,
          gboolean *ready,
          GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  GalleyTip tip;

  if (!galley_journal_get_tip (writer->journal, project, device, &tip, error))
    return FALSE;

  *ready = header->seq <= tip.seq + 1;
  for (guint i = 0; *ready && i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);

      for (guint s = 0; *ready && s < edit->n_supersedes; s++)
        {
          const GalleyRef *ref = &edit->supersedes[s];
          gint64 other;

          if (!galley_journal_find_device (writer->journal, &ref->device, &other, error))
            return FALSE;
          if (other == 0)
            {
              *ready = FALSE;
              break;
            }
          if (!galley_journal_get_tip (writer->journal, project, other, &tip, error))
            return FALSE;
          /* A number is known when it is not beyond the last one: a device's changes are dense. */
          *ready = ref->seq <= tip.seq;
        }
    }

  return TRUE;
}

/* @position: 0: none is known, and what is known stays */
static gboolean
set_position (
    GalleyWriter *writer, gint64 project, const GalleyRef *ref, guint64 position, GError **error)
{
  GalleyJournalEntry entry;
  gint64 device;
  gboolean placed;

  if (position == 0)
    return TRUE;
  if (!galley_journal_find_device (writer->journal, &ref->device, &device, error))
    return FALSE;
  if (device == 0)
    return TRUE;
  if (!galley_database_run (writer->db, error,
                            "UPDATE change SET position = ?4 WHERE project = ?1 AND device = ?2"
                            " AND seq = ?3 AND position IS NULL",
                            "iiii", project, device, (gint64)ref->seq, (gint64)position))
    return FALSE;
  if (galley_database_changes (writer->db) == 0)
    return TRUE;

  writer->outbox_moved = TRUE;
  if (!galley_journal_load (writer->journal, project, ref, &entry, error))
    return FALSE;
  placed = entry.change == NULL ||
           galley_applier_place (writer->applier, project, entry.change, error);
  g_clear_pointer (&entry.change, galley_change_unref);
  return placed;
}

/* Of the own device that is a reason to become another one; of another device, it is for whoever
 * runs that to sort out. */
static gboolean
set_forked (GalleyWriter *writer, const GalleyId *device, GError **error)
{
  gboolean own = galley_id_equal (device, &writer->device);

  g_set_error_literal (error, GALLEY_DATA_ERROR,
                       own ? GALLEY_DATA_ERROR_FORK : GALLEY_DATA_ERROR_INVALID,
                       own ? _ ("The server has other changes under the name of this computer: it "
                                "was copied, or restored from a backup. Nothing was applied.")
                           : _ ("The server has another change under a number that is known here. "
                                "Nothing was applied; ask who runs the server."));
  return FALSE;
}

/* A change that is here already: the same one, or the chain has forked. */
static gboolean
check_known (
    GalleyWriter *writer, gint64 project, GalleyChange *change, guint64 position, GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  GalleyRef ref = { header->device, header->seq };
  GalleyJournalEntry entry;
  gboolean same;

  if (!galley_journal_load (writer->journal, project, &ref, &entry, error))
    return FALSE;

  same = entry.change == NULL ||
         galley_hash_equal (galley_change_get_hash (entry.change), galley_change_get_hash (change));
  g_clear_pointer (&entry.change, galley_change_unref);
  if (!same)
    {
      return set_forked (writer, &header->device, error);
    }

  return set_position (writer, project, &ref, position, error);
}

static gboolean
park (GalleyWriter *writer, gint64 project, GalleyChange *change, guint64 position, GError **error)
{
  gsize bytes;
  gconstpointer data = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

  return galley_database_run (writer->db, error,
                              "INSERT OR IGNORE INTO waiting VALUES (?1, ?2, ?3)", "iib", project,
                              (gint64)position, data, bytes);
}

static gboolean
receive_change (GalleyWriter *writer,
                gint64 project,
                GalleyChange *change,
                guint64 position,
                gboolean *applied,
                GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  gint64 device = galley_journal_get_device (writer->journal, &header->device, TRUE, error);
  GalleyTip tip;
  gboolean ready;
  gint64 lsn;

  *applied = FALSE;
  if (device == 0 || !galley_journal_get_tip (writer->journal, project, device, &tip, error))
    return FALSE;
  if (header->seq <= tip.seq)
    {
      *applied = TRUE;
      return check_known (writer, project, change, position, error);
    }
  if (header->seq == tip.seq + 1 && !galley_hash_equal (&header->previous, &tip.hash))
    return set_forked (writer, &header->device, error);
  if (!is_ready (writer, project, device, change, &ready, error))
    return FALSE;
  if (!ready)
    return TRUE;

  galley_writer_saw_time (writer, header->hlc);
  *applied = TRUE;
  return galley_journal_append (writer->journal, project, device, change, position, &lsn, error) &&
         galley_applier_apply (writer->applier, project, change, error);
}

typedef struct
{
  guint64 position;
  GalleyChange *change;
} Parked;

static void
clear_parked (gpointer parked)
{
  g_clear_pointer (&((Parked *)parked)->change, galley_change_unref);
}

static GArray *
list_parked (GalleyWriter *writer, gint64 project, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, TRUE, sizeof (Parked));
  sqlite3_stmt *query = galley_database_query (writer->db, error,
                                               "SELECT position, bytes FROM waiting WHERE project "
                                               "= ?1 ORDER BY position",
                                               "i", project);
  int stepped = query != NULL ? 1 : -1;

  g_array_set_clear_func (list, clear_parked);
  while (stepped > 0 && (stepped = galley_database_step (writer->db, query, error)) > 0)
    {
      g_autoptr (GBytes)
          bytes = g_bytes_new (sqlite3_column_blob (query, 1), sqlite3_column_bytes (query, 1));
      Parked parked = { sqlite3_column_int64 (query, 0),
                        galley_change_new_from_bytes (bytes, error) };

      if (parked.change == NULL)
        {
          galley_database_done (query);
          return NULL;
        }
      g_array_append_val (list, parked);
    }

  return stepped == 0 ? g_steal_pointer (&list) : NULL;
}

/* What waited for something that has come now; again and again while that frees more. */
static gboolean
release_parked (GalleyWriter *writer, gint64 project, GError **error)
{
  gboolean moved;

  do
    {
      g_autoptr (GArray) list = list_parked (writer, project, error);

      moved = FALSE;
      if (list == NULL)
        return FALSE;
      for (guint i = 0; i < list->len; i++)
        {
          const Parked *parked = &g_array_index (list, Parked, i);
          gboolean applied;

          /* Its place may have been forgotten since. */
          if (!receive_change (writer, project, parked->change,
                               (gint64)parked->position > 0 ? parked->position : 0, &applied,
                               error))
            return FALSE;
          if (applied && !galley_database_run (writer->db, error,
                                               "DELETE FROM waiting WHERE project = ?1"
                                               " AND position = ?2",
                                               "ii", project, (gint64)parked->position))
            return FALSE;
          moved |= applied;
        }
    }
  while (moved);

  return TRUE;
}

static gboolean settle_refused (GalleyWriter *writer,
                                gint64 project,
                                gint64 device,
                                const GalleyRef *ref,
                                const GalleyVerdict *verdict,
                                GError **error);

/* A change of another device that came by hand before the server had its say: now it has. */
static gboolean
withdraw_carried (
    GalleyWriter *writer, gint64 project, gint64 device, const GalleyRef *ref, GError **error)
{
  const GalleyVerdict verdict = { 0 };
  gint64 unplaced = 0;

  if (!galley_database_get_int (writer->db, &unplaced, error,
                                "SELECT EXISTS (SELECT 1 FROM change WHERE project = ?1"
                                " AND device = ?2 AND seq = ?3 AND position IS NULL)",
                                "iii", project, device, (gint64)ref->seq))
    return FALSE;

  return !unplaced || settle_refused (writer, project, device, ref, &verdict, error);
}

static gboolean
receive_gap (GalleyWriter *writer, gint64 project, const GalleyIncoming *incoming, GError **error)
{
  gint64 device = galley_journal_get_device (writer->journal, &incoming->ref.device, TRUE, error);
  GalleyTip tip;

  if (device == 0 || !galley_journal_get_tip (writer->journal, project, device, &tip, error))
    return FALSE;
  if (incoming->ref.seq <= tip.seq && !galley_id_equal (&incoming->ref.device, &writer->device))
    return withdraw_carried (writer, project, device, &incoming->ref, error);

  return galley_journal_append_gap (writer->journal, project, device, incoming->ref.seq,
                                    &incoming->hash, error);
}

static gboolean
receive_one (GalleyWriter *writer,
             const GalleyId *project_id,
             gint64 project,
             const GalleyIncoming *incoming,
             gboolean *parked,
             GError **error)
{
  gboolean applied;

  if (incoming->gap)
    return receive_gap (writer, project, incoming, error);
  if (incoming->change == NULL)
    return set_position (writer, project, &incoming->ref, incoming->position, error);

  if (!galley_id_equal (&galley_change_get_header (incoming->change)->project, project_id))
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                   _ ("The server sent a change of another project. Nothing was applied."));
      return FALSE;
    }
  if (!receive_change (writer, project, incoming->change, incoming->position, &applied, error))
    return FALSE;
  if (applied)
    return TRUE;

  *parked = TRUE;
  return park (writer, project, incoming->change, incoming->position, error);
}

/* A stream under another name was restored from a backup. This device has shown that it is the same
 * up to its own position; what it knows to be behind that may be lost. */
static gboolean
begin_receive (GalleyWriter *writer,
               gint64 project,
               const GalleyIncoming *changes,
               guint n_changes,
               const char *history_id,
               gint64 *from,
               GError **error)
{
  gint64 renamed = 0;

  if (!galley_database_get_int (writer->db, from, error,
                                "SELECT position FROM project WHERE number = ?1", "i", project) ||
      !galley_database_get_int (writer->db, &renamed, error,
                                "SELECT history <> ?2 FROM project WHERE number = ?1", "is",
                                project, history_id))
    return FALSE;
  if (renamed)
    return galley_stream_begin_anew (writer, project, *from, error);

  return galley_stream_check_places (writer, project, *from, changes, n_changes, error);
}

/**
 * galley_outbox_receive:
 * @changes: (array length=n_changes): in the order of the stream
 * @history_id: (nullable): of the server's stream
 * @position: up to where the stream has been received with these
 * @error: %GALLEY_DATA_ERROR_INVALID or _FORK when a change is not what it must be
 *
 * On the writer thread. All of them and the position go in with one transaction, or nothing does.
 * Repeating it is harmless. A change that stands on one that is not here waits for it.
 */
gboolean
galley_outbox_receive (GalleyWriter *writer,
                       const GalleyId *project,
                       const GalleyIncoming *changes,
                       guint n_changes,
                       const char *history_id,
                       guint64 position,
                       GError **error)
{
  gint64 number = galley_journal_get_project (writer->journal, project, TRUE, error);
  gint64 any_parked = 0, from = 0;
  gboolean parked = FALSE;

  if (number == 0 ||
      !begin_receive (writer, number, changes, n_changes, history_id, &from, error) ||
      !galley_database_get_int (writer->db, &any_parked, error,
                                "SELECT EXISTS (SELECT 1 FROM waiting WHERE project = ?1)", "i",
                                number))
    return FALSE;

  for (guint i = 0; i < n_changes; i++)
    if (!receive_one (writer, project, number, &changes[i], &parked, error))
      return FALSE;

  writer->outbox_moved = TRUE;
  return ((!parked && !any_parked) || release_parked (writer, number, error)) &&
         galley_stream_roll (writer, number, from, changes, n_changes, position, error) &&
         galley_arrival_note (writer, number, position, error) &&
         galley_database_run (writer->db, error,
                              "UPDATE project SET position = ?2, history = coalesce (?3, history),"
                              " shared = 1 WHERE number = ?1",
                              "iis", number, (gint64)position, history_id);
}

/* ── what comes by hand ── */

static gboolean
take_link (GalleyWriter *writer,
           gint64 project,
           const GalleyIncoming *incoming,
           guint64 *n_new,
           GError **error)
{
  gint64 device = galley_journal_get_device (writer->journal, &incoming->ref.device, TRUE, error);
  gboolean applied;
  GalleyTip tip;

  if (device == 0 || !galley_journal_get_tip (writer->journal, project, device, &tip, error))
    return FALSE;
  /* Whether it was refused is the server's word; that it came by hand makes nothing undone. */
  if (incoming->gap)
    return incoming->ref.seq <= tip.seq ||
           galley_journal_append_gap (writer->journal, project, device, incoming->ref.seq,
                                      &incoming->hash, error);

  if (!receive_change (writer, project, incoming->change, 0, &applied, error))
    return FALSE;
  if (!applied)
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                           _ ("A change stands on another one that is not here. Nothing more of "
                              "the bundle was used; ask for one that holds everything."));
      return FALSE;
    }

  *n_new += incoming->ref.seq > tip.seq;
  return TRUE;
}

/**
 * galley_outbox_take_carried:
 * @changes: (array length=n_changes): verified, in an order that holds; without positions
 * @n_new: (inout): raised by how many of the changes were not here
 * @error: %GALLEY_DATA_ERROR_INVALID or _FORK when a change is not what it must be
 *
 * On the writer thread. What another device has made and no server has placed yet, by the same way
 * as what a server sends. Repeating it is harmless.
 */
gboolean
galley_outbox_take_carried (GalleyWriter *writer,
                            const GalleyId *project,
                            const GalleyIncoming *changes,
                            guint n_changes,
                            guint64 *n_new,
                            GError **error)
{
  gint64 number = galley_journal_get_project (writer->journal, project, TRUE, error);
  gint64 any_parked = 0;

  if (number == 0 ||
      !galley_database_get_int (writer->db, &any_parked, error,
                                "SELECT EXISTS (SELECT 1 FROM waiting WHERE project = ?1)", "i",
                                number))
    return FALSE;

  for (guint i = 0; i < n_changes; i++)
    if (!take_link (writer, number, &changes[i], n_new, error))
      return FALSE;

  writer->outbox_moved = TRUE;
  return !any_parked || release_parked (writer, number, error);
}

/* ── what the server said of changes ── */

static gboolean
settle_refused (GalleyWriter *writer,
                gint64 project,
                gint64 device,
                const GalleyRef *ref,
                const GalleyVerdict *verdict,
                GError **error)
{
  GalleyJournalEntry entry;
  gboolean settled;

  if (!galley_database_run (writer->db, error,
                            "INSERT OR IGNORE INTO refusal VALUES (?1, ?2, ?3, ?4, ?5)", "iiiss",
                            project, device, (gint64)ref->seq,
                            verdict->code != NULL ? verdict->code : "refused",
                            verdict->message != NULL ? verdict->message : ""))
    return FALSE;
  if (galley_database_changes (writer->db) == 0)
    return TRUE;

  if (!galley_journal_load (writer->journal, project, ref, &entry, error))
    return FALSE;
  settled = entry.change == NULL || GALLEY_SABOTAGED (REFUSED_STAYS) ||
            galley_applier_withdraw (writer->applier, project, entry.change, error);
  g_clear_pointer (&entry.change, galley_change_unref);
  return settled;
}

/**
 * galley_outbox_settle:
 *
 * On the writer thread. Accepted changes get their place; refused ones leave the shared state and
 * wait, with the reason, for the person who made them.
 */
gboolean
galley_outbox_settle (GalleyWriter *writer,
                      const GalleyId *project,
                      const GalleyVerdict *verdicts,
                      guint n_verdicts,
                      GError **error)
{
  gint64 number, device;
  guint64 newest = 0;

  if (!galley_journal_find_project (writer->journal, project, &number, error))
    return FALSE;
  if (number == 0)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                   _ ("The server speaks of a project that is not on this computer."));
      return FALSE;
    }

  writer->outbox_moved = TRUE;
  for (guint i = 0; i < n_verdicts; i++)
    {
      const GalleyId *of = galley_id_is_nil (&verdicts[i].device) ? &writer->device
                                                                  : &verdicts[i].device;

      device = galley_journal_get_device (writer->journal, of, TRUE, error);
      if (device == 0)
        return FALSE;
      for (guint64 k = 0; k < verdicts[i].count; k++)
        {
          GalleyRef ref = { *of, verdicts[i].first_seq + k };

          if (verdicts[i].position == 0
                  ? !settle_refused (writer, number, device, &ref, &verdicts[i], error)
                  : !set_position (writer, number, &ref, verdicts[i].position + k, error))
            return FALSE;
        }
      if (verdicts[i].position != 0)
        newest = MAX (newest, verdicts[i].position + verdicts[i].count - 1);
    }

  return newest == 0 || galley_arrival_note (writer, number, newest, error);
}

/* ── what waits ── */

#define NOT_REFUSED                                                                                \
  "NOT EXISTS (SELECT 1 FROM refusal r WHERE r.project = c.project"                                \
  "  AND r.device = c.device AND r.seq = c.seq)"
#define UNSENT                                                                                     \
  " FROM change c WHERE c.project = ?1 AND c.device = ?2 AND c.position IS NULL AND " NOT_REFUSED

/**
 * galley_outbox_get_state:
 * @state: (out caller-allocates): clear it with galley_outbox_state_clear()
 */
gboolean
galley_outbox_get_state (GalleyReader *reader,
                         const GalleyId *project,
                         GalleyOutboxState *state,
                         GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  gint64 device = galley_reader_get_own_device (reader), number = 0, own_seq = 0;
  gint64 first_unsent = 0, furthest = 0, carried = 0;
  sqlite3_stmt *query =
      galley_database_query (db, error,
                             "SELECT number, position, history, shared, ifnull ((SELECT 1 +"
                             " own_seq FROM loss WHERE project = number), 0) FROM project"
                             " WHERE id = ?1",
                             "n", project);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;

  memset (state, 0, sizeof *state);
  state->project = *project;
  if (stepped <= 0)
    return stepped == 0;

  number = sqlite3_column_int64 (query, 0);
  state->position = sqlite3_column_int64 (query, 1);
  state->history_id = galley_column_text (query, 2);
  state->shared = sqlite3_column_int (query, 3);
  state->lost = sqlite3_column_int64 (query, 4);
  galley_database_done (query);

  query = galley_database_query (db, error,
                                 "SELECT count (*), ifnull (sum (length (c.bytes)), 0),"
                                 " ifnull (min (c.seq), 0)" UNSENT,
                                 "ii", number, device);
  if (query == NULL || galley_database_step (db, query, error) <= 0)
    return FALSE;
  state->unsent = sqlite3_column_int64 (query, 0);
  state->unsent_bytes = sqlite3_column_int64 (query, 1);
  first_unsent = sqlite3_column_int64 (query, 2);
  galley_database_done (query);

  if (!galley_quarantine_count (reader, project, &state->refused, error) ||
      !galley_database_get_int (db, &carried, error,
                                "SELECT count (*) FROM change c WHERE c.project = ?1"
                                " AND c.device <> ?2 AND c.position IS NULL AND " NOT_REFUSED,
                                "ii", number, device) ||
      !galley_database_get_int (db, &own_seq, error,
                                "SELECT seq FROM tip WHERE project = ?1 AND device = ?2", "ii",
                                number, device) ||
      !galley_database_get_int (db, &furthest, error,
                                "SELECT ifnull (max (position), 0) FROM change WHERE project = ?1"
                                " AND position IS NOT NULL",
                                "i", number) ||
      !galley_stream_read_mark (db, number, state->position, &state->rolling, &state->rolled,
                                error))
    return FALSE;
  state->own_seq = own_seq;
  state->answered = first_unsent != 0 ? first_unsent - 1 : own_seq;
  state->furthest = furthest;
  state->carried = carried;
  return TRUE;
}

void
galley_outbox_state_clear (GalleyOutboxState *state)
{
  g_clear_pointer (&state->history_id, g_free);
}

/**
 * galley_outbox_next:
 * @max_changes: at least 1
 * @max_bytes: of all together, in bytes; the first is given even when it is larger
 *
 * Returns: (transfer full) (element-type GalleyChange): this device's next changes, in order
 */
GPtrArray *
galley_outbox_next (GalleyReader *reader,
                    const GalleyId *project,
                    guint max_changes,
                    gsize max_bytes,
                    GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GPtrArray)
      changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
  gint64 number = 0;
  gsize total = 0;
  sqlite3_stmt *query;
  int stepped;

  if (!galley_database_get_int (db, &number, error, "SELECT number FROM project WHERE id = ?1", "n",
                                project))
    return NULL;
  query = galley_database_query (db, error, "SELECT c.bytes" UNSENT " ORDER BY c.seq LIMIT ?3",
                                 "iii", number, galley_reader_get_own_device (reader),
                                 (gint64)max_changes);
  stepped = query != NULL ? 1 : -1;
  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      gsize size = sqlite3_column_bytes (query, 0);
      g_autoptr (GBytes) bytes = g_bytes_new (sqlite3_column_blob (query, 0), size);
      GalleyChange *change = NULL;

      if (changes->len == 0 || total + size <= max_bytes)
        {
          change = galley_change_new_from_bytes (bytes, error);
          stepped = change != NULL ? 1 : -1;
        }
      if (change == NULL)
        {
          galley_database_done (query);
          return stepped > 0 ? g_steal_pointer (&changes) : NULL;
        }
      total += size;
      g_ptr_array_add (changes, change);
    }

  return stepped == 0 ? g_steal_pointer (&changes) : NULL;
}

/* ── files ── */

void
galley_file_row_free (GalleyFileRow *row)
{
  g_free (row->name);
  g_free (row);
}

static GPtrArray *
read_files (GalleyReader *reader, sqlite3_stmt *query, GError **error)
{
  g_autoptr (GPtrArray)
      files = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_file_row_free);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 &&
         (stepped = galley_database_step (galley_reader_get_db (reader), query, error)) > 0)
    {
      GalleyFileRow *row = g_new0 (GalleyFileRow, 1);
      g_autoptr (GVariant) name = galley_value_from_bytes (sqlite3_column_blob (query, 6),
                                                           sqlite3_column_bytes (query, 6));

      galley_column_hash (query, 0, &row->hash);
      row->size_bytes = sqlite3_column_int64 (query, 1);
      galley_column_id (query, 2, &row->project);
      galley_column_id (query, 3, &row->item);
      row->here = sqlite3_column_int (query, 4);
      row->uploaded = sqlite3_column_int (query, 5);
      row->name = g_strdup (name != NULL && g_variant_is_of_type (name, G_VARIANT_TYPE_STRING)
                                ? g_variant_get_string (name, NULL)
                                : "");
      g_ptr_array_add (files, row);
    }

  return stepped == 0 ? g_steal_pointer (&files) : NULL;
}

#define FILE_COLUMNS                                                                               \
  "SELECT u.hash, u.size_bytes, p.id, i.id, ifnull (f.here, 0),"                                   \
  " EXISTS (SELECT 1 FROM upload x WHERE x.project = p.number AND x.hash = u.hash), h.value"       \
  " FROM derived_file_use u JOIN derived_entity v ON v.number = u.version"                         \
  " JOIN project p ON p.number = v.project JOIN derived_entity i ON i.number = v.owner"            \
  " LEFT JOIN file f ON f.hash = u.hash LEFT JOIN derived_head h ON h.entity = v.number"           \
  "  AND h.field = 3 AND h.element = ''"                                                           \
  " WHERE v.alive <> 0 AND p.id = ?1"

G_STATIC_ASSERT (GALLEY_VERSION_NAME == 3);

GPtrArray *
galley_outbox_files_to_upload (GalleyReader *reader, const GalleyId *project, GError **error)
{
  return read_files (reader,
                     galley_database_query (galley_reader_get_db (reader), error,
                                            FILE_COLUMNS
                                            " AND f.here = 1 AND NOT EXISTS (SELECT 1 FROM upload x"
                                            "  WHERE x.project = p.number AND x.hash = u.hash)"
                                            " AND ifnull (p.role, '') NOT IN ('none', 'guest')"
                                            " GROUP BY u.hash",
                                            "n", project),
                     error);
}

/* Those whose bytes are on this computer. */
GPtrArray *
galley_outbox_files_here (GalleyReader *reader, const GalleyId *project, GError **error)
{
  return read_files (reader,
                     galley_database_query (galley_reader_get_db (reader), error,
                                            FILE_COLUMNS " AND f.here = 1 GROUP BY u.hash", "n",
                                            project),
                     error);
}

GPtrArray *
galley_outbox_files_to_download (GalleyReader *reader, const GalleyId *project, GError **error)
{
  return read_files (reader,
                     galley_database_query (galley_reader_get_db (reader), error,
                                            FILE_COLUMNS " AND ifnull (f.here, 0) = 0"
                                                         " GROUP BY u.hash",
                                            "n", project),
                     error);
}

gboolean
galley_outbox_set_file_here (GalleyWriter *writer,
                             const GalleyHash *hash,
                             gboolean here,
                             GError **error)
{
  writer->outbox_moved = writer->everything_moved = TRUE;
  return galley_database_run (writer->db, error,
                              "INSERT INTO file (hash, here) VALUES (?1, ?2) ON CONFLICT DO UPDATE"
                              " SET here = excluded.here",
                              "hi", hash, (gint64)here);
}

gboolean
galley_outbox_set_file_uploaded (GalleyWriter *writer,
                                 const GalleyId *project,
                                 const GalleyHash *hash,
                                 gboolean uploaded,
                                 GError **error)
{
  gint64 number = galley_journal_get_project (writer->journal, project, TRUE, error);

  if (number == 0)
    return FALSE;

  writer->outbox_moved = TRUE;
  return galley_database_run (writer->db, error,
                              uploaded ? "INSERT OR IGNORE INTO upload VALUES (?1, ?2)"
                                       : "DELETE FROM upload WHERE project = ?1 AND hash = ?2",
                              "ih", number, hash);
}

gboolean
galley_outbox_set_shared (GalleyWriter *writer,
                          const GalleyId *project,
                          gboolean shared,
                          GError **error)
{
  if (galley_journal_get_project (writer->journal, project, TRUE, error) == 0)
    return FALSE;

  writer->outbox_moved = TRUE;
  return galley_database_run (writer->db, error, "UPDATE project SET shared = ?2 WHERE id = ?1",
                              "ni", project, (gint64)shared);
}

gboolean
galley_outbox_doubt_uploads (GalleyWriter *writer, gpointer data, GError **error)
{
  writer->outbox_moved = TRUE;
  if (!galley_database_exec (writer->db, "DELETE FROM upload", error))
    return FALSE;

  if (data != NULL)
    *(guint *)data = (guint)galley_database_changes (writer->db);
  return TRUE;
}
