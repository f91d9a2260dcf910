/* galley-audit-csv.h: an audit as a table for other programs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-audit.h"

G_BEGIN_DECLS

char *galley_audit_to_csv (const GalleyAudit *self);

G_END_DECLS
