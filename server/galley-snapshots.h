/* galley-snapshots.h: snapshots of projects for new devices, made from their streams
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-hash.h"
#include "data/galley-id.h"
#include "server/galley-server-error.h"

G_BEGIN_DECLS

/* Everything in its folder follows from the streams and may be deleted while the server is down. */
typedef struct _GalleySnapshots GalleySnapshots;

typedef struct
{
  gboolean ready;   /* else it is still being made: ask again */
  guint64 position; /* of the snapshot; while it is being made, how far that has come */
  guint64 end;      /* of the stream */
  GalleyHash hash;
  guint64 size_bytes;
  GalleyHash rolling; /* of the stream up to the snapshot's position, when it is ready */
  char *history_id;
} GalleySnapshotInfo;

GalleySnapshots *galley_snapshots_new (const char *folder);
void galley_snapshots_free (GalleySnapshots *self);
gboolean galley_snapshots_prepare (GalleySnapshots *self,
                                   const GalleyId *project,
                                   GalleySnapshotInfo *info,
                                   GError **error);
char *galley_snapshots_get_path (GalleySnapshots *self,
                                 const GalleyId *project,
                                 const GalleyHash *hash);
void galley_snapshot_info_clear (GalleySnapshotInfo *info);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleySnapshotInfo, galley_snapshot_info_clear)

G_END_DECLS
