/* galley-sim-known.h: the changes that databases hold, wherever in them they are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "galley-sim.h"

G_BEGIN_DECLS

/* What a change is to the database that holds it. The numbers are those of docs/schema.md. */
typedef enum
{
  GALLEY_SIM_LIVE = 0,
  GALLEY_SIM_SNAPSHOT = 1, /* only what is marked is in force */
  GALLEY_SIM_HISTORY = 2,  /* not all of it is here yet */
} GalleySimPart;

typedef struct
{
  SimChange *change; /* (owned) */
  GBytes *bytes;
  gint64 lsn;
  guint64 position; /* 0: none */
  gboolean refused;
  gint64 accepted_us;
  GalleySimPart part;
  gboolean packed;
} GalleySimRow;

sqlite3_stmt *galley_sim_query (sqlite3 *db, const char *sql, const GalleyId *project);
void galley_sim_read_id (sqlite3_stmt *statement, int column, SimId *id);
sqlite3 *galley_sim_open_server (GalleySim *sim);
void galley_sim_close_server (sqlite3 *db);
sqlite3 *galley_sim_open_device (GalleySimDevice *device); /* (nullable) */

/* Of GalleySimRow, in their order. */
GArray *galley_sim_read_journal (sqlite3 *device, const GalleyId *project);
GArray *galley_sim_read_stream (sqlite3 *server, const GalleyId *project);

char *galley_sim_name_of (const GalleyId *project, const SimRef *ref);

/* Rows of all databases together. */
typedef struct
{
  GHashTable *rows;    /* "PROJECT DEVICE.SEQ" → GalleySimRow (borrowed): of whoever came first */
  GHashTable *by_hash; /* the hash of a change → GalleySimRow (borrowed) */
  GHashTable
      *moved; /* the hash of what was made once more → GalleySimRow (borrowed) of what it is now */
  GPtrArray *arrays;
} GalleySimKnown;

GalleySimKnown *galley_sim_known_new (void);
void galley_sim_known_free (GalleySimKnown *self);
void galley_sim_known_add (GalleySimKnown *self,
                           GalleySim *sim,
                           const GalleyId *project,
                           GArray *rows);
void galley_sim_known_add_moved (GalleySimKnown *self, sqlite3 *device);
GalleySimKnown *galley_sim_known_collect (GalleySim *sim);
void galley_sim_forgive (GalleySim *sim);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySimKnown, galley_sim_known_free)

G_END_DECLS
