/* bench-schedule.c: what it costs to have 100,000 jobs started and ended, one after the other
 *
 * The rows of as many jobs are on disk, as a program that ended left them. A queue takes them in,
 * a thousand at a time as the sync service reads them, and its runner starts each; they end at
 * once, since none of them says which file it is about. All of it is on the disk afterwards. What
 * is measured is what the main loop spends, and how long it is ever held up; beside it stands what
 * the scheduler itself takes to put in order, and to find next, as many jobs that nobody runs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench-transport.h"
#include "galley-bench.h"

#include "sync/galley-job-runner.h"
#include "sync/galley-job-schedule.h"
#include "sync/galley-sync-plan.h"
#include "sync/galley-upload-job.h"

#include <time.h>

#define N_JOBS 100000
#define N_AT_ONCE 500

static double
get_cpu_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

/* writer thread */
static gboolean
write_rows (GalleyWriter *writer, gpointer data, GError **error)
{
  GPtrArray *rows = data;

  for (guint i = 0; i < rows->len; i++)
    if (!galley_job_table_save (writer, rows->pdata[i], error))
      return FALSE;

  return TRUE;
}

static GPtrArray *
make_rows (GalleyStore *store)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_job_row_free);
  g_autoptr (GError) error = NULL;
  GalleyId project;

  galley_id_new (&project, galley_world_real ());
  for (guint i = 0; i < N_JOBS; i++)
    {
      g_autofree char *subject = g_strdup_printf ("file %u", i);
      GalleyJobRow *row = galley_sync_plan_new_row ("upload", &project, subject, "Send a file",
                                                    NULL);

      row->created_us = 1 + i;
      g_ptr_array_add (rows, row);
    }
  galley_store_write (store, write_rows, rows, &error);
  galley_bench_check (error);
  for (guint i = 0; i < N_JOBS; i++)
    ((GalleyJobRow *)rows->pdata[i])->id = i + 1;
  return rows;
}

typedef struct
{
  GalleyJobQueue *queue;
  GalleyJobRunner *runner;
  GPtrArray *rows;
  guint n_given;
  guint n_ended;
  double cpu_ms;
  double last_ms;
  double longest_ms;
} Run;

static gboolean
give_cb (gpointer data)
{
  Run *run = data;
  g_autoptr (GPtrArray) some = g_ptr_array_new ();

  for (guint i = 0; i < N_AT_ONCE && run->n_given < N_JOBS; i++)
    g_ptr_array_add (some, run->rows->pdata[run->n_given++]);
  galley_job_queue_merge_rows (run->queue, some, FALSE);
  galley_job_runner_poke (run->runner);
  return run->n_given < N_JOBS ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
ended_cb (GalleyJobRunner *runner, GalleyJob *job, Run *run)
{
  run->n_ended++;
}

static gboolean
tick_cb (gpointer data)
{
  Run *run = data;
  double now_ms = galley_bench_now_ms ();

  run->longest_ms = MAX (run->longest_ms, now_ms - run->last_ms);
  run->last_ms = now_ms;
  return G_SOURCE_CONTINUE;
}

/* Whether everything has ended and is on disk. */
static gboolean
is_over (Run *run)
{
  return run->n_ended == N_JOBS && !galley_job_queue_is_saving (run->queue);
}

static void
run_all (GalleyJobContext *context, Run *run)
{
  guint timer;
  double before_ms = get_cpu_ms ();

  run->queue = galley_job_queue_new (context);
  run->runner = galley_job_runner_new (run->queue, context);
  g_signal_connect (run->runner, "ended", G_CALLBACK (ended_cb), run);
  galley_job_runner_set_enabled (run->runner, TRUE);
  run->last_ms = galley_bench_now_ms ();
  timer = g_timeout_add_full (G_PRIORITY_DEFAULT, 1, tick_cb, run, NULL);
  g_idle_add (give_cb, run);
  while (!is_over (run))
    g_main_context_iteration (NULL, TRUE);
  run->cpu_ms = get_cpu_ms () - before_ms;
  g_source_remove (timer);
  galley_job_runner_stop (run->runner);
  g_clear_object (&run->runner);
  g_clear_object (&run->queue);
}

static GalleyJobVerdict
may_start (GalleyJob *job, gpointer data)
{
  return GALLEY_JOB_MAY_START;
}

/* Into the order, found, and out of it. */
static double
order_all (GalleyJobContext *context, GPtrArray *rows)
{
  g_autoptr (GalleyJobSchedule)
      schedule = galley_job_schedule_new (galley_job_context_get_world (context));
  g_autoptr (GPtrArray) jobs = g_ptr_array_new_with_free_func (g_object_unref);
  GalleyJob *job;
  double before_ms;

  for (guint i = 0; i < rows->len; i++)
    g_ptr_array_add (jobs, galley_job_new (GALLEY_TYPE_UPLOAD_JOB, context, rows->pdata[i]));

  before_ms = get_cpu_ms ();
  for (guint i = 0; i < jobs->len; i++)
    galley_job_schedule_place (schedule, jobs->pdata[i], i);
  while ((job = galley_job_schedule_next (schedule, may_start, NULL)) != NULL)
    galley_job_schedule_remove (schedule, job);
  return get_cpu_ms () - before_ms;
}

void
galley_bench_schedule (void)
{
  g_autoptr (GalleyBenchTransport) transport = galley_bench_transport_new ();
  g_autofree char *folder = galley_bench_folder ("schedule");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyStore)
      store = galley_store_open (folder, GALLEY_STORE_CREATE | GALLEY_STORE_QUIET,
                                 galley_world_real (), &error);
  g_autoptr (GalleyJobContext) context = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  Run run = { 0 };
  double order_ms;

  galley_bench_check (error);
  context = galley_job_context_new (store, GALLEY_TRANSPORT (transport));
  rows = make_rows (store);
  order_ms = order_all (context, rows);
  run.rows = rows;
  run_all (context, &run);
  galley_bench_table_add (&(GalleyBenchRow){ "100,000 jobs put in order and found", "ms", order_ms,
                                             NULL, 0, GALLEY_BENCH_AT_MOST, 1000 });
  galley_bench_table_add (&(GalleyBenchRow){ "and started, ended, listed and written", "ms",
                                             run.cpu_ms, "the order alone", order_ms,
                                             GALLEY_BENCH_NO_GOAL, 0 });
  galley_bench_table_add (&(GalleyBenchRow){ "longest wait of the main loop meanwhile", "ms",
                                             run.longest_ms, NULL, 0, GALLEY_BENCH_AT_MOST, 16 });
  galley_store_close (store);
}
