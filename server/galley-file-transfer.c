/* galley-file-transfer.c: files on their way up: streamed, resumed, verified
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-file-transfer"

#include "server/galley-file-transfer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define UPLOAD_KEY "galley-upload"
/* Of one file, in bytes. */
#define MAX_FILE_BYTES (G_GUINT64_CONSTANT (64) << 30)

struct _GalleyFileTransfers
{
  char *folder;
  GalleyFileStore *store; /* of what is here whole, whichever project sent it */
  GHashTable *active;     /* names (owned) of what is being sent or verified right now */
};

typedef struct
{
  GalleyFileTransfers *transfers;
  char *name;
  guint64 offset, length, total; /* of this part, in bytes */
  guint64 written;
  GOutputStream *out; /* (nullable) */
  GError *error;
} Upload;

GalleyFileTransfers *
galley_file_transfers_new (const char *folder)
{
  GalleyFileTransfers *self = g_new0 (GalleyFileTransfers, 1);

  self->folder = g_strdup (folder);
  self->store = galley_file_store_new (folder);
  self->active = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
galley_file_transfers_free (GalleyFileTransfers *self)
{
  galley_file_store_free (self->store);
  g_hash_table_unref (self->active);
  g_free (self->folder);
  g_free (self);
}

GalleyFileStore *
galley_file_transfers_get_store (GalleyFileTransfers *self)
{
  return self->store;
}

/* What comes for a project. Each has its own parts: who knows the end of a file must not get the
 * rest from somebody else's transfer. */
static GalleyFileStore *
open_parts (GalleyFileTransfers *self, const GalleyId *project)
{
  char text[GALLEY_ID_TEXT_SIZE];

  return galley_file_store_new_for (self->folder, galley_id_print (project, text));
}

static char *
name_transfer (const GalleyId *project, const GalleyHash *file)
{
  char project_text[GALLEY_ID_TEXT_SIZE], file_text[GALLEY_HASH_TEXT_SIZE];

  return g_strdup_printf ("%s %s", galley_id_print (project, project_text),
                          galley_hash_print (file, file_text));
}

static gboolean
fail (GError **error, GalleyServerError code, const char *message)
{
  g_set_error_literal (error, GALLEY_SERVER_ERROR, code, message);
  return FALSE;
}

static void
close_part (Upload *upload)
{
  if (upload->out != NULL)
    g_output_stream_close (upload->out, NULL, NULL);
  g_clear_object (&upload->out);
}

static void
stop_upload (Upload *upload)
{
  close_part (upload);
  if (upload->name != NULL)
    g_hash_table_remove (upload->transfers->active, upload->name);
  g_clear_pointer (&upload->name, g_free);
}

static void
free_upload (gpointer data)
{
  Upload *upload = data;

  stop_upload (upload);
  g_clear_error (&upload->error);
  g_free (upload);
}

/* A sender that goes away midway: what came is kept, and the next one goes on from there. */
static void
message_finished_cb (SoupServerMessage *message, gpointer data)
{
  stop_upload (data);
}

static void
got_chunk_cb (SoupServerMessage *message, GBytes *chunk, gpointer data)
{
  Upload *upload = data;
  gsize bytes;
  gconstpointer part = g_bytes_get_data (chunk, &bytes);

  if (upload->error != NULL || upload->out == NULL)
    return;
  if (upload->written + bytes > upload->length)
    {
      fail (&upload->error, GALLEY_SERVER_ERROR_MALFORMED, "More bytes came than were announced.");
      return;
    }
  if (g_output_stream_write_all (upload->out, part, bytes, NULL, NULL, &upload->error))
    upload->written += bytes;
}

static gboolean
read_range (SoupServerMessage *message, Upload *upload, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  goffset length = soup_message_headers_get_content_length (headers);
  goffset start = 0, end = length - 1, total = length;

  if (soup_message_headers_get_one (headers, "Content-Range") != NULL &&
      !soup_message_headers_get_content_range (headers, &start, &end, &total))
    return fail (error, GALLEY_SERVER_ERROR_MALFORMED, "The range of the bytes is malformed.");
  if (start < 0 || length < 0 || end - start + 1 != length || total < end + 1)
    return fail (error, GALLEY_SERVER_ERROR_MALFORMED, "The range of the bytes does not add up.");
  if ((guint64)total > MAX_FILE_BYTES)
    return fail (error, GALLEY_SERVER_ERROR_TOO_LARGE,
                 N_ ("The file is larger than this server takes."));

  upload->offset = start;
  upload->length = length;
  upload->total = total;
  return TRUE;
}

static void
add_number (SoupServerMessage *message, const char *name, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, value);

  soup_message_headers_replace (soup_server_message_get_response_headers (message), name, text);
}

