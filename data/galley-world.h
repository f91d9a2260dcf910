/* galley-world.h: what the data and sync layers take from the world: time, chance, timers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Given in by the program, so that a simulator can give another. All functions are called with
 * @data; now_us() and random() from any thread, the timers from the main loop alone. */
typedef struct
{
  gint64 (*now_us) (gpointer data); /* wall clock, microseconds since 1970 UTC: for people only */
  gint64 (*monotonic_us) (gpointer data);
  void (*random) (gpointer data, gpointer buffer, gsize bytes);
  guint (*add_timeout) (gpointer data, guint delay_ms, GSourceFunc callback, gpointer user_data);
  void (*remove_timeout) (gpointer data, guint timeout);
  gpointer data;
} GalleyWorld;

const GalleyWorld *galley_world_real (void);

gint64 galley_world_now_us (const GalleyWorld *world);
gint64 galley_world_monotonic_us (const GalleyWorld *world);
void galley_world_random (const GalleyWorld *world, gpointer buffer, gsize bytes);
guint32 galley_world_random_below (const GalleyWorld *world, guint32 limit);
guint galley_world_add_timeout (const GalleyWorld *world,
                                guint delay_ms,
                                GSourceFunc callback,
                                gpointer user_data);
void galley_world_remove_timeout (const GalleyWorld *world, guint timeout);

G_END_DECLS
