/* galley-ctl-journal.c: galleyctl journal: who did what
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-journal"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-audit-csv.h"
#include "data/galley-replay.h"
#include "data/galley-snapshot-install.h"

#include <glib/gi18n.h>

#define USUAL_LIMIT 100
#define MAX_LIMIT 1000000

static void
add_row (GalleyCtl *ctl, const GalleyJournalRow *row)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_ctl_add_change (ctl, row->change, row->position);
  galley_json_add_string (json, "refused", row->refused);
  json_builder_end_object (json);
}

/* (transfer full) (nullable): all the ids of the one who is asked for; %NULL without an error:
 * nobody is. */
static GArray *
read_person (GalleyCtl *ctl, GError **error)
{
  const char *text = galley_ctl_get_option (ctl, "person");
  GArray *ids;
  GalleyId person;

  if (text == NULL || !galley_ctl_find_person (ctl, text, &person, error))
    return NULL;

  ids = galley_directory_list_names (galley_ctl_open_reader (ctl, NULL), &person, error);
  if (ids != NULL)
    g_array_append_val (ids, person);
  return ids;
}

static gboolean
read_filter (GalleyCtl *ctl,
             GalleyJournalFilter *filter,
             GalleyId *project,
             GalleyId *entity,
             GError **error)
{
  const char *project_text = galley_ctl_get_option (ctl, "project");
  const char *entity_text = galley_ctl_get_option (ctl, "entity");
  const char *since = galley_ctl_get_option (ctl, "since");
  g_autoptr (GalleyEntity) found = NULL;

  if (since != NULL &&
      !g_ascii_string_to_unsigned (since, 10, 0, G_MAXINT64, &filter->since_position, NULL))
    return galley_ctl_usage (error, _ ("The option --%s takes a position, such as 120."), "since");
  if (!galley_ctl_get_number (ctl, "limit", USUAL_LIMIT, 1, MAX_LIMIT, &filter->limit, error) ||
      (project_text != NULL && !galley_ctl_find_project (ctl, project_text, project, error)))
    return FALSE;
  if (project_text != NULL)
    filter->project = project;
  if (entity_text == NULL)
    return TRUE;

  found = galley_ctl_find_entity (ctl, entity_text, 0, error);
  if (found == NULL)
    return FALSE;
  *entity = found->id;
  filter->entity = entity;
  return TRUE;
}

/* What was looked for may be older than what is here: then it is fetched with the next sync. */
static gboolean
ask_for_history (GalleyCtl *ctl, guint *n_projects, GError **error)
{
  GalleyStore *store = galley_ctl_open_store (ctl, error);

  return store != NULL && galley_history_ask (store, n_projects, error);
}

/* The list goes back to where the snapshot began. */
static gboolean
look_for_older (GalleyCtl *ctl, GalleyReader *reader, GError **error)
{
  g_autoptr (GPtrArray) projects = galley_reader_list_projects (reader, error);
  gboolean lacks = FALSE;
  guint n_projects;

  if (projects == NULL)
    return FALSE;
  for (guint i = 0; i < projects->len; i++)
    {
      GalleyHistoryState state;

      if (!galley_history_get_state (reader, &((GalleyProjectRow *)projects->pdata[i])->id, &state,
                                     error))
        return FALSE;
      lacks |= state.position > 0;
    }
  if (!lacks)
    return TRUE;

  galley_ctl_set_status (ctl, GALLEY_CTL_DONE,
                         _ ("Older changes are not on this computer yet. They come with the next "
                            "sync."));
  return ask_for_history (ctl, &n_projects, error);
}

static gboolean
run_list (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  GalleyJournalFilter filter = { 0 };
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GArray) persons = NULL;
  g_autoptr (GError) local = NULL;
  GalleyId project, entity;

  if (reader == NULL || !read_filter (ctl, &filter, &project, &entity, error))
    return FALSE;
  filter.persons = persons = read_person (ctl, &local);
  rows = local == NULL ? galley_reader_list_journal (reader, &filter, &local) : NULL;
  if (rows == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  json_builder_begin_array (json);
  for (guint i = 0; i < rows->len; i++)
    add_row (ctl, g_ptr_array_index (rows, i));
  json_builder_end_array (json);
  return rows->len >= filter.limit || look_for_older (ctl, reader, error);
}

