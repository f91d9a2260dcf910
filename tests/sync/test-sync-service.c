/* test-sync-service.c: the service against a server that a test can break, on a clock of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-directory.h"
#include "data/galley-file-store.h"
#include "data/galley-outbox.h"
#include "data/galley-quarantine.h"
#include "data/galley-store-private.h"
#include "galley-sync-bench.h"
#include "galley-test.h"
#include "sync/galley-backoff.h"
#include "sync/galley-flag-job.h"
#include "sync/galley-sync-lock.h"
#include "sync/galley-sync-notes.h"
#include "sync/galley-sync-plan.h"

#include <glib/gstdio.h>

/* What a full disk would do. */
#define REFUSE_JOBS                                                                                \
  "CREATE TRIGGER refuse BEFORE INSERT ON job BEGIN SELECT RAISE (FAIL, 'full'); END"
#define REFUSE_REQUEUE                                                                             \
  "CREATE TRIGGER refuse BEFORE UPDATE ON job WHEN NEW.state = 'queued' AND OLD.state = 'running'" \
  " BEGIN SELECT RAISE (FAIL, 'full'); END"
#define REFUSE_WORD                                                                                \
  "CREATE TRIGGER refuse BEFORE INSERT ON setting WHEN NEW.key = '" GALLEY_SETTING_SYNC_DONE       \
  "' BEGIN SELECT RAISE (FAIL, 'full'); END"

static guint64
read_unsent (GalleySyncBench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (bench->store, &error);
  g_auto (GalleyOutboxState) state = { 0 };

  g_assert_no_error (error);
  galley_outbox_get_state (reader, &bench->project, &state, &error);
  g_assert_no_error (error);
  return state.unsent;
}

static gboolean
run_sql (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_database_run (writer->db, error, data, "");
}

static void
write_to (GalleySyncBench *bench, GalleyStoreFunc function, gpointer data)
{
  g_autoptr (GError) error = NULL;

  galley_store_write (bench->store, function, data, &error);
  g_assert_no_error (error);
}

static void
ask (GalleySyncBench *bench, const char *kind, GalleyJobAsk ask)
{
  galley_sync_service_ask (bench->service, galley_job_get_id (galley_sync_bench_find (bench, kind)),
                           ask);
}

static void
test_local_only (GalleySyncBench *bench, gconstpointer data)
{
  galley_sync_service_start (bench->service);
  while (galley_sync_service_get_unsent (bench->service) != 1)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpint (galley_sync_service_get_state (bench->service), ==, GALLEY_SYNC_LOCAL_ONLY);
  g_assert_cmpuint (galley_fake_transport_get_n_requests (bench->transport), ==, 0);
}

static void
test_shares (GalleySyncBench *bench, gconstpointer data)
{
  galley_sync_bench_connect (bench);
  galley_sync_bench_commit (bench, "rename");
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  galley_sync_bench_wait_job (bench, "pull", GALLEY_JOB_DONE);

  g_assert_cmpuint (bench->position, ==, 2);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
}

static void
test_retried_without_a_write (GalleySyncBench *bench, gconstpointer data)
{
  g_test_summary ("One failure, and no further change: it is tried again by itself all the same");

  bench->down = TRUE;
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "hello", GALLEY_JOB_WAITING);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_WAITING);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_OFFLINE);
  g_assert_cmpstr (galley_sync_service_get_summary (bench->service), ==,
                   "Offline – 1 change is safe on this computer");
  g_assert_cmpint (galley_job_get_row (galley_sync_bench_find (bench, "push"))->next_attempt_us, >,
                   0);

  bench->down = FALSE;
  galley_fake_world_advance_ms (bench->world, GALLEY_BACKOFF_BASE_MS);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
}

/* To the moment of the job's next try, and no further. */
static void
advance_to_next_try (GalleySyncBench *bench, const char *kind)
{
  gint64 now_us = galley_world_now_us (galley_fake_world_get (bench->world));
  gint64 next_us = galley_job_get_row (galley_sync_bench_find (bench, kind))->next_attempt_us;

  g_assert_cmpint (next_us, >, 0);
  g_assert_cmpint (next_us - now_us, <=, (gint64)GALLEY_BACKOFF_CAP_MS * 1000);
  if (next_us >= now_us)
    galley_fake_world_advance_ms (bench->world, (next_us - now_us) / 1000 + 1);
}

/* Each try later than the one before, until there have been so many. */
static void
fail_until (GalleySyncBench *bench, const char *kind, guint attempts)
{
  galley_sync_bench_wait_job (bench, kind, GALLEY_JOB_WAITING);
  for (guint i = 2; i <= attempts; i++)
    {
      advance_to_next_try (bench, kind);
      while (galley_job_get_row (galley_sync_bench_find (bench, kind))->attempts < i ||
             galley_job_get_state (galley_sync_bench_find (bench, kind)) != GALLEY_JOB_WAITING)
        g_main_context_iteration (NULL, TRUE);
    }
}

static void
test_never_gives_up (GalleySyncBench *bench, gconstpointer data)
{
  bench->down = TRUE;
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  fail_until (bench, "push", 20);

  bench->down = FALSE;
  advance_to_next_try (bench, "push");
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
}

