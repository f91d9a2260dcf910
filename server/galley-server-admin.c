/* galley-server-admin.c: what an administrator asks of a server's folder, running or not
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-server-admin"

#include "server/galley-server-admin.h"

#include "server/galley-backend.h"
#include "server/galley-backup.h"
#include "server/galley-flag-calls.h"
#include "server/galley-fleet.h"

#include <string.h>

/* One command: what it answers goes to standard output, once it has gone well. */
typedef struct
{
  GalleyBackend *backend;
  const GalleyAdminOptions *options;
  char **words; /* after noun and verb */
  JsonBuilder *json;
  GString *text;
} Admin;

typedef gboolean (*AdminFunc) (Admin *admin, GError **error);

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_MALFORMED, message);
  return FALSE;
}

static gboolean
create_invite (Admin *admin, GError **error)
{
  GalleyRole role = galley_role_parse (admin->options->role);
  g_autofree char *code = NULL;

  if (admin->options->person == NULL || *admin->options->person == '\0')
    return fail (error, "Say with --person NAME whom the invite is for.");
  if (role == GALLEY_ROLE_NONE)
    return fail (error, "Say with --role what they may do: guest, reviewer, lead or admin.");
  if (admin->options->uses < 1)
    return fail (error, "An invite is used at least once.");

  code = admin->backend->ops->create_invite (admin->backend, admin->options->person, role,
                                             admin->options->uses, error);
  if (code == NULL)
    return FALSE;

  json_builder_begin_object (admin->json);
  galley_json_add_string (admin->json, "code", code);
  galley_json_add_string (admin->json, "person", admin->options->person);
  galley_json_add_string (admin->json, "role", galley_role_to_string (role));
  json_builder_end_object (admin->json);
  g_string_append_printf (admin->text, "%s\n", code);
  return TRUE;
}

static GalleyMe *
get_directory (Admin *admin, GError **error)
{
  GalleySession nobody = { .role = GALLEY_ROLE_ADMIN };

  return admin->backend->ops->get_me (admin->backend, &nobody, error);
}

static void
add_persons (Admin *admin, GPtrArray *persons)
{
  json_builder_begin_array (admin->json);
  for (guint i = 0; i < persons->len; i++)
    {
      const GalleyPerson *person = g_ptr_array_index (persons, i);
      char id[GALLEY_ID_TEXT_SIZE];

      json_builder_begin_object (admin->json);
      galley_json_add_id (admin->json, "id", &person->id);
      galley_json_add_string (admin->json, "name", person->name);
      galley_json_add_string (admin->json, "role", galley_role_to_string (person->role));
      json_builder_end_object (admin->json);
      g_string_append_printf (admin->text, "%s  %-9s %s\n", galley_id_print (&person->id, id),
                              galley_role_to_string (person->role), person->name);
    }
  json_builder_end_array (admin->json);
}

static gboolean
list_persons (Admin *admin, GError **error)
{
  g_autoptr (GalleyMe) me = get_directory (admin, error);

  if (me == NULL)
    return FALSE;

  add_persons (admin, me->persons);
  return TRUE;
}

static gboolean
list_devices (Admin *admin, GError **error)
{
  g_autoptr (GalleyMe) me = get_directory (admin, error);

  if (me == NULL)
    return FALSE;

  json_builder_begin_array (admin->json);
  for (guint i = 0; i < me->devices->len; i++)
    {
      const GalleyDevice *device = g_ptr_array_index (me->devices, i);
      char id[GALLEY_ID_TEXT_SIZE];

      json_builder_begin_object (admin->json);
      galley_json_add_id (admin->json, "id", &device->id);
      galley_json_add_id (admin->json, "person", &device->person);
      galley_json_add_string (admin->json, "name", device->name);
      json_builder_set_member_name (admin->json, "revoked");
      json_builder_add_boolean_value (admin->json, device->revoked);
      galley_json_add_time (admin->json, "last_seen", device->last_seen_us);
      json_builder_end_object (admin->json);
      g_string_append_printf (admin->text, "%s  %s%s\n", galley_id_print (&device->id, id),
                              device->name, device->revoked ? " (revoked)" : "");
    }
  json_builder_end_array (admin->json);
  return TRUE;
}

