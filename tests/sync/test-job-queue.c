/* test-job-queue.c: the jobs of a workspace, open and recent, and their rows on disk
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-store-private.h"
#include "galley-sync-bench.h"
#include "galley-test.h"
#include "sync/galley-job-queue.h"
#include "sync/galley-sync-plan.h"

#include <sqlite3.h>

typedef struct
{
  GalleySyncBench bench;
  GalleyJobContext *context;
  GalleyJobQueue *queue;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  galley_sync_bench_set_up (&self->bench, data);
  self->context = galley_job_context_new (self->bench.store,
                                          GALLEY_TRANSPORT (self->bench.transport));
  self->queue = galley_job_queue_new (self->context);
}

static void
settle (Fixture *self)
{
  while (galley_job_queue_is_saving (self->queue))
    g_main_context_iteration (NULL, TRUE);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  settle (self);
  g_clear_object (&self->queue);
  g_clear_pointer (&self->context, galley_job_context_unref);
  galley_sync_bench_tear_down (&self->bench, data);
}

static GalleyJob *
add (Fixture *self, const char *kind, const char *subject)
{
  g_autoptr (GalleyJobRow) row = galley_sync_plan_new_row (kind, &self->bench.project, subject,
                                                           "A title", "because of a test");

  row->total = 5;
  galley_fake_world_advance_ms (self->bench.world, 1);
  return galley_job_queue_add (self->queue, row);
}

static void
assert_order (Fixture *self, GalleyJob *first, GalleyJob *second, GalleyJob *third)
{
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->queue)), ==, 3);
  g_assert_true (galley_job_queue_get_job (self->queue, 0) == first);
  g_assert_true (galley_job_queue_get_job (self->queue, 1) == second);
  g_assert_true (galley_job_queue_get_job (self->queue, 2) == third);
}

static void
test_order (Fixture *self, gconstpointer data)
{
  GalleyJob *a = add (self, "push", NULL);
  GalleyJob *b = add (self, "upload", "b");
  GalleyJob *c = add (self, "upload", "c");

  g_test_summary ("Newest first; what runs above all, what is over below all");

  assert_order (self, c, b, a);
  galley_job_set_state (a, GALLEY_JOB_RUNNING, GALLEY_WAIT_NONE, 0, NULL);
  assert_order (self, a, c, b);
  galley_job_set_state (c, GALLEY_JOB_DONE, GALLEY_WAIT_NONE, 0, NULL);
  assert_order (self, a, b, c);
  galley_job_set_state (b, GALLEY_JOB_FAILED, GALLEY_WAIT_NONE, 0, "Refused.");
  galley_job_set_state (a, GALLEY_JOB_CANCELLED, GALLEY_WAIT_NONE, 0, NULL);
  assert_order (self, b, c, a);
}

static void
test_model_tells (Fixture *self, gconstpointer data)
{
  GalleyJob *a = add (self, "push", NULL);
  g_autoptr (GalleyJob) item = g_list_model_get_item (G_LIST_MODEL (self->queue), 0);

  g_assert_true (item == a);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (self->queue), 1));
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (self->queue)) == GALLEY_TYPE_JOB);
}

static GPtrArray *
read_rows (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (self->bench.store, &error);
  GPtrArray *rows = galley_job_table_list (reader, NULL, 0, &error);

  g_assert_no_error (error);
  return rows;
}

static void
test_saved_once (Fixture *self, gconstpointer data)
{
  GalleyJob *job = add (self, "push", NULL);
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GalleyReader) reader = NULL;

  g_test_summary ("What is said of a job while its first row is being written makes no second row");

  galley_job_set_progress (job, 3, 5);
  galley_job_queue_save (self->queue, job, "one");
  galley_job_queue_save (self->queue, job, "two");
  settle (self);

  rows = read_rows (self);
  g_assert_cmpuint (rows->len, ==, 1);
  g_assert_cmpuint (((GalleyJobRow *)rows->pdata[0])->done, ==, 3);
  g_assert_cmpint (galley_job_get_id (job), ==, ((GalleyJobRow *)rows->pdata[0])->id);

  reader = galley_store_open_reader (self->bench.store, NULL);
  events = galley_job_table_get_events (reader, galley_job_get_id (job), NULL);
  g_assert_cmpuint (events->len, ==, 3);
  g_assert_cmpstr (((GalleyJobEvent *)events->pdata[2])->text, ==, "two");
}

static void
test_read_back_early (Fixture *self, gconstpointer data)
{
  GalleyJob *job = add (self, "push", NULL);
  g_autoptr (GPtrArray) rows = NULL;

  g_test_summary ("A row that is read back before its job knows its number makes no second job");

  do
    {
      g_clear_pointer (&rows, g_ptr_array_unref);
      rows = read_rows (self);
    }
  while (rows->len == 0);
  g_assert_cmpint (galley_job_get_id (job), ==, 0);
  galley_job_queue_merge_rows (self->queue, rows, FALSE);
  g_assert_cmpuint (galley_job_queue_get_n_jobs (self->queue), ==, 1);
  settle (self);
  galley_job_queue_merge_rows (self->queue, rows, FALSE);
  g_assert_cmpuint (galley_job_queue_get_n_jobs (self->queue), ==, 1);
}

static void
test_one_row_serves (Fixture *self, gconstpointer data)
{
  g_autoptr (GalleyJobRow)
      row = galley_sync_plan_new_row ("push", &self->bench.project, NULL, "Send", NULL);
  GalleyJob *job;

  row->total = 1;
  galley_job_queue_want (self->queue, row, 0);
  galley_job_queue_want (self->queue, row, 0);
  g_assert_cmpuint (galley_job_queue_get_n_jobs (self->queue), ==, 1);

  job = galley_job_queue_get_job (self->queue, 0);
  galley_job_set_state (job, GALLEY_JOB_DONE, GALLEY_WAIT_NONE, 0, NULL);
  galley_job_queue_want (self->queue, row, 0);
  g_assert_cmpint (galley_job_get_state (job), ==, GALLEY_JOB_QUEUED);

  /* What failed waits for a person; what they cancelled, until there is more to do. */
  galley_job_set_state (job, GALLEY_JOB_FAILED, GALLEY_WAIT_NONE, 0, "No.");
  galley_job_queue_want (self->queue, row, 0);
  g_assert_cmpint (galley_job_get_state (job), ==, GALLEY_JOB_FAILED);
  galley_job_set_state (job, GALLEY_JOB_CANCELLED, GALLEY_WAIT_NONE, 0, NULL);
  galley_job_queue_want (self->queue, row, 0);
  g_assert_cmpint (galley_job_get_state (job), ==, GALLEY_JOB_CANCELLED);
  row->total = 2;
  galley_job_queue_want (self->queue, row, 0);
  g_assert_cmpint (galley_job_get_state (job), ==, GALLEY_JOB_QUEUED);
}

