/* galley-ctl-undo.c: galleyctl undo and redo: the last own change, as a new change
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-undo"

#include "app/ctl/galley-ctl-verbs.h"

#include <glib/gi18n.h>

static void
keep_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static gboolean
run (GalleyCtl *ctl, gboolean redo, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const char *project_text = galley_ctl_get_option (ctl, "project");
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *what = NULL, *change = NULL;
  GalleyCommitted committed;
  GalleyId project;

  if (store == NULL ||
      (project_text != NULL && !galley_ctl_find_project (ctl, project_text, &project, error)))
    return FALSE;

  galley_store_undo_async (store, project_text != NULL ? &project : NULL, redo, NULL,
                           keep_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (!galley_store_undo_finish (store, result, &committed, &what, error))
    return FALSE;

  change = galley_ref_to_string (&committed.ref);
  json_builder_begin_object (json);
  galley_json_add_string (json, "change", change);
  galley_json_add_string (json, redo ? "redone" : "undone", what);
  json_builder_end_object (json);
  return TRUE;
}

static gboolean
run_undo (GalleyCtl *ctl, GError **error)
{
  return run (ctl, FALSE, error);
}

static gboolean
run_redo (GalleyCtl *ctl, GError **error)
{
  return run (ctl, TRUE, error);
}

static const GalleyCtlOption options[] = {
  { "project", "PROJECT", N_ ("in which; else the one of the last change"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_undo_verbs[] = {
  { "undo", NULL, "", 0, 0, FALSE, options, NULL,
    N_ ("Takes the last change of this device back, as a new change"), run_undo },
  { "redo", NULL, "", 0, 0, FALSE, options, NULL, N_ ("Takes the last undo back"), run_redo },
  { NULL },
};
