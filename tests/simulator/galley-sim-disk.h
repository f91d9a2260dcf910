/* galley-sim-disk.h: disks that are only in memory, and can fail, fill up and lose power
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "galley-sim-random.h"

G_BEGIN_DECLS

/* One machine's disk: all files below its folder, as SQLite sees them. */
typedef struct _GalleySimDisk GalleySimDisk;

typedef enum
{
  GALLEY_SIM_DISK_IO,    /* one request is refused, with a part of it done */
  GALLEY_SIM_DISK_POWER, /* the power goes: from then on nothing is written */
} GalleySimDiskFault;

void galley_sim_disk_install (void);
void galley_sim_disk_set_chance (guint64 seed);

GalleySimDisk *galley_sim_disk_new (const char *folder);
void galley_sim_disk_free (GalleySimDisk *self);

void galley_sim_disk_fail_at (GalleySimDisk *self, GalleySimDiskFault fault, guint step);
void galley_sim_disk_look (gboolean looks);
void galley_sim_disk_cut_power (GalleySimDisk *self);
void galley_sim_disk_set_full (GalleySimDisk *self, gboolean full);
void galley_sim_disk_mend (GalleySimDisk *self);
gboolean galley_sim_disk_is_dead (GalleySimDisk *self);
guint64 galley_sim_disk_get_n_steps (GalleySimDisk *self);

void galley_sim_disk_restart (GalleySimDisk *self, GalleySimRandom *chance);
void galley_sim_disk_forget_scratch (GalleySimDisk *self);

/* As somebody copies a database's files: what programs see, by names below the folder. */
GHashTable *galley_sim_disk_copy (GalleySimDisk *self, const char *database);
void galley_sim_disk_put (GalleySimDisk *self, const char *database, GHashTable *copy);

G_END_DECLS
