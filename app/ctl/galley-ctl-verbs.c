/* galley-ctl-verbs.c: the one table of commands, and what help says of them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-verbs"

#include "app/ctl/galley-ctl-verbs.h"

#include <glib/gi18n.h>
#include <string.h>

/* In the order of a first day's work. */
static const GalleyCtlVerb *const tables[] = {
  galley_ctl_workspace_verbs, galley_ctl_project_verbs,    galley_ctl_policy_verbs,
  galley_ctl_item_verbs,      galley_ctl_annotation_verbs, galley_ctl_comment_verbs,
  galley_ctl_decision_verbs,  galley_ctl_field_verbs,      galley_ctl_undo_verbs,
  galley_ctl_search_verbs,    galley_ctl_batch_verbs,      galley_ctl_sync_verbs,
  galley_ctl_job_verbs,       galley_ctl_conflict_verbs,   galley_ctl_settle_verbs,
  galley_ctl_explain_verbs,   galley_ctl_journal_verbs,    galley_ctl_quarantine_verbs,
  galley_ctl_repair_verbs,    galley_ctl_replay_verbs,     galley_ctl_compact_verbs,
  galley_ctl_flag_verbs,      galley_ctl_bundle_verbs,
};

#define FIRST_COLUMN 34

static void
for_each_verb (void (*func) (const GalleyCtlVerb *verb, gpointer data), gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const GalleyCtlVerb *verb = tables[i]; verb->noun != NULL; verb++)
      func (verb, data);
}

typedef struct
{
  const char *noun, *verb; /* what is looked for */
  gboolean has_noun;       /* there is such a noun */
  const GalleyCtlVerb *found;
} Lookup;

static void
compare_verb (const GalleyCtlVerb *verb, gpointer data)
{
  Lookup *lookup = data;

  if (!g_str_equal (verb->noun, lookup->noun))
    return;

  lookup->has_noun = TRUE;
  if (verb->verb == NULL || g_strcmp0 (verb->verb, lookup->verb) == 0)
    lookup->found = verb;
}

/**
 * galley_ctl_find_verb:
 * @words: (inout): noun, verb and what follows; afterwards what follows
 * @error: %GALLEY_CTL_ERROR_USAGE
 */
const GalleyCtlVerb *
galley_ctl_find_verb (const char *const **words, GError **error)
{
  Lookup lookup = { (*words)[0], NULL, FALSE, NULL };

  if (lookup.noun == NULL)
    {
      galley_ctl_usage (error, _ ("Say what to do; see galleyctl --help."));
      return NULL;
    }

  lookup.verb = (*words)[1];
  for_each_verb (compare_verb, &lookup);
  if (!lookup.has_noun)
    galley_ctl_usage (error, _ ("There is no command “%.60s”; see galleyctl --help."), lookup.noun);
  else if (lookup.found == NULL && lookup.verb == NULL)
    galley_ctl_usage (error, _ ("Say what to do with it; see galleyctl %s --help."), lookup.noun);
  else if (lookup.found == NULL)
    galley_ctl_usage (error, _ ("There is no command “%s %.60s”; see galleyctl %s --help."),
                      lookup.noun, lookup.verb, lookup.noun);
  else
    *words += lookup.found->verb != NULL ? 2 : 1;

  return lookup.found;
}

/* ── help ── */

typedef struct
{
  GString *text;
  const char *noun; /* (nullable): only these */
} Help;

static void
add_line (GString *text, const char *first, const char *second)
{
  glong width = g_utf8_strlen (first, -1);

  g_string_append_printf (text, "  %s", first);
  if (width >= FIRST_COLUMN)
    {
      g_string_append_c (text, '\n');
      width = -2;
    }
  for (glong i = width; i < FIRST_COLUMN; i++)
    g_string_append_c (text, ' ');
  g_string_append_printf (text, "  %s\n", second);
}

static void
add_verb_line (const GalleyCtlVerb *verb, gpointer data)
{
  Help *help = data;
  g_autofree char *use = galley_ctl_describe_use (verb);

  if (help->noun != NULL && !g_str_equal (help->noun, verb->noun))
    return;

  add_line (help->text, use, _ (verb->help));
}

static void
add_verb (GString *text, const GalleyCtlVerb *verb)
{
  g_autofree char *use = galley_ctl_describe_use (verb);

  g_string_append_printf (text, "%s galleyctl %s%s%s\n\n%s\n", _ ("Usage:"), use,
                          verb->options != NULL ? " " : "",
                          verb->options != NULL ? _ ("[OPTION…]") : "", _ (verb->help));
  if (verb->options == NULL)
    return;

  g_string_append_printf (text, "\n%s\n", _ ("Options:"));
  for (const GalleyCtlOption *option = verb->options; option->name != NULL; option++)
    {
      g_autofree char *first = g_strconcat ("--", option->name, option->value != NULL ? " " : "",
                                            option->value, NULL);

      add_line (text, first, _ (option->help));
    }
}

static void
add_everything (GString *text)
{
  Help help = { text, NULL };

  g_string_append_printf (text, "%s galleyctl [--workspace DIR] [--json] NOUN VERB [ARGUMENT…]\n\n",
                          _ ("Usage:"));
  g_string_append_printf (text, "%s\n\n",
                          _ ("Works on a Galley workspace, with or without the window open."));
  for_each_verb (add_verb_line, &help);
  g_string_append_printf (text, "\n%s\n", _ ("Options:"));
  add_line (text, "--workspace DIR",
            _ ("the workspace; else GALLEY_WORKSPACE, else the one of the window"));
  add_line (text, "--json", _ ("answer with one JSON document"));
  add_line (text, "--help", _ ("of everything, of a noun, or of a verb"));
  add_line (text, "--version", _ ("which Galley this is"));
  g_string_append_printf (text, "\n%s\n",
                          _ ("Exit status: 0 done; 1 failed; 2 wrong usage; 3 done, but something "
                             "needs a person;\n"
                             "4 the server could not be reached (work on this computer is safe)."));
}

/**
 * galley_ctl_get_help:
 * @words: (array zero-terminated=1): a noun and a verb, or less
 *
 * Returns: (transfer full): help on just that
 */
char *
galley_ctl_get_help (const char *const *words)
{
  GString *text = g_string_new (NULL);
  const char *const *rest = words;
  const GalleyCtlVerb *verb = galley_ctl_find_verb (&rest, NULL);
  Help help = { text, words[0] };

  if (verb != NULL)
    add_verb (text, verb);
  else if (words[0] != NULL)
    for_each_verb (add_verb_line, &help);
  if (text->len == 0)
    add_everything (text);

  return g_string_free (text, FALSE);
}
