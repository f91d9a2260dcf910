/* galley-sync-bench.c: a workspace with a project, a service, a clock that stands still and a
 * server that a test can break
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sync-bench.h"

#include "data/galley-directory.h"
#include "galley-test.h"
#include "sync/galley-account.h"
#include "sync/galley-sync-notes.h"
#include "sync/wire/galley-batch.h"
#include "sync/wire/galley-wire-json.h"

/* ── the server ── */

static GalleyResponse *
answer_bytes (GBytes *body, const char *type)
{
  GalleyResponse *response = galley_response_new (200);

  galley_response_set_header (response, "Content-Type", type);
  g_bytes_unref (response->body);
  response->body = body;
  return response;
}

static GalleyResponse *
answer_busy (GalleySyncBench *self)
{
  GalleyResponse *response = galley_response_new (429);

  self->n_busy++;
  galley_response_set_header (response, "Retry-After", "120");
  return response;
}

static GalleyResponse *
answer_me (GalleySyncBench *self)
{
  g_autoptr (GalleyMe) me = galley_me_new ();
  GalleyMeProject *project;

  self->n_greetings++;
  galley_store_get_person (self->store, &me->person);
  me->device = *galley_store_get_device (self->store);
  me->name = g_strdup ("Ana");
  me->role = GALLEY_ROLE_LEAD;
  me->server_id = g_strdup ("the-server");
  if (self->position > 0 && !self->forgotten && !self->shut)
    {
      project = g_new0 (GalleyMeProject, 1);
      project->id = self->project;
      project->position = self->position;
      project->history_id = g_strdup ("history");
      project->role = GALLEY_ROLE_LEAD;
      g_ptr_array_add (me->projects, project);
    }
  return answer_bytes (galley_me_to_bytes (me), "application/json");
}

static void
add_verdict (GalleySyncBench *self, GArray *verdicts, GalleyChange *change)
{
  GalleyVerdict verdict = {
    .first_seq = galley_change_get_header (change)->seq,
    .count = 1,
  };

  if (g_strcmp0 (galley_change_get_intent (change), self->deny) == 0)
    {
      verdict.code = g_strdup ("permission");
      verdict.message = g_strdup ("Only a lead may do this.");
    }
  else
    {
      verdict.position = ++self->position;
      g_array_append_val (self->accepted, verdict.first_seq);
    }
  g_array_append_val (verdicts, verdict);
}

static GalleyResponse *
answer_push (GalleySyncBench *self, GalleyRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyBatchReader) reader = galley_batch_reader_new (request->body, &error);
  g_autoptr (GalleyPushAnswer) answer = galley_push_answer_new ();
  int got;

  g_assert_no_error (error);
  do
    {
      g_auto (GalleyFrame) frame = { 0 };

      got = galley_batch_reader_next (reader, &frame, &error);
      g_assert_no_error (error);
      if (got > 0 && frame.type == GALLEY_FRAME_CHANGE)
        add_verdict (self, answer->verdicts, frame.change);
    }
  while (got > 0);

  answer->position = self->position;
  answer->history_id = g_strdup ("history");
  return answer_bytes (galley_push_answer_to_bytes (answer), "application/json");
}

/* All that this server ever has are the device's own changes. */
static GalleyResponse *
answer_pull (GalleySyncBench *self, GalleyRequest *request)
{
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  g_autofree char *position = g_strdup_printf ("%" G_GUINT64_FORMAT, self->position);
  const char *after_text = strstr (request->path, "after=");
  guint64 after = g_ascii_strtoull (after_text + strlen ("after="), NULL, 10);
  static const guint8 newer[256] = { 2 };
  const GalleyHash hash = { { 0 } };
  GalleyResponse *response;

  galley_batch_writer_add_position (writer, after + 1);
  if (self->newer)
    galley_batch_writer_add_change (writer, newer, sizeof newer, &hash);
  for (guint64 i = after; i < self->accepted->len; i++)
    galley_batch_writer_add_known (writer, g_array_index (self->accepted, guint64, i), 1);
  response = answer_bytes (galley_batch_writer_finish (writer), GALLEY_BATCH_MEDIA_TYPE);
  galley_response_set_header (response, "Galley-Position", position);
  galley_response_set_header (response, "Galley-History", "history");
  return response;
}

