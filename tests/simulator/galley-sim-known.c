/* galley-sim-known.c: the changes that databases hold, wherever in them they are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-known.h"

#include <string.h>

#define HASH_BYTES 32

static void
clear_row (gpointer data)
{
  GalleySimRow *row = data;

  sim_change_free (row->change);
  g_bytes_unref (row->bytes);
}

static GArray *
rows_new (void)
{
  GArray *rows = g_array_new (FALSE, TRUE, sizeof (GalleySimRow));

  g_array_set_clear_func (rows, clear_row);
  return rows;
}

/* ── databases ── */

sqlite3_stmt *
galley_sim_query (sqlite3 *db, const char *sql, const GalleyId *project)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
  if (project != NULL)
    g_assert_cmpint (sqlite3_bind_blob (statement, 1, project, sizeof *project, SQLITE_STATIC), ==,
                     SQLITE_OK);
  return statement;
}

void
galley_sim_read_id (sqlite3_stmt *statement, int column, SimId *id)
{
  memset (id, 0, sizeof *id);
  if (sqlite3_column_bytes (statement, column) == sizeof *id)
    memcpy (id, sqlite3_column_blob (statement, column), sizeof *id);
}

/* To look at what it holds: no fault that is to come is used up by that. */
sqlite3 *
galley_sim_open_server (GalleySim *sim)
{
  g_autofree char *path = g_build_filename (sim->server_folder, "server.db", NULL);
  sqlite3 *db = NULL;

  galley_sim_disk_look (TRUE);
  g_assert_cmpint (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
  return db;
}

void
galley_sim_close_server (sqlite3 *db)
{
  sqlite3_close (db);
  galley_sim_disk_look (FALSE);
}

/* Also of one that does not run. */
sqlite3 *
galley_sim_open_device (GalleySimDevice *device)
{
  g_autofree char *path = g_build_filename (device->folder, "galley.db", NULL);
  sqlite3 *db = NULL;

  if (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
      sqlite3_exec (db, "SELECT 1 FROM change, segment, aside LIMIT 0", NULL, NULL, NULL) ==
          SQLITE_OK)
    return db;

  sqlite3_close (db);
  return NULL;
}

static void
add_row (GArray *rows, gconstpointer bytes, gsize n_bytes, GalleySimRow row)
{
  row.change = sim_change_read (bytes, n_bytes);
  row.bytes = g_bytes_new (bytes, n_bytes);
  g_array_append_val (rows, row);
}

/* ── a device's journal ── */

static void
read_live (GArray *rows, sqlite3 *device, const GalleyId *project)
{
  sqlite3_stmt *statement =
      galley_sim_query (device,
                        "SELECT c.bytes, c.lsn, ifnull (c.position, 0), EXISTS (SELECT 1"
                        " FROM refusal r WHERE r.project = c.project AND r.device = c.device"
                        " AND r.seq = c.seq) FROM change c JOIN project p"
                        " ON p.number = c.project WHERE p.id = ?1",
                        project);

  while (sqlite3_step (statement) == SQLITE_ROW)
    add_row (rows, sqlite3_column_blob (statement, 0), sqlite3_column_bytes (statement, 0),
             (GalleySimRow){ .lsn = sqlite3_column_int64 (statement, 1),
                             .position = sqlite3_column_int64 (statement, 2),
                             .refused = sqlite3_column_int (statement, 3) });
  sqlite3_finalize (statement);
}

static void
read_segment (GArray *rows, gconstpointer packed, gsize n_bytes, gint64 base, GalleySimPart part)
{
  g_autoptr (GBytes) segment = sim_segment_unpack (packed, n_bytes);
  SimRecord record = { .place = base };
  gsize at = 0;

  g_assert_nonnull (segment);
  while (sim_segment_next (segment, &at, &record))
    {
      add_row (rows, record.data, record.n_bytes,
               (GalleySimRow){ .lsn = record.place,
                               .position = record.position,
                               .part = part,
                               .packed = TRUE });
      sim_change_mark (g_array_index (rows, GalleySimRow, rows->len - 1).change, record.marks,
                       record.n_marks);
    }
}

static void
read_packed (GArray *rows, sqlite3 *device, const GalleyId *project)
{
  sqlite3_stmt *statement =
      galley_sim_query (device,
                        "SELECT s.packed, s.base, s.role FROM segment s JOIN project p"
                        " ON p.number = s.project WHERE p.id = ?1 ORDER BY s.id",
                        project);

  while (sqlite3_step (statement) == SQLITE_ROW)
    read_segment (rows, sqlite3_column_blob (statement, 0), sqlite3_column_bytes (statement, 0),
                  sqlite3_column_int64 (statement, 1), sqlite3_column_int (statement, 2));
  sqlite3_finalize (statement);
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const GalleySimRow *x = a, *y = b;

  if (x->lsn != y->lsn)
    return x->lsn < y->lsn ? -1 : 1;
  return (int)x->part - (int)y->part;
}

/**
 * galley_sim_read_journal:
 *
 * What is live and what is packed, as docs/schema.md says where it is.
 */
GArray *
galley_sim_read_journal (sqlite3 *device, const GalleyId *project)
{
  GArray *rows = rows_new ();

  read_live (rows, device, project);
  read_packed (rows, device, project);
  g_array_sort (rows, compare_rows);
  return rows;
}

GArray *
galley_sim_read_stream (sqlite3 *server, const GalleyId *project)
{
  sqlite3_stmt *statement =
      galley_sim_query (server,
                        "SELECT s.bytes, s.position, s.accepted_us FROM stream s JOIN project p"
                        " ON p.number = s.project WHERE p.id = ?1 ORDER BY s.position",
                        project);
  GArray *rows = rows_new ();

  while (sqlite3_step (statement) == SQLITE_ROW)
    add_row (rows, sqlite3_column_blob (statement, 0), sqlite3_column_bytes (statement, 0),
             (GalleySimRow){ .position = sqlite3_column_int64 (statement, 1),
                             .accepted_us = sqlite3_column_int64 (statement, 2) });
  sqlite3_finalize (statement);
  return rows;
}

/* ── all of them ── */

char *
galley_sim_name_of (const GalleyId *project, const SimRef *ref)
{
  g_autofree char *device = sim_id_print (&ref->device),
                  *id = sim_id_print ((const SimId *)project);

  return g_strdup_printf ("%s %s.%" G_GUINT64_FORMAT, id, device, ref->seq);
}

static guint
hash_hash (gconstpointer hash)
{
  guint number;

  memcpy (&number, hash, sizeof number);
  return number;
}

static gboolean
hash_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, HASH_BYTES) == 0;
}

