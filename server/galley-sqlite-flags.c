/* galley-sqlite-flags.c: on how many devices of whom something is switched on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sqlite-flags"

#include "server/galley-sqlite-backend-private.h"

static const char *
role_to_key (GalleyRole role)
{
  return role != GALLEY_ROLE_NONE ? galley_role_to_string (role) : "";
}

/* A name that is typed wrongly must not look like a switch that was turned. */
static gboolean
check_rule (const GalleyFlagRule *rule, GError **error)
{
  GalleyFlag flag;

  if (galley_flag_find (rule->name, &flag) && rule->percent <= 100)
    return TRUE;

  g_set_error (error, GALLEY_SERVER_ERROR,
               rule->percent <= 100 ? GALLEY_SERVER_ERROR_NOT_FOUND : GALLEY_SERVER_ERROR_MALFORMED,
               rule->percent <= 100
                   ? "This server knows no flag “%.64s”; “flag list” names them all."
                   : "The flag “%.64s” can be on for 0 to 100 of a hundred.",
               rule->name);
  return FALSE;
}

gboolean
galley_sqlite_set_flag (GalleyBackend *backend,
                        const GalleyFlagRule *rule,
                        gboolean forget,
                        GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;

  if (!forget && !check_rule (rule, error))
    return FALSE;
  if (forget)
    return galley_database_run (self->db, error, "DELETE FROM flag WHERE name = ?1 AND role = ?2",
                                "ss", rule->name, role_to_key (rule->role));

  return galley_database_run (self->db, error,
                              "INSERT INTO flag VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE"
                              " SET percent = excluded.percent WHERE percent <> excluded.percent",
                              "ssi", rule->name, role_to_key (rule->role), (gint64)rule->percent);
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
