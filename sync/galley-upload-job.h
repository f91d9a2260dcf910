/* galley-upload-job.h: sends the file of a version, from wherever an earlier try ended
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_UPLOAD_JOB (galley_upload_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyUploadJob, galley_upload_job, GALLEY, UPLOAD_JOB, GalleyJob)

G_END_DECLS
