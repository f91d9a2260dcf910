/* galley-job-rate.c: how fast a job gets on, and how long it will still take, as far as can be said
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job-rate"

#include "sync/galley-job-rate.h"

#include <math.h>

/* Less than this between two samples says little. */
#define SAMPLE_US (250 * 1000)
/* What was so long ago weighs a third. */
#define MEMORY_S 4.0
/* Nobody believes a number that comes sooner. */
#define TELL_AFTER_US (8 * G_USEC_PER_SEC)
/* From one time to the next it is told as no more than twice, and no less than half of what it was:
 * a number that jumps about is worse than one that comes late. */
#define MAX_STEP 2.0

/**
 * galley_job_rate_begin:
 * @done: what an earlier try had done
 */
void
galley_job_rate_begin (GalleyJobRate *self, guint64 done, gint64 now_us)
{
  *self = (GalleyJobRate){ .begin_us = now_us, .last_us = now_us, .last_done = done };
}

static void
tell (GalleyJobRate *self, guint64 done, guint64 total, gint64 now_us)
{
  double left_s;

  if (self->per_s <= 0 || total <= done || now_us - self->begin_us < TELL_AFTER_US)
    return;

  left_s = (double)(total - done) / self->per_s;
  self->left_s = self->left_s > 0 ? CLAMP (left_s, self->left_s / MAX_STEP, self->left_s * MAX_STEP)
                                  : left_s;
}

/**
 * galley_job_rate_add:
 * @done: so far; less than before when it began anew
 * @total: 0: not known
 *
 * Takes a sample, by an average that forgets exponentially.
 */
void
galley_job_rate_add (GalleyJobRate *self, guint64 done, guint64 total, gint64 now_us)
{
  double passed_s = (double)(now_us - self->last_us) / G_USEC_PER_SEC;
  double sample, weight;

  if (self->begin_us == 0 || now_us - self->last_us < SAMPLE_US)
    return;
  if (done < self->last_done)
    return galley_job_rate_begin (self, done, now_us);

  sample = (double)(done - self->last_done) / passed_s;
  weight = self->per_s > 0 ? 1 - exp (-passed_s / MEMORY_S) : 1;
  self->per_s += weight * (sample - self->per_s);
  self->last_us = now_us;
  self->last_done = done;
  tell (self, done, total, now_us);
}
