/* galley-relay.h: what this device can give a server that has lost it, in an order that holds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-stream.h"

G_BEGIN_DECLS

/* A change as it stands in the journal; or of a refused one the hash alone, so that its device's
 * chain goes on over it. */
typedef struct
{
  GalleyChainLink link;
  GBytes *bytes; /* (owned) (nullable): NULL for a refused one */
} GalleyRelayLink;

typedef struct
{
  GPtrArray *links; /* of GalleyRelayLink: as much as one batch takes; empty: nothing to give */
  GArray *tips;     /* of GalleySignedTip: the last of each device; own ones are not signed yet */
  guint64 n_lost;   /* how many of the changes the server had had before */
  guint64 n_left;   /* with nothing to give: how many changes cannot be given by this device */
  GalleyId absent;  /* why: a device that the server does not know; nil: another reason */
} GalleyRelay;

GalleyRelay *galley_relay_next (GalleyReader *reader,
                                const GalleyId *project,
                                const GArray *server_chains,
                                guint64 lost,
                                GError **error);
void galley_relay_free (GalleyRelay *relay);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyRelay, galley_relay_free)

G_END_DECLS
