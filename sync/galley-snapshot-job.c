/* galley-snapshot-job.c: begins a project that is new here with what is in force
 *
 *   ask for one ──► fetch the file ──► verify ──► apply it, part by part ──► pull goes on from
 * there ▲   │            (from where an └───┘ it is       earlier try ended) being made
 *
 * Where that cannot be, because the server has none or the project is not new, it is left to pull.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-snapshot-job"

#include "sync/galley-snapshot-job.h"

#include "data/galley-directory.h"
#include "data/galley-flag.h"
#include "data/galley-snapshot-install.h"
#include "sync/wire/galley-wire-json.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

/* Between two questions whether it is ready; the server has worked at it for seconds by then. */
#define ASK_AGAIN_MS 100

struct _GalleySnapshotJob
{
  GalleyJob parent_instance;

  GalleyId project;
  char project_text[GALLEY_ID_TEXT_SIZE];
  char *folder; /* of what is fetched */
  GalleyFileStore *files;
  GalleyHash hash;
  GalleyHash rolling; /* of the stream up to the snapshot */
  gboolean has_rolling;
  guint64 size_bytes;
  guint64 offset; /* where the fetching began */
};

G_DEFINE_FINAL_TYPE (GalleySnapshotJob, galley_snapshot_job, GALLEY_TYPE_JOB)

static void ask (GTask *task);

static GalleyJobContext *
get_context (GTask *task)
{
  return galley_job_get_context (g_task_get_source_object (task));
}

/* ── left to pull ── */

/* writer thread */
static gboolean
write_no_snapshot (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, data, "1", error);
}

/* Takes @task. */
static void
leave_to_pull (GTask *task, const GError *why)
{
  GalleySnapshotJob *self = g_task_get_source_object (task);

  g_info ("no snapshot of %s: %s", self->project_text, why->message);
  galley_job_end_with_write (task, write_no_snapshot,
                             g_strconcat (GALLEY_SETTING_NO_SNAPSHOT, self->project_text, NULL),
                             g_free);
}

/* Whether pulling will do what a snapshot could not. */
static gboolean
can_be_pulled (const GError *error)
{
  return g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_THERE) ||
         g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_EXISTS) ||
         g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
}

/* Takes @task and @error. */
static void
end_with (GTask *task, GError *error)
{
  g_autoptr (GError) why = error;

  if (can_be_pulled (why))
    return leave_to_pull (task, why);

  g_task_return_error (task, g_steal_pointer (&why));
  g_object_unref (task);
}

/* ── apply ── */

/* How far it is, on its way to the main loop. */
typedef struct
{
  GalleyJob *job;
  guint64 done, total;
} Progress;

static void
progress_free (gpointer data)
{
  g_object_unref (((Progress *)data)->job);
  g_free (data);
}

static gboolean
show_progress_cb (gpointer data)
{
  const Progress *progress = data;

  galley_job_set_progress (progress->job, progress->done, progress->total);
  return G_SOURCE_REMOVE;
}

/* The thread of the work. */
static void
progress_cb (guint64 done, guint64 total, gpointer data)
{
  GTask *installing = data;
  Progress *progress = g_new (Progress, 1);

  progress->job = g_object_ref (g_task_get_source_object (installing));
  progress->done = done;
  progress->total = total;
  g_main_context_invoke_full (g_task_get_context (installing), G_PRIORITY_DEFAULT, show_progress_cb,
                              progress, progress_free);
}

/* A thread of the pool: verifies the file and applies it. */
static void
install_in_thread (GTask *installing, gpointer source, gpointer data, GCancellable *cancellable)
{
  GalleySnapshotJob *self = source;
  GalleyJobContext *context = data;
  g_autofree char *path = galley_file_store_get_path (self->files, &self->hash);
  GError *error = NULL; /* handed to the task */
  gboolean on;

  /* It may have been switched off since the job was queued. */
  if (!galley_flag_look_up (context->store, GALLEY_FLAG_SNAPSHOT, &on, &error))
    return g_task_return_error (installing, error);
  if (!on)
    return g_task_return_boolean (installing, TRUE);
  if ((!galley_file_store_has (self->files, &self->hash) &&
       !galley_file_store_finish_part (self->files, &self->hash, self->size_bytes, &error)) ||
      !galley_snapshot_install (context->store, &self->project, path, &self->hash,
                                self->has_rolling ? &self->rolling : NULL, cancellable, progress_cb,
                                installing, &error))
    return g_task_return_error (installing, error);

  g_unlink (path);
  g_task_return_boolean (installing, TRUE);
}

static void
installed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL; /* taken below */

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    return end_with (task, error);

  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* Takes @task. */
static void
install (GTask *task)
{
  g_autoptr (GTask) installing = g_task_new (g_task_get_source_object (task),
                                             g_task_get_cancellable (task), installed_cb, task);

  g_task_set_source_tag (installing, install);
  g_task_set_task_data (installing, galley_job_context_ref (get_context (task)),
                        (GDestroyNotify)galley_job_context_unref);
  galley_world_run_task (galley_job_context_get_world (get_context (task)), installing,
                         install_in_thread);
}

/* ── fetch ── */

static void
fetch_progress_cb (guint64 bytes, gpointer data)
{
  galley_job_touch (data);
}

