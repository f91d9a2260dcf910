/* galley-directory.c: who is who: persons and devices as the server names them, and this account
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-directory"

#include "data/galley-directory.h"

#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
galley_person_free (GalleyPerson *person)
{
  g_free (person->name);
  g_free (person);
}

void
galley_device_free (GalleyDevice *device)
{
  g_free (device->name);
  g_free (device);
}

/* After a write that may have changed nothing. */
static gboolean
look_at_decisions (GalleyWriter *writer, GError **error)
{
  return galley_database_changes (writer->db) == 0 ||
         galley_applier_people_moved (writer->applier, error);
}

gboolean
galley_directory_put_person (GalleyWriter *writer, const GalleyPerson *person, GError **error)
{
  writer->everything_moved = TRUE;
  return galley_database_run (writer->db, error,
                              "INSERT INTO person VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE"
                              " SET name = excluded.name, role = excluded.role"
                              " WHERE name <> excluded.name OR role <> excluded.role",
                              "nss", &person->id, person->name,
                              galley_role_to_string (person->role)) &&
         look_at_decisions (writer, error);
}

gboolean
galley_directory_put_device (GalleyWriter *writer, const GalleyDevice *device, GError **error)
{
  return galley_database_run (
      writer->db, error,
      "INSERT INTO device (id, person, name, public_key, revoked, last_seen_us)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET person = excluded.person,"
      " name = excluded.name, public_key = excluded.public_key, revoked = excluded.revoked,"
      " last_seen_us = excluded.last_seen_us",
      "nnsbii", &device->id, &device->person, device->name, device->public_key,
      (gsize)GALLEY_PUBLIC_KEY_BYTES, (gint64)device->revoked, device->last_seen_us);
}

/**
 * galley_directory_put_alias:
 *
 * Enrolment found that the id a person had made for themselves belongs to somebody known: what was
 * made under it stays theirs, and it is no person of its own any more.
 */
gboolean
galley_directory_put_alias (GalleyWriter *writer,
                            const GalleyId *alias,
                            const GalleyId *person,
                            GError **error)
{
  return galley_database_run (writer->db, error, "DELETE FROM person WHERE id = ?1", "n", alias) &&
         galley_database_run (writer->db, error,
                              "INSERT INTO alias VALUES (?1, ?2) ON CONFLICT DO UPDATE"
                              " SET person = excluded.person WHERE person <> excluded.person",
                              "nn", alias, person) &&
         look_at_decisions (writer, error);
}

/**
 * galley_directory_set_project_role:
 * @role: the own role in the project, as the server says
 */
gboolean
galley_directory_set_project_role (GalleyWriter *writer,
                                   const GalleyId *project,
                                   GalleyRole role,
                                   GError **error)
{
  if (galley_journal_get_project (writer->journal, project, TRUE, error) == 0)
    return FALSE;

  return galley_database_run (writer->db, error, "UPDATE project SET role = ?2 WHERE id = ?1", "ns",
                              project, galley_role_to_string (role));
}

/**
 * galley_directory_set:
 * @value: (nullable): %NULL forgets the key
 *
 * The key "person" is who works on this device.
 */
gboolean
galley_directory_set (GalleyWriter *writer, const char *key, const char *value, GError **error)
{
  writer->outbox_moved = TRUE;
  writer->person_moved |= g_str_equal (key, "person");
  if (value == NULL)
    return galley_database_run (writer->db, error, "DELETE FROM setting WHERE key = ?1", "s", key);

  return galley_database_run (writer->db, error,
                              "INSERT INTO setting VALUES (?1, ?2)"
                              " ON CONFLICT DO UPDATE SET value = excluded.value",
                              "ss", key, value);
}

/**
 * galley_directory_get:
 *
 * Returns: (transfer full) (nullable): the setting; %NULL when it is not set
 */
char *
galley_directory_get (GalleyReader *reader, const char *key)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  sqlite3_stmt *query = galley_database_query (db, NULL, "SELECT value FROM setting WHERE key = ?1",
                                               "s", key);
  char *value = NULL;

  if (query != NULL && galley_database_step (db, query, NULL) > 0)
    {
      value = galley_column_text (query, 0);
      galley_database_done (query);
    }

  return value;
}

#define PERSON_COLUMNS "SELECT id, name, role FROM person"

static GalleyPerson *
read_person (sqlite3_stmt *query)
{
  GalleyPerson *person = g_new0 (GalleyPerson, 1);

  galley_column_id (query, 0, &person->id);
  person->name = galley_column_text (query, 1);
  person->role = galley_role_parse ((const char *)sqlite3_column_text (query, 2));
  return person;
}

/**
 * galley_directory_get_person:
 * @person: their id, or one that they had before they were enrolled
 *
 * Returns: (transfer full) (nullable): %NULL with %GALLEY_DATA_ERROR_NOT_FOUND for one whom no
 *   server has named yet
 */
