/* galley-registration.c: makes a project known to the server
 *
 *   ask ──► note that it is shared
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-registration"

#include "sync/galley-registration.h"

#include "data/galley-outbox.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  GalleyJobContext *context;
  GalleyId project;
} Registration;

static void
registration_free (gpointer data)
{
  Registration *registration = data;

  galley_job_context_unref (registration->context);
  g_free (registration);
}

/* writer thread */
static gboolean
write_shared (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_outbox_set_shared (writer, data, TRUE, error);
}

static void
noted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  g_task_return_boolean (task, TRUE);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Registration *registration = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);

  if (response == NULL || !galley_response_check (response, "application/json", &error))
    return g_task_return_error (task, error);

  galley_store_write_async (registration->context->store, write_shared, &registration->project,
                            NULL, NULL, noted_cb, g_object_ref (task));
}

/**
 * galley_registration_run_async:
 *
 * Main loop. A project that the server knows already stays as it is there.
 */
void
galley_registration_run_async (GalleyJobContext *context,
                               const GalleyId *project,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Registration *registration = g_new0 (Registration, 1);
  char id[GALLEY_ID_TEXT_SIZE];
  g_autoptr (GalleyRequest)
      request = galley_request_new ("PUT", "/v1/projects/%s", galley_id_print (project, id));

  registration->context = galley_job_context_ref (context);
  registration->project = *project;
  g_task_set_source_tag (task, galley_registration_run_async);
  g_task_set_task_data (task, registration, registration_free);
  galley_transport_send_async (context->transport, request, cancellable, answered_cb, task);
}

/**
 * galley_registration_run_finish:
 * @error: %GALLEY_SYNC_ERROR_REFUSED when this person may not bring projects there, and whatever
 *   else a request can fail with
 */
gboolean
galley_registration_run_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * galley_registration_explain_missing:
 *
 * To those who may not read a project the server says that it is not there; so that is what a
 * project means which is missing right after it was registered.
 *
 * Returns: (transfer full): a %GALLEY_SYNC_ERROR_REFUSED for a person to act on
 */
GError *
galley_registration_explain_missing (void)
{
  return g_error_new_literal (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_REFUSED,
                              _ ("The server does not let you into this project any more. What "
                                 "was not sent stays safe on this computer. Ask a lead to let you "
                                 "in again, then retry."));
}