/* Looks right from outside: the status, the type and the headers are as they should be. */
static GalleyResponse *
answer_nonsense (const char *what)
{
  gboolean is_pull = g_str_has_prefix (what, "GET /v1/projects/");
  GalleyResponse *response = answer_bytes (g_bytes_new_static ("nonsense", 8),
                                           is_pull ? GALLEY_BATCH_MEDIA_TYPE : "application/json");

  galley_response_set_header (response, "Galley-Position", "99");
  galley_response_set_header (response, "Galley-History", "history");
  return response;
}

static GalleyResponse *
answer_file (GalleySyncBench *self, GalleyRequest *request)
{
  GalleyResponse *response = galley_fake_json (200, "{}");

  self->has_file |= g_str_equal (request->method, "PUT");
  galley_response_set_header (response, "Galley-Complete", self->has_file ? "1" : "0");
  galley_response_set_header (response, "Galley-Offset", "0");
  return response;
}

static GalleyResponse *
serve (GalleyRequest *request, gpointer data, GError **error)
{
  GalleySyncBench *self = data;
  g_autofree char *what = g_strdup_printf ("%s %s", request->method, request->path);

  if (self->down)
    {
      g_set_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_UNREACHABLE, "Nobody is there.");
      return NULL;
    }
  if (self->hang_at != NULL && g_str_has_prefix (what, self->hang_at))
    return NULL;
  if (self->refuse_at != NULL && g_str_has_prefix (what, self->refuse_at))
    return galley_fake_json (403, "{\"code\":\"role\",\"title\":\"No\",\"retry\":\"never\","
                                  "\"detail\":\"Guests cannot do this.\"}");

  if (self->forgotten && g_str_has_prefix (what, "PUT /v1/projects/"))
    self->forgotten = FALSE;
  if ((self->forgotten || self->shut) && strstr (what, "/changes") != NULL)
    return galley_fake_json (404, "{\"code\":\"not-found\",\"title\":\"No\",\"retry\":\"never\","
                                  "\"detail\":\"This server does not know the project.\"}");

  if (self->busy_at != NULL && g_str_has_prefix (what, self->busy_at))
    return answer_busy (self);
  if (self->hollow_at != NULL && g_str_has_prefix (what, self->hollow_at))
    return answer_bytes (g_bytes_new_static ("OK", 2), "text/plain");
  if (self->garble_at != NULL && g_str_has_prefix (what, self->garble_at))
    return answer_nonsense (what);

  if (g_str_has_prefix (what, "GET /v1/me"))
    return answer_me (self);
  if (strstr (what, "/files/") != NULL)
    return answer_file (self, request);
  if (g_str_has_prefix (what, "PUT /v1/projects/"))
    return galley_fake_json (200, "{}");
  if (g_str_has_prefix (what, "POST /v1/projects/"))
    return answer_push (self, request);
  if (g_str_has_prefix (what, "GET /v1/projects/"))
    return answer_pull (self, request);
  if (self->events && g_str_equal (what, "GET /v1/events"))
    return galley_fake_json (200, "{}");

  g_set_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_UNREACHABLE, "There is no %s.", what);
  return NULL;
}

/* ── the workspace ── */

void
galley_sync_bench_commit (GalleySyncBench *self, const char *intent)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (&self->project, intent);
  g_autoptr (GError) error = NULL;

  galley_draft_set_shown (draft, GALLEY_KIND_PROJECT, &self->project, GALLEY_PROJECT_NAME, NULL,
                          g_variant_new_string (intent));
  galley_store_commit (self->store, draft, NULL, &error);
  g_assert_no_error (error);
}

