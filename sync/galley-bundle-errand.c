/* galley-bundle-errand.c: bundles as jobs that the program runs itself, away from the main loop
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-bundle-errand"

#include "sync/galley-bundle-errand.h"

#include "sync/galley-errand.h"

#include <glib/gi18n-lib.h>

typedef struct _Work Work;
struct _Work
{
  GalleyId project;
  char *path;
  const char *kind, *title;
  gboolean (*run) (Work *work, GalleyStore *store, GalleyErrand *errand, GError **error);
  gint64 job;

  gboolean with_files;
  char *since; /* (nullable) */
  GalleyBundleExportReport exported;
  GalleyBundleImportReport imported;
};

static void
work_free (gpointer data)
{
  Work *work = data;

  galley_bundle_import_report_clear (&work->imported);
  g_free (work->since);
  g_free (work->path);
  g_free (work);
}

/* With its row among the jobs, from its beginning to its end. A thread of the pool. */
static void
work_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL; /* handed to the task */
  GalleyErrand *errand = galley_errand_begin (source, work->kind, &work->project, work->path,
                                              work->title, "bytes", cancellable, &error);
  gboolean done;

  if (errand == NULL)
    return g_task_return_error (task, error);

  work->job = galley_errand_get_id (errand);
  done = work->run (work, source, errand, &error);
  galley_errand_end (errand, NULL, error);
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
begin (GalleyStore *store,
       Work *work,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (store, cancellable, callback, user_data);

  g_task_set_source_tag (task, begin);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, work_in_thread);
}

/* ── export ── */

static gboolean
run_export (Work *work, GalleyStore *store, GalleyErrand *errand, GError **error)
{
  const GalleyBundleExportOptions options = { work->with_files, work->since };

  return galley_bundle_export (store, &work->project, work->path, &options,
                               galley_errand_get_cancellable (errand), galley_errand_progress,
                               errand, &work->exported, error);
}

/**
 * galley_bundle_errand_export_async:
 * @cancellable: (nullable)
 *
 * galley_bundle_export() on a thread of its own.
 */
void
galley_bundle_errand_export_async (GalleyStore *store,
                                   const GalleyId *project,
                                   const char *path,
                                   const GalleyBundleExportOptions *options,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  Work *work = g_new0 (Work, 1);

  work->project = *project;
  work->path = g_strdup (path);
  work->kind = "export";
  work->title = _ ("Write a bundle");
  work->run = run_export;
  work->with_files = options->with_files;
  work->since = g_strdup (options->since);
  begin (store, work, cancellable, callback, user_data);
}

/**
 * galley_bundle_errand_export_finish:
 * @report: (out caller-allocates)
 * @job: (out): the number of its row
 */
gboolean
galley_bundle_errand_export_finish (GAsyncResult *result,
                                    GalleyBundleExportReport *report,
                                    gint64 *job,
                                    GError **error)
{
  const Work *work = g_task_get_task_data (G_TASK (result));

  *report = work->exported;
  *job = work->job;
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ── import ── */

static gboolean
run_import (Work *work, GalleyStore *store, GalleyErrand *errand, GError **error)
{
  return galley_bundle_import (store, work->path, galley_errand_get_cancellable (errand),
                               galley_errand_progress, errand, &work->imported, error);
}

/**
 * galley_bundle_errand_import_async:
 * @cancellable: (nullable)
 *
 * galley_bundle_import() on a thread of its own.
 */
void
galley_bundle_errand_import_async (GalleyStore *store,
                                   const char *path,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  Work *work = g_new0 (Work, 1);

  /* Of a file that does not say which project it is of, the work says what is wrong with it. */
  if (!galley_bundle_peek (path, &work->project, NULL))
    work->project = (GalleyId){ 0 };
  work->path = g_strdup (path);
  work->kind = "import";
  work->title = _ ("Take in a bundle");
  work->run = run_import;
  begin (store, work, cancellable, callback, user_data);
}

/**
 * galley_bundle_errand_import_finish:
 * @report: (out caller-allocates): clear it with galley_bundle_import_report_clear()
 * @job: (out): the number of its row
 */
gboolean
galley_bundle_errand_import_finish (GAsyncResult *result,
                                    GalleyBundleImportReport *report,
                                    gint64 *job,
                                    GError **error)
{
  Work *work = g_task_get_task_data (G_TASK (result));

  *report = work->imported;
  *job = work->job;
  work->imported = (GalleyBundleImportReport){ 0 };
  return g_task_propagate_boolean (G_TASK (result), error);
}
