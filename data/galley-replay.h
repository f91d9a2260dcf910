/* galley-replay.h: everything derived, made again from the journal, and compared
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 n_changes;
  gboolean equal;
  char *difference; /* (nullable): the first, in words */
  gint64 backup_us; /* of a rescue: when the backup was made that filled the gaps; 0: none did */
} GalleyReplayReport;

typedef void (*GalleyReplayProgress) (guint64 done, guint64 total, gpointer data);

/* Into a scratch database beside the live one, compared with it, and thrown away. */
gboolean galley_replay_dry_run (GalleyStore *store,
                                GCancellable *cancellable,
                                GalleyReplayProgress progress,
                                gpointer progress_data,
                                GalleyReplayReport *report,
                                GError **error);
/* In place, in one transaction: the derived tables are emptied and filled again. */
gboolean galley_replay_rebuild (GalleyStore *store,
                                GCancellable *cancellable,
                                GalleyReplayProgress progress,
                                gpointer progress_data,
                                GalleyReplayReport *report,
                                GError **error);
/* Both of one project alone; @project: (nullable): all. */
gboolean galley_replay_dry_run_project (GalleyStore *store,
                                        const GalleyId *project,
                                        GCancellable *cancellable,
                                        GalleyReplayProgress progress,
                                        gpointer progress_data,
                                        GalleyReplayReport *report,
                                        GError **error);
gboolean galley_replay_rebuild_project (GalleyStore *store,
                                        const GalleyId *project,
                                        GCancellable *cancellable,
                                        GalleyReplayProgress progress,
                                        gpointer progress_data,
                                        GalleyReplayReport *report,
                                        GError **error);
void galley_replay_report_clear (GalleyReplayReport *report);

/* Chains, hashes and decisions' signatures of the journal. @n_changes: how many were looked at. */
gboolean galley_journal_verify (GalleyReader *reader,
                                const GalleyId *project,
                                GCancellable *cancellable,
                                GalleyReplayProgress progress,
                                gpointer progress_data,
                                guint64 *n_changes,
                                GError **error);

G_END_DECLS
