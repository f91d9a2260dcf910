/* galley-problem.h: what a server answers when it cannot do what was asked
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/wire/galley-wire-error.h"

G_BEGIN_DECLS

/* {"code", "title", "detail", "retry"}: the code for programs, the detail for people. */
typedef struct
{
  char *code;
  char *title;
  char *detail; /* a whole sentence */
  char *retry;  /* never, after, now */
} GalleyProblem;

GalleyProblem *galley_problem_new (const char *code,
                                   const char *title,
                                   const char *detail,
                                   const char *retry);
void galley_problem_free (GalleyProblem *problem);
GBytes *galley_problem_to_bytes (const GalleyProblem *problem);
GalleyProblem *galley_problem_parse (GBytes *body, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyProblem, galley_problem_free)

G_END_DECLS