GalleyPerson *
galley_directory_get_person (GalleyReader *reader, const GalleyId *person, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  sqlite3_stmt *query =
      galley_database_query (db, error,
                             PERSON_COLUMNS
                             " WHERE id = coalesce ((SELECT person FROM alias WHERE id = ?1), ?1)",
                             "n", person);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;
  GalleyPerson *found = NULL;

  if (stepped > 0)
    {
      found = read_person (query);
      galley_database_done (query);
    }
  if (stepped == 0)
    g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                 _ ("Nobody is known under this id yet."));

  return found;
}

/**
 * galley_directory_name_of:
 *
 * Returns: (transfer full): a name for people, never %NULL: of the directory; else "Me" for the one
 *   who works here, and "Somebody" for the rest
 */
char *
galley_directory_name_of (GalleyReader *reader, const GalleyId *person)
{
  g_autoptr (GalleyPerson) found = galley_directory_get_person (reader, person, NULL);
  GalleyId me;

  if (found != NULL)
    return g_strdup (found->name);
  if (galley_reader_get_person (reader, &me, NULL) && galley_id_equal (&me, person))
    {
      g_autofree char *name = galley_directory_get (reader, "name");

      return name != NULL ? g_steal_pointer (&name) : g_strdup (_ ("Me"));
    }

  return g_strdup (_ ("Somebody"));
}

/**
 * galley_directory_list_names:
 *
 * Returns: (transfer full) (element-type GalleyId): the ids that @person had before
 */
GArray *
galley_directory_list_names (GalleyReader *reader, const GalleyId *person, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GArray) names = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT id FROM alias WHERE person = ?1 ORDER BY id",
                                               "n", person);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId id;

      galley_column_id (query, 0, &id);
      g_array_append_val (names, id);
    }

  return stepped == 0 ? g_steal_pointer (&names) : NULL;
}

GPtrArray *
galley_directory_list_persons (GalleyReader *reader, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GPtrArray)
      persons = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_person_free);
  sqlite3_stmt *query = galley_database_query (db, error, PERSON_COLUMNS " ORDER BY name, id", "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    g_ptr_array_add (persons, read_person (query));

  return stepped == 0 ? g_steal_pointer (&persons) : NULL;
}

#define DEVICE_COLUMNS "SELECT id, person, name, public_key, revoked, last_seen_us FROM device"

static GalleyDevice *
read_device (sqlite3_stmt *query)
{
  GalleyDevice *device = g_new0 (GalleyDevice, 1);

  galley_column_id (query, 0, &device->id);
  galley_column_id (query, 1, &device->person);
  device->name = galley_column_text (query, 2);
  if (sqlite3_column_bytes (query, 3) == sizeof device->public_key)
    memcpy (device->public_key, sqlite3_column_blob (query, 3), sizeof device->public_key);
  device->revoked = sqlite3_column_int (query, 4);
  device->last_seen_us = sqlite3_column_int64 (query, 5);
  return device;
}

/**
 * galley_directory_get_device:
 *
 * Returns: (transfer full) (nullable): %NULL with %GALLEY_DATA_ERROR_NOT_FOUND when no server has
 *   told its key
 */
GalleyDevice *
galley_directory_get_device (GalleyReader *reader, const GalleyId *device, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  sqlite3_stmt *query = galley_database_query (db, error,
                                               DEVICE_COLUMNS
                                               " WHERE id = ?1 AND public_key IS NOT NULL",
                                               "n", device);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;
  GalleyDevice *found = NULL;

  if (stepped > 0)
    {
      found = read_device (query);
      galley_database_done (query);
    }
  if (stepped == 0)
    g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                 _ ("The key of this device is not known here yet. Sync once, then try again."));

  return found;
}

GPtrArray *
galley_directory_list_devices (GalleyReader *reader, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GPtrArray)
      devices = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_device_free);
  sqlite3_stmt *query = galley_database_query (db, error,
                                               DEVICE_COLUMNS
                                               " WHERE public_key IS NOT NULL ORDER BY name, id",
                                               "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    g_ptr_array_add (devices, read_device (query));

  return stepped == 0 ? g_steal_pointer (&devices) : NULL;
}

/**
 * galley_directory_get_role:
 *
 * Returns: the own role in the project; admin where no server knows it
 */
GalleyRole
galley_directory_get_role (GalleyReader *reader, const GalleyId *project)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  sqlite3_stmt *query =
      galley_database_query (db, NULL,
                             "SELECT role FROM project WHERE id = ?1 AND role IS NOT NULL", "n",
                             project);
  GalleyRole role = GALLEY_ROLE_ADMIN;

  if (query != NULL && galley_database_step (db, query, NULL) > 0)
    {
      role = galley_role_parse ((const char *)sqlite3_column_text (query, 0));
      galley_database_done (query);
    }

  return role;
}

/**
 * galley_directory_list_admitted:
 *
 * Returns: (transfer full) (element-type GalleyId): the projects in which the server has given this
 *   person a role
 */
GArray *
galley_directory_list_admitted (GalleyReader *reader, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GArray) projects = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT id FROM project WHERE role <> 'none'"
                                               " ORDER BY number",
                                               "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId id;

      galley_column_id (query, 0, &id);
      g_array_append_val (projects, id);
    }

  return stepped == 0 ? g_steal_pointer (&projects) : NULL;
}
