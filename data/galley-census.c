/* galley-census.c: how many rows each table has, for whoever is to help from afar
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-census"

#include "data/galley-census.h"

#include "data/galley-store-private.h"

static void
row_free (gpointer data)
{
  GalleyCensusRow *row = data;

  g_free (row->table);
  g_free (row);
}

static gboolean
count (GalleyDatabase *db, GalleyCensusRow *row, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("SELECT count (*) FROM \"%s\"", row->table);
  gint64 n_rows = 0;

  if (!galley_database_get_int (db, &n_rows, error, sql, ""))
    return FALSE;
  row->n_rows = (guint64)n_rows;
  return TRUE;
}

static GPtrArray *
list_tables (GalleyDatabase *db, GError **error)
{
  g_autoptr (GPtrArray) tables = g_ptr_array_new_with_free_func (row_free);
  sqlite3_stmt *query =
      galley_database_query (db, error,
                             "SELECT name FROM sqlite_schema WHERE type = 'table'"
                             " AND name NOT LIKE 'sqlite_%'"
                             " AND name NOT LIKE 'derived_search_%' ORDER BY name",
                             "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyCensusRow *row = g_new0 (GalleyCensusRow, 1);

      row->table = galley_column_text (query, 0);
      g_ptr_array_add (tables, row);
    }

  return stepped == 0 ? g_steal_pointer (&tables) : NULL;
}

/**
 * galley_census_read:
 * @schema_version: (out): of the permanent tables
 *
 * Reads every row of every table once: not for the main loop.
 *
 * Returns: (transfer full) (element-type GalleyCensusRow): by name
 */
GPtrArray *
galley_census_read (GalleyReader *reader, guint64 *schema_version, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GPtrArray) tables = list_tables (db, error);
  gint64 version = 0;

  if (tables == NULL || !galley_database_get_int (db, &version, error, "PRAGMA user_version", ""))
    return NULL;
  for (guint i = 0; i < tables->len; i++)
    if (!count (db, tables->pdata[i], error))
      return NULL;

  *schema_version = (guint64)version;
  return g_steal_pointer (&tables);
}
