/* galley-ctl-quarantine.c: galleyctl quarantine: what the server refused, and what to do about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-quarantine"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-quarantine.h"
#include "sync/galley-refused-file.h"

#include <glib/gi18n.h>

static void
add_refused (GalleyCtl *ctl, const GalleyRefused *refused)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autofree char *resent = refused->resent.seq != 0 ? galley_ref_to_string (&refused->resent)
                                                     : NULL;

  galley_ctl_add_change (ctl, refused->change, 0);
  galley_json_add_string (json, "code", refused->code);
  galley_json_add_string (json, "message", refused->message);
  galley_json_add_string (json, "act", refused->act);
  galley_json_add_string (json, "resent_as", resent);
}

static gboolean
run_list (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  gboolean all = galley_ctl_has_option (ctl, "all");
  g_autoptr (GPtrArray) rows = reader != NULL ? galley_quarantine_list (reader, all, error) : NULL;

  if (rows == NULL)
    return FALSE;

  json_builder_begin_array (json);
  for (guint i = 0; i < rows->len; i++)
    {
      json_builder_begin_object (json);
      add_refused (ctl, g_ptr_array_index (rows, i));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  return TRUE;
}

/* A device numbers its changes in each project by themselves. */
static GalleyRefused *
find_refused (GalleyCtl *ctl, GError **error)
{
  const char *text = galley_ctl_get_argument (ctl, 0);
  const char *project_text = galley_ctl_get_option (ctl, "project");
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  g_autoptr (GPtrArray) rows = NULL;
  GalleyRefused *found = NULL;
  GalleyId project;

  if (reader == NULL ||
      (project_text != NULL && !galley_ctl_find_project (ctl, project_text, &project, error)) ||
      (rows = galley_quarantine_list (reader, TRUE, error)) == NULL)
    return NULL;

  for (guint i = rows->len; i > 0; i--)
    {
      const GalleyRefused *refused = g_ptr_array_index (rows, i - 1);
      g_autofree char *name = galley_ref_to_string (&refused->ref);

      if (g_ascii_strcasecmp (name, text) != 0 ||
          (project_text != NULL && !galley_id_equal (&refused->project, &project)))
        continue;
      if (found != NULL)
        {
          galley_refused_free (found);
          galley_ctl_fail (error, _ ("There are refused changes with this number in several "
                                     "projects; say which with --project."));
          return NULL;
        }
      found = g_ptr_array_steal_index (rows, i - 1);
    }
  if (found == NULL)
    galley_ctl_fail (error, _ ("No change “%.80s” was refused; see “quarantine list”."), text);

  return found;
}

static gboolean
run_show (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyRefused) refused = find_refused (ctl, error);

  if (refused == NULL)
    return FALSE;

  json_builder_begin_object (json);
  add_refused (ctl, refused);
  json_builder_end_object (json);
  return TRUE;
}

/* ── acts ── */

typedef enum
{
  ACT_RESEND,
  ACT_DISCARD,
  ACT_RESTORE,
} ActKind;

typedef struct
{
  ActKind kind;
  const GalleyRefused *refused;
  GalleyRef made;
} Act;

/* writer thread */
static gboolean
write_act (GalleyWriter *writer, gpointer data, GError **error)
{
  Act *act = data;

  if (act->kind == ACT_RESEND)
    return galley_quarantine_resend (writer, &act->refused->project, &act->refused->ref, &act->made,
                                     error);

  return galley_quarantine_discard (writer, &act->refused->project, &act->refused->ref,
                                    act->kind == ACT_DISCARD, error);
}

static gboolean
run_act (GalleyCtl *ctl, ActKind kind, const char *name, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyRefused) refused = find_refused (ctl, error);
  Act act = { kind, refused, { { { 0 } }, 0 } };
  g_autofree char *was = NULL, *made = NULL;

  if (refused == NULL ||
      !galley_store_write (galley_ctl_open_store (ctl, NULL), write_act, &act, error))
    return FALSE;

  was = galley_ref_to_string (&refused->ref);
  made = act.made.seq != 0 ? galley_ref_to_string (&act.made) : NULL;
  json_builder_begin_object (json);
  galley_json_add_string (json, name, was);
  galley_json_add_string (json, "change", made);
  json_builder_end_object (json);
  return TRUE;
}

