/* test-soup-transport.c: what becomes of a server that is none, or is a bad one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"
#include "sync/galley-slice-stream.h"
#include "sync/galley-soup-transport.h"
#include "sync/wire/galley-batch.h"

#include <libsoup/soup.h>

#define LARGE_BYTES (20 * 1024 * 1024)

typedef struct
{
  SoupServer *server;
  GalleyTransport *transport;
  const char *mode; /* what the server does to whoever asks */
  GByteArray *got;  /* what was sent to it */
} Fixture;

/* Says that there will be 1000 bytes, sends ten, and hangs up. */
static void
cut_answer (SoupServerMessage *message)
{
  static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n"
                             "Content-Type: application/octet-stream\r\n\r\n0123456789";
  g_autoptr (GIOStream) stream = soup_server_message_steal_connection (message);

  g_output_stream_write_all (g_io_stream_get_output_stream (stream), text, sizeof text - 1, NULL,
                             NULL, NULL);
  g_io_stream_close (stream, NULL, NULL);
}

static void
serve_cb (SoupServer *server,
          SoupServerMessage *message,
          const char *path,
          GHashTable *query,
          gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GBytes)
      got = soup_message_body_flatten (soup_server_message_get_request_body (message));
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  g_byte_array_append (fixture->got, g_bytes_get_data (got, NULL), g_bytes_get_size (got));
  soup_server_message_set_status (message, 200, NULL);
  if (g_str_equal (fixture->mode, "html"))
    soup_server_message_set_response (message, "text/html; charset=utf-8", SOUP_MEMORY_STATIC,
                                      "<h1>Sign in</h1>", 16);
  else if (g_str_equal (fixture->mode, "html-error"))
    {
      soup_server_message_set_status (message, 502, NULL);
      soup_server_message_set_response (message, "text/html", SOUP_MEMORY_STATIC, "<h1>Bad</h1>",
                                        12);
    }
  else if (g_str_equal (fixture->mode, "redirect"))
    soup_server_message_set_redirect (message, 302, "http://127.0.0.1:1/elsewhere");
  else if (g_str_equal (fixture->mode, "refused"))
    {
      static const char problem[] = "{\"code\":\"role\",\"title\":\"No\",\"retry\":\"never\","
                                    "\"detail\":\"Guests cannot do this.\"}";

      soup_server_message_set_status (message, 403, NULL);
      soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, problem,
                                        sizeof problem - 1);
    }
  else if (g_str_has_prefix (fixture->mode, "after "))
    {
      soup_server_message_set_status (message, 429, NULL);
      soup_message_headers_replace (headers, "Date", "Fri, 27 Nov 2026 12:00:00 GMT");
      soup_message_headers_replace (headers, "Retry-After", fixture->mode + strlen ("after "));
    }
  else if (g_str_equal (fixture->mode, "signed-out"))
    soup_server_message_set_status (message, 401, NULL);
  else if (g_str_equal (fixture->mode, "cut"))
    cut_answer (message);
  else if (g_str_equal (fixture->mode, "hang"))
    soup_server_message_pause (message);
  else if (g_str_equal (fixture->mode, "large"))
    soup_server_message_set_response (message, "application/json", SOUP_MEMORY_TAKE,
                                      g_strnfill (LARGE_BYTES, ' '), LARGE_BYTES);
  else
    {
      soup_message_headers_replace (headers, "Galley-Position", "17");
      soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, "{}", 2);
    }
}

static void
set_up (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;
  GSList *uris;

  fixture->mode = mode;
  fixture->got = g_byte_array_new ();
  fixture->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (fixture->server, NULL, serve_cb, fixture, NULL);
  soup_server_listen_local (fixture->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (fixture->server);
  url = g_uri_to_string (uris->data);
  g_slist_free_full (uris, (GDestroyNotify)g_uri_unref);
  fixture->transport = galley_soup_transport_new (1);
  galley_transport_set_account (fixture->transport, url, "secret");
}

static void
tear_down (Fixture *fixture, gconstpointer mode)
{
  g_clear_object (&fixture->transport);
  soup_server_disconnect (fixture->server);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&fixture->server);
  g_byte_array_unref (fixture->got);
}

static GalleyResponse *
ask (Fixture *fixture, GalleyRequest *request, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_transport_send_async (fixture->transport, request, cancellable, galley_test_store_result,
                               &result);
  return galley_transport_send_finish (fixture->transport, galley_test_wait (&result), error);
}

