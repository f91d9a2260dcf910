/* galley-sync-error.h: the ways in which the sync layer can fail
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GalleySyncError:
 * @GALLEY_SYNC_ERROR_UNREACHABLE: no connection to the server; everything local goes on
 * @GALLEY_SYNC_ERROR_TIMEOUT: the server, or the whole run, took too long
 * @GALLEY_SYNC_ERROR_CUT: the connection ended in the middle of an answer; going on later is safe
 * @GALLEY_SYNC_ERROR_SERVER: the server is in trouble (5xx), or asks for patience (429)
 * @GALLEY_SYNC_ERROR_NOT_GALLEY: somebody answers, but it is no Galley server, or a web page in
 *   between; or the answer makes no sense
 * @GALLEY_SYNC_ERROR_SIGN_IN: the server does not know this device any more
 * @GALLEY_SYNC_ERROR_REFUSED: the server said no, for good, with a reason
 * @GALLEY_SYNC_ERROR_NOT_THERE: the server does not have it, yet
 * @GALLEY_SYNC_ERROR_TOO_LARGE: more bytes than one side takes
 * @GALLEY_SYNC_ERROR_SIGNATURE: what came is not what its device signed; nothing of it was used
 * @GALLEY_SYNC_ERROR_HISTORY: the server's past is another one than this device knows
 * @GALLEY_SYNC_ERROR_FORK: the server has other changes under this device's name
 * @GALLEY_SYNC_ERROR_STALLED: a job made no progress for too long and was stopped
 * @GALLEY_SYNC_ERROR_INVALID: what the person gave (an address, a file) cannot be used
 *
 * Codes differ only where a caller acts differently. Messages are whole sentences.
 */
typedef enum
{
  GALLEY_SYNC_ERROR_UNREACHABLE,
  GALLEY_SYNC_ERROR_TIMEOUT,
  GALLEY_SYNC_ERROR_CUT,
  GALLEY_SYNC_ERROR_SERVER,
  GALLEY_SYNC_ERROR_NOT_GALLEY,
  GALLEY_SYNC_ERROR_SIGN_IN,
  GALLEY_SYNC_ERROR_REFUSED,
  GALLEY_SYNC_ERROR_NOT_THERE,
  GALLEY_SYNC_ERROR_TOO_LARGE,
  GALLEY_SYNC_ERROR_SIGNATURE,
  GALLEY_SYNC_ERROR_HISTORY,
  GALLEY_SYNC_ERROR_FORK,
  GALLEY_SYNC_ERROR_STALLED,
  GALLEY_SYNC_ERROR_INVALID,
} GalleySyncError;

/* A server that asks for more is asked again all the same. */
#define GALLEY_SYNC_MAX_PATIENCE_S (15 * 60)

#define GALLEY_SYNC_ERROR (galley_sync_error_quark ())
GQuark galley_sync_error_quark (void);

void galley_sync_error_set_patience (GError *error, guint seconds);
guint galley_sync_error_get_patience (const GError *error);

G_END_DECLS
