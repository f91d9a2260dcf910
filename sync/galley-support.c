/* galley-support.c: what somebody needs to know who is to help with a workspace from afar
 *
 * Versions, settings, jobs and their logs, what waited and travelled, and the shape of the journal.
 * Without words nothing in it says what people work on: no names, no texts, no addresses, no keys.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-support"

#include "sync/galley-support.h"

#include "data/galley-census.h"
#include "data/galley-directory.h"
#include "data/galley-job-table.h"
#include "data/galley-local-backup.h"
#include "data/galley-metric-table.h"
#include "data/galley-outbox.h"
#include "sync/galley-job-limits.h"
#include "sync/galley-sync-notes.h"
#include "sync/wire/galley-wire-json.h"

#include <sys/utsname.h>

/* Newest first; older ones say little of what is wrong now. */
#define MAX_JOBS 300
#define METRICS_US G_TIME_SPAN_DAY

typedef struct
{
  GalleyStore *store;
  GalleyReader *reader;
  JsonBuilder *json;
  gboolean with_words;
} Report;

/**
 * galley_support_hide_names:
 *
 * Returns: (transfer full): a sentence of the program without what stands in quotes in it: that is
 *   what people have named
 */
char *
galley_support_hide_names (const char *text)
{
  g_autoptr (GRegex) quoted = g_regex_new ("[“„«\"][^”“»\"]*[”“»\"]", G_REGEX_OPTIMIZE, 0, NULL);

  return g_regex_replace_literal (quoted, text, -1, 0, "“…”", 0, NULL);
}

static void
add_sentence (Report *report, const char *name, const char *text)
{
  g_autofree char *hidden = text != NULL && !report->with_words ? galley_support_hide_names (text)
                                                                : g_strdup (text);

  galley_json_add_string (report->json, name, hidden);
}

static void
begin (Report *report, const char *name)
{
  json_builder_set_member_name (report->json, name);
  json_builder_begin_object (report->json);
}

static void
begin_list (Report *report, const char *name)
{
  json_builder_set_member_name (report->json, name);
  json_builder_begin_array (report->json);
}

static void
add_versions (Report *report)
{
  g_autofree char *glib = g_strdup_printf ("%u.%u.%u", glib_major_version, glib_minor_version,
                                           glib_micro_version);
  struct utsname system;

  begin (report, "versions");
  galley_json_add_string (report->json, "galley", GALLEY_VERSION);
  galley_json_add_string (report->json, "glib", glib);
  if (uname (&system) == 0)
    {
      galley_json_add_string (report->json, "system", system.sysname);
      galley_json_add_string (report->json, "kernel", system.release);
      galley_json_add_string (report->json, "machine", system.machine);
    }
  json_builder_end_object (report->json);
}

static gboolean
add_status (Report *report, GError **error)
{
  GalleyStatus status;

  if (!galley_reader_get_status (report->reader, &status, error))
    return FALSE;

  begin (report, "status");
  galley_json_add_int (report->json, "unsent", status.unsent);
  galley_json_add_int (report->json, "waiting_bytes", status.waiting_bytes);
  galley_json_add_int (report->json, "conflicts", status.conflicts);
  galley_json_add_int (report->json, "needs_attention", status.needs_attention);
  galley_json_add_int (report->json, "differing", status.differing);
  galley_json_add_time (report->json, "last_synced", status.last_synced_us);
  galley_json_add_time (report->json, "offline_since", status.offline_since_us);
  json_builder_end_object (report->json);
  return TRUE;
}

static void
add_settings (Report *report)
{
  g_auto (GalleyJobWishes) wishes = { 0 };
  g_autofree char *url = galley_directory_get (report->reader, GALLEY_SETTING_SERVER_URL);
  g_autofree char *offline = galley_directory_get (report->reader, GALLEY_SETTING_OFFLINE);
  g_autofree char *paused = galley_directory_get (report->reader, GALLEY_SETTING_PAUSED);

  galley_job_wishes_read (&wishes, report->reader);
  begin (report, "settings");
  galley_json_add_string (report->json, "server",
                          report->with_words ? url
                          : url != NULL      ? "set"
                                             : NULL);
  galley_json_add_string (report->json, "offline", offline);
  galley_json_add_string (report->json, "paused", paused);
  for (guint i = 0; i < GALLEY_JOB_WISHES_N_SETTINGS; i++)
    {
      g_autofree char *value = NULL;
      const char *name = galley_job_wishes_get_setting (&wishes, i, &value);

      galley_json_add_string (report->json, name, value);
    }
  json_builder_end_object (report->json);
}

