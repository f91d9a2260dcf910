/* galley-server-error.c: the ways in which the server says no
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "server/galley-server-error.h"

#include "data/galley-error.h"
#include "sync/wire/galley-problem.h"

#include <glib/gi18n-lib.h>

G_DEFINE_QUARK (galley_server_error_quark, galley_server_error)

static const struct
{
  guint status;
  const char *code, *title, *retry;
  guint after_s; /* for so long it makes no sense to ask again; 0: nothing is said of that */
} answers[] = {
  [GALLEY_SERVER_ERROR_MALFORMED] = { 400, "malformed", "The request is malformed", "never" },
  [GALLEY_SERVER_ERROR_UNAUTHORIZED] = { 401, "unauthorized", "Sign in again", "never" },
  [GALLEY_SERVER_ERROR_FORBIDDEN] = { 403, "forbidden", "Not allowed", "never" },
  [GALLEY_SERVER_ERROR_NOT_FOUND] = { 404, "not-found", "There is no such thing", "never" },
  [GALLEY_SERVER_ERROR_METHOD] = { 405, "method", "That cannot be done here", "never" },
  [GALLEY_SERVER_ERROR_FORK] = { 409, "fork", "The device's chain has forked", "never" },
  [GALLEY_SERVER_ERROR_MISSING] = { 409, "missing", "Earlier changes are missing", "now" },
  [GALLEY_SERVER_ERROR_HISTORY] = { 409, "history", "The stream has another history", "never" },
  [GALLEY_SERVER_ERROR_MOVED_ON] = { 409, "moved-on", "Somebody has changed it since", "never" },
  [GALLEY_SERVER_ERROR_MISMATCH] = { 409, "hash-mismatch", "The bytes are damaged", "now" },
  [GALLEY_SERVER_ERROR_LENGTH] = { 411, "length", "The length is needed", "never" },
  [GALLEY_SERVER_ERROR_TOO_LARGE] = { 413, "too-large", "The request is too large", "never" },
  [GALLEY_SERVER_ERROR_RANGE] = { 416, "range", "The file has no such bytes", "never" },
  [GALLEY_SERVER_ERROR_TOO_MANY] = { 429, "too-many", "Too much was refused", "after", 60 },
  [GALLEY_SERVER_ERROR_FAILED] = { 500, "failed", "The server could not do it", "after" },
  [GALLEY_SERVER_ERROR_NEWER] = { 501, "newer", "The server is too old", "after" },
  [GALLEY_SERVER_ERROR_BUSY] = { 503, "busy", "The server is busy", "after", 1 },
  [GALLEY_SERVER_ERROR_STOPPING] = { 503, "stopping", "The server is being restarted", "after", 2 },
  [GALLEY_SERVER_ERROR_NO_SPACE] = { 507, "no-space", "The server's disk is full", "after", 30 },
};

/* What the disk or the database says becomes the server's own trouble. */
static guint
index_of (const GError *error)
{
  if (error->domain == GALLEY_SERVER_ERROR && (guint)error->code < G_N_ELEMENTS (answers))
    return error->code;
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NO_SPACE) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    return GALLEY_SERVER_ERROR_NO_SPACE;
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_BUSY))
    return GALLEY_SERVER_ERROR_BUSY;

  return GALLEY_SERVER_ERROR_FAILED;
}

/* What the world is told of the server's own trouble: not its paths, nor what SQLite says. */
static const char *
get_detail (const GError *error, guint index)
{
  if (error->domain == GALLEY_SERVER_ERROR && index != GALLEY_SERVER_ERROR_FAILED)
    return error->message;
  if (index == GALLEY_SERVER_ERROR_NO_SPACE)
    return N_ ("The server's disk is full, so nothing was taken. It is tried again; tell whoever "
               "runs the server.");
  if (index == GALLEY_SERVER_ERROR_BUSY)
    return N_ ("The server is busy. Nothing was changed; it is tried again.");

  return N_ ("The server has a problem of its own. Nothing was changed; it is tried again.");
}

/**
 * galley_server_error_get_status:
 *
 * Returns: the HTTP status; 500 for an error of another domain, which is the server's own trouble
 */
guint
galley_server_error_get_status (const GError *error)
{
  return answers[index_of (error)].status;
}

/**
 * galley_server_error_get_patience:
 *
 * Returns: after how many seconds it makes sense to ask again; 0: nothing is known of that
 */
guint
galley_server_error_get_patience (const GError *error)
{
  return answers[index_of (error)].after_s;
}

GBytes *
galley_server_error_to_problem (const GError *error)
{
  guint index = index_of (error);
  g_autoptr (GalleyProblem)
      problem = galley_problem_new (answers[index].code, answers[index].title,
                                    get_detail (error, index), answers[index].retry);

  return galley_problem_to_bytes (problem);
}
