/* galley-download-job.c: fetches the file of a version, from wherever an earlier try ended
 *
 *   fetch the rest into the part ──► verify ──► note it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-download-job"

#include "sync/galley-download-job.h"

#include "data/galley-outbox.h"

#include <glib/gi18n-lib.h>

struct _GalleyDownloadJob
{
  GalleyJob parent_instance;

  GalleyHash hash;
  guint64 size_bytes;
  guint64 offset; /* where this try began */
};

G_DEFINE_FINAL_TYPE (GalleyDownloadJob, galley_download_job, GALLEY_TYPE_JOB)

static GalleyJobContext *
get_context (GTask *task)
{
  return galley_job_get_context (g_task_get_source_object (task));
}

/* ── note it ── */

typedef struct
{
  GalleyId project;
  GalleyHash hash;
} Noted;

/* writer thread: it came from the server, so it need not be sent there */
static gboolean
write_here (GalleyWriter *writer, gpointer data, GError **error)
{
  const Noted *noted = data;

  return galley_outbox_set_file_here (writer, &noted->hash, TRUE, error) &&
         galley_outbox_set_file_uploaded (writer, &noted->project, &noted->hash, TRUE, error);
}

/* Takes @task. */
static void
note (GTask *task)
{
  GalleyDownloadJob *self = g_task_get_source_object (task);
  Noted noted = { galley_job_get_row (GALLEY_JOB (self))->project, self->hash };

  galley_job_set_progress (GALLEY_JOB (self), self->size_bytes, self->size_bytes);
  galley_job_end_with_write (task, write_here, g_memdup2 (&noted, sizeof noted), g_free);
}

/* ── verify ── */

/* A thread of the pool: reads the whole file once. */
static void
verify_in_thread (GTask *verifying, gpointer source, gpointer data, GCancellable *cancellable)
{
  GalleyDownloadJob *self = source;
  GalleyJobContext *context = data;
  GError *error = NULL; /* handed to the task */

  if (!galley_file_store_finish_part (context->files, &self->hash, self->size_bytes, &error))
    return g_task_return_error (verifying, error);

  g_task_return_boolean (verifying, TRUE);
}

static void
verified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    return g_task_return_error (task, error);

  note (g_steal_pointer (&task));
}

/* Takes @task. */
static void
verify (GTask *task)
{
  g_autoptr (GTask) verifying = g_task_new (g_task_get_source_object (task),
                                            g_task_get_cancellable (task), verified_cb, task);

  g_task_set_source_tag (verifying, verify);
  g_task_set_task_data (verifying, galley_job_context_ref (get_context (task)),
                        (GDestroyNotify)galley_job_context_unref);
  galley_world_run_task (galley_job_context_get_world (get_context (task)), verifying,
                         verify_in_thread);
}

/* ── fetch ── */

static void
progress_cb (guint64 bytes, gpointer data)
{
  GalleyDownloadJob *self = data;

  galley_job_set_progress (GALLEY_JOB (self), MIN (self->offset + bytes, self->size_bytes),
                           self->size_bytes);
}

static void
fetched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyDownloadJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);
  guint expected = self->offset > 0 ? 206 : 200;

  if (response == NULL || !galley_response_check (response, NULL, &error))
    return g_task_return_error (task, error);
  if (response->status != expected || response->sunk_bytes != self->size_bytes - self->offset)
    return g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY,
                                    _ ("The server sent another part of the file than was asked "
                                       "for."));

  galley_job_set_progress (GALLEY_JOB (self), self->size_bytes, self->size_bytes);
  verify (g_steal_pointer (&task));
}

/* What the server sends goes to the end of the part; a break leaves the part as long as it got. */
static GalleyRequest *
new_request (GalleyDownloadJob *self, GOutputStream *part)
{
  char hash[GALLEY_HASH_TEXT_SIZE], project[GALLEY_ID_TEXT_SIZE];
  GalleyRequest *request =
      galley_request_new ("GET", "/v1/projects/%s/files/%s",
                          galley_id_print (&galley_job_get_row (GALLEY_JOB (self))->project,
                                           project),
                          galley_hash_print (&self->hash, hash));

  if (self->offset > 0)
    {
      g_autofree char *range = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-", self->offset);

      galley_request_add_header (request, "Range", range);
    }
  galley_request_set_sink (request, part, self->offset > 0 ? 206 : 200,
                           self->size_bytes - self->offset);
  galley_request_set_progress (request, progress_cb, self);
  return request;
}

/* Takes @task. */
static void
fetch (GTask *task)
{
  GalleyDownloadJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GOutputStream)
      part = galley_file_store_append_part (get_context (task)->files, &self->hash, self->offset,
                                            &error);
  GalleyPace *pace = galley_job_limits_get_pace (get_context (task)->limits, FALSE);
  g_autoptr (GOutputStream) slow = NULL;
  g_autoptr (GalleyRequest) request = NULL;

  if (part == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  slow = galley_pace_slow_output (pace, part);
  request = new_request (self, slow);
  galley_job_set_progress (GALLEY_JOB (self), self->offset, self->size_bytes);
  galley_transport_send_async (get_context (task)->transport, request,
                               g_task_get_cancellable (task), fetched_cb, task);
}

static void
galley_download_job_run_async (GalleyJob *job,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GalleyDownloadJob *self = GALLEY_DOWNLOAD_JOB (job);
  const GalleyJobRow *row = galley_job_get_row (job);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GalleyFileStore *files = get_context (task)->files;

  g_task_set_source_tag (task, galley_download_job_run_async);
  if (row->subject == NULL || !galley_hash_parse (row->subject, &self->hash) || row->total == 0)
    return g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID,
                                    _ ("This job does not say which file it is about."));

  self->size_bytes = row->total;
  if (galley_file_store_has (files, &self->hash))
    return note (g_steal_pointer (&task));

  self->offset = galley_file_store_get_part_size (files, &self->hash);
  if (self->offset == self->size_bytes)
    return verify (g_steal_pointer (&task));
  if (self->offset > self->size_bytes)
    self->offset = 0;
  fetch (g_steal_pointer (&task));
}

static void
galley_download_job_class_init (GalleyDownloadJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  job_class->kind = "download";
  job_class->unit = "bytes";
  job_class->max_running = 3;
  job_class->large = TRUE;
  job_class->waits_for_others = TRUE;
  job_class->run_async = galley_download_job_run_async;
}

static void
galley_download_job_init (GalleyDownloadJob *self)
{
}
