/* fuzz-routes.c: whatever a stranger or a member sends to a server, it answers or hangs up, and
 * tells a stranger nothing
 *
 * The input is any number of requests, with a line of three per cent signs between them:
 *
 *   METHOD ADDRESS
 *   any headers
 *
 *   body
 *
 * In it stand $LEAD and $GUEST for tokens, and $PROJECT, $ITEM, $DEVICE and $FILE for names that
 * the server knows. A body that begins as a batch does is packed before it is sent.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define _GNU_SOURCE /* memmem() */

#include "galley-fuzz-server.h"
#include "galley-fuzz.h"

#include "galley-memory-line.h"

#include <string.h>
#include <zstd.h>

#define BETWEEN "\n%%%\n"

static GalleyFuzzServer *bench; /* (nullable): not started yet */

static void
stop_bench (void)
{
  galley_fuzz_server_free (bench);
}

static void
need_bench (void)
{
  if (bench != NULL)
    return;

  bench = galley_fuzz_server_new ();
  atexit (stop_bench);
}

/* ── a request ── */

static char *
fill_in (const char *text, gsize bytes)
{
  g_autoptr (GString) filled = g_string_new (NULL);
  char project[GALLEY_ID_TEXT_SIZE], item[GALLEY_ID_TEXT_SIZE], device[GALLEY_ID_TEXT_SIZE];
  GalleyHash hash;
  char file[GALLEY_HASH_TEXT_SIZE];

  galley_hash_bytes (&hash, "file", 4);
  g_string_append_len (filled, text, bytes);
  g_string_replace (filled, "$LEAD", bench->lead_token, 0);
  g_string_replace (filled, "$GUEST", bench->guest_token, 0);
  g_string_replace (filled, "$PROJECT", galley_id_print (&bench->project, project), 0);
  g_string_replace (filled, "$ITEM", galley_id_print (&bench->item, item), 0);
  g_string_replace (filled, "$DEVICE", galley_id_print (&bench->lead->id, device), 0);
  g_string_replace (filled, "$FILE", galley_hash_print (&hash, file), 0);
  return g_strdup (filled->str);
}

static GBytes *
make_body (const char *text, gsize bytes)
{
  gsize bound = ZSTD_compressBound (bytes);
  guint8 *packed;

  if (bytes >= 4 && memcmp (text, "GLYB", 4) == 0)
    {
      packed = g_malloc (bound);
      return g_bytes_new_take (packed, ZSTD_compress (packed, bound, text, bytes, 1));
    }
  if (memchr (text, '$', bytes) != NULL && memchr (text, '\0', bytes) == NULL)
    {
      char *filled = fill_in (text, bytes);

      return g_bytes_new_take (filled, strlen (filled));
    }

  return g_bytes_new (text, bytes);
}

/* The lines as HTTP has them; how long the body is is said unless the input says otherwise. */
static void
write_request (GalleyMemoryPipe *up, const char *text, gsize bytes)
{
  const char *end = g_strstr_len (text, bytes, "\n\n");
  gsize head_bytes = end != NULL ? (gsize)(end - text) : bytes;
  g_autofree char *head = fill_in (text, strnlen (text, head_bytes));
  g_auto (GStrv) lines = g_strsplit (head, "\n", -1);
  g_autoptr (GBytes) body = end != NULL ? make_body (end + 2, bytes - head_bytes - 2)
                                        : g_bytes_new_static ("", 0);
  g_autoptr (GString) request = g_string_new (lines[0]);

  g_string_append (request, " HTTP/1.1\r\nHost: fuzz\r\n");
  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    g_string_append_printf (request, "%s\r\n", lines[i]);
  if (strstr (head, "Content-Length") == NULL && g_bytes_get_size (body) > 0)
    g_string_append_printf (request, "Content-Length: %" G_GSIZE_FORMAT "\r\n",
                            g_bytes_get_size (body));
  g_string_append (request, "\r\n");
  galley_memory_pipe_write (up, request->str, request->len);
  galley_memory_pipe_write (up, g_bytes_get_data (body, NULL), g_bytes_get_size (body));
}

/* ── its answer ── */

static gboolean
is_public (const char *text, gsize bytes)
{
  static const char *const open[] = { "/healthz", "/readyz", "/metrics", "/v1/enrol" };
  g_autofree char *line = g_strndup (text, bytes);
  const char *address = strchr (line, ' ');

  /* What is no address from here on is for the library to judge. */
  if (address == NULL || address[1] != '/')
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (open); i++)
    if (g_str_has_prefix (address + 1, open[i]))
      return TRUE;

  return FALSE;
}

