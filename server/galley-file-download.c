/* galley-file-download.c: a file, or a part of one, on its way down
 *
 * The library could answer a Range by itself, but only from a body that it holds in memory whole.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-file-download"

#include "server/galley-file-download.h"

#include <glib/gi18n-lib.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is in memory of one download at a time. */
#define PIECE_BYTES (256 * 1024)

typedef struct
{
  int fd;
  goffset left; /* in bytes */
} Download;

static void
download_free (gpointer data, GClosure *closure)
{
  Download *download = data;

  close (download->fd);
  g_free (download);
}

/* A file never changes once it is there. Should the disk fail midway, the connection breaks: the
 * device sees fewer bytes than were announced, and asks for the rest. */
static void
send_piece_cb (SoupServerMessage *message, gpointer data)
{
  Download *download = data;
  SoupMessageBody *body = soup_server_message_get_response_body (message);
  g_autofree guint8 *piece = NULL;
  gssize bytes;

  if (download->left == 0)
    {
      soup_message_body_complete (body);
      return;
    }

  piece = g_malloc (MIN (PIECE_BYTES, download->left));
  do
    bytes = read (download->fd, piece, MIN (PIECE_BYTES, download->left));
  while (bytes < 0 && errno == EINTR);
  if (bytes <= 0)
    {
      g_warning ("Cannot read a file that was announced: %s", g_strerror (errno));
      g_socket_shutdown (soup_server_message_get_socket (message), TRUE, TRUE, NULL);
      return;
    }

  download->left -= bytes;
  soup_message_body_append_take (body, g_steal_pointer (&piece), bytes);
}

static gboolean
parse_number (const char *text, goffset *number)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &value, NULL))
    return FALSE;

  *number = value;
  return TRUE;
}

/* One range: "bytes=FIRST-LAST", "bytes=FIRST-" or "bytes=-LENGTH" (RFC 9110, 14.1.2). Others,
 * several at once among them, may be answered with the whole: @start and @end stay as they are. */
static gboolean
parse_range (const char *text, goffset size, goffset *start, goffset *end)
{
  g_auto (GStrv) parts = NULL;
  goffset first = 0, last = size - 1, length;

  if (text == NULL || !g_str_has_prefix (text, "bytes="))
    return FALSE;
  parts = g_strsplit (text + strlen ("bytes="), "-", 3);
  if (g_strv_length (parts) != 2)
    return FALSE;

  if (*parts[0] == '\0')
    {
      if (!parse_number (parts[1], &length))
        return FALSE;
      first = size - MIN (length, size);
    }
  else if (!parse_number (parts[0], &first) ||
           (*parts[1] != '\0' && (!parse_number (parts[1], &last) || last < first)))
    {
      return FALSE;
    }

  *start = first;
  *end = MIN (last, size - 1);
  return TRUE;
}

static void
set_content_range (SoupServerMessage *message, goffset start, goffset end, goffset size)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autofree char *text = start <= end
                              ? g_strdup_printf ("bytes %" G_GOFFSET_FORMAT "-%" G_GOFFSET_FORMAT
                                                 "/%" G_GOFFSET_FORMAT,
                                                 start, end, size)
                              : g_strdup_printf ("bytes */%" G_GOFFSET_FORMAT, size);

  soup_message_headers_replace (headers, "Content-Range", text);
}

static void
begin (SoupServerMessage *message, int fd, goffset start, goffset length)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  Download *download = g_new0 (Download, 1);

  download->fd = fd;
  download->left = length;
  lseek (fd, start, SEEK_SET);
  soup_message_headers_replace (headers, "Content-Type", "application/octet-stream");
  soup_message_headers_replace (headers, "Accept-Ranges", "bytes");
  soup_message_headers_set_content_length (headers, length);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  g_signal_connect (message, "wrote-headers", G_CALLBACK (send_piece_cb), download);
  g_signal_connect_data (message, "wrote-chunk", G_CALLBACK (send_piece_cb), download,
                         download_free, 0);
}

/**
 * galley_file_download_start:
 * @path: of a file that is here as a whole
 * @error: %GALLEY_SERVER_ERROR_NOT_FOUND when it is not, %GALLEY_SERVER_ERROR_RANGE when it has no
 *   such bytes
 *
 * Answers with the bytes that the request's Range asks for, or with all; in pieces, as the device
 * takes them.
 */
gboolean
galley_file_download_start (SoupServerMessage *message, const char *path, GError **error)
{
  const char *range =
      soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Range");
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  goffset start = 0, end;
  gboolean partial;
  struct stat info;

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      if (fd >= 0)
        close (fd);
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_NOT_FOUND,
                           N_ ("The file's bytes have not arrived at the server yet."));
      return FALSE;
    }

  end = info.st_size - 1;
  partial = parse_range (range, info.st_size, &start, &end);
  if (partial && start > end)
    {
      close (fd);
      set_content_range (message, start, end, info.st_size);
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_RANGE,
                           "The file ends before the bytes that were asked for.");
      return FALSE;
    }

  soup_server_message_set_status (message, partial ? 206 : 200, NULL);
  if (partial)
    set_content_range (message, start, end, info.st_size);
  begin (message, fd, start, end - start + 1);
  return TRUE;
}
