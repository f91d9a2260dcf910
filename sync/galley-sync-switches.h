/* galley-sync-switches.h: what has to be so before anything may be sent: a server, and nobody's no
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-sync-plan.h"
#include "sync/galley-sync-summary.h"

G_BEGIN_DECLS

typedef struct
{
  char *server_url;    /* (nullable): no server */
  char *connected;     /* (nullable): when; another time is another account */
  char *token;         /* (nullable) */
  char *account_error; /* (nullable): why there is a server but no token, a sentence */
  gboolean offline;    /* the person's, as the next one */
  gboolean paused;
} GalleySyncSwitches;

gboolean galley_sync_switches_take_account (GalleySyncSwitches *self,
                                            const GalleySyncPlan *plan,
                                            const char *folder);
gboolean galley_sync_switches_are_on (const GalleySyncSwitches *self);
GError *galley_sync_switches_explain (const GalleySyncSwitches *self);
void galley_sync_switches_add_facts (const GalleySyncSwitches *self, GalleySyncFacts *facts);
void galley_sync_switches_clear (GalleySyncSwitches *self);

G_END_DECLS