static gboolean
run_resend (GalleyCtl *ctl, GError **error)
{
  return run_act (ctl, ACT_RESEND, "resent", error);
}

static gboolean
run_discard (GalleyCtl *ctl, GError **error)
{
  return run_act (ctl, ACT_DISCARD, "discarded", error);
}

static gboolean
run_restore (GalleyCtl *ctl, GError **error)
{
  return run_act (ctl, ACT_RESTORE, "restored", error);
}

/* ── to somebody who may ── */

static gboolean
run_export (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyRefused) refused = find_refused (ctl, error);
  const char *path = galley_ctl_get_argument (ctl, 1);
  g_autoptr (GBytes) document = NULL;
  g_autofree char *person = NULL;
  g_autoptr (GError) local = NULL;

  if (refused == NULL)
    return FALSE;

  person = galley_directory_name_of (galley_ctl_open_reader (ctl, NULL),
                                     &galley_change_get_header (refused->change)->actor);
  document = galley_refused_file_write (refused, person);
  if (!g_file_set_contents_full (path, g_bytes_get_data (document, NULL),
                                 g_bytes_get_size (document), G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                 &local))
    return galley_ctl_fail (error, _ ("“%s” cannot be written: %s"), path, local->message);

  json_builder_begin_object (json);
  galley_json_add_string (json, "exported", path);
  json_builder_end_object (json);
  return TRUE;
}

static GalleyChange *
read_export (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) local = NULL;
  GalleyChange *change = NULL;
  gsize size;

  if (g_file_get_contents (path, &text, &size, &local))
    {
      body = g_bytes_new_take (g_steal_pointer (&text), size);
      change = galley_refused_file_read (body, &local);
    }
  if (change == NULL)
    galley_ctl_fail (error, _ ("“%s” cannot be read: %s"), path, local->message);

  return change;
}

typedef struct
{
  GalleyChange *change;
  GalleyRef made;
} Adoption;

/* writer thread */
static gboolean
write_adoption (GalleyWriter *writer, gpointer data, GError **error)
{
  Adoption *adoption = data;

  return galley_quarantine_adopt (writer, adoption->change, &adoption->made, error);
}

static gboolean
run_adopt (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  g_autoptr (GalleyChange) change = NULL;
  g_autofree char *made = NULL;
  Adoption adoption = { 0 };

  if (store == NULL || (change = read_export (galley_ctl_get_argument (ctl, 0), error)) == NULL)
    return FALSE;
  adoption.change = change;
  if (!galley_store_write (store, write_adoption, &adoption, error))
    return FALSE;

  made = galley_ref_to_string (&adoption.made);
  json_builder_begin_object (json);
  galley_json_add_string (json, "change", made);
  json_builder_end_object (json);
  return TRUE;
}

static const GalleyCtlOption list_options[] = {
  { "all", NULL, N_ ("also what was sent again or discarded"), FALSE },
  { NULL },
};

static const GalleyCtlOption one_options[] = {
  { "project", "PROJECT", N_ ("in which, when there are such changes in more than one"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_quarantine_verbs[] = {
  { "quarantine", "list", "", 0, 0, FALSE, list_options, "time,intent,message,change",
    N_ ("Own changes that the server refused, and why; they are kept"), run_list },
  { "quarantine", "show", "CHANGE", 1, 1, FALSE, one_options, NULL,
    N_ ("A refused change, with all that it says"), run_show },
  { "quarantine", "resend", "CHANGE", 1, 1, FALSE, one_options, NULL,
    N_ ("Sends it again as a new change, when the reason is gone"), run_resend },
  { "quarantine", "export", "CHANGE FILE", 2, 2, TRUE, one_options, NULL,
    N_ ("Writes it into a file, for somebody who may do it to adopt"), run_export },
  { "quarantine", "adopt", "FILE", 1, 1, TRUE, NULL, NULL,
    N_ ("Makes somebody's refused change in your name; whose it was stays in it"), run_adopt },
  { "quarantine", "discard", "CHANGE", 1, 1, FALSE, one_options, NULL,
    N_ ("Puts it away; the journal keeps it, and that it was put away"), run_discard },
  { "quarantine", "restore", "CHANGE", 1, 1, FALSE, one_options, NULL,
    N_ ("Takes back that it was discarded"), run_restore },
  { NULL },
};