static gboolean
revoke_device (Admin *admin, GError **error)
{
  GalleyId device;

  if (admin->words[0] == NULL)
    return fail (error, "Say which device; “device list” names them.");
  if (!galley_id_parse (admin->words[0], &device, error) ||
      !admin->backend->ops->revoke (admin->backend, &device, error))
    return FALSE;

  json_builder_begin_object (admin->json);
  galley_json_add_id (admin->json, "revoked", &device);
  json_builder_end_object (admin->json);
  g_string_append (admin->text, "Its changes are refused from now on.\n");
  return TRUE;
}

static const char *
get_device_name (GalleyMe *me, const GalleyId *id)
{
  for (guint i = 0; i < me->devices->len; i++)
    {
      const GalleyDevice *device = g_ptr_array_index (me->devices, i);

      if (galley_id_equal (&device->id, id))
        return device->name;
    }

  return "";
}

/* Which devices have come to something else in the project than most. */
static void
add_differing (Admin *admin, const GalleyId *project, const GArray *divergences, GalleyMe *me)
{
  json_builder_set_member_name (admin->json, "differing");
  json_builder_begin_array (admin->json);
  for (guint i = 0; i < divergences->len; i++)
    {
      const GalleyDivergence *divergence = &g_array_index (divergences, GalleyDivergence, i);
      const char *name = get_device_name (me, &divergence->device);
      char id[GALLEY_ID_TEXT_SIZE];

      if (!galley_id_equal (&divergence->project, project))
        continue;
      json_builder_begin_object (admin->json);
      galley_json_add_id (admin->json, "device", &divergence->device);
      galley_json_add_string (admin->json, "name", name);
      galley_json_add_int (admin->json, "since", divergence->since);
      json_builder_end_object (admin->json);
      g_string_append_printf (admin->text,
                              "  %s  %s has come to something else than most since change "
                              "%" G_GUINT64_FORMAT " at the latest\n",
                              galley_id_print (&divergence->device, id), name, divergence->since);
    }
  json_builder_end_array (admin->json);
}

static gboolean
list_projects (Admin *admin, GError **error)
{
  g_autoptr (GPtrArray) streams = admin->backend->ops->list_streams (admin->backend, error);
  g_autoptr (GalleyMe) me = streams != NULL ? get_directory (admin, error) : NULL;
  g_autoptr (GArray)
      divergences = me != NULL ? admin->backend->ops->list_divergences (admin->backend, NULL, error)
                               : NULL;

  if (divergences == NULL)
    return FALSE;

  json_builder_begin_array (admin->json);
  for (guint i = 0; i < streams->len; i++)
    {
      const GalleyStreamInfo *info = g_ptr_array_index (streams, i);
      char id[GALLEY_ID_TEXT_SIZE];

      json_builder_begin_object (admin->json);
      galley_json_add_id (admin->json, "id", &info->id);
      galley_json_add_int (admin->json, "position", info->position);
      galley_json_add_int (admin->json, "devices", info->n_devices);
      galley_json_add_int (admin->json, "refused", info->n_refused);
      g_string_append_printf (admin->text,
                              "%s  %" G_GUINT64_FORMAT " changes, %" G_GUINT64_FORMAT
                              " devices, %" G_GUINT64_FORMAT " refused\n",
                              galley_id_print (&info->id, id), info->position, info->n_devices,
                              info->n_refused);
      add_differing (admin, &info->id, divergences, me);
      json_builder_end_object (admin->json);
    }
  json_builder_end_array (admin->json);
  return TRUE;
}

/* By id or by name. */
static gboolean
find_person (Admin *admin, const char *text, GalleyId *id, GError **error)
{
  g_autoptr (GalleyMe) me = get_directory (admin, error);

  if (me == NULL)
    return FALSE;
  for (guint i = 0; i < me->persons->len; i++)
    {
      const GalleyPerson *person = g_ptr_array_index (me->persons, i);

      if (g_strcmp0 (person->name, text) == 0)
        {
          *id = person->id;
          return TRUE;
        }
    }

  return galley_id_parse (text, id, NULL) || fail (error, "There is no such person here.");
}

