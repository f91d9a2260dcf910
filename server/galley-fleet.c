/* galley-fleet.c: how a server and its devices are, for whoever runs it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-fleet"

#include "server/galley-fleet.h"

#include "server/galley-flag-calls.h"

/* What is asked of the backend, for one answer. */
typedef struct
{
  GPtrArray *streams;  /* of GalleyStreamInfo */
  GalleyMe *me;        /* the whole directory */
  GArray *divergences; /* of GalleyDivergence */
  GArray *followers;   /* of GalleyFollower */
  GArray *programs;    /* of GalleyDeviceProgram */
  GPtrArray *rules;    /* of GalleyFlagRule */
  GPtrArray *changes;  /* of GalleyFlagChange */
  GalleyFilesInfo files;
} Facts;

static void
clear_facts (Facts *facts)
{
  g_clear_pointer (&facts->streams, g_ptr_array_unref);
  g_clear_pointer (&facts->me, galley_me_free);
  g_clear_pointer (&facts->divergences, g_array_unref);
  g_clear_pointer (&facts->followers, g_array_unref);
  g_clear_pointer (&facts->programs, g_array_unref);
  g_clear_pointer (&facts->rules, g_ptr_array_unref);
  g_clear_pointer (&facts->changes, g_ptr_array_unref);
}

static gboolean
gather (GalleyBackend *backend, Facts *facts, GError **error)
{
  const GalleySession everybody = { .role = GALLEY_ROLE_ADMIN };

  return (facts->streams = backend->ops->list_streams (backend, error)) != NULL &&
         (facts->me = backend->ops->get_me (backend, &everybody, error)) != NULL &&
         (facts->divergences = backend->ops->list_divergences (backend, NULL, error)) != NULL &&
         (facts->followers = backend->ops->list_followers (backend, error)) != NULL &&
         (facts->programs = backend->ops->list_programs (backend, error)) != NULL &&
         (facts->rules = backend->ops->list_flags (backend, error)) != NULL &&
         (facts->changes = backend->ops->list_flag_changes (backend, GALLEY_FLAG_CHANGES_TOLD,
                                                            error)) != NULL &&
         backend->ops->get_files (backend, &facts->files, error);
}

static gboolean
differs (const Facts *facts, const GalleyFollower *follower)
{
  for (guint i = 0; i < facts->divergences->len; i++)
    {
      const GalleyDivergence *divergence = &g_array_index (facts->divergences, GalleyDivergence, i);

      if (galley_id_equal (&divergence->project, &follower->project) &&
          galley_id_equal (&divergence->device, &follower->device))
        return TRUE;
    }

  return FALSE;
}