static void
test_offline_switch (GalleySyncBench *bench, gconstpointer data)
{
  guint n_requests;

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);

  galley_sync_service_set_offline (bench->service, TRUE);
  g_assert_cmpint (galley_sync_service_get_state (bench->service), ==, GALLEY_SYNC_OFFLINE);
  n_requests = galley_fake_transport_get_n_requests (bench->transport);
  galley_sync_bench_commit (bench, "on a train");
  while (galley_sync_service_get_unsent (bench->service) != 1)
    g_main_context_iteration (NULL, TRUE);
  galley_fake_world_advance_ms (bench->world, GALLEY_BACKOFF_CAP_MS);
  g_assert_cmpuint (galley_fake_transport_get_n_requests (bench->transport), ==, n_requests);

  /* The switch outlives the program. */
  galley_sync_bench_restart (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_OFFLINE);
  g_assert_true (galley_sync_service_get_offline (bench->service));
  g_assert_cmpstr (galley_sync_service_get_summary (bench->service), ==,
                   "Offline – 1 change is safe on this computer");

  galley_sync_service_set_offline (bench->service, FALSE);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
}

static void
test_pause_all (GalleySyncBench *bench, gconstpointer data)
{
  bench->hang_at = "POST /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_hanging (bench, 1);

  galley_sync_service_set_paused (bench->service, TRUE);
  galley_sync_bench_wait_hanging (bench, 0);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_PAUSED);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_QUEUED);

  bench->hang_at = NULL;
  galley_sync_service_set_paused (bench->service, FALSE);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
}

static void
test_cancel (GalleySyncBench *bench, gconstpointer data)
{
  g_test_summary ("A job can be cancelled at each stage; nothing is lost, and it can be retried");

  bench->hang_at = data;
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_hanging (bench, 1);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_RUNNING);

  ask (bench, "push", GALLEY_JOB_ASK_CANCEL);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_CANCELLED);
  galley_sync_bench_wait_hanging (bench, 0);
  g_assert_cmpuint (read_unsent (bench), ==, 1);

  bench->hang_at = NULL;
  ask (bench, "push", GALLEY_JOB_ASK_RETRY);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
}

static void
test_pause_one (GalleySyncBench *bench, gconstpointer data)
{
  bench->hang_at = "POST /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_hanging (bench, 1);

  ask (bench, "push", GALLEY_JOB_ASK_PAUSE);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_PAUSED);
  bench->hang_at = NULL;
  galley_fake_world_advance_ms (bench->world, GALLEY_BACKOFF_CAP_MS);
  g_assert_cmpint (galley_job_get_state (galley_sync_bench_find (bench, "push")), ==,
                   GALLEY_JOB_PAUSED);

  ask (bench, "push", GALLEY_JOB_ASK_RESUME);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
}

static void
test_restart (GalleySyncBench *bench, gconstpointer data)
{
  gint64 id;

  g_test_summary ("What ran when the program ended goes on when it starts, in the same row");

  bench->hang_at = "POST /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_hanging (bench, 1);
  id = galley_job_get_id (galley_sync_bench_find (bench, "push"));
  g_assert_cmpint (id, >, 0);

  galley_sync_bench_restart (bench);
  bench->hang_at = NULL;
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  g_assert_cmpint (galley_job_get_id (galley_sync_bench_find (bench, "push")), ==, id);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
}

static void
test_stalled (GalleySyncBench *bench, gconstpointer data)
{
  GalleyJob *job;
  gboolean stalled = FALSE;

  g_test_summary ("A job that does not move for a minute is shown as stuck and started again");

  bench->hang_at = "POST /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_hanging (bench, 1);

  galley_fake_world_advance_ms (bench->world, 61 * 1000);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_WAITING);
  job = galley_sync_bench_find (bench, "push");
  g_object_get (job, "stalled", &stalled, NULL);
  g_assert_true (stalled);
  g_assert_nonnull (galley_job_get_row (job)->error);

  bench->hang_at = NULL;
  galley_fake_world_advance_ms (bench->world, GALLEY_BACKOFF_BASE_MS);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  g_object_get (job, "stalled", &stalled, NULL);
  g_assert_false (stalled);
}

static void
test_refused_change (GalleySyncBench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = NULL;
  g_autoptr (GPtrArray) refused = NULL;

  g_test_summary ("A refused change stops neither those after it nor the pulls");

  bench->deny = "not allowed";
  galley_sync_bench_commit (bench, "not allowed");
  galley_sync_bench_commit (bench, "allowed");
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_NEEDS_ATTENTION);

  g_assert_cmpuint (bench->position, ==, 2);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
  g_assert_cmpuint (galley_sync_service_get_attention (bench->service), ==, 1);
  reader = galley_store_open_reader (bench->store, &error);
  refused = galley_quarantine_list (reader, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (refused->len, ==, 1);
  g_assert_cmpstr (((GalleyRefused *)refused->pdata[0])->message, ==, "Only a lead may do this.");
}

