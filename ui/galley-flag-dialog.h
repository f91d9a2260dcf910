/* galley-flag-dialog.h: an administrator says on how many computers something is on, and why
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-flag-job.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_FLAG_DIALOG (galley_flag_dialog_get_type ())
G_DECLARE_FINAL_TYPE (GalleyFlagDialog, galley_flag_dialog, GALLEY, FLAG_DIALOG, AdwWindow)

/* signals:
 *   ordered (GalleyFlagOrder *)  somebody wants it so
 */

GtkWidget *galley_flag_dialog_new (GtkWindow *parent, const GalleyFleetFlag *flag, char **history);

G_END_DECLS
