/* galley-server-admin.h: what an administrator asks of a server's folder, running or not
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *person, *role, *reason; /* (nullable) */
  int uses;
  int percent; /* -1: not given */
} GalleyAdminOptions;

int galley_server_admin_run (const char *folder,
                             gboolean json,
                             const GalleyAdminOptions *options,
                             char **words);

G_END_DECLS
