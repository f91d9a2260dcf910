/* galley-identity.c: which device this workspace is, and how it becomes another one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-identity"

#include "data/galley-identity.h"

#include "data/galley-reissue.h"
#include "data/galley-sabotage.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>

/* What one question to the server may hold. */
#define MAX_UNSENT "5000"

/**
 * galley_identity_is_settled:
 *
 * Returns: whether this device may send under its name: the server has no other changes under it,
 *   and the account's token is its own
 */
gboolean
galley_identity_is_settled (GalleyReader *reader)
{
  g_autofree char *forked = galley_directory_get (reader, GALLEY_SETTING_FORKED);
  g_autofree char *token_device = galley_directory_get (reader, GALLEY_SETTING_TOKEN_DEVICE);
  g_autofree char *device = galley_directory_get (reader, "device");

  return (forked == NULL || GALLEY_SABOTAGED (CLONE_KEEPS_NAME)) &&
         (token_device == NULL || g_strcmp0 (token_device, device) == 0);
}

/**
 * galley_identity_list_unsent:
 *
 * Returns: (transfer full) (element-type GalleyChainLink): this device's changes that the server
 *   has not answered, in order; the first few thousand
 */
GArray *
galley_identity_list_unsent (GalleyReader *reader, const GalleyId *project, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GArray) links = g_array_new (FALSE, TRUE, sizeof (GalleyChainLink));
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT c.bytes FROM change c JOIN project p ON p.number = c.project WHERE p.id = ?1"
      " AND c.device = ?2 AND c.position IS NULL AND NOT EXISTS (SELECT 1 FROM refusal r"
      " WHERE r.project = c.project AND r.device = c.device AND r.seq = c.seq)"
      " ORDER BY c.seq LIMIT " MAX_UNSENT,
      "ni", project, galley_reader_get_own_device (reader));
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      g_autoptr (GBytes)
          bytes = g_bytes_new (sqlite3_column_blob (query, 0), sqlite3_column_bytes (query, 0));
      g_autoptr (GalleyChange) change = galley_change_new_from_bytes (bytes, error);
      GalleyChainLink link;

      if (change == NULL)
        {
          galley_database_done (query);
          return NULL;
        }
      link.ref = (GalleyRef){ galley_change_get_header (change)->device,
                              galley_change_get_header (change)->seq };
      link.hash = *galley_change_get_hash (change);
      g_array_append_val (links, link);
    }

  return stepped == 0 ? g_steal_pointer (&links) : NULL;
}

/* ── becoming another device ── */

/* A device's changes in one project that are made once more under the new name. */
typedef struct
{
  GalleyWriter *writer;
  const GalleyId *old;
  gint64 project, old_device;
  guint64 kept; /* the last one that stays where it is */
  GPtrArray *changes;
} Leaving;

static gboolean
list_leaving (Leaving *leaving, GError **error)
{
  sqlite3_stmt *query =
      galley_database_query (leaving->writer->db, error,
                             "SELECT bytes FROM change WHERE project = ?1 AND device = ?2"
                             " AND seq > ?3 ORDER BY seq",
                             "iii", leaving->project, leaving->old_device, (gint64)leaving->kept);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (leaving->writer->db, query, error)) > 0)
    {
      g_autoptr (GBytes)
          bytes = g_bytes_new (sqlite3_column_blob (query, 0), sqlite3_column_bytes (query, 0));
      GalleyChange *change = galley_change_new_from_bytes (bytes, error);

      if (change == NULL)
        {
          galley_database_done (query);
          return FALSE;
        }
      g_ptr_array_add (leaving->changes, change);
    }

  return stepped == 0;
}

/* Their values leave the derived tables as those of refused changes do, the last one first. */
static gboolean
withdraw_all (Leaving *leaving, GError **error)
{
  if (!galley_database_run (leaving->writer->db, error,
                            "INSERT OR IGNORE INTO refusal SELECT project, device, seq, 'leaving',"
                            " '' FROM change WHERE project = ?1 AND device = ?2 AND seq > ?3",
                            "iii", leaving->project, leaving->old_device, (gint64)leaving->kept))
    return FALSE;

  for (guint i = leaving->changes->len; i > 0; i--)
    if (!galley_applier_withdraw (leaving->writer->applier, leaving->project,
                                  leaving->changes->pdata[i - 1], error))
      return FALSE;

  return TRUE;
}

/* The bytes are kept before the rows may go. */
static gboolean
put_aside (Leaving *leaving, guint64 new_seq, GError **error)
{
  GalleyWriter *writer = leaving->writer;
  gint64 new_device = galley_journal_get_device (writer->journal, &writer->device, TRUE, error);
  gint64 at_us = galley_world_now_us (writer->world);
  GalleyRef last = { *leaving->old, leaving->kept };

  return new_device != 0 &&
         galley_database_run (writer->db, error,
                              "INSERT INTO aside (project, device, seq, at_us, new_device, new_seq,"
                              " bytes) SELECT project, device, seq, ?4, ?5, ?6 + seq - ?3, bytes"
                              " FROM change WHERE project = ?1 AND device = ?2 AND seq > ?3",
                              "iiiiii", leaving->project, leaving->old_device,
                              (gint64)leaving->kept, at_us, new_device, (gint64)new_seq) &&
         galley_database_run (writer->db, error,
                              "DELETE FROM change WHERE project = ?1 AND device = ?2 AND seq > ?3",
                              "iii", leaving->project, leaving->old_device,
                              (gint64)leaving->kept) &&
         galley_database_run (writer->db, error,
                              "DELETE FROM refusal WHERE project = ?1 AND device = ?2 AND seq > ?3",
                              "iii", leaving->project, leaving->old_device,
                              (gint64)leaving->kept) &&
         galley_journal_cut (writer->journal, leaving->project, &last, error);
}