GalleySimKnown *
galley_sim_known_new (void)
{
  GalleySimKnown *self = g_new0 (GalleySimKnown, 1);

  self->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->by_hash = g_hash_table_new (hash_hash, hash_equal);
  self->moved = g_hash_table_new_full (hash_hash, hash_equal, g_free, NULL);
  self->arrays = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  return self;
}

void
galley_sim_known_free (GalleySimKnown *self)
{
  g_hash_table_unref (self->rows);
  g_hash_table_unref (self->by_hash);
  g_hash_table_unref (self->moved);
  g_ptr_array_unref (self->arrays);
  g_free (self);
}

/**
 * galley_sim_known_add:
 * @rows: (transfer full)
 *
 * Two accepted changes with one name are a failure. Of those that are not, a device that is shut
 * out may have some that another has the names of.
 */
void
galley_sim_known_add (GalleySimKnown *self, GalleySim *sim, const GalleyId *project, GArray *rows)
{
  g_ptr_array_add (self->arrays, rows);
  for (guint i = 0; i < rows->len; i++)
    {
      GalleySimRow *row = &g_array_index (rows, GalleySimRow, i);
      char *name = galley_sim_name_of (project, &row->change->ref);
      const GalleySimRow *other = g_hash_table_lookup (self->rows, name);

      if (!g_hash_table_contains (self->by_hash, row->change->hash))
        g_hash_table_insert (self->by_hash, row->change->hash, row);
      if (other == NULL)
        {
          g_hash_table_insert (self->rows, name, row);
          continue;
        }
      if (other->position != 0 && row->position != 0 && !g_bytes_equal (other->bytes, row->bytes))
        galley_sim_fail (sim, "Two changes have the name %s", name);
      g_free (name);
    }
}

