/* galley-push-job.h: sends this device's changes of a project
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_PUSH_JOB (galley_push_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyPushJob, galley_push_job, GALLEY, PUSH_JOB, GalleyJob)

G_END_DECLS