static gboolean
list_project_roles (Admin *admin, const GalleyId *project, GError **error)
{
  g_autoptr (GPtrArray) persons = admin->backend->ops->list_roles (admin->backend, project, error);

  if (persons == NULL)
    return FALSE;

  add_persons (admin, persons);
  return TRUE;
}

/* Says who has which role in a project, or gives one. */
static gboolean
project_roles (Admin *admin, GError **error)
{
  GalleyRole role = galley_role_parse (admin->options->role);
  GalleyId project, person;

  if (admin->words[0] == NULL || (admin->options->person == NULL) != (admin->options->role == NULL))
    return fail (error, "Say PROJECT, and to give a role --person PERSON and --role ROLE.");
  if (admin->options->role == NULL)
    return galley_id_parse (admin->words[0], &project, error) &&
           list_project_roles (admin, &project, error);
  if (role == GALLEY_ROLE_NONE && !g_str_equal (admin->options->role, "none"))
    return fail (error, "A role is none, guest, reviewer, lead or admin.");
  if (!galley_id_parse (admin->words[0], &project, error) ||
      !find_person (admin, admin->options->person, &person, error) ||
      !admin->backend->ops->set_role (admin->backend, &project, &person, role, error))
    return FALSE;

  json_builder_begin_object (admin->json);
  galley_json_add_id (admin->json, "project", &project);
  galley_json_add_id (admin->json, "person", &person);
  galley_json_add_string (admin->json, "role", galley_role_to_string (role));
  json_builder_end_object (admin->json);
  g_string_append (admin->text, "Done.\n");
  return TRUE;
}

static void
add_flag_text (GString *text, const GalleyFlagSpec *spec, GPtrArray *rules)
{
  g_string_append_printf (text, "%s: %s\n  %s unless said otherwise\n", spec->name, spec->help,
                          spec->on ? "on" : "off");
  for (guint i = 0; i < rules->len; i++)
    {
      const GalleyFlagRule *rule = g_ptr_array_index (rules, i);

      if (g_str_equal (rule->name, spec->name))
        g_string_append_printf (text, "  %s: on for %u of 100 devices\n",
                                rule->role != GALLEY_ROLE_NONE ? galley_role_to_string (rule->role)
                                                               : "everybody else",
                                rule->percent);
    }
}

static gboolean
list_flags (Admin *admin, GError **error)
{
  g_autoptr (GPtrArray) rules = admin->backend->ops->list_flags (admin->backend, error);

  if (rules == NULL)
    return FALSE;

  galley_flag_rules_add_to_json (admin->json, rules);
  for (guint i = 0; i < GALLEY_N_FLAGS; i++)
    add_flag_text (admin->text, galley_flag_get_spec (i), rules);
  return TRUE;
}

static gboolean
change_flag (Admin *admin, gboolean forget, GError **error)
{
  GalleyFlagChange change = { .name = admin->words[0],
                              .role = galley_role_parse (admin->options->role),
                              .seen = GALLEY_FLAG_NOT_SEEN,
                              .percent = forget ? GALLEY_FLAG_FORGET : admin->options->percent,
                              .reason = (char *)admin->options->reason };

  if (change.name == NULL)
    return fail (error, "Say which flag; “flag list” names them.");
  if (admin->options->role != NULL && change.role == GALLEY_ROLE_NONE)
    return fail (error, "A role is guest, reviewer, lead or admin.");
  if (!forget && admin->options->percent < 0)
    return fail (error, "Say with --percent N on how many of a hundred devices it is on.");

  return admin->backend->ops->set_flag (admin->backend, &change, error) &&
         list_flags (admin, error);
}

static gboolean
set_flag (Admin *admin, GError **error)
{
  return change_flag (admin, FALSE, error);
}

static gboolean
forget_flag (Admin *admin, GError **error)
{
  return change_flag (admin, TRUE, error);
}

