/* galley-ctl-committer.h: drafts in, changes on disk out, many in one commit
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

/* Of a batch that is faster than the disk: while one group is written, the next comes together. */
typedef struct _GalleyCtlCommitter GalleyCtlCommitter;

/* Main loop, in the order in which the drafts were pushed.
 * @what: as it was pushed; @error: why this one was not done; @done_us: monotonic time */
typedef void (*GalleyCtlCommitted) (gpointer what,
                                    const GalleyCommitted *committed,
                                    const GError *error,
                                    gint64 done_us,
                                    gpointer data);
/* Main loop: after the last one of a group. */
typedef void (*GalleyCtlGroupDone) (gpointer data);

GalleyCtlCommitter *galley_ctl_committer_new (GalleyStore *store,
                                              GalleyCtlCommitted committed,
                                              GalleyCtlGroupDone group_done,
                                              gpointer data);
void galley_ctl_committer_free (GalleyCtlCommitter *self);

void galley_ctl_committer_push (GalleyCtlCommitter *self, GalleyDraft *draft, gpointer what);
void galley_ctl_committer_flush (GalleyCtlCommitter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyCtlCommitter, galley_ctl_committer_free)

G_END_DECLS
