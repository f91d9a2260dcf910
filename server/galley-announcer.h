/* galley-announcer.h: tells connected devices that there is something new, and where
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "server/galley-backend.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Private to the server; on its main context. What is said here are hints: one that is lost costs
 * nothing but time. */
typedef struct _GalleyAnnouncer GalleyAnnouncer;

GalleyAnnouncer *galley_announcer_new (GalleyBackend *backend, const GalleyWorld *world);
void galley_announcer_free (GalleyAnnouncer *self);

void galley_announcer_add (GalleyAnnouncer *self,
                           const GalleySession *session,
                           SoupWebsocketConnection *connection);
void galley_announcer_stream (GalleyAnnouncer *self, const GalleyId *project, guint64 position);
void galley_announcer_directory (GalleyAnnouncer *self);
void galley_announcer_hang_up (GalleyAnnouncer *self);

guint galley_announcer_get_n_listeners (GalleyAnnouncer *self);
guint64 galley_announcer_get_n_sent (GalleyAnnouncer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyAnnouncer, galley_announcer_free)

G_END_DECLS
