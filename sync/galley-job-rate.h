/* galley-job-rate.h: how fast a job gets on, and how long it will still take, as far as can be said
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Times in monotonic microseconds, amounts in the job's unit. */
typedef struct
{
  gint64 begin_us; /* 0: it does not run */
  gint64 last_us;
  guint64 last_done;
  double per_s;  /* smoothed; 0: not known yet */
  double left_s; /* as it was last told; 0: not yet */
} GalleyJobRate;

void galley_job_rate_begin (GalleyJobRate *self, guint64 done, gint64 now_us);
void galley_job_rate_add (GalleyJobRate *self, guint64 done, guint64 total, gint64 now_us);

G_END_DECLS
