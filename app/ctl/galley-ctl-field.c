/* galley-ctl-field.c: galleyctl field and galleyctl entity: any field of anything, and whether it
 * is there
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-field"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-editor.h"
#include "app/ctl/galley-ctl-value.h"
#include "app/ctl/galley-ctl-verbs.h"

#include <glib/gi18n.h>

static gboolean
run_get (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const char *name = galley_ctl_get_argument (ctl, 1);
  g_autoptr (GalleyEntity)
      entity = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0), 0, error);
  const GalleyFieldSpec *spec;

  if (entity == NULL)
    return FALSE;

  spec = name != NULL ? galley_schema_find_field (entity->kind, name) : NULL;
  if (name != NULL && spec == NULL)
    return galley_ctl_fail (error, _ ("This thing has no field “%.60s”."), name);

  json_builder_begin_object (json);
  galley_ctl_add_entity (ctl, entity);
  if (spec != NULL)
    {
      galley_ctl_add_field_name (ctl, entity->kind, spec->number, "");
      galley_ctl_add_field (ctl, entity, spec->number);
    }
  else
    {
      galley_ctl_add_fields (ctl, entity);
    }
  json_builder_end_object (json);
  return TRUE;
}

static gboolean
run_set (GalleyCtl *ctl, GError **error)
{
  return galley_ctl_editor_run (ctl, "field.set", error);
}

static gboolean
run_delete (GalleyCtl *ctl, GError **error)
{
  return galley_ctl_editor_run (ctl, "entity.delete", error);
}

static gboolean
run_restore (GalleyCtl *ctl, GError **error)
{
  return galley_ctl_editor_run (ctl, "entity.restore", error);
}

static const GalleyCtlOption set_options[] = {
  { "element", "TEXT",
    N_ ("of a list: the one element to add (value true) or to take away (false)"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_field_verbs[] = {
  { "field", "get", "ENTITY [FIELD]", 1, 2, FALSE, NULL, NULL,
    N_ ("The fields of anything, or one of them: value, state, and whose it is"), run_get },
  { "field", "set", "ENTITY FIELD VALUE", 3, 3, FALSE, set_options, NULL,
    N_ ("Sets a field: a text as it is, all else as JSON; null clears it"), run_set },
  { "entity", "delete", "ID", 1, 1, FALSE, NULL, NULL, N_ ("Deletes anything; it can be restored"),
    run_delete },
  { "entity", "restore", "ID", 1, 1, FALSE, NULL, NULL, N_ ("Brings back what was deleted"),
    run_restore },
  { NULL },
};
