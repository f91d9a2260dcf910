/* galley-server-error.c: the ways in which the server says no
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "server/galley-server-error.h"

#include "data/galley-error.h"
#include "sync/wire/galley-problem.h"

G_DEFINE_QUARK (galley_server_error_quark, galley_server_error)

static const struct
{
  guint status;
  const char *code, *title, *retry;
} answers[] = {
  [GALLEY_SERVER_ERROR_MALFORMED] = { 400, "malformed", "The request is malformed", "never" },
  [GALLEY_SERVER_ERROR_UNAUTHORIZED] = { 401, "unauthorized", "Sign in again", "never" },
  [GALLEY_SERVER_ERROR_FORBIDDEN] = { 403, "forbidden", "Not allowed", "never" },
  [GALLEY_SERVER_ERROR_NOT_FOUND] = { 404, "not-found", "There is no such thing", "never" },
  [GALLEY_SERVER_ERROR_METHOD] = { 405, "method", "That cannot be done here", "never" },
  [GALLEY_SERVER_ERROR_FORK] = { 409, "fork", "The device's chain has forked", "never" },
  [GALLEY_SERVER_ERROR_MISSING] = { 409, "missing", "Earlier changes are missing", "now" },
  [GALLEY_SERVER_ERROR_HISTORY] = { 409, "history", "The stream has another history", "never" },
  [GALLEY_SERVER_ERROR_MISMATCH] = { 409, "hash-mismatch", "The bytes are damaged", "now" },
  [GALLEY_SERVER_ERROR_LENGTH] = { 411, "length", "The length is needed", "never" },
  [GALLEY_SERVER_ERROR_TOO_LARGE] = { 413, "too-large", "The request is too large", "never" },
  [GALLEY_SERVER_ERROR_FAILED] = { 500, "failed", "The server could not do it", "after" },
};

static guint
index_of (const GError *error)
{
  return error->domain == GALLEY_SERVER_ERROR && (guint)error->code < G_N_ELEMENTS (answers)
             ? (guint)error->code
             : GALLEY_SERVER_ERROR_FAILED;
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

GBytes *
galley_server_error_to_problem (const GError *error)
{
  guint index = index_of (error);
  g_autoptr (GalleyProblem)
      problem = galley_problem_new (answers[index].code, answers[index].title,
                                    index == GALLEY_SERVER_ERROR_FAILED
                                        ? "The server has a problem of its own. Nothing was "
                                          "changed; it is tried again."
                                        : error->message,
                                    answers[index].retry);

  return galley_problem_to_bytes (problem);
}
