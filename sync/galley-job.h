/* galley-job.h: a piece of work that is not an edit: seen, stopped, taken up again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-job-table.h"
#include "sync/galley-job-context.h"
#include "sync/galley-job-rate.h"

G_BEGIN_DECLS

/* The subject of a background job that a person waits for. */
#define GALLEY_JOB_ASKED "asked"

#define GALLEY_TYPE_JOB (galley_job_get_type ())
G_DECLARE_DERIVABLE_TYPE (GalleyJob, galley_job, GALLEY, JOB, GObject)

/* properties, all announced on the main loop:
 *   id (int64)                 of the row; 0 before it is stored
 *   kind, title, cause, unit   text; cause may be NULL
 *   state (int)                a GalleyJobState
 *   waiting-for (int)          a GalleyJobWait
 *   done, total (uint64)       in the unit; total 0: not known yet
 *   attempts (uint)
 *   priority (int)             a GalleyJobPriority
 *   next-attempt (int64)       microseconds since 1970 UTC; 0: none
 *   error (text)               of the last try, a sentence; may be NULL
 *   stalled (boolean)          no progress for a minute: it is being started again
 *   summary (text)             one sentence for people
 */

/**
 * GalleyJobClass:
 * @kind: (nullable): of the rows that this class runs; %NULL: rows that others run are shown alone
 * @unit: what progress is counted in
 * @max_running: how many may run at a time in one workspace
 * @waits_for_others: what the server does not have, another computer may yet send; else it is an
 *   error that a person must see
 * @background: starts only when nothing else runs or could, and nobody who waits for a round waits
 *   for it, unless its subject is %GALLEY_JOB_ASKED
 * @large: it may move much, and waits where that costs money or the battery
 * @quiet: nobody needs to know each time that it is done
 * @alone: when it has failed it is tried again only by who asks for it, not with everything else
 * @run_async: does the whole work, from wherever an earlier try ended; its repetition is harmless
 * @run_finish: whether the work is done
 */
struct _GalleyJobClass
{
  GObjectClass parent_class;

  const char *kind;
  const char *unit;
  guint max_running;
  gboolean waits_for_others;
  gboolean background;
  gboolean large;
  gboolean quiet;
  gboolean alone;

  void (*run_async) (GalleyJob *self,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);
  gboolean (*run_finish) (GalleyJob *self, GAsyncResult *result, GError **error);
};

GalleyJob *galley_job_new (GType type, GalleyJobContext *context, const GalleyJobRow *row);

gint64 galley_job_get_id (GalleyJob *self);
const GalleyJobRow *galley_job_get_row (GalleyJob *self);
GalleyJobState galley_job_get_state (GalleyJob *self);
char *galley_job_get_summary (GalleyJob *self);
gboolean galley_job_is_open (GalleyJob *self);
gboolean galley_job_can_run (GalleyJob *self);
gboolean galley_job_is_background (GalleyJob *self);
GalleyJobHold galley_job_get_hold (GalleyJob *self);
gboolean galley_job_matches (GalleyJob *self,
                             const char *kind,
                             const GalleyId *project,
                             const char *subject);

/* for the classes of jobs */
GalleyJobContext *galley_job_get_context (GalleyJob *self);
void galley_job_set_progress (GalleyJob *self, guint64 done, guint64 total);
void galley_job_touch (GalleyJob *self);
void galley_job_set_result (GalleyJob *self, const char *result);
void galley_job_end_with_write (GTask *task,
                                GalleyStoreFunc function,
                                gpointer data,
                                GDestroyNotify free_data);

/* for who runs them */
void galley_job_run_async (GalleyJob *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean galley_job_run_finish (GalleyJob *self, GAsyncResult *result, GError **error);
const char *galley_job_get_result (GalleyJob *self); /* (nullable) */
void galley_job_set_id (GalleyJob *self, gint64 id);
void galley_job_set_row (GalleyJob *self, const GalleyJobRow *row);
void galley_job_set_title (GalleyJob *self, const char *title, const char *cause);
void galley_job_set_state (GalleyJob *self,
                           GalleyJobState state,
                           GalleyJobWait waiting_for,
                           gint64 next_attempt_us,
                           const char *error);
void galley_job_set_priority (GalleyJob *self, GalleyJobPriority priority);
void galley_job_set_attempts (GalleyJob *self, guint attempts);
void galley_job_set_stalled (GalleyJob *self, gboolean stalled);
const GalleyJobRate *galley_job_get_rate (GalleyJob *self);
gint64 galley_job_get_progress_time (GalleyJob *self);

G_END_DECLS
