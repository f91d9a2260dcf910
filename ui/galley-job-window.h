/* galley-job-window.h: all that is known of one job, and what can be done about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-sync-service.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_JOB_WINDOW (galley_job_window_get_type ())
G_DECLARE_FINAL_TYPE (GalleyJobWindow, galley_job_window, GALLEY, JOB_WINDOW, AdwWindow)

GtkWidget *galley_job_window_new (GalleyStore *store, GalleySyncService *service, GalleyJob *job);

G_END_DECLS
