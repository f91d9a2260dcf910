/* galley-error.h: the ways in which the data layer can fail
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GalleyDataError:
 * @GALLEY_DATA_ERROR_INVALID: what was given is not what the schema or the format asks for
 * @GALLEY_DATA_ERROR_NOT_FOUND: no such entity, change, project or conflict
 * @GALLEY_DATA_ERROR_EXISTS: a workspace is already there
 * @GALLEY_DATA_ERROR_DAMAGED: the database or key is damaged; the file is kept, replay may help
 * @GALLEY_DATA_ERROR_NEWER: made by a newer Galley; nothing was touched
 * @GALLEY_DATA_ERROR_NO_SPACE: the disk is full; what was acknowledged is safe
 * @GALLEY_DATA_ERROR_BUSY: another program holds the database; try again
 * @GALLEY_DATA_ERROR_IO: the disk refused to read or write
 * @GALLEY_DATA_ERROR_FORK: a change differs from the known one of the same device and number
 * @GALLEY_DATA_ERROR_MOVED_ON: somebody has changed the same thing since; nothing was overwritten
 * @GALLEY_DATA_ERROR_NOT_HERE_YET: an older change that this computer has not fetched; see
 *   galley_history_ask()
 *
 * Codes differ only where a caller acts differently.
 */
typedef enum
{
  GALLEY_DATA_ERROR_INVALID,
  GALLEY_DATA_ERROR_NOT_FOUND,
  GALLEY_DATA_ERROR_EXISTS,
  GALLEY_DATA_ERROR_DAMAGED,
  GALLEY_DATA_ERROR_NEWER,
  GALLEY_DATA_ERROR_NO_SPACE,
  GALLEY_DATA_ERROR_BUSY,
  GALLEY_DATA_ERROR_IO,
  GALLEY_DATA_ERROR_FORK,
  GALLEY_DATA_ERROR_MOVED_ON,
  GALLEY_DATA_ERROR_NOT_HERE_YET,
} GalleyDataError;

#define GALLEY_DATA_ERROR (galley_data_error_quark ())
GQuark galley_data_error_quark (void);

const char *galley_error_translate (const char *sentence);

G_END_DECLS