static void
assert_fails (Fixture *fixture, GalleySyncError code)
{
  g_autoptr (GalleyRequest) request = galley_request_new ("GET", "/v1/me");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyResponse) response = ask (fixture, request, NULL, &error);

  if (response != NULL)
    g_assert_false (galley_response_check (response, "application/json", &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, (int)code);
  g_assert_true (g_str_has_suffix (error->message, "."));
}

static void
test_answer (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (GalleyRequest) request = galley_request_new ("GET", "/v1/me");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyResponse) response = ask (fixture, request, NULL, &error);
  guint64 position;

  g_assert_no_error (error);
  g_assert_true (galley_response_check (response, "application/json", &error));
  g_assert_true (galley_response_get_number (response, "galley-position", &position, &error));
  g_assert_cmpuint (position, ==, 17);
  g_assert_false (galley_response_get_number (response, "Galley-Offset", &position, &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY);
}

static void
test_not_galley (Fixture *fixture, gconstpointer mode)
{
  assert_fails (fixture, GALLEY_SYNC_ERROR_NOT_GALLEY);
}

static void
test_in_trouble (Fixture *fixture, gconstpointer mode)
{
  assert_fails (fixture, GALLEY_SYNC_ERROR_SERVER);
}

static void
test_patience (Fixture *fixture, gconstpointer mode)
{
  static const struct
  {
    const char *mode;
    guint seconds;
  } cases[] = {
    { "after 7", 7 },
    { "after 0", 0 },
    { "after Fri, 27 Nov 2026 12:02:00 GMT", 120 },
    { "after Fri, 27 Nov 2026 11:59:00 GMT", 0 },
    { "after 99999999999999999999", 0 },
    { "after 86400", GALLEY_SYNC_MAX_PATIENCE_S },
    { "after Fri, 27 Nov 2099 12:00:00 GMT", GALLEY_SYNC_MAX_PATIENCE_S },
    { "after -5", 0 },
    { "after soon", 0 },
    { "html-error", 0 },
    { "redirect", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GalleyRequest) request = galley_request_new ("GET", "/v1/me");
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyResponse) response = NULL;

      fixture->mode = cases[i].mode;
      response = ask (fixture, request, NULL, &error);
      g_assert_no_error (error);
      g_assert_false (galley_response_check (response, "application/json", &error));
      g_assert_cmpuint (galley_sync_error_get_patience (error), ==, cases[i].seconds);
    }
}

static void
test_refused (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (GalleyRequest) request = galley_request_new ("PUT", "/v1/projects/x");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyResponse) response = ask (fixture, request, NULL, &error);

  g_assert_no_error (error);
  g_assert_false (galley_response_check (response, NULL, &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_REFUSED);
  g_assert_cmpstr (error->message, ==, "Guests cannot do this.");
}

static void
test_signed_out (Fixture *fixture, gconstpointer mode)
{
  assert_fails (fixture, GALLEY_SYNC_ERROR_SIGN_IN);
}

static void
test_cut (Fixture *fixture, gconstpointer mode)
{
  assert_fails (fixture, GALLEY_SYNC_ERROR_CUT);
}

static void
test_timeout (Fixture *fixture, gconstpointer mode)
{
  assert_fails (fixture, GALLEY_SYNC_ERROR_TIMEOUT);
}

static void
test_too_large (Fixture *fixture, gconstpointer mode)
{
  assert_fails (fixture, GALLEY_SYNC_ERROR_TOO_LARGE);
}

static void
test_nobody (Fixture *fixture, gconstpointer mode)
{
  galley_transport_set_account (fixture->transport, "http://127.0.0.1:1", NULL);
  assert_fails (fixture, GALLEY_SYNC_ERROR_UNREACHABLE);
  galley_transport_set_account (fixture->transport, NULL, NULL);
  assert_fails (fixture, GALLEY_SYNC_ERROR_INVALID);
}

static void
test_cut_into_sink (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (GalleyRequest) request = galley_request_new ("GET", "/v1/file");
  g_autoptr (GOutputStream) sink = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;

  g_test_summary ("What came before the break is kept, so that the next try can go on from there");

  galley_request_set_sink (request, sink, 200, 1000);
  g_assert_null (ask (fixture, request, NULL, &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_CUT);
  g_assert_cmpuint (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (sink)), ==, 10);
}

