/* galley-sim-disk.c: disks that are only in memory, and can fail, fill up and lose power
 *
 * An SQLite VFS. Every file has two contents: the one that programs see, and the one that is on the
 * disk for good, which only a sync brings up to it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-disk.h"

#include <sqlite3.h>
#include <string.h>

/* What a power cut may tear: a disk writes its sectors whole. */
#define SECTOR_BYTES 512
#define N_SHM_LOCKS SQLITE_SHM_NLOCK
#define MAX_PATH_BYTES 512

typedef struct _File File;

/* What was asked of the disk since the last sync. */
typedef struct
{
  gint64 offset;
  guint8 *data; /* (nullable): NULL: cut off at the offset */
  gsize bytes;
} Pending;

typedef struct
{
  GalleySimDisk *disk; /* (nullable): a temporary file */
  char *path;          /* (nullable) */
  GByteArray *content;
  GByteArray *durable;
  GArray *pending;
  gboolean named; /* its name is on the disk for good */
  guint n_open;

  guint n_shared;
  File *reserved, *exclusive; /* (nullable): who has it; exclusive is pending until all are gone */

  GPtrArray *regions; /* of shared memory */
  guint n_mapped;
  guint shm_shared[N_SHM_LOCKS];
  File *shm_exclusive[N_SHM_LOCKS];
} Content;

struct _File
{
  sqlite3_file base;
  Content *content;
  int lock;
  gboolean mapped;
  guint shm_shared; /* bits */
};

struct _GalleySimDisk
{
  char *folder;
  GHashTable *contents; /* path → Content (owned) */
  gboolean full, dead;
  GalleySimDiskFault fault;
  guint fault_in; /* steps; 0: none */
  guint64 n_steps;
};

static GPtrArray *disks;
static GalleySimRandom chance;
static sqlite3_vfs vfs;
static guint n_looking; /* checks that read what there is */

/* ── contents ── */

static void
clear_pending (gpointer data)
{
  g_free (((Pending *)data)->data);
}

static Content *
content_new (GalleySimDisk *disk, const char *path)
{
  Content *content = g_new0 (Content, 1);

  content->disk = disk;
  content->path = g_strdup (path);
  content->content = g_byte_array_new ();
  content->durable = g_byte_array_new ();
  content->pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  g_array_set_clear_func (content->pending, clear_pending);
  content->regions = g_ptr_array_new_with_free_func (g_free);
  return content;
}

static void
content_free (gpointer data)
{
  Content *content = data;

  g_free (content->path);
  g_byte_array_unref (content->content);
  g_byte_array_unref (content->durable);
  g_array_unref (content->pending);
  g_ptr_array_unref (content->regions);
  g_free (content);
}

static void
set_size (GByteArray *content, gsize size)
{
  gsize before = content->len;

  g_byte_array_set_size (content, size);
  if (size > before)
    memset (content->data + before, 0, size - before);
}

static void
put (GByteArray *content, const Pending *pending, gsize most)
{
  gsize bytes = MIN (pending->bytes, most);

  if (pending->data == NULL)
    {
      set_size (content, pending->offset);
      return;
    }
  if (bytes == 0)
    return;
  if (content->len < pending->offset + bytes)
    set_size (content, pending->offset + bytes);
  memcpy (content->data + pending->offset, pending->data, bytes);
}

static void
write_to (Content *content, const void *data, gsize bytes, gint64 offset)
{
  Pending pending = { offset, data != NULL ? g_memdup2 (data, bytes) : NULL, bytes };

  put (content->content, &pending, G_MAXSIZE);
  g_array_append_val (content->pending, pending);
}

static void
sync_content (Content *content)
{
  for (guint i = 0; i < content->pending->len; i++)
    put (content->durable, &g_array_index (content->pending, Pending, i), G_MAXSIZE);
  g_array_set_size (content->pending, 0);
  content->named = TRUE;
}

/* What was not synced is gone, or there, or there in part, as it happens. */
static void
survive (Content *content, GalleySimRandom *random)
{
  for (guint i = 0; i < content->pending->len; i++)
    {
      guint dice = galley_sim_random_below (random, 3);

      content->named |= galley_sim_random_chance (random, 50);
      if (dice > 0)
        put (content->durable, &g_array_index (content->pending, Pending, i),
             dice == 1 ? G_MAXSIZE : galley_sim_random_below (random, 16) * SECTOR_BYTES);
    }
  g_array_set_size (content->pending, 0);
  g_byte_array_set_size (content->content, 0);
  g_byte_array_append (content->content, content->durable->data, content->durable->len);
}

