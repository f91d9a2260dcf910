/* galley-decision-panel.h: approve or not, what the rule still needs, and who decided what
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-annotation-model.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_DECISION_PANEL (galley_decision_panel_get_type ())
G_DECLARE_FINAL_TYPE (GalleyDecisionPanel, galley_decision_panel, GALLEY, DECISION_PANEL, GtkWidget)

/* signals:
 *   "decide" (char *verdict, char *note)  the person chose; the note may be empty
 */

void galley_decision_panel_set_model (GalleyDecisionPanel *self, GalleyAnnotationModel *model);
char *galley_decision_panel_take_note (GalleyDecisionPanel *self);

G_END_DECLS
