/* galley-scratch.h: one moment of a workspace, copied, so that something can be tried on it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-applier.h"
#include "data/galley-replay.h"

G_BEGIN_DECLS

/* Two databases in a folder of their own in the workspace's: the copy, and another one in which all
 * that is derived is made again. Private to the data layer; one thread. */
typedef struct _GalleyScratch GalleyScratch;

/* How a journal is applied once more. */
typedef struct
{
  const GalleyId *project; /* (nullable): all */
  guint rules;             /* supposed to be in force everywhere; 0: those of each project */
  GVariant *policies;      /* (nullable): with them */
  GCancellable *cancellable;
  GalleyReplayProgress progress;
  gpointer progress_data;
  guint64 n_changes; /* (out) */
} GalleyReplaying;

GalleyScratch *galley_scratch_new (const char *workspace, GError **error);
void galley_scratch_free (GalleyScratch *self); /* nothing is left of it */
const char *galley_scratch_get_folder (GalleyScratch *self);
gboolean galley_scratch_replay (GalleyScratch *self, GalleyReplaying *replaying, GError **error);
/* The copy, with what was made again attached as "scratch". */
GalleyDatabase *galley_scratch_open (GalleyScratch *self, GError **error);

/* galley-replay.c: within a transaction of the caller's. */
gboolean galley_replay_apply (GalleyReplaying *replaying,
                              GalleyDatabase *from,
                              GalleyDatabase *to,
                              GalleyApplier *applier,
                              GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyScratch, galley_scratch_free)

G_END_DECLS
