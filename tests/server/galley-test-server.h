/* galley-test-server.h: a whole server in the test's own process, on a thread of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-schema.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Thread-safe: all of these may block. What an administrator does here is done behind the running
 * server's back, as galley-server admin does it. */
typedef struct _GalleyTestServer GalleyTestServer;

GalleyTestServer *galley_test_server_new (const char *folder);
void galley_test_server_free (GalleyTestServer *self);

const char *galley_test_server_get_url (GalleyTestServer *self);
const char *galley_test_server_get_folder (GalleyTestServer *self);

/* Gone and back under the same address, as after a power cut or an upgrade. */
void galley_test_server_stop (GalleyTestServer *self);
void galley_test_server_start (GalleyTestServer *self);

char *galley_test_server_invite (GalleyTestServer *self, const char *person, GalleyRole role);
void galley_test_server_set_role (GalleyTestServer *self,
                                  const GalleyId *project,
                                  const GalleyId *person,
                                  GalleyRole role);
void galley_test_server_revoke (GalleyTestServer *self, const GalleyId *device);
/* @role: NONE for all; @percent: -1 forgets */
void galley_test_server_set_flag (GalleyTestServer *self,
                                  const char *name,
                                  GalleyRole role,
                                  int percent);
void galley_test_server_assert_verified (GalleyTestServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyTestServer, galley_test_server_free)

G_END_DECLS
