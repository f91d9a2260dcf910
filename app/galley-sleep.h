/* galley-sleep.h: what runs is stopped cleanly before the computer sleeps, and goes on afterwards
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-sync-service.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_SLEEP (galley_sleep_get_type ())
G_DECLARE_FINAL_TYPE (GalleySleep, galley_sleep, GALLEY, SLEEP, GObject)

GalleySleep *galley_sleep_new (GalleySyncService *service);
/* Whether the computer is about to sleep: nothing runs, and is not over. */
gboolean galley_sleep_is_near (GalleySleep *self);

G_END_DECLS
