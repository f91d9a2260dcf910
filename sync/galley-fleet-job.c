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
#include "sync/galley-request.h"
#include "sync/galley-sync-error.h"
#include "sync/wire/galley-wire-json.h"

#include <string.h>

struct _GalleyFleetJob
{
  GalleyJob parent_instance;
};

G_DEFINE_FINAL_TYPE (GalleyFleetJob, galley_fleet_job, GALLEY_TYPE_JOB)

/**
 * galley_fleet_is_wanted:
 *
 * Returns: whether somebody looks who has not been answered
 */
gboolean
galley_fleet_is_wanted (GalleyReader *reader)
{
  g_autofree char *wanted = galley_directory_get (reader, GALLEY_SETTING_FLEET_WANTED);

  return wanted != NULL;
}

/**
 * galley_fleet_may_ask:
 * @person: who works here
 *
 * Returns: whether the server would answer, as far as is known
 */
gboolean
galley_fleet_may_ask (GalleyReader *reader, const GalleyId *person)
{
  g_autoptr (GPtrArray) persons = galley_directory_list_persons (reader, NULL);

  for (guint i = 0; persons != NULL && i < persons->len; i++)
    {
      const GalleyPerson *known = persons->pdata[i];

      if (galley_id_equal (&known->id, person))
        return known->role == GALLEY_ROLE_ADMIN;
    }

  return FALSE;
}

gboolean
galley_fleet_want (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, GALLEY_SETTING_FLEET_WANTED, "1", error);
}

/* ── what it said ── */

static void
add_projects (JsonArray *projects, GalleyFleetLine *line)
{
  for (guint i = 0; projects != NULL && i < json_array_get_length (projects); i++)
    {
      JsonObject *project = json_array_get_object_element (projects, i);

      line->n_projects++;
      line->lag += (guint64)MAX (galley_json_get_int (project, "lag", 0), 0);
      line->differs |= json_object_has_member (project, "differs") &&
                       json_object_get_boolean_member (project, "differs");
    }
}

/**
 * galley_fleet_read:
 *
 * Returns: (transfer full) (nullable) (element-type GalleyFleetLine): what the server said last;
 *   %NULL when it never did
 */
GArray *
galley_fleet_read (GalleyReader *reader)
{
  g_autofree char *text = galley_directory_get (reader, GALLEY_SETTING_FLEET);
  g_autoptr (GBytes) bytes = text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
  g_autoptr (JsonNode) root = bytes != NULL ? galley_json_parse (bytes, NULL) : NULL;
  JsonArray *devices = root != NULL
                           ? galley_json_get_array (json_node_get_object (root), "by_device")
                           : NULL;
  GArray *lines = devices != NULL ? g_array_new (FALSE, TRUE, sizeof (GalleyFleetLine)) : NULL;

  for (guint i = 0; devices != NULL && i < json_array_get_length (devices); i++)
    {
      JsonObject *device = json_array_get_object_element (devices, i);
      const char *id = galley_json_get_string (device, "id");
      GalleyFleetLine line = { 0 };

      if (id == NULL || !galley_id_parse (id, &line.device, NULL))
        continue;
      add_projects (galley_json_get_array (device, "projects"), &line);
      g_array_append_val (lines, line);
    }

  return lines;
}

/* ── the job ── */

/* writer thread; @text: (nullable): nothing when the server does not say it to this person */
static gboolean
write_heard (GalleyWriter *writer, gpointer text, GError **error)
{
  return galley_directory_set (writer, GALLEY_SETTING_FLEET, text, error) &&
         galley_directory_set (writer, GALLEY_SETTING_FLEET_WANTED, NULL, error);
}

static void
noted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (galley_store_write_finish (GALLEY_STORE (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
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
  g_autoptr (JsonNode) root = NULL;

  *text = NULL;
  if (!galley_response_check (response, "application/json", &local))
    {
      if (g_error_matches (local, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_REFUSED))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  root = galley_json_parse (response->body, error);
  if (root == NULL)
    return FALSE;

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
  GalleyStore *store = get_context (task)->store;
  char *text;

  if (response == NULL || !is_answer (response, &text, &error))
    return g_task_return_error (task, error);

  galley_store_write_async (store, write_heard, text, g_free, NULL, noted_cb,
                            g_steal_pointer (&task));
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
