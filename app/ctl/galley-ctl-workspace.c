/* galley-ctl-workspace.c: galleyctl workspace: make one, connect it, ask how it is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-workspace"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"

#include <glib/gi18n.h>

static void
add_server (GalleyCtl *ctl, GalleyReader *reader)
{
  g_autofree char *url = galley_directory_get (reader, "server_url");

  galley_json_add_string (galley_ctl_get_json (ctl), "server_url", url);
}

static gboolean
add_identity (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  GalleyId person;

  if (reader == NULL)
    return FALSE;

  galley_store_get_person (galley_ctl_open_store (ctl, NULL), &person);
  galley_json_add_string (json, "workspace", galley_ctl_get_folder (ctl));
  galley_json_add_id (json, "device", galley_store_get_device (galley_ctl_open_store (ctl, NULL)));
  galley_ctl_add_person (ctl, "person", &person);
  add_server (ctl, reader);
  return TRUE;
}

static gboolean
answer_identity (GalleyCtl *ctl, GError **error)
{
  gboolean added;

  json_builder_begin_object (galley_ctl_get_json (ctl));
  added = add_identity (ctl, error);
  json_builder_end_object (galley_ctl_get_json (ctl));
  return added;
}

static gboolean
run_init (GalleyCtl *ctl, GError **error)
{
  const char *name = galley_ctl_get_option (ctl, "name");
  GalleyWorkspace *workspace;

  if (name != NULL && (*name == '\0' || strlen (name) > 200))
    return galley_ctl_usage (error, _ ("A name has from 1 to 200 bytes."));

  workspace = galley_workspace_create (galley_ctl_get_folder (ctl), name, GALLEY_STORE_QUIET,
                                       error);
  if (workspace == NULL)
    return FALSE;

  galley_ctl_take_workspace (ctl, workspace);
  return answer_identity (ctl, error);
}

static gboolean
run_connect (GalleyCtl *ctl, GError **error)
{
  const char *invite = galley_ctl_get_option (ctl, "invite");
  GalleyWorkspace *workspace;

  if (invite == NULL || *invite == '\0')
    return galley_ctl_usage (error, _ ("Give the code of your invite with --invite CODE."));

  workspace = galley_ctl_open_workspace (ctl, error);
  return workspace != NULL &&
         galley_workspace_connect (workspace, galley_ctl_get_argument (ctl, 0), invite, error) &&
         answer_identity (ctl, error);
}

static gboolean
run_status (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  GalleyStatus status;

  if (reader == NULL || !galley_reader_get_status (reader, &status, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_int (json, "unsent", status.unsent);
  galley_json_add_int (json, "waiting_bytes", status.waiting_bytes);
  galley_json_add_int (json, "conflicts", status.conflicts);
  galley_json_add_int (json, "needs_attention", status.needs_attention);
  galley_json_add_time (json, "last_synced", status.last_synced_us);
  galley_json_add_time (json, "offline_since", status.offline_since_us);
  galley_ctl_add_boolean (ctl, "connected", status.connected);
  galley_ctl_add_boolean (ctl, "offline", status.offline);
  galley_ctl_add_boolean (ctl, "paused", status.paused);
  add_identity (ctl, NULL);
  json_builder_end_object (json);
  return TRUE;
}

static const GalleyCtlOption init_options[] = {
  { "name", "NAME", N_ ("what you are called in what you make"), FALSE },
  { NULL },
};

static const GalleyCtlOption connect_options[] = {
  { "invite", "CODE", N_ ("the code that an administrator of the server gave you"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_workspace_verbs[] = {
  { "workspace", "init", "", 0, 0, FALSE, init_options, NULL,
    N_ ("Makes a new workspace on this computer"), run_init },
  { "workspace", "connect", "URL", 1, 1, FALSE, connect_options, NULL,
    N_ ("Enrols this device at a server; all that was made before is kept and shared"),
    run_connect },
  { "workspace", "status", "", 0, 0, FALSE, NULL, NULL, N_ ("Is my work safe, and what is stuck?"),
    run_status },
  { NULL },
};
