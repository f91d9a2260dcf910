/* galley-sync-lock.h: only one process of a workspace talks to the server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GalleySyncLock GalleySyncLock;

GalleySyncLock *galley_sync_lock_try (const char *folder);
void galley_sync_lock_free (GalleySyncLock *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySyncLock, galley_sync_lock_free)

G_END_DECLS
