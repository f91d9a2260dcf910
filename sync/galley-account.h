/* galley-account.h: the workspace's server and the token to show there, in a file of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-sync-error.h"

G_BEGIN_DECLS

typedef struct
{
  char *server_url;
  char *token; /* a secret: never printed, never in the database */
} GalleyAccount;

char *galley_account_check_url (const char *url, GError **error);
GalleyAccount *galley_account_load (const char *folder, GError **error);
gboolean galley_account_save (const GalleyAccount *self, const char *folder, GError **error);
void galley_account_free (GalleyAccount *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyAccount, galley_account_free)

G_END_DECLS
