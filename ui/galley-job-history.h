/* galley-job-history.h: all jobs that are over, newest first
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_JOB_HISTORY (galley_job_history_get_type ())
G_DECLARE_FINAL_TYPE (GalleyJobHistory, galley_job_history, GALLEY, JOB_HISTORY, AdwWindow)

GtkWidget *galley_job_history_new (GalleyStore *store);

G_END_DECLS
