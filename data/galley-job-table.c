/* galley-job-table.c: the rows of jobs: all work that is not an edit
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job-table"

#include "data/galley-job-table.h"

#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>

/* History is kept, and bounded. */
#define MAX_EVENTS 200
#define MAX_FINISHED_JOBS "100000"
/* Kinds of work that ends with the program which was asked for it; see sync/galley-errand.h. */
#define ERRANDS "('export', 'import', 'verify', 'replay', 'repair', 'backup', 'support')"

static const char *const state_names[] = { "queued", "running", "waiting",  "paused",
                                           "done",   "failed",  "cancelled" };

static gboolean
set_unknown (gint64 job, GError **error)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, job);

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
               _ ("There is no job with the number %s."), number);
  return FALSE;
}
static const char *const wait_names[] = { "", "network", "sign-in", "time", "job", "person" };

const char *
galley_job_state_to_string (GalleyJobState state)
{
  return state < G_N_ELEMENTS (state_names) ? state_names[state] : "queued";
}

gboolean
galley_job_state_parse (const char *text, GalleyJobState *state)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_strcmp0 (text, state_names[i]) == 0)
      {
        *state = i;
        return TRUE;
      }

  return FALSE;
}

const char *
galley_job_wait_to_string (GalleyJobWait wait)
{
  return wait < G_N_ELEMENTS (wait_names) ? wait_names[wait] : "";
}

GalleyJobRow *
galley_job_row_new (void)
{
  return g_new0 (GalleyJobRow, 1);
}

GalleyJobRow *
galley_job_row_copy (const GalleyJobRow *row)
{
  GalleyJobRow *copy = g_memdup2 (row, sizeof *row);

  copy->kind = g_strdup (row->kind);
  copy->subject = g_strdup (row->subject);
  copy->title = g_strdup (row->title);
  copy->cause = g_strdup (row->cause);
  copy->unit = g_strdup (row->unit);
  copy->error = g_strdup (row->error);
  return copy;
}

void
galley_job_row_free (GalleyJobRow *row)
{
  g_free (row->kind);
  g_free (row->subject);
  g_free (row->title);
  g_free (row->cause);
  g_free (row->unit);
  g_free (row->error);
  g_free (row);
}

/* Once per new row, so that the table stays as long as the bound says. The words of the condition
 * are those of the index "job_over": without it each new job looked at all that are open. */
#define FORGOTTEN                                                                                  \
  "(SELECT id FROM job WHERE state IN ('done', 'failed', 'cancelled')"                             \
  " AND id <= ?1 - " MAX_FINISHED_JOBS ")"

static gboolean
drop_oldest (GalleyWriter *writer, gint64 newest, GError **error)
{
  return galley_database_run (writer->db, error, "DELETE FROM job_event WHERE job IN " FORGOTTEN,
                              "i", newest) &&
         galley_database_run (writer->db, error, "DELETE FROM job WHERE id IN " FORGOTTEN, "i",
                              newest);
}

static gboolean
insert_row (GalleyWriter *writer, GalleyJobRow *row, GError **error)
{
  if (!galley_database_run (
          writer->db, error,
          "INSERT INTO job (kind, project, subject, title, cause, state, waiting_for, done, total,"
          " unit, attempts, next_attempt_us, error, created_us, updated_us, priority)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
          "snsssssiisiisiii", row->kind, &row->project, row->subject, row->title, row->cause,
          galley_job_state_to_string (row->state), galley_job_wait_to_string (row->waiting_for),
          (gint64)row->done, (gint64)row->total, row->unit != NULL ? row->unit : "",
          (gint64)row->attempts, row->next_attempt_us, row->error, row->created_us, row->updated_us,
          (gint64)row->priority))
    return FALSE;

  row->id = sqlite3_last_insert_rowid (galley_database_get_handle (writer->db));
  return drop_oldest (writer, row->id, error);
}

/**
 * galley_job_table_save:
 * @row: gets its id when it is new, and its times
 *
 * A function on the writer thread may run twice: it then passes a row without id twice.
 */
