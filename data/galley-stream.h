/* galley-stream.h: how far a server's stream has been followed, and what becomes of it when the
 * server lost some
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-key.h"
#include "data/galley-store.h"

G_BEGIN_DECLS

/* One value for all of a stream up to a position: see galley_hash_roll(). */
typedef struct
{
  guint64 position;
  GalleyHash rolling;
} GalleyMark;

/* A change of a device's chain, by its hash. */
typedef struct
{
  GalleyRef ref;
  GalleyHash hash;
} GalleyChainLink;

/* A device's word for its chain up to a change. */
typedef struct
{
  GalleyChainLink link;
  guint8 signature[GALLEY_SIGNATURE_BYTES];
} GalleySignedTip;

/* ── on the writer thread ── */

gboolean galley_stream_keep_tips (GalleyWriter *writer,
                                  const GalleyId *project,
                                  const GalleySignedTip *tips,
                                  guint n_tips,
                                  GError **error);
gboolean galley_stream_check (GalleyWriter *writer,
                              const GalleyId *project,
                              const GalleyMark *server,
                              GError **error);
gboolean galley_stream_go_back (GalleyWriter *writer,
                                const GalleyId *project,
                                guint64 position,
                                const char *history_id,
                                GError **error);
gboolean galley_stream_end_relay (GalleyWriter *writer, const GalleyId *project, GError **error);

/* ── on a reader ── */

GArray *galley_stream_list_marks (GalleyReader *reader,
                                  const GalleyId *project,
                                  GError **error); /* of GalleyMark, highest first */

G_END_DECLS
