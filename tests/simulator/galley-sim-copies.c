/* galley-sim-copies.c: copies of folders, and what happens when an older one takes a folder's place
 *
 * A copy holds what somebody copies who knows nothing of Galley: the files as they are. Files of
 * versions, which go by their hash, stay where they are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-known.h"

#include <glib/gstdio.h>
#include <string.h>

#define DEVICE_DATABASE "galley.db"
#define SERVER_DATABASE "server.db"

struct _GalleySimCopy
{
  GHashTable *database; /* name → GBytes */
  GHashTable *files;    /* name → GBytes */

  /* of a device */
  gboolean enrolled, revoked;

  /* of the server: what it had said until then */
  GHashTable *accepted; /* (nullable) */
  guint n_pushes, n_role_spans;
};

/* In a device's folder, beside the database. */
static const char *const file_names[] = { "device.key", "device.key.next", "account" };

static GalleySimCopy *
copy_new (GalleySimDisk *disk, const char *database)
{
  GalleySimCopy *self = g_new0 (GalleySimCopy, 1);

  self->database = galley_sim_disk_copy (disk, database);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify)g_bytes_unref);
  return self;
}

void
galley_sim_copy_free (GalleySimCopy *self)
{
  g_hash_table_unref (self->database);
  g_hash_table_unref (self->files);
  g_clear_pointer (&self->accepted, g_hash_table_unref);
  g_free (self);
}

/* ── devices ── */

static void
copy_files (GalleySimCopy *self, const char *folder)
{
  for (guint i = 0; i < G_N_ELEMENTS (file_names); i++)
    {
      g_autofree char *path = g_build_filename (folder, file_names[i], NULL);
      char *data;
      gsize bytes;

      if (g_file_get_contents (path, &data, &bytes, NULL))
        g_hash_table_insert (self->files, (gpointer)file_names[i], g_bytes_new_take (data, bytes));
    }
}

