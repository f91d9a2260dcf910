/* galley-sim-random.c: chance that repeats: the same seed, the same numbers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-random.h"

guint64
galley_sim_random_next (GalleySimRandom *self)
{
  guint64 z = self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* @limit: more than 0 */
guint64
galley_sim_random_below (GalleySimRandom *self, guint64 limit)
{
  g_assert_cmpuint (limit, >, 0);
  return galley_sim_random_next (self) % limit;
}

gboolean
galley_sim_random_chance (GalleySimRandom *self, guint percent)
{
  return galley_sim_random_below (self, 100) < percent;
}

void
galley_sim_random_fill (GalleySimRandom *self, gpointer buffer, gsize bytes)
{
  guint8 *to = buffer;

  for (gsize i = 0; i < bytes; i++)
    to[i] = galley_sim_random_next (self) >> 32;
}