/**
 * galley_sim_known_add_moved:
 *
 * What a device put aside when it became another one, by what it is now. After its journal.
 */
void
galley_sim_known_add_moved (GalleySimKnown *self, sqlite3 *device)
{
  sqlite3_stmt *statement =
      galley_sim_query (device,
                        "SELECT a.bytes, d.id, a.new_seq FROM aside a"
                        " JOIN device d ON d.number = a.new_device ORDER BY a.id DESC",
                        NULL);
  g_autoptr (GHashTable) made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      SimChange *old = sim_change_read (sqlite3_column_blob (statement, 0),
                                        sqlite3_column_bytes (statement, 0));
      const GalleyId *project = (const GalleyId *)&old->project;
      g_autofree char *name = NULL;
      SimRef now;
      GalleySimRow *row;

      galley_sim_read_id (statement, 1, &now.device);
      now.seq = sqlite3_column_int64 (statement, 2);
      name = galley_sim_name_of (project, &now);
      row = g_hash_table_lookup (made, name);
      if (row == NULL)
        row = g_hash_table_lookup (self->rows, name);
      if (row != NULL)
        {
          g_hash_table_insert (made, galley_sim_name_of (project, &old->ref), row);
          g_hash_table_insert (self->moved, g_memdup2 (old->hash, HASH_BYTES), row);
        }
      sim_change_free (old);
    }
  sqlite3_finalize (statement);
}

/**
 * galley_sim_known_collect:
 *
 * Returns: (transfer full): what the server and all devices hold now
 */
GalleySimKnown *
galley_sim_known_collect (GalleySim *sim)
{
  GalleySimKnown *known = galley_sim_known_new ();
  sqlite3 *server = galley_sim_open_server (sim);

  for (guint p = 0; p < sim->n_projects; p++)
    galley_sim_known_add (known, sim, &sim->projects[p],
                          galley_sim_read_stream (server, &sim->projects[p]));
  galley_sim_close_server (server);
  for (guint i = 0; i < sim->n_devices; i++)
    {
      sqlite3 *device = galley_sim_open_device (&sim->devices[i]);

      for (guint p = 0; p < sim->n_projects && device != NULL; p++)
        galley_sim_known_add (known, sim, &sim->projects[p],
                              galley_sim_read_journal (device, &sim->projects[p]));
      if (device != NULL)
        galley_sim_known_add_moved (known, device);
      sqlite3_close (device);
    }

  return known;
}

/**
 * galley_sim_forgive:
 *
 * Somebody put an older copy in the place of a folder: what nobody has any more, nobody can bring
 * back. Everything else must be there in the end.
 */
void
galley_sim_forgive (GalleySim *sim)
{
  g_autoptr (GalleySimKnown) known = NULL;

  /* While somebody was stopped, the server went on. */
  galley_sim_server_mind (sim);
  known = galley_sim_known_collect (sim);
  for (guint i = 0; i < sim->gestures->len; i++)
    {
      GalleySimGesture *gesture = sim->gestures->pdata[i];

      gesture->forgiven |= gesture->saved &&
                           !g_hash_table_contains (known->by_hash, &gesture->hash) &&
                           !g_hash_table_contains (known->moved, &gesture->hash);
    }
}
