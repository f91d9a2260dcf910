/* galley-ctl-repair.c: galleyctl repair, backup: what can be done when something is wrong
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-repair"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-local-backup.h"
#include "sync/galley-repair.h"
#include "sync/galley-support.h"

#include <glib/gi18n.h>
#include <string.h>

static gboolean
run_list (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_array (json);
  for (guint i = 0; i < GALLEY_N_REPAIRS; i++)
    {
      json_builder_begin_object (json);
      galley_json_add_string (json, "name", galley_repair_get_name (i));
      galley_json_add_string (json, "title", galley_repair_get_title (i));
      galley_json_add_string (json, "does", galley_repair_get_preview (i));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  return TRUE;
}

static void
answer (GalleyCtl *ctl, const char *name, const GalleyRepairReport *report)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autofree char *job = g_strdup_printf ("%" G_GINT64_FORMAT, report->job);

  json_builder_begin_object (json);
  galley_json_add_string (json, "repair", name);
  galley_json_add_string (json, "result", report->result);
  json_builder_set_member_name (json, "findings");
  json_builder_begin_array (json);
  for (guint i = 0; report->findings != NULL && i < report->findings->len; i++)
    json_builder_add_string_value (json, report->findings->pdata[i]);
  json_builder_end_array (json);
  galley_json_add_string (json, "job", job);
  json_builder_end_object (json);
  if (report->findings != NULL && report->findings->len > 0)
    galley_ctl_set_status (ctl, GALLEY_CTL_ATTENTION, report->result);
}

static gboolean
run_repair (GalleyCtl *ctl, GError **error)
{
  const char *name = galley_ctl_get_argument (ctl, 0);
  GalleyStore *store;
  g_auto (GalleyRepairReport) report = { 0 };
  GalleyRepair repair;

  if (!galley_repair_parse (name, &repair))
    return galley_ctl_usage (error, _ ("There is no such repair. See “repair list”."));

  store = galley_ctl_open_store (ctl, error);
  if (store == NULL || !galley_repair_run (repair, store, NULL, &report, error))
    return FALSE;

  answer (ctl, name, &report);
  return TRUE;
}

static gboolean
run_backup_list (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GPtrArray) files = galley_local_backup_list (galley_ctl_get_folder (ctl), error);

  if (files == NULL)
    return FALSE;

  json_builder_begin_array (json);
  for (guint i = 0; i < files->len; i++)
    {
      const GalleyBackupFile *file = files->pdata[i];

      json_builder_begin_object (json);
      galley_json_add_string (json, "file", file->path);
      galley_json_add_time (json, "made", file->made_us);
      galley_json_add_int (json, "size", file->size_bytes);
      galley_ctl_add_boolean (ctl, "bad", file->bad);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  return TRUE;
}

static gboolean
run_backup_verify (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const char *path = galley_ctl_get_argument (ctl, 0);
  guint64 n_changes;

  if (!galley_local_backup_verify (path, &n_changes, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_string (json, "file", path);
  galley_json_add_int (json, "changes", n_changes);
  json_builder_end_object (json);
  return TRUE;
}

static gboolean
run_support (GalleyCtl *ctl, GError **error)
{
  const char *path = galley_ctl_get_argument (ctl, 0);
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  g_autofree char *text = NULL;

  if (store == NULL)
    return FALSE;
  text = galley_support_describe (store, galley_ctl_has_option (ctl, "with-words"), error);
  if (text == NULL ||
      !g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_string (json, "file", path);
  galley_json_add_int (json, "bytes", strlen (text));
  json_builder_end_object (json);
  return TRUE;
}

static const GalleyCtlOption support_options[] = {
  { "with-words", NULL, N_ ("with the names of projects and files, and the server's address"),
    FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_repair_verbs[] = {
  { "repair", "list", "", 0, 0, FALSE, NULL, "name,title,does",
    N_ ("What can be done when something is wrong"), run_list },
  { "repair", "run", "NAME", 1, 1, FALSE, NULL, NULL,
    N_ ("Does it, and says what it found; a job like any other"), run_repair },
  { "backup", "list", "", 0, 0, FALSE, NULL, "made,size,bad,file",
    N_ ("The backups of this workspace on this computer"), run_backup_list },
  { "backup", "verify", "FILE", 1, 1, FALSE, NULL, NULL,
    N_ ("Unpacks a backup and looks at every page of it"), run_backup_verify },
  { "support", NULL, "FILE", 1, 1, FALSE, support_options, NULL,
    N_ ("Writes what somebody needs to know who is to help from afar"), run_support },
  { NULL },
};
