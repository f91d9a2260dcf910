/* galley-ctl.c: one run of the command line: its words, its workspace, its answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl"

#include "app/ctl/galley-ctl.h"

#include "app/ctl/galley-ctl-print.h"
#include <glib/gi18n.h>

struct _GalleyCtl
{
  char *folder;
  gboolean json;

  const GalleyCtlVerb *verb;
  GPtrArray *arguments; /* of borrowed text */
  GHashTable *options;  /* name → GPtrArray of borrowed text, ended by NULL */

  GalleyWorkspace *workspace; /* (owned) (nullable): opened when it is asked for */
  GalleyStore *store;         /* (owned) (nullable): likewise; the workspace's when there is one */
  GalleyReader *reader;       /* (owned) (nullable) */

  JsonBuilder *builder;
  GalleyCtlStatus status;
  char *why; /* (nullable): a sentence for a status that is not an error */
};

G_DEFINE_QUARK (galley_ctl_error, galley_ctl_error)

/**
 * galley_ctl_new:
 * @folder: of the workspace; it need not be there yet
 * @json: whether the answer is to be JSON
 */
GalleyCtl *
galley_ctl_new (const char *folder, gboolean json)
{
  GalleyCtl *self = g_new0 (GalleyCtl, 1);

  self->folder = g_strdup (folder);
  self->json = json;
  self->arguments = g_ptr_array_new ();
  self->options = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify)g_ptr_array_unref);
  self->builder = json_builder_new_immutable ();
  return self;
}

void
galley_ctl_free (GalleyCtl *self)
{
  g_clear_pointer (&self->reader, galley_reader_free);
  if (self->workspace != NULL)
    galley_workspace_close (self->workspace);
  else if (self->store != NULL)
    galley_store_close (self->store);
  g_clear_object (&self->workspace);
  g_clear_object (&self->store);
  g_object_unref (self->builder);
  g_hash_table_unref (self->options);
  g_ptr_array_unref (self->arguments);
  g_free (self->folder);
  g_free (self->why);
  g_free (self);
}

/**
 * galley_ctl_usage:
 *
 * Returns: %FALSE, with @error saying how the command is to be used
 */
gboolean
galley_ctl_usage (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (GALLEY_CTL_ERROR, GALLEY_CTL_ERROR_USAGE, format, arguments);
  va_end (arguments);
  return FALSE;
}

gboolean
galley_ctl_fail (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (GALLEY_CTL_ERROR, GALLEY_CTL_ERROR_FAILED, format, arguments);
  va_end (arguments);
  return FALSE;
}

/* ── words ── */

static const GalleyCtlOption *
find_option (const GalleyCtlVerb *verb, const char *name, gsize length)
{
  const GalleyCtlOption *option = verb->options;

  for (; option != NULL && option->name != NULL; option++)
    if (strlen (option->name) == length && strncmp (option->name, name, length) == 0)
      return option;

  return NULL;
}

static gboolean
add_option (GalleyCtl *self, const GalleyCtlOption *option, const char *value, GError **error)
{
  GPtrArray *values = g_hash_table_lookup (self->options, option->name);

  if (values != NULL && !option->many)
    return galley_ctl_usage (error, _ ("The option --%s is given twice."), option->name);

  if (values == NULL)
    {
      values = g_ptr_array_new ();
      g_ptr_array_add (values, NULL);
      g_hash_table_insert (self->options, (gpointer)option->name, values);
    }
  g_ptr_array_insert (values, values->len - 1, (gpointer)value);
  return TRUE;
}

/* A word that starts with dashes: an option, with its value after "=" or in the next word. */
static gboolean
take_option (GalleyCtl *self, const char *const **words, GError **error)
{
  const char *word = **words, *name = word + (word[1] == '-' ? 2 : 1);
  const char *equals = strchr (name, '=');
  gsize length = equals != NULL ? (gsize)(equals - name) : strlen (name);
  const GalleyCtlOption *option = find_option (self->verb, name, length);

  if (option == NULL)
    return galley_ctl_usage (error, _ ("There is no option “%.60s” here; see --help."), word);
  if (option->value == NULL && equals != NULL)
    return galley_ctl_usage (error, _ ("The option --%s takes no value."), option->name);
  if (option->value != NULL && equals == NULL && (*words)[1] == NULL)
    return galley_ctl_usage (error, _ ("Give the option --%s its value: %s."), option->name,
                             option->value);

  if (option->value != NULL && equals == NULL)
    (*words)++;
  return add_option (self, option,
                     option->value == NULL ? ""
                     : equals != NULL      ? equals + 1
                                           : **words,
                     error);
}

