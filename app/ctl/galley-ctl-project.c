/* galley-ctl-project.c: galleyctl project: make one, list them, compare one with another device's
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-project"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-editor.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-divergence.h"

#include <glib/gi18n.h>

static gboolean
run_create (GalleyCtl *ctl, GError **error)
{
  return galley_ctl_editor_run (ctl, "project.create", error);
}

static gboolean
run_list (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  g_autoptr (GPtrArray) rows = reader != NULL ? galley_reader_list_projects (reader, error) : NULL;

  if (rows == NULL)
    return FALSE;

  json_builder_begin_array (json);
  for (guint i = 0; i < rows->len; i++)
    {
      const GalleyProjectRow *row = g_ptr_array_index (rows, i);

      json_builder_begin_object (json);
      galley_json_add_id (json, "id", &row->id);
      galley_json_add_string (json, "name", row->name);
      galley_json_add_int (json, "items", row->n_items);
      galley_json_add_int (json, "conflicts", row->n_conflicts);
      galley_ctl_add_boolean (ctl, "shared", row->shared);
      galley_json_add_string (json, "role", galley_role_to_string (row->role));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  return TRUE;
}

static gboolean
run_digest (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  guint64 position, unsent;
  GalleyHash digest;
  GalleyId project;

  if (!galley_ctl_find_project (ctl, galley_ctl_get_argument (ctl, 0), &project, error) ||
      !galley_reader_get_digest (galley_ctl_open_reader (ctl, NULL), &project, &digest, &position,
                                 &unsent, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_id (json, "project", &project);
  galley_json_add_int (json, "position", position);
  galley_ctl_add_hash (ctl, "digest", &digest);
  galley_json_add_int (json, "unsent", unsent);
  galley_json_add_int (json, "differs_since",
                       galley_divergence_get (galley_ctl_open_reader (ctl, NULL), &project));
  json_builder_end_object (json);
  return TRUE;
}

static const GalleyCtlOption create_options[] = {
  { "approvals", "N", N_ ("how many approvals an item needs; 1 unless you say more"), FALSE },
  /* Translators: the words that are listed are typed just like this */
  { "by", "ROLE", N_ ("of which role at least: reviewer, lead or admin"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_project_verbs[] = {
  { "project", "create", "NAME", 1, 1, FALSE, create_options, NULL, N_ ("Makes a project"),
    run_create },
  { "project", "list", "", 0, 0, FALSE, NULL, "name,items,conflicts,shared,role,id",
    N_ ("All projects"), run_list },
  { "project", "digest", "PROJECT", 1, 1, FALSE, NULL, NULL,
    N_ ("What the project has come to: two devices with the same digest hold the same"),
    run_digest },
  { NULL },
};
