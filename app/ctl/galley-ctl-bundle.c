/* galley-ctl-bundle.c: galleyctl bundle: changes and files carried by hand, without any network
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-bundle"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "sync/galley-bundle-export.h"
#include "sync/galley-bundle-import.h"
#include "sync/galley-errand.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

/* ── the work, which a signal or another program can stop ── */

typedef struct _Work Work;
struct _Work
{
  GalleyStore *store;
  GalleyErrand *errand;
  GalleyId project;
  char *path; /* (owned) */
  gboolean (*run) (Work *work, GError **error);

  GalleyBundleExportOptions options;
  GalleyBundleExportReport exported;
  GalleyBundleImportReport imported;
};

static gboolean
signalled_cb (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_CONTINUE;
}

/* A thread of the pool. */
static void
work_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL; /* handed to the task */

  if (work->run (work, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
worked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_main_loop_quit (user_data);
}

static gboolean
run_to_end (Work *work, GError **error)
{
  GCancellable *cancellable = galley_errand_get_cancellable (work->errand);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, worked_cb, loop);
  guint interrupt = g_unix_signal_add (SIGINT, signalled_cb, cancellable);
  guint terminate = g_unix_signal_add (SIGTERM, signalled_cb, cancellable);

  g_task_set_source_tag (task, run_to_end);
  g_task_set_task_data (task, work, NULL);
  g_task_run_in_thread (task, work_in_thread);
  g_main_loop_run (loop);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  return g_task_propagate_boolean (task, error);
}

/* With its row among the jobs, from its beginning to its end. */
static gboolean
run_as_job (Work *work, const char *kind, const char *title, gint64 *job, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean done;

  work->errand = galley_errand_begin (work->store, kind, &work->project, work->path, title, "bytes",
                                      NULL, error);
  if (work->errand == NULL)
    return FALSE;

  *job = galley_errand_get_id (work->errand);
  done = run_to_end (work, &local);
  galley_errand_end (work->errand, NULL, local);
  if (!done)
    g_propagate_error (error, g_steal_pointer (&local));
  return done;
}

static void
add_path (GalleyCtl *ctl, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  galley_json_add_string (galley_ctl_get_json (ctl), "file", shown);
}

/* ── export ── */

static gboolean export(Work *work, GError **error)
{
  return galley_bundle_export (work->store, &work->project, work->path, &work->options,
                               galley_errand_get_cancellable (work->errand), galley_errand_progress,
                               work->errand, &work->exported, error);
}

static void
answer_export (GalleyCtl *ctl, const Work *work, gint64 job)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  add_path (ctl, work->path);
  galley_json_add_id (json, "project", &work->project);
  galley_json_add_int (json, "changes", work->exported.n_changes);
  galley_json_add_int (json, "refused", work->exported.n_gaps);
  galley_json_add_int (json, "left_out", work->exported.n_left_out);
  galley_json_add_int (json, "files", work->exported.n_files);
  galley_json_add_int (json, "files_not_here", work->exported.n_files_away);
  galley_json_add_int (json, "size", work->exported.bytes);
  galley_json_add_int (json, "job", job);
  json_builder_end_object (json);
}

static gboolean
run_export (GalleyCtl *ctl, GError **error)
{
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  g_autofree char *path = g_canonicalize_filename (galley_ctl_get_argument (ctl, 1), NULL);
  Work work = {
    .store = store,
    .path = path,
    .run = export,
    .options.with_files = galley_ctl_has_option (ctl, "with-files"),
    .options.since = galley_ctl_get_option (ctl, "since"),
  };
  gint64 job;

  if (store == NULL ||
      !galley_ctl_find_project (ctl, galley_ctl_get_argument (ctl, 0), &work.project, error) ||
      !run_as_job (&work, "export", _ ("Write a bundle"), &job, error))
    return FALSE;

  answer_export (ctl, &work, job);
  return TRUE;
}

/* ── import ── */

static gboolean
import (Work *work, GError **error)
{
  return galley_bundle_import (work->store, work->path,
                               galley_errand_get_cancellable (work->errand), galley_errand_progress,
                               work->errand, &work->imported, error);
}

static void
answer_import (GalleyCtl *ctl, const Work *work, gint64 job)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_json_add_id (json, "project", &work->imported.project);
  galley_ctl_add_boolean (ctl, "joined", work->imported.joined);
  galley_json_add_string (json, "from", work->imported.maker);
  json_builder_set_member_name (json, "met");
  json_builder_begin_array (json);
  for (guint i = 0; i < work->imported.met->len; i++)
    json_builder_add_string_value (json, work->imported.met->pdata[i]);
  json_builder_end_array (json);
  galley_json_add_int (json, "changes", work->imported.n_changes);
  galley_json_add_int (json, "refused", work->imported.n_gaps);
  galley_json_add_int (json, "files", work->imported.n_files);
  galley_json_add_int (json, "files_known", work->imported.n_files_known);
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
  Work work = { .store = store, .path = path, .run = import };
  gboolean done;
  gint64 job;

  done = store != NULL && galley_bundle_peek (path, &work.project, error) &&
         run_as_job (&work, "import", _ ("Take in a bundle"), &job, error);
  if (done)
    answer_import (ctl, &work, job);
  galley_bundle_import_report_clear (&work.imported);
  return done && judge (ctl, error);
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
