/* galley-relay-job.h: sends again what the server had and lost, also of other devices
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_RELAY_JOB (galley_relay_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyRelayJob, galley_relay_job, GALLEY, RELAY_JOB, GalleyJob)

G_END_DECLS
