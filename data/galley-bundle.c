/* galley-bundle.c: the file that carries changes and files by hand from one device to another
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-bundle"

#include "data/galley-bundle.h"

#include "data/galley-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "GLYH"
#define MAGIC_BYTES 4
#define FORMAT 1
#define HEAD_BYTES (16 + 16 + 8 + 8)
#define FILE_BYTES (32 + 8)
#define PURPOSE "galley bundle 1"

/* What the signature at the end is over. */
typedef struct
{
  char purpose[16];
  GalleyHash hash; /* of the file up to its last part */
} EndMessage;

static void
fill_message (EndMessage *message, crypto_generichash_state state)
{
  memset (message, 0, sizeof *message);
  memcpy (message->purpose, PURPOSE, sizeof PURPOSE);
  crypto_generichash_final (&state, message->hash.bytes, sizeof message->hash);
}

static gboolean
fail_disk (const char *path, GError **error)
{
  int code = errno;

  g_set_error (error, GALLEY_DATA_ERROR,
               code == ENOSPC ? GALLEY_DATA_ERROR_NO_SPACE : GALLEY_DATA_ERROR_IO,
               _ ("The bundle “%s” cannot be written: %s"), path, g_strerror (code));
  return FALSE;
}

/* ── writing ── */

struct _GalleyBundleWriter
{
  char *path, *draft;
  FILE *file;
  guint64 bytes;
  crypto_generichash_state state;
};

static gboolean
put (GalleyBundleWriter *self, gconstpointer data, gsize bytes, GError **error)
{
  crypto_generichash_update (&self->state, data, bytes);
  self->bytes += bytes;
  return fwrite (data, 1, bytes, self->file) == bytes || fail_disk (self->path, error);
}

/**
 * galley_bundle_writer_new:
 * @path: where the bundle is to be; what is there stays until the bundle is whole
 */
GalleyBundleWriter *
galley_bundle_writer_new (const char *path, GError **error)
{
  g_autoptr (GalleyBundleWriter) self = g_new0 (GalleyBundleWriter, 1);
  const guint8 format = FORMAT;
  int fd;

  self->path = g_strdup (path);
  self->draft = g_strconcat (path, ".XXXXXX", NULL);
  fd = g_mkstemp_full (self->draft, O_RDWR | O_CLOEXEC, 0600);
  self->file = fd >= 0 ? fdopen (fd, "wb") : NULL;
  if (self->file == NULL)
    {
      fail_disk (path, error);
      if (fd >= 0)
        {
          close (fd);
          g_unlink (self->draft);
        }
      return NULL;
    }

  crypto_generichash_init (&self->state, NULL, 0, sizeof (GalleyHash));
  return put (self, MAGIC, MAGIC_BYTES, error) && put (self, &format, 1, error)
             ? g_steal_pointer (&self)
             : NULL;
}

void
galley_bundle_writer_free (GalleyBundleWriter *self)
{
  if (self->file != NULL)
    {
      fclose (self->file);
      g_unlink (self->draft);
    }
  g_free (self->draft);
  g_free (self->path);
  g_free (self);
}

static void
add_number (GByteArray *bytes, guint64 number)
{
  guint64 le = GUINT64_TO_LE (number);

  g_byte_array_append (bytes, (const guint8 *)&le, sizeof le);
}

gboolean
galley_bundle_writer_add_head (GalleyBundleWriter *self,
                               const GalleyBundleHead *head,
                               GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, head->project.bytes, sizeof head->project);
  g_byte_array_append (bytes, head->maker.bytes, sizeof head->maker);
  add_number (bytes, head->made_us);
  add_number (bytes, head->n_links);
  return galley_bundle_writer_add (self, GALLEY_BUNDLE_HEAD, bytes->data, bytes->len, error);
}

/**
 * galley_bundle_writer_add:
 * @bytes: at most %GALLEY_BUNDLE_MAX_PART
 */
gboolean
galley_bundle_writer_add (GalleyBundleWriter *self,
                          GalleyBundlePartType type,
                          gconstpointer data,
                          gsize bytes,
                          GError **error)
{
  guint32 length = GUINT32_TO_LE ((guint32)bytes);
  guint8 code = type;

  g_return_val_if_fail (bytes <= GALLEY_BUNDLE_MAX_PART, FALSE);

  return put (self, &length, sizeof length, error) && put (self, &code, 1, error) &&
         (bytes == 0 || put (self, data, bytes, error));
}

/**
 * galley_bundle_writer_add_file:
 * @size_bytes: how many bytes the pieces that follow have together
 */
gboolean
galley_bundle_writer_add_file (GalleyBundleWriter *self,
                               const GalleyHash *hash,
                               guint64 size_bytes,
                               GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, hash->bytes, sizeof *hash);
  add_number (bytes, size_bytes);
  return galley_bundle_writer_add (self, GALLEY_BUNDLE_FILE, bytes->data, bytes->len, error);
}

