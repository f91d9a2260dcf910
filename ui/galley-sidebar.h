/* galley-sidebar.h: the places of a workspace: inbox, projects, conflicts, sync
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-health.h"

#include <adwaita.h>

G_BEGIN_DECLS

typedef enum
{
  GALLEY_PLACE_INBOX,
  GALLEY_PLACE_PROJECT,
  GALLEY_PLACE_CONFLICTS,
  GALLEY_PLACE_SYNC,
} GalleyPlace;

#define GALLEY_TYPE_SIDEBAR (galley_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (GalleySidebar, galley_sidebar, GALLEY, SIDEBAR, GtkWidget)

/* signals:
 *   "chosen" (GalleyPlace place, const GalleyId *project, char *name)  by the person or select()
 *   "entered" ()                                                       after it: to be gone to, not
 *                                                                      only passed on the way
 *   "loaded" ()                                                        the projects were read
 */

void galley_sidebar_set_health (GalleySidebar *self, GalleyHealth *health);
void galley_sidebar_select (GalleySidebar *self, GalleyPlace place, const GalleyId *project);
const char *galley_sidebar_get_name (GalleySidebar *self, const GalleyId *project);
gboolean galley_sidebar_get_first_project (GalleySidebar *self, GalleyId *project);

G_END_DECLS