gboolean
galley_job_table_save (GalleyWriter *writer, GalleyJobRow *row, GError **error)
{
  row->updated_us = galley_world_now_us (writer->world);
  writer->jobs_moved = TRUE;
  if (row->id == 0)
    {
      if (row->created_us == 0)
        row->created_us = row->updated_us;
      return insert_row (writer, row, error);
    }

  return galley_database_run (
      writer->db, error,
      "UPDATE job SET title = ?2, cause = ?3, state = ?4, waiting_for = ?5, done = ?6, total = ?7,"
      " unit = ?8, attempts = ?9, next_attempt_us = ?10, error = ?11, updated_us = ?12,"
      " priority = ?13 WHERE id = ?1",
      "issssiisiisii", row->id, row->title, row->cause, galley_job_state_to_string (row->state),
      galley_job_wait_to_string (row->waiting_for), (gint64)row->done, (gint64)row->total,
      row->unit != NULL ? row->unit : "", (gint64)row->attempts, row->next_attempt_us, row->error,
      row->updated_us, (gint64)row->priority);
}

gboolean
galley_job_table_add_event (GalleyWriter *writer, gint64 job, const char *text, GError **error)
{
  return galley_database_run (writer->db, error,
                              "INSERT INTO job_event (job, at_us, text) VALUES (?1, ?2, ?3)", "iis",
                              job, galley_world_now_us (writer->world), text) &&
         galley_database_run (writer->db, error,
                              "DELETE FROM job_event WHERE job = ?1 AND id <="
                              " (SELECT id FROM job_event WHERE job = ?1 ORDER BY id DESC"
                              "  LIMIT 1 OFFSET " G_STRINGIFY (MAX_EVENTS) ")",
                              "i", job);
}

/**
 * galley_job_table_requeue_running:
 * @errands: whether errands that run are of programs that have ended; else they may be of this one
 *
 * What was running when the power went is queued again; of an errand it is said that it has ended.
 */
gboolean
galley_job_table_requeue_running (GalleyWriter *writer, gboolean errands, GError **error)
{
  writer->jobs_moved = TRUE;
  return (!errands || galley_database_run (writer->db, error,
                                           "UPDATE job SET state = 'failed', error = ?1"
                                           " WHERE state = 'running' AND kind IN " ERRANDS,
                                           "s", _ ("It was interrupted. Ask for it again."))) &&
         galley_database_run (writer->db, error,
                              "INSERT INTO job_event (job, at_us, text)"
                              " SELECT id, ?1, 'Interrupted; it goes on from where it was.'"
                              " FROM job WHERE state = 'running' AND kind NOT IN " ERRANDS,
                              "i", galley_world_now_us (writer->world)) &&
         galley_database_run (writer->db, error,
                              "UPDATE job SET state = 'queued', waiting_for = ''"
                              " WHERE state = 'running' AND kind NOT IN " ERRANDS,
                              "");
}

gboolean
galley_job_table_ask (GalleyWriter *writer, gint64 job, GalleyJobAsk ask, GError **error)
{
  gint64 known = 0;

  if (!galley_database_get_int (writer->db, &known, error, "SELECT 1 FROM job WHERE id = ?1", "i",
                                job))
    return FALSE;
  if (!known)
    {
      return set_unknown (job, error);
    }

  writer->jobs_moved = TRUE;
  return galley_database_run (writer->db, error, "INSERT INTO job_ask (job, ask) VALUES (?1, ?2)",
                              "ii", job, (gint64)ask);
}

/**
 * galley_job_table_cancel_like:
 * @prefix: how the subject begins
 *
 * Asks that all jobs of a kind that are not over, and are about the same, are cancelled; none need
 * be there.
 */
