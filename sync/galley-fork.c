/* galley-fork.c: what a job does that meets other changes under this device's name
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-fork"

#include "sync/galley-fork.h"

#include "data/galley-directory.h"
#include "data/galley-identity.h"
#include "sync/galley-sync-error.h"

#include <glib/gi18n-lib.h>

/* writer thread */
static gboolean
write_forked (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, GALLEY_SETTING_FORKED, "1", error);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  galley_job_set_result (g_task_get_source_object (task),
                         _ ("The server has other changes under the name of this computer: it was "
                            "copied, or restored from a backup. It takes a name of its own first; "
                            "then this goes on."));
  g_task_return_boolean (task, TRUE);
}

/**
 * galley_fork_return_error:
 * @task: (transfer full): of a job
 * @error: (transfer full): why it ends
 *
 * Fails the task; but when the device's chain has forked, that is noted and the job is over: the
 * workspace takes a new identity, and what the job was for is then wanted again.
 */
void
galley_fork_return_error (GTask *task, GError *error)
{
  GalleyJobContext *context = galley_job_get_context (g_task_get_source_object (task));

  if (!g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_FORK) &&
      !g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_FORK))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  g_error_free (error);
  galley_store_write_async (context->store, write_forked, NULL, NULL, NULL, written_cb, task);
}
