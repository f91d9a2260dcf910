/* galley-fault-vfs.c: a disk that fails when it is told to, and a power cut
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fault-vfs.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

/* What a power cut may tear: a disk writes its sectors whole. */
#define SECTOR_BYTES 512

/* What was asked of the disk since the last sync. */
typedef struct
{
  gint64 offset;
  GBytes *data; /* (nullable): NULL: cut off at the offset */
} Pending;

/* A file as the disk would have it after a power cut. */
typedef struct
{
  gboolean there;     /* its name has been synced */
  GByteArray *synced; /* its content then */
  GArray *pending;    /* of Pending */
} Disk;

/* SQLite's file, with the real one behind it in the same block of memory. */
typedef struct
{
  sqlite3_file base;
  Disk *disk; /* (nullable): not remembered */
} File;

static struct
{
  GMutex mutex;
  gboolean armed, dead;
  TestFault fault;
  guint n_steps;
  GHashTable *disks; /* path → Disk */
} state;

static sqlite3_vfs fault_vfs;
static sqlite3_vfs *real_vfs;

/* ── the disk's memory ── */

static void
clear_pending (gpointer data)
{
  g_clear_pointer (&((Pending *)data)->data, g_bytes_unref);
}

static Disk *
disk_new (const char *path)
{
  Disk *disk = g_new0 (Disk, 1);
  g_autofree char *content = NULL;
  gsize bytes = 0;

  disk->there = g_file_get_contents (path, &content, &bytes, NULL);
  disk->synced = g_byte_array_new ();
  if (disk->there)
    g_byte_array_append (disk->synced, (const guint8 *)content, bytes);
  disk->pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  g_array_set_clear_func (disk->pending, clear_pending);
  return disk;
}

static void
disk_free (gpointer data)
{
  Disk *disk = data;

  g_byte_array_unref (disk->synced);
  g_array_unref (disk->pending);
  g_free (disk);
}

static void
disk_forget (Disk *disk)
{
  disk->there = FALSE;
  g_byte_array_set_size (disk->synced, 0);
  g_array_set_size (disk->pending, 0);
}

static void
disk_note (Disk *disk, gint64 offset, gconstpointer data, gsize bytes)
{
  Pending pending = { offset, data != NULL ? g_bytes_new (data, bytes) : NULL };

  if (disk == NULL)
    {
      clear_pending (&pending);
      return;
    }
  g_mutex_lock (&state.mutex);
  g_array_append_val (disk->pending, pending);
  g_mutex_unlock (&state.mutex);
}

static void
set_size (GByteArray *content, guint size)
{
  guint before = content->len;

  g_byte_array_set_size (content, size);
  if (size > before)
    memset (content->data + before, 0, size - before);
}

static void
disk_put (Disk *disk, const Pending *pending, gsize most)
{
  gsize bytes;
  gconstpointer data;

  if (pending->data == NULL)
    {
      set_size (disk->synced, pending->offset);
      return;
    }
  data = g_bytes_get_data (pending->data, &bytes);
  bytes = MIN (bytes, most);
  if (bytes == 0)
    return;
  if (disk->synced->len < pending->offset + bytes)
    set_size (disk->synced, pending->offset + bytes);
  memcpy (disk->synced->data + pending->offset, data, bytes);
}

static void
disk_sync (Disk *disk)
{
  g_mutex_lock (&state.mutex);
  for (guint i = 0; i < disk->pending->len; i++)
    disk_put (disk, &g_array_index (disk->pending, Pending, i), G_MAXSIZE);
  g_array_set_size (disk->pending, 0);
  disk->there = TRUE;
  g_mutex_unlock (&state.mutex);
}

/* What was not synced is gone, or there, or there in part, as it happens. */
static void
disk_survive (Disk *disk, GRand *chance)
{
  for (guint i = 0; i < disk->pending->len; i++)
    {
      guint dice = g_rand_int_range (chance, 0, 3);

      disk->there = TRUE;
      if (dice > 0)
        disk_put (disk, &g_array_index (disk->pending, Pending, i),
                  dice == 1 ? G_MAXSIZE : (gsize)g_rand_int_range (chance, 0, 16) * SECTOR_BYTES);
    }
}

/* ── steps ── */

/* Returns: SQLITE_OK, or @code when this step fails */
static int
step (TestSteps kind, int code)
{
  gboolean fails;

  g_mutex_lock (&state.mutex);
  fails = state.armed && state.dead && kind == TEST_STEPS_WRITE;
  if (state.armed && !state.dead && (state.fault.steps & kind) != 0)
    {
      state.n_steps++;
      fails = state.fault.at != 0 && (state.fault.once ? state.n_steps == state.fault.at
                                                       : state.n_steps >= state.fault.at);
      state.dead = fails && state.fault.kind == TEST_FAULT_CRASH;
    }
  g_mutex_unlock (&state.mutex);

  return fails ? code : SQLITE_OK;
}

