/* galley-hello-job.h: asks who is who, and how far each project has come
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_HELLO_JOB (galley_hello_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyHelloJob, galley_hello_job, GALLEY, HELLO_JOB, GalleyJob)

G_END_DECLS