/* ── steps ── */

/* Returns: SQLITE_OK, or @code when the disk refuses this step */
static int
step (Content *content, int code, gboolean *half)
{
  GalleySimDisk *disk = content->disk;
  gboolean fails;

  *half = FALSE;
  if (disk == NULL || n_looking > 0)
    return SQLITE_OK;
  if (disk->dead)
    return code;

  disk->n_steps++;
  fails = disk->fault_in > 0 && --disk->fault_in == 0;
  if (!fails)
    return SQLITE_OK;

  disk->dead = disk->fault == GALLEY_SIM_DISK_POWER;
  *half = TRUE;
  return code;
}

/* ── files ── */

static int
file_unlock (sqlite3_file *file, int lock)
{
  File *self = (File *)file;
  Content *content = self->content;

  if (self->lock > SQLITE_LOCK_SHARED && lock <= SQLITE_LOCK_SHARED)
    {
      if (content->reserved == self)
        content->reserved = NULL;
      if (content->exclusive == self)
        content->exclusive = NULL;
    }
  if (self->lock >= SQLITE_LOCK_SHARED && lock == SQLITE_LOCK_NONE)
    content->n_shared--;
  self->lock = MIN (self->lock, lock);
  return SQLITE_OK;
}

static int
file_shm_unmap (sqlite3_file *file, int delete)
{
  File *self = (File *)file;
  Content *content = self->content;

  if (!self->mapped)
    return SQLITE_OK;

  for (guint i = 0; i < N_SHM_LOCKS; i++)
    {
      if ((self->shm_shared & (1u << i)) != 0)
        content->shm_shared[i]--;
      if (content->shm_exclusive[i] == self)
        content->shm_exclusive[i] = NULL;
    }
  self->shm_shared = 0;
  self->mapped = FALSE;
  if (--content->n_mapped == 0)
    g_ptr_array_set_size (content->regions, 0);
  return SQLITE_OK;
}

static int
file_close (sqlite3_file *file)
{
  File *self = (File *)file;
  Content *content = self->content;

  file_shm_unmap (file, FALSE);
  file_unlock (file, SQLITE_LOCK_NONE);
  content->n_open--;
  if (content->disk == NULL && content->n_open == 0)
    content_free (content);
  self->content = NULL;
  return SQLITE_OK;
}

static int
file_read (sqlite3_file *file, void *buffer, int bytes, sqlite3_int64 offset)
{
  GByteArray *content = ((File *)file)->content->content;
  gsize there = offset < content->len ? MIN ((gsize)bytes, (gsize)(content->len - offset)) : 0;

  if (there > 0)
    memcpy (buffer, content->data + offset, there);
  memset ((guint8 *)buffer + there, 0, bytes - there);
  return there < (gsize)bytes ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int
file_write (sqlite3_file *file, const void *data, int bytes, sqlite3_int64 offset)
{
  Content *content = ((File *)file)->content;
  gboolean grows = offset + bytes > (gint64)content->content->len, half;
  int code = step (content, SQLITE_IOERR_WRITE, &half);

  if (code == SQLITE_OK && grows && content->disk != NULL && content->disk->full && n_looking == 0)
    return SQLITE_FULL;
  if (code == SQLITE_OK || half)
    write_to (content, data, half ? bytes / 2 : bytes, offset);
  return code;
}

static int
file_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  Content *content = ((File *)file)->content;
  gboolean half;
  int code = step (content, SQLITE_IOERR_TRUNCATE, &half);

  if (code == SQLITE_OK)
    write_to (content, NULL, 0, size);
  return code;
}

static int
file_sync (sqlite3_file *file, int flags)
{
  Content *content = ((File *)file)->content;
  gboolean half;
  int code = step (content, SQLITE_IOERR_FSYNC, &half);

  if (code == SQLITE_OK)
    sync_content (content);
  return code;
}

static int
file_size (sqlite3_file *file, sqlite3_int64 *size)
{
  *size = ((File *)file)->content->content->len;
  return SQLITE_OK;
}

