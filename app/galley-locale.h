/* galley-locale.h: in which language a program speaks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void galley_locale_start (void);

G_END_DECLS
