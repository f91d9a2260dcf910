/* galley-common-ground.c: asks the server how far it has what this device has
 *
 *   read what is known here ──► ask ──► the last position and the last own change that are the same
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-common-ground"

#include "sync/galley-common-ground.h"

#include "data/galley-identity.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  GalleyJobContext *context;
  GalleyId project;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  galley_job_context_unref (question->context);
  g_free (question);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);
  GalleyCommon *common;

  if (response == NULL || !galley_response_check (response, "application/json", &error))
    return g_task_return_error (task, error);

  common = galley_common_parse (response->body, &error);
  if (common == NULL)
    return g_task_return_error (task, galley_response_wrap_malformed (error));

  g_task_return_pointer (task, common, (GDestroyNotify)galley_common_free);
}

/* reader thread */
static gpointer
read_known (GalleyReader *reader, gpointer data, GError **error)
{
  g_autoptr (GalleyKnown) known = galley_known_new ();

  g_array_unref (known->marks);
  known->marks = galley_stream_list_marks (reader, data, error);
  g_array_unref (known->chain);
  known->chain = known->marks != NULL ? galley_identity_list_unsent (reader, data, error) : NULL;
  if (known->chain == NULL)
    {
      if (known->marks == NULL)
        known->marks = g_array_new (FALSE, TRUE, sizeof (GalleyMark));
      known->chain = g_array_new (FALSE, TRUE, sizeof (GalleyChainLink));
      return NULL;
    }

  return galley_known_to_bytes (known);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Question *question = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GBytes) body = galley_store_read_finish (GALLEY_STORE (source), result, &error);
  g_autoptr (GalleyRequest) request = NULL;
  char project[GALLEY_ID_TEXT_SIZE];

  if (body == NULL)
    return g_task_return_error (task, error);

  request = galley_request_new ("POST", "/v1/projects/%s/common",
                                galley_id_print (&question->project, project));
  galley_request_set_body (request, body, "application/json");
  galley_transport_send_async (question->context->transport, request, g_task_get_cancellable (task),
                               answered_cb, g_object_ref (task));
}

/**
 * galley_common_ground_to_query:
 *
 * Returns: (transfer full): what this device knows of the server's stream, for an address
 */
char *
galley_common_ground_to_query (const GalleyOutboxState *state)
{
  g_autoptr (GString) query = g_string_new (NULL);
  char rolling[GALLEY_HASH_TEXT_SIZE];

  g_string_append_printf (query, "after=%" G_GUINT64_FORMAT, state->position);
  if (state->history_id != NULL)
    {
      g_string_append (query, "&history=");
      g_string_append_uri_escaped (query, state->history_id, NULL, FALSE);
    }
  if (state->rolled)
    g_string_append_printf (query, "&rolling=%s", galley_hash_print (&state->rolling, rolling));
  return g_string_free (g_steal_pointer (&query), FALSE);
}

/**
 * galley_common_ground_find_async:
 *
 * Main loop. Writes nothing.
 */
void
galley_common_ground_find_async (GalleyJobContext *context,
                                 const GalleyId *project,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Question *question = g_new0 (Question, 1);

  question->context = galley_job_context_ref (context);
  question->project = *project;
  g_task_set_source_tag (task, galley_common_ground_find_async);
  g_task_set_task_data (task, question, question_free);
  galley_store_read_async (context->store, read_known, g_memdup2 (project, sizeof *project), g_free,
                           (GDestroyNotify)g_bytes_unref, cancellable, read_cb, task);
}

GalleyCommon *
galley_common_ground_find_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
