/* galley-pull-job.h: fetches what is new in a project
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_PULL_JOB (galley_pull_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyPullJob, galley_pull_job, GALLEY, PULL_JOB, GalleyJob)

G_END_DECLS
