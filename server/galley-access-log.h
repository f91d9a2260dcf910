/* galley-access-log.h: one line for each request that was answered, for programs to read
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <libsoup/soup.h>
#include <stdio.h>

G_BEGIN_DECLS

/* Where the session stands on a message, once there is one. */
#define GALLEY_SESSION_KEY "galley-session"

/* Goes to standard error, a JSON object a line: time, request, device, method, path, status,
 * milliseconds, bytes in and out. Words of people are not among them. */
typedef struct _GalleyAccessLog GalleyAccessLog;

GalleyAccessLog *galley_access_log_new (FILE *out);
void galley_access_log_free (GalleyAccessLog *self);
void galley_access_log_watch (GalleyAccessLog *self, SoupServerMessage *message);

G_END_DECLS
