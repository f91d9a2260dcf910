/* galley-replay.c: everything derived, made again from the journal, and compared
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-replay"

#include "data/galley-replay.h"

#include "data/galley-decision.h"
#include "data/galley-journal-cursor.h"
#include "data/galley-scratch.h"
#include "data/galley-store-private.h"
#include "data/galley-tables.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* How often progress is told and a wish to stop is heard, in changes. */
#define STEP 512

void
galley_replay_report_clear (GalleyReplayReport *report)
{
  g_clear_pointer (&report->difference, g_free);
}

static gboolean
count_changes (GalleyDatabase *db, gint64 project, gint64 *total, GError **error)
{
  return galley_database_get_int (
      db, total, error,
      "SELECT (SELECT count (*) FROM change WHERE ?1 = 0 OR project = ?1)"
      " + (SELECT ifnull (sum (n_changes), 0) FROM segment WHERE ?1 = 0 OR project = ?1)",
      "i", project);
}

static gboolean
apply_item (GalleyReplaying *replaying,
            GalleyApplier *applier,
            const GalleyJournalItem *item,
            GError **error)
{
  g_autoptr (GalleyChange) change = galley_journal_item_read (item, error);

  replaying->n_changes++;
  return change != NULL &&
         (item->role == GALLEY_SEGMENT_SNAPSHOT
              ? galley_applier_apply_marked (applier, item->project, item->record, change, error)
              : galley_applier_apply (applier, item->project, change, error)) &&
         !g_cancellable_set_error_if_cancelled (replaying->cancellable, error);
}

/* In the order in which this device came to know the changes. Refused ones are not part of the
 * shared state. */
static gboolean
apply_journal (GalleyReplaying *replaying,
               GalleyDatabase *from,
               gint64 project,
               GalleyApplier *applier,
               GError **error)
{
  g_autoptr (GalleySegmentTable) segments = galley_segment_table_new (from);
  g_autoptr (GalleyJournalCursor) cursor = NULL;
  GalleyJournalItem item;
  gint64 total = 0;
  int stepped;

  if (!count_changes (from, project, &total, error))
    return FALSE;
  cursor = galley_journal_cursor_new (from, segments, project, GALLEY_JOURNAL_REPLAY, 0, error);
  if (cursor == NULL)
    return FALSE;

  while ((stepped = galley_journal_cursor_next (cursor, &item, error)) > 0)
    {
      if (item.refused != NULL)
        continue;
      if (!apply_item (replaying, applier, &item, error))
        return FALSE;
      if (replaying->n_changes % STEP == 0 && replaying->progress != NULL)
        replaying->progress (replaying->n_changes, total, replaying->progress_data);
    }

  return stepped == 0 && galley_applier_flush (applier, error);
}

static gboolean
find_project (GalleyDatabase *db, const GalleyId *project, gint64 *number, GError **error)
{
  if (!galley_database_get_int (db, number, error, "SELECT number FROM project WHERE id = ?1", "n",
                                project))
    return FALSE;
  if (*number != 0)
    return TRUE;

  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                       _ ("There is no such project here."));
  return FALSE;
}

/**
 * galley_replay_apply:
 * @from: has the journal; may be a second connection to @to
 * @to: whose derived tables are emptied and filled again; of one project only its rows
 * @applier: of @to
 *
 * The journal is only read.
 */
gboolean
galley_replay_apply (GalleyReplaying *replaying,
                     GalleyDatabase *from,
                     GalleyDatabase *to,
                     GalleyApplier *applier,
                     GError **error)
{
  gint64 project = 0;

  replaying->n_changes = 0;
  galley_applier_forget (applier);
  galley_applier_suppose_rules (applier, replaying->rules, replaying->policies);
  if (replaying->project != NULL && !find_project (from, replaying->project, &project, error))
    return FALSE;

  return (project != 0
              ? galley_tables_empty_derived (to, project, error)
              : galley_tables_drop_derived (to, error) && galley_tables_make_derived (to, error)) &&
         apply_journal (replaying, from, project, applier, error);
}

/* ── the dry run ── */

/* Compared by ids, since the numbers of a scratch database are its own. The clock's part in a
 * contested row and the time of an item do not count: they follow from the same changes. Nor does
 * what is left of a thing whose making was refused: nothing at all is known of it. */
