/* galley-request.c: what is asked of the server, and what it answers: values, no socket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-request"

#include "sync/galley-request.h"

#include "data/galley-error.h"
#include "sync/galley-sync-error.h"
#include "sync/wire/galley-problem.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>

/* Large enough for the largest batch of changes, packed, and for any directory. */
#define DEFAULT_MAX_BYTES (12 * 1024 * 1024)

/**
 * galley_request_new:
 * @path_format: from the server's address on; what is put in must be safe in an address (ids,
 *   hashes, numbers)
 *
 * Returns: (transfer full): a request without a body
 */
GalleyRequest *
galley_request_new (const char *method, const char *path_format, ...)
{
  GalleyRequest *self = g_rc_box_new0 (GalleyRequest);
  va_list arguments;

  va_start (arguments, path_format);
  self->path = g_strdup_vprintf (path_format, arguments);
  va_end (arguments);
  self->method = g_strdup (method);
  self->headers = g_ptr_array_new_with_free_func (g_free);
  self->max_bytes = DEFAULT_MAX_BYTES;
  return self;
}

GalleyRequest *
galley_request_ref (GalleyRequest *self)
{
  return g_rc_box_acquire (self);
}

static void
clear_request (GalleyRequest *self)
{
  g_free (self->method);
  g_free (self->path);
  g_ptr_array_unref (self->headers);
  g_free (self->body_type);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_object (&self->body_stream);
  g_clear_object (&self->sink);
}

void
galley_request_unref (GalleyRequest *self)
{
  g_rc_box_release_full (self, (GDestroyNotify)clear_request);
}

void
galley_request_add_header (GalleyRequest *self, const char *name, const char *value)
{
  g_ptr_array_add (self->headers, g_strdup (name));
  g_ptr_array_add (self->headers, g_strdup (value));
}

void
galley_request_set_body (GalleyRequest *self, GBytes *body, const char *type)
{
  g_return_if_fail (self->body == NULL && self->body_stream == NULL);

  self->body = g_bytes_ref (body);
  self->body_type = g_strdup (type);
}

/**
 * galley_request_set_body_stream:
 * @stream: read once, to its end
 * @bytes: how many it holds
 */
void
galley_request_set_body_stream (GalleyRequest *self, GInputStream *stream, guint64 bytes)
{
  g_return_if_fail (self->body == NULL && self->body_stream == NULL);

  self->body_stream = g_object_ref (stream);
  self->body_bytes = bytes;
  self->body_type = g_strdup ("application/octet-stream");
}

/**
 * galley_request_set_sink:
 * @sink: takes the answer's body as it comes; not closed by the transport
 * @status: only an answer of this status goes there, an error's text never does
 * @bytes: how many are expected, so that nobody can fill the disk
 */
void
galley_request_set_sink (GalleyRequest *self, GOutputStream *sink, guint status, guint64 bytes)
{
  self->sink = g_object_ref (sink);
  self->sink_bytes = bytes;
  self->sink_status = status;
}

/**
 * galley_request_set_progress:
 * @progress: told how many bytes of the stream went out, or into the sink
 */
void
galley_request_set_progress (GalleyRequest *self,
                             GalleyRequestProgress progress,
                             gpointer progress_data)
{
  self->progress = progress;
  self->progress_data = progress_data;
}

GalleyResponse *
galley_response_new (guint status)
{
  GalleyResponse *self = g_new0 (GalleyResponse, 1);

  self->status = status;
  self->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->body = g_bytes_new_static ("", 0);
  return self;
}

void
galley_response_free (GalleyResponse *self)
{
  g_hash_table_unref (self->headers);
  g_bytes_unref (self->body);
  g_free (self);
}

void
galley_response_set_header (GalleyResponse *self, const char *name, const char *value)
{
  g_hash_table_insert (self->headers, g_ascii_strdown (name, -1), g_strdup (value));
}

const char *
galley_response_get_header (GalleyResponse *self, const char *name)
{
  g_autofree char *key = g_ascii_strdown (name, -1);

  return g_hash_table_lookup (self->headers, key);
}

static gboolean
set_not_galley (GError **error)
{
  g_set_error_literal (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY,
                       _ ("The answer did not come from a Galley server. Check the server’s "
                          "address, and whether this network asks you to sign in on a web page."));
  return FALSE;
}

/**
 * galley_response_get_number:
 * @error: %GALLEY_SYNC_ERROR_NOT_GALLEY when the header is missing or no number
 */
gboolean
galley_response_get_number (GalleyResponse *self, const char *name, guint64 *value, GError **error)
{
  const char *text = galley_response_get_header (self, name);

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, value, NULL))
    return set_not_galley (error);

  return TRUE;
}

/**
 * galley_response_has_type:
 *
 * Returns: whether the answer says that it is @media_type, whatever parameters follow
 */
gboolean
galley_response_has_type (GalleyResponse *self, const char *media_type)
{
  const char *type = galley_response_get_header (self, "Content-Type");
  gsize length = strlen (media_type);

  return type != NULL && g_ascii_strncasecmp (type, media_type, length) == 0 &&
         (type[length] == '\0' || type[length] == ';' || type[length] == ' ');
}

static GalleyProblem *
parse_problem (GalleyResponse *self)
{
  if (!galley_response_has_type (self, "application/json") &&
      !galley_response_has_type (self, "application/problem+json"))
    return NULL;

  return galley_problem_parse (self->body, NULL);
}

