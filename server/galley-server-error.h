/* galley-server-error.h: the ways in which the server says no
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Each is one HTTP status; see galley_server_error_get_status(). */
typedef enum
{
  GALLEY_SERVER_ERROR_MALFORMED,    /* 400 */
  GALLEY_SERVER_ERROR_UNAUTHORIZED, /* 401 */
  GALLEY_SERVER_ERROR_FORBIDDEN,    /* 403 */
  GALLEY_SERVER_ERROR_NOT_FOUND,    /* 404 */
  GALLEY_SERVER_ERROR_METHOD,       /* 405 */
  GALLEY_SERVER_ERROR_FORK,         /* 409: the device's chain is another than the one known */
  GALLEY_SERVER_ERROR_MISSING,      /* 409: changes before these have not arrived */
  GALLEY_SERVER_ERROR_HISTORY,      /* 409: the asker knows another history of the stream */
  GALLEY_SERVER_ERROR_MISMATCH,     /* 409: a file's bytes are not those of its name */
  GALLEY_SERVER_ERROR_MOVED_ON,     /* 409: somebody has said something else since */
  GALLEY_SERVER_ERROR_LENGTH,       /* 411 */
  GALLEY_SERVER_ERROR_TOO_LARGE,    /* 413 */
  GALLEY_SERVER_ERROR_RANGE,        /* 416: the file has no such bytes */
  GALLEY_SERVER_ERROR_TOO_MANY,     /* 429: nothing of the device's is acceptable any more */
  GALLEY_SERVER_ERROR_FAILED,       /* 500 */
  GALLEY_SERVER_ERROR_NEWER,        /* 501: only a newer server can read it */
  GALLEY_SERVER_ERROR_BUSY,         /* 503: more is asked than can be answered in time */
  GALLEY_SERVER_ERROR_STOPPING,     /* 503: about to go away */
  GALLEY_SERVER_ERROR_NO_SPACE,     /* 507: the disk is full */
} GalleyServerError;

#define GALLEY_SERVER_ERROR (galley_server_error_quark ())
GQuark galley_server_error_quark (void);

guint galley_server_error_get_status (const GError *error);
guint galley_server_error_get_patience (const GError *error);
GBytes *galley_server_error_to_problem (const GError *error);

G_END_DECLS