/* A device counts its changes in each project anew, so that a name may be of more than one.
 * (transfer full) (nullable): %NULL without an error when @text is no such name. */
static GalleyJournalRow *
find_by_ref (GalleyCtl *ctl, const char *text, GError **error)
{
  const char *project_text = galley_ctl_get_option (ctl, "project");
  GalleyReader *reader = galley_ctl_open_reader (ctl, NULL);
  g_autoptr (GPtrArray) projects = NULL;
  g_autoptr (GalleyJournalRow) found = NULL;
  GalleyId project;
  GalleyRef ref;

  if (!galley_ref_parse (text, &ref, NULL))
    return NULL;
  if (project_text != NULL)
    return galley_ctl_find_project (ctl, project_text, &project, error)
               ? galley_reader_get_change (reader, &project, &ref, error)
               : NULL;

  projects = galley_reader_list_projects (reader, error);
  for (guint i = 0; projects != NULL && i < projects->len; i++)
    {
      const GalleyProjectRow *row = g_ptr_array_index (projects, i);
      GalleyJournalRow *here = galley_reader_get_change (reader, &row->id, &ref, NULL);

      if (here == NULL)
        continue;
      if (found != NULL)
        {
          galley_journal_row_free (here);
          galley_ctl_usage (error, _ ("There is such a change in more than one project: say with "
                                      "--project in which."));
          return NULL;
        }
      found = here;
    }

  return g_steal_pointer (&found);
}

