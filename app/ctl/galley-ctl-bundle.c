/* galley-ctl-bundle.c: galleyctl bundle: changes and files carried by hand, without any network
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-bundle"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "sync/galley-bundle-errand.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

/* ── the work, which a signal or another program can stop ── */

typedef struct
{
  GCancellable *cancellable;
  GMainLoop *loop;
  GAsyncResult *result; /* (owned) (nullable) */
} Wait;

static gboolean
signalled_cb (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_CONTINUE;
}

static void
worked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *wait = user_data;

  wait->result = g_object_ref (result);
  g_main_loop_quit (wait->loop);
}

static void
wait_for (Wait *wait)
{
  guint interrupt = g_unix_signal_add (SIGINT, signalled_cb, wait->cancellable);
  guint terminate = g_unix_signal_add (SIGTERM, signalled_cb, wait->cancellable);

  wait->loop = g_main_loop_new (NULL, FALSE);
  g_main_loop_run (wait->loop);
  g_main_loop_unref (wait->loop);
  g_source_remove (interrupt);
  g_source_remove (terminate);
}

static void
add_path (GalleyCtl *ctl, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  galley_json_add_string (galley_ctl_get_json (ctl), "file", shown);
}

/* ── export ── */

static void
answer_export (GalleyCtl *ctl,
               const GalleyId *project,
               const char *path,
               const GalleyBundleExportReport *report,
               gint64 job)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  add_path (ctl, path);
  galley_json_add_id (json, "project", project);
  galley_json_add_int (json, "changes", report->n_changes);
  galley_json_add_int (json, "refused", report->n_gaps);
  galley_json_add_int (json, "left_out", report->n_left_out);
  galley_json_add_int (json, "files", report->n_files);
  galley_json_add_int (json, "files_not_here", report->n_files_away);
  galley_json_add_int (json, "size", report->bytes);
  galley_json_add_int (json, "job", job);
  json_builder_end_object (json);
}

static gboolean
run_export (GalleyCtl *ctl, GError **error)
{
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  g_autofree char *path = g_canonicalize_filename (galley_ctl_get_argument (ctl, 1), NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  GalleyBundleExportOptions options = {
    .with_files = galley_ctl_has_option (ctl, "with-files"),
    .since = galley_ctl_get_option (ctl, "since"),
  };
  GalleyBundleExportReport report;
  Wait wait = { cancellable, NULL, NULL };
  GalleyId project;
  gint64 job;

  if (store == NULL ||
      !galley_ctl_find_project (ctl, galley_ctl_get_argument (ctl, 0), &project, error))
    return FALSE;

  galley_bundle_errand_export_async (store, &project, path, &options, cancellable, worked_cb,
                                     &wait);
  wait_for (&wait);
  result = wait.result;
  if (!galley_bundle_errand_export_finish (result, &report, &job, error))
    return FALSE;

  answer_export (ctl, &project, path, &report, job);
  return TRUE;
}

/* ── import ── */

static void
answer_import (GalleyCtl *ctl, const GalleyBundleImportReport *report, gint64 job)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_json_add_id (json, "project", &report->project);
  galley_ctl_add_boolean (ctl, "joined", report->joined);
  galley_json_add_string (json, "from", report->maker);
  json_builder_set_member_name (json, "met");
  json_builder_begin_array (json);
  for (guint i = 0; i < report->met->len; i++)
    json_builder_add_string_value (json, report->met->pdata[i]);
  json_builder_end_array (json);
  galley_json_add_int (json, "changes", report->n_changes);
  galley_json_add_int (json, "refused", report->n_gaps);
  galley_json_add_int (json, "files", report->n_files);
  galley_json_add_int (json, "files_known", report->n_files_known);
  galley_json_add_int (json, "job", job);
  json_builder_end_object (json);
}

static gboolean
judge (GalleyCtl *ctl, GError **error)
{
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  GalleyStatus status;

  if (reader == NULL || !galley_reader_get_status (reader, &status, error))
    return FALSE;

  if (status.conflicts > 0)
    galley_ctl_set_status (ctl, GALLEY_CTL_ATTENTION,
                           _ ("People changed the same thing: see “conflict list”."));
  return TRUE;
}

static gboolean
run_import (GalleyCtl *ctl, GError **error)
{
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  g_autofree char *path = g_canonicalize_filename (galley_ctl_get_argument (ctl, 0), NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_auto (GalleyBundleImportReport) report = { 0 };
  Wait wait = { cancellable, NULL, NULL };
  gint64 job;

  if (store == NULL)
    return FALSE;

  galley_bundle_errand_import_async (store, path, cancellable, worked_cb, &wait);
  wait_for (&wait);
  result = wait.result;
  if (!galley_bundle_errand_import_finish (result, &report, &job, error))
    return FALSE;

  answer_import (ctl, &report, job);
  return judge (ctl, error);
}

static const GalleyCtlOption export_options[] = {
  { "with-files", NULL, N_ ("also the files of its versions that are on this computer"), FALSE },
  { "since", "BUNDLE", N_ ("only what whoever made BUNDLE did not have: for an answer to it"),
    FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_bundle_verbs[] = {
  { "bundle", "export", "PROJECT FILE", 2, 2, TRUE, export_options, NULL,
    N_ ("Writes a project's changes into a file, to be carried by hand to another computer"),
    run_export },
  { "bundle", "import", "FILE", 1, 1, TRUE, NULL, NULL,
    N_ ("Takes in what another computer exported, once all of it has been checked"), run_import },
  { NULL },
};
