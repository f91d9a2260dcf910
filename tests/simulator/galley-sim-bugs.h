/* galley-sim-bugs.h: the known bugs by their names
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-sabotage.h"

#include <glib.h>

G_BEGIN_DECLS

const char *galley_sim_bug_get_name (GalleySabotage bug);
const char *galley_sim_bug_explain (GalleySabotage bug);
gboolean galley_sim_bug_parse (const char *name, GalleySabotage *bug);
void galley_sim_bug_set (GalleySabotage bug);

G_END_DECLS
