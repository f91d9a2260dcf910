/* galley-snapshot-job.h: begins a project that is new here with what is in force
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

/* A shorter stream is pulled. In changes; the simulator's engine is built with a few. */
#ifndef GALLEY_SNAPSHOT_WORTHWHILE
#define GALLEY_SNAPSHOT_WORTHWHILE 5000
#endif
/* Followed by a project's id, a setting: it is to be pulled, whatever its length. */
#define GALLEY_SETTING_NO_SNAPSHOT "no_snapshot:"

#define GALLEY_TYPE_SNAPSHOT_JOB (galley_snapshot_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleySnapshotJob, galley_snapshot_job, GALLEY, SNAPSHOT_JOB, GalleyJob)

G_END_DECLS
