/* galley-fork.h: what a job does that meets other changes under this device's name
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

void galley_fork_return_error (GTask *task, GError *error);

G_END_DECLS