static void
add_flag_change_text (GString *text, const GalleyFlagChange *change)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (change->changed_us / G_USEC_PER_SEC);
  g_autofree char *at = g_date_time_format_iso8601 (utc);

  g_string_append_printf (text, "%s  %s for %s: ", at, change->name,
                          change->role != GALLEY_ROLE_NONE ? galley_role_to_string (change->role)
                                                           : "everybody else");
  if (change->percent == GALLEY_FLAG_FORGET)
    g_string_append (text, "nothing is said any more");
  else
    g_string_append_printf (text, "on for %d of 100 devices", change->percent);
  g_string_append_printf (text, "; %s\n",
                          change->reason != NULL ? change->reason : "no reason was given");
}

/* Who switched what, and why. */
static gboolean
show_flag_history (Admin *admin, GError **error)
{
  g_autoptr (GPtrArray)
      changes = admin->backend->ops->list_flag_changes (admin->backend, G_MAXINT32, error);

  if (changes == NULL)
    return FALSE;

  galley_flag_changes_add_to_json (admin->json, changes);
  for (guint i = 0; i < changes->len; i++)
    add_flag_change_text (admin->text, changes->pdata[i]);
  if (changes->len == 0)
    g_string_append (admin->text, "Nothing was switched yet.\n");
  return TRUE;
}

static gboolean
verify_stream (Admin *admin, GError **error)
{
  GalleyId project;
  guint64 n_changes;

  if (admin->words[0] != NULL && !galley_id_parse (admin->words[0], &project, error))
    return FALSE;
  if (!admin->backend->ops->verify (admin->backend, admin->words[0] != NULL ? &project : NULL,
                                    &n_changes, error))
    return FALSE;

  json_builder_begin_object (admin->json);
  galley_json_add_int (admin->json, "verified", n_changes);
  json_builder_end_object (admin->json);
  g_string_append_printf (admin->text,
                          "%" G_GUINT64_FORMAT " changes are as their devices signed them.\n",
                          n_changes);
  return TRUE;
}

static gboolean
make_backup (Admin *admin, GError **error)
{
  if (admin->words[0] == NULL)
    return fail (error, "Say into which new folder.");
  if (!admin->backend->ops->backup (admin->backend, admin->words[0], error))
    return FALSE;

  json_builder_begin_object (admin->json);
  galley_json_add_string (admin->json, "backup", admin->words[0]);
  json_builder_end_object (admin->json);
  g_string_append (admin->text, "Streams, accounts and files are copied.\n");
  return TRUE;
}

/* The folder holds what was in the backup by now. */
static gboolean
finish_restore (Admin *admin, GError **error)
{
  if (!admin->backend->ops->begin_history (admin->backend, error))
    return FALSE;

  json_builder_begin_object (admin->json);
  galley_json_add_string (admin->json, "restored", admin->words[0]);
  json_builder_end_object (admin->json);
  g_string_append (admin->text, "Restored. Devices that know more than the backup notice it when "
                                "they next connect.\n");
  return TRUE;
}

static void
add_health_text (GString *text, JsonObject *object)
{
  JsonObject *files = json_object_get_object_member (object, "files");
  static const char *const numbers[] = { "persons", "devices", "projects",
                                         "changes", "refused", "differing" };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT " %s", i > 0 ? ", " : "",
                            json_object_get_int_member (object, numbers[i]), numbers[i]);
  g_string_append_printf (text,
                          "\n%" G_GINT64_FORMAT " files of %" G_GINT64_FORMAT
                          " bytes, %" G_GINT64_FORMAT " of them in no project\n",
                          json_object_get_int_member (files, "count"),
                          json_object_get_int_member (files, "bytes"),
                          json_object_get_int_member (files, "orphans"));
}

/* All in one object, for a watch that looks every minute. */
static gboolean
show_health (Admin *admin, GError **error)
{
  g_autoptr (JsonNode) root = NULL;

  if (!galley_fleet_add_to_json (admin->backend, admin->json, error))
    return FALSE;

  root = json_builder_get_root (admin->json);
  add_health_text (admin->text, json_node_get_object (root));
  return TRUE;
}