guint64
galley_bundle_writer_get_size (GalleyBundleWriter *self)
{
  return self->bytes;
}

/**
 * galley_bundle_writer_finish:
 * @key: of the device that the head names as the maker
 *
 * Returns: whether the whole is on disk for good, under its name
 */
gboolean
galley_bundle_writer_finish (GalleyBundleWriter *self, GalleyKey *key, GError **error)
{
  guint8 signature[GALLEY_SIGNATURE_BYTES];
  g_autofree char *folder = g_path_get_dirname (self->path);
  EndMessage message;
  gboolean closed;

  fill_message (&message, self->state);
  galley_key_sign (key, &message, sizeof message, signature);
  if (!galley_bundle_writer_add (self, GALLEY_BUNDLE_END, signature, sizeof signature, error))
    return FALSE;
  if (fflush (self->file) != 0 || fsync (fileno (self->file)) != 0)
    return fail_disk (self->path, error);

  closed = fclose (self->file) == 0;
  self->file = NULL;
  if (closed && g_rename (self->draft, self->path) == 0 && galley_folder_sync (folder))
    return TRUE;

  fail_disk (self->path, error);
  g_unlink (self->draft);
  return FALSE;
}

/* ── reading ── */

struct _GalleyBundleReader
{
  GInputStream *stream; /* (owned) */
  crypto_generichash_state state;
  guint64 offset;
  GalleyBundlePartType last; /* 0: nothing yet */
  guint64 file_left;         /* bytes of the file's pieces that have not come yet */
  EndMessage message;
  guint8 signature[GALLEY_SIGNATURE_BYTES];
};

/**
 * galley_bundle_set_damaged:
 * @what: for whoever looks into it
 *
 * Returns: %FALSE, with @error saying that nothing was used
 */
gboolean
galley_bundle_set_damaged (GError **error, const char *what)
{
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
               /* Translators: the reason is for whoever looks into it */
               _ ("The bundle is damaged or was altered (%s). Nothing of it was used; ask for it "
                  "once more."),
               what);
  return FALSE;
}

static gboolean
take (GalleyBundleReader *self, gpointer data, gsize bytes, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize got;

  if (!g_input_stream_read_all (self->stream, data, bytes, &got, NULL, &local))
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
                   _ ("The bundle cannot be read: %s"), local->message);
      return FALSE;
    }

  self->offset += got;
  return got == bytes || galley_bundle_set_damaged (error, "it is cut short");
}

static gboolean
take_hashed (GalleyBundleReader *self, gpointer data, gsize bytes, GError **error)
{
  if (!take (self, data, bytes, error))
    return FALSE;

  crypto_generichash_update (&self->state, data, bytes);
  return TRUE;
}

/**
 * galley_bundle_reader_new:
 * @stream: at the beginning of a bundle
 * @error: %GALLEY_DATA_ERROR_NEWER for one of a format that is not known yet
 */
GalleyBundleReader *
galley_bundle_reader_new (GInputStream *stream, GError **error)
{
  g_autoptr (GalleyBundleReader) self = g_new0 (GalleyBundleReader, 1);
  guint8 magic[MAGIC_BYTES + 1];

  self->stream = g_object_ref (stream);
  crypto_generichash_init (&self->state, NULL, 0, sizeof (GalleyHash));
  if (!take_hashed (self, magic, sizeof magic, error))
    return NULL;
  if (memcmp (magic, MAGIC, MAGIC_BYTES) != 0)
    {
      galley_bundle_set_damaged (error, "it does not begin as a bundle does");
      return NULL;
    }
  if (magic[MAGIC_BYTES] != FORMAT)
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER,
                           _ ("The bundle was made by a newer Galley. Nothing of it was used; "
                              "import it with that version."));
      return NULL;
    }

  return g_steal_pointer (&self);
}

void
galley_bundle_reader_free (GalleyBundleReader *self)
{
  g_object_unref (self->stream);
  g_free (self);
}

void
galley_bundle_part_clear (GalleyBundlePart *part)
{
  g_clear_pointer (&part->payload, g_bytes_unref);
}

/* How far in the file, in bytes. */
guint64
galley_bundle_reader_get_offset (GalleyBundleReader *self)
{
  return self->offset;
}

/* Whether a part of this type may stand here. */
static gboolean
may_follow (const GalleyBundleReader *self, GalleyBundlePartType type)
{
  switch (type)
    {
    case GALLEY_BUNDLE_HEAD:
    case GALLEY_BUNDLE_WHO:
    case GALLEY_BUNDLE_HAVE:
      return self->last == type - 1;
    case GALLEY_BUNDLE_CHANGES:
      return self->last == GALLEY_BUNDLE_HAVE || self->last == GALLEY_BUNDLE_CHANGES;
    case GALLEY_BUNDLE_PIECE:
      return self->file_left > 0;
    case GALLEY_BUNDLE_FILE:
    case GALLEY_BUNDLE_END:
      return self->last >= GALLEY_BUNDLE_HAVE && self->last < GALLEY_BUNDLE_END &&
             self->file_left == 0;
    default:
      return FALSE;
    }
}