gboolean
galley_job_table_cancel_like (GalleyWriter *writer,
                              const char *kind,
                              const char *prefix,
                              GError **error)
{
  writer->jobs_moved = TRUE;
  return galley_database_run (writer->db, error,
                              "INSERT INTO job_ask (job, ask) SELECT id, ?3 FROM job"
                              " WHERE kind = ?1 AND state NOT IN ('done', 'cancelled')"
                              " AND substr (subject, 1, length (?2)) = ?2",
                              "ssi", kind, prefix, (gint64)GALLEY_JOB_ASK_CANCEL);
}

gboolean
galley_job_table_clear_asks (GalleyWriter *writer, gint64 up_to_ask, GError **error)
{
  return galley_database_run (writer->db, error, "DELETE FROM job_ask WHERE id <= ?1", "i",
                              up_to_ask);
}

/* ── reading ── */

#define JOB_COLUMNS                                                                                \
  "SELECT id, kind, project, subject, title, cause, state, waiting_for, done, total, unit,"        \
  " attempts, next_attempt_us, error, created_us, updated_us, priority FROM job"

static GalleyJobRow *
read_row (sqlite3_stmt *query)
{
  GalleyJobRow *row = galley_job_row_new ();
  const char *waiting_for = (const char *)sqlite3_column_text (query, 7);
  gboolean is_known;

  row->id = sqlite3_column_int64 (query, 0);
  row->kind = galley_column_text (query, 1);
  galley_column_id (query, 2, &row->project);
  row->subject = galley_column_text (query, 3);
  row->title = galley_column_text (query, 4);
  row->cause = galley_column_text (query, 5);
  /* A word that a newer Galley may have written: nothing that this one could take up. */
  is_known = galley_job_state_parse ((const char *)sqlite3_column_text (query, 6), &row->state);
  if (!is_known)
    row->state = GALLEY_JOB_FAILED;
  for (guint i = 0; i < G_N_ELEMENTS (wait_names); i++)
    if (g_strcmp0 (waiting_for, wait_names[i]) == 0)
      row->waiting_for = i;
  row->done = sqlite3_column_int64 (query, 8);
  row->total = sqlite3_column_int64 (query, 9);
  row->unit = galley_column_text (query, 10);
  row->attempts = sqlite3_column_int (query, 11);
  row->next_attempt_us = sqlite3_column_int64 (query, 12);
  row->error = is_known ? galley_column_text (query, 13)
                        : g_strdup (_ ("What became of this job cannot be read. Try it again."));
  row->created_us = sqlite3_column_int64 (query, 14);
  row->updated_us = sqlite3_column_int64 (query, 15);
  row->priority = CLAMP (sqlite3_column_int (query, 16), GALLEY_JOB_LATER, GALLEY_JOB_FIRST);
  return row;
}

static GPtrArray *
read_rows (GalleyReader *reader, sqlite3_stmt *query, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_job_row_free);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 &&
         (stepped = galley_database_step (galley_reader_get_db (reader), query, error)) > 0)
    g_ptr_array_add (rows, read_row (query));

  return stepped == 0 ? g_steal_pointer (&rows) : NULL;
}

/**
 * galley_job_table_list:
 * @state: (nullable): in which state; "open" for all that are not done, failed or cancelled
 * @limit: 0 for 1,000
 *
 * Returns: (transfer full) (element-type GalleyJobRow): newest first
 */
GPtrArray *
galley_job_table_list (GalleyReader *reader, const char *state, guint limit, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  gint64 rows = limit != 0 ? limit : 1000;

  if (state == NULL)
    return read_rows (reader,
                      galley_database_query (db, error, JOB_COLUMNS " ORDER BY id DESC LIMIT ?1",
                                             "i", rows),
                      error);
  if (g_str_equal (state, "open"))
    return read_rows (reader,
                      galley_database_query (db, error,
                                             JOB_COLUMNS
                                             " WHERE state NOT IN ('done', 'failed', 'cancelled')"
                                             " ORDER BY id DESC LIMIT ?1",
                                             "i", rows),
                      error);

  return read_rows (reader,
                    galley_database_query (db, error,
                                           JOB_COLUMNS
                                           " WHERE state = ?1 ORDER BY id DESC LIMIT ?2",
                                           "si", state, rows),
                    error);
}

