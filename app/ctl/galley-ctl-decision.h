/* galley-ctl-decision.h: the decisions on an item, as item and decision tell them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "app/ctl/galley-ctl.h"
#include "data/galley-decision.h"

G_BEGIN_DECLS

/* Members "decisions" and "approval" of the object that is open. */
gboolean galley_ctl_add_decisions (GalleyCtl *self, const GalleyItemRow *item, GError **error);

G_END_DECLS