static void
test_refused_job (GalleySyncBench *bench, gconstpointer data)
{
  guint n_requests;

  g_test_summary ("What the server refuses for good waits for a person, and is not tried for ever");

  bench->refuse_at = "PUT /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_FAILED);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_NEEDS_ATTENTION);
  galley_sync_bench_wait_job (bench, "hello", GALLEY_JOB_DONE);
  g_assert_cmpstr (galley_sync_service_get_detail (bench->service), ==, "Guests cannot do this.");

  n_requests = galley_fake_transport_get_n_requests (bench->transport);
  galley_sync_service_look (bench->service);
  galley_fake_world_advance_ms (bench->world, 30 * 1000);
  g_assert_cmpuint (galley_fake_transport_get_n_requests (bench->transport), ==, n_requests);

  bench->refuse_at = NULL;
  galley_sync_service_retry_now (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
}

static void
test_refused_before (GalleySyncBench *bench, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("What failed in an earlier process is tried again when everything is asked for");

  bench->refuse_at = "PUT /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_FAILED);

  galley_sync_bench_restart (bench);
  bench->refuse_at = NULL;
  galley_sync_service_start (bench->service);
  galley_sync_service_run_once_async (bench->service, 0, NULL, galley_test_store_result, &result);
  galley_sync_service_run_once_finish (bench->service, galley_test_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
}

static void
test_waiting_before (GalleySyncBench *bench, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary (
      "What waits for its time since an earlier process is tried now when somebody asks");

  bench->hollow_at = "PUT /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  fail_until (bench, "push", 5);

  galley_sync_bench_restart (bench);
  bench->hollow_at = NULL;
  galley_sync_service_start (bench->service);
  galley_sync_service_run_once_async (bench->service, 0, NULL, galley_test_store_result, &result);
  galley_sync_service_run_once_finish (bench->service, galley_test_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
}

static void
test_forgotten_project (GalleySyncBench *bench, gconstpointer data)
{
  g_test_summary ("A server that has lost a project is given it again");

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);

  bench->forgotten = TRUE;
  galley_sync_bench_commit (bench, "after the loss");
  while (bench->position != 2)
    g_main_context_iteration (NULL, TRUE);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
}

static gboolean
may_commit (GalleySyncBench *bench, const char *intent, GError **error)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (&bench->project, intent);

  galley_draft_set_shown (draft, GALLEY_KIND_PROJECT, &bench->project, GALLEY_PROJECT_NAME, NULL,
                          g_variant_new_string (intent));
  return galley_store_commit (bench->store, draft, NULL, error);
}

static void
test_shut_out (GalleySyncBench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint n_requests, n_greetings;

  g_test_summary ("A person who lost the project while offline is told, and so is who edits on");

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  n_greetings = bench->n_greetings;
  galley_sync_service_retry_now (bench->service);
  while (bench->n_greetings == n_greetings)
    g_main_context_iteration (NULL, TRUE);
  galley_sync_bench_wait_job (bench, "hello", GALLEY_JOB_DONE);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);

  galley_sync_service_set_offline (bench->service, TRUE);
  galley_sync_bench_commit (bench, "on a train");
  bench->shut = TRUE;
  galley_sync_service_set_offline (bench->service, FALSE);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_FAILED);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_NEEDS_ATTENTION);
  galley_sync_bench_wait_job (bench, "hello", GALLEY_JOB_DONE);
  g_assert_nonnull (
      strstr (galley_sync_service_get_detail (bench->service), "does not let you into"));
  g_assert_cmpuint (read_unsent (bench), ==, 1);
  g_assert_false (may_commit (bench, "for nobody", &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "would reach nobody"));

  n_requests = galley_fake_transport_get_n_requests (bench->transport);
  galley_sync_service_look (bench->service);
  galley_fake_world_advance_ms (bench->world, 30 * 1000);
  g_assert_cmpuint (galley_fake_transport_get_n_requests (bench->transport), ==, n_requests);

  bench->shut = FALSE;
  galley_sync_service_retry_now (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
}

static void
test_nonsense (GalleySyncBench *bench, gconstpointer data)
{
  const char *kind = g_str_has_prefix (data, "POST")               ? "push"
                     : g_str_has_prefix (data, "GET /v1/projects") ? "pull"
                                                                   : "hello";
  GalleyJob *job;

  g_test_summary ("An answer that makes no sense is an error in words, and is asked for again");

  bench->garble_at = data;
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, kind, GALLEY_JOB_WAITING);
  job = galley_sync_bench_find (bench, kind);
  g_assert_cmpint (galley_job_get_row (job)->waiting_for, ==, GALLEY_WAIT_TIME);
  g_assert_true (g_str_has_suffix (galley_job_get_row (job)->error, "."));
  /* What the server has taken is known here a moment later. */
  if (bench->position > 0)
    galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  g_assert_cmpuint (read_unsent (bench), ==, bench->position == 0 ? 1 : 0);

  bench->garble_at = NULL;
  advance_to_next_try (bench, kind);
  galley_sync_bench_wait_job (bench, kind, GALLEY_JOB_DONE);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
}

static void
test_newer_changes (GalleySyncBench *bench, gconstpointer data)
{
  const GalleyJobRow *row;

  g_test_summary (
      "What only a newer Galley can read waits for somebody to update; sending goes on");

  bench->newer = TRUE;
  bench->position = 1;
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "pull", GALLEY_JOB_WAITING);
  row = galley_job_get_row (galley_sync_bench_find (bench, "pull"));
  g_assert_cmpint (row->waiting_for, ==, GALLEY_WAIT_PERSON);
  g_assert_nonnull (strstr (row->error, "Update Galley"));
  /* Nobody says that it was updated, so it looks again by itself. */
  g_assert_cmpint (row->next_attempt_us, >, 0);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
}

static gboolean
write_connected_anew (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, GALLEY_SETTING_CONNECTED, data, error);
}

static void
test_connected_again (GalleySyncBench *bench, gconstpointer data)
{
  g_test_summary ("What was asked with the old access is asked again with the new one");

  bench->hang_at = "POST /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_hanging (bench, 1);

  bench->hang_at = NULL;
  write_to (bench, write_connected_anew, (gpointer) "2");
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
}

static gboolean
write_here (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_outbox_set_file_here (writer, data, TRUE, error);
}

