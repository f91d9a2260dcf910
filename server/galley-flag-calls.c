/* galley-flag-calls.c: flags over HTTP: what is said of them, for administrators
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-flag-calls"

#include "server/galley-flag-calls.h"

#include <string.h>

static gboolean
fail (GError **error, GalleyServerError code, const char *message)
{
  g_set_error_literal (error, GALLEY_SERVER_ERROR, code, message);
  return FALSE;
}

static void
add_shares (JsonBuilder *builder, const char *name, GPtrArray *rules)
{
  json_builder_set_member_name (builder, "shares");
  json_builder_begin_array (builder);
  for (guint i = 0; i < rules->len; i++)
    {
      const GalleyFlagRule *rule = g_ptr_array_index (rules, i);

      if (!g_str_equal (rule->name, name))
        continue;
      json_builder_begin_object (builder);
      galley_json_add_string (builder, "role",
                              rule->role != GALLEY_ROLE_NONE ? galley_role_to_string (rule->role)
                                                             : NULL);
      galley_json_add_int (builder, "percent", rule->percent);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/**
 * galley_flag_rules_add_to_json:
 * @rules: (element-type GalleyFlagRule): what has been said
 *
 * Adds an array of all flags that there are, with what has been said of each.
 */
void
galley_flag_rules_add_to_json (JsonBuilder *builder, GPtrArray *rules)
{
  json_builder_begin_array (builder);
  for (guint i = 0; i < GALLEY_N_FLAGS; i++)
    {
      const GalleyFlagSpec *spec = galley_flag_get_spec (i);

      json_builder_begin_object (builder);
      galley_json_add_string (builder, "name", spec->name);
      galley_json_add_string (builder, "about", spec->help);
      json_builder_set_member_name (builder, "default");
      json_builder_add_boolean_value (builder, spec->on);
      add_shares (builder, spec->name, rules);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* What each of the last changes says of itself. */
static void
add_change (JsonBuilder *builder, const GalleyFlagChange *change)
{
  json_builder_begin_object (builder);
  galley_json_add_int (builder, "number", change->number);
  galley_json_add_string (builder, "name", change->name);
  galley_json_add_string (builder, "role",
                          change->role != GALLEY_ROLE_NONE ? galley_role_to_string (change->role)
                                                           : NULL);
  json_builder_set_member_name (builder, "percent");
  if (change->percent == GALLEY_FLAG_FORGET)
    json_builder_add_null_value (builder);
  else
    json_builder_add_int_value (builder, change->percent);
  if (!galley_id_is_nil (&change->person))
    galley_json_add_id (builder, "person", &change->person);
  galley_json_add_string (builder, "reason", change->reason);
  galley_json_add_time (builder, "changed", change->changed_us);
  json_builder_end_object (builder);
}

/**
 * galley_flag_changes_add_to_json:
 * @changes: (element-type GalleyFlagChange): the last first
 *
 * Adds an array of who switched what, when and why.
 */
void
galley_flag_changes_add_to_json (JsonBuilder *builder, GPtrArray *changes)
{
  json_builder_begin_array (builder);
  for (guint i = 0; i < changes->len; i++)
    add_change (builder, changes->pdata[i]);
  json_builder_end_array (builder);
}

/* ── what is done, on a worker ── */

static void
work_list (GalleyCall *call, GError **error)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (GPtrArray) rules = call->backend->ops->list_flags (call->backend, error);
  g_autoptr (GPtrArray)
      changes = rules != NULL
                    ? call->backend->ops->list_flag_changes (call->backend,
                                                             GALLEY_FLAG_CHANGES_TOLD, error)
                    : NULL;

  if (changes == NULL)
    return;

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "flags");
  galley_flag_rules_add_to_json (json, rules);
  json_builder_set_member_name (json, "changes");
  galley_flag_changes_add_to_json (json, changes);
  json_builder_end_object (json);
  call->answer = galley_json_finish (json);
  call->media_type = "application/json";
}

/* A percentage, or null to take back what was said; and a reason, if there is one. */
static gboolean
read_change (GalleyCall *call, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) root = galley_json_parse (call->body, &local);
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;
  gboolean is_null = object != NULL && json_object_has_member (object, "percent") &&
                     json_object_get_null_member (object, "percent");
  gint64 percent = object != NULL ? galley_json_get_int (object, "percent", -1) : -1;

  if (!is_null && (percent < 0 || percent > 100))
    return fail (error, GALLEY_SERVER_ERROR_MALFORMED,
                 "Say “percent”: on how many of a hundred devices it is on, from 0 to 100.");

  call->flag->percent = is_null ? GALLEY_FLAG_FORGET : (int)percent;
  call->flag->reason = g_strdup (galley_json_get_string (object, "reason"));
  call->flag->seen = galley_json_get_int (object, "seen", GALLEY_FLAG_NOT_SEEN);
  return TRUE;
}

static void
work_set (GalleyCall *call, GError **error)
{
  if (read_change (call, error) && call->backend->ops->set_flag (call->backend, call->flag, error))
    work_list (call, error);
}

static void
work_forget (GalleyCall *call, GError **error)
{
  if (call->backend->ops->set_flag (call->backend, call->flag, error))
    work_list (call, error);
}

static void
finish_change (GalleyCall *call, GError **error)
{
  galley_server_announce_directory (call->server);
}

/* ── which of it ── */

/* @query: for whom: "role", or nobody in particular. */
static gboolean
begin_change (GalleyCall *call, const char *name, GHashTable *query, GError **error)
{
  const char *role = query != NULL ? g_hash_table_lookup (query, "role") : NULL;

  call->flag = g_new0 (GalleyFlagChange, 1);
  call->flag->name = g_strdup (name);
  call->flag->role = galley_role_parse (role);
  call->flag->percent = GALLEY_FLAG_FORGET;
  call->flag->seen = GALLEY_FLAG_NOT_SEEN;
  call->flag->person = call->session.person;
  return role == NULL || call->flag->role != GALLEY_ROLE_NONE ||
         fail (error, GALLEY_SERVER_ERROR_MALFORMED, "A role is guest, reviewer, lead or admin.");
}

/**
 * galley_flag_calls_dispatch:
 * @path: (array zero-terminated=1): "v1", "flags" and the name of one, if there is one
 */
gboolean
galley_flag_calls_dispatch (GalleyCall *call, char **path, GHashTable *query, GError **error)
{
  const char *method = soup_server_message_get_method (call->message);

  if (call->session.role < GALLEY_ROLE_ADMIN)
    return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN,
                 "Only an administrator sees and sets what is switched on.");
  if (path[2] == NULL && method == SOUP_METHOD_GET)
    {
      call->work = work_list;
      return TRUE;
    }
  if (path[2] == NULL || (method != SOUP_METHOD_PUT && method != SOUP_METHOD_DELETE))
    return fail (error, GALLEY_SERVER_ERROR_METHOD, "This address does not take such a request.");

  call->work = method == SOUP_METHOD_PUT ? work_set : work_forget;
  call->finish = finish_change;
  return begin_change (call, path[2], query, error);
}
