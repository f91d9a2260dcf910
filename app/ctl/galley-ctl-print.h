/* galley-ctl-print.h: an answer on standard output: JSON, or plain text for people
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

gboolean galley_ctl_print (JsonNode *answer, const char *columns, gboolean json, GError **error);
gboolean galley_ctl_print_line (JsonNode *answer, GError **error);
char *galley_ctl_print_to_text (JsonNode *answer, const char *columns);

G_END_DECLS