/* An item with a version, and its file. */
static void
add_file (GalleySyncBench *bench, const char *text)
{
  g_autofree char *folder = g_build_filename (bench->folder, "files", NULL);
  g_autofree char *path = galley_test_path ("front.tif");
  g_autoptr (GalleyFileStore) files = galley_file_store_new (folder);
  g_autoptr (GalleyDraft) draft = galley_draft_new (&bench->project, "import");
  g_autoptr (GError) error = NULL;
  GalleyId item, version;
  GalleyHash hash;
  guint64 bytes;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  galley_file_store_import (files, path, NULL, &hash, &bytes, &error);
  g_assert_no_error (error);
  galley_id_new (&item, galley_fake_world_get (bench->world));
  galley_id_new (&version, galley_fake_world_get (bench->world));
  galley_draft_create (draft, GALLEY_KIND_ITEM, &item, &bench->project);
  galley_draft_create (draft, GALLEY_KIND_VERSION, &version, &item);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_FILE, NULL,
                    g_variant_new ("(@ayts)",
                                   g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, hash.bytes,
                                                              sizeof hash.bytes, 1),
                                   bytes, "image/tiff"),
                    NULL, 0);
  galley_store_commit (bench->store, draft, NULL, &error);
  g_assert_no_error (error);
  write_to (bench, write_here, &hash);
}

static void
test_shortened_file (GalleySyncBench *bench, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (bench->folder, "files", NULL);
  g_autoptr (GalleyFileStore) files = galley_file_store_new (folder);
  g_autofree char *path = NULL;
  GalleyHash hash;

  g_test_summary ("A file that is not as long as it was is not sent, and somebody is told at once");

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  galley_sync_service_set_offline (bench->service, TRUE);
  add_file (bench, "picture");
  galley_hash_bytes (&hash, "picture", 7);
  path = galley_file_store_get_path (files, &hash);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  g_assert_true (g_file_set_contents (path, "pic", 3, NULL));
  galley_sync_service_set_offline (bench->service, FALSE);
  galley_sync_bench_wait_job (bench, "upload", GALLEY_JOB_FAILED);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_NEEDS_ATTENTION);
  g_assert_nonnull (strstr (galley_sync_service_get_detail (bench->service), "not as long"));
  while (strstr (galley_sync_service_get_summary (bench->service), "– 1 file is not shared yet") ==
         NULL)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
is_shared (GalleySyncBench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (bench->store, &error);
  g_auto (GalleyOutboxState) state = { 0 };

  galley_outbox_get_state (reader, &bench->project, &state, &error);
  g_assert_no_error (error);
  return state.shared;
}

static void
test_hollow_registration (GalleySyncBench *bench, gconstpointer data)
{
  g_test_summary ("Something that says yes to everything is no server that knows a project");

  bench->hollow_at = "PUT /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_WAITING);
  g_assert_false (is_shared (bench));

  bench->hollow_at = NULL;
  advance_to_next_try (bench, "push");
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  g_assert_true (is_shared (bench));
}

static void
test_hollow_upload (GalleySyncBench *bench, gconstpointer data)
{
  g_test_summary ("A file counts as sent when a Galley server says that it has it, not before");

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);

  bench->hollow_at = "PUT /v1/projects/";
  add_file (bench, "picture");
  galley_sync_bench_wait_job (bench, "upload", GALLEY_JOB_WAITING);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_WAITING);

  bench->hollow_at = NULL;
  advance_to_next_try (bench, "upload");
  galley_sync_bench_wait_job (bench, "upload", GALLEY_JOB_DONE);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  g_assert_true (bench->has_file);
}

static void
test_in_vain (GalleySyncBench *bench, gconstpointer data)
{
  GalleyJob *push;

  g_test_summary (
      "What fails again and again is tried more and more seldom, until somebody is asked; "
      "and when the server is well again, it is done");

  bench->hollow_at = "PUT /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  fail_until (bench, "push", 3);
  push = galley_sync_bench_find (bench, "push");
  g_assert_cmpint (galley_job_get_row (push)->waiting_for, ==, GALLEY_WAIT_TIME);
  galley_job_set_attempts (push, 18);
  fail_until (bench, "push", 20);
  g_assert_cmpint (galley_job_get_row (push)->waiting_for, ==, GALLEY_WAIT_PERSON);
  g_assert_cmpint (galley_job_get_row (push)->next_attempt_us, !=, 0);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_NEEDS_ATTENTION);

  bench->hollow_at = NULL;
  advance_to_next_try (bench, "push");
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  /* Its questions to the server have not got on either while the clock went on in leaps. */
  galley_sync_service_retry_now (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
}

