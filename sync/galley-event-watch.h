/* galley-event-watch.h: keeps the line open on which the server tells of news
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job-context.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_EVENT_WATCH (galley_event_watch_get_type ())
G_DECLARE_FINAL_TYPE (GalleyEventWatch, galley_event_watch, GALLEY, EVENT_WATCH, GObject)

/* Main loop. signals:
 *   "news"       a project's stream has grown: see the context's server view
 *   "directory"  persons, devices, roles or the list of projects have changed: ask for them
 *   "opened"     the line is (again) open; what came while it was not must be asked for
 */

GalleyEventWatch *galley_event_watch_new (GalleyJobContext *context);
void galley_event_watch_set_enabled (GalleyEventWatch *self, gboolean enabled);
void galley_event_watch_retry_now (GalleyEventWatch *self);
gboolean galley_event_watch_is_open (GalleyEventWatch *self);

G_END_DECLS
