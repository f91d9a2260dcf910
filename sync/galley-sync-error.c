/* galley-sync-error.c: the ways in which the sync layer can fail
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sync/galley-sync-error.h"

G_DEFINE_QUARK (galley_sync_error, galley_sync_error)