static gboolean
make_again (Leaving *leaving, GError **error)
{
  g_autoptr (GHashTable) map = galley_reissue_new_map ();
  GalleyReissue reissue = {
    .writer = leaving->writer,
    .project = leaving->project,
    .map = map,
    .why = "reissues",
  };

  for (guint i = 0; i + GALLEY_SABOTAGED (RENEWAL_DROPS) < leaving->changes->len; i++)
    {
      GalleyRef made;

      if (!galley_reissue_change (&reissue, leaving->changes->pdata[i], &made, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
leave_project (Leaving *leaving, GError **error)
{
  GalleyWriter *writer = leaving->writer;
  gint64 device = galley_journal_get_device (writer->journal, &writer->device, TRUE, error);
  GalleyTip tip;

  return device != 0 &&
         galley_journal_get_tip (writer->journal, leaving->project, device, &tip, error) &&
         list_leaving (leaving, error) && withdraw_all (leaving, error) &&
         put_aside (leaving, tip.seq, error) && make_again (leaving, error);
}

typedef struct
{
  gint64 number;
  GalleyId id;
  guint64 answered;
} Unsent;

/* What the server has accepted or refused stays where it is, under the old name. */
static GArray *
list_projects (GalleyWriter *writer, gint64 device, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Unsent));
  sqlite3_stmt *query = galley_database_query (
      writer->db, error,
      "SELECT p.number, p.id, min (c.seq) - 1 FROM change c JOIN project p ON p.number = c.project"
      " WHERE c.device = ?1 AND c.position IS NULL AND NOT EXISTS (SELECT 1 FROM refusal r"
      " WHERE r.project = c.project AND r.device = c.device AND r.seq = c.seq) GROUP BY p.number",
      "i", device);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (writer->db, query, error)) > 0)
    {
      Unsent unsent = { .number = sqlite3_column_int64 (query, 0),
                        .answered = sqlite3_column_int64 (query, 2) };

      galley_column_id (query, 1, &unsent.id);
      g_array_append_val (list, unsent);
    }

  return stepped == 0 ? g_steal_pointer (&list) : NULL;
}

static guint64
get_kept (const Unsent *unsent, const GalleyKeptChain *kept, guint n_kept)
{
  for (guint i = 0; i < n_kept; i++)
    if (galley_id_equal (&kept[i].project, &unsent->id))
      return MAX (unsent->answered, kept[i].seq);

  return unsent->answered;
}

static gboolean
note_identity (GalleyWriter *writer, const GalleyId *old, gint64 old_device, GError **error)
{
  char text[GALLEY_ID_TEXT_SIZE], old_text[GALLEY_ID_TEXT_SIZE];

  return galley_database_run (writer->db, error, "INSERT OR REPLACE INTO identity VALUES (?1, ?2)",
                              "ii", old_device, galley_world_now_us (writer->world)) &&
         galley_directory_set (writer, "device", galley_id_print (&writer->device, text), error) &&
         galley_directory_set (writer, GALLEY_SETTING_FORKED, NULL, error) &&
         galley_database_run (writer->db, error,
                              "INSERT OR IGNORE INTO setting VALUES ('" GALLEY_SETTING_TOKEN_DEVICE
                              "', ?1)",
                              "s", galley_id_print (old, old_text));
}

/**
 * galley_identity_take_over:
 * @old: the device that this database was until now; the writer is the new one already
 * @kept: (array length=n_kept): up to which change the server has the old device's chain as it is
 *   here, where that is known
 * @n_moved: (out): how many changes were made once more
 *
 * On the writer thread. Everything that the server has answered stays as it is; what it has not is
 * made once more as this device's. The bytes of what leaves the journal are kept in "aside".
 */
gboolean
galley_identity_take_over (GalleyWriter *writer,
                           const GalleyId *old,
                           const GalleyKeptChain *kept,
                           guint n_kept,
                           guint64 *n_moved,
                           GError **error)
{
  gint64 old_device = galley_journal_get_device (writer->journal, old, TRUE, error);
  g_autoptr (GArray) projects = NULL;

  *n_moved = 0;
  if (old_device == 0 || (projects = list_projects (writer, old_device, error)) == NULL ||
      !note_identity (writer, old, old_device, error))
    return FALSE;

  writer->everything_moved = writer->outbox_moved = TRUE;
  for (guint i = 0; i < projects->len; i++)
    {
      const Unsent *unsent = &g_array_index (projects, Unsent, i);
      g_autoptr (GPtrArray)
          changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
      Leaving leaving = { writer, old, unsent->number, old_device, get_kept (unsent, kept, n_kept),
                          changes };

      if (!leave_project (&leaving, error))
        return FALSE;
      *n_moved += changes->len;
    }

  return TRUE;
}

/**
 * galley_identity_renew:
 *
 * On the writer thread. The workspace goes on as a new device, with a key of its own: the server
 * has other changes under the old name. As galley_identity_take_over().
 */
gboolean
galley_identity_renew (GalleyWriter *writer,
                       const GalleyKeptChain *kept,
                       guint n_kept,
                       guint64 *n_moved,
                       GError **error)
{
  GalleyId old = writer->device;

  return galley_store_next_key (writer, error) &&
         galley_identity_take_over (writer, &old, kept, n_kept, n_moved, error);
}
