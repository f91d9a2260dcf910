/* galley-ctl-policy.h: policies of projects, as they are typed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "app/ctl/galley-ctl.h"

G_BEGIN_DECLS

gboolean galley_ctl_read_policies (GalleyCtl *ctl,
                                   GVariant *said,
                                   GVariant **policies,
                                   GError **error);

G_END_DECLS