static void
make_project (GalleySyncBench *self)
{
  g_autoptr (GalleyDraft) draft = NULL;
  g_autoptr (GError) error = NULL;

  galley_id_new (&self->project, galley_fake_world_get (self->world));
  draft = galley_draft_new (&self->project, "create");
  galley_draft_create (draft, GALLEY_KIND_PROJECT, &self->project, NULL);
  galley_draft_set (draft, GALLEY_KIND_PROJECT, &self->project, GALLEY_PROJECT_NAME, NULL,
                    g_variant_new_string ("Covers"), NULL, 0);
  galley_store_commit (self->store, draft, NULL, &error);
  g_assert_no_error (error);
}

static gboolean
write_connected (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, GALLEY_SETTING_SERVER_URL, "https://example.org", error) &&
         galley_directory_set (writer, GALLEY_SETTING_CONNECTED, "1", error);
}

void
galley_sync_bench_connect (GalleySyncBench *self)
{
  GalleyAccount account = { (char *)"https://example.org", (char *)"token" };
  g_autoptr (GError) error = NULL;

  galley_account_save (&account, self->folder, &error);
  g_assert_no_error (error);
  galley_store_write (self->store, write_connected, NULL, &error);
  g_assert_no_error (error);
}

GalleySyncService *
galley_sync_bench_new_service (GalleySyncBench *self, GalleyStore **store)
{
  g_autoptr (GError) error = NULL;

  *store = galley_store_open (self->folder, GALLEY_STORE_CREATE,
                              galley_fake_world_get (self->world), &error);
  g_assert_no_error (error);
  return galley_sync_service_new (*store, GALLEY_TRANSPORT (self->transport), NULL);
}

void
galley_sync_bench_set_up (GalleySyncBench *self, gconstpointer data)
{
  self->world = galley_fake_world_new ();
  self->folder = galley_test_path ("workspace");
  self->transport = galley_fake_transport_new (serve, self);
  self->accepted = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->service = galley_sync_bench_new_service (self, &self->store);
  make_project (self);
}

void
galley_sync_bench_end_service (GalleySyncService **service, GalleyStore **store)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_sync_service_stop_async (*service, galley_test_store_result, &result);
  galley_sync_service_stop_finish (*service, galley_test_wait (&result));
  g_clear_object (service);
  galley_store_close (*store);
  g_clear_object (store);
}

void
galley_sync_bench_restart (GalleySyncBench *self)
{
  galley_sync_bench_end_service (&self->service, &self->store);
  self->service = galley_sync_bench_new_service (self, &self->store);
}

void
galley_sync_bench_tear_down (GalleySyncBench *self, gconstpointer data)
{
  galley_sync_bench_end_service (&self->service, &self->store);
  g_clear_object (&self->transport);
  g_array_unref (self->accepted);
  g_free (self->folder);
  galley_fake_world_free (self->world);
}

/* ── waiting: each ends when what a test expects is there; meson ends a test that waits for ever ──
 */

void
galley_sync_bench_wait_state (GalleySyncBench *self, GalleySyncState state)
{
  while (galley_sync_service_get_state (self->service) != state)
    g_main_context_iteration (NULL, TRUE);
}

void
galley_sync_bench_wait_hanging (GalleySyncBench *self, guint n_hanging)
{
  while (galley_fake_transport_get_n_hanging (self->transport) != n_hanging)
    g_main_context_iteration (NULL, TRUE);
}

GalleyJob *
galley_sync_bench_find (GalleySyncBench *self, const char *kind)
{
  GalleyJobQueue *queue = galley_sync_service_get_queue (self->service);

  for (guint i = 0; i < galley_job_queue_get_n_jobs (queue); i++)
    if (g_strcmp0 (galley_job_get_row (galley_job_queue_get_job (queue, i))->kind, kind) == 0)
      return galley_job_queue_get_job (queue, i);

  return NULL;
}

void
galley_sync_bench_wait_job (GalleySyncBench *self, const char *kind, GalleyJobState state)
{
  GalleyJob *job;

  while ((job = galley_sync_bench_find (self, kind)) == NULL || galley_job_get_state (job) != state)
    g_main_context_iteration (NULL, TRUE);
}
