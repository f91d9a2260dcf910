/* galley-ctl-sync.c: galleyctl sync: exchange changes with the server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-sync"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-print.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-divergence.h"
#include "sync/galley-job-kinds.h"
#include "sync/galley-job-limits.h"
#include "sync/galley-sync-notes.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

#define MAX_TIMEOUT_S (24 * 60 * 60)

/* How it stands, from the disk: so that it is the same whoever synced. */
static gboolean
answer (GalleyCtl *ctl, GalleySyncService *service, GalleyStatus *status, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);

  if (reader == NULL || !galley_reader_get_status (reader, status, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_string (json, "state",
                          galley_sync_state_to_string (galley_sync_service_get_state (service)));
  galley_json_add_string (json, "summary", galley_sync_service_get_summary (service));
  galley_json_add_int (json, "unsent", status->unsent);
  galley_json_add_int (json, "waiting_bytes", status->waiting_bytes);
  galley_json_add_int (json, "conflicts", status->conflicts);
  galley_json_add_int (json, "needs_attention", status->needs_attention);
  galley_json_add_time (json, "last_synced", status->last_synced_us);
  galley_json_add_time (json, "offline_since", status->offline_since_us);
  json_builder_end_object (json);
  return TRUE;
}

static void
judge (GalleyCtl *ctl, const GalleyStatus *status)
{
  GalleyReader *reader = galley_ctl_open_reader (ctl, NULL);
  g_autofree char *divergence = reader != NULL ? galley_divergence_describe (reader, NULL) : NULL;

  if (divergence != NULL && status->needs_attention == status->differing)
    galley_ctl_set_status (ctl, GALLEY_CTL_ATTENTION, divergence);
  else if (status->needs_attention > 0)
    galley_ctl_set_status (ctl, GALLEY_CTL_ATTENTION,
                           _ ("Something needs you: see “job list” and “quarantine list”."));
  else if (status->unsent > 0)
    galley_ctl_set_status (ctl, GALLEY_CTL_ATTENTION,
                           _ ("Not everything was sent; it is safe on this computer: see “job "
                              "list”."));
  else if (status->conflicts > 0)
    galley_ctl_set_status (ctl, GALLEY_CTL_ATTENTION,
                           _ ("People changed the same thing: see “conflict list”."));
}

static gboolean
run_once (GalleyCtl *ctl, GError **error)
{
  GalleyWorkspace *workspace;
  g_autoptr (GError) fault = NULL;
  GalleyStatus status;
  guint timeout_s;

  if (!galley_ctl_get_number (ctl, "timeout", 0, 1, MAX_TIMEOUT_S, &timeout_s, error) ||
      (workspace = galley_ctl_open_workspace (ctl, error)) == NULL)
    return FALSE;

  galley_workspace_sync_once (workspace, timeout_s, &fault);
  if (!answer (ctl, galley_workspace_get_service (workspace), &status, error))
    return FALSE;

  if (fault == NULL)
    judge (ctl, &status);
  else if (status.paused || g_error_matches (fault, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGN_IN))
    galley_ctl_set_status (ctl, GALLEY_CTL_ATTENTION, fault->message);
  else
    galley_ctl_set_status (ctl, galley_ctl_status_of (fault), fault->message);
  return TRUE;
}

/* ── watching ── */

typedef struct
{
  GalleyCtl *ctl;
  GalleySyncService *service;
  GMainLoop *loop;
  char *last; /* (owned) (nullable): what was said last */
} Watch;

/* One line a state: a JSON document each, or a sentence. */
static void
service_moved_cb (Watch *watch)
{
  const char *summary = galley_sync_service_get_summary (watch->service);
  const char *state = galley_sync_state_to_string (galley_sync_service_get_state (watch->service));
  g_autofree char *before = watch->last;
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;

  watch->last = g_strdup_printf ("%s %s", state, summary);
  if (g_strcmp0 (before, watch->last) == 0)
    return;

  json_builder_begin_object (json);
  galley_json_add_time (json, "time", g_get_real_time ());
  galley_json_add_string (json, "state", state);
  galley_json_add_string (json, "summary", summary);
  galley_json_add_int (json, "unsent", galley_sync_service_get_unsent (watch->service));
  json_builder_end_object (json);
  node = json_builder_get_root (json);
  if (galley_ctl_wants_json (watch->ctl))
    galley_ctl_print_line (node, NULL);
  else
    g_print ("%s\n", summary);
}

static gboolean
stopped_cb (gpointer data)
{
  Watch *watch = data;

  g_main_loop_quit (watch->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
run_watch (GalleyCtl *ctl, GError **error)
{
  GalleyWorkspace *workspace = galley_ctl_open_workspace (ctl, error);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Watch watch = { ctl, NULL, loop, NULL };
  guint interrupted, terminated;
  gulong notified;

  if (workspace == NULL)
    return FALSE;

  watch.service = galley_workspace_get_service (workspace);
  interrupted = g_unix_signal_add (SIGINT, stopped_cb, &watch);
  terminated = g_unix_signal_add (SIGTERM, stopped_cb, &watch);
  notified = g_signal_connect_swapped (watch.service, "notify", G_CALLBACK (service_moved_cb),
                                       &watch);
  galley_sync_service_start (watch.service);
  g_main_loop_run (loop);

  g_signal_handler_disconnect (watch.service, notified);
  g_source_remove (interrupted);
  g_source_remove (terminated);
  g_free (watch.last);
  return TRUE;
}

/* ── switches ── */

typedef struct
{
  const char *key;
  gboolean on;
} Switch;

/* writer thread */
static gboolean
write_switch (GalleyWriter *writer, gpointer data, GError **error)
{
  const Switch *wanted = data;

  return galley_directory_set (writer, wanted->key, wanted->on ? "1" : NULL, error);
}

/* The process that syncs this workspace takes it up, and any other at its start. */
static gboolean
set_switch (GalleyCtl *ctl, const char *key, const char *name, gboolean on, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  Switch wanted = { key, on };

  if (store == NULL || !galley_store_write (store, write_switch, &wanted, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_ctl_add_boolean (ctl, name, on);
  json_builder_end_object (json);
  return TRUE;
}

static gboolean
run_pause (GalleyCtl *ctl, GError **error)
{
  return set_switch (ctl, GALLEY_SETTING_PAUSED, "paused", TRUE, error);
}

static gboolean
run_resume (GalleyCtl *ctl, GError **error)
{
  return set_switch (ctl, GALLEY_SETTING_PAUSED, "paused", FALSE, error);
}

static gboolean
run_offline (GalleyCtl *ctl, GError **error)
{
  return set_switch (ctl, GALLEY_SETTING_OFFLINE, "offline", TRUE, error);
}

static gboolean
run_online (GalleyCtl *ctl, GError **error)
{
  return set_switch (ctl, GALLEY_SETTING_OFFLINE, "offline", FALSE, error);
}

/* ── what holds jobs back ── */

/* writer thread */
static gboolean
write_wishes (GalleyWriter *writer, gpointer data, GError **error)
{
  for (guint i = 0; i < GALLEY_JOB_WISHES_N_SETTINGS; i++)
    {
      g_autofree char *value = NULL;
      const char *key = galley_job_wishes_get_setting (data, i, &value);

      if (!galley_directory_set (writer, key, value, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
take_yes_or_no (GalleyCtl *ctl, const char *option, gboolean *place, GError **error)
{
  const char *word = galley_ctl_get_option (ctl, option);

  if (word == NULL)
    return TRUE;
  if (!g_str_equal (word, "yes") && !g_str_equal (word, "no"))
    /* Translators: the words yes and no are typed just like this */
    return galley_ctl_usage (error, _ ("Say yes or no."));

  *place = g_str_equal (word, "yes");
  return TRUE;
}

static gboolean
take_kind (
    GalleyCtl *ctl, const char *option, gboolean paused, GalleyJobWishes *wishes, GError **error)
{
  const char *kind = galley_ctl_get_option (ctl, option);

  if (kind == NULL)
    return TRUE;
  if (!galley_job_kinds_is_run (kind))
    return galley_ctl_usage (error, _ ("There are no such jobs. “--json job list” names the kinds "
                                       "that there have been."));

  galley_job_wishes_pause_kind (wishes, kind, paused);
  return TRUE;
}

static gboolean
take_wishes (GalleyCtl *ctl, GalleyJobWishes *wishes, GError **error)
{
  return take_kind (ctl, "pause", TRUE, wishes, error) &&
         take_kind (ctl, "resume", FALSE, wishes, error) &&
         galley_ctl_get_number (ctl, "up", wishes->up_kib_s, 0, GALLEY_JOB_MAX_KIB_S,
                                &wishes->up_kib_s, error) &&
         galley_ctl_get_number (ctl, "down", wishes->down_kib_s, 0, GALLEY_JOB_MAX_KIB_S,
                                &wishes->down_kib_s, error) &&
         take_yes_or_no (ctl, "metered", &wishes->metered_too, error) &&
         take_yes_or_no (ctl, "battery", &wishes->battery_too, error);
}

static void
add_wishes (GalleyCtl *ctl, const GalleyJobWishes *wishes)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_json_add_string (json, "paused_kinds", wishes->paused_kinds);
  galley_json_add_int (json, "up_kib_s", wishes->up_kib_s);
  galley_json_add_int (json, "down_kib_s", wishes->down_kib_s);
  galley_ctl_add_boolean (ctl, "metered", wishes->metered_too);
  galley_ctl_add_boolean (ctl, "battery", wishes->battery_too);
  json_builder_end_object (json);
}

/* The process that syncs this workspace takes them up at once. */
static gboolean
run_limits (GalleyCtl *ctl, GError **error)
{
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  g_auto (GalleyJobWishes) before = { 0 };
  g_auto (GalleyJobWishes) wishes = { 0 };
  GalleyStore *store;

  if (reader == NULL)
    return FALSE;

  galley_job_wishes_read (&before, reader);
  galley_job_wishes_copy (&before, &wishes);
  if (!take_wishes (ctl, &wishes, error))
    return FALSE;
  if (!galley_job_wishes_equal (&before, &wishes))
    {
      store = galley_ctl_open_store (ctl, error);
      if (store == NULL || !galley_store_write (store, write_wishes, &wishes, error))
        return FALSE;
    }

  add_wishes (ctl, &wishes);
  return TRUE;
}

static const GalleyCtlOption limits_options[] = {
  { "up", "KIB", N_ ("how many KiB of files may go out in a second; 0: any number"), FALSE },
  { "down", "KIB", N_ ("how many KiB of files may come in in a second; 0: any number"), FALSE },
  { "pause", "KIND", N_ ("a kind of job that is not to start: upload, download, history, …"),
    FALSE },
  { "resume", "KIND", N_ ("a kind of job that may start again"), FALSE },
  /* Translators: the words yes and no are typed just like this */
  { "metered", "yes|no", N_ ("whether files go over a network that costs by the amount"), FALSE },
  /* Translators: the words yes and no are typed just like this */
  { "battery", "yes|no", N_ ("whether files go while the battery is being saved"), FALSE },
  { NULL },
};

static const GalleyCtlOption once_options[] = {
  { "timeout", "SECONDS", N_ ("give up waiting after that; what is done is done"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_sync_verbs[] = {
  { "sync", "once", "", 0, 0, FALSE, once_options, NULL,
    N_ ("Sends and fetches until nothing is left, or somebody is needed"), run_once },
  { "sync", "watch", "", 0, 0, FALSE, NULL, NULL,
    N_ ("Keeps syncing until it is stopped; says each time how it stands, a line each"),
    run_watch },
  { "sync", "pause", "", 0, 0, FALSE, NULL, NULL, N_ ("Sends and fetches nothing until resumed"),
    run_pause },
  { "sync", "resume", "", 0, 0, FALSE, NULL, NULL, N_ ("Lets syncing go on"), run_resume },
  { "sync", "offline", "", 0, 0, FALSE, NULL, NULL, N_ ("Keeps away from the network until online"),
    run_offline },
  { "sync", "limits", "", 0, 0, FALSE, limits_options, NULL,
    N_ ("Shows what holds jobs back, and changes it"), run_limits },
  { "sync", "online", "", 0, 0, FALSE, NULL, NULL, N_ ("Lets this workspace use the network again"),
    run_online },
  { NULL },
};
