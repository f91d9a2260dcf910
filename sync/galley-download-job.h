/* galley-download-job.h: fetches the file of a version, from wherever an earlier try ended
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_DOWNLOAD_JOB (galley_download_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyDownloadJob, galley_download_job, GALLEY, DOWNLOAD_JOB, GalleyJob)

G_END_DECLS