/**
 * galley_response_get_code:
 *
 * Returns: (transfer full) (nullable): the code of the server's problem object, where there is one
 */
char *
galley_response_get_code (GalleyResponse *self)
{
  g_autoptr (GalleyProblem) problem = self->status >= 400 ? parse_problem (self) : NULL;

  return problem != NULL ? g_strdup (problem->code) : NULL;
}

/* What a status means for who asked; the server's own sentence where it has one. */
static GalleySyncError
code_for_status (guint status, const GalleyProblem *problem)
{
  if (status == 401)
    return GALLEY_SYNC_ERROR_SIGN_IN;
  if (status == 404)
    return GALLEY_SYNC_ERROR_NOT_THERE;
  if (status == 413)
    return GALLEY_SYNC_ERROR_TOO_LARGE;
  if (status == 408 || status == 429 || status >= 500)
    return GALLEY_SYNC_ERROR_SERVER;
  if (g_strcmp0 (problem->code, "history") == 0)
    return GALLEY_SYNC_ERROR_HISTORY;
  if (g_strcmp0 (problem->code, "fork") == 0)
    return GALLEY_SYNC_ERROR_FORK;

  return g_strcmp0 (problem->retry, "after") == 0 || g_strcmp0 (problem->retry, "now") == 0
             ? GALLEY_SYNC_ERROR_SERVER
             : GALLEY_SYNC_ERROR_REFUSED;
}

static const char *
describe_status (guint status)
{
  if (status == 401)
    return _ ("The server does not know this computer any more. Connect again with a new invite "
              "code.");
  if (status == 404)
    return _ ("The server does not have it.");

  return _ ("The server refused and did not say why. Ask who runs it.");
}

/* Retry-After (RFC 9110, 10.2.3): seconds, or a date, which is taken by the server's own clock. */
static guint
get_patience_s (GalleyResponse *self)
{
  const char *text = galley_response_get_header (self, "Retry-After");
  const char *now = galley_response_get_header (self, "Date");
  g_autoptr (GDateTime) until = NULL, since = NULL;
  guint64 seconds;

  if (text == NULL)
    return 0;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &seconds, NULL))
    return (guint)MIN (seconds, GALLEY_SYNC_MAX_PATIENCE_S);

  until = soup_date_time_new_from_http_string (text);
  since = now != NULL ? soup_date_time_new_from_http_string (now) : NULL;
  if (until == NULL || since == NULL)
    return 0;

  return (guint)CLAMP (g_date_time_difference (until, since) / G_TIME_SPAN_SECOND, 0,
                       GALLEY_SYNC_MAX_PATIENCE_S);
}

static GError *
describe_trouble (GalleyResponse *self)
{
  if (self->status == 429)
    return g_error_new_literal (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SERVER,
                                _ ("The server has much to do and asks for patience. It is asked "
                                   "again by itself."));

  return g_error_new (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SERVER,
                      _ ("The server is in trouble (status %u). It is asked again by itself."),
                      self->status);
}

/* What the answer means, where it is neither good nor something that is no Galley server. */
static GError *
describe_refusal (GalleyResponse *self, const GalleyProblem *problem)
{
  GError *error;

  if (problem == NULL && (self->status == 429 || self->status >= 500))
    error = describe_trouble (self);
  else
    error = g_error_new_literal (GALLEY_SYNC_ERROR, code_for_status (self->status, problem),
                                 problem != NULL && problem->detail != NULL
                                     ? galley_error_translate (problem->detail)
                                     : describe_status (self->status));

  galley_sync_error_set_patience (error, get_patience_s (self));
  return error;
}

/**
 * galley_response_check:
 * @media_type: (nullable): what a good answer must be; %NULL when its body does not matter
 * @error: the server's own sentence where it gave one, and its wish to be left alone for a while:
 *   galley_sync_error_get_patience()
 *
 * Tells a good answer from a refusal, from a server in trouble, and from something that is no
 * Galley server at all: a sign-in page of a hotel answers every address with 200 and HTML.
 */
gboolean
galley_response_check (GalleyResponse *self, const char *media_type, GError **error)
{
  g_autoptr (GalleyProblem) problem = NULL;

  if (self->status >= 200 && self->status < 300)
    {
      gboolean fits = media_type != NULL ? galley_response_has_type (self, media_type)
                                         : !galley_response_has_type (self, "text/html");

      return fits || set_not_galley (error);
    }

  problem = parse_problem (self);
  /* The answer to HEAD has no body; what stands behind these is known all the same. */
  if (problem == NULL && self->status != 429 && self->status < 500 &&
      ((self->status != 401 && self->status != 404) ||
       galley_response_has_type (self, "text/html")))
    return set_not_galley (error);

  g_propagate_error (error, describe_refusal (self, problem));
  return FALSE;
}

/**
 * galley_response_wrap_malformed:
 * @error: (transfer full): what a parser found wrong with a server's answer
 *
 * Returns: (transfer full): a %GALLEY_SYNC_ERROR_NOT_GALLEY with its words: nothing was used, and
 *   the server is asked again later
 */
GError *
galley_response_wrap_malformed (GError *error)
{
  g_autoptr (GError) cause = error;

  return g_error_new (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY,
                      _ ("The server’s answer makes no sense. %s"), cause->message);
}