static int
file_lock (sqlite3_file *file, int lock)
{
  File *self = (File *)file;
  Content *content = self->content;

  if (self->lock >= lock)
    return SQLITE_OK;
  if (content->exclusive != NULL && content->exclusive != self)
    return SQLITE_BUSY;

  switch (lock)
    {
    case SQLITE_LOCK_SHARED:
      content->n_shared++;
      break;

    case SQLITE_LOCK_RESERVED:
      if (content->reserved != NULL && content->reserved != self)
        return SQLITE_BUSY;
      content->reserved = self;
      break;

    default:
      if (content->reserved != NULL && content->reserved != self)
        return SQLITE_BUSY;
      content->exclusive = self;
      if (lock == SQLITE_LOCK_EXCLUSIVE && content->n_shared > 1)
        {
          self->lock = SQLITE_LOCK_PENDING;
          return SQLITE_BUSY;
        }
    }

  self->lock = lock;
  return SQLITE_OK;
}

static int
file_check_reserved (sqlite3_file *file, int *out)
{
  Content *content = ((File *)file)->content;

  *out = content->reserved != NULL || content->exclusive != NULL;
  return SQLITE_OK;
}

static int
file_control (sqlite3_file *file, int op, void *argument)
{
  return SQLITE_NOTFOUND;
}

static int
file_sector_size (sqlite3_file *file)
{
  return SECTOR_BYTES;
}

