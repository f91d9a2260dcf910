/* galley-sim-limits.c: what is beyond Galley's promise, told from what breaks it
 *
 * Each of these needs two old copies to meet, or one at the worst moment; docs/proof.md says which
 * and what a person is told. A run that comes there ends, and is counted apart.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-known.h"

#include <string.h>

static gboolean
was_copied (GalleySim *self, const SimId *name)
{
  for (guint i = 0; i < self->n_devices; i++)
    if (self->devices[i].copied &&
        galley_sim_device_was (&self->devices[i], (const GalleyId *)name))
      return TRUE;

  return FALSE;
}

static GHashTable *
index_stream (const GalleyId *project, GArray *stream)
{
  GHashTable *rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < stream->len; i++)
    {
      GalleySimRow *row = &g_array_index (stream, GalleySimRow, i);

      g_hash_table_insert (rows, galley_sim_name_of (project, &row->change->ref), row);
    }

  return rows;
}

/* Two folders bore one device's name, a copy and what it was taken of, and the server came back
 * from a copy: each of both gave the same number, and the server had forgotten the one before it
 * got the other. A third device still has it. */
static gboolean
is_given_twice (GalleySim *self, const GalleySimRow *row, const GalleySimRow *there)
{
  return there != NULL && memcmp (there->change->hash, row->change->hash, 32) != 0 &&
         was_copied (self, &row->change->ref.device);
}

/* The server came back from before the place where a newcomer began whose older changes were not
 * all fetched yet: in the stream that there is now, they do not lead to that place. */
static gboolean
is_out_of_place (const GalleySimRow *row, GArray *stream)
{
  const GalleySimRow *there;

  if (row->part != GALLEY_SIM_SNAPSHOT)
    return FALSE;
  if (row->position > stream->len)
    return TRUE;

  there = &g_array_index (stream, GalleySimRow, row->position - 1);
  return memcmp (there->change->hash, row->change->hash, 32) != 0;
}

static gboolean
server_knows (sqlite3 *server, const SimId *name)
{
  sqlite3_stmt *query = galley_sim_query (server, "SELECT count (*) FROM device WHERE id = ?1",
                                          (const GalleyId *)name);
  gboolean known = sqlite3_step (query) == SQLITE_ROW && sqlite3_column_int (query, 0) > 0;

  sqlite3_finalize (query);
  return known;
}

/* The server came back from before the time when a device was let in that has another name by now:
 * nobody can show the server the key of the old name, and others hold what was made under it. */
static gboolean
is_of_nobody (GalleySim *self, sqlite3 *server, const GalleySimRow *row)
{
  const SimId *maker = &row->change->ref.device;

  for (guint i = 0; i < self->n_devices; i++)
    if (galley_id_equal (&self->devices[i].id, (const GalleyId *)maker))
      return FALSE;

  return !row->refused && !server_knows (server, maker);
}

static gboolean
project_is_beyond (GalleySim *self, sqlite3 *server, const GalleyId *project)
{
  g_autoptr (GArray) stream = galley_sim_read_stream (server, project);
  g_autoptr (GHashTable) placed = index_stream (project, stream);

  for (guint d = 0; d < self->n_devices; d++)
    {
      g_autoptr (GArray) journal = NULL;

      if (self->devices[d].look == NULL)
        continue;
      journal = galley_sim_read_journal (self->devices[d].look, project);
      for (guint i = 0; i < journal->len; i++)
        {
          const GalleySimRow *row = &g_array_index (journal, GalleySimRow, i);
          g_autofree char *name = galley_sim_name_of (project, &row->change->ref);

          if (is_given_twice (self, row, g_hash_table_lookup (placed, name)) ||
              is_out_of_place (row, stream) || is_of_nobody (self, server, row))
            return TRUE;
        }
    }

  return FALSE;
}

/**
 * galley_sim_is_beyond:
 *
 * Returns: whether the server came back from a copy in a way that Galley says it cannot mend
 */
gboolean
galley_sim_is_beyond (GalleySim *self)
{
  gboolean beyond = FALSE;
  sqlite3 *server;

  if (self->n_restores == 0 || self->server == NULL)
    return FALSE;

  server = galley_sim_open_server (self);
  for (guint p = 0; p < self->n_projects && !beyond; p++)
    beyond = project_is_beyond (self, server, &self->projects[p]);
  galley_sim_close_server (server);
  return beyond;
}
