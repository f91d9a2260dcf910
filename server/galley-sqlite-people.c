/* galley-sqlite-people.c: who is who: invites, persons, devices, roles
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sqlite-people"

#include "server/galley-sqlite-backend-private.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

static gboolean
fail (GError **error, GalleyServerError code, const char *message)
{
  g_set_error_literal (error, GALLEY_SERVER_ERROR, code, message);
  return FALSE;
}

/* A code is read from a slip of paper: how it is spelt does not matter. */
static char *
spell_code (const char *code)
{
  g_autoptr (GString) signs = g_string_new (NULL);

  for (const char *sign = code; *sign != '\0'; sign++)
    if (g_ascii_isalnum (*sign))
      g_string_append_c (signs, g_ascii_toupper (*sign));
  return g_string_free (g_steal_pointer (&signs), FALSE);
}

static void
hash_code (const char *code, GalleyHash *hash)
{
  g_autofree char *spelt = spell_code (code);

  galley_sqlite_hash_secret (spelt, hash);
}

/* The same invite gives the same device the same token, so that asking again changes nothing: a
 * request that comes late a second time would else take the token away from a device that works.
 * Neither who reads this server's file, where the code is not, nor who has overheard the code can
 * make it. */
static char *
make_token (GalleySqliteBackend *self, const GalleyEnrolRequest *request)
{
  static const char purpose[] = "galley token 1";
  g_autofree char *spelt = spell_code (request->invite);
  crypto_generichash_state state;
  GalleyHash token;

  crypto_generichash_init (&state, (const guint8 *)self->token_key, strlen (self->token_key),
                           sizeof token.bytes);
  crypto_generichash_update (&state, (const guint8 *)purpose, sizeof purpose);
  crypto_generichash_update (&state, request->public_key, sizeof request->public_key);
  crypto_generichash_update (&state, (const guint8 *)spelt, strlen (spelt));
  crypto_generichash_final (&state, token.bytes, sizeof token.bytes);
  return galley_hash_to_string (&token);
}

/* ── enrolment ── */

/* The very device that took the invite, for the same person: its answer got lost on the way. */
static gboolean
find_taken (GalleySqliteBackend *self,
            const GalleyEnrolRequest *request,
            const GalleyHash *code,
            const GalleyId *device,
            gint64 *person,
            GError **error)
{
  *person = 0;
  return galley_database_get_int (
      self->db, person, error,
      "SELECT i.person FROM invite_use u JOIN invite i ON i.code_hash = u.code_hash"
      " WHERE u.code_hash = ?1 AND u.device = ?2 AND EXISTS"
      " (SELECT 1 FROM person p WHERE p.number = i.person AND p.id = ?3 UNION ALL"
      "  SELECT 1 FROM alias a WHERE a.person = i.person AND a.id = ?3)",
      "hnn", code, device, &request->person);
}

static gboolean
take_invite (GalleySqliteBackend *self,
             const GalleyEnrolRequest *request,
             gint64 *person,
             GError **error)
{
  GalleyHash hash;
  GalleyId device;

  hash_code (request->invite, &hash);
  galley_key_device_of (request->public_key, &device);
  if (!find_taken (self, request, &hash, &device, person, error))
    return FALSE;
  if (*person != 0)
    return TRUE;

  if (!galley_database_get_int (self->db, person, error,
                                "SELECT person FROM invite WHERE code_hash = ?1 AND uses_left > 0",
                                "h", &hash))
    return FALSE;
  if (*person == 0)
    return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN,
                 N_ ("This invite is not valid, or was used already. Ask for a new one."));

  return galley_database_run (self->db, error,
                              "UPDATE invite SET uses_left = uses_left - 1 WHERE code_hash = ?1",
                              "h", &hash) &&
         galley_database_run (self->db, error, "INSERT INTO invite_use VALUES (?1, ?2)", "hn",
                              &hash, &device);
}

/* The person's first device brings the id they have made for themselves; a later one's is another
 * name for them, so that what was made under it stays theirs. */
static gboolean
settle_person (GalleySqliteBackend *self,
               gint64 number,
               const GalleyId *own_id,
               GalleyEnrolAnswer *answer,
               GError **error)
{
  gint64 taken = 0;
  sqlite3_stmt *query;

  if (!galley_database_get_int (self->db, &taken, error,
                                "SELECT number FROM person WHERE id = ?1 UNION ALL"
                                " SELECT person FROM alias WHERE id = ?1",
                                "n", own_id))
    return FALSE;
  if (taken != 0 && taken != number)
    return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN,
                 N_ ("This device belongs to another person on this server. Use their invite."));
  if (taken == 0 &&
      (!galley_database_run (self->db, error,
                             "INSERT INTO alias SELECT ?2, number FROM person"
                             " WHERE number = ?1 AND id IS NOT NULL",
                             "in", number, own_id) ||
       !galley_database_run (self->db, error,
                             "UPDATE person SET id = ?2 WHERE number = ?1 AND id IS NULL", "in",
                             number, own_id)))
    return FALSE;

  query = galley_database_query (self->db, error,
                                 "SELECT id, name, role FROM person WHERE number = ?1", "i",
                                 number);
  if (query == NULL || galley_database_step (self->db, query, error) <= 0)
    return FALSE;
  galley_column_id (query, 0, &answer->person);
  answer->person_name = galley_column_text (query, 1);
  answer->role = galley_role_parse ((const char *)sqlite3_column_text (query, 2));
  answer->alias = !galley_id_equal (&answer->person, own_id);
  galley_database_done (query);
  return TRUE;
}