static int
file_characteristics (sqlite3_file *file)
{
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int
file_shm_map (sqlite3_file *file, int region, int bytes, int extend, void volatile **out)
{
  File *self = (File *)file;
  GPtrArray *regions = self->content->regions;

  if (!self->mapped)
    {
      self->mapped = TRUE;
      self->content->n_mapped++;
    }
  *out = NULL;
  if (region >= (int)regions->len && !extend)
    return SQLITE_OK;

  while (region >= (int)regions->len)
    g_ptr_array_add (regions, g_malloc0 (bytes));
  *out = regions->pdata[region];
  return SQLITE_OK;
}

static gboolean
may_lock (File *self, guint slot, gboolean shared)
{
  Content *content = self->content;
  guint others = content->shm_shared[slot] - ((self->shm_shared & (1u << slot)) != 0);

  if (content->shm_exclusive[slot] != NULL && content->shm_exclusive[slot] != self)
    return FALSE;
  return shared || others == 0;
}

static void
unlock_slot (File *self, guint slot)
{
  Content *content = self->content;

  if ((self->shm_shared & (1u << slot)) != 0)
    content->shm_shared[slot]--;
  self->shm_shared &= ~(1u << slot);
  if (content->shm_exclusive[slot] == self)
    content->shm_exclusive[slot] = NULL;
}

static int
file_shm_lock (sqlite3_file *file, int first, int n, int flags)
{
  File *self = (File *)file;
  Content *content = self->content;
  gboolean shared = (flags & SQLITE_SHM_SHARED) != 0;

  for (int i = first; i < first + n && (flags & SQLITE_SHM_LOCK) != 0; i++)
    if (!may_lock (self, i, shared))
      return SQLITE_BUSY;

  for (int i = first; i < first + n; i++)
    {
      if ((flags & SQLITE_SHM_UNLOCK) != 0)
        {
          unlock_slot (self, i);
        }
      else if (!shared)
        {
          content->shm_exclusive[i] = self;
        }
      else if ((self->shm_shared & (1u << i)) == 0)
        {
          self->shm_shared |= 1u << i;
          content->shm_shared[i]++;
        }
    }

  return SQLITE_OK;
}

static void
file_shm_barrier (sqlite3_file *file)
{
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

static GalleySimDisk *
find_disk (const char *path)
{
  for (guint i = 0; i < disks->len; i++)
    {
      GalleySimDisk *disk = disks->pdata[i];
      gsize length = strlen (disk->folder);

      if (strncmp (path, disk->folder, length) == 0 && path[length] == '/')
        return disk;
    }

  return NULL;
}

static Content *
find_content (const char *path)
{
  GalleySimDisk *disk = find_disk (path);

  return disk != NULL ? g_hash_table_lookup (disk->contents, path) : NULL;
}

static int
make_content (const char *path, Content **content)
{
  GalleySimDisk *disk = path != NULL ? find_disk (path) : NULL;
  gboolean half;

  if (path != NULL && disk == NULL)
    return SQLITE_CANTOPEN;

  *content = content_new (disk, path);
  if (path == NULL)
    return SQLITE_OK;
  if (step (*content, SQLITE_CANTOPEN, &half) != SQLITE_OK || (disk->full && n_looking == 0))
    {
      content_free (*content);
      return SQLITE_CANTOPEN;
    }

  g_hash_table_insert (disk->contents, (*content)->path, *content);
  return SQLITE_OK;
}

static int
vfs_open (sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
  Content *content = path != NULL ? find_content (path) : NULL;
  int code = SQLITE_OK;

  memset (file, 0, sizeof (File));
  if (content == NULL && path != NULL && (flags & SQLITE_OPEN_CREATE) == 0)
    return SQLITE_CANTOPEN;
  if (content == NULL)
    code = make_content (path, &content);
  if (code != SQLITE_OK)
    return code;

  content->n_open++;
  ((File *)file)->content = content;
  file->pMethods = &file_methods;
  if (out_flags != NULL)
    *out_flags = flags;
  return SQLITE_OK;
}

static int
vfs_delete (sqlite3_vfs *self, const char *path, int sync_folder)
{
  Content *content = find_content (path);
  gboolean half;

  if (content == NULL)
    return SQLITE_IOERR_DELETE_NOENT;
  if (step (content, SQLITE_IOERR_DELETE, &half) != SQLITE_OK)
    return SQLITE_IOERR_DELETE;

  /* Nobody of ours deletes what is open. */
  g_assert_cmpuint (content->n_open, ==, 0);
  g_hash_table_remove (content->disk->contents, path);
  return SQLITE_OK;
}

static int
vfs_access (sqlite3_vfs *self, const char *path, int flags, int *out)
{
  Content *content = find_content (path);

  *out = content != NULL && (flags != SQLITE_ACCESS_EXISTS || content->content->len > 0);
  return SQLITE_OK;
}

static int
vfs_full_path (sqlite3_vfs *self, const char *path, int bytes, char *out)
{
  sqlite3_snprintf (bytes, out, "%s", path);
  return SQLITE_OK;
}

static int
vfs_randomness (sqlite3_vfs *self, int bytes, char *out)
{
  galley_sim_random_fill (&chance, out, bytes);
  return bytes;
}

/* In one thread nobody else would get on meanwhile. */
static int
vfs_sleep (sqlite3_vfs *self, int microseconds)
{
  return microseconds;
}

/* No date of SQLite's is kept anywhere. */
static int
vfs_time (sqlite3_vfs *self, double *out)
{
  *out = 2461041.5;
  return SQLITE_OK;
}

static int
vfs_last_error (sqlite3_vfs *self, int bytes, char *out)
{
  return 0;
}

/**
 * galley_sim_disk_install:
 *
 * From now on the process has no other disk for its databases. Before any is opened.
 */
void
galley_sim_disk_install (void)
{
  vfs = (sqlite3_vfs){
    .iVersion = 1,
    .szOsFile = sizeof (File),
    .mxPathname = MAX_PATH_BYTES,
    .zName = "galley-sim",
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full_path,
    .xRandomness = vfs_randomness,
    .xSleep = vfs_sleep,
    .xCurrentTime = vfs_time,
    .xGetLastError = vfs_last_error,
  };
  disks = g_ptr_array_new ();
  g_assert_cmpint (sqlite3_vfs_register (&vfs, 1), ==, SQLITE_OK);
}

/* SQLite's own chance, such as the salt of a log. */
void
galley_sim_disk_set_chance (guint64 seed)
{
  chance.state = seed;
  sqlite3_randomness (0, NULL);
}

GalleySimDisk *
galley_sim_disk_new (const char *folder)
{
  GalleySimDisk *self = g_new0 (GalleySimDisk, 1);

  self->folder = g_strdup (folder);
  self->contents = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, content_free);
  g_ptr_array_add (disks, self);
  return self;
}

void
galley_sim_disk_free (GalleySimDisk *self)
{
  g_ptr_array_remove (disks, self);
  g_hash_table_unref (self->contents);
  g_free (self->folder);
  g_free (self);
}

/* @step: the request from now on that fails, from 1 */
void
galley_sim_disk_fail_at (GalleySimDisk *self, GalleySimDiskFault fault, guint step_number)
{
  self->fault = fault;
  self->fault_in = step_number;
}

void
galley_sim_disk_cut_power (GalleySimDisk *self)
{
  self->dead = TRUE;
}

void
galley_sim_disk_set_full (GalleySimDisk *self, gboolean full)
{
  self->full = full;
}

/* No fault is on its way any more. */
void
galley_sim_disk_mend (GalleySimDisk *self)
{
  self->full = FALSE;
  self->fault_in = 0;
}

/**
 * galley_sim_disk_look:
 * @looks: whether a check begins, or is over
 *
 * Meanwhile nothing fails, on no disk.
 */
void
galley_sim_disk_look (gboolean looks)
{
  n_looking += looks ? 1 : -1;
}

gboolean
galley_sim_disk_is_dead (GalleySimDisk *self)
{
  return self->dead;
}

guint64
galley_sim_disk_get_n_steps (GalleySimDisk *self)
{
  return self->n_steps;
}

static gint
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

/**
 * galley_sim_disk_restart:
 * @random: decides what of the unsynced survives
 *
 * The power is back. Every file is closed.
 */
void
galley_sim_disk_restart (GalleySimDisk *self, GalleySimRandom *random)
{
  g_autoptr (GList) paths = g_list_sort (g_hash_table_get_keys (self->contents), compare_paths);

  for (GList *link = paths; link != NULL; link = link->next)
    {
      Content *content = g_hash_table_lookup (self->contents, link->data);

      g_assert_cmpuint (content->n_open, ==, 0);
      survive (content, random);
      if (!content->named)
        g_hash_table_remove (self->contents, link->data);
    }
  self->dead = FALSE;
  self->fault_in = 0;
}

static gboolean
is_scratch (gpointer path, gpointer content, gpointer data)
{
  return strstr (path, "galley.db") == NULL && strstr (path, "server.db") == NULL;
}

/* What programs delete otherwise than through SQLite. */
void
galley_sim_disk_forget_scratch (GalleySimDisk *self)
{
  g_hash_table_foreach_remove (self->contents, is_scratch, NULL);
}

/* ── copies ── */

/* Returns: (nullable): the name below the folder, of a file of @database */
static const char *
get_name_of (GalleySimDisk *self, const char *path, const char *database)
{
  const char *name = path + strlen (self->folder) + 1;

  return g_str_has_prefix (name, database) ? name : NULL;
}

/**
 * galley_sim_disk_copy:
 * @database: the name of its file; what SQLite keeps beside it belongs to it
 *
 * Returns: (transfer full): name → GBytes
 */
GHashTable *
galley_sim_disk_copy (GalleySimDisk *self, const char *database)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                            (GDestroyNotify)g_bytes_unref);
  GHashTableIter iter;
  gpointer path, content;

  g_hash_table_iter_init (&iter, self->contents);
  while (g_hash_table_iter_next (&iter, &path, &content))
    {
      const char *name = get_name_of (self, path, database);
      const GByteArray *there = ((Content *)content)->content;

      if (name != NULL)
        g_hash_table_insert (copy, g_strdup (name), g_bytes_new (there->data, there->len));
    }

  return copy;
}

/**
 * galley_sim_disk_put:
 *
 * In the place of what is there; nobody has it open. For good at once.
 */
void
galley_sim_disk_put (GalleySimDisk *self, const char *database, GHashTable *copy)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->contents);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (get_name_of (self, key, database) != NULL)
      {
        g_assert_cmpuint (((Content *)value)->n_open, ==, 0);
        g_hash_table_iter_remove (&iter);
      }

  g_hash_table_iter_init (&iter, copy);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autofree char *path = g_build_filename (self->folder, key, NULL);
      Content *content = content_new (self, path);

      g_byte_array_append (content->content, g_bytes_get_data (value, NULL),
                           g_bytes_get_size (value));
      g_byte_array_append (content->durable, g_bytes_get_data (value, NULL),
                           g_bytes_get_size (value));
      content->named = TRUE;
      g_hash_table_insert (self->contents, content->path, content);
    }
}
