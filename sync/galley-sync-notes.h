/* galley-sync-notes.h: what the processes of a workspace write down for each other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-job-table.h"

G_BEGIN_DECLS

/* Settings that any process of the workspace may write; the one that syncs takes them up. */
#define GALLEY_SETTING_SERVER_URL "server_url"
#define GALLEY_SETTING_CONNECTED "connected_us"  /* when; another one than before: a new account */
#define GALLEY_SETTING_OFFLINE "offline"         /* "1": the person wants no network */
#define GALLEY_SETTING_PAUSED "paused"           /* "1" */
#define GALLEY_SETTING_SYNC_WANTED "sync_wanted" /* a word of whoever asks for one whole round */
#define GALLEY_SETTING_SYNC_DONE "sync_done"     /* the word of the last round that was asked for */
#define GALLEY_SETTING_LAST_SYNCED "last_synced_us"
#define GALLEY_SETTING_OFFLINE_SINCE "offline_since_us"

#define GALLEY_TYPE_SYNC_NOTES (galley_sync_notes_get_type ())
G_DECLARE_FINAL_TYPE (GalleySyncNotes, galley_sync_notes, GALLEY, SYNC_NOTES, GObject)

/* Main loop. signals:
 *   "written"  a note is on disk (or could not be written, which is logged)
 */

GalleySyncNotes *galley_sync_notes_new (GalleyStore *store);
void galley_sync_notes_set (GalleySyncNotes *self, const char *key, const char *value);
void galley_sync_notes_set_now (GalleySyncNotes *self, const char *key);
void galley_sync_notes_ask (GalleySyncNotes *self, gint64 job, GalleyJobAsk ask);
void galley_sync_notes_clear_asks (GalleySyncNotes *self, gint64 up_to_ask);
gboolean galley_sync_notes_is_writing (GalleySyncNotes *self);

G_END_DECLS