static gboolean
put_device (GalleySqliteBackend *self,
            gint64 person,
            const GalleyEnrolRequest *request,
            const char *token,
            GError **error)
{
  GalleyHash hash;
  GalleyId device;
  gint64 owner = 0;

  galley_sqlite_hash_secret (token, &hash);
  galley_key_device_of (request->public_key, &device);
  if (!galley_database_get_int (self->db, &owner, error, "SELECT person FROM device WHERE id = ?1",
                                "n", &device))
    return FALSE;
  if (owner != 0 && owner != person)
    return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN,
                 N_ ("This device belongs to another person on this server. Use their invite."));

  return galley_database_run (
             self->db, error,
             "INSERT INTO device (id, person, name, public_key, token_hash, last_seen_us)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
             " token_hash = excluded.token_hash, revoked = 0,"
             " last_seen_us = excluded.last_seen_us",
             "nisbhi", &device, person, request->device_name, request->public_key,
             (gsize)GALLEY_PUBLIC_KEY_BYTES, &hash, galley_world_now_us (self->world)) &&
         galley_database_run (self->db, error,
                              "INSERT OR IGNORE INTO token SELECT ?1, number FROM device"
                              " WHERE id = ?2",
                              "hn", &hash, &device);
}

GalleyEnrolAnswer *
galley_sqlite_enrol (GalleyBackend *backend, const GalleyEnrolRequest *request, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autoptr (GalleyEnrolAnswer) answer = g_new0 (GalleyEnrolAnswer, 1);
  gint64 person;
  gboolean done;

  if (!galley_enrol_check_proof (request))
    {
      fail (error, GALLEY_SERVER_ERROR_FORBIDDEN,
            N_ ("The device could not prove that the key is its own."));
      return NULL;
    }

  /* Before the invite is used up. */
  if (request->server_id != NULL && g_strcmp0 (request->server_id, self->server_id) != 0)
    {
      fail (error, GALLEY_SERVER_ERROR_HISTORY,
            N_ ("This is not the server that the device's workspace belongs to."));
      return NULL;
    }

  answer->token = make_token (self, request);
  answer->server_id = g_strdup (self->server_id);
  if (!galley_sqlite_begin (self, error))
    return NULL;
  done = take_invite (self, request, &person, error) &&
         settle_person (self, person, &request->person, answer, error) &&
         put_device (self, person, request, answer->token, error);
  return galley_sqlite_end (self, done, error) ? g_steal_pointer (&answer) : NULL;
}

/**
 * galley_sqlite_add_device:
 * @request: proves its key over the id of the session's device instead of an invite
 *
 * For a workspace that was copied: each of the two is a device of its own from then on, of the same
 * person. The session's device stays as it is, since the other one may be using it.
 */
GalleyEnrolAnswer *
galley_sqlite_add_device (GalleyBackend *backend,
                          const GalleySession *session,
                          const GalleyEnrolRequest *request,
                          GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autoptr (GalleyEnrolAnswer) answer = g_new0 (GalleyEnrolAnswer, 1);
  char device[GALLEY_ID_TEXT_SIZE];
  gint64 person = 0;
  gboolean done;

  if (!g_str_equal (request->invite, galley_id_print (&session->device, device)) ||
      !galley_enrol_check_proof (request))
    {
      fail (error, GALLEY_SERVER_ERROR_FORBIDDEN,
            "The device could not prove that the key is its own.");
      return NULL;
    }

  answer->token = galley_sqlite_make_secret (self, "0123456789abcdef", 64, 0);
  answer->server_id = g_strdup (self->server_id);
  if (!galley_sqlite_begin (self, error))
    return NULL;
  done = galley_database_get_int (self->db, &person, error,
                                  "SELECT person FROM device WHERE id = ?1 AND revoked = 0", "n",
                                  &session->device) &&
         (person != 0 ||
          fail (error, GALLEY_SERVER_ERROR_UNAUTHORIZED, "This device's access was withdrawn.")) &&
         settle_person (self, person, &session->person, answer, error) &&
         put_device (self, person, request, answer->token, error);
  return galley_sqlite_end (self, done, error) ? g_steal_pointer (&answer) : NULL;
}

