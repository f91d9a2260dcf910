/* galley-sim-world.h: virtual time, and what production code takes from the world for it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-world.h"
#include "galley-sim-random.h"

G_BEGIN_DECLS

/* The one clock of a run, and what is due on it. */
typedef struct _GalleySimTime GalleySimTime;

GalleySimTime *galley_sim_time_new (void);
void galley_sim_time_free (GalleySimTime *self);
gint64 galley_sim_time_get_us (GalleySimTime *self);
guint galley_sim_time_add (GalleySimTime *self,
                           gint64 delay_us,
                           GSourceFunc callback,
                           gpointer data);
void galley_sim_time_remove (GalleySimTime *self, guint id);
void galley_sim_time_pass (GalleySimTime *self, gint64 us);
void galley_sim_time_pass_next (GalleySimTime *self, gint64 until_us);
void galley_sim_time_drain (GalleySimTime *self);
guint64 galley_sim_time_get_n_events (GalleySimTime *self);

/* One machine's view of it: a wall clock that may be wrong, and chance of its own. */
typedef struct
{
  GalleyWorld world;
  GalleySimTime *time;
  GalleySimRandom chance;
  gint64 skew_us; /* how far the wall clock is off */
} GalleySimWorld;

void galley_sim_world_init (GalleySimWorld *self, GalleySimTime *time, guint64 seed);

G_END_DECLS
