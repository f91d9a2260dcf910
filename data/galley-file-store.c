/* galley-file-store.c: the bytes of versions, whole, named by their BLAKE2b-256
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-file-store"

#include "data/galley-file-store.h"

#include "data/galley-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES (256 * 1024)

struct _GalleyFileStore
{
  char *folder;
  char *suffix; /* of files that are arriving */
};

GalleyFileStore *
galley_file_store_new (const char *folder)
{
  return galley_file_store_new_for (folder, NULL);
}

/**
 * galley_file_store_new_for:
 * @owner: (nullable): a name whose files arrive by themselves: nobody goes on from where another
 *   one's transfer was cut. What has arrived is everybody's
 */
GalleyFileStore *
galley_file_store_new_for (const char *folder, const char *owner)
{
  GalleyFileStore *self = g_new0 (GalleyFileStore, 1);

  self->folder = g_strdup (folder);
  self->suffix = owner != NULL ? g_strdup_printf (".%s.part", owner) : g_strdup (".part");
  return self;
}

void
galley_file_store_free (GalleyFileStore *self)
{
  g_free (self->folder);
  g_free (self->suffix);
  g_free (self);
}

static GalleyDataError
io_error_code (int code)
{
  if (code == ENOSPC || code == EDQUOT)
    return GALLEY_DATA_ERROR_NO_SPACE;

  return code == ENOENT ? GALLEY_DATA_ERROR_NOT_FOUND : GALLEY_DATA_ERROR_IO;
}