static void
test_patience (GalleySyncBench *bench, gconstpointer data)
{
  GalleyJob *push;
  gint64 delay_us;

  g_test_summary ("A server that says when is not asked before, unless somebody wants it");

  bench->busy_at = "POST /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_WAITING);
  push = galley_sync_bench_find (bench, "push");
  delay_us = galley_job_get_row (push)->next_attempt_us -
             galley_world_now_us (galley_fake_world_get (bench->world));
  g_assert_cmpint (delay_us, >, 120 * G_USEC_PER_SEC);
  g_assert_cmpint (delay_us, <=, 120 * G_USEC_PER_SEC + GALLEY_BACKOFF_BASE_MS * 1000);
  g_assert_nonnull (strstr (galley_job_get_row (push)->error, "asks for patience"));

  galley_fake_world_advance_ms (bench->world, 119 * 1000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (galley_job_get_row (push)->attempts, ==, 1);
  advance_to_next_try (bench, "push");
  while (galley_job_get_row (push)->attempts < 2 ||
         galley_job_get_state (push) != GALLEY_JOB_WAITING)
    g_main_context_iteration (NULL, TRUE);

  bench->busy_at = NULL;
  galley_sync_service_retry_now (bench->service);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
}

static void
test_done_when (GalleySyncBench *bench, gconstpointer data)
{
  GalleyJob *push;
  gint64 first_us;

  g_test_summary ("A job that is done once more says when it was done last");

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  push = galley_sync_bench_find (bench, "push");
  first_us = galley_job_get_row (push)->updated_us;
  galley_fake_world_advance_ms (bench->world, 60 * 1000);
  galley_sync_bench_commit (bench, "edit");
  galley_sync_service_look (bench->service);
  while (read_unsent (bench) > 0 || galley_job_get_state (push) != GALLEY_JOB_DONE)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (galley_job_get_row (push)->updated_us - first_us, >=, 60 * G_USEC_PER_SEC);
}

static GalleyJobState
get_state_of (GalleySyncBench *bench, const char *subject)
{
  GalleyJobQueue *queue = galley_sync_service_get_queue (bench->service);

  for (guint i = 0; i < galley_job_queue_get_n_jobs (queue); i++)
    {
      GalleyJob *job = galley_job_queue_get_job (queue, i);

      if (g_strcmp0 (galley_job_get_row (job)->subject, subject) == 0)
        return galley_job_get_state (job);
    }

  return GALLEY_JOB_QUEUED;
}

static void
wait_for_state_of (GalleySyncBench *bench, const char *subject, GalleyJobState state)
{
  while (get_state_of (bench, subject) != state)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
write_odd_jobs (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_database_exec (
      writer->db,
      "INSERT INTO job (kind, project, subject, title, state, waiting_for, done, total, unit,"
      " attempts, priority, next_attempt_us, created_us, updated_us) VALUES"
      " ('push', x'', 'odd state', 'One', 'dancing', '', 0, 0, 'changes', 0, 0, 0, 1, 1),"
      " ('teleport', x'01', 'odd kind', 'Two', 'queued', 'moon', 5, 2, 'x', -3, 99, -1, 1, 1),"
      " ('upload', x'ffff', 'no hash', 'Three', 'queued', '', -1, -1, 'bytes', 0, 0, 0, 1, 1)",
      error);
}

static void
test_odd_rows (GalleySyncBench *bench, gconstpointer data)
{
  g_test_summary ("Rows that nobody here can read are shown and harm nothing: what is of a newer "
                  "Galley is left alone, the rest says that it needs somebody");

  write_to (bench, write_odd_jobs, NULL);
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "hello", GALLEY_JOB_DONE);
  wait_for_state_of (bench, "no hash", GALLEY_JOB_FAILED);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_NEEDS_ATTENTION);
  g_assert_cmpint (get_state_of (bench, "odd state"), ==, GALLEY_JOB_FAILED);
  g_assert_cmpint (get_state_of (bench, "odd kind"), ==, GALLEY_JOB_QUEUED);
  while (read_unsent (bench) > 0 ||
         strstr (galley_sync_service_get_summary (bench->service), "2 things need") == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
order (GalleySyncBench *bench, int percent)
{
  const GalleyFleetShare share = { .percent = percent };
  g_autoptr (GalleyFlagOrder) wanted = galley_flag_order_new ("compact", share, 7, "a try");
  g_autoptr (GError) error = NULL;

  galley_store_write (bench->store, galley_flag_order_write, wanted, &error);
  g_assert_no_error (error);
  galley_sync_service_look (bench->service);
}

static void
test_flag_order (GalleySyncBench *bench, gconstpointer data)
{
  g_test_summary ("What is to be switched and was refused says so; the next order comes in its "
                  "place; one that nobody here can read is not sent");

  bench->refuse_at = "PUT /v1/flags/compact";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  order (bench, 30);
  wait_for_state_of (bench, "compact * 30 7 a try", GALLEY_JOB_FAILED);
  order (bench, 20);
  wait_for_state_of (bench, "compact * 20 7 a try", GALLEY_JOB_FAILED);
  g_assert_cmpint (get_state_of (bench, "compact * 30 7 a try"), ==, GALLEY_JOB_CANCELLED);
}

static gboolean
write_odd_order (GalleyWriter *writer, gpointer subject, GError **error)
{
  g_autoptr (GalleyJobRow) row = galley_job_row_new ();

  row->kind = g_strdup ("flag");
  row->subject = g_strdup (subject);
  row->title = g_strdup ("Something");
  return galley_job_table_save (writer, row, error);
}

static void
test_odd_orders (GalleySyncBench *bench, gconstpointer data)
{
  const char *subjects[] = { "compact",          "compact * 101 0 x",      "compact boss 5 0 x",
                             "COMPACT * 5 0 x",  "../me * 5 0 x",          "compact * +5 0 x",
                             "compact * -1 0 x", "compact?role=x * 5 0 x", "compact * 5 x y" };
  guint n_requests;

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  n_requests = galley_fake_transport_get_n_requests (bench->transport);
  for (gsize i = 0; i < G_N_ELEMENTS (subjects); i++)
    {
      g_autoptr (GError) error = NULL;

      galley_store_write (bench->store, write_odd_order, (gpointer)subjects[i], &error);
      g_assert_no_error (error);
    }
  galley_sync_service_look (bench->service);
  for (gsize i = 0; i < G_N_ELEMENTS (subjects); i++)
    wait_for_state_of (bench, subjects[i], GALLEY_JOB_FAILED);
  g_assert_cmpuint (galley_fake_transport_get_n_requests (bench->transport), ==, n_requests);
}

static void
test_metered (GalleySyncBench *bench, gconstpointer data)
{
  GalleyJobLimits *limits = galley_sync_service_get_limits (bench->service);
  GalleyJob *upload;
  g_autofree char *summary = NULL;

  g_test_summary (
      "On a network that costs by the amount changes go out and files wait, and say so; "
      "one that somebody puts first goes all the same");

  galley_job_limits_set_metered (limits, TRUE);
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  add_file (bench, "picture");
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  galley_sync_bench_wait_job (bench, "upload", GALLEY_JOB_QUEUED);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_WAITING);
  g_assert_cmpstr (galley_sync_service_get_detail (bench->service), ==,
                   galley_job_hold_describe (GALLEY_HOLD_METERED));
  upload = galley_sync_bench_find (bench, "upload");
  summary = galley_job_get_summary (upload);
  g_assert_true (g_str_has_prefix (summary, "Waits for a network that is not metered"));
  g_assert_false (bench->has_file);

  galley_sync_service_ask (bench->service, galley_job_get_id (upload), GALLEY_JOB_ASK_FIRST);
  galley_sync_bench_wait_job (bench, "upload", GALLEY_JOB_DONE);
  g_assert_true (bench->has_file);
}

static void
test_kind_paused (GalleySyncBench *bench, gconstpointer data)
{
  g_auto (GalleyJobWishes) wishes = { 0 };

  g_test_summary ("A kind that is paused stops in the middle and goes on from there, also after a "
                  "restart");

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  bench->hang_at = "PUT /v1/projects/";
  add_file (bench, "picture");
  galley_sync_bench_wait_job (bench, "upload", GALLEY_JOB_RUNNING);
  galley_sync_bench_wait_hanging (bench, 1);

  galley_job_wishes_pause_kind (&wishes, "upload", TRUE);
  galley_sync_service_set_wishes (bench->service, &wishes);
  galley_sync_bench_wait_job (bench, "upload", GALLEY_JOB_QUEUED);
  bench->hang_at = NULL;
  galley_sync_bench_restart (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_WAITING);
  g_assert_false (bench->has_file);

  galley_job_wishes_pause_kind (&wishes, "upload", FALSE);
  galley_sync_service_set_wishes (bench->service, &wishes);
  galley_sync_bench_wait_job (bench, "upload", GALLEY_JOB_DONE);
  g_assert_true (bench->has_file);
}

static void
test_poll (GalleySyncBench *bench, gconstpointer data)
{
  guint n_greetings;

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  galley_sync_bench_wait_job (bench, "hello", GALLEY_JOB_DONE);

  n_greetings = bench->n_greetings;
  galley_fake_world_advance_ms (bench->world, 71 * 1000);
  while (bench->n_greetings == n_greetings)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_events (GalleySyncBench *bench, gconstpointer data)
{
  char id[GALLEY_ID_TEXT_SIZE];
  g_autofree char *news = g_strdup_printf ("{\"project\":\"%s\",\"position\":2}",
                                           galley_id_print (&bench->project, id));
  GalleyEventStream *events;
  guint n_greetings;

  bench->events = TRUE;
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  galley_sync_bench_wait_job (bench, "pull", GALLEY_JOB_DONE);
  galley_sync_bench_wait_job (bench, "hello", GALLEY_JOB_DONE);

  /* Nonsense is ignored; news starts a pull; a broken line is opened again. */
  events = galley_fake_transport_get_events (bench->transport);
  galley_event_stream_take_message (events, "[");
  galley_event_stream_take_message (events, "{\"project\":[],\"position\":\"x\"}");
  bench->position = 2;
  bench->hang_at = "GET /v1/projects/";
  galley_event_stream_take_message (events, news);
  galley_sync_bench_wait_job (bench, "pull", GALLEY_JOB_RUNNING);
  galley_sync_bench_wait_hanging (bench, 1);

  n_greetings = bench->n_greetings;
  galley_event_stream_take_closed (events);
  galley_fake_world_advance_ms (bench->world, 2000);
  while (bench->n_greetings == n_greetings)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_events_patience (GalleySyncBench *bench, gconstpointer data)
{
  g_test_summary ("The line for events is not asked for again before the server wants it");

  bench->events = TRUE;
  bench->busy_at = "GET /v1/events";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  while (bench->n_busy == 0)
    g_main_context_iteration (NULL, TRUE);
  galley_fake_world_advance_ms (bench->world, 119 * 1000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (bench->n_busy, ==, 1);
  galley_fake_world_advance_ms (bench->world, 60 * 1000);
  while (bench->n_busy < 2)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_run_once (GalleySyncBench *bench, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_service_run_once_async (bench->service, 30, NULL, galley_test_store_result, &result);
  galley_sync_service_run_once_finish (bench->service, galley_test_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
  g_assert_cmpuint (bench->n_greetings, >, 0);

  g_clear_object (&result);
  bench->down = TRUE;
  galley_sync_bench_commit (bench, "later");
  galley_sync_service_run_once_async (bench->service, 30, NULL, galley_test_store_result, &result);
  galley_sync_service_run_once_finish (bench->service, galley_test_wait (&result), &error);
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_UNREACHABLE);
}

static void
test_run_once_without_server (GalleySyncBench *bench, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  galley_sync_service_start (bench->service);
  galley_sync_service_run_once_async (bench->service, 30, NULL, galley_test_store_result, &result);
  galley_sync_service_run_once_finish (bench->service, galley_test_wait (&result), &error);
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID);
}

static void
test_run_once_timeout (GalleySyncBench *bench, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  bench->hang_at = "POST /v1/projects/";
  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_service_run_once_async (bench->service, 30, NULL, galley_test_store_result, &result);
  galley_sync_bench_wait_hanging (bench, 1);
  galley_fake_world_advance_ms (bench->world, 30 * 1000);
  galley_sync_service_run_once_finish (bench->service, galley_test_wait (&result), &error);
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_TIMEOUT);
}

static void
test_second_process (GalleySyncBench *bench, gconstpointer data)
{
  GalleyStore *store;
  GalleySyncService *other = galley_sync_bench_new_service (bench, &store);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("The command line asks for a round while the window holds the lock");

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  galley_sync_service_start (other);
  g_assert_true (galley_sync_service_is_holder (bench->service));
  g_assert_false (galley_sync_service_is_holder (other));

  galley_sync_bench_commit (bench, "by the window");
  galley_sync_service_run_once_async (other, 30, NULL, galley_test_store_result, &result);
  galley_sync_service_run_once_finish (other, galley_test_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (galley_sync_service_get_queue (other))),
                    >=, 2);

  /* The holder ends: the other takes over. */
  galley_sync_bench_restart (bench);
  while (!galley_sync_service_is_holder (other))
    {
      galley_fake_world_advance_ms (bench->world, 1000);
      g_main_context_iteration (NULL, FALSE);
    }
  galley_sync_bench_end_service (&other, &store);
}

/* ── when another process was killed ── */

/* A push as a process leaves it behind that is killed while it runs. */
static gboolean
write_running (GalleyWriter *writer, gpointer data, GError **error)
{
  GalleySyncBench *bench = data;
  g_autoptr (GalleyJobRow)
      row = galley_sync_plan_new_row ("push", &bench->project, NULL, "Send changes", NULL);

  row->state = GALLEY_JOB_RUNNING;
  row->attempts = 1;
  return galley_job_table_save (writer, row, error);
}

/* What the disk does not take is warned of; how often, is a matter of when it is tried. */
static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  return strstr (message, "(full)") == NULL;
}

static void
take_warning (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  g_test_message ("%s", message);
}

static void
expect_full_disk (guint *handlers)
{
  const GLogLevelFlags level = G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL;

  g_test_log_set_fatal_handler (is_fatal, NULL);
  handlers[0] = g_log_set_handler ("galley-job-queue", level, take_warning, NULL);
  handlers[1] = g_log_set_handler ("galley-sync-loop", level, take_warning, NULL);
}

static void
expect_no_more (const guint *handlers)
{
  g_log_remove_handler ("galley-job-queue", handlers[0]);
  g_log_remove_handler ("galley-sync-loop", handlers[1]);
}

static void
count_warning (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  (*(guint *)data)++;
}

static gboolean
write_wanted (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, GALLEY_SETTING_SYNC_WANTED, "a word", error);
}

