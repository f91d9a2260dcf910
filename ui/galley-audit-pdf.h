/* galley-audit-pdf.h: an audit on paper
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-audit.h"

G_BEGIN_DECLS

GBytes *galley_audit_to_pdf (
    const GalleyAudit *self, const char *title, const char *why, gint64 now_us, GError **error);

G_END_DECLS