/* A backup is looked at as a server would, in a folder of its own: nothing of it is changed. */
static gboolean
verify_backup (Admin *admin, GError **error)
{
  GalleyBackupReport report;

  if (admin->words[0] == NULL)
    return fail (error, "Say in which folder the backup is.");
  if (!galley_backup_verify (admin->words[0], &report, error))
    return FALSE;

  json_builder_begin_object (admin->json);
  galley_json_add_string (admin->json, "backup", admin->words[0]);
  galley_json_add_int (admin->json, "changes", report.n_changes);
  galley_json_add_int (admin->json, "files", report.n_files);
  json_builder_end_object (admin->json);
  g_string_append_printf (admin->text,
                          "The backup is sound: %" G_GUINT64_FORMAT
                          " changes as their devices signed them, %" G_GUINT64_FORMAT " files.\n",
                          report.n_changes, report.n_files);
  return TRUE;
}

static const struct
{
  const char *noun, *verb; /* verb: nullable */
  AdminFunc run;
} commands[] = {
  { "invite", "create", create_invite }, { "person", "list", list_persons },
  { "device", "list", list_devices },    { "device", "revoke", revoke_device },
  { "project", "list", list_projects },  { "project", "roles", project_roles },
  { "flag", "list", list_flags },        { "flag", "set", set_flag },
  { "flag", "forget", forget_flag },     { "flag", "history", show_flag_history },
  { "health", NULL, show_health },       { "stream", "verify", verify_stream },
  { "backup", "verify", verify_backup }, { "backup", NULL, make_backup },
  { "restore", NULL, finish_restore },
};

static int
find_command (char **words, guint *n_taken)
{
  for (guint i = 0; words[0] != NULL && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].noun, words[0]) &&
        (commands[i].verb == NULL || g_strcmp0 (commands[i].verb, words[1]) == 0))
      {
        *n_taken = commands[i].verb != NULL ? 2 : 1;
        return i;
      }

  return -1;
}

/* A typing error in the folder's name must not make a new server, but an invite may be the first
 * thing that is asked of one. */
static gboolean
prepare (AdminFunc run, char **words, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "server.db", NULL);

  if (run == finish_restore)
    return (words[0] != NULL || fail (error, "Say from which folder.")) &&
           galley_backup_restore (words[0], folder, error);
  if (run == create_invite || run == verify_backup || g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;

  g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_NOT_FOUND,
               "There is no server in “%s”.", folder);
  return FALSE;
}

/**
 * galley_server_admin_run:
 * @words: noun, verb and what follows
 *
 * Returns: the exit status: 0 done, 1 failed, 2 wrong usage
 */
int
galley_server_admin_run (const char *folder,
                         gboolean json,
                         const GalleyAdminOptions *options,
                         char **words)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Admin admin = { .options = options, .json = builder, .text = text };
  guint n_taken = 0;
  int command = find_command (words, &n_taken);
  gboolean done;

  if (command < 0)
    {
      g_printerr ("There is no such command; see galley-server --help.\n");
      return 2;
    }

  admin.words = words + n_taken;
  done = prepare (commands[command].run, admin.words, folder, &error);
  /* A backup is looked at without the server that it is of. */
  if (done && commands[command].run != verify_backup)
    {
      admin.backend = galley_sqlite_backend_open (folder, galley_world_real (), &error);
      done = admin.backend != NULL;
    }
  done = done && commands[command].run (&admin, &error);
  if (admin.backend != NULL)
    admin.backend->ops->close (admin.backend);
  if (!done)
    {
      g_printerr ("%s\n", error->message);
      return g_error_matches (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_MALFORMED) ? 2 : 1;
    }

  if (json)
    {
      g_autoptr (GBytes) out = galley_json_finish (builder);

      g_print ("%.*s\n", (int)g_bytes_get_size (out), (const char *)g_bytes_get_data (out, NULL));
    }
  else
    {
      g_print ("%s", text->str);
    }
  return 0;
}
