/* galley-problem.c: what a server answers when it cannot do what was asked
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-problem"

#include "sync/wire/galley-problem.h"

#include "sync/wire/galley-wire-json.h"

#include <glib/gi18n-lib.h>

GalleyProblem *
galley_problem_new (const char *code, const char *title, const char *detail, const char *retry)
{
  GalleyProblem *problem = g_new0 (GalleyProblem, 1);

  problem->code = g_strdup (code);
  problem->title = g_strdup (title);
  problem->detail = g_strdup (detail);
  problem->retry = g_strdup (retry);
  return problem;
}

void
galley_problem_free (GalleyProblem *problem)
{
  g_free (problem->code);
  g_free (problem->title);
  g_free (problem->detail);
  g_free (problem->retry);
  g_free (problem);
}

GBytes *
galley_problem_to_bytes (const GalleyProblem *problem)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  galley_json_add_string (builder, "code", problem->code);
  galley_json_add_string (builder, "title", problem->title);
  galley_json_add_string (builder, "detail", problem->detail);
  galley_json_add_string (builder, "retry", problem->retry);
  json_builder_end_object (builder);
  return galley_json_finish (builder);
}

static const char *
get_or (JsonObject *object, const char *name, const char *fallback)
{
  const char *text = galley_json_get_string (object, name);

  return text != NULL ? text : fallback;
}

/**
 * galley_problem_parse:
 *
 * Returns: (transfer full) (nullable): the problem, with a text in every part; %NULL when @body is
 *   not one
 */
GalleyProblem *
galley_problem_parse (GBytes *body, GError **error)
{
  g_autoptr (JsonNode) root = galley_json_parse (body, error);
  JsonObject *object;

  if (root == NULL)
    return NULL;

  object = json_node_get_object (root);
  if (galley_json_get_string (object, "code") == NULL)
    {
      g_set_error (error, GALLEY_WIRE_ERROR, GALLEY_WIRE_ERROR_MALFORMED,
                   "The answer is not one of Galley's.");
      return NULL;
    }

  return galley_problem_new (
      galley_json_get_string (object, "code"), get_or (object, "title", "Refused"),
      get_or (object, "detail", N_ ("The server refused and did not say why. Ask who runs it.")),
      get_or (object, "retry", "never"));
}