/**
 * galley_job_table_list_over:
 * @before: only jobs with lower numbers
 *
 * Returns: (transfer full) (element-type GalleyJobRow): those that are done, failed or cancelled,
 *   newest first
 */
GPtrArray *
galley_job_table_list_over (GalleyReader *reader, gint64 before, guint limit, GError **error)
{
  return read_rows (reader,
                    galley_database_query (galley_reader_get_db (reader), error,
                                           JOB_COLUMNS
                                           " WHERE state IN ('done', 'failed', 'cancelled')"
                                           " AND id < ?1 ORDER BY id DESC LIMIT ?2",
                                           "ii", before, (gint64)limit),
                    error);
}

static GalleyJobRow *
first_row (GPtrArray *rows)
{
  return rows != NULL && rows->len > 0 ? g_ptr_array_steal_index (rows, 0) : NULL;
}

/**
 * galley_job_table_get:
 *
 * Returns: (transfer full) (nullable): %NULL with %GALLEY_DATA_ERROR_NOT_FOUND
 */
GalleyJobRow *
galley_job_table_get (GalleyReader *reader, gint64 id, GError **error)
{
  g_autoptr (GPtrArray)
      rows = read_rows (reader,
                        galley_database_query (galley_reader_get_db (reader), error,
                                               JOB_COLUMNS " WHERE id = ?1", "i", id),
                        error);

  if (rows != NULL && rows->len == 0)
    set_unknown (id, error);
  return first_row (rows);
}

/**
 * galley_job_table_find_open:
 * @subject: (nullable)
 *
 * Returns: (transfer full) (nullable): the job of that kind, project and subject that is not ended;
 *   %NULL without an error when there is none
 */
GalleyJobRow *
galley_job_table_find_open (GalleyReader *reader,
                            const char *kind,
                            const GalleyId *project,
                            const char *subject,
                            GError **error)
{
  g_autoptr (GPtrArray) rows =
      read_rows (reader,
                 galley_database_query (galley_reader_get_db (reader), error,
                                        JOB_COLUMNS
                                        " WHERE state NOT IN ('done', 'failed', 'cancelled')"
                                        " AND kind = ?1 AND project = ?2 AND subject IS ?3 LIMIT 1",
                                        "sns", kind, project, subject),
                 error);

  return first_row (rows);
}

static void
clear_event (gpointer event)
{
  g_free (((GalleyJobEvent *)event)->text);
  g_free (event);
}

/**
 * galley_job_table_get_events:
 *
 * Returns: (transfer full) (element-type GalleyJobEvent): the job's log, oldest first
 */
GPtrArray *
galley_job_table_get_events (GalleyReader *reader, gint64 id, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (clear_event);
  sqlite3_stmt *query =
      galley_database_query (db, error,
                             "SELECT at_us, text FROM job_event WHERE job = ?1 ORDER BY id", "i",
                             id);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyJobEvent *event = g_new0 (GalleyJobEvent, 1);

      event->at_us = sqlite3_column_int64 (query, 0);
      event->text = galley_column_text (query, 1);
      g_ptr_array_add (events, event);
    }

  return stepped == 0 ? g_steal_pointer (&events) : NULL;
}

/**
 * galley_job_table_get_asks:
 *
 * Returns: (transfer full) (element-type GalleyJobRequest): oldest first
 */
GArray *
galley_job_table_get_asks (GalleyReader *reader, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GArray) asks = g_array_new (FALSE, FALSE, sizeof (GalleyJobRequest));
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT id, job, ask FROM job_ask ORDER BY id", "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyJobRequest ask = { sqlite3_column_int64 (query, 0), sqlite3_column_int64 (query, 1),
                               sqlite3_column_int (query, 2) };

      g_array_append_val (asks, ask);
    }

  return stepped == 0 ? g_steal_pointer (&asks) : NULL;
}
