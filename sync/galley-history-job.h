/* galley-history-job.h: fetches the older changes of a project that began with a snapshot
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

/* When older changes are fetched: "idle" (when nothing else is to be done, and when somebody asked;
 * the usual) or "asked". */
#define GALLEY_SETTING_HISTORY "history"

#define GALLEY_TYPE_HISTORY_JOB (galley_history_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyHistoryJob, galley_history_job, GALLEY, HISTORY_JOB, GalleyJob)

G_END_DECLS
