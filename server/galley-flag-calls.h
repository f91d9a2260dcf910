/* galley-flag-calls.h: flags over HTTP: what is said of them, for administrators
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "server/galley-call.h"

G_BEGIN_DECLS

gboolean galley_flag_calls_dispatch (GalleyCall *call,
                                     char **path,
                                     GHashTable *query,
                                     GError **error);
void galley_flag_changes_add_to_json (JsonBuilder *builder, GPtrArray *changes);
void galley_flag_rules_add_to_json (JsonBuilder *builder, GPtrArray *rules);

G_END_DECLS