static const struct
{
  const char *what, *sql;
} comparisons[] = {
  { "entities", "SELECT hex (e.id) || ' ' || e.kind || ' ' || hex (ifnull (p.id, '')) || ' ' ||"
                " hex (ifnull (o.id, '')) || ' ' || hex (e.author) || ' ' || e.alive"
                " FROM %1$s.derived_entity e LEFT JOIN %1$s.derived_entity p ON p.number = e.parent"
                " LEFT JOIN %1$s.derived_entity o ON o.number = e.owner"
                " WHERE EXISTS (SELECT 1 FROM %1$s.derived_head h WHERE h.entity = e.number)" },
  { "values",
    "SELECT hex (e.id) || ' ' || h.field || ' ' || h.element || ' ' || hex (d.id) || ' ' || h.seq"
    " || ' ' || hex (ifnull (h.value, '')) FROM %1$s.derived_head h"
    " JOIN %1$s.derived_entity e ON e.number = h.entity JOIN main.device d ON d.number = "
    "h.device" },
  { "conflicts",
    "SELECT hex (e.id) || ' ' || c.field || ' ' || c.element || ' ' || c.state || ' ' || c.rule ||"
    " ' ' || hex (ifnull (c.value, '')) FROM %1$s.derived_contested c"
    " JOIN %1$s.derived_entity e ON e.number = c.entity" },
  { "items",
    "SELECT hex (e.id) || ' ' || i.name || ' ' || i.state || ' ' || hex (ifnull (v.id, ''))"
    " FROM %1$s.derived_item i JOIN %1$s.derived_entity e ON e.number = i.number"
    " LEFT JOIN %1$s.derived_entity v ON v.number = i.version" },
  { "digests", "SELECT p.id || hex (g.sum) || g.n_heads FROM %1$s.derived_digest g"
               " JOIN main.project p ON p.number = g.project" },
  { "search index", "SELECT hex (e.id) || ' ' || s.text FROM %1$s.derived_search s"
                    " JOIN %1$s.derived_entity e ON e.number = s.rowid" },
};

static gboolean
find_difference (sqlite3 *db, const char *sql, char **line)
{
  sqlite3_stmt *statement = NULL;
  gboolean found = FALSE;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW)
    {
      *line = g_strdup ((const char *)sqlite3_column_text (statement, 0));
      found = TRUE;
    }
  sqlite3_finalize (statement);

  return found;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* The formats are those of the table above and take the name of a schema. */
static char *
rows_of (const char *format, const char *schema)
{
  return g_strdup_printf (format, schema);
}
#pragma GCC diagnostic pop

static void
compare (GalleyDatabase *db, GalleyReplayReport *report)
{
  sqlite3 *handle = galley_database_get_handle (db);

  report->equal = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (comparisons) && report->equal; i++)
    {
      g_autofree char *live = rows_of (comparisons[i].sql, "main");
      g_autofree char *again = rows_of (comparisons[i].sql, "scratch");
      g_autofree char *extra = g_strdup_printf ("%s EXCEPT %s LIMIT 1", live, again);
      g_autofree char *missing = g_strdup_printf ("%s EXCEPT %s LIMIT 1", again, live);
      g_autofree char *line = NULL;

      if (find_difference (handle, extra, &line))
        report->difference = g_strdup_printf (_ ("There is something under “%s” that the journal "
                                                 "does not give: %s"),
                                              comparisons[i].what, line);
      else if (find_difference (handle, missing, &line))
        report->difference =
            g_strdup_printf (_ ("Something that the journal gives is missing under "
                                "“%s”: %s"),
                             comparisons[i].what, line);
      report->equal = report->difference == NULL;
    }
}

/**
 * galley_replay_dry_run:
 * @report: (out caller-allocates): clear it with galley_replay_report_clear()
 *
 * Touches nothing of the workspace but a folder of its own, which is gone afterwards. Blocks; from
 * any thread. What is committed while it runs is compared at the next run.
 */
gboolean
galley_replay_dry_run (GalleyStore *store,
                       GCancellable *cancellable,
                       GalleyReplayProgress progress,
                       gpointer progress_data,
                       GalleyReplayReport *report,
                       GError **error)
{
  return galley_replay_dry_run_project (store, NULL, cancellable, progress, progress_data, report,
                                        error);
}

/* As galley_replay_dry_run(), of one project; @project: (nullable): all */
gboolean
galley_replay_dry_run_project (GalleyStore *store,
                               const GalleyId *project,
                               GCancellable *cancellable,
                               GalleyReplayProgress progress,
                               gpointer progress_data,
                               GalleyReplayReport *report,
                               GError **error)
{
  GalleyReplaying replaying = { .project = project,
                                .cancellable = cancellable,
                                .progress = progress,
                                .progress_data = progress_data };
  g_autoptr (GalleyScratch) scratch = NULL;
  g_autoptr (GalleyDatabase) both = NULL;

  memset (report, 0, sizeof *report);
  scratch = galley_scratch_new (galley_store_get_folder (store), error);
  if (scratch == NULL || !galley_scratch_replay (scratch, &replaying, error) ||
      (both = galley_scratch_open (scratch, error)) == NULL)
    return FALSE;

  report->n_changes = replaying.n_changes;
  compare (both, report);
  return TRUE;
}

