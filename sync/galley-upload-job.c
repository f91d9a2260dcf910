/* galley-upload-job.c: sends the file of a version, from wherever an earlier try ended
 *
 *   ask ──► complete ──────────────────────────────► note it
 *    └────► send a slice ──► more ──► send a slice ──► note it
 *                │
 *                └── no such project ──► register it, once ──► ask
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-upload-job"

#include "sync/galley-upload-job.h"

#include "data/galley-outbox.h"
#include "sync/galley-registration.h"
#include "sync/galley-slice-stream.h"

#include <glib/gi18n-lib.h>

/* One request; what a proxy in between may have to buffer, and what a break can cost at most. */
#define SLICE_BYTES (16 * 1024 * 1024)

struct _GalleyUploadJob
{
  GalleyJob parent_instance;

  GalleyHash hash;
  char hash_text[GALLEY_HASH_TEXT_SIZE];
  char project_text[GALLEY_ID_TEXT_SIZE];
  guint64 size_bytes;
  guint64 offset;      /* of the slice that is being sent */
  gboolean registered; /* the project, in this try */
};

G_DEFINE_FINAL_TYPE (GalleyUploadJob, galley_upload_job, GALLEY_TYPE_JOB)

static void ask (GTask *task);
static void send_slice (GTask *task);

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

/* writer thread */
static gboolean
write_uploaded (GalleyWriter *writer, gpointer data, GError **error)
{
  const Noted *noted = data;

  return galley_outbox_set_file_uploaded (writer, &noted->project, &noted->hash, TRUE, error);
}

/* Takes @task. */
static void
note (GTask *task)
{
  GalleyUploadJob *self = g_task_get_source_object (task);

  Noted noted = { galley_job_get_row (GALLEY_JOB (self))->project, self->hash };

  galley_job_set_progress (GALLEY_JOB (self), self->size_bytes, self->size_bytes);
  galley_job_end_with_write (task, write_uploaded, g_memdup2 (&noted, sizeof noted), g_free);
}

/* ── register ── */

static void
registered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!galley_registration_run_finish (result, &error))
    return g_task_return_error (task, error);

  galley_job_touch (g_task_get_source_object (task));
  ask (g_steal_pointer (&task));
}

/* The server has lost the project, or has shut this person out of it: only a second try tells.
 * Takes @task. */
static void
miss_project (GTask *task)
{
  GalleyUploadJob *self = g_task_get_source_object (task);

  if (self->registered)
    {
      g_task_return_error (task, galley_registration_explain_missing ());
      g_object_unref (task);
      return;
    }

  self->registered = TRUE;
  galley_registration_run_async (get_context (task),
                                 &galley_job_get_row (GALLEY_JOB (self))->project,
                                 g_task_get_cancellable (task), registered_cb, task);
}

/* ── send a slice ── */

static gboolean
is_mismatch (GalleyResponse *response)
{
  g_autofree char *code = galley_response_get_code (response);

  return g_strcmp0 (code, "hash-mismatch") == 0;
}

static void
slice_sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyUploadJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);
  guint64 complete = 0;

  if (response == NULL)
    return g_task_return_error (task, error);
  if (is_mismatch (response))
    return g_task_return_new_error (task, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                                    _ ("The file did not arrive as it was sent. It may be damaged "
                                       "on this computer; verify it, or import it again."));
  /* Only a Galley server says whether it has the file, and only that counts as sent. */
  if (!galley_response_check (response, NULL, &error) ||
      !galley_response_get_number (response, "Galley-Complete", &complete, &error))
    {
      if (!g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_THERE))
        return g_task_return_error (task, error);
      g_error_free (error);
      return miss_project (g_steal_pointer (&task));
    }
  if (complete != 0)
    return note (g_steal_pointer (&task));

  self->offset = MIN (self->offset + SLICE_BYTES, self->size_bytes);
  galley_job_set_progress (GALLEY_JOB (self), self->offset, self->size_bytes);
  if (self->offset == self->size_bytes)
    return g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SERVER,
                                    _ ("The server has not got the whole file yet. What is missing "
                                       "is sent again by itself."));

  send_slice (g_steal_pointer (&task));
}

static void
progress_cb (guint64 bytes, gpointer data)
{
  GalleyUploadJob *self = data;

  galley_job_set_progress (GALLEY_JOB (self), MIN (self->offset + bytes, self->size_bytes),
                           self->size_bytes);
}

