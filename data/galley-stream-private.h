/* galley-stream-private.h: what the outbox asks of the stream's bookkeeping
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-database.h"
#include "data/galley-outbox.h"
#include "data/galley-stream.h"

G_BEGIN_DECLS

gboolean galley_stream_read_mark (GalleyDatabase *db,
                                  gint64 project,
                                  guint64 position,
                                  GalleyHash *rolling,
                                  gboolean *known,
                                  GError **error);
gboolean galley_stream_check_places (GalleyWriter *writer,
                                     gint64 project,
                                     guint64 from,
                                     const GalleyIncoming *changes,
                                     guint n_changes,
                                     GError **error);
gboolean galley_stream_begin_anew (GalleyWriter *writer,
                                   gint64 project,
                                   guint64 after,
                                   GError **error);
gboolean galley_stream_roll (GalleyWriter *writer,
                             gint64 project,
                             guint64 from,
                             const GalleyIncoming *changes,
                             guint n_changes,
                             guint64 to,
                             GError **error);

G_END_DECLS
