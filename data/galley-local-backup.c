/* galley-local-backup.c: copies of a workspace's database on the same computer, a few of them
 *
 * A copy is complete, packed, unpacked again and looked at before it gets its name, so whatever has
 * a name can be trusted as far as the disk can.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-local-backup"

#include "data/galley-local-backup.h"

#include "data/galley-folder.h"
#include "data/galley-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

/* All of the last days, then one of each week. */
#define KEPT_NEWEST 7
#define KEPT_WEEKS 4
/* Pages at a time: how often progress is told and a wish to stop is heard. */
#define STEP_PAGES 256
#define LEVEL 3

#define PREFIX "galley-"
#define SUFFIX ".db.zst"
#define BAD ".bad"
#define DRAFT ".tmp"
/* What is older was left behind by a program that was ended in the middle. */
#define DRAFT_S (24 * 60 * 60)
#define TIME_FORMAT "%Y%m%d-%H%M%S"

void
galley_backup_file_free (GalleyBackupFile *file)
{
  g_free (file->path);
  g_free (file);
}

static gboolean
fail (GError **error, const char *path, int code)
{
  g_set_error (error, GALLEY_DATA_ERROR,
               code == ENOSPC || code == EDQUOT ? GALLEY_DATA_ERROR_NO_SPACE : GALLEY_DATA_ERROR_IO,
               _ ("The backup “%s” cannot be written or read: %s"), path, g_strerror (code));
  return FALSE;
}

static gboolean
fail_damaged (GError **error, const char *path)
{
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
               _ ("The backup “%s” is damaged."), path);
  return FALSE;
}

/* ── packing ── */

/* One run through zstd, in either direction. */
typedef struct
{
  FILE *in;
  FILE *out;
  const char *in_path;
  const char *out_path;
  GCancellable *cancellable; /* (nullable) */
  GError **error;
} Pipe;

static gboolean
flush_out (Pipe *pipe, const ZSTD_outBuffer *to)
{
  return fwrite (to->dst, 1, to->pos, pipe->out) == to->pos ||
         fail (pipe->error, pipe->out_path, errno);
}