static guint64
get_number (const guint8 *at)
{
  guint64 le;

  memcpy (&le, at, sizeof le);
  return GUINT64_FROM_LE (le);
}

static gboolean
read_head (GalleyBundlePart *part, const guint8 *data, gsize bytes, GError **error)
{
  if (bytes != HEAD_BYTES)
    return galley_bundle_set_damaged (error, "its head has a wrong size");

  memcpy (&part->head.project, data, sizeof part->head.project);
  memcpy (&part->head.maker, data + 16, sizeof part->head.maker);
  part->head.made_us = get_number (data + 32);
  part->head.n_links = get_number (data + 40);
  return TRUE;
}

static gboolean
read_file (GalleyBundleReader *self,
           GalleyBundlePart *part,
           const guint8 *data,
           gsize bytes,
           GError **error)
{
  if (bytes != FILE_BYTES)
    return galley_bundle_set_damaged (error, "a file's name has a wrong size");

  memcpy (&part->file, data, sizeof part->file);
  part->size_bytes = get_number (data + 32);
  if (part->size_bytes > G_MAXINT64)
    return galley_bundle_set_damaged (error, "a file is too large");
  self->file_left = part->size_bytes;
  return TRUE;
}

static gboolean
read_piece (GalleyBundleReader *self, gsize bytes, GError **error)
{
  if (bytes == 0 || bytes > GALLEY_BUNDLE_MAX_PIECE || bytes > self->file_left)
    return galley_bundle_set_damaged (error, "a piece of a file has a wrong size");

  self->file_left -= bytes;
  return TRUE;
}

static gboolean
read_end (GalleyBundleReader *self, const guint8 *data, gsize bytes, GError **error)
{
  guint8 more;
  gssize n_more;

  if (bytes != sizeof self->signature)
    return galley_bundle_set_damaged (error, "its signature has a wrong size");
  n_more = g_input_stream_read (self->stream, &more, 1, NULL, NULL);
  if (n_more != 0)
    return galley_bundle_set_damaged (error, "something stands behind its end");

  memcpy (self->signature, data, bytes);
  return TRUE;
}

static gboolean
read_payload (GalleyBundleReader *self, GalleyBundlePart *part, gsize bytes, GError **error)
{
  g_autofree guint8 *data = g_malloc (MAX (bytes, 1));
  gboolean read;

  if (part->type == GALLEY_BUNDLE_END ? !take (self, data, bytes, error)
                                      : !take_hashed (self, data, bytes, error))
    return FALSE;

  switch (part->type)
    {
    case GALLEY_BUNDLE_HEAD:
      read = read_head (part, data, bytes, error);
      break;
    case GALLEY_BUNDLE_FILE:
      read = read_file (self, part, data, bytes, error);
      break;
    case GALLEY_BUNDLE_PIECE:
      read = read_piece (self, bytes, error);
      break;
    case GALLEY_BUNDLE_END:
      read = read_end (self, data, bytes, error);
      break;
    case GALLEY_BUNDLE_WHO:
    case GALLEY_BUNDLE_HAVE:
    case GALLEY_BUNDLE_CHANGES:
    default:
      read = TRUE;
      break;
    }
  if (read)
    part->payload = g_bytes_new_take (g_steal_pointer (&data), bytes);

  return read;
}

/**
 * galley_bundle_reader_next:
 * @part: (out caller-allocates): clear it with galley_bundle_part_clear(); after the one of type
 *   %GALLEY_BUNDLE_END there is no more
 */
gboolean
galley_bundle_reader_next (GalleyBundleReader *self, GalleyBundlePart *part, GError **error)
{
  crypto_generichash_state before = self->state;
  guint8 start[5];
  guint32 length;

  memset (part, 0, sizeof *part);
  if (!take_hashed (self, start, sizeof start, error))
    return FALSE;

  memcpy (&length, start, sizeof length);
  length = GUINT32_FROM_LE (length);
  part->type = start[4];
  if (!may_follow (self, part->type))
    return galley_bundle_set_damaged (error, "its parts are not in order");
  if (length > GALLEY_BUNDLE_MAX_PART)
    return galley_bundle_set_damaged (error, "a part is too large");
  if (part->type == GALLEY_BUNDLE_END)
    fill_message (&self->message, before);

  self->last = part->type;
  return read_payload (self, part, length, error);
}

/**
 * galley_bundle_reader_verify:
 * @public_key: of the maker
 *
 * After the end has been read.
 *
 * Returns: whether all that was read is what the maker signed
 */
gboolean
galley_bundle_reader_verify (GalleyBundleReader *self,
                             const guint8 public_key[GALLEY_PUBLIC_KEY_BYTES])
{
  return self->last == GALLEY_BUNDLE_END &&
         galley_key_verify (public_key, &self->message, sizeof self->message, self->signature);
}