static gboolean
is_option (const char *word)
{
  return word[0] == '-' && word[1] != '\0' && !g_ascii_isdigit (word[1]) && word[1] != '.';
}

static gboolean
check_text (GalleyCtl *self, const char *word, GError **error)
{
  if (self->verb->takes_files || g_utf8_validate (word, -1, NULL))
    return TRUE;

  return galley_ctl_usage (error, _ ("Text is given in UTF-8."));
}

/**
 * galley_ctl_describe_use:
 *
 * Returns: (transfer full): noun, verb and arguments, as they are typed
 */
char *
galley_ctl_describe_use (const GalleyCtlVerb *verb)
{
  char *use = g_strjoin (" ", verb->noun, verb->verb != NULL ? verb->verb : verb->arguments,
                         verb->verb != NULL ? verb->arguments : NULL, NULL);

  return g_strchomp (use);
}

/**
 * galley_ctl_take_words:
 * @verb: (transfer none): what to do
 * @words: (array zero-terminated=1): what follows noun and verb; must live as long as @self
 * @error: %GALLEY_CTL_ERROR_USAGE
 */
gboolean
galley_ctl_take_words (GalleyCtl *self,
                       const GalleyCtlVerb *verb,
                       const char *const *words,
                       GError **error)
{
  gboolean only_arguments = FALSE;

  self->verb = verb;
  for (; *words != NULL; words++)
    {
      if (!check_text (self, *words, error))
        return FALSE;
      if (!only_arguments && g_str_equal (*words, "--"))
        only_arguments = TRUE;
      else if (only_arguments || !is_option (*words))
        g_ptr_array_add (self->arguments, (gpointer)*words);
      else if (!take_option (self, &words, error) || !check_text (self, *words, error))
        return FALSE;
    }

  if (self->arguments->len < verb->least || self->arguments->len > verb->most)
    {
      g_autofree char *use = galley_ctl_describe_use (verb);

      return galley_ctl_usage (error, _ ("It is used as: galleyctl %s"), use);
    }

  return TRUE;
}

const GalleyCtlVerb *
galley_ctl_get_verb (GalleyCtl *self)
{
  return self->verb;
}

const char *
galley_ctl_get_folder (GalleyCtl *self)
{
  return self->folder;
}

gboolean
galley_ctl_wants_json (GalleyCtl *self)
{
  return self->json;
}

guint
galley_ctl_get_n_arguments (GalleyCtl *self)
{
  return self->arguments->len;
}

const char *
galley_ctl_get_argument (GalleyCtl *self, guint index)
{
  return index < self->arguments->len ? g_ptr_array_index (self->arguments, index) : NULL;
}

/**
 * galley_ctl_get_options:
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): all values of an option that may
 *   be given more than once
 */
const char *const *
galley_ctl_get_options (GalleyCtl *self, const char *name)
{
  const GPtrArray *values = g_hash_table_lookup (self->options, name);

  return values != NULL ? (const char *const *)values->pdata : NULL;
}

/**
 * galley_ctl_get_option:
 *
 * Returns: (nullable): the value, the first when there are several
 */
const char *
galley_ctl_get_option (GalleyCtl *self, const char *name)
{
  const GPtrArray *values = g_hash_table_lookup (self->options, name);

  return values != NULL ? g_ptr_array_index (values, 0) : NULL;
}

gboolean
galley_ctl_has_option (GalleyCtl *self, const char *name)
{
  return g_hash_table_contains (self->options, name);
}

/**
 * galley_ctl_get_number:
 * @fallback: without the option
 * @error: %GALLEY_CTL_ERROR_USAGE when it is no number from @least to @most
 */
gboolean
galley_ctl_get_number (GalleyCtl *self,
                       const char *name,
                       guint fallback,
                       guint least,
                       guint most,
                       guint *number,
                       GError **error)
{
  const char *text = galley_ctl_get_option (self, name);
  guint64 value;

  *number = fallback;
  if (text == NULL)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, least, most, &value, NULL))
    return galley_ctl_usage (error, _ ("The option --%s takes a number from %u to %u."), name,
                             least, most);

  *number = value;
  return TRUE;
}

/* ── the workspace ── */

/**
 * galley_ctl_take_workspace:
 * @workspace: (transfer full): one that was just made
 */
void
galley_ctl_take_workspace (GalleyCtl *self, GalleyWorkspace *workspace)
{
  g_return_if_fail (self->workspace == NULL && self->store == NULL);

  self->workspace = workspace;
  self->store = g_object_ref (galley_workspace_get_store (workspace));
}

