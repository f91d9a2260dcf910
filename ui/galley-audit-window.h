/* galley-audit-window.h: what was changed, from what to what, by whom, and why it is as it is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_AUDIT_WINDOW (galley_audit_window_get_type ())
G_DECLARE_FINAL_TYPE (GalleyAuditWindow, galley_audit_window, GALLEY, AUDIT_WINDOW, AdwWindow)

/* Of which field; of all of a thing and what belongs to it. */
#define GALLEY_AUDIT_ALL_FIELDS G_MAXUINT16

/* actions: audit.export("s") csv or pdf; audit.fetch-older
 * signals:
 *   "show-past" (const GalleyId *item, guint64 hlc)  how the item was then is to be looked at
 */

GtkWidget *galley_audit_window_new (GalleyStore *store,
                                    const GalleyId *entity,
                                    guint16 field,
                                    const char *element);
void galley_audit_window_export (GalleyAuditWindow *self, const char *format, GFile *file);

G_END_DECLS