static void
test_bounded (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *subject = g_strdup_printf ("%u", i);
      g_autoptr (GalleyJobRow)
          row = galley_sync_plan_new_row ("upload", &self->bench.project, subject, "Send", NULL);

      galley_job_queue_want (self->queue, row, 16);
    }
  g_assert_cmpuint (galley_job_queue_get_n_jobs (self->queue), ==, 16);
}

static void
test_other_programs (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_job_row_free);
  GalleyJobRow *row = galley_sync_plan_new_row ("replay", NULL, NULL, "Replay", NULL);
  GalleySyncFacts facts = { 0 };
  GalleyJob *job;

  g_test_summary ("A job that another program runs is shown, and is not ours to start or to count");

  row->id = 77;
  row->state = GALLEY_JOB_FAILED;
  g_ptr_array_add (rows, row);
  galley_job_queue_merge_rows (self->queue, rows, FALSE);
  job = galley_job_queue_get_by_id (self->queue, 77);
  g_assert_nonnull (job);
  g_assert_false (galley_job_can_run (job));
  galley_job_queue_add_facts (self->queue, &facts);
  g_assert_cmpuint (facts.n_attention, ==, 0);

  row->state = GALLEY_JOB_DONE;
  galley_job_queue_merge_rows (self->queue, rows, FALSE);
  g_assert_cmpint (galley_job_get_state (job), ==, GALLEY_JOB_DONE);
}

static void
test_their_progress (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray)
      theirs = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_job_row_free);
  GalleyJobRow *row = galley_sync_plan_new_row ("replay", NULL, NULL, "Replay", NULL);
  GalleyJob *own = add (self, "push", NULL);

  g_test_summary (
      "How far another program's job is, is never written down here: it may have ended");

  settle (self);
  galley_job_set_state (own, GALLEY_JOB_RUNNING, GALLEY_WAIT_NONE, 0, NULL);
  row->id = 77;
  row->state = GALLEY_JOB_RUNNING;
  row->total = 100;
  g_ptr_array_add (theirs, row);
  galley_job_queue_merge_rows (self->queue, theirs, FALSE);
  settle (self);

  galley_fake_world_advance_ms (self->bench.world, 10 * 1000);
  row->done = 50;
  galley_job_queue_merge_rows (self->queue, theirs, FALSE);
  g_assert_false (galley_job_queue_is_saving (self->queue));
  galley_job_set_progress (own, 2, 5);
  g_assert_true (galley_job_queue_is_saving (self->queue));
}

