/* galley-caretaker.h: what a workspace needs now and then without anybody asking: its backups
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-sync-service.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_CARETAKER (galley_caretaker_get_type ())
G_DECLARE_FINAL_TYPE (GalleyCaretaker, galley_caretaker, GALLEY, CARETAKER, GObject)

/* Main loop; works as long as it lives, while its service runs the jobs of the workspace. signals:
 *   "looked"  it has looked whether there is something to do, and done it
 */

GalleyCaretaker *galley_caretaker_new (GalleyStore *store, GalleySyncService *service);

G_END_DECLS
