/* galley-rebuild.c: making a damaged workspace good again, on a thread of its own
 *
 * What is derived is made again from the journal. When the database is too damaged for that, what
 * can be read of it becomes a new one, and the damaged file is kept beside it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-rebuild"

#include "ui/galley-rebuild.h"

#include "data/galley-rescue.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  char *folder;
  GalleyRebuildProgress progress;
  gpointer progress_data;
  GMainContext *context; /* of whoever asked */
  char *kept;            /* (nullable): where the damaged file was put */
  guint64 n_changes;
  gint64 backup_us; /* of the backup that filled in what could not be read; 0: none did */
} Rebuild;

static void
rebuild_free (gpointer data)
{
  Rebuild *work = data;

  g_main_context_unref (work->context);
  g_free (work->folder);
  g_free (work->kept);
  g_free (work);
}

/* ── progress ── */

typedef struct
{
  GTask *task; /* (owned): whoever asked is there as long as it is */
  double fraction;
} Step;

static void
step_free (gpointer data)
{
  Step *step = data;

  g_object_unref (step->task);
  g_free (step);
}

static gboolean
tell_step (gpointer data)
{
  const Step *step = data;
  const Rebuild *work = g_task_get_task_data (step->task);

  if (!g_task_get_completed (step->task))
    work->progress (step->fraction, work->progress_data);
  return G_SOURCE_REMOVE;
}

/* On the worker's thread, for every bunch of changes. */
static void
progress_cb (guint64 done, guint64 total, gpointer data)
{
  const Rebuild *work = g_task_get_task_data (data);
  Step *step = g_new0 (Step, 1);

  step->task = g_object_ref (data);
  step->fraction = total > 0 ? (double)done / total : 0;
  g_main_context_invoke_full (work->context, G_PRIORITY_DEFAULT_IDLE, tell_step, step, step_free);
}

/* ── the work ── */

static void
rebuild_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Rebuild *work = task_data;
  GalleyReplayReport report = { 0 };
  GError *error = NULL; /* handed to the task */
  gboolean rebuilt = galley_rescue_or_rebuild (work->folder, progress_cb, task, &report,
                                               &work->kept, &error);

  work->n_changes = report.n_changes;
  work->backup_us = report.backup_us;
  galley_replay_report_clear (&report);
  if (rebuilt)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * galley_rebuild_async:
 * @folder: of a workspace that nobody has open and whose key is sound
 * @progress_data: must be there until @callback runs
 */
void
galley_rebuild_async (const char *folder,
                      GalleyRebuildProgress progress,
                      gpointer progress_data,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Rebuild *work = g_new0 (Rebuild, 1);

  g_task_set_source_tag (task, galley_rebuild_async);
  work->folder = g_strdup (folder);
  work->progress = progress;
  work->progress_data = progress_data;
  work->context = g_main_context_ref_thread_default ();
  g_task_set_task_data (task, work, rebuild_free);
  g_task_run_in_thread (task, rebuild_in_thread);
}

/* With the space that parts it from what stands before. */
static char *
describe_backup (gint64 made_us)
{
  g_autoptr (GDateTime) made = g_date_time_new_from_unix_local (made_us / G_USEC_PER_SEC);
  g_autofree char *when = made != NULL ? g_date_time_format (made, "%x %X") : g_strdup ("");

  if (made_us == 0)
    return g_strdup ("");

  /* Translators: a sentence with a space before it; %s is a date and a time */
  return g_strdup_printf (_ (" What could not be read was taken from the backup of %s."), when);
}

/**
 * galley_rebuild_finish:
 * @error: why it is as it was before
 *
 * Returns: (transfer full): sentences that say what came of it
 */
char *
galley_rebuild_finish (GAsyncResult *result, GError **error)
{
  const Rebuild *work = g_task_get_task_data (G_TASK (result));
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, work->n_changes);
  g_autofree char *count = NULL;
  g_autofree char *filled = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;

  /* Translators: %s is a number */
  count = g_strdup_printf (ngettext ("%s change was read.", "%s changes were read.",
                                     work->n_changes),
                           number);
  if (work->kept == NULL)
    /* Translators: the first part is a sentence: how many changes were read. */
    return g_strdup_printf (_ ("%s Everything was made again from them."), count);

  filled = describe_backup (work->backup_us);
  return g_strdup_printf (
      /* Translators: the first part is a sentence: how many changes were read; the second one is
       * empty, or says from when the backup is. */
      _ ("%s%s Everything was made again from them. The damaged file is kept as %s."), count,
      filled, work->kept);
}
