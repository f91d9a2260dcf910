/* galley-connect-dialog.h: joins a server with its address and an invite code
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-workspace.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_CONNECT_DIALOG (galley_connect_dialog_get_type ())
G_DECLARE_FINAL_TYPE (GalleyConnectDialog, galley_connect_dialog, GALLEY, CONNECT_DIALOG, AdwWindow)

/* signals: "connected" */

GtkWidget *galley_connect_dialog_new (GtkWindow *parent, GalleyWorkspace *workspace);

G_END_DECLS