/**
 * galley_ctl_open_workspace:
 *
 * For verbs that sync or import; the others need the database alone.
 *
 * Returns: (transfer none): the workspace; %NULL when there is none
 */
GalleyWorkspace *
galley_ctl_open_workspace (GalleyCtl *self, GError **error)
{
  GalleyWorkspace *workspace;

  if (self->workspace != NULL)
    return self->workspace;

  workspace = galley_workspace_open (self->folder, 0, error);
  if (workspace != NULL)
    galley_ctl_take_workspace (self, workspace);
  return workspace;
}

/**
 * galley_ctl_open_store:
 *
 * Returns: (transfer none): the workspace, opened once; %NULL when there is none
 */
GalleyStore *
galley_ctl_open_store (GalleyCtl *self, GError **error)
{
  if (self->store == NULL)
    self->store = galley_store_open (self->folder, GALLEY_STORE_QUIET, galley_world_real (), error);

  return self->store;
}

/**
 * galley_ctl_close_store:
 *
 * For what works on the files of a workspace that nobody may have open.
 */
void
galley_ctl_close_store (GalleyCtl *self)
{
  g_clear_pointer (&self->reader, galley_reader_free);
  if (self->store != NULL)
    galley_store_close (self->store);
  g_clear_object (&self->store);
}

GalleyReader *
galley_ctl_open_reader (GalleyCtl *self, GError **error)
{
  if (self->reader == NULL && galley_ctl_open_store (self, error) != NULL)
    self->reader = galley_store_open_reader (self->store, error);

  return self->reader;
}

/* By its name, when only one is called so. */
static gboolean
find_project_by_name (GPtrArray *projects, const char *name, GalleyId *id, GError **error)
{
  guint n_found = 0;

  for (guint i = 0; i < projects->len; i++)
    {
      const GalleyProjectRow *row = g_ptr_array_index (projects, i);

      if (g_str_equal (row->name, name))
        {
          *id = row->id;
          n_found++;
        }
    }
  if (n_found == 1)
    return TRUE;

  return galley_ctl_fail (error,
                          n_found == 0 ? _ ("There is no project “%.80s”.")
                                       : _ ("There is more than one project “%.80s”: give its id."),
                          name);
}

/**
 * galley_ctl_find_project_in:
 * @text: its id, or its name when only one is called so
 */
gboolean
galley_ctl_find_project_in (GalleyReader *reader, const char *text, GalleyId *id, GError **error)
{
  g_autoptr (GPtrArray) projects = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    return galley_ctl_usage (error, _ ("Text is given in UTF-8."));
  projects = galley_reader_list_projects (reader, error);
  if (projects == NULL)
    return FALSE;
  if (!galley_id_parse (text, id, NULL))
    return find_project_by_name (projects, text, id, error);

  for (guint i = 0; i < projects->len; i++)
    if (galley_id_equal (&((GalleyProjectRow *)g_ptr_array_index (projects, i))->id, id))
      return TRUE;

  return galley_ctl_fail (error, _ ("There is no project “%.80s”."), text);
}

gboolean
galley_ctl_find_project (GalleyCtl *self, const char *text, GalleyId *id, GError **error)
{
  GalleyReader *reader = galley_ctl_open_reader (self, error);

  return reader != NULL && galley_ctl_find_project_in (reader, text, id, error);
}

/**
 * galley_ctl_parse_moment:
 * @text: as ISO 8601 has it; without a zone, of this computer's
 * @moment_us: (out): since 1970 UTC
 */
gboolean
galley_ctl_parse_moment (const char *text, gint64 *moment_us, GError **error)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GDateTime) moment = g_date_time_new_from_iso8601 (text, zone);

  if (moment == NULL)
    return galley_ctl_usage (error,
                             _ ("“%.60s” is no moment: write it as 2026-05-31T14:30:00, with a Z "
                                "at "
                                "the end for UTC."),
                             text);

  *moment_us = g_date_time_to_unix (moment) * G_USEC_PER_SEC + g_date_time_get_microsecond (moment);
  return TRUE;
}

/**
 * galley_ctl_find_person:
 * @text: an id, or a name that is theirs alone
 */
