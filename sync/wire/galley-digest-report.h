/* galley-digest-report.h: what a device's projects have come to, in a header of its greeting
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-divergence.h"

G_BEGIN_DECLS

#define GALLEY_DIGESTS_HEADER "Galley-Digests"
/* In one header, which a server reads whole. */
#define GALLEY_DIGESTS_MOST 40

char *galley_digest_reports_to_text (const GArray *reports);
GArray *galley_digest_reports_parse (const char *text);

G_END_DECLS