static void
test_word_on_full_disk (GalleySyncBench *bench, gconstpointer data)
{
  guint n_warnings = 0, handler;

  g_test_summary ("The word that a round is over does not fit on the disk: it is not tried without "
                  "end");

  galley_sync_bench_connect (bench);
  write_to (bench, write_wanted, NULL);
  write_to (bench, run_sql, (gpointer)REFUSE_WORD);
  g_test_log_set_fatal_handler (is_fatal, NULL);
  handler = g_log_set_handler ("galley-sync-notes", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL,
                               count_warning, &n_warnings);
  galley_sync_service_start (bench->service);
  while (n_warnings == 0)
    g_main_context_iteration (NULL, TRUE);
  /* The clock stands still; the disk is asked again a second later. */
  for (guint i = 0; i < 20000 && n_warnings == 1; i++)
    g_main_context_iteration (NULL, FALSE);
  g_log_remove_handler ("galley-sync-notes", handler);
  write_to (bench, run_sql, (gpointer) "DROP TRIGGER refuse");
  g_assert_cmpuint (n_warnings, ==, 1);
}

static gboolean
is_wanted (GalleySyncBench *bench, const char *kind, guint64 server_position)
{
  GalleyServerProject server = { .id = bench->project, .position = server_position };
  g_autoptr (GPtrArray) projects = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (bench->store, &error);
  g_autoptr (GalleySyncPlan) plan = NULL;

  g_assert_no_error (error);
  g_ptr_array_add (projects, &server);
  plan = galley_sync_plan_make (reader, projects, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < plan->wanted->len; i++)
    if (g_str_equal (((GalleyJobRow *)plan->wanted->pdata[i])->kind, kind))
      return TRUE;

  return FALSE;
}

