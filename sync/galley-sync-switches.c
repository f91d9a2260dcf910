/* galley-sync-switches.c: what has to be so before anything may be sent: a server, and nobody's no
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-switches"

#include "sync/galley-sync-switches.h"

#include "sync/galley-account.h"
#include "sync/galley-sync-error.h"

#include <glib/gi18n-lib.h>

void
galley_sync_switches_clear (GalleySyncSwitches *self)
{
  g_clear_pointer (&self->server_url, g_free);
  g_clear_pointer (&self->connected, g_free);
  g_clear_pointer (&self->token, g_free);
  g_clear_pointer (&self->account_error, g_free);
}

/**
 * galley_sync_switches_take_account:
 * @plan: says which server, as the database knows it
 * @folder: the workspace's: there is the token
 *
 * Returns: whether it is another account than before
 */
gboolean
galley_sync_switches_take_account (GalleySyncSwitches *self,
                                   const GalleySyncPlan *plan,
                                   const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyAccount) account = NULL;

  if (g_strcmp0 (self->server_url, plan->server_url) == 0 &&
      g_strcmp0 (self->connected, plan->connected) == 0)
    return FALSE;

  galley_sync_switches_clear (self);
  self->server_url = g_strdup (plan->server_url);
  self->connected = g_strdup (plan->connected);
  if (self->server_url == NULL)
    return TRUE;

  account = galley_account_load (folder, &error);
  if (account != NULL)
    self->token = g_strdup (account->token);
  else
    self->account_error = g_strdup (error != NULL ? error->message
                                                  : _ ("The account of this workspace is missing. "
                                                       "Connect again with a new invite code."));
  return TRUE;
}

gboolean
galley_sync_switches_are_on (const GalleySyncSwitches *self)
{
  return self->server_url != NULL && self->account_error == NULL && !self->offline && !self->paused;
}

/**
 * galley_sync_switches_explain:
 *
 * Returns: (transfer full) (nullable): why nothing may be sent; %NULL when it may
 */
GError *
galley_sync_switches_explain (const GalleySyncSwitches *self)
{
  if (self->server_url == NULL)
    return g_error_new_literal (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID,
                                _ ("This workspace has no server. Connect it first."));
  if (self->account_error != NULL)
    return g_error_new_literal (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGN_IN, self->account_error);
  if (self->offline)
    return g_error_new_literal (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_UNREACHABLE,
                                _ ("This workspace is set to work offline. Go online first."));
  if (self->paused)
    return g_error_new_literal (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_UNREACHABLE,
                                _ ("Syncing is paused. Resume it first."));

  return NULL;
}

void
galley_sync_switches_add_facts (const GalleySyncSwitches *self, GalleySyncFacts *facts)
{
  facts->connected = self->server_url != NULL;
  facts->offline = self->offline;
  facts->paused = self->paused;
  facts->error = self->account_error;
  facts->n_attention += self->account_error != NULL;
  facts->sign_in |= self->account_error != NULL;
}
