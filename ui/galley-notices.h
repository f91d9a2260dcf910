/* galley-notices.h: tells a person who is elsewhere that something waits for them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"
#include "sync/galley-sync-service.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* One of each is on screen at most, however many things it speaks of. */
typedef enum
{
  GALLEY_NOTICE_INBOX,     /* work of others asks for this person */
  GALLEY_NOTICE_CONFLICTS, /* people changed the same */
  GALLEY_NOTICE_ATTENTION, /* syncing has needed somebody for a while */
  GALLEY_N_NOTICES,
} GalleyNotice;

typedef enum
{
  GALLEY_NOTICE_LEAVE,
  GALLEY_NOTICE_SEND,
  GALLEY_NOTICE_WITHDRAW,
} GalleyNoticeAct;

/* How long syncing needs somebody before they are told, in microseconds. */
#define GALLEY_NOTICE_PATIENCE_US (10 * G_TIME_SPAN_MINUTE)

GalleyNoticeAct galley_notice_decide (
    GalleyNotice notice, guint before, guint now, gint64 waited_us, gboolean watched);

#define GALLEY_TYPE_NOTICES (galley_notices_get_type ())
G_DECLARE_FINAL_TYPE (GalleyNotices, galley_notices, GALLEY, NOTICES, GObject)

/* signals:
 *   "send" (guint notice, guint n, char *words)  is to be on screen
 *   "withdraw" (guint notice)                    has no reason any more
 */

GalleyNotices *galley_notices_new (GalleyStore *store, GalleySyncService *service);
void galley_notices_set_watched (GalleyNotices *self, gboolean watched);

G_END_DECLS