static void
add_project (Report *report, const GalleyProjectRow *row)
{
  g_auto (GalleyOutboxState) state = { 0 };

  json_builder_begin_object (report->json);
  galley_json_add_id (report->json, "id", &row->id);
  if (report->with_words)
    galley_json_add_string (report->json, "name", row->name);
  galley_json_add_int (report->json, "items", row->n_items);
  galley_json_add_int (report->json, "conflicts", row->n_conflicts);
  if (galley_outbox_get_state (report->reader, &row->id, &state, NULL))
    {
      galley_json_add_int (report->json, "position", state.position);
      galley_json_add_int (report->json, "own_seq", state.own_seq);
      galley_json_add_int (report->json, "unsent", state.unsent);
      galley_json_add_int (report->json, "refused", state.refused);
    }
  json_builder_end_object (report->json);
}

static gboolean
add_projects (Report *report, GError **error)
{
  g_autoptr (GPtrArray) projects = galley_reader_list_projects (report->reader, error);

  if (projects == NULL)
    return FALSE;

  begin_list (report, "projects");
  for (guint i = 0; i < projects->len; i++)
    add_project (report, projects->pdata[i]);
  json_builder_end_array (report->json);
  return TRUE;
}

static gboolean
add_tables (Report *report, GError **error)
{
  guint64 version = 0;
  g_autoptr (GPtrArray) tables = galley_census_read (report->reader, &version, error);

  if (tables == NULL)
    return FALSE;

  begin (report, "tables");
  galley_json_add_int (report->json, "schema_version", version);
  for (guint i = 0; i < tables->len; i++)
    {
      const GalleyCensusRow *row = tables->pdata[i];

      galley_json_add_int (report->json, row->table, row->n_rows);
    }
  json_builder_end_object (report->json);
  return TRUE;
}

static gboolean
add_events (Report *report, gint64 job, GError **error)
{
  g_autoptr (GPtrArray) events = galley_job_table_get_events (report->reader, job, error);

  if (events == NULL)
    return FALSE;

  begin_list (report, "log");
  for (guint i = 0; i < events->len; i++)
    {
      const GalleyJobEvent *event = events->pdata[i];

      json_builder_begin_object (report->json);
      galley_json_add_time (report->json, "time", event->at_us);
      add_sentence (report, "text", event->text);
      json_builder_end_object (report->json);
    }
  json_builder_end_array (report->json);
  return TRUE;
}

static gboolean
add_job (Report *report, const GalleyJobRow *row, GError **error)
{
  json_builder_begin_object (report->json);
  galley_json_add_int (report->json, "id", row->id);
  galley_json_add_string (report->json, "kind", row->kind);
  galley_json_add_string (report->json, "state", galley_job_state_to_string (row->state));
  galley_json_add_string (report->json, "waiting_for",
                          galley_job_wait_to_string (row->waiting_for));
  galley_json_add_int (report->json, "done", row->done);
  galley_json_add_int (report->json, "total", row->total);
  galley_json_add_string (report->json, "unit", row->unit);
  galley_json_add_int (report->json, "attempts", row->attempts);
  galley_json_add_int (report->json, "priority", row->priority);
  galley_json_add_time (report->json, "created", row->created_us);
  galley_json_add_time (report->json, "updated", row->updated_us);
  galley_json_add_time (report->json, "next_attempt", row->next_attempt_us);
  add_sentence (report, "title", row->title);
  add_sentence (report, "error", row->error);
  if (!add_events (report, row->id, error))
    return FALSE;
  json_builder_end_object (report->json);
  return TRUE;
}