static void
test_page_into_sink (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (GalleyRequest) request = galley_request_new ("GET", "/v1/file");
  g_autoptr (GOutputStream) sink = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyResponse) response = NULL;

  g_test_summary ("A web page never becomes part of a file");

  galley_request_set_sink (request, sink, 200, 1000);
  response = ask (fixture, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (galley_response_check (response, NULL, &error));
  g_assert_cmpuint (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (sink)), ==, 0);
}

static void
test_too_much_for_sink (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (GalleyRequest) request = galley_request_new ("GET", "/v1/file");
  g_autoptr (GOutputStream) sink = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;

  galley_request_set_sink (request, sink, 200, 1000);
  g_assert_null (ask (fixture, request, NULL, &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_TOO_LARGE);
  g_assert_cmpuint (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (sink)), <=, 1000);
}

static void
test_sends_slice (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (GalleyRequest) request = galley_request_new ("PUT", "/v1/file");
  g_autoptr (GInputStream) whole = g_memory_input_stream_new_from_data ("0123456789", 10, NULL);
  g_autoptr (GInputStream) slice = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyResponse) response = NULL;

  g_seekable_seek (G_SEEKABLE (whole), 3, G_SEEK_SET, NULL, &error);
  slice = galley_slice_stream_new (whole, 4);
  galley_request_set_body_stream (request, slice, 4);
  response = ask (fixture, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (fixture->got->data, fixture->got->len, "3456", 4);
}

static void
test_short_slice (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (GalleyRequest) request = galley_request_new ("PUT", "/v1/file");
  g_autoptr (GInputStream) whole = g_memory_input_stream_new_from_data ("0123456789", 10, NULL);
  g_autoptr (GInputStream) slice = galley_slice_stream_new (whole, 400);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A file that ends too soon is an error at once: nobody waits for the rest");

  galley_request_set_body_stream (request, slice, 400);
  g_assert_null (ask (fixture, request, NULL, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
}

static void
test_cancelled (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (GalleyRequest) request = galley_request_new ("GET", "/v1/me");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  galley_transport_send_async (fixture->transport, request, cancellable, galley_test_store_result,
                               &result);
  g_cancellable_cancel (cancellable);
  g_assert_null (
      galley_transport_send_finish (fixture->transport, galley_test_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_no_events (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  galley_transport_open_events_async (fixture->transport, NULL, galley_test_store_result, &result);
  g_assert_null (
      galley_transport_open_events_finish (fixture->transport, galley_test_wait (&result), &error));
  g_assert_nonnull (error);
}

static void
test_no_events_yet (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A server that has no line for now says for how long");

  galley_transport_open_events_async (fixture->transport, NULL, galley_test_store_result, &result);
  g_assert_null (
      galley_transport_open_events_finish (fixture->transport, galley_test_wait (&result), &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SERVER);
  g_assert_cmpuint (galley_sync_error_get_patience (error), ==, 40);
}

#define ADD(path, mode, test) g_test_add (path, Fixture, mode, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  ADD ("/soup-transport/answer", "good", test_answer);
  ADD ("/soup-transport/html", "html", test_not_galley);
  ADD ("/soup-transport/redirect", "redirect", test_not_galley);
  ADD ("/soup-transport/html-error", "html-error", test_in_trouble);
  ADD ("/soup-transport/patience", NULL, test_patience);
  ADD ("/soup-transport/refused", "refused", test_refused);
  ADD ("/soup-transport/signed-out", "signed-out", test_signed_out);
  ADD ("/soup-transport/cut", "cut", test_cut);
  ADD ("/soup-transport/timeout", "hang", test_timeout);
  ADD ("/soup-transport/too-large", "large", test_too_large);
  ADD ("/soup-transport/nobody", "good", test_nobody);
  ADD ("/soup-transport/cut-into-sink", "cut", test_cut_into_sink);
  ADD ("/soup-transport/page-into-sink", "html", test_page_into_sink);
  ADD ("/soup-transport/too-much-for-sink", "large", test_too_much_for_sink);
  ADD ("/soup-transport/sends-slice", "good", test_sends_slice);
  ADD ("/soup-transport/short-slice", "good", test_short_slice);
  ADD ("/soup-transport/cancelled", "hang", test_cancelled);
  ADD ("/soup-transport/no-events", "html", test_no_events);
  ADD ("/soup-transport/no-events-yet", "after 40", test_no_events_yet);

  return g_test_run ();
}