/* ── the directory ── */

static gboolean
list_persons (GalleySqliteBackend *self, GalleyMe *me, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT id, name, role FROM person WHERE id IS NOT "
                                               "NULL ORDER BY number",
                                               "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyPerson *person = g_new0 (GalleyPerson, 1);

      galley_column_id (query, 0, &person->id);
      person->name = galley_column_text (query, 1);
      person->role = galley_role_parse ((const char *)sqlite3_column_text (query, 2));
      g_ptr_array_add (me->persons, person);
    }
  if (stepped < 0)
    return FALSE;

  query = galley_database_query (self->db, error,
                                 "SELECT a.id, p.id FROM alias a JOIN person p ON p.number = "
                                 "a.person WHERE p.id IS NOT NULL",
                                 "");
  stepped = query != NULL ? 1 : -1;
  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyAlias alias;

      galley_column_id (query, 0, &alias.alias);
      galley_column_id (query, 1, &alias.person);
      g_array_append_val (me->aliases, alias);
    }

  return stepped == 0;
}

static gboolean
list_devices (GalleySqliteBackend *self, GalleyMe *me, GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      self->db, error,
      "SELECT d.id, p.id, d.name, d.public_key, d.revoked, d.last_seen_us FROM device d"
      " JOIN person p ON p.number = d.person ORDER BY d.number",
      "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyDevice *device = g_new0 (GalleyDevice, 1);

      galley_column_id (query, 0, &device->id);
      galley_column_id (query, 1, &device->person);
      device->name = galley_column_text (query, 2);
      if (sqlite3_column_bytes (query, 3) == sizeof device->public_key)
        memcpy (device->public_key, sqlite3_column_blob (query, 3), sizeof device->public_key);
      device->revoked = sqlite3_column_int (query, 4);
      device->last_seen_us = sqlite3_column_int64 (query, 5);
      g_ptr_array_add (me->devices, device);
    }

  return stepped == 0;
}

static gboolean
list_projects (GalleySqliteBackend *self,
               const GalleySession *session,
               GalleyMe *me,
               GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      self->db, error,
      "SELECT p.id, p.position, p.history, (SELECT o.role FROM role_override o JOIN person x"
      " ON x.number = o.person WHERE o.project = p.number AND x.id = ?1), s.rolling"
      " FROM project p LEFT JOIN stream s ON s.project = p.number AND s.position = p.position"
      " ORDER BY p.number",
      "n", &session->person);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyMeProject *project = g_new0 (GalleyMeProject, 1);

      galley_column_id (query, 0, &project->id);
      project->position = sqlite3_column_int64 (query, 1);
      project->history_id = galley_column_text (query, 2);
      project->has_rolling = sqlite3_column_type (query, 4) != SQLITE_NULL;
      galley_column_hash (query, 4, &project->rolling);
      project->role = sqlite3_column_type (query, 3) != SQLITE_NULL
                          ? galley_role_parse ((const char *)sqlite3_column_text (query, 3))
                          : session->role;
      /* What a person may not read is not even named to them. */
      if (project->role >= GALLEY_ROLE_GUEST)
        g_ptr_array_add (me->projects, project);
      else
        galley_me_project_free (project);
    }

  return stepped == 0;
}

/* What this device is told of its own. */
static gboolean
add_divergences (GalleySqliteBackend *self, GalleyMe *me, GError **error)
{
  g_autoptr (GArray) list = galley_sqlite_list_divergences (&self->parent, &me->device, error);

  for (guint i = 0; list != NULL && i < list->len; i++)
    for (guint k = 0; k < me->projects->len; k++)
      {
        const GalleyDivergence *divergence = &g_array_index (list, GalleyDivergence, i);
        GalleyMeProject *project = me->projects->pdata[k];

        if (galley_id_equal (&project->id, &divergence->project))
          project->differs_since = divergence->since;
      }

  return list != NULL;
}

GalleyMe *
galley_sqlite_get_me (GalleyBackend *backend, const GalleySession *session, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autoptr (GalleyMe) me = galley_me_new ();

  me->person = session->person;
  me->device = session->device;
  me->role = session->role;
  me->server_id = g_strdup (self->server_id);
  if (!galley_database_run (self->db, error,
                            "UPDATE device SET last_seen_us = ?2, program = ?3 WHERE id = ?1",
                            "nis", &session->device, galley_world_now_us (self->world),
                            session->program) ||
      !list_persons (self, me, error) || !list_devices (self, me, error) ||
      !list_projects (self, session, me, error) || !add_divergences (self, me, error) ||
      !galley_sqlite_add_flags (self, session->role, me->flags, error))
    return NULL;

  for (guint i = 0; i < me->persons->len; i++)
    {
      const GalleyPerson *person = g_ptr_array_index (me->persons, i);

      if (galley_id_equal (&person->id, &session->person))
        me->name = g_strdup (person->name);
    }
  if (me->name == NULL)
    me->name = g_strdup ("");
  return g_steal_pointer (&me);
}