/* ── in place ── */

static gboolean
rebuild_on_writer (GalleyWriter *writer, gpointer data, GError **error)
{
  writer->everything_moved = TRUE;
  return galley_replay_apply (data, writer->db, writer->db, writer->applier, error);
}

/**
 * galley_replay_rebuild:
 * @report: (out caller-allocates): clear it with galley_replay_report_clear()
 *
 * All or nothing: when it is cancelled or fails, the tables are as they were. Blocks, and edits
 * wait meanwhile. The journal is only read.
 */
gboolean
galley_replay_rebuild (GalleyStore *store,
                       GCancellable *cancellable,
                       GalleyReplayProgress progress,
                       gpointer progress_data,
                       GalleyReplayReport *report,
                       GError **error)
{
  return galley_replay_rebuild_project (store, NULL, cancellable, progress, progress_data, report,
                                        error);
}

/* As galley_replay_rebuild(), of one project; @project: (nullable): all */
gboolean
galley_replay_rebuild_project (GalleyStore *store,
                               const GalleyId *project,
                               GCancellable *cancellable,
                               GalleyReplayProgress progress,
                               gpointer progress_data,
                               GalleyReplayReport *report,
                               GError **error)
{
  GalleyReplaying replaying = { .project = project,
                                .cancellable = cancellable,
                                .progress = progress,
                                .progress_data = progress_data };

  memset (report, 0, sizeof *report);
  if (!galley_store_write (store, rebuild_on_writer, &replaying, error))
    return FALSE;

  report->n_changes = replaying.n_changes;
  report->equal = TRUE;
  return TRUE;
}

/* ── is the journal what its authors wrote ── */

/* @sentence: with one %s, for the change. */
static gboolean
fail_verify (GError **error, const GalleyChangeHeader *header, const char *sentence)
{
  GalleyRef ref = { header->device, header->seq };
  g_autofree char *text = galley_ref_to_string (&ref);
  g_autoptr (GString) message = g_string_new (sentence);

  g_string_replace (message, "%s", text, 1);
  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED, message->str);
  return FALSE;
}

/* A decision in a change of a device whose key is not known here yet is looked at another time. */
static gboolean
verify_decisions (GalleyReader *reader, GalleyChange *change, GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  g_autoptr (GalleyDevice) device = NULL;

  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      g_autoptr (GalleyDecision) decision = NULL;

      if (edit->kind != GALLEY_KIND_DECISION || edit->field != GALLEY_DECISION_VERDICT ||
          edit->value == NULL)
        continue;
      if (device == NULL)
        device = galley_directory_get_device (reader, &header->device, NULL);
      if (device == NULL)
        continue;
      decision = galley_decision_from_variant (edit->value, error);
      if (decision == NULL)
        return FALSE;
      if (!galley_decision_verify (decision, &header->project, &edit->entity, &header->actor,
                                   device->public_key))
        return fail_verify (error, header,
                            _ ("The change %s holds a decision whose signature is not its "
                               "device’s."));
    }

  return TRUE;
}

static gboolean
gap_hash (GalleyDatabase *db, gint64 project, gint64 device, guint64 seq, GalleyHash *hash)
{
  sqlite3_stmt *query =
      galley_database_query (db, NULL,
                             "SELECT hash FROM gap WHERE project = ?1 AND device = ?2 AND seq = ?3",
                             "iii", project, device, (gint64)seq);
  gboolean found = query != NULL && galley_database_step (db, query, NULL) > 0;

  if (found)
    {
      galley_column_hash (query, 0, hash);
      galley_database_done (query);
    }

  return found;
}

/* Where a device's chain stands. */
typedef struct
{
  gint64 project, device;
  gboolean older;
  guint64 seq;
  GalleyHash hash;
} Chain;

static guint
chain_hash (gconstpointer chain)
{
  const Chain *self = chain;

  return (self->project * 31 + self->device) * 2 + self->older;
}

static gboolean
chain_equal (gconstpointer a, gconstpointer b)
{
  const Chain *x = a, *y = b;

  return x->project == y->project && x->device == y->device && x->older == y->older;
}

/* Where the chain of a project that began with a snapshot is taken up. */
static void
begin_chain (GalleyReader *reader, Chain *chain)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  sqlite3_stmt *query =
      galley_database_query (db, NULL,
                             "SELECT seq, hash FROM snapshot_tip WHERE project = ?1 AND device = "
                             "?2",
                             "ii", chain->project, chain->device);

  if (query == NULL || galley_database_step (db, query, NULL) <= 0)
    return;
  chain->seq = sqlite3_column_int64 (query, 0);
  galley_column_hash (query, 1, &chain->hash);
  galley_database_done (query);
}

