/* galley-pull-batch.h: a batch of changes as the server sent it, read and checked, not yet applied
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-outbox.h"
#include "data/galley-stream.h"

G_BEGIN_DECLS

typedef struct
{
  GArray *incoming; /* of GalleyIncoming; they own their changes */
  GArray *tips;     /* of GalleySignedTip, verified */
  guint64 position; /* of the last one */
} GalleyPullBatch;

GalleyPullBatch *galley_pull_batch_read (GBytes *packed,
                                         const GalleyId *project,
                                         guint64 after,
                                         GalleyReader *reader,
                                         GalleyKey *own_key,
                                         GError **error);
void galley_pull_batch_free (GalleyPullBatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPullBatch, galley_pull_batch_free)

G_END_DECLS
