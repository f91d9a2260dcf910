/* galley-worker.h: takes work away from the main loop, in the order given
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-world.h"

G_BEGIN_DECLS

typedef struct _GalleyWorker GalleyWorker;

GalleyWorker *galley_worker_new (const GalleyWorld *world,
                                 GFunc func,
                                 gpointer user_data,
                                 guint n_threads);
void galley_worker_free (GalleyWorker *self);

void galley_worker_push (GalleyWorker *self, gpointer work);
guint galley_worker_get_n_waiting (GalleyWorker *self);

G_END_DECLS