static gboolean set_io_error (GError **error, int code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
set_io_error (GError **error, int code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (GALLEY_DATA_ERROR, io_error_code (code), format, arguments);
  va_end (arguments);
  return FALSE;
}

/**
 * galley_file_store_get_path:
 *
 * Returns: (transfer full): where the file is once it is here: FOLDER/ab/abcdef…
 */
char *
galley_file_store_get_path (GalleyFileStore *self, const GalleyHash *hash)
{
  char text[GALLEY_HASH_TEXT_SIZE], shelf[3] = { 0 };

  galley_hash_print (hash, text);
  memcpy (shelf, text, 2);
  return g_build_filename (self->folder, shelf, text, NULL);
}

static char *
get_part_path (GalleyFileStore *self, const GalleyHash *hash)
{
  g_autofree char *path = galley_file_store_get_path (self, hash);

  return g_strconcat (path, self->suffix, NULL);
}

gboolean
galley_file_store_has (GalleyFileStore *self, const GalleyHash *hash)
{
  g_autofree char *path = galley_file_store_get_path (self, hash);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

static gboolean
make_folder_of (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (!galley_folder_make (folder))
    return set_io_error (error, errno, _ ("The folder “%s” cannot be made: %s"), folder,
                         g_strerror (errno));

  return TRUE;
}

/* A file is there for good once its name is: that takes the folder's own fsync. */
static gboolean
put_in_place (const char *from, const char *to, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (to);

  if (g_rename (from, to) != 0)
    return set_io_error (error, errno, _ ("The file “%s” cannot be kept: %s"), to,
                         g_strerror (errno));

  if (!galley_folder_sync (folder))
    return set_io_error (error, errno, _ ("The folder “%s” cannot be kept: %s"), folder,
                         g_strerror (errno));

  return TRUE;
}

static gboolean
write_all (int fd, const guint8 *data, gsize bytes)
{
  while (bytes > 0)
    {
      gssize written = write (fd, data, bytes);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return FALSE;
      data += written;
      bytes -= written;
    }

  return TRUE;
}

/* Reads @in to its end, into @out when that is not -1, and hashes what it saw. */
static gboolean
pump (int in,
      int out,
      const char *in_path,
      const char *out_path,
      GCancellable *cancellable,
      GalleyHash *hash,
      guint64 *size_bytes,
      GError **error)
{
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  crypto_generichash_state state;

  crypto_generichash_init (&state, NULL, 0, sizeof hash->bytes);
  *size_bytes = 0;
  while (TRUE)
    {
      gssize bytes;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      bytes = read (in, buffer, BUFFER_BYTES);
      if (bytes < 0 && errno == EINTR)
        continue;
      if (bytes < 0)
        return set_io_error (error, errno, _ ("The file “%s” cannot be read: %s"), in_path,
                             g_strerror (errno));
      if (bytes == 0)
        break;
      crypto_generichash_update (&state, buffer, bytes);
      *size_bytes += bytes;
      if (out >= 0 && !write_all (out, buffer, bytes))
        return set_io_error (error, errno, _ ("The file “%s” cannot be written: %s"), out_path,
                             g_strerror (errno));
    }
  crypto_generichash_final (&state, hash->bytes, sizeof hash->bytes);

  return TRUE;
}

static gboolean
import_to (GalleyFileStore *self,
           const char *path,
           int in,
           const char *draft,
           int out,
           GCancellable *cancellable,
           GalleyHash *hash,
           guint64 *size_bytes,
           GError **error)
{
  g_autofree char *place = NULL;

  if (!pump (in, out, path, draft, cancellable, hash, size_bytes, error))
    return FALSE;
  if (fsync (out) != 0)
    return set_io_error (error, errno, _ ("The file “%s” cannot be kept: %s"), draft,
                         g_strerror (errno));

  place = galley_file_store_get_path (self, hash);
  return make_folder_of (place, error) && put_in_place (draft, place, error);
}

/**
 * galley_file_store_import:
 * @path: a file of the person's; it is only read
 * @hash: (out): BLAKE2b-256 of its bytes, which names it from now on
 * @size_bytes: (out): how many there are
 *
 * Blocks while it copies: not for the main loop.
 *
 * Returns: whether the copy is on disk for good
 */
gboolean
galley_file_store_import (GalleyFileStore *self,
                          const char *path,
                          GCancellable *cancellable,
                          GalleyHash *hash,
                          guint64 *size_bytes,
                          GError **error)
{
  g_autofree char *draft = g_build_filename (self->folder, "import-XXXXXX", NULL);
  int in = g_open (path, O_RDONLY | O_CLOEXEC, 0), out;
  gboolean imported;

  if (in < 0)
    return set_io_error (error, errno, _ ("The file “%s” cannot be opened: %s"), path,
                         g_strerror (errno));

  if (!make_folder_of (draft, error))
    {
      close (in);
      return FALSE;
    }
  out = g_mkstemp_full (draft, O_RDWR | O_CLOEXEC, 0600);
  if (out < 0)
    {
      set_io_error (error, errno, _ ("No file can be made in “%s”: %s"), self->folder,
                    g_strerror (errno));
      close (in);
      return FALSE;
    }

  imported = import_to (self, path, in, draft, out, cancellable, hash, size_bytes, error);
  close (in);
  close (out);
  if (!imported)
    g_unlink (draft);

  return imported;
}

/**
 * galley_file_store_get_part_size:
 *
 * Returns: how many bytes of a file that is arriving are here, in bytes; 0 when none are
 */
guint64
galley_file_store_get_part_size (GalleyFileStore *self, const GalleyHash *hash)
{
  g_autofree char *path = get_part_path (self, hash);
  GStatBuf info;

  return g_stat (path, &info) == 0 && S_ISREG (info.st_mode) ? (guint64)info.st_size : 0;
}

/**
 * galley_file_store_append_part:
 * @offset: what galley_file_store_get_part_size() said, in bytes; anything beyond is cut off first
 *
 * Returns: (transfer full): where the next bytes go; blocking, unbuffered
 */
GOutputStream *
galley_file_store_append_part (GalleyFileStore *self,
                               const GalleyHash *hash,
                               guint64 offset,
                               GError **error)
{
  g_autofree char *path = get_part_path (self, hash);
  int fd;

  if (!make_folder_of (path, error))
    return NULL;

  fd = g_open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate (fd, offset) != 0 || lseek (fd, offset, SEEK_SET) < 0)
    {
      set_io_error (error, errno, _ ("The file “%s” cannot be written: %s"), path,
                    g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return NULL;
    }

  return g_unix_output_stream_new (fd, TRUE);
}

/**
 * galley_file_store_finish_part:
 * @size_bytes: how large the whole is
 * @error: %GALLEY_DATA_ERROR_DAMAGED when the bytes are not those that @hash names: the part is
 *   dropped, and the file must be fetched again
 *
 * Blocks while it reads the whole once.
 */
gboolean
galley_file_store_finish_part (GalleyFileStore *self,
                               const GalleyHash *hash,
                               guint64 size_bytes,
                               GError **error)
{
  g_autofree char *part = get_part_path (self, hash);
  g_autofree char *place = galley_file_store_get_path (self, hash);
  int fd = g_open (part, O_RDWR | O_CLOEXEC, 0);
  GalleyHash found;
  guint64 found_bytes;
  gboolean read_all;

  if (fd < 0)
    return set_io_error (error, errno, _ ("The file “%s” cannot be opened: %s"), part,
                         g_strerror (errno));

  read_all = pump (fd, -1, part, NULL, NULL, &found, &found_bytes, error);
  if (read_all && fsync (fd) != 0)
    read_all = set_io_error (error, errno, _ ("The file “%s” cannot be kept: %s"), part,
                             g_strerror (errno));
  close (fd);
  if (!read_all)
    return FALSE;

  if (found_bytes != size_bytes || !galley_hash_equal (&found, hash))
    {
      g_unlink (part);
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                   _ ("The file arrived damaged and is fetched again."));
      return FALSE;
    }

  return put_in_place (part, place, error);
}

/**
 * galley_file_store_check:
 * @verdict: (out)
 * @error: %GALLEY_DATA_ERROR_IO when it cannot be read for a reason that is not its own: cancelled,
 *   no right to
 *
 * Reads the whole file and compares it with its name. Blocks.
 */
gboolean
galley_file_store_check (GalleyFileStore *self,
                         const GalleyHash *hash,
                         GCancellable *cancellable,
                         GalleyFileVerdict *verdict,
                         GError **error)
{
  g_autofree char *path = galley_file_store_get_path (self, hash);
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  GalleyHash found;
  guint64 size_bytes;
  gboolean read_all;

  if (fd < 0 && errno == ENOENT)
    {
      *verdict = GALLEY_FILE_MISSING;
      return TRUE;
    }
  if (fd < 0)
    return set_io_error (error, errno, _ ("The file “%s” cannot be opened: %s"), path,
                         g_strerror (errno));

  read_all = pump (fd, -1, path, NULL, cancellable, &found, &size_bytes, error);
  close (fd);
  if (!read_all)
    return FALSE;

  *verdict = galley_hash_equal (&found, hash) ? GALLEY_FILE_SOUND : GALLEY_FILE_DAMAGED;
  return TRUE;
}

/**
 * galley_file_store_put_aside:
 *
 * Gives a file that is damaged another name beside its own, which is free then.
 */
gboolean
galley_file_store_put_aside (GalleyFileStore *self, const GalleyHash *hash, GError **error)
{
  g_autofree char *path = galley_file_store_get_path (self, hash);

  for (guint n = 1;; n++)
    {
      g_autofree char *aside = g_strdup_printf ("%s.damaged-%u", path, n);

      if (!g_file_test (aside, G_FILE_TEST_EXISTS))
        return put_in_place (path, aside, error);
    }
}