/* @older: of the changes before a snapshot, which are a chain of their own until they meet it */
static Chain *
find_chain (GalleyReader *reader, GHashTable *chains, gint64 project, gint64 device, gboolean older)
{
  Chain key = { .project = project, .device = device, .older = older };
  Chain *chain = g_hash_table_lookup (chains, &key);

  if (chain == NULL)
    {
      chain = g_memdup2 (&key, sizeof key);
      if (!older)
        begin_chain (reader, chain);
      g_hash_table_add (chains, chain);
    }
  return chain;
}

static gboolean
verify_link (GalleyReader *reader, Chain *chain, GalleyChange *change, GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);

  while (chain->seq + 1 < header->seq && gap_hash (galley_reader_get_db (reader), chain->project,
                                                   chain->device, chain->seq + 1, &chain->hash))
    chain->seq++;
  if (header->seq != chain->seq + 1)
    return fail_verify (error, header,
                        _ ("The change %s does not follow the one before it: something is "
                           "missing."));
  if (!galley_hash_equal (&header->previous, &chain->hash))
    return fail_verify (error, header,
                        _ ("The change %s does not match the one before it: one of them was "
                           "altered."));

  chain->seq = header->seq;
  chain->hash = *galley_change_get_hash (change);
  return verify_decisions (reader, change, error);
}

/* A live row says under which name it stands; in a segment the change speaks for itself. */
static gboolean
stands_in_place (GalleyReader *reader, const GalleyJournalItem *item, GalleyChange *change)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  gint64 found = 0;

  return galley_database_get_int (galley_reader_get_db (reader), &found, NULL,
                                  "SELECT 1 FROM project p WHERE p.number = ?1 AND p.id = ?2"
                                  " AND (?3 = 0 OR EXISTS (SELECT 1 FROM change c"
                                  "  JOIN device d ON d.number = c.device WHERE c.lsn = ?3"
                                  "  AND c.seq = ?4 AND d.id = ?5))",
                                  "iniin", item->project, &header->project,
                                  item->record != NULL ? (gint64)0 : item->lsn, (gint64)header->seq,
                                  &header->device) &&
         found;
}

static gboolean
verify_item (GalleyReader *reader,
             GHashTable *chains,
             const GalleyJournalItem *item,
             GError **error)
{
  g_autoptr (GalleyChange) change = galley_journal_item_read (item, error);
  const GalleyChangeHeader *header;
  gint64 device;

  if (change == NULL)
    return FALSE;

  header = galley_change_get_header (change);
  if (!stands_in_place (reader, item, change))
    return fail_verify (error, header, _ ("The change %s stands in another’s place."));
  /* What came before it is not here, so its author's word for it is the server's. */
  if (item->role == GALLEY_SEGMENT_SNAPSHOT)
    return verify_decisions (reader, change, error);

  return galley_journal_find_device (galley_reader_get_journal (reader), &header->device, &device,
                                     error) &&
         verify_link (reader,
                      find_chain (reader, chains, item->project, device,
                                  item->role == GALLEY_SEGMENT_HISTORY),
                      change, error);
}

/**
 * galley_journal_verify:
 * @project: (nullable): %NULL for all
 * @n_changes: (out): how many were looked at
 * @error: %GALLEY_DATA_ERROR_DAMAGED, naming the first change that is not as its author wrote it,
 *   or the packed part of the journal that cannot be read
 */
gboolean
galley_journal_verify (GalleyReader *reader,
                       const GalleyId *project,
                       GCancellable *cancellable,
                       GalleyReplayProgress progress,
                       gpointer progress_data,
                       guint64 *n_changes,
                       GError **error)
{
  GalleyJournal *journal = galley_reader_get_journal (reader);
  g_autoptr (GHashTable) chains = g_hash_table_new_full (chain_hash, chain_equal, g_free, NULL);
  g_autoptr (GalleyJournalCursor) cursor = NULL;
  GalleyJournalItem item;
  gint64 number = 0;
  int stepped;

  *n_changes = 0;
  if (project != NULL && !galley_journal_find_project (journal, project, &number, error))
    return FALSE;
  if (project != NULL && number == 0)
    return TRUE;

  cursor = galley_journal_cursor_new (galley_reader_get_db (reader),
                                      galley_journal_get_segments (journal), number,
                                      GALLEY_JOURNAL_OLDEST_FIRST, 0, error);
  if (cursor == NULL)
    return FALSE;
  while ((stepped = galley_journal_cursor_next (cursor, &item, error)) > 0)
    {
      if (!verify_item (reader, chains, &item, error) ||
          g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (++(*n_changes) % STEP == 0 && progress != NULL)
        progress (*n_changes, 0, progress_data);
    }

  return stepped == 0;
}