static void
add_following (const Facts *facts, const GalleyId *device, JsonBuilder *json)
{
  json_builder_set_member_name (json, "projects");
  json_builder_begin_array (json);
  for (guint i = 0; i < facts->followers->len; i++)
    {
      const GalleyFollower *follower = &g_array_index (facts->followers, GalleyFollower, i);

      if (!galley_id_equal (&follower->device, device))
        continue;
      json_builder_begin_object (json);
      galley_json_add_id (json, "project", &follower->project);
      galley_json_add_int (json, "position", follower->position);
      galley_json_add_int (json, "lag", follower->lag);
      galley_json_add_time (json, "reported", follower->reported_us);
      json_builder_set_member_name (json, "differs");
      json_builder_add_boolean_value (json, differs (facts, follower));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static const char *
find_program (const Facts *facts, const GalleyId *device)
{
  for (guint i = 0; i < facts->programs->len; i++)
    {
      const GalleyDeviceProgram *program = &g_array_index (facts->programs, GalleyDeviceProgram, i);

      if (galley_id_equal (&program->device, device))
        return program->program;
    }

  return NULL;
}

static void
add_devices (const Facts *facts, JsonBuilder *json)
{
  json_builder_set_member_name (json, "by_device");
  json_builder_begin_array (json);
  for (guint i = 0; i < facts->me->devices->len; i++)
    {
      const GalleyDevice *device = facts->me->devices->pdata[i];

      json_builder_begin_object (json);
      galley_json_add_id (json, "id", &device->id);
      galley_json_add_id (json, "person", &device->person);
      galley_json_add_string (json, "name", device->name);
      galley_json_add_string (json, "program", find_program (facts, &device->id));
      galley_json_add_time (json, "last_seen", device->last_seen_us);
      json_builder_set_member_name (json, "revoked");
      json_builder_add_boolean_value (json, device->revoked);
      add_following (facts, &device->id, json);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static gboolean
add_project (GalleyBackend *backend,
             const GalleyStreamInfo *info,
             JsonBuilder *json,
             GError **error)
{
  guint64 n_changes, n_bytes;

  if (!backend->ops->get_growth (backend, &info->id, &n_changes, &n_bytes, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_id (json, "id", &info->id);
  galley_json_add_int (json, "position", info->position);
  galley_json_add_int (json, "devices", info->n_devices);
  galley_json_add_int (json, "refused", info->n_refused);
  galley_json_add_int (json, "changes_of_last_day", n_changes);
  galley_json_add_int (json, "bytes_of_last_day", n_bytes);
  json_builder_end_object (json);
  return TRUE;
}

static gboolean
add_projects (GalleyBackend *backend, const Facts *facts, JsonBuilder *json, GError **error)
{
  json_builder_set_member_name (json, "by_project");
  json_builder_begin_array (json);
  for (guint i = 0; i < facts->streams->len; i++)
    if (!add_project (backend, facts->streams->pdata[i], json, error))
      return FALSE;
  json_builder_end_array (json);
  return TRUE;
}

static void
add_files (const GalleyFilesInfo *files, JsonBuilder *json)
{
  json_builder_set_member_name (json, "files");
  json_builder_begin_object (json);
  galley_json_add_int (json, "count", files->n_files);
  galley_json_add_int (json, "bytes", files->n_bytes);
  galley_json_add_int (json, "orphans", files->n_orphans);
  galley_json_add_int (json, "orphan_bytes", files->orphan_bytes);
  galley_json_add_int (json, "arriving", files->n_arriving);
  galley_json_add_int (json, "arriving_bytes", files->arriving_bytes);
  json_builder_end_object (json);
}

static guint64
sum_positions (const Facts *facts, guint64 *n_refused)
{
  guint64 n_changes = 0;

  *n_refused = 0;
  for (guint i = 0; i < facts->streams->len; i++)
    {
      const GalleyStreamInfo *info = facts->streams->pdata[i];

      n_changes += info->position;
      *n_refused += info->n_refused;
    }

  return n_changes;
}

/**
 * galley_fleet_add_to_json:
 *
 * Persons, devices and how far each has come, projects and how they grow, files and those that no
 * project speaks of, and what is switched on. Only reads.
 */
gboolean
galley_fleet_add_to_json (GalleyBackend *backend, JsonBuilder *json, GError **error)
{
  Facts facts = { 0 };
  guint64 n_changes, n_refused;
  gboolean added = gather (backend, &facts, error);

  if (added)
    {
      n_changes = sum_positions (&facts, &n_refused);
      json_builder_begin_object (json);
      galley_json_add_string (json, "server_id", facts.me->server_id);
      galley_json_add_int (json, "persons", facts.me->persons->len);
      galley_json_add_int (json, "devices", facts.me->devices->len);
      galley_json_add_int (json, "projects", facts.streams->len);
      galley_json_add_int (json, "changes", n_changes);
      galley_json_add_int (json, "refused", n_refused);
      galley_json_add_int (json, "differing", facts.divergences->len);
      add_devices (&facts, json);
      added = add_projects (backend, &facts, json, error);
      add_files (&facts.files, json);
      json_builder_set_member_name (json, "flags");
      galley_flag_rules_add_to_json (json, facts.rules);
      json_builder_set_member_name (json, "flag_changes");
      galley_flag_changes_add_to_json (json, facts.changes);
      json_builder_end_object (json);
    }
  clear_facts (&facts);
  return added;
}

/* On a worker. */
static void
work_fleet (GalleyCall *call, GError **error)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (!galley_fleet_add_to_json (call->backend, json, error))
    return;

  call->answer = galley_json_finish (json);
  call->media_type = "application/json";
}

/**
 * galley_fleet_dispatch:
 * @error: when the session is not an administrator's
 */
gboolean
galley_fleet_dispatch (GalleyCall *call, GError **error)
{
  if (call->session.role < GALLEY_ROLE_ADMIN)
    {
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FORBIDDEN,
                           "Only an administrator sees how all devices are.");
      return FALSE;
    }
  if (soup_server_message_get_method (call->message) != SOUP_METHOD_GET)
    {
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_METHOD,
                           "This address does not take such a request.");
      return FALSE;
    }

  call->work = work_fleet;
  return TRUE;
}
