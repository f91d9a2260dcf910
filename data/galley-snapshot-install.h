/* galley-snapshot-install.h: a project begins with what is in force; its history comes later
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-outbox.h"
#include "data/galley-store.h"

G_BEGIN_DECLS

/* In changes. */
typedef void (*GalleySnapshotProgress) (guint64 done, guint64 total, gpointer data);

gboolean galley_snapshot_install (GalleyStore *store,
                                  const GalleyId *project,
                                  const char *path,
                                  const GalleyHash *hash,
                                  const GalleyHash *rolling,
                                  GCancellable *cancellable,
                                  GalleySnapshotProgress progress,
                                  gpointer progress_data,
                                  GError **error);

/* ── the history of a project that began with a snapshot ── */

typedef struct
{
  guint64 position; /* of the snapshot; 0: all history is here */
  guint64 fetched;  /* of the history, up to this position */
} GalleyHistoryState;

gboolean galley_history_get_state (GalleyReader *reader,
                                   const GalleyId *project,
                                   GalleyHistoryState *state,
                                   GError **error);
gboolean galley_history_is_asked (GalleyReader *reader, const GalleyId *project);
gboolean galley_history_set_asked (GalleyWriter *writer,
                                   const GalleyId *project,
                                   gboolean asked,
                                   GError **error);
gboolean galley_history_ask (GalleyStore *store, guint *n_projects, GError **error);
gboolean galley_history_ask_on_writer (GalleyWriter *writer, gpointer data, GError **error);
gboolean galley_history_add (GalleyStore *store,
                             const GalleyId *project,
                             const GalleyIncoming *changes,
                             guint n_changes,
                             GError **error);
gboolean galley_history_finish (GalleyStore *store, const GalleyId *project, GError **error);

G_END_DECLS