static void
fetched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleySnapshotJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);

  if (response == NULL || !galley_response_check (response, NULL, &error))
    return g_task_return_error (task, error);
  if (response->sunk_bytes != self->size_bytes - self->offset)
    return g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY,
                                    _ ("The server sent another part of the snapshot than was "
                                       "asked for."));

  galley_job_touch (GALLEY_JOB (self));
  install (g_steal_pointer (&task));
}

/* Takes @task. */
static void
fetch (GTask *task)
{
  GalleySnapshotJob *self = g_task_get_source_object (task);
  char hash[GALLEY_HASH_TEXT_SIZE];
  GError *error = NULL; /* handed to the task */
  g_autoptr (GOutputStream)
      part = galley_file_store_append_part (self->files, &self->hash, self->offset, &error);
  g_autoptr (GalleyRequest) request = NULL;

  if (part == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  request = galley_request_new ("GET", "/v1/projects/%s/snapshot/%s", self->project_text,
                                galley_hash_print (&self->hash, hash));
  if (self->offset > 0)
    {
      g_autofree char *range = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-", self->offset);

      galley_request_add_header (request, "Range", range);
    }
  galley_request_set_sink (request, part, self->offset > 0 ? 206 : 200,
                           self->size_bytes - self->offset);
  galley_request_set_progress (request, fetch_progress_cb, self);
  galley_transport_send_async (get_context (task)->transport, request,
                               g_task_get_cancellable (task), fetched_cb, task);
}

/* From wherever an earlier try ended. Takes @task. */
static void
fetch_rest (GTask *task)
{
  GalleySnapshotJob *self = g_task_get_source_object (task);

  self->offset = galley_file_store_get_part_size (self->files, &self->hash);
  if (galley_file_store_has (self->files, &self->hash) || self->offset == self->size_bytes)
    return install (task);
  if (self->offset > self->size_bytes)
    self->offset = 0;

  fetch (task);
}

/* ── ask ── */

static gboolean
ask_again_cb (gpointer user_data)
{
  GTask *task = user_data;

  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else
    ask (task);
  return G_SOURCE_REMOVE;
}

static gboolean
read_answer (GalleySnapshotJob *self, GalleyResponse *response, gboolean *ready, GError **error)
{
  g_autoptr (JsonNode) root = galley_json_parse (response->body, error);
  JsonObject *object;
  const char *hash, *rolling;

  if (root == NULL)
    return FALSE;

  object = json_node_get_object (root);
  hash = galley_json_get_string (object, "hash");
  rolling = galley_json_get_string (object, "rolling");
  self->has_rolling = rolling != NULL && galley_hash_parse (rolling, &self->rolling);
  self->size_bytes = MAX (galley_json_get_int (object, "bytes", 0), 0);
  *ready = hash != NULL;
  if (hash == NULL || (galley_hash_parse (hash, &self->hash) && self->size_bytes > 0))
    return TRUE;

  g_set_error_literal (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY,
                       _ ("The server does not say which snapshot it has."));
  return FALSE;
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GalleySnapshotJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* taken below */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);
  gboolean ready;

  if (response == NULL || !galley_response_check (response, "application/json", &error) ||
      !read_answer (self, response, &ready, &error))
    return end_with (task, error);

  galley_job_touch (GALLEY_JOB (self));
  if (ready)
    fetch_rest (task);
  else
    galley_world_add_timeout (galley_job_context_get_world (get_context (task)), ASK_AGAIN_MS,
                              ask_again_cb, task);
}

/* Takes @task. */
static void
ask (GTask *task)
{
  GalleySnapshotJob *self = g_task_get_source_object (task);
  g_autoptr (GalleyRequest)
      request = galley_request_new ("GET", "/v1/projects/%s/snapshot", self->project_text);

  galley_request_add_header (request, "Accept", "application/json");
  galley_transport_send_async (get_context (task)->transport, request,
                               g_task_get_cancellable (task), answered_cb, task);
}

static void
galley_snapshot_job_run_async (GalleyJob *job,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GalleySnapshotJob *self = GALLEY_SNAPSHOT_JOB (job);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, galley_snapshot_job_run_async);
  self->project = galley_job_get_row (job)->project;
  galley_id_print (&self->project, self->project_text);
  if (self->files == NULL)
    {
      self->folder = g_build_filename (galley_store_get_folder (get_context (task)->store),
                                       "snapshots", NULL);
      self->files = galley_file_store_new (self->folder);
    }
  ask (task);
}

static void
galley_snapshot_job_finalize (GObject *object)
{
  GalleySnapshotJob *self = GALLEY_SNAPSHOT_JOB (object);

  g_clear_pointer (&self->files, galley_file_store_free);
  g_free (self->folder);
  G_OBJECT_CLASS (galley_snapshot_job_parent_class)->finalize (object);
}

static void
galley_snapshot_job_class_init (GalleySnapshotJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = galley_snapshot_job_finalize;
  job_class->kind = "snapshot";
  job_class->unit = "changes";
  job_class->max_running = 1;
  job_class->run_async = galley_snapshot_job_run_async;
}

static void
galley_snapshot_job_init (GalleySnapshotJob *self)
{
}
