/* galley-access-log.c: one line for each request that was answered, for programs to read
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-access-log"

#include "server/galley-access-log.h"

#include "server/galley-backend.h"

/* Longer names of requests are not taken over. */
#define MAX_REQUEST 64

struct _GalleyAccessLog
{
  FILE *out;
  guint64 n_requests;
};

/* One request under way. */
typedef struct
{
  GalleyAccessLog *log;
  char *request;
  gint64 begun_us; /* monotonic */
} Entry;

GalleyAccessLog *
galley_access_log_new (FILE *out)
{
  GalleyAccessLog *self = g_new0 (GalleyAccessLog, 1);

  self->out = out;
  return self;
}

void
galley_access_log_free (GalleyAccessLog *self)
{
  g_free (self);
}

static void
entry_free (gpointer data, GClosure *closure)
{
  Entry *entry = data;

  g_free (entry->request);
  g_free (entry);
}

/* Its own name for it, if whoever asks has one that can stand in a line; else a number of ours. */
static char *
name_request (GalleyAccessLog *self, SoupServerMessage *message)
{
  const char *given = soup_message_headers_get_one (soup_server_message_get_request_headers (
                                                        message),
                                                    "Galley-Request");
  gboolean plain = given != NULL && *given != '\0' && strlen (given) <= MAX_REQUEST;

  for (const char *c = given; plain && *c != '\0'; c++)
    plain = g_ascii_isalnum (*c) || *c == '-';
  self->n_requests++;
  return plain ? g_strdup (given) : g_strdup_printf ("%" G_GUINT64_FORMAT, self->n_requests);
}

static void
add_fields (JsonBuilder *json, const Entry *entry, SoupServerMessage *message)
{
  const GalleySession *session = g_object_get_data (G_OBJECT (message), GALLEY_SESSION_KEY);

  galley_json_add_time (json, "time", g_get_real_time ());
  galley_json_add_string (json, "request", entry->request);
  if (session != NULL)
    galley_json_add_id (json, "device", &session->device);
  galley_json_add_string (json, "method", soup_server_message_get_method (message));
  galley_json_add_string (json, "path", g_uri_get_path (soup_server_message_get_uri (message)));
  galley_json_add_int (json, "status", soup_server_message_get_status (message));
  galley_json_add_int (json, "ms", (g_get_monotonic_time () - entry->begun_us) / 1000);
  galley_json_add_int (json, "bytes_in",
                       soup_message_headers_get_content_length (
                           soup_server_message_get_request_headers (message)));
  galley_json_add_int (json, "bytes_out", soup_server_message_get_response_body (message)->length);
}

static void
finished_cb (SoupServerMessage *message, gpointer data)
{
  const Entry *entry = data;
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (GBytes) line = NULL;

  json_builder_begin_object (json);
  add_fields (json, entry, message);
  json_builder_end_object (json);
  line = galley_json_finish (json);
  fprintf (entry->log->out, "%.*s\n", (int)g_bytes_get_size (line),
           (const char *)g_bytes_get_data (line, NULL));
  fflush (entry->log->out);
}

/**
 * galley_access_log_watch:
 * @message: whose headers have come in
 *
 * The answer says under which name the request is in the log: a device shows it with what went
 * wrong, and whoever runs the server finds it.
 */
void
galley_access_log_watch (GalleyAccessLog *self, SoupServerMessage *message)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->log = self;
  entry->request = name_request (self, message);
  entry->begun_us = g_get_monotonic_time ();
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "Galley-Request", entry->request);
  g_signal_connect_data (message, "finished", G_CALLBACK (finished_cb), entry, entry_free, 0);
}
