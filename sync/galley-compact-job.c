/* galley-compact-job.c: packs the settled part of the journal, when nothing else is to be done
 *
 *   pack, segment by segment ──► give the room back ──► say what came of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-compact-job"

#include "sync/galley-compact-job.h"

#include "data/galley-compactor.h"
#include "data/galley-flag.h"

#include <glib/gi18n-lib.h>

struct _GalleyCompactJob
{
  GalleyJob parent_instance;
};

G_DEFINE_FINAL_TYPE (GalleyCompactJob, galley_compact_job, GALLEY_TYPE_JOB)

/* ── say what came of it ── */

typedef struct
{
  gint64 job;
  char *text;
} Note;

static void
note_free (gpointer data)
{
  Note *note = data;

  g_free (note->text);
  g_free (note);
}

/* writer thread */
static gboolean
write_note (GalleyWriter *writer, gpointer data, GError **error)
{
  const Note *note = data;

  return galley_job_table_add_event (writer, note->job, note->text, error);
}

static char *
describe (const GalleyCompactReport *report)
{
  g_autofree char *before = g_format_size (report->before_bytes);
  g_autofree char *after = g_format_size (report->after_bytes);

  return g_strdup_printf (ngettext ("%u change was packed: %s became %s.",
                                    "%u changes were packed: %s became %s.",
                                    (gulong)report->n_changes),
                          (guint)MIN (report->n_changes, G_MAXUINT), before, after);
}

static void
compacted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autofree GalleyCompactReport *report = g_task_propagate_pointer (G_TASK (result), &error);
  Note *note;

  if (report == NULL)
    return g_task_return_error (task, error);
  if (report->n_changes == 0)
    return g_task_return_boolean (task, TRUE);

  note = g_new0 (Note, 1);
  note->job = galley_job_get_id (self);
  note->text = describe (report);
  galley_job_end_with_write (g_steal_pointer (&task), write_note, note, note_free);
}

/* ── pack ── */

/* How far it is, on its way to the main loop. */
typedef struct
{
  GalleyJob *job;
  guint64 done, total;
} Progress;

static void
progress_free (gpointer data)
{
  g_object_unref (((Progress *)data)->job);
  g_free (data);
}

static gboolean
show_progress_cb (gpointer data)
{
  const Progress *progress = data;

  galley_job_set_progress (progress->job, progress->done, MAX (progress->done, progress->total));
  return G_SOURCE_REMOVE;
}

/* The thread of the work. */
static void
progress_cb (guint64 done, guint64 total, gpointer data)
{
  GTask *compacting = data;
  Progress *progress = g_new (Progress, 1);

  progress->job = g_object_ref (g_task_get_source_object (compacting));
  progress->done = done;
  progress->total = total;
  g_main_context_invoke_full (g_task_get_context (compacting), G_PRIORITY_DEFAULT, show_progress_cb,
                              progress, progress_free);
}

/* A thread of the pool. */
static void
compact_in_thread (GTask *compacting, gpointer source, gpointer data, GCancellable *cancellable)
{
  GalleyJobContext *context = data;
  g_autofree GalleyCompactReport *report = g_new0 (GalleyCompactReport, 1);
  GError *error = NULL; /* handed to the task */
  gboolean on;

  /* It may have been switched off since the job was queued. */
  if (!galley_flag_look_up (context->store, GALLEY_FLAG_COMPACT, &on, &error))
    return g_task_return_error (compacting, error);
  if (on &&
      !galley_compact (context->store, NULL, cancellable, progress_cb, compacting, report, &error))
    return g_task_return_error (compacting, error);

  g_task_return_pointer (compacting, g_steal_pointer (&report), g_free);
}

static void
galley_compact_job_run_async (GalleyJob *job,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (job, cancellable, callback, user_data);
  g_autoptr (GTask) compacting = g_task_new (job, cancellable, compacted_cb, task);

  g_task_set_source_tag (task, galley_compact_job_run_async);
  g_task_set_source_tag (compacting, compact_in_thread);
  g_task_set_task_data (compacting, galley_job_context_ref (galley_job_get_context (job)),
                        (GDestroyNotify)galley_job_context_unref);
  galley_world_run_task (galley_job_context_get_world (galley_job_get_context (job)), compacting,
                         compact_in_thread);
}

static void
galley_compact_job_class_init (GalleyCompactJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  job_class->kind = "compact";
  job_class->unit = "changes";
  job_class->max_running = 1;
  job_class->background = TRUE;
  job_class->run_async = galley_compact_job_run_async;
}

static void
galley_compact_job_init (GalleyCompactJob *self)
{
}
