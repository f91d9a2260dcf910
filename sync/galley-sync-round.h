/* galley-sync-round.h: one whole pass through everything that is due, which somebody waits for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job-queue.h"

G_BEGIN_DECLS

/* Main loop. */
typedef struct _GalleySyncRound GalleySyncRound;

GalleySyncRound *galley_sync_round_new (const GalleyWorld *world);
void galley_sync_round_free (GalleySyncRound *self);

void galley_sync_round_begin (GalleySyncRound *self);
void galley_sync_round_end (GalleySyncRound *self, const GError *error);
gboolean galley_sync_round_is_on (GalleySyncRound *self);
void galley_sync_round_add_waiter (GalleySyncRound *self, GTask *task, guint timeout_s);

/* The server has been asked for news in this round, whatever came of it. */
void galley_sync_round_set_greeted (GalleySyncRound *self);
gboolean galley_sync_round_is_greeted (GalleySyncRound *self);

/* Another process waits for it and left this word; or this one waits for another. */
void galley_sync_round_set_served (GalleySyncRound *self, const char *word);
const char *galley_sync_round_get_served (GalleySyncRound *self);
const char *galley_sync_round_make_word (GalleySyncRound *self);
void galley_sync_round_drop_word (GalleySyncRound *self);
const char *galley_sync_round_get_word (GalleySyncRound *self);

/* Why jobs that would go on by themselves were left for later, or NULL. */
GError *galley_sync_round_judge (GalleyJobQueue *queue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySyncRound, galley_sync_round_free)

G_END_DECLS
