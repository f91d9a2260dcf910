/* galley-fuzz-sample.h: a valid change to start from
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-change.h"

G_BEGIN_DECLS

GalleyChange *galley_fuzz_make_change (guint64 seq, const GalleyHash *previous);
GalleyChange *galley_fuzz_make_change_of (const GalleyId *device,
                                          guint64 seq,
                                          const GalleyHash *previous);

G_END_DECLS
