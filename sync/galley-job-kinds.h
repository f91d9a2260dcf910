/* galley-job-kinds.h: which class runs the rows of a kind
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

GalleyJob *galley_job_kinds_make (GalleyJobContext *context, const GalleyJobRow *row);

gboolean galley_job_kinds_is_run (const char *kind);

G_END_DECLS
