/* galley-world.h: what the data and sync layers take from the world: time, chance, timers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Given in by the program, so that a simulator can give another. All functions are called with
 * @data; now_us() and random() from any thread, the rest from the main loop
 * alone. */
typedef struct
{
  gint64 (*now_us) (gpointer data); /* wall clock, microseconds since 1970 UTC: for people only */
  gint64 (*monotonic_us) (gpointer data);
  void (*random) (gpointer data, gpointer buffer, gsize bytes);
  guint (*add_timeout) (gpointer data, guint delay_ms, GSourceFunc callback, gpointer user_data);
  void (*remove_timeout) (gpointer data, guint timeout);
  /* (nullable): what would run on a thread of its own runs here instead: once, a moment later, on
   * the main loop. NULL, as in every program: there are threads. */
  void (*run_later) (gpointer data, GSourceFunc callback, gpointer user_data);
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
gboolean galley_world_has_threads (const GalleyWorld *world);
void galley_world_run_later (const GalleyWorld *world, GSourceFunc callback, gpointer user_data);
void galley_world_run_task (const GalleyWorld *world, GTask *task, GTaskThreadFunc func);

G_END_DECLS