static gboolean
is_full (void)
{
  return state.fault.kind == TEST_FAULT_FULL;
}

/* ── files ── */

static sqlite3_file *
real_of (sqlite3_file *file)
{
  return (sqlite3_file *)((File *)file + 1);
}

static int
file_close (sqlite3_file *file)
{
  sqlite3_file *real = real_of (file);

  return real->pMethods != NULL ? real->pMethods->xClose (real) : SQLITE_OK;
}

static int
file_read (sqlite3_file *file, void *buffer, int bytes, sqlite3_int64 offset)
{
  sqlite3_file *real = real_of (file);
  int code = step (TEST_STEPS_READ, SQLITE_IOERR_READ);

  return code != SQLITE_OK ? code : real->pMethods->xRead (real, buffer, bytes, offset);
}

static int
file_write (sqlite3_file *file, const void *data, int bytes, sqlite3_int64 offset)
{
  sqlite3_file *real = real_of (file);
  int code = step (TEST_STEPS_WRITE, is_full () ? SQLITE_FULL : SQLITE_IOERR_WRITE);

  if (code != SQLITE_OK)
    {
      /* A disk that fails in the middle has done a part. */
      if (state.fault.kind != TEST_FAULT_CRASH)
        real->pMethods->xWrite (real, data, bytes / 2, offset);
      return code;
    }

  disk_note (((File *)file)->disk, offset, data, bytes);
  return real->pMethods->xWrite (real, data, bytes, offset);
}

static int
file_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  sqlite3_file *real = real_of (file);
  int code = step (TEST_STEPS_WRITE, SQLITE_IOERR_TRUNCATE);

  if (code != SQLITE_OK)
    return code;
  disk_note (((File *)file)->disk, size, NULL, 0);
  return real->pMethods->xTruncate (real, size);
}

/* The real disk is not waited for: no test pulls its plug. */
static int
file_sync (sqlite3_file *file, int flags)
{
  int code = step (TEST_STEPS_WRITE, SQLITE_IOERR_FSYNC);

  if (code == SQLITE_OK && ((File *)file)->disk != NULL)
    disk_sync (((File *)file)->disk);
  return code;
}

static int
file_size (sqlite3_file *file, sqlite3_int64 *size)
{
  return real_of (file)->pMethods->xFileSize (real_of (file), size);
}

static int
file_lock (sqlite3_file *file, int lock)
{
  return real_of (file)->pMethods->xLock (real_of (file), lock);
}

static int
file_unlock (sqlite3_file *file, int lock)
{
  return real_of (file)->pMethods->xUnlock (real_of (file), lock);
}

static int
file_check_reserved (sqlite3_file *file, int *out)
{
  return real_of (file)->pMethods->xCheckReservedLock (real_of (file), out);
}

static int
file_control (sqlite3_file *file, int op, void *argument)
{
  return real_of (file)->pMethods->xFileControl (real_of (file), op, argument);
}

static int
file_sector_size (sqlite3_file *file)
{
  return real_of (file)->pMethods->xSectorSize (real_of (file));
}

static int
file_characteristics (sqlite3_file *file)
{
  return real_of (file)->pMethods->xDeviceCharacteristics (real_of (file));
}

static int
file_shm_map (sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
  int code = step (TEST_STEPS_WRITE, is_full () ? SQLITE_IOERR_SHMSIZE : SQLITE_IOERR_SHMMAP);

  *out = NULL;
  return code != SQLITE_OK
             ? code
             : real_of (file)->pMethods->xShmMap (real_of (file), region, size, extend, out);
}

/* Letting a lock go does not fail: SQLite could do nothing about it. */
static int
file_shm_lock (sqlite3_file *file, int offset, int n, int flags)
{
  int code = (flags & SQLITE_SHM_LOCK) != 0 ? step (TEST_STEPS_WRITE, SQLITE_IOERR_SHMLOCK)
                                            : SQLITE_OK;

  return code != SQLITE_OK ? code
                           : real_of (file)->pMethods->xShmLock (real_of (file), offset, n, flags);
}

static void
file_shm_barrier (sqlite3_file *file)
{
  real_of (file)->pMethods->xShmBarrier (real_of (file));
}

static int
file_shm_unmap (sqlite3_file *file, int delete)
{
  return real_of (file)->pMethods->xShmUnmap (real_of (file), delete);
}

