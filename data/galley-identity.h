/* galley-identity.h: which device this workspace is, and how it becomes another one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-stream.h"

G_BEGIN_DECLS

/* Settings: the server has other changes under this device's name; and whose the account's token
 * is, where it is not this device's. */
#define GALLEY_SETTING_FORKED "forked"
#define GALLEY_SETTING_TOKEN_DEVICE "token_device"

/* Up to which change the server has a device's chain as it is here. */
typedef struct
{
  GalleyId project;
  guint64 seq;
} GalleyKeptChain;

/* ── on the writer thread ── */

gboolean galley_identity_renew (GalleyWriter *writer,
                                const GalleyKeptChain *kept,
                                guint n_kept,
                                guint64 *n_moved,
                                GError **error);
gboolean galley_identity_take_over (GalleyWriter *writer,
                                    const GalleyId *old,
                                    const GalleyKeptChain *kept,
                                    guint n_kept,
                                    guint64 *n_moved,
                                    GError **error);

/* ── on a reader ── */

gboolean galley_identity_is_settled (GalleyReader *reader);
GArray *galley_identity_list_unsent (GalleyReader *reader,
                                     const GalleyId *project,
                                     GError **error); /* of GalleyChainLink */

G_END_DECLS
