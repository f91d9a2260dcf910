/* galley-compact-job.h: packs the settled part of the journal, when nothing else is to be done
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

/* Fewer changes that could be packed are not worth the work, in changes; the simulator's engine is
 * built with a few. */
#ifndef GALLEY_COMPACT_WORTHWHILE
#define GALLEY_COMPACT_WORTHWHILE 20000
#endif

#define GALLEY_TYPE_COMPACT_JOB (galley_compact_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyCompactJob, galley_compact_job, GALLEY, COMPACT_JOB, GalleyJob)

G_END_DECLS