/* Version 2: without mapped reads, which no step would see. */
static const sqlite3_io_methods file_methods = {
  .iVersion = 2,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_reserved,
  .xFileControl = file_control,
  .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_characteristics,
  .xShmMap = file_shm_map,
  .xShmLock = file_shm_lock,
  .xShmBarrier = file_shm_barrier,
  .xShmUnmap = file_shm_unmap,
};

/* ── the file system ── */

static Disk *
find_disk (const char *path)
{
  Disk *disk = NULL;

  g_mutex_lock (&state.mutex);
  if (path != NULL && state.armed && state.fault.kind == TEST_FAULT_CRASH)
    {
      disk = g_hash_table_lookup (state.disks, path);
      if (disk == NULL)
        {
          disk = disk_new (path);
          g_hash_table_insert (state.disks, g_strdup (path), disk);
        }
    }
  g_mutex_unlock (&state.mutex);

  return disk;
}

static int
vfs_open (sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
  sqlite3_file *real = real_of (file);
  int code = (flags & SQLITE_OPEN_READONLY) == 0 ? step (TEST_STEPS_WRITE, SQLITE_CANTOPEN)
                                                 : SQLITE_OK;

  file->pMethods = NULL;
  if (code != SQLITE_OK)
    return code;
  ((File *)file)->disk = find_disk (path);
  code = real_vfs->xOpen (real_vfs, path, real, flags, out_flags);
  if (real->pMethods != NULL)
    file->pMethods = &file_methods;
  return code;
}

static int
vfs_delete (sqlite3_vfs *vfs, const char *path, int sync_folder)
{
  int code = step (TEST_STEPS_WRITE, SQLITE_IOERR_DELETE);
  Disk *disk = find_disk (path);

  if (code != SQLITE_OK)
    return code;
  if (disk != NULL)
    disk_forget (disk);
  return real_vfs->xDelete (real_vfs, path, sync_folder);
}

/**
 * test_fault_vfs_install:
 *
 * Makes it the way by which the process reaches the disk. Before any database is opened.
 */
void
test_fault_vfs_install (void)
{
  real_vfs = sqlite3_vfs_find (NULL);
  fault_vfs = *real_vfs;
  fault_vfs.zName = "galley-fault";
  fault_vfs.szOsFile = (int)sizeof (File) + real_vfs->szOsFile;
  fault_vfs.pNext = NULL;
  fault_vfs.xOpen = vfs_open;
  fault_vfs.xDelete = vfs_delete;
  state.disks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, disk_free);
  g_assert_cmpint (sqlite3_vfs_register (&fault_vfs, 1), ==, SQLITE_OK);
}

/**
 * test_fault_vfs_arm:
 *
 * Counts steps from now on. For a power cut, no database may be open yet: what is opened from now
 * on is remembered as it was synced.
 */
void
test_fault_vfs_arm (const TestFault *fault)
{
  g_mutex_lock (&state.mutex);
  state.fault = *fault;
  state.n_steps = 0;
  state.dead = FALSE;
  state.armed = TRUE;
  g_hash_table_remove_all (state.disks);
  g_mutex_unlock (&state.mutex);
}

/**
 * test_fault_vfs_disarm:
 *
 * The disk works again.
 *
 * Returns: how many steps there were
 */
guint
test_fault_vfs_disarm (void)
{
  guint n_steps;

  g_mutex_lock (&state.mutex);
  state.armed = FALSE;
  n_steps = state.n_steps;
  g_mutex_unlock (&state.mutex);

  return n_steps;
}

/**
 * test_fault_vfs_power_cut:
 * @chance: (nullable): what was not synced survives as it happens; %NULL: it is forgotten
 *
 * Leaves the files as the disk has them after a power cut. Every database is closed, and the fault
 * is not disarmed yet.
 */
void
test_fault_vfs_power_cut (GRand *chance)
{
  GHashTableIter iter;
  gpointer path, value;

  g_hash_table_iter_init (&iter, state.disks);
  while (g_hash_table_iter_next (&iter, &path, &value))
    {
      Disk *disk = value;
      g_autofree char *shared_memory = g_strconcat (path, "-shm", NULL);

      if (chance != NULL)
        disk_survive (disk, chance);
      g_unlink (shared_memory);
      /* Or the new content would be put over the old, which may be longer. */
      g_unlink (path);
      if (disk->there)
        g_assert_true (g_file_set_contents_full (path, (const char *)disk->synced->data,
                                                 disk->synced->len, G_FILE_SET_CONTENTS_NONE, 0600,
                                                 NULL));
    }
}
