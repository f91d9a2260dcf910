/* galley-ctl-job.c: galleyctl job: the work that waits, runs or has stopped
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-job"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-job-table.h"

#include <glib/gi18n.h>

#define USUAL_LIMIT 200
#define MAX_LIMIT 100000

static void
add_job (GalleyCtl *ctl, const GalleyJobRow *row)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, row->id);
  const char *waits_for = galley_job_wait_to_string (row->waiting_for);

  galley_json_add_string (json, "id", id);
  galley_json_add_string (json, "kind", row->kind);
  galley_json_add_string (json, "state", galley_job_state_to_string (row->state));
  galley_json_add_string (json, "title", row->title);
  galley_json_add_string (json, "cause", row->cause);
  galley_json_add_id (json, "project", &row->project);
  galley_json_add_string (json, "subject", row->subject);
  galley_json_add_string (json, "waiting_for", *waits_for != '\0' ? waits_for : NULL);
  galley_json_add_int (json, "done", row->done);
  galley_json_add_int (json, "total", row->total);
  galley_json_add_string (json, "unit", row->unit);
  galley_json_add_int (json, "attempts", row->attempts);
  galley_json_add_int (json, "priority", row->priority);
  galley_json_add_time (json, "next_attempt", row->next_attempt_us);
  galley_json_add_string (json, "error", row->error);
  galley_json_add_time (json, "created", row->created_us);
  galley_json_add_time (json, "updated", row->updated_us);
}

static gboolean
run_list (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const char *state = galley_ctl_get_option (ctl, "state");
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  g_autoptr (GPtrArray) rows = NULL;
  GalleyJobState parsed;
  guint limit;

  if (state != NULL && !galley_job_state_parse (state, &parsed))
    /* Translators: the words that are listed are typed just like this */
    return galley_ctl_usage (error, _ ("A job is queued, running, waiting, paused, done, failed or "
                                       "cancelled."));
  if (reader == NULL ||
      !galley_ctl_get_number (ctl, "limit", USUAL_LIMIT, 1, MAX_LIMIT, &limit, error) ||
      (rows = galley_job_table_list (reader, state, limit, error)) == NULL)
    return FALSE;

  json_builder_begin_array (json);
  for (guint i = 0; i < rows->len; i++)
    {
      json_builder_begin_object (json);
      add_job (ctl, g_ptr_array_index (rows, i));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  return TRUE;
}

static GalleyJobRow *
find_job (GalleyCtl *ctl, GError **error)
{
  const char *text = galley_ctl_get_argument (ctl, 0);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  gint64 id;

  if (reader == NULL)
    return NULL;
  if (!g_ascii_string_to_signed (text, 10, 1, G_MAXINT64, &id, NULL))
    {
      galley_ctl_fail (error, _ ("“%.80s” is not the number of a job."), text);
      return NULL;
    }

  return galley_job_table_get (reader, id, error);
}

static gboolean
run_show (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyJobRow) row = find_job (ctl, error);
  g_autoptr (GPtrArray) events = NULL;

  if (row == NULL || (events = galley_job_table_get_events (galley_ctl_open_reader (ctl, NULL),
                                                            row->id, error)) == NULL)
    return FALSE;

  json_builder_begin_object (json);
  add_job (ctl, row);
  json_builder_set_member_name (json, "events");
  json_builder_begin_array (json);
  for (guint i = 0; i < events->len; i++)
    {
      const GalleyJobEvent *event = g_ptr_array_index (events, i);

      json_builder_begin_object (json);
      galley_json_add_time (json, "time", event->at_us);
      galley_json_add_string (json, "text", event->text);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
  return TRUE;
}

typedef struct
{
  gint64 job;
  GalleyJobAsk ask;
} Request;

/* writer thread */
static gboolean
write_request (GalleyWriter *writer, gpointer data, GError **error)
{
  const Request *request = data;

  return galley_job_table_ask (writer, request->job, request->ask, error);
}

