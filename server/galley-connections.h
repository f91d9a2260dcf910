/* galley-connections.h: how many may connect, and for how long a silent one may stay
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Private to the server; main loop. */
typedef struct _GalleyConnections GalleyConnections;

GalleyConnections *galley_connections_new (void);
void galley_connections_free (GalleyConnections *self);

void galley_connections_watch (GalleyConnections *self, SoupServer *soup);
guint galley_connections_get_n_open (GalleyConnections *self);

G_END_DECLS
