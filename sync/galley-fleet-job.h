/* galley-fleet-job.h: how all computers are, asked of the server by an administrator who looks at
 * them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_FLEET_JOB (galley_fleet_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyFleetJob, galley_fleet_job, GALLEY, FLEET_JOB, GalleyJob)

G_END_DECLS
