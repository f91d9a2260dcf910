/* galley-error.c: the ways in which the data layer can fail
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-error.h"

G_DEFINE_QUARK (galley_data_error_quark, galley_data_error)
