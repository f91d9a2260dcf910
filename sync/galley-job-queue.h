/* galley-job-queue.h: the jobs of a workspace, open and recent, and their rows on disk
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job-schedule.h"
#include "sync/galley-sync-summary.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_JOB_QUEUE (galley_job_queue_get_type ())
G_DECLARE_FINAL_TYPE (GalleyJobQueue, galley_job_queue, GALLEY, JOB_QUEUE, GObject)

/* A GListModel of GalleyJob: running ones first, then what needs a person, then what waits, then
 * what is over; newest first in each. Main loop.
 *
 * signals:
 *   "saved" (GalleyJob *job)  its row is on disk for the first time: it may run
 *   "settled"                 all rows are on disk as they are here
 */

GalleyJobQueue *galley_job_queue_new (GalleyJobContext *context);

GalleyJob *galley_job_queue_add (GalleyJobQueue *self, const GalleyJobRow *row);
void galley_job_queue_want (GalleyJobQueue *self, const GalleyJobRow *wanted, guint max_open);
void galley_job_queue_merge_rows (GalleyJobQueue *self, GPtrArray *rows, gboolean overwrite);
void galley_job_queue_save (GalleyJobQueue *self, GalleyJob *job, const char *event);
gboolean galley_job_queue_is_saving (GalleyJobQueue *self);
void galley_job_queue_save_missed (GalleyJobQueue *self);
const GError *galley_job_queue_get_write_error (GalleyJobQueue *self);

GalleyJobSchedule *galley_job_queue_get_schedule (GalleyJobQueue *self);
guint galley_job_queue_get_n_jobs (GalleyJobQueue *self);
GalleyJob *galley_job_queue_get_job (GalleyJobQueue *self, guint position);
GalleyJob *galley_job_queue_get_by_id (GalleyJobQueue *self, gint64 id);
GalleyJob *galley_job_queue_find (GalleyJobQueue *self,
                                  const char *kind,
                                  const GalleyId *project,
                                  const char *subject);
void galley_job_queue_add_facts (GalleyJobQueue *self, GalleySyncFacts *facts);

G_END_DECLS
