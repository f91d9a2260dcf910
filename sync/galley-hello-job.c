/* galley-hello-job.c: asks who is who, and how far each project has come
 *
 *   ask ──► compare with what is known ──► write the differences
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-hello-job"

#include "sync/galley-hello-job.h"

#include "sync/galley-directory-news.h"

struct _GalleyHelloJob
{
  GalleyJob parent_instance;
};

G_DEFINE_FINAL_TYPE (GalleyHelloJob, galley_hello_job, GALLEY_TYPE_JOB)

static void
fetched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!galley_directory_news_fetch_finish (result, &error))
    return g_task_return_error (task, error);

  g_task_return_boolean (task, TRUE);
}

static void
galley_hello_job_run_async (GalleyJob *job,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (job, cancellable, callback, user_data);

  g_task_set_source_tag (task, galley_hello_job_run_async);
  galley_directory_news_fetch_async (galley_job_get_context (job), cancellable, fetched_cb, task);
}

static void
galley_hello_job_class_init (GalleyHelloJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  job_class->kind = "hello";
  job_class->unit = "questions";
  job_class->max_running = 1;
  job_class->quiet = TRUE;
  job_class->run_async = galley_hello_job_run_async;
}

static void
galley_hello_job_init (GalleyHelloJob *self)
{
}