static gboolean
run_show (GalleyCtl *ctl, GError **error)
{
  const char *text = galley_ctl_get_argument (ctl, 0);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  g_autoptr (GalleyJournalRow) row = NULL;
  g_autoptr (GError) local = NULL;
  guint n_projects;

  if (reader == NULL)
    return FALSE;
  row = find_by_ref (ctl, text, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (row == NULL)
    row = galley_reader_find_change (reader, text, &local);
  if (g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_HERE_YET) &&
      !ask_for_history (ctl, &n_projects, error))
    return FALSE;
  if (row == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  add_row (ctl, row);
  return TRUE;
}

/* Of a project, a thing, or a field of it. */
static gboolean
find_audited (
    GalleyCtl *ctl, GalleyJournalFilter *filter, GalleyId *id, guint16 *field, GError **error)
{
  const char *text = galley_ctl_get_argument (ctl, 0);
  const char *name = galley_ctl_get_option (ctl, "field");
  g_autoptr (GalleyEntity) entity = NULL;
  const GalleyFieldSpec *spec;

  if (name == NULL && galley_ctl_find_project (ctl, text, id, NULL))
    {
      filter->project = id;
      filter->limit = G_MAXUINT;
      return TRUE;
    }

  entity = galley_ctl_find_entity (ctl, text, 0, error);
  if (entity == NULL)
    return FALSE;
  *id = entity->id;
  filter->entity = id;
  if (name == NULL)
    return TRUE;

  spec = galley_schema_find_field (entity->kind, name);
  if (spec == NULL)
    return galley_ctl_fail (error, _ ("This thing has no field “%.60s”."), name);
  *field = spec->number;
  filter->field = field;
  filter->element = galley_ctl_get_option (ctl, "element");
  return TRUE;
}

static gboolean
write_audit (GalleyCtl *ctl, const GalleyAudit *audit, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const char *path = galley_ctl_get_argument (ctl, 1);
  g_autofree char *csv = galley_audit_to_csv (audit);
  guint n_steps = 0;

  if (!g_file_set_contents_full (path, csv, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error))
    return FALSE;

  for (guint i = 0; i < audit->entries->len; i++)
    n_steps += ((GalleyAuditEntry *)audit->entries->pdata[i])->steps->len;
  json_builder_begin_object (json);
  galley_json_add_string (json, "file", path);
  galley_json_add_int (json, "changes", audit->entries->len);
  galley_json_add_int (json, "fields", n_steps);
  galley_ctl_add_boolean (ctl, "whole", audit->whole);
  json_builder_end_object (json);
  return TRUE;
}

static gboolean
run_export (GalleyCtl *ctl, GError **error)
{
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  GalleyJournalFilter filter = { 0 };
  g_autoptr (GArray) persons = NULL;
  g_autoptr (GalleyAudit) audit = NULL;
  g_autoptr (GError) local = NULL;
  guint16 field;
  guint n_projects;
  GalleyId id;

  if (reader == NULL || !find_audited (ctl, &filter, &id, &field, error))
    return FALSE;
  filter.persons = persons = read_person (ctl, &local);
  audit = local == NULL ? galley_audit_read (reader, &filter, &local) : NULL;
  if (audit == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!write_audit (ctl, audit, error))
    return FALSE;
  if (audit->whole)
    return TRUE;

  galley_ctl_set_status (ctl, GALLEY_CTL_DONE,
                         _ ("Older changes are not on this computer yet. They come with the next "
                            "sync."));
  return ask_for_history (ctl, &n_projects, error);
}

static gboolean
run_verify (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const char *project_text = galley_ctl_get_argument (ctl, 0);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  g_autoptr (GError) fault = NULL;
  guint64 n_changes = 0;
  GalleyId project;
  gboolean valid;

  if (reader == NULL ||
      (project_text != NULL && !galley_ctl_find_project (ctl, project_text, &project, error)))
    return FALSE;

  valid = galley_journal_verify (reader, project_text != NULL ? &project : NULL, NULL, NULL, NULL,
                                 &n_changes, &fault);
  json_builder_begin_object (json);
  galley_ctl_add_boolean (ctl, "valid", valid);
  galley_json_add_int (json, "changes", n_changes);
  galley_json_add_string (json, "fault", valid ? NULL : fault->message);
  json_builder_end_object (json);
  if (!valid)
    galley_ctl_set_status (ctl, GALLEY_CTL_FAILED, fault->message);
  return TRUE;
}

static const GalleyCtlOption list_options[] = {
  { "project", "PROJECT", N_ ("only of this project"), FALSE },
  { "entity", "ID", N_ ("only of this thing; of an item all that belongs to it"), FALSE },
  { "person", "PERSON", N_ ("only what this person did"), FALSE },
  { "since", "POSITION", N_ ("only what the server accepted after this position"), FALSE },
  { "limit", "N", N_ ("how many at most; 100 unless you say"), FALSE },
  { NULL },
};

static const GalleyCtlOption export_options[] = {
  { "field", "FIELD", N_ ("of a thing, only this field"), FALSE },
  { "element", "TEXT", N_ ("of a list, only this element"), FALSE },
  { "person", "PERSON", N_ ("only what this person did"), FALSE },
  { NULL },
};

static const GalleyCtlOption show_options[] = {
  { "project", "PROJECT", N_ ("in which, when there are such changes in more than one"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_journal_verbs[] = {
  { "journal", "list", "", 0, 0, FALSE, list_options, "time,person_name,intent,position,change",
    N_ ("Every change, newest first: who, when, what, and what it superseded"), run_list },
  { "journal", "show", "CHANGE", 1, 1, FALSE, show_options, NULL,
    N_ ("A change: DEVICE.NUMBER, or the first digits of its hash"), run_show },
  { "journal", "export", "PROJECT|ENTITY FILE", 2, 2, TRUE, export_options, NULL,
    N_ ("Writes all changes to a table (CSV): what, from what to what, by whom, when, and why"),
    run_export },
  { "journal", "verify", "[PROJECT]", 0, 1, FALSE, NULL, NULL,
    N_ ("Checks that every change is as its author wrote it"), run_verify },
  { NULL },
};
