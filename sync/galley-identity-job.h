/* galley-identity-job.h: makes this workspace a device of its own, where another has its name
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_IDENTITY_JOB (galley_identity_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyIdentityJob, galley_identity_job, GALLEY, IDENTITY_JOB, GalleyJob)

G_END_DECLS