static gboolean
open_part (GalleyFileTransfers *self,
           SoupServerMessage *message,
           const GalleyId *project,
           const GalleyHash *file,
           Upload *upload,
           GError **error)
{
  g_autoptr (GalleyFileStore) parts = open_parts (self, project);
  g_autofree char *name = name_transfer (project, file);
  guint64 here = galley_file_store_get_part_size (parts, file);

  if (g_hash_table_contains (self->active, name))
    return fail (error, GALLEY_SERVER_ERROR_MISSING,
                 N_ ("Somebody is sending this file right now."));
  if (upload->offset > here)
    {
      add_number (message, "Galley-Offset", here);
      return fail (error, GALLEY_SERVER_ERROR_MISSING,
                   N_ ("Earlier bytes of the file are missing."));
    }

  upload->out = galley_file_store_append_part (parts, file, upload->offset, error);
  if (upload->out == NULL)
    return FALSE;
  upload->name = g_strdup (name);
  g_hash_table_add (self->active, g_steal_pointer (&name));
  return TRUE;
}

/**
 * galley_file_transfers_begin:
 * @sent: whether the project has sent the whole file before: then what comes is not looked at
 * @error: the range is malformed, or begins behind what is here: the answer's Galley-Offset says
 *   from where to go on
 */
gboolean
galley_file_transfers_begin (GalleyFileTransfers *self,
                             SoupServerMessage *message,
                             const GalleyId *project,
                             const GalleyHash *file,
                             gboolean sent,
                             GError **error)
{
  Upload *upload = g_new0 (Upload, 1);

  upload->transfers = self;
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  g_object_set_data_full (G_OBJECT (message), UPLOAD_KEY, upload, free_upload);
  if (!read_range (message, upload, error) ||
      (!(sent && galley_file_store_has (self->store, file)) &&
       !open_part (self, message, project, file, upload, error)))
    return FALSE;

  g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), upload);
  g_signal_connect (message, "finished", G_CALLBACK (message_finished_cb), upload);
  g_signal_connect (message, "disconnected", G_CALLBACK (message_finished_cb), upload);
  return TRUE;
}

/**
 * galley_file_transfers_end:
 * @complete: (out): whether the file's last bytes were among those that came: nobody else may touch
 *   them until galley_file_transfers_release()
 * @total_bytes: (out): how large the file is
 */
gboolean
galley_file_transfers_end (GalleyFileTransfers *self,
                           SoupServerMessage *message,
                           gboolean *complete,
                           guint64 *total_bytes,
                           GError **error)
{
  Upload *upload = g_object_get_data (G_OBJECT (message), UPLOAD_KEY);
  gboolean had_file;

  if (upload == NULL)
    return fail (error, GALLEY_SERVER_ERROR_MALFORMED, "The file's bytes are missing.");
  if (upload->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&upload->error));
      return FALSE;
    }

  had_file = upload->out == NULL;
  *complete = !had_file && upload->offset + upload->written == upload->total;
  *total_bytes = upload->total;
  close_part (upload);
  if (*complete)
    g_clear_pointer (&upload->name, g_free); /* stays among the active ones */
  else
    stop_upload (upload);
  return TRUE;
}

/**
 * galley_file_transfers_release:
 *
 * The file has been verified, or has turned out not to be what it was said to be.
 */
void
galley_file_transfers_release (GalleyFileTransfers *self,
                               const GalleyId *project,
                               const GalleyHash *file)
{
  g_autofree char *name = name_transfer (project, file);

  g_hash_table_remove (self->active, name);
}

/**
 * galley_file_transfers_verify:
 * @size_bytes: how large the whole is
 * @error: %GALLEY_DATA_ERROR_DAMAGED when the bytes are not those of the file: they are dropped
 *
 * From any thread; blocks while it reads the whole once. Also where the file is here already: only
 * whoever has its bytes can send them.
 */
gboolean
galley_file_transfers_verify (GalleyFileTransfers *self,
                              const GalleyId *project,
                              const GalleyHash *file,
                              guint64 size_bytes,
                              GError **error)
{
  g_autoptr (GalleyFileStore) parts = open_parts (self, project);

  return galley_file_store_finish_part (parts, file, size_bytes, error);
}

/**
 * galley_file_transfers_tell:
 * @sent: whether the project has sent the whole file
 *
 * Puts into the answer how much of the file is here: Galley-Offset in bytes, Galley-Complete 0
 * or 1.
 */
void
galley_file_transfers_tell (GalleyFileTransfers *self,
                            SoupServerMessage *message,
                            const GalleyId *project,
                            const GalleyHash *file,
                            gboolean sent)
{
  g_autoptr (GalleyFileStore) parts = open_parts (self, project);
  gboolean complete = sent && galley_file_store_has (self->store, file);
  guint64 here = complete ? 0 : galley_file_store_get_part_size (parts, file);

  add_number (message, "Galley-Complete", complete);
  /* One byte less than there is: where all had come but were not verified before a crash, the last
   * one comes again and brings the verification with it. */
  add_number (message, "Galley-Offset", here > 0 ? here - 1 : 0);
}