/* The hash is for the server to check; that bytes are missing can be seen from here. */
static gboolean
check_size (GalleyUploadJob *self, GSeekable *file, GError **error)
{
  if (g_seekable_seek (file, 0, G_SEEK_END, NULL, NULL) &&
      (guint64)g_seekable_tell (file) == self->size_bytes)
    return TRUE;

  galley_slice_set_short (error);
  return FALSE;
}

/* The file's own bytes from the offset on, or NULL. */
static GInputStream *
open_slice (GalleyUploadJob *self, guint64 bytes, GError **error)
{
  GalleyJobContext *context = galley_job_get_context (GALLEY_JOB (self));
  g_autofree char *path = galley_file_store_get_path (context->files, &self->hash);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, NULL);
  g_autoptr (GInputStream) slice = NULL;

  if (stream == NULL)
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                           _ ("The file is not on this computer any more, so it cannot be sent."));
      return NULL;
    }
  if (!check_size (self, G_SEEKABLE (stream), error) ||
      !g_seekable_seek (G_SEEKABLE (stream), (goffset)self->offset, G_SEEK_SET, NULL, error))
    return NULL;

  slice = galley_slice_stream_new (G_INPUT_STREAM (stream), bytes);
  return galley_pace_slow_input (galley_job_limits_get_pace (context->limits, TRUE), slice);
}

/* Takes @task. */
static void
send_slice (GTask *task)
{
  GalleyUploadJob *self = g_task_get_source_object (task);
  guint64 bytes = MIN (SLICE_BYTES, self->size_bytes - self->offset);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GInputStream) slice = open_slice (self, bytes, &error);
  g_autofree char *range = NULL;
  g_autoptr (GalleyRequest) request = NULL;

  if (slice == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  range = g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                           self->offset, self->offset + bytes - 1, self->size_bytes);
  request = galley_request_new ("PUT", "/v1/projects/%s/files/%s", self->project_text,
                                self->hash_text);
  galley_request_add_header (request, "Content-Range", range);
  galley_request_set_body_stream (request, slice, bytes);
  galley_request_set_progress (request, progress_cb, self);
  galley_transport_send_async (get_context (task)->transport, request,
                               g_task_get_cancellable (task), slice_sent_cb, task);
}

/* ── ask what the server has ── */

static gboolean
read_offset (GalleyUploadJob *self, GalleyResponse *response, gboolean *complete, GError **error)
{
  guint64 has_all = 0;

  /* A server that has nothing of it yet may say so either way. */
  if (response->status == 404 && !galley_response_has_type (response, "text/html"))
    {
      self->offset = 0;
      return TRUE;
    }
  if (!galley_response_check (response, NULL, error) ||
      !galley_response_get_number (response, "Galley-Complete", &has_all, error))
    return FALSE;

  *complete = has_all != 0;
  if (!*complete && !galley_response_get_number (response, "Galley-Offset", &self->offset, error))
    return FALSE;
  if (!*complete && self->offset >= self->size_bytes)
    self->offset = 0;

  return TRUE;
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyUploadJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);
  gboolean complete = FALSE;

  if (response == NULL || !read_offset (self, response, &complete, &error))
    return g_task_return_error (task, error);
  if (complete)
    return note (g_steal_pointer (&task));

  galley_job_set_progress (GALLEY_JOB (self), self->offset, self->size_bytes);
  send_slice (g_steal_pointer (&task));
}

/* Takes @task. */
static void
ask (GTask *task)
{
  GalleyUploadJob *self = g_task_get_source_object (task);
  g_autoptr (GalleyRequest) request = galley_request_new ("HEAD", "/v1/projects/%s/files/%s",
                                                          self->project_text, self->hash_text);

  galley_transport_send_async (get_context (task)->transport, request,
                               g_task_get_cancellable (task), asked_cb, task);
}

static void
galley_upload_job_run_async (GalleyJob *job,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GalleyUploadJob *self = GALLEY_UPLOAD_JOB (job);
  const GalleyJobRow *row = galley_job_get_row (job);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, galley_upload_job_run_async);
  if (row->subject == NULL || !galley_hash_parse (row->subject, &self->hash) || row->total == 0)
    return g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID,
                                    _ ("This job does not say which file it is about."));

  galley_hash_print (&self->hash, self->hash_text);
  galley_id_print (&row->project, self->project_text);
  self->size_bytes = row->total;
  self->registered = FALSE;
  ask (g_steal_pointer (&task));
}

static void
galley_upload_job_class_init (GalleyUploadJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  job_class->kind = "upload";
  job_class->unit = "bytes";
  job_class->max_running = 2;
  job_class->large = TRUE;
  job_class->run_async = galley_upload_job_run_async;
}

static void
galley_upload_job_init (GalleyUploadJob *self)
{
}
