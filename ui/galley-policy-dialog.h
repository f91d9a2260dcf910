/* galley-policy-dialog.h: what a project does where people entered different values, field by field
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_POLICY_DIALOG (galley_policy_dialog_get_type ())
G_DECLARE_FINAL_TYPE (GalleyPolicyDialog, galley_policy_dialog, GALLEY, POLICY_DIALOG, AdwWindow)

/* actions: policies.apply */

GtkWidget *galley_policy_dialog_new (GtkWindow *parent,
                                     GalleyStore *store,
                                     const GalleyId *project);

G_END_DECLS
