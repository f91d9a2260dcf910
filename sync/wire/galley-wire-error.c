/* galley-wire-error.c: what can be wrong with a message
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sync/wire/galley-wire-error.h"

G_DEFINE_QUARK (galley_wire_error_quark, galley_wire_error)