static gboolean
add_jobs (Report *report, GError **error)
{
  g_autoptr (GPtrArray) rows = galley_job_table_list (report->reader, NULL, MAX_JOBS, error);

  begin_list (report, "jobs");
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    if (!add_job (report, rows->pdata[i], error))
      return FALSE;
  json_builder_end_array (report->json);
  return rows != NULL;
}

static gboolean
add_metrics (Report *report, GError **error)
{
  gint64 now_us = galley_world_now_us (galley_store_get_world (report->store));
  g_autoptr (GArray)
      metrics = galley_metric_table_list (report->reader, now_us - METRICS_US, error);

  begin_list (report, "metrics");
  for (guint i = 0; metrics != NULL && i < metrics->len; i++)
    {
      const GalleyMetric *metric = &g_array_index (metrics, GalleyMetric, i);

      json_builder_begin_object (report->json);
      galley_json_add_time (report->json, "time", metric->at_us);
      galley_json_add_int (report->json, "unsent", metric->unsent);
      galley_json_add_int (report->json, "waiting_bytes", metric->waiting_bytes);
      galley_json_add_int (report->json, "sent_bytes", metric->sent_bytes);
      galley_json_add_int (report->json, "received_bytes", metric->received_bytes);
      galley_json_add_int (report->json, "failures", metric->failures);
      json_builder_end_object (report->json);
    }
  json_builder_end_array (report->json);
  return metrics != NULL;
}

static void
add_backups (Report *report)
{
  g_autoptr (GPtrArray)
      files = galley_local_backup_list (galley_store_get_folder (report->store), NULL);

  begin_list (report, "backups");
  for (guint i = 0; i < files->len; i++)
    {
      const GalleyBackupFile *file = files->pdata[i];

      json_builder_begin_object (report->json);
      galley_json_add_time (report->json, "made", file->made_us);
      galley_json_add_int (report->json, "size", file->size_bytes);
      json_builder_set_member_name (report->json, "bad");
      json_builder_add_boolean_value (report->json, file->bad);
      json_builder_end_object (report->json);
    }
  json_builder_end_array (report->json);
}

static gboolean
add_all (Report *report, GError **error)
{
  json_builder_begin_object (report->json);
  galley_json_add_time (report->json, "made",
                        galley_world_now_us (galley_store_get_world (report->store)));
  json_builder_set_member_name (report->json, "with_words");
  json_builder_add_boolean_value (report->json, report->with_words);
  galley_json_add_id (report->json, "device", galley_store_get_device (report->store));
  add_versions (report);
  add_settings (report);
  add_backups (report);
  if (!add_status (report, error) || !add_projects (report, error) || !add_tables (report, error) ||
      !add_metrics (report, error) || !add_jobs (report, error))
    return FALSE;
  json_builder_end_object (report->json);
  return TRUE;
}

static char *
print (JsonBuilder *json)
{
  g_autoptr (JsonNode) root = json_builder_get_root (json);

  return json_to_string (root, TRUE);
}

/**
 * galley_support_describe:
 * @with_words: with what projects, files and persons are called
 *
 * Blocks; not for the main loop.
 *
 * Returns: (transfer full) (nullable): JSON, in lines that a person can read
 */
char *
galley_support_describe (GalleyStore *store, gboolean with_words, GError **error)
{
  g_autoptr (GalleyReader) reader = galley_store_open_reader (store, error);
  g_autoptr (JsonBuilder) json = json_builder_new ();
  Report report = { store, reader, json, with_words };

  return reader != NULL && add_all (&report, error) ? print (json) : NULL;
}

/* ── away from the main loop ── */

static void
describe_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL; /* handed to the task */
  char *text = galley_support_describe (source, GPOINTER_TO_INT (data), &error);

  if (text != NULL)
    g_task_return_pointer (task, text, g_free);
  else
    g_task_return_error (task, error);
}

void
galley_support_describe_async (GalleyStore *store,
                               gboolean with_words,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (store, NULL, callback, user_data);

  g_task_set_source_tag (task, galley_support_describe_async);
  g_task_set_task_data (task, GINT_TO_POINTER (with_words), NULL);
  g_task_run_in_thread (task, describe_in_thread);
}

char *
galley_support_describe_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