/* ── for administrators ── */

/* No letters that look like digits. Twenty signs of 32 are 100 bits of chance. */
char *
galley_sqlite_create_invite (
    GalleyBackend *backend, const char *person, GalleyRole role, guint uses, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autofree char *code = galley_sqlite_make_secret (self, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 20,
                                                     5);
  GalleyHash hash;
  gboolean done;

  hash_code (code, &hash);
  if (!galley_sqlite_begin (self, error))
    return NULL;
  done =
      galley_database_run (self->db, error,
                           "INSERT INTO person (name, role) VALUES (?1, ?2)"
                           " ON CONFLICT (name) DO UPDATE SET role = excluded.role",
                           "ss", person, galley_role_to_string (role)) &&
      galley_database_run (self->db, error,
                           "INSERT INTO invite SELECT ?1, number, ?3 FROM person WHERE name = ?2",
                           "hsi", &hash, person, (gint64)uses);
  return galley_sqlite_end (self, done, error) ? g_steal_pointer (&code) : NULL;
}

/* Who holds a device that was lost may have read its person's invites, and could come back with
 * what is left of one, under a new key if need be. A new invite lets the device back in. */
static gboolean
close_invites (GalleySqliteBackend *self, const GalleyId *device, GError **error)
{
  return galley_database_run (self->db, error,
                              "UPDATE invite SET uses_left = 0 WHERE person ="
                              " (SELECT person FROM device WHERE id = ?1)",
                              "n", device) &&
         galley_database_run (self->db, error, "DELETE FROM invite_use WHERE device = ?1", "n",
                              device);
}

gboolean
galley_sqlite_revoke (GalleyBackend *backend, const GalleyId *device, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  gboolean done;

  if (!galley_sqlite_begin (self, error))
    return FALSE;
  done = galley_database_run (self->db, error,
                              "UPDATE device SET revoked = 1, revoked_us = ?2 WHERE id = ?1", "ni",
                              device, galley_world_now_us (self->world));
  if (done && galley_database_changes (self->db) == 0)
    done = fail (error, GALLEY_SERVER_ERROR_NOT_FOUND, "There is no such device.");
  /* None of them comes to life again when the device is let in again. */
  done = done && galley_database_run (self->db, error,
                                      "DELETE FROM token WHERE device ="
                                      " (SELECT number FROM device WHERE id = ?1)",
                                      "n", device);
  return galley_sqlite_end (self, done && close_invites (self, device, error), error);
}

gboolean
galley_sqlite_set_role (GalleyBackend *backend,
                        const GalleyId *project,
                        const GalleyId *person,
                        GalleyRole role,
                        GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;

  if (galley_sqlite_find_project (self, project, error) == 0 ||
      !galley_database_run (self->db, error,
                            "INSERT INTO role_override SELECT p.number, x.number, ?3 FROM project "
                            "p,"
                            " person x WHERE p.id = ?1 AND x.id = ?2"
                            " ON CONFLICT DO UPDATE SET role = excluded.role",
                            "nns", project, person, galley_role_to_string (role)))
    return FALSE;

  return galley_database_changes (self->db) > 0 ||
         fail (error, GALLEY_SERVER_ERROR_NOT_FOUND, "There is no such person.");
}

/**
 * galley_sqlite_list_roles:
 *
 * Returns: (transfer full) (element-type GalleyPerson): everybody who has joined, with the role
 *   that they have in the project
 */
GPtrArray *
galley_sqlite_list_roles (GalleyBackend *backend, const GalleyId *project, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autoptr (GPtrArray)
      persons = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_person_free);
  gint64 number = galley_sqlite_find_project (self, project, error);
  sqlite3_stmt *query;
  int stepped;

  if (number == 0)
    return NULL;

  query = galley_database_query (self->db, error,
                                 "SELECT x.id, x.name, ifnull (o.role, x.role) FROM person x"
                                 " LEFT JOIN role_override o ON o.person = x.number"
                                 " AND o.project = ?1 WHERE x.id IS NOT NULL ORDER BY x.number",
                                 "i", number);
  stepped = query != NULL ? 1 : -1;
  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyPerson *person = g_new0 (GalleyPerson, 1);

      galley_column_id (query, 0, &person->id);
      person->name = galley_column_text (query, 1);
      person->role = galley_role_parse ((const char *)sqlite3_column_text (query, 2));
      g_ptr_array_add (persons, person);
    }

  return stepped == 0 ? g_steal_pointer (&persons) : NULL;
}
