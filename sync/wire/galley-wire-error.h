/* galley-wire-error.h: what can be wrong with a message
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * GalleyWireError:
 * @GALLEY_WIRE_ERROR_MALFORMED: the bytes are not such a message; nothing of it was taken
 * @GALLEY_WIRE_ERROR_TOO_LARGE: it says of itself that it is larger than may be
 */
typedef enum
{
  GALLEY_WIRE_ERROR_MALFORMED,
  GALLEY_WIRE_ERROR_TOO_LARGE,
} GalleyWireError;

#define GALLEY_WIRE_ERROR (galley_wire_error_quark ())
GQuark galley_wire_error_quark (void);

G_END_DECLS
