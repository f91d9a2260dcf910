/* test-job-schedule.c: which job may start next, and when there will be one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sync-bench.h"
#include "galley-test.h"
#include "sync/galley-backoff.h"
#include "sync/galley-download-job.h"
#include "sync/galley-job-schedule.h"
#include "sync/galley-sync-plan.h"
#include "sync/galley-upload-job.h"

typedef struct
{
  GalleySyncBench bench;
  GalleyJobContext *context;
  GalleyJobSchedule *schedule;
  GPtrArray *jobs;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  galley_sync_bench_set_up (&self->bench, data);
  self->context = galley_job_context_new (self->bench.store,
                                          GALLEY_TRANSPORT (self->bench.transport));
  self->schedule = galley_job_schedule_new (galley_job_context_get_world (self->context));
  self->jobs = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  galley_job_schedule_free (self->schedule);
  g_ptr_array_unref (self->jobs);
  galley_job_context_unref (self->context);
  galley_sync_bench_tear_down (&self->bench, data);
}

static void
place (Fixture *self, GalleyJob *job)
{
  galley_job_schedule_place (self->schedule, job, (guint64)galley_job_get_id (job));
}

static GalleyJob *
add (Fixture *self, GType type)
{
  g_autoptr (GalleyJobRow)
      row = galley_sync_plan_new_row ("upload", &self->bench.project, "file", "Send", NULL);
  GalleyJob *job;

  row->id = self->jobs->len + 1;
  row->created_us = row->id;
  job = galley_job_new (type, self->context, row);
  g_ptr_array_add (self->jobs, job);
  place (self, job);
  return job;
}

static GalleyJobVerdict
any (GalleyJob *job, gpointer data)
{
  return GALLEY_JOB_MAY_START;
}

static GalleyJobVerdict
no_uploads (GalleyJob *job, gpointer data)
{
  return G_OBJECT_TYPE (job) == GALLEY_TYPE_UPLOAD_JOB ? GALLEY_JOB_LANE_FULL
                                                       : GALLEY_JOB_MAY_START;
}

static GalleyJobVerdict
not_this (GalleyJob *job, gpointer data)
{
  return job == data ? GALLEY_JOB_STAYS : GALLEY_JOB_MAY_START;
}

static GalleyJob *
take (Fixture *self)
{
  GalleyJob *job = galley_job_schedule_next (self->schedule, any, NULL);

  if (job != NULL)
    galley_job_schedule_remove (self->schedule, job);
  return job;
}

static void
test_turns (Fixture *self, gconstpointer data)
{
  GalleyJob *a = add (self, GALLEY_TYPE_UPLOAD_JOB);
  GalleyJob *b = add (self, GALLEY_TYPE_UPLOAD_JOB);
  GalleyJob *c = add (self, GALLEY_TYPE_DOWNLOAD_JOB);
  GalleyJob *d = add (self, GALLEY_TYPE_UPLOAD_JOB);

  g_test_summary ("The oldest first, unless somebody put another one first or this one last");

  galley_job_set_priority (d, GALLEY_JOB_FIRST);
  place (self, d);
  galley_job_set_priority (a, GALLEY_JOB_LATER);
  place (self, a);
  g_assert_true (take (self) == d);
  g_assert_true (take (self) == b);
  g_assert_true (take (self) == c);
  g_assert_true (take (self) == a);
  g_assert_null (take (self));
}

static void
test_lanes (Fixture *self, gconstpointer data)
{
  GalleyJob *first = add (self, GALLEY_TYPE_UPLOAD_JOB);
  GalleyJob *second = add (self, GALLEY_TYPE_UPLOAD_JOB);
  GalleyJob *other = add (self, GALLEY_TYPE_DOWNLOAD_JOB);

  g_test_summary ("A kind that is full holds up no other; one that stays, nobody behind it");

  g_assert_true (galley_job_schedule_next (self->schedule, no_uploads, NULL) == other);
  g_assert_true (galley_job_schedule_next (self->schedule, not_this, first) == second);
}

static void
test_only_what_can (Fixture *self, gconstpointer data)
{
  GalleyJob *running = add (self, GALLEY_TYPE_UPLOAD_JOB);
  GalleyJob *shown = add (self, GALLEY_TYPE_JOB);
  GalleyJob *rowless = add (self, GALLEY_TYPE_UPLOAD_JOB);

  g_test_summary ("What runs, what others run, and what has no row yet is nobody's turn");

  galley_job_set_state (running, GALLEY_JOB_RUNNING, GALLEY_WAIT_NONE, 0, NULL);
  place (self, running);
  galley_job_set_id (rowless, 0);
  place (self, rowless);
  g_assert_null (take (self));
  g_assert_false (galley_job_can_run (shown));
}

static gint64
now_us (Fixture *self)
{
  return galley_world_now_us (galley_job_context_get_world (self->context));
}

static void
put_off (Fixture *self, GalleyJob *job, gint64 until_us)
{
  galley_job_set_state (job, GALLEY_JOB_WAITING, GALLEY_WAIT_TIME, until_us, "Later.");
  place (self, job);
}

static void
test_later (Fixture *self, gconstpointer data)
{
  GalleyJob *a = add (self, GALLEY_TYPE_UPLOAD_JOB);
  GalleyJob *b = add (self, GALLEY_TYPE_UPLOAD_JOB);

  g_test_summary ("What waits for its time comes in when that has come, and says when");

  put_off (self, a, now_us (self) + 2 * G_USEC_PER_SEC);
  put_off (self, b, now_us (self) + G_USEC_PER_SEC);
  g_assert_cmpint (galley_job_schedule_get_delay_us (self->schedule), ==, G_USEC_PER_SEC);
  galley_job_schedule_ripen (self->schedule);
  g_assert_null (galley_job_schedule_next (self->schedule, any, NULL));

  galley_fake_world_advance_ms (self->bench.world, 1000);
  galley_job_schedule_ripen (self->schedule);
  g_assert_true (take (self) == b);
  g_assert_null (take (self));
  galley_fake_world_advance_ms (self->bench.world, 1000);
  galley_job_schedule_ripen (self->schedule);
  g_assert_true (take (self) == a);
  g_assert_cmpint (galley_job_schedule_get_delay_us (self->schedule), ==, -1);
}

static void
test_clock_set_back (Fixture *self, gconstpointer data)
{
  GalleyJob *job = add (self, GALLEY_TYPE_UPLOAD_JOB);

  g_test_summary ("A try that a clock set back by years has put off comes all the same");

  put_off (self, job, now_us (self) + (gint64)10 * 365 * 24 * 3600 * G_USEC_PER_SEC);
  galley_fake_world_advance_ms (self->bench.world, GALLEY_BACKOFF_CAP_MS);
  galley_job_schedule_ripen (self->schedule);
  g_assert_true (take (self) == job);
}

static void
test_soon (Fixture *self, gconstpointer data)
{
  GalleyJob *job = add (self, GALLEY_TYPE_UPLOAD_JOB);

  g_assert_false (galley_job_schedule_is_tried_soon (self->schedule, 3));
  galley_job_set_attempts (job, 3);
  put_off (self, job, now_us (self) + G_USEC_PER_SEC);
  g_assert_true (galley_job_schedule_is_tried_soon (self->schedule, 3));
  galley_job_set_attempts (job, 4);
  g_assert_false (galley_job_schedule_is_tried_soon (self->schedule, 3));
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/job-schedule/turns", test_turns);
  ADD ("/job-schedule/lanes", test_lanes);
  ADD ("/job-schedule/only-what-can", test_only_what_can);
  ADD ("/job-schedule/later", test_later);
  ADD ("/job-schedule/clock-set-back", test_clock_set_back);
  ADD ("/job-schedule/soon", test_soon);

  return g_test_run ();
}
