/* galley-sim-random.h: chance that repeats: the same seed, the same numbers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* SplitMix64 (Steele, Lea, Flood, 2014): one word of state, and any seed is a good one. */
typedef struct
{
  guint64 state;
} GalleySimRandom;

guint64 galley_sim_random_next (GalleySimRandom *self);
guint64 galley_sim_random_below (GalleySimRandom *self, guint64 limit);
gboolean galley_sim_random_chance (GalleySimRandom *self, guint percent);
void galley_sim_random_fill (GalleySimRandom *self, gpointer buffer, gsize bytes);

G_END_DECLS
