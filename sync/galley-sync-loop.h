/* galley-sync-loop.h: looks what there is to do, makes jobs of it and gets them done
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job-queue.h"
#include "sync/galley-sync-summary.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_SYNC_LOOP (galley_sync_loop_get_type ())
G_DECLARE_FINAL_TYPE (GalleySyncLoop, galley_sync_loop, GALLEY, SYNC_LOOP, GObject)

/* The machine inside the sync service. Main loop. signals:
 *   "moved"  the facts may be different
 */

GalleySyncLoop *galley_sync_loop_new (GalleyStore *store,
                                      GalleyTransport *transport,
                                      GNetworkMonitor *monitor);
void galley_sync_loop_start (GalleySyncLoop *self);
void galley_sync_loop_stop (GalleySyncLoop *self);
void galley_sync_loop_add_stop_waiter (GalleySyncLoop *self, GTask *task);
gboolean galley_sync_loop_is_started (GalleySyncLoop *self);

GalleyJobQueue *galley_sync_loop_get_queue (GalleySyncLoop *self);
gboolean galley_sync_loop_is_holder (GalleySyncLoop *self);
void galley_sync_loop_get_facts (GalleySyncLoop *self, GalleySyncFacts *facts);

void galley_sync_loop_set_offline (GalleySyncLoop *self, gboolean offline);
void galley_sync_loop_set_paused (GalleySyncLoop *self, gboolean paused);
GalleyJobLimits *galley_sync_loop_get_limits (GalleySyncLoop *self);
void galley_sync_loop_set_wishes (GalleySyncLoop *self, const GalleyJobWishes *wishes);
void galley_sync_loop_begin_round (GalleySyncLoop *self);
void galley_sync_loop_add_waiter (GalleySyncLoop *self, GTask *task, guint timeout_s);
void galley_sync_loop_ask (GalleySyncLoop *self, gint64 job, GalleyJobAsk ask);
void galley_sync_loop_look (GalleySyncLoop *self);

G_END_DECLS
