/* galley-fleet-job.c: how all computers are, asked of the server by an administrator who looks at
 * them
 *
 *   ask ──► write it down as it came, for whoever shows it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-fleet-job"

#include "sync/galley-fleet-job.h"

#include "data/galley-directory.h"
#include "sync/galley-fleet.h"
#include "sync/galley-request.h"
#include "sync/galley-sync-error.h"

/* Of thousands of computers. */
#define MAX_BYTES (16 * 1024 * 1024)

struct _GalleyFleetJob
{
  GalleyJob parent_instance;
};

G_DEFINE_FINAL_TYPE (GalleyFleetJob, galley_fleet_job, GALLEY_TYPE_JOB)

/* writer thread; @text: (nullable): nothing when the server does not say it to this person */
static gboolean
write_heard (GalleyWriter *writer, gpointer text, GError **error)
{
  g_autoptr (GalleyFleet) fleet = text != NULL ? galley_fleet_parse (text, error) : NULL;

  if (text != NULL && fleet == NULL)
    return FALSE;

  return galley_directory_set (writer, GALLEY_SETTING_FLEET, text, error) &&
         galley_directory_set (writer, GALLEY_SETTING_FLEET_WANTED, NULL, error);
}

static GalleyJobContext *
get_context (GTask *task)
{
  return galley_job_get_context (g_task_get_source_object (task));
}

/* Somebody who is no administrator any more is no trouble. */
static gboolean
is_answer (GalleyResponse *response, char **text, GError **error)
{
  g_autoptr (GError) local = NULL;

  *text = NULL;
  if (!galley_response_check (response, "application/json", &local))
    {
      if (g_error_matches (local, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_REFUSED))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  *text = g_strndup (g_bytes_get_data (response->body, NULL), g_bytes_get_size (response->body));
  return TRUE;
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);
  char *text;

  if (response == NULL || !is_answer (response, &text, &error))
    return g_task_return_error (task, error);

  galley_job_end_with_write (g_steal_pointer (&task), write_heard, text, g_free);
}

static void
galley_fleet_job_run_async (GalleyJob *job,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (job, cancellable, callback, user_data);
  g_autoptr (GalleyRequest) request = galley_request_new ("GET", "/v1/fleet");

  g_task_set_source_tag (task, galley_fleet_job_run_async);
  request->max_bytes = MAX_BYTES;
  galley_transport_send_async (get_context (task)->transport, request, cancellable, answered_cb,
                               task);
}

static void
galley_fleet_job_class_init (GalleyFleetJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  job_class->kind = "fleet";
  job_class->unit = "questions";
  job_class->max_running = 1;
  job_class->quiet = TRUE;
  job_class->run_async = galley_fleet_job_run_async;
}

static void
galley_fleet_job_init (GalleyFleetJob *self)
{
}