static void
test_less_than_followed (GalleySyncBench *bench, gconstpointer data)
{
  g_test_summary ("A server that ends before what was followed has lost some, also where that is "
                  "the first word that is heard of it");

  galley_sync_bench_connect (bench);
  write_to (bench, run_sql, (gpointer) "UPDATE project SET position = 5, shared = 1");
  g_assert_false (is_wanted (bench, "pull", 5));
  g_assert_true (is_wanted (bench, "pull", 6));
  g_assert_true (is_wanted (bench, "pull", 4));
  g_assert_true (is_wanted (bench, "pull", 0));
}

static void
test_killed (GalleySyncBench *bench, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GalleySyncLock *lock;
  guint handlers[2];

  g_test_summary ("A job that was seen running in a process which was killed goes on in this one");

  galley_sync_bench_connect (bench);
  lock = galley_sync_lock_try (bench->folder);
  g_assert_nonnull (lock);
  write_to (bench, write_running, bench);
  if (data != NULL)
    write_to (bench, run_sql, (gpointer)data);
  expect_full_disk (handlers);

  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_RUNNING);
  g_assert_false (galley_sync_service_is_holder (bench->service));
  galley_sync_service_run_once_async (bench->service, 0, NULL, galley_test_store_result, &result);

  galley_sync_lock_free (lock);
  galley_fake_world_advance_ms (bench->world, 1000);
  g_assert_true (galley_sync_service_is_holder (bench->service));
  galley_sync_service_run_once_finish (bench->service, galley_test_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpint (galley_job_get_state (galley_sync_bench_find (bench, "push")), ==,
                   GALLEY_JOB_DONE);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
  expect_no_more (handlers);
}

