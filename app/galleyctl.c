/* galleyctl.c: the command line of a workspace
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galleyctl"

#include "app/ctl/galley-ctl-verbs.h"
#include "app/galley-locale.h"

#include <glib/gi18n.h>
#include <stdio.h>

/* What stands before the noun, and may as well stand anywhere after it. */
typedef struct
{
  char *folder; /* (owned) (nullable) */
  gboolean json, help, version;
  GPtrArray *words; /* the rest; ended by NULL */
} Line;

static gboolean
take_word (Line *line, const char *const **words, GError **error)
{
  const char *word = **words;

  if (g_str_equal (word, "--json"))
    line->json = TRUE;
  else if (g_str_equal (word, "--help") || g_str_equal (word, "-h"))
    line->help = TRUE;
  else if (g_str_equal (word, "--version") && line->words->len == 0)
    line->version = TRUE;
  else if (g_str_has_prefix (word, "--workspace="))
    {
      g_free (line->folder);
      line->folder = g_strdup (word + strlen ("--workspace="));
    }
  else if (g_str_equal (word, "--workspace"))
    {
      if ((*words)[1] == NULL)
        return galley_ctl_usage (error, _ ("Give the option --%s its value: %s."), "workspace",
                                 "DIR");
      (*words)++;
      g_free (line->folder);
      line->folder = g_strdup (**words);
    }
  else
    g_ptr_array_add (line->words, (gpointer)word);

  return TRUE;
}

static gboolean
read_line (Line *line, const char *const *words, GError **error)
{
  const char *environment = g_getenv ("GALLEY_WORKSPACE");

  for (; *words != NULL && !g_str_equal (*words, "--"); words++)
    if (!take_word (line, &words, error))
      return FALSE;
  for (; *words != NULL; words++)
    g_ptr_array_add (line->words, (gpointer)*words);
  g_ptr_array_add (line->words, NULL);

  if (line->folder == NULL && environment != NULL && *environment != '\0')
    line->folder = g_strdup (environment);
  if (line->folder == NULL)
    line->folder = g_build_filename (g_get_user_data_dir (), "galley", "default", NULL);

  return TRUE;
}

static GalleyCtlStatus
run (Line *line, const char *const *arguments, GError **error)
{
  const GalleyCtlVerb *verb;
  const char *const *words;
  g_autoptr (GalleyCtl) ctl = NULL;

  if (!read_line (line, arguments, error))
    return GALLEY_CTL_USAGE;

  words = (const char *const *)line->words->pdata;
  if (line->version)
    {
      g_print ("galleyctl %s\n", GALLEY_VERSION);
      return GALLEY_CTL_DONE;
    }
  if (line->help)
    {
      g_autofree char *help = galley_ctl_get_help (words);

      g_print ("%s", help);
      return GALLEY_CTL_DONE;
    }

  verb = galley_ctl_find_verb (&words, error);
  if (verb == NULL)
    return GALLEY_CTL_USAGE;
  ctl = galley_ctl_new (line->folder, line->json);
  if (!galley_ctl_take_words (ctl, verb, words, error))
    return GALLEY_CTL_USAGE;

  return galley_ctl_run (ctl, error);
}

int
main (int argc, char **argv)
{
  Line line = { .words = g_ptr_array_new () };
  g_autoptr (GError) error = NULL;
  GalleyCtlStatus status;

  galley_locale_start ();
  status = run (&line, (const char *const *)argv + (argc > 0), &error);
  if (error != NULL)
    g_printerr ("%s\n", error->message);

  g_ptr_array_unref (line.words);
  g_free (line.folder);
  return status;
}