gboolean
galley_ctl_find_person (GalleyCtl *self, const char *text, GalleyId *id, GError **error)
{
  g_autoptr (GPtrArray)
      persons = galley_directory_list_persons (galley_ctl_open_reader (self, NULL), error);
  guint n_found = 0;

  if (persons == NULL)
    return FALSE;
  if (galley_id_parse (text, id, NULL))
    return TRUE;
  for (guint i = 0; i < persons->len; i++)
    {
      const GalleyPerson *person = persons->pdata[i];

      if (g_strcmp0 (person->name, text) != 0)
        continue;
      *id = person->id;
      n_found++;
    }
  if (n_found == 1)
    return TRUE;

  return galley_ctl_fail (error,
                          n_found == 0 ? _ ("There is nobody called “%.60s” here.")
                                       : _ ("There is more than one “%.60s”: give their id."),
                          text);
}

/**
 * galley_ctl_find_entity:
 * @text: an id
 * @kind: what it must be; 0: anything
 *
 * Returns: (transfer full): the entity, also when it was deleted
 */
GalleyEntity *
galley_ctl_find_entity (GalleyCtl *self, const char *text, guint8 kind, GError **error)
{
  GalleyReader *reader = galley_ctl_open_reader (self, error);
  g_autoptr (GalleyEntity) entity = NULL;
  GalleyId id;

  if (reader == NULL)
    return NULL;
  if (!galley_id_parse (text, &id, NULL))
    {
      g_autofree char *shown = g_utf8_make_valid (text, -1);

      galley_ctl_fail (error, _ ("“%.80s” is not an id."), shown);
      return NULL;
    }

  entity = galley_reader_get_entity (reader, &id, error);
  if (entity == NULL)
    return NULL;
  if (kind != 0 && entity->kind != kind)
    {
      const GalleyKindSpec *is = galley_schema_get_kind (entity->kind);

      galley_ctl_fail (error, _ ("%s is the id of a thing of the kind “%s”, not “%s”."), text,
                       is != NULL ? is->name : "?", galley_schema_get_kind (kind)->name);
      return NULL;
    }

  return g_steal_pointer (&entity);
}

/* ── the answer ── */

JsonBuilder *
galley_ctl_get_json (GalleyCtl *self)
{
  return self->builder;
}

/**
 * galley_ctl_set_status:
 * @why: (nullable): a sentence, for a verb that has an answer and yet did not end well
 */
void
galley_ctl_set_status (GalleyCtl *self, GalleyCtlStatus status, const char *why)
{
  g_free (self->why);
  self->status = status;
  self->why = g_strdup (why);
}

/**
 * galley_ctl_commit:
 * @made: (nullable): what the change is about, for the answer
 *
 * Makes the change and answers with it.
 */
gboolean
galley_ctl_commit (GalleyCtl *self, GalleyDraft *draft, const GalleyId *made, GError **error)
{
  GalleyStore *store = galley_ctl_open_store (self, error);
  g_autofree char *change = NULL;
  GalleyCommitted committed;

  if (store == NULL || !galley_store_commit (store, draft, &committed, error))
    return FALSE;

  change = galley_ref_to_string (&committed.ref);
  json_builder_begin_object (self->builder);
  if (made != NULL)
    galley_json_add_id (self->builder, "id", made);
  galley_json_add_string (self->builder, "change", change);
  json_builder_end_object (self->builder);
  return TRUE;
}

/**
 * galley_ctl_status_of:
 *
 * Returns: what the shell gets for an error
 */
GalleyCtlStatus
galley_ctl_status_of (const GError *error)
{
  if (g_error_matches (error, GALLEY_CTL_ERROR, GALLEY_CTL_ERROR_USAGE))
    return GALLEY_CTL_USAGE;
  if (g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_UNREACHABLE) ||
      g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_TIMEOUT) ||
      g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_CUT) ||
      g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SERVER))
    return GALLEY_CTL_UNREACHABLE;

  return GALLEY_CTL_FAILED;
}

/**
 * galley_ctl_run:
 *
 * Runs the verb and prints its answer.
 *
 * Returns: for the shell; @error is set when there is no answer
 */
GalleyCtlStatus
galley_ctl_run (GalleyCtl *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) answer = NULL;

  if (!self->verb->run (self, &local))
    {
      GalleyCtlStatus status = galley_ctl_status_of (local);

      g_propagate_error (error, g_steal_pointer (&local));
      return status;
    }

  answer = json_builder_get_root (self->builder);
  if (answer != NULL &&
      !galley_ctl_print (answer, self->json ? NULL : self->verb->columns, self->json, error))
    return GALLEY_CTL_FAILED;
  if (self->why != NULL)
    g_printerr ("%s\n", self->why);

  return self->status;
}