static void
run_out_of_space (GalleySyncBench *bench, gboolean full)
{
  write_to (bench, run_sql, (gpointer)(full ? REFUSE_JOBS : "DROP TRIGGER refuse"));
}

static void
test_disk_full (GalleySyncBench *bench, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint handlers[2];

  g_test_summary ("A disk that takes no jobs: it is said, and they run once it takes them");

  galley_sync_bench_connect (bench);
  expect_full_disk (handlers);
  run_out_of_space (bench, TRUE);
  galley_sync_service_start (bench->service);
  galley_sync_service_run_once_async (bench->service, 0, NULL, galley_test_store_result, &result);
  galley_sync_service_run_once_finish (bench->service, galley_test_wait (&result), &error);
  g_assert_nonnull (error);
  g_assert_true (error->domain == GALLEY_DATA_ERROR);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_WAITING);
  g_assert_cmpstr (galley_sync_service_get_detail (bench->service), ==, error->message);
  g_assert_cmpuint (galley_fake_transport_get_n_requests (bench->transport), ==, 0);

  /* Nobody asks: it is tried again from time to time. */
  run_out_of_space (bench, FALSE);
  galley_fake_world_advance_ms (bench->world, 71 * 1000);
  galley_sync_bench_wait_job (bench, "push", GALLEY_JOB_DONE);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  g_assert_cmpuint (read_unsent (bench), ==, 0);
  expect_no_more (handlers);
}

#define ADD(path, data, test)                                                                      \
  g_test_add (path, GalleySyncBench, data, galley_sync_bench_set_up, test,                         \
              galley_sync_bench_tear_down)

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  ADD ("/sync-service/local-only", NULL, test_local_only);
  ADD ("/sync-service/shares", NULL, test_shares);
  ADD ("/sync-service/retried-without-a-write", NULL, test_retried_without_a_write);
  ADD ("/sync-service/never-gives-up", NULL, test_never_gives_up);
  ADD ("/sync-service/offline-switch", NULL, test_offline_switch);
  ADD ("/sync-service/pause-all", NULL, test_pause_all);
  ADD ("/sync-service/cancel/register", "PUT /v1/projects/", test_cancel);
  ADD ("/sync-service/cancel/send", "POST /v1/projects/", test_cancel);
  ADD ("/sync-service/pause-one", NULL, test_pause_one);
  ADD ("/sync-service/restart", NULL, test_restart);
  ADD ("/sync-service/waiting-before", NULL, test_waiting_before);
  ADD ("/sync-service/stalled", NULL, test_stalled);
  ADD ("/sync-service/refused-change", NULL, test_refused_change);
  ADD ("/sync-service/refused-job", NULL, test_refused_job);
  ADD ("/sync-service/refused-before", NULL, test_refused_before);
  ADD ("/sync-service/forgotten-project", NULL, test_forgotten_project);
  ADD ("/sync-service/shut-out", NULL, test_shut_out);
  ADD ("/sync-service/nonsense/directory", "GET /v1/me", test_nonsense);
  ADD ("/sync-service/nonsense/verdicts", "POST /v1/projects/", test_nonsense);
  ADD ("/sync-service/nonsense/changes", "GET /v1/projects/", test_nonsense);
  ADD ("/sync-service/newer-changes", NULL, test_newer_changes);
  ADD ("/sync-service/connected-again", NULL, test_connected_again);
  ADD ("/sync-service/hollow/registration", NULL, test_hollow_registration);
  ADD ("/sync-service/hollow/upload", NULL, test_hollow_upload);
  ADD ("/sync-service/patience", NULL, test_patience);
  ADD ("/sync-service/in-vain", NULL, test_in_vain);
  ADD ("/sync-service/shortened-file", NULL, test_shortened_file);
  ADD ("/sync-service/done-when", NULL, test_done_when);
  ADD ("/sync-service/odd-rows", NULL, test_odd_rows);
  ADD ("/sync-service/flag-order", NULL, test_flag_order);
  ADD ("/sync-service/flag-order/odd", NULL, test_odd_orders);
  ADD ("/sync-service/metered", NULL, test_metered);
  ADD ("/sync-service/kind-paused", NULL, test_kind_paused);
  ADD ("/sync-service/poll", NULL, test_poll);
  ADD ("/sync-service/events", NULL, test_events);
  ADD ("/sync-service/events/patience", NULL, test_events_patience);
  ADD ("/sync-service/run-once", NULL, test_run_once);
  ADD ("/sync-service/run-once-without-server", NULL, test_run_once_without_server);
  ADD ("/sync-service/run-once-timeout", NULL, test_run_once_timeout);
  ADD ("/sync-service/second-process", NULL, test_second_process);
  ADD ("/sync-service/killed", NULL, test_killed);
  ADD ("/sync-service/disk-full", NULL, test_disk_full);
  ADD ("/sync-service/word-on-full-disk", NULL, test_word_on_full_disk);
  ADD ("/sync-service/less-than-followed", NULL, test_less_than_followed);
  ADD ("/sync-service/killed/disk-full", REFUSE_REQUEUE, test_killed);

  return g_test_run ();
}
