/* galley-quarantine.c: own changes that the server refused, and what their person does about them
 *
 * What is done is itself on record, and can be taken back; the change stays where it is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-quarantine"

#include "data/galley-quarantine.h"

#include "data/galley-reissue.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
galley_refused_free (GalleyRefused *refused)
{
  g_clear_pointer (&refused->change, galley_change_unref);
  g_free (refused->code);
  g_free (refused->message);
  g_free (refused->act);
  g_free (refused);
}

/* Of this workspace, under whatever name it was then; ?1 is the device that it is now. Crossed, so
 * that the few are looked up among the many. */
#define OWN                                                                                        \
  " FROM refusal r LEFT JOIN quarantine_act a ON a.id = (SELECT max (b.id) FROM quarantine_act b"  \
  "  WHERE b.project = r.project AND b.device = r.device AND b.seq = r.seq)"                       \
  " CROSS JOIN change c ON c.project = r.project AND c.device = r.device AND c.seq = r.seq"        \
  " JOIN project p ON p.number = r.project"                                                        \
  " WHERE (r.device = ?1 OR r.device IN (SELECT device FROM identity))"
#define OPEN " AND ifnull (a.act, 'restored') = 'restored'"

static GalleyRefused *
read_refused (sqlite3_stmt *row, GError **error)
{
  g_autoptr (GalleyRefused) refused = g_new0 (GalleyRefused, 1);
  g_autoptr (GBytes)
      bytes = g_bytes_new (sqlite3_column_blob (row, 1), sqlite3_column_bytes (row, 1));
  g_autofree char *message = NULL;
  const GalleyChangeHeader *header;

  galley_column_id (row, 0, &refused->project);
  refused->code = galley_column_text (row, 2);
  message = galley_column_text (row, 3);
  refused->message = g_strdup (galley_error_translate (message));
  refused->act = galley_column_text (row, 4);
  if (sqlite3_column_type (row, 5) != SQLITE_NULL)
    galley_column_id (row, 5, &refused->resent.device);
  refused->resent.seq = sqlite3_column_int64 (row, 6);
  refused->change = galley_change_new_from_bytes (bytes, error);
  if (refused->change == NULL)
    return NULL;

  header = galley_change_get_header (refused->change);
  refused->ref = (GalleyRef){ header->device, header->seq };
  return g_steal_pointer (&refused);
}

/**
 * galley_quarantine_list:
 * @all: also those that were sent again or discarded
 *
 * Returns: (transfer full) (element-type GalleyRefused): oldest first
 */
GPtrArray *
galley_quarantine_list (GalleyReader *reader, gboolean all, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_refused_free);
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT p.id, c.bytes, r.code, r.message, a.act,"
      " (SELECT d.id FROM device d WHERE d.number = a.new_device), ifnull (a.new_seq, 0)" OWN
      " AND (?2 OR ifnull (a.act, 'restored') = 'restored') ORDER BY c.lsn",
      "ii", galley_reader_get_own_device (reader), (gint64)all);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyRefused *refused = read_refused (query, error);

      if (refused == NULL)
        {
          galley_database_done (query);
          return NULL;
        }
      g_ptr_array_add (list, refused);
    }

  return stepped == 0 ? g_steal_pointer (&list) : NULL;
}

/**
 * galley_quarantine_count:
 * @project: (nullable): %NULL for all
 * @n_open: (out): how many nobody has done anything about
 */
gboolean
galley_quarantine_count (GalleyReader *reader,
                         const GalleyId *project,
                         guint64 *n_open,
                         GError **error)
{
  gint64 count = 0;

  if (!galley_database_get_int (galley_reader_get_db (reader), &count, error,
                                "SELECT count (*)" OWN OPEN " AND (?2 IS NULL OR p.id = ?2)", "ib",
                                galley_reader_get_own_device (reader), project,
                                project != NULL ? sizeof *project : (gsize)0))
    return FALSE;

  *n_open = count;
  return TRUE;
}

/* ── acts ── */

typedef struct
{
  gint64 project, device;
  GalleyJournalEntry entry; /* its change is owned */
  char *act;                /* (nullable) */
} Found;

static void
found_clear (Found *found)
{
  g_clear_pointer (&found->entry.change, galley_change_unref);
  g_free (found->act);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

static gboolean
find (GalleyWriter *writer,
      const GalleyId *project,
      const GalleyRef *ref,
      Found *found,
      GError **error)
{
  sqlite3_stmt *query;
  int stepped;

  if (!galley_journal_find_project (writer->journal, project, &found->project, error) ||
      !galley_journal_find_device (writer->journal, &ref->device, &found->device, error) ||
      !galley_journal_load (writer->journal, found->project, ref, &found->entry, error))
    return FALSE;
  if (found->entry.change == NULL || !found->entry.refused)
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                           _ ("The server has not refused this change."));
      return FALSE;
    }

  query = galley_database_query (writer->db, error,
                                 "SELECT act FROM quarantine_act WHERE project = ?1 AND device = ?2"
                                 " AND seq = ?3 ORDER BY id DESC LIMIT 1",
                                 "iii", found->project, found->device, (gint64)ref->seq);
  stepped = query != NULL ? galley_database_step (writer->db, query, error) : -1;
  if (stepped > 0)
    {
      found->act = galley_column_text (query, 0);
      galley_database_done (query);
    }

  return stepped >= 0;
}