static void
put_file (const GalleySimCopy *self, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  GBytes *bytes = g_hash_table_lookup (self->files, name);
  g_autoptr (GError) error = NULL;

  g_unlink (path);
  if (bytes == NULL)
    return;
  g_file_set_contents_full (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                            G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

static GalleySimCopy *
take (GalleySimDevice *device)
{
  GalleySimCopy *copy = copy_new (device->disk, DEVICE_DATABASE);

  copy_files (copy, device->folder);
  copy->enrolled = device->enrolled;
  copy->revoked = device->revoked;
  return copy;
}

/**
 * galley_sim_device_copy:
 *
 * Keeps a copy of the folder as it is now, in the place of an earlier one.
 */
void
galley_sim_device_copy (GalleySimDevice *device)
{
  g_clear_pointer (&device->copy, galley_sim_copy_free);
  device->copy = take (device);
}

static void
put (GalleySimDevice *device, const GalleySimCopy *copy, GalleySimExtent extent)
{
  g_mkdir_with_parents (device->folder, 0700);
  galley_sim_disk_put (device->disk, DEVICE_DATABASE, copy->database);
  for (guint i = 0; i < G_N_ELEMENTS (file_names) && extent != GALLEY_SIM_DATABASE; i++)
    put_file (copy, device->folder, file_names[i]);
  for (guint i = 0; i < 2 && extent == GALLEY_SIM_WITHOUT_KEY; i++)
    {
      g_autofree char *path = g_build_filename (device->folder, file_names[i], NULL);

      g_unlink (path);
    }
  device->is_doubtful = TRUE;
}

/**
 * galley_sim_device_restore:
 *
 * The copy that was kept takes the place of the folder.
 */
void
galley_sim_device_restore (GalleySimDevice *device, GalleySimExtent extent, gint64 down_us)
{
  GalleySim *sim = device->sim;

  if (device->copy == NULL)
    return;

  galley_sim_note (sim, "device %u comes back from a copy", device->index);
  galley_sim_device_stop (device);
  put (device, device->copy, extent);
  device->epoch++;
  device->copied = TRUE;
  device->starts_us = galley_sim_time_get_us (sim->time) + down_us;
  galley_sim_forgive (sim);
}

/**
 * galley_sim_device_clone:
 *
 * Somebody goes on with a copy of the folder on another computer, and both are used.
 */
void
galley_sim_device_clone (GalleySimDevice *device)
{
  GalleySim *sim = device->sim;
  GalleySimDevice *twin = galley_sim_add_device (sim, device->person);
  GalleySimCopy *copy;

  if (twin == NULL)
    return;

  galley_sim_note (sim, "device %u is a copy of device %u", twin->index, device->index);
  copy = take (device);
  put (twin, copy, GALLEY_SIM_WHOLE);
  device->copied = twin->copied = TRUE;
  twin->enrolled = device->enrolled;
  twin->revoked = device->revoked;
  /* Both may come to have the only token, and the other is then shut out. */
  device->is_doubtful = TRUE;
  galley_sim_copy_free (copy);
}

/* ── the server ── */

static GHashTable *
copy_accepted (GHashTable *accepted)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer name, position;

  g_hash_table_iter_init (&iter, accepted);
  while (g_hash_table_iter_next (&iter, &name, &position))
    g_hash_table_insert (copy, g_strdup (name), g_memdup2 (position, sizeof (guint64)));
  return copy;
}

void
galley_sim_server_copy (GalleySim *self)
{
  g_clear_pointer (&self->server_copy, galley_sim_copy_free);
  self->server_copy = copy_new (self->server_disk, SERVER_DATABASE);
  self->server_copy->accepted = copy_accepted (self->accepted);
  self->server_copy->n_pushes = self->pushes->len;
  self->server_copy->n_role_spans = self->role_spans->len;
}

/* What it said since the copy was taken holds no more. */
static void
take_back_words (GalleySim *self)
{
  GalleySimCopy *copy = self->server_copy;

  g_hash_table_unref (self->accepted);
  self->accepted = copy_accepted (copy->accepted);
  g_ptr_array_set_size (self->pushes, copy->n_pushes);
  g_array_set_size (self->pushers, copy->n_pushes);
  g_array_set_size (self->role_spans, copy->n_role_spans);
  for (guint i = 0; i < self->n_devices; i++)
    {
      self->devices[i].is_doubtful = TRUE;
      g_clear_pointer (&self->devices[i].code, g_free);
    }
}

static void
forget_snapshots (GalleySim *self)
{
  g_autofree char *path = g_build_filename (self->server_folder, "derived", NULL);
  g_autoptr (GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);

  galley_sim_disk_put (self->server_disk, "derived", nothing);
  galley_sim_remove_folder (path);
}

/* What is forgotten by it. */
static void
note_refusals (GalleySim *self)
{
  sqlite3 *server;
  sqlite3_stmt *query;

  self->refusals_missed |= self->server == NULL;
  if (self->server == NULL)
    return;

  server = galley_sim_open_server (self);
  query =
      galley_sim_query (server,
                        "SELECT d.id, r.seq FROM refused r JOIN device d ON d.number = r.device",
                        NULL);
  while (sqlite3_step (query) == SQLITE_ROW)
    {
      SimRef ref;

      galley_sim_read_id (query, 0, &ref.device);
      ref.seq = sqlite3_column_int64 (query, 1);
      g_hash_table_add (self->refusals, sim_ref_print (&ref));
    }
  sqlite3_finalize (query);
  galley_sim_close_server (server);
}

/**
 * galley_sim_server_restore:
 * @said: as the administrator's command does it; otherwise the folder is put there, and that is all
 */
void
galley_sim_server_restore (GalleySim *self, gboolean said, gint64 down_us)
{
  if (self->server_copy == NULL)
    return;

  galley_sim_note (self, "the server comes back from a copy");
  note_refusals (self);
  galley_sim_server_stop (self);
  galley_sim_disk_put (self->server_disk, SERVER_DATABASE, self->server_copy->database);
  forget_snapshots (self);
  take_back_words (self);
  self->begins_history = said;
  self->n_restores++;
  self->server_starts_us = galley_sim_time_get_us (self->time) + down_us;
  galley_sim_forgive (self);
}