static gboolean
compress_all (Pipe *pipe, ZSTD_CCtx *zstd, void *in, void *out)
{
  gboolean last = FALSE;

  while (!last)
    {
      ZSTD_inBuffer from = { in, fread (in, 1, ZSTD_CStreamInSize (), pipe->in), 0 };
      size_t left = 1;

      if (ferror (pipe->in))
        return fail (pipe->error, pipe->in_path, errno);
      last = feof (pipe->in);
      while (last ? left > 0 : from.pos < from.size)
        {
          ZSTD_outBuffer to = { out, ZSTD_CStreamOutSize (), 0 };

          left = ZSTD_compressStream2 (zstd, &to, &from, last ? ZSTD_e_end : ZSTD_e_continue);
          if (ZSTD_isError (left))
            return fail (pipe->error, pipe->out_path, EIO);
          if (!flush_out (pipe, &to))
            return FALSE;
        }
      if (g_cancellable_set_error_if_cancelled (pipe->cancellable, pipe->error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
decompress_all (Pipe *pipe, ZSTD_DCtx *zstd, void *in, void *out)
{
  size_t left = 1, bytes;

  while ((bytes = fread (in, 1, ZSTD_DStreamInSize (), pipe->in)) > 0)
    {
      ZSTD_inBuffer from = { in, bytes, 0 };

      while (from.pos < from.size)
        {
          ZSTD_outBuffer to = { out, ZSTD_DStreamOutSize (), 0 };

          left = ZSTD_decompressStream (zstd, &to, &from);
          if (ZSTD_isError (left))
            return fail_damaged (pipe->error, pipe->in_path);
          if (!flush_out (pipe, &to))
            return FALSE;
        }
    }
  if (ferror (pipe->in))
    return fail (pipe->error, pipe->in_path, errno);

  /* Of a frame that ends too soon something is still to come. */
  return left == 0 || fail_damaged (pipe->error, pipe->in_path);
}

static gboolean
run_pipe (Pipe *pipe, gboolean packs)
{
  g_autofree void *in = g_malloc (packs ? ZSTD_CStreamInSize () : ZSTD_DStreamInSize ());
  g_autofree void *out = g_malloc (packs ? ZSTD_CStreamOutSize () : ZSTD_DStreamOutSize ());
  ZSTD_CCtx *packer = packs ? ZSTD_createCCtx () : NULL;
  ZSTD_DCtx *unpacker = packs ? NULL : ZSTD_createDCtx ();
  gboolean done;

  if (packs)
    {
      ZSTD_CCtx_setParameter (packer, ZSTD_c_compressionLevel, LEVEL);
      ZSTD_CCtx_setParameter (packer, ZSTD_c_checksumFlag, 1);
    }
  done = packs ? compress_all (pipe, packer, in, out) : decompress_all (pipe, unpacker, in, out);
  ZSTD_freeCCtx (packer);
  ZSTD_freeDCtx (unpacker);
  return done;
}

/* @to is durable when it returns well, and gone when not. */
static gboolean
convert (
    const char *from, const char *to, gboolean packs, GCancellable *cancellable, GError **error)
{
  Pipe pipe = { g_fopen (from, "rbe"), NULL, from, to, cancellable, error };
  gboolean done;

  if (pipe.in == NULL)
    return fail (error, from, errno);
  pipe.out = g_fopen (to, "wbe");
  if (pipe.out == NULL)
    {
      fail (error, to, errno);
      fclose (pipe.in);
      return FALSE;
    }

  done = run_pipe (&pipe, packs);
  if (done && (fflush (pipe.out) != 0 || fsync (fileno (pipe.out)) != 0))
    done = fail (error, to, errno);
  fclose (pipe.in);
  if (fclose (pipe.out) != 0 && done)
    done = fail (error, to, errno);
  if (!done)
    g_unlink (to);
  return done;
}

/* ── looking at one ── */

static gboolean
check_database (const char *path, guint64 *n_changes, GError **error)
{
  g_autoptr (GalleyDatabase) db = galley_database_open (path, TRUE, error);
  gint64 sound = 0, changes = 0;

  if (db == NULL ||
      !galley_database_get_int (db, &sound, error,
                                "SELECT integrity_check = 'ok' FROM pragma_integrity_check (1)",
                                "") ||
      !galley_database_get_int (db, &changes, error,
                                "SELECT (SELECT count (*) FROM change)"
                                " + (SELECT ifnull (sum (n_changes), 0) FROM segment)",
                                ""))
    return FALSE;

  *n_changes = (guint64)changes;
  return sound || fail_damaged (error, path);
}

/**
 * galley_local_backup_unpack:
 * @to: a new file
 * @error: %GALLEY_DATA_ERROR_DAMAGED when the backup is not as it was packed
 */
gboolean
galley_local_backup_unpack (const char *path, const char *to, GError **error)
{
  return convert (path, to, FALSE, NULL, error);
}

/**
 * galley_local_backup_verify:
 * @n_changes: (out): how many changes are in it
 * @error: %GALLEY_DATA_ERROR_DAMAGED
 *
 * Unpacks it beside itself and looks at every page. Blocks.
 */
gboolean
galley_local_backup_verify (const char *path, guint64 *n_changes, GError **error)
{
  g_autofree char *scratch = g_strconcat (path, ".check", NULL);
  gboolean sound = galley_local_backup_unpack (path, scratch, error) &&
                   check_database (scratch, n_changes, error);

  galley_database_remove (scratch);
  return sound;
}

/* ── making one ── */

static gboolean
copy_pages (GalleyDatabase *source,
            GalleyDatabase *target,
            GCancellable *cancellable,
            GalleyReplayProgress progress,
            gpointer progress_data,
            GError **error)
{
  sqlite3_backup *backup = sqlite3_backup_init (galley_database_get_handle (target), "main",
                                                galley_database_get_handle (source), "main");
  int code = backup != NULL ? SQLITE_OK : SQLITE_ERROR;

  while (code == SQLITE_OK && !g_cancellable_is_cancelled (cancellable))
    {
      code = sqlite3_backup_step (backup, STEP_PAGES);
      if (progress != NULL && code == SQLITE_OK)
        progress ((guint64)(sqlite3_backup_pagecount (backup) - sqlite3_backup_remaining (backup)),
                  (guint64)sqlite3_backup_pagecount (backup), progress_data);
    }
  if (backup != NULL)
    sqlite3_backup_finish (backup);

  return !g_cancellable_set_error_if_cancelled (cancellable, error) &&
         (code == SQLITE_DONE || galley_database_set_error (target, "back up", error));
}

/* One moment of it, whatever is written meanwhile: the source stays within one look. */
static gboolean
copy_database (GalleyStore *store,
               const char *to,
               GCancellable *cancellable,
               GalleyReplayProgress progress,
               gpointer progress_data,
               GError **error)
{
  g_autofree char *from = g_build_filename (galley_store_get_folder (store), "galley.db", NULL);
  g_autoptr (GalleyDatabase) source = galley_database_open (from, TRUE, error);
  g_autoptr (GalleyDatabase) target = source != NULL ? galley_database_open (to, FALSE, error)
                                                     : NULL;
  gint64 any = 0;

  return target != NULL && galley_database_exec (source, "BEGIN", error) &&
         galley_database_get_int (source, &any, error, "SELECT count (*) FROM setting", "") &&
         copy_pages (source, target, cancellable, progress, progress_data, error) &&
         /* The copy is one file. */
         galley_database_exec (target, "PRAGMA journal_mode = DELETE", error);
}

static char *
get_backups_folder (const char *folder)
{
  return g_build_filename (folder, "backups", NULL);
}

static char *
make_path (GalleyStore *store)
{
  gint64 now_us = galley_world_now_us (galley_store_get_world (store));
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (now_us / G_USEC_PER_SEC);
  g_autofree char *name = g_date_time_format (now, PREFIX TIME_FORMAT SUFFIX);
  g_autofree char *backups = get_backups_folder (galley_store_get_folder (store));

  return g_build_filename (backups, name, NULL);
}

/* What is packed but did not verify is kept apart: perhaps it is the disk. */
static gboolean
keep_apart (const char *packed, const char *path, GError **error)
{
  g_autofree char *bad = g_strconcat (path, BAD, NULL);
  g_autofree char *name = g_path_get_basename (bad);

  if (g_rename (packed, bad) != 0)
    return fail (error, bad, errno);

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
               _ ("The backup did not come out as it went in. It is kept apart as “%s”; check the "
                  "disk, then make another one."),
               name);
  return FALSE;
}

static gboolean
pack_and_verify (const char *copy,
                 const char *packed,
                 const char *path,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *backups = g_path_get_dirname (path);
  guint64 n_changes, n_packed = 0;

  if (!check_database (copy, &n_changes, error) ||
      !convert (copy, packed, TRUE, cancellable, error))
    return FALSE;
  if (!galley_local_backup_verify (packed, &n_packed, &local) || n_packed != n_changes)
    {
      if (local != NULL && !g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      return keep_apart (packed, path, error);
    }

  return (g_rename (packed, path) == 0 && galley_folder_sync (backups)) ||
         fail (error, path, errno);
}

/* Another program may be making one at the same time. */
static char *
make_draft (const char *backups, const char *what)
{
  g_autofree char *word = g_uuid_string_random ();

  return g_strdup_printf ("%s/%s-%s" DRAFT, backups, what, word);
}

/**
 * galley_local_backup_make:
 * @path: (out) (transfer full): of the new backup
 * @error: %GALLEY_DATA_ERROR_DAMAGED when the database itself is damaged, or the backup did not
 *   verify: then it is kept apart, under a name that ends in .bad
 *
 * Edits may go on meanwhile. Progress is in pages. Blocks; not for the main loop.
 */
gboolean
galley_local_backup_make (GalleyStore *store,
                          GCancellable *cancellable,
                          GalleyReplayProgress progress,
                          gpointer progress_data,
                          char **path,
                          GError **error)
{
  g_autofree char *place = make_path (store);
  g_autofree char *backups = g_path_get_dirname (place);
  g_autofree char *copy = make_draft (backups, "copy");
  g_autofree char *packed = make_draft (backups, "packed");
  gboolean made;

  if (!galley_folder_make (backups))
    return fail (error, backups, errno);

  galley_database_remove (copy);
  made = copy_database (store, copy, cancellable, progress, progress_data, error) &&
         pack_and_verify (copy, packed, place, cancellable, error);
  galley_database_remove (copy);
  g_unlink (packed);
  if (made)
    *path = g_steal_pointer (&place);
  return made;
}

/* ── those that are there ── */

static gint64
parse_time (const char *name)
{
  guint year, month, day, hour, minute, second;
  g_autoptr (GDateTime) time = NULL;

  if (sscanf (name, PREFIX "%4u%2u%2u-%2u%2u%2u", &year, &month, &day, &hour, &minute, &second) !=
      6)
    return 0;
  time = g_date_time_new_utc ((int)year, (int)month, (int)day, (int)hour, (int)minute, second);
  return time != NULL ? g_date_time_to_unix (time) * G_USEC_PER_SEC : 0;
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  const GalleyBackupFile *left = *(gpointer const *)a, *right = *(gpointer const *)b;

  return left->made_us > right->made_us ? -1 : left->made_us < right->made_us;
}

/**
 * galley_local_backup_list:
 * @folder: the workspace's
 *
 * Returns: (transfer full) (element-type GalleyBackupFile): newest first, bad ones among them
 */
GPtrArray *
galley_local_backup_list (const char *folder, GError **error)
{
  g_autofree char *backups = get_backups_folder (folder);
  GPtrArray *files = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_backup_file_free);
  g_autoptr (GDir) dir = g_dir_open (backups, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      GalleyBackupFile *file;
      gboolean bad = g_str_has_suffix (name, SUFFIX BAD);
      g_autofree char *path = g_build_filename (backups, name, NULL);
      GStatBuf status;

      if ((!bad && !g_str_has_suffix (name, SUFFIX)) || parse_time (name) == 0 ||
          g_stat (path, &status) != 0)
        continue;

      file = g_new0 (GalleyBackupFile, 1);
      file->path = g_steal_pointer (&path);
      file->made_us = parse_time (name);
      file->size_bytes = (guint64)status.st_size;
      file->bad = bad;
      g_ptr_array_add (files, file);
    }
  g_ptr_array_sort (files, compare_files);

  return files;
}

/**
 * galley_local_backup_unpack_newest:
 * @made_us: (out): when it was made
 *
 * The newest one that is sound, at @to.
 *
 * Returns: (transfer full) (nullable): its path; %NULL when there is none
 */
char *
galley_local_backup_unpack_newest (const char *folder, const char *to, gint64 *made_us)
{
  g_autoptr (GPtrArray) files = galley_local_backup_list (folder, NULL);

  for (guint i = 0; i < files->len; i++)
    {
      const GalleyBackupFile *file = files->pdata[i];
      guint64 n_changes;

      if (file->bad)
        continue;
      if (galley_local_backup_unpack (file->path, to, NULL) &&
          check_database (to, &n_changes, NULL))
        {
          *made_us = file->made_us;
          return g_strdup (file->path);
        }
      galley_database_remove (to);
    }

  return NULL;
}

static void
remove_drafts (const char *folder)
{
  g_autofree char *backups = get_backups_folder (folder);
  g_autoptr (GDir) dir = g_dir_open (backups, 0, NULL);
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (backups, name, NULL);
      GStatBuf status;

      if (strstr (name, DRAFT) != NULL && g_stat (path, &status) == 0 &&
          now_s - (gint64)status.st_mtime > DRAFT_S)
        g_unlink (path);
    }
}

/**
 * galley_local_backup_rotate:
 *
 * Removes what is older than the newest few and not the newest of one of the weeks before. What did
 * not verify stays until a person removes it.
 */
gboolean
galley_local_backup_rotate (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) files = galley_local_backup_list (folder, error);
  const gint64 week_us = 7 * G_TIME_SPAN_DAY;
  gint64 last_week = -1;
  guint n_kept = 0, n_weeks = 0;

  remove_drafts (folder);
  for (guint i = 0; files != NULL && i < files->len; i++)
    {
      const GalleyBackupFile *file = files->pdata[i];
      gint64 week = file->made_us / week_us;

      if (file->bad)
        continue;
      if (n_kept++ < KEPT_NEWEST)
        {
          last_week = week;
          continue;
        }
      if (week != last_week && n_weeks++ < KEPT_WEEKS)
        {
          last_week = week;
          continue;
        }
      if (g_unlink (file->path) != 0)
        return fail (error, file->path, errno);
    }

  return files != NULL;
}