static void
check_answer (const char *text, gsize bytes, const GByteArray *answer)
{
  g_autofree char *head = g_strndup ((const char *)answer->data, answer->len);
  gboolean named = g_strstr_len (text, bytes, "$LEAD") || g_strstr_len (text, bytes, "$GUEST");
  guint status;

  if (!g_str_has_prefix (head, "HTTP/1.1 "))
    return;

  status = g_ascii_strtoull (head + strlen ("HTTP/1.1 "), NULL, 10);
  g_assert_cmpuint (status, !=, 500);
  if (!named && !is_public (text, bytes))
    g_assert_cmpuint (status, >=, 300);
}

static void
ask (const char *text, gsize bytes)
{
  g_autoptr (GalleyMemoryPipe) up = galley_memory_pipe_new (), down = galley_memory_pipe_new ();
  g_autoptr (GIOStream) stream = galley_memory_line_new (up, down);
  g_autoptr (GError) error = NULL;

  write_request (up, text, bytes);
  galley_memory_pipe_close (up);
  galley_server_accept (bench->server, stream, &error);
  g_assert_no_error (error);
  while (!galley_memory_pipe_is_closed (down))
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  check_answer (text, bytes, galley_memory_pipe_get_bytes (down));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *input = g_malloc (size + 1); /* each look at it ends within it */
  const char *text = input, *end = input + size;

  need_bench ();
  memcpy (input, data, size);
  input[size] = '\0';
  while (text <= end)
    {
      const char *next = memmem (text, end - text, BETWEEN, strlen (BETWEEN));
      gsize bytes = (next != NULL ? next : end) - text;

      if (bytes > 0)
        ask (text, bytes);
      text = next != NULL ? next + strlen (BETWEEN) : end + 1;
    }
  return 0;
}

/* Every address, by a member, and some by others. */
GBytes *
galley_fuzz_get_seed (void)
{
#define PROJECT "/v1/projects/$PROJECT"
#define LEAD "\nAuthorization: Bearer $LEAD"
#define GUEST "\nAuthorization: Bearer $GUEST"
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  static const char seed[] =
      "GET /healthz" BETWEEN "GET /readyz" BETWEEN "GET /metrics" BETWEEN "GET /v1/me" LEAD
      "\nGalley-Digests: $PROJECT=1=" HEX "=" HEX BETWEEN
      "GET /v1/me\nAuthorization: Bearer 00" BETWEEN "POST /v1/enrol\nContent-Type: "
      "application/json\n\n{\"invite\":\"ABCDE-FGHJK\",\"public_key\":\"" HEX "\","
      "\"device_name\":\"Laptop\",\"person\":\"$DEVICE\",\"proof\":\"" HEX HEX "\"}" BETWEEN
      "POST /v1/devices" LEAD "\n\n{\"invite\":\"$DEVICE\",\"public_key\":\"" HEX "\","
      "\"device_name\":\"Laptop\",\"person\":\"$DEVICE\",\"proof\":\"" HEX HEX "\"}" BETWEEN
      "PUT " PROJECT LEAD BETWEEN "PUT " PROJECT GUEST BETWEEN "GET " PROJECT
      "/changes?after=0&have=0&limit=10" LEAD BETWEEN "GET " PROJECT
      "/changes?after=0&rolling=" HEX GUEST "\nAccept: application/json" BETWEEN "POST " PROJECT
      "/changes?after=1&again=1" LEAD "\n\nGLYB\001\022\006dddddddddddddddd" BETWEEN "POST " PROJECT
      "/common" LEAD "\n\n{\"marks\":[{\"position\":1,\"rolling\":\"" HEX "\"}],"
      "\"chain\":[{\"seq\":1,\"hash\":\"" HEX "\"}]}" BETWEEN "PUT " PROJECT "/files/$FILE" LEAD
      "\nContent-Range: bytes 0-1/4\n\nfi" BETWEEN "HEAD " PROJECT "/files/$FILE" LEAD BETWEEN
      "GET " PROJECT "/files/$FILE" LEAD "\nRange: bytes=1-" BETWEEN "PUT " PROJECT
      "/files/$FILE" GUEST "\n\nfile" BETWEEN "GET " PROJECT "/snapshot" LEAD BETWEEN "GET " PROJECT
      "/snapshot/" HEX LEAD "\nRange: bytes=0-9" BETWEEN "GET /v1/events" LEAD
      "\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
#undef PROJECT
#undef LEAD
#undef GUEST
#undef HEX

  return g_bytes_new_static (seed, sizeof seed - 1);
}
