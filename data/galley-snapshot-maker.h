/* galley-snapshot-maker.h: follows a project's stream, and writes down what is in force
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-snapshot.h"

G_BEGIN_DECLS

/* For a server, which keeps only the stream. What it has in its file follows from that and may be
 * deleted at any time. Belongs to one thread at a time; blocks. */
typedef struct _GalleySnapshotMaker GalleySnapshotMaker;

GalleySnapshotMaker *galley_snapshot_maker_open (const char *path,
                                                 const GalleyId *project,
                                                 GError **error);
void galley_snapshot_maker_free (GalleySnapshotMaker *self);

guint64 galley_snapshot_maker_get_position (GalleySnapshotMaker *self);
/* Between these two, any number of changes and gaps; all go in together. */
gboolean galley_snapshot_maker_begin (GalleySnapshotMaker *self, GError **error);
gboolean galley_snapshot_maker_end (GalleySnapshotMaker *self, gboolean done, GError **error);
gboolean galley_snapshot_maker_add (GalleySnapshotMaker *self,
                                    guint64 position,
                                    GBytes *change,
                                    GError **error);
gboolean galley_snapshot_maker_add_gap (GalleySnapshotMaker *self,
                                        const GalleyRef *ref,
                                        const GalleyHash *hash,
                                        GError **error);
/* Finds the signature of a device's change; fills it with zeros when there is none. */
typedef void (*GalleySnapshotSignatureFunc) (const GalleyRef *ref,
                                             guint8 signature[GALLEY_SIGNATURE_BYTES],
                                             gpointer data);
gboolean galley_snapshot_maker_write (GalleySnapshotMaker *self,
                                      const char *path,
                                      const char *history_id,
                                      GalleySnapshotSignatureFunc find_signature,
                                      gpointer data,
                                      GalleyHash *hash,
                                      guint64 *size_bytes,
                                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySnapshotMaker, galley_snapshot_maker_free)

G_END_DECLS
