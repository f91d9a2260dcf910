/* galley-flag-words.h: what is switched on, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-fleet.h"

G_BEGIN_DECLS

char *galley_flag_words_for_about (const GalleyFleetFlag *flag);
char *galley_flag_words_for_state (const GalleyFleetFlag *flag);
char *galley_flag_words_for_change (const GalleyFleetChange *change,
                                    const char *person,
                                    gint64 now_us);
const char *galley_flag_words_for_role (GalleyRole role);

G_END_DECLS