static void
test_summary (Fixture *self, gconstpointer data)
{
  GalleyJob *job = add (self, "push", NULL);
  g_autofree char *running = NULL;
  g_autofree char *waiting = NULL;

  galley_job_set_state (job, GALLEY_JOB_RUNNING, GALLEY_WAIT_NONE, 0, NULL);
  galley_job_set_progress (job, 2, 5);
  running = galley_job_get_summary (job);
  g_assert_cmpstr (running, ==, "Running: 2 of 5");

  galley_job_set_state (job, GALLEY_JOB_WAITING, GALLEY_WAIT_NETWORK, 1, "Nobody is there.");
  waiting = galley_job_get_summary (job);
  g_assert_cmpstr (waiting, ==, "Waits for the server to be reached: Nobody is there.");
}

static gboolean
run_sql (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_database_exec (writer->db, data, error);
}

static void
write_sql (Fixture *self, const char *sql)
{
  g_autoptr (GError) error = NULL;

  galley_store_write (self->bench.store, run_sql, (gpointer)sql, &error);
  g_assert_no_error (error);
}

static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  return (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) != 0;
}

static void
take_warning (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
}

static void
test_saved_later (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GalleyReader) reader = NULL;
  GalleyJob *old, *fresh;
  guint handler;

  g_test_summary ("What the disk did not take of a job, new or long known, is written when it can "
                  "be, with its log");

  g_test_log_set_fatal_handler (is_fatal, NULL);
  handler = g_log_set_handler ("galley-job-queue", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL,
                               take_warning, NULL);
  old = add (self, "push", NULL);
  galley_job_set_state (old, GALLEY_JOB_RUNNING, GALLEY_WAIT_NONE, 0, NULL);
  galley_job_queue_save (self->queue, old, "began");
  settle (self);
  write_sql (self,
             "CREATE TRIGGER no_update BEFORE UPDATE ON job BEGIN SELECT RAISE (FAIL, 'full');"
             " END; CREATE TRIGGER no_insert BEFORE INSERT ON job BEGIN"
             " SELECT RAISE (FAIL, 'full'); END");
  galley_job_set_state (old, GALLEY_JOB_DONE, GALLEY_WAIT_NONE, 0, NULL);
  galley_job_queue_save (self->queue, old, "came to its end");
  fresh = add (self, "pull", NULL);
  settle (self);
  g_assert_cmpint (galley_job_get_id (fresh), ==, 0);
  g_assert_nonnull (galley_job_queue_get_write_error (self->queue));

  g_log_remove_handler ("galley-job-queue", handler);
  write_sql (self, "DROP TRIGGER no_update; DROP TRIGGER no_insert");
  galley_job_queue_save_missed (self->queue);
  settle (self);
  rows = read_rows (self);
  g_assert_cmpuint (rows->len, ==, 2);
  for (guint i = 0; i < rows->len; i++)
    {
      const GalleyJobRow *row = rows->pdata[i];

      g_assert_cmpint (row->state, ==,
                       row->id == galley_job_get_id (old) ? GALLEY_JOB_DONE : GALLEY_JOB_QUEUED);
    }
  reader = galley_store_open_reader (self->bench.store, NULL);
  events = galley_job_table_get_events (reader, galley_job_get_id (old), NULL);
  g_assert_cmpstr (((GalleyJobEvent *)events->pdata[events->len - 1])->text, ==, "came to its end");
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  ADD ("/job-queue/order", test_order);
  ADD ("/job-queue/model-tells", test_model_tells);
  ADD ("/job-queue/saved-once", test_saved_once);
  ADD ("/job-queue/saved-later", test_saved_later);
  ADD ("/job-queue/read-back-early", test_read_back_early);
  ADD ("/job-queue/one-row-serves", test_one_row_serves);
  ADD ("/job-queue/bounded", test_bounded);
  ADD ("/job-queue/other-programs", test_other_programs);
  ADD ("/job-queue/their-progress", test_their_progress);
  ADD ("/job-queue/summary", test_summary);

  return g_test_run ();
}
