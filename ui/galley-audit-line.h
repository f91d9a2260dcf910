/* galley-audit-line.h: a change of the audit in words, for the window and for paper
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-audit.h"

G_BEGIN_DECLS

typedef struct
{
  char *what;    /* what was done, and to what */
  char *details; /* (nullable): a line for each field: from what to what; and why */
  char *source;  /* who, on which computer, when made and when shared */
  char *effect;  /* (nullable): whether it is still so */
} GalleyAuditLine;

GalleyAuditLine *galley_audit_line_new (const GalleyAudit *audit, const GalleyAuditEntry *entry);
void galley_audit_line_free (GalleyAuditLine *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyAuditLine, galley_audit_line_free)

G_END_DECLS
