/* galley-sync-error.c: the ways in which the sync layer can fail
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sync/galley-sync-error.h"

/* Beside the code and the sentence: how long the server asks to be left alone. */
typedef struct
{
  guint patience_s;
} GalleySyncErrorPrivate;

static void
galley_sync_error_private_init (GalleySyncErrorPrivate *priv)
{
}

static void
galley_sync_error_private_copy (const GalleySyncErrorPrivate *source, GalleySyncErrorPrivate *copy)
{
  *copy = *source;
}

static void
galley_sync_error_private_clear (GalleySyncErrorPrivate *priv)
{
}

G_DEFINE_EXTENDED_ERROR (GalleySyncError, galley_sync_error)

/**
 * galley_sync_error_set_patience:
 * @error: a %GALLEY_SYNC_ERROR
 * @seconds: for so long the server does not want to be asked again
 */
void
galley_sync_error_set_patience (GError *error, guint seconds)
{
  g_return_if_fail (error->domain == GALLEY_SYNC_ERROR);

  galley_sync_error_get_private (error)->patience_s = MIN (seconds, GALLEY_SYNC_MAX_PATIENCE_S);
}

/**
 * galley_sync_error_get_patience:
 * @error: of any domain
 *
 * Returns: for how many seconds the server does not want to be asked again; 0: it did not say
 */
guint
galley_sync_error_get_patience (const GError *error)
{
  return error->domain == GALLEY_SYNC_ERROR ? galley_sync_error_get_private (error)->patience_s : 0;
}