static gboolean
add_act (GalleyWriter *writer,
         const Found *found,
         const GalleyRef *ref,
         const char *act,
         const GalleyRef *made,
         GError **error)
{
  gint64 device = 0;

  if (made != NULL &&
      (device = galley_journal_get_device (writer->journal, &made->device, TRUE, error)) == 0)
    return FALSE;

  writer->outbox_moved = TRUE;
  return galley_database_run (writer->db, error,
                              "INSERT INTO quarantine_act (project, device, seq, act, at_us,"
                              " new_device, new_seq)"
                              " VALUES (?1, ?2, ?3, ?4, ?5, NULLIF (?6, 0), NULLIF (?7, 0))",
                              "iiisiii", found->project, found->device, (gint64)ref->seq, act,
                              galley_world_now_us (writer->world), device,
                              made != NULL ? (gint64)made->seq : 0);
}

/* What was sent again before stands for what it was: another that had built on it now builds on
 * that. */
static gboolean
load_map (GalleyWriter *writer, gint64 project, GHashTable *map, GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      writer->db, error,
      "SELECT d.id, a.seq, n.id, a.new_seq FROM quarantine_act a JOIN device d ON d.number ="
      " a.device JOIN device n ON n.number = a.new_device WHERE a.project = ?1"
      " AND a.act = 'resent' ORDER BY a.id",
      "i", project);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (writer->db, query, error)) > 0)
    {
      GalleyRef *from = g_new0 (GalleyRef, 1), *to = g_new0 (GalleyRef, 1);

      galley_column_id (query, 0, &from->device);
      from->seq = sqlite3_column_int64 (query, 1);
      galley_column_id (query, 2, &to->device);
      to->seq = sqlite3_column_int64 (query, 3);
      g_hash_table_replace (map, from, to);
    }

  return stepped == 0;
}

/**
 * galley_quarantine_resend:
 * @made: (out): the change that it is now
 * @error: %GALLEY_DATA_ERROR_NOT_FOUND when it is not a refused one, or was sent again before
 *
 * The same edits once more, as a new change that had seen what the refused one had seen: what came
 * since stays beside it, for somebody to choose.
 */
gboolean
galley_quarantine_resend (GalleyWriter *writer,
                          const GalleyId *project,
                          const GalleyRef *ref,
                          GalleyRef *made,
                          GError **error)
{
  g_autoptr (GHashTable) map = galley_reissue_new_map ();
  g_auto (Found) found = { 0 };
  GalleyReissue reissue = { .writer = writer, .map = map, .why = "resends", .anew = TRUE };

  if (!find (writer, project, ref, &found, error))
    return FALSE;
  if (g_strcmp0 (found.act, "resent") == 0)
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                           _ ("This change was sent again before. Nothing was done."));
      return FALSE;
    }

  reissue.project = found.project;
  return load_map (writer, found.project, map, error) &&
         galley_reissue_change (&reissue, found.entry.change, made, error) &&
         add_act (writer, &found, ref, "resent", made, error);
}

/**
 * galley_quarantine_discard:
 * @discard: %FALSE takes it back
 *
 * Puts a refused change away for good. The journal keeps it, and that it was discarded.
 */
gboolean
galley_quarantine_discard (GalleyWriter *writer,
                           const GalleyId *project,
                           const GalleyRef *ref,
                           gboolean discard,
                           GError **error)
{
  g_auto (Found) found = { 0 };
  gboolean discarded;

  if (!find (writer, project, ref, &found, error))
    return FALSE;

  discarded = g_strcmp0 (found.act, "discarded") == 0;
  if (discarded == discard)
    return TRUE;
  if (g_strcmp0 (found.act, "resent") == 0)
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                           _ ("This change was sent again before. Nothing was done."));
      return FALSE;
    }

  return add_act (writer, &found, ref, discard ? "discarded" : "restored", NULL, error);
}

/**
 * galley_quarantine_adopt:
 * @change: somebody's refused change, as they exported it
 * @made: (out): the change that it is now
 *
 * Makes it under the name of the one who works here; whose it was stands in it.
 */
gboolean
galley_quarantine_adopt (GalleyWriter *writer,
                         GalleyChange *change,
                         GalleyRef *made,
                         GError **error)
{
  g_autoptr (GHashTable) map = galley_reissue_new_map ();
  GalleyReissue reissue = { .writer = writer, .map = map, .why = "adopts", .anew = TRUE };
  char text[GALLEY_ID_TEXT_SIZE];

  if (!galley_journal_find_project (writer->journal, &galley_change_get_header (change)->project,
                                    &reissue.project, error))
    return FALSE;
  if (reissue.project == 0)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                   _ ("There is no project with the id %s."),
                   galley_id_print (&galley_change_get_header (change)->project, text));
      return FALSE;
    }

  return galley_reissue_change (&reissue, change, made, error);
}
