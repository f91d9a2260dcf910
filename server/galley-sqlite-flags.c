/* galley-sqlite-flags.c: on how many devices of whom something is switched on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sqlite-flags"

#include "server/galley-sqlite-backend-private.h"

#include <glib/gi18n-lib.h>

static const char *
role_to_key (GalleyRole role)
{
  return role != GALLEY_ROLE_NONE ? galley_role_to_string (role) : "";
}

/* A name that is typed wrongly must not look like a switch that was turned; one that is not known
 * any more can still be taken back. */
static gboolean
check_change (const GalleyFlagChange *change, GError **error)
{
  GalleyFlag flag;

  if (change->reason != NULL && g_utf8_strlen (change->reason, -1) > GALLEY_FLAG_REASON_MAX)
    {
      g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_MALFORMED,
                   "A reason has %d letters at most.", GALLEY_FLAG_REASON_MAX);
      return FALSE;
    }
  if (change->percent != GALLEY_FLAG_FORGET && (change->percent < 0 || change->percent > 100))
    {
      g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_MALFORMED,
                   "The flag “%.64s” can be on for 0 to 100 of a hundred.", change->name);
      return FALSE;
    }
  if (change->percent == GALLEY_FLAG_FORGET || galley_flag_find (change->name, &flag))
    return TRUE;

  g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_NOT_FOUND,
               "This server knows no flag “%.64s”; “flag list” names them all.", change->name);
  return FALSE;
}

static gboolean
set_rule (GalleySqliteBackend *self, const GalleyFlagChange *change, GError **error)
{
  if (change->percent == GALLEY_FLAG_FORGET)
    return galley_database_run (self->db, error, "DELETE FROM flag WHERE name = ?1 AND role = ?2",
                                "ss", change->name, role_to_key (change->role));

  return galley_database_run (self->db, error,
                              "INSERT INTO flag VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE"
                              " SET percent = excluded.percent WHERE percent <> excluded.percent",
                              "ssi", change->name, role_to_key (change->role),
                              (gint64)change->percent);
}

static gboolean
note_change (GalleySqliteBackend *self, const GalleyFlagChange *change, GError **error)
{
  return galley_database_run (self->db, error,
                              "INSERT INTO flag_change (name, role, percent, person, reason, "
                              "changed_us)"
                              " VALUES (?1, ?2, nullif (?3, ?4), ?5, ?6, ?7)",
                              "ssiinsi", change->name, role_to_key (change->role),
                              (gint64)change->percent, (gint64)GALLEY_FLAG_FORGET,
                              galley_id_is_nil (&change->person) ? NULL : &change->person,
                              change->reason, galley_world_now_us (self->world));
}

/* It is said once more: the answer was lost. */
static gboolean
is_the_same (GalleySqliteBackend *self, gint64 number, const GalleyFlagChange *change)
{
  gint64 same = 0;

  return galley_database_get_int (self->db, &same, NULL,
                                  "SELECT 1 FROM flag_change WHERE number = ?1"
                                  " AND ifnull (percent, ?5) = ?2 AND person IS ?3 AND reason IS "
                                  "?4",
                                  "iinsi", number, (gint64)change->percent,
                                  galley_id_is_nil (&change->person) ? NULL : &change->person,
                                  change->reason, (gint64)GALLEY_FLAG_FORGET) &&
         same != 0;
}

/* An order that waited long must not undo what somebody has said meanwhile. */
static gboolean
check_seen (GalleySqliteBackend *self, const GalleyFlagChange *change, GError **error)
{
  gint64 last = 0;

  if (change->seen == GALLEY_FLAG_NOT_SEEN)
    return TRUE;
  if (!galley_database_get_int (self->db, &last, error,
                                "SELECT ifnull (max (number), 0) FROM flag_change"
                                " WHERE name = ?1 AND role = ?2",
                                "ss", change->name, role_to_key (change->role)))
    return FALSE;
  if (last == change->seen || is_the_same (self, last, change))
    return TRUE;

  g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_MOVED_ON,
                       N_ ("Somebody has switched it since. Look at it again under Devices, then "
                           "say what is to be."));
  return FALSE;
}

gboolean
galley_sqlite_set_flag (GalleyBackend *backend, const GalleyFlagChange *change, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  gboolean done;

  if (!check_change (change, error) || !galley_sqlite_begin (self, error))
    return FALSE;

  done = check_seen (self, change, error) && set_rule (self, change, error) &&
         (galley_database_changes (self->db) == 0 || note_change (self, change, error));
  return galley_sqlite_end (self, done, error);
}

/**
 * galley_sqlite_list_flag_changes:
 *
 * Returns: (transfer full) (element-type GalleyFlagChange): the last @limit, the last first
 */
GPtrArray *
galley_sqlite_list_flag_changes (GalleyBackend *backend, guint limit, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autoptr (GPtrArray)
      changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_flag_change_free);
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT name, role, ifnull (percent, ?2), person, "
                                               "reason, changed_us, number FROM flag_change"
                                               " ORDER BY number DESC LIMIT ?1",
                                               "ii", (gint64)limit, (gint64)GALLEY_FLAG_FORGET);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyFlagChange *change = g_new0 (GalleyFlagChange, 1);

      change->name = galley_column_text (query, 0);
      change->role = galley_role_parse ((const char *)sqlite3_column_text (query, 1));
      change->percent = sqlite3_column_int (query, 2);
      galley_column_id (query, 3, &change->person);
      change->reason = galley_column_text (query, 4);
      change->changed_us = sqlite3_column_int64 (query, 5);
      change->number = sqlite3_column_int64 (query, 6);
      g_ptr_array_add (changes, change);
    }

  return stepped == 0 ? g_steal_pointer (&changes) : NULL;
}

/**
 * galley_sqlite_list_flags:
 *
 * Returns: (transfer full) (element-type GalleyFlagRule): by name
 */
GPtrArray *
galley_sqlite_list_flags (GalleyBackend *backend, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autoptr (GPtrArray)
      rules = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_flag_rule_free);
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT name, role, percent FROM flag"
                                               " ORDER BY name, role",
                                               "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyFlagRule *rule = g_new0 (GalleyFlagRule, 1);

      rule->name = galley_column_text (query, 0);
      rule->role = galley_role_parse ((const char *)sqlite3_column_text (query, 1));
      rule->percent = sqlite3_column_int (query, 2);
      g_ptr_array_add (rules, rule);
    }

  return stepped == 0 ? g_steal_pointer (&rules) : NULL;
}

/**
 * galley_sqlite_add_flags:
 * @role: of the person whose devices ask
 * @shares: (inout): of GalleyFlagShare: what is said of each flag for them
 */
gboolean
galley_sqlite_add_flags (GalleySqliteBackend *self,
                         GalleyRole role,
                         GPtrArray *shares,
                         GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      self->db, error,
      "SELECT name, percent FROM flag f WHERE role = ?1 OR (role = '' AND NOT EXISTS"
      " (SELECT 1 FROM flag o WHERE o.name = f.name AND o.role = ?1)) ORDER BY name",
      "s", role_to_key (role));
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyFlagShare *share = g_new0 (GalleyFlagShare, 1);

      share->name = galley_column_text (query, 0);
      share->percent = sqlite3_column_int (query, 1);
      g_ptr_array_add (shares, share);
    }

  return stepped == 0;
}
