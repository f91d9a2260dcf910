/* galley-event-stream.h: an open line on which the server tells that there is something new
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_EVENT_STREAM (galley_event_stream_get_type ())
G_DECLARE_FINAL_TYPE (GalleyEventStream, galley_event_stream, GALLEY, EVENT_STREAM, GObject)

/* signals, on the main loop:
 *   "message" (const char *text)  as the server sent it, unchecked
 *   "closed"                      nothing more comes; once
 *   "close"                       for the transport: the owner wants no more
 */

GalleyEventStream *galley_event_stream_new (void);

/* for the owner */
void galley_event_stream_close (GalleyEventStream *self);
gboolean galley_event_stream_is_closed (GalleyEventStream *self);

/* for the transport */
void galley_event_stream_take_message (GalleyEventStream *self, const char *text);
void galley_event_stream_take_closed (GalleyEventStream *self);

G_END_DECLS