/* The process that syncs this workspace takes it up; without one, the next that does. */
static gboolean
ask (GalleyCtl *ctl, GalleyJobAsk what, const char *word, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyJobRow) row = find_job (ctl, error);
  Request request = { 0, what };

  if (row == NULL)
    return FALSE;
  if (row->state == GALLEY_JOB_DONE ||
      (row->state == GALLEY_JOB_CANCELLED && what != GALLEY_JOB_ASK_RETRY))
    /* Translators: %s is a word that stays as it is: done or cancelled */
    return galley_ctl_fail (error, _ ("This job is over: it is %s."),
                            galley_job_state_to_string (row->state));

  request.job = row->id;
  if (!galley_store_write (galley_ctl_open_store (ctl, NULL), write_request, &request, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_string (json, "id", galley_ctl_get_argument (ctl, 0));
  galley_json_add_string (json, "asked", word);
  json_builder_end_object (json);
  return TRUE;
}

static gboolean
run_pause (GalleyCtl *ctl, GError **error)
{
  return ask (ctl, GALLEY_JOB_ASK_PAUSE, "pause", error);
}

static gboolean
run_resume (GalleyCtl *ctl, GError **error)
{
  return ask (ctl, GALLEY_JOB_ASK_RESUME, "resume", error);
}

static gboolean
run_retry (GalleyCtl *ctl, GError **error)
{
  return ask (ctl, GALLEY_JOB_ASK_RETRY, "retry", error);
}

static gboolean
run_cancel (GalleyCtl *ctl, GError **error)
{
  return ask (ctl, GALLEY_JOB_ASK_CANCEL, "cancel", error);
}

static gboolean
run_first (GalleyCtl *ctl, GError **error)
{
  return ask (ctl, GALLEY_JOB_ASK_FIRST, "first", error);
}

static gboolean
run_later (GalleyCtl *ctl, GError **error)
{
  return ask (ctl, GALLEY_JOB_ASK_LATER, "later", error);
}

static gboolean
run_normal (GalleyCtl *ctl, GError **error)
{
  return ask (ctl, GALLEY_JOB_ASK_NORMAL, "normal", error);
}

static const GalleyCtlOption list_options[] = {
  /* Translators: the words that are listed are typed just like this */
  { "state", "STATE", N_ ("queued, running, waiting, paused, done, failed or cancelled"), FALSE },
  { "limit", "N", N_ ("how many at most; 200 unless you say"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_job_verbs[] = {
  { "job", "list", "", 0, 0, FALSE, list_options, "id,state,title,done,total,unit,attempts,error",
    N_ ("All work that is not an edit: sending, fetching, checking"), run_list },
  { "job", "show", "ID", 1, 1, FALSE, NULL, NULL, N_ ("A job and what happened to it"), run_show },
  { "job", "pause", "ID", 1, 1, FALSE, NULL, NULL, N_ ("Stops a job until it is resumed"),
    run_pause },
  { "job", "resume", "ID", 1, 1, FALSE, NULL, NULL, N_ ("Lets a paused job go on"), run_resume },
  { "job", "retry", "ID", 1, 1, FALSE, NULL, NULL, N_ ("Tries again now, also what was cancelled"),
    run_retry },
  { "job", "cancel", "ID", 1, 1, FALSE, NULL, NULL, N_ ("Ends a job; nothing that you made goes"),
    run_cancel },
  { "job", "first", "ID", 1, 1, FALSE, NULL, NULL,
    N_ ("Does a job before the others of its kind, whatever the network"), run_first },
  { "job", "later", "ID", 1, 1, FALSE, NULL, NULL, N_ ("Does a job after the others of its kind"),
    run_later },
  { "job", "normal", "ID", 1, 1, FALSE, NULL, NULL, N_ ("Does a job when it is its turn"),
    run_normal },
  { NULL },
};
