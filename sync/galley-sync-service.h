/* galley-sync-service.h: what programs see of syncing: one state, one sentence, the jobs, the
 * switches
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job-queue.h"
#include "sync/galley-sync-summary.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_SYNC_SERVICE (galley_sync_service_get_type ())
G_DECLARE_FINAL_TYPE (GalleySyncService, galley_sync_service, GALLEY, SYNC_SERVICE, GObject)

/* properties, announced on the main loop:
 *   state (int)               a GalleySyncState
 *   unsent (uint64)           own changes that the server does not have
 *   summary, detail (text)    one sentence that always says that nothing is lost; and why
 *   offline, paused (boolean) the person's switches, kept on disk; writable
 *   connected (boolean)       the workspace has a server
 *   attention (uint)          how many things need a person
 * signals:
 *   "job-ended" (GalleyJob *job)  a try of it, well or not; in the process that runs the jobs
 */

GalleySyncService *galley_sync_service_new (GalleyStore *store,
                                            GalleyTransport *transport,
                                            GNetworkMonitor *monitor);
void galley_sync_service_start (GalleySyncService *self);
void galley_sync_service_stop_async (GalleySyncService *self,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
void galley_sync_service_stop_finish (GalleySyncService *self, GAsyncResult *result);

GalleyJobQueue *galley_sync_service_get_queue (GalleySyncService *self);
GalleySyncState galley_sync_service_get_state (GalleySyncService *self);
guint64 galley_sync_service_get_unsent (GalleySyncService *self);
guint galley_sync_service_get_attention (GalleySyncService *self);
gboolean galley_sync_service_needs_sign_in (GalleySyncService *self);
const char *galley_sync_service_get_summary (GalleySyncService *self);
const char *galley_sync_service_get_detail (GalleySyncService *self);
gboolean galley_sync_service_is_holder (GalleySyncService *self);

gboolean galley_sync_service_get_offline (GalleySyncService *self);
void galley_sync_service_set_offline (GalleySyncService *self, gboolean offline);
gboolean galley_sync_service_get_paused (GalleySyncService *self);
void galley_sync_service_set_paused (GalleySyncService *self, gboolean paused);
GalleyJobLimits *galley_sync_service_get_limits (GalleySyncService *self);
void galley_sync_service_set_wishes (GalleySyncService *self, const GalleyJobWishes *wishes);
void galley_sync_service_retry_now (GalleySyncService *self);
void galley_sync_service_ask (GalleySyncService *self, gint64 job, GalleyJobAsk ask);
void galley_sync_service_look (GalleySyncService *self);

void galley_sync_service_run_once_async (GalleySyncService *self,
                                         guint timeout_s,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean galley_sync_service_run_once_finish (GalleySyncService *self,
                                              GAsyncResult *result,
                                              GError **error);

G_END_DECLS
