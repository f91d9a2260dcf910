/* galley-job-schedule.h: which job may start next, and when there will be one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

/* Jobs that could start stand in lanes, one for each class, so that a class that is full holds up
 * nobody else; those that are to be tried again later stand beside, by their time. Everything costs
 * the logarithm of the number of jobs, and what is asked again and again, that of lanes. Main loop.
 */
typedef struct _GalleyJobSchedule GalleyJobSchedule;

/* What the one who asks says of a job that stands in front of its lane. */
typedef enum
{
  GALLEY_JOB_MAY_START,
  GALLEY_JOB_STAYS,     /* not this one; the next one of its lane may */
  GALLEY_JOB_LANE_FULL, /* none of its lane */
} GalleyJobVerdict;

typedef GalleyJobVerdict (*GalleyJobAskVerdict) (GalleyJob *job, gpointer data);

GalleyJobSchedule *galley_job_schedule_new (const GalleyWorld *world);
void galley_job_schedule_free (GalleyJobSchedule *self);

void galley_job_schedule_place (GalleyJobSchedule *self, GalleyJob *job, guint64 stamp);
void galley_job_schedule_remove (GalleyJobSchedule *self, GalleyJob *job);
void galley_job_schedule_ripen (GalleyJobSchedule *self);
GalleyJob *galley_job_schedule_next (GalleyJobSchedule *self,
                                     GalleyJobAskVerdict verdict,
                                     gpointer data);
gint64 galley_job_schedule_get_delay_us (GalleyJobSchedule *self);
gboolean galley_job_schedule_is_tried_soon (GalleyJobSchedule *self, guint max_attempts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyJobSchedule, galley_job_schedule_free)

G_END_DECLS
