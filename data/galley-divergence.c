/* galley-divergence.c: whether this device's projects have come to the same as everybody's
 *
 * Each device reports digests of its own rows, the server says whose are others than most. Nothing
 * is overwritten because of that: a person is told, and the rows are made again from the journal.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-divergence"

#include "data/galley-divergence.h"

#include "data/galley-directory.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SETTING_PREFIX "differs:"

/**
 * galley_divergence_list_reports:
 * @most: so many at most
 *
 * Only of projects that hold what the stream says up to their position and nothing else: there two
 * devices must be the same.
 *
 * Returns: (transfer full): of GalleyDigestReport
 */
GArray *
galley_divergence_list_reports (GalleyReader *reader, guint most, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GArray) reports = g_array_new (FALSE, TRUE, sizeof (GalleyDigestReport));
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT p.id, p.position, g.sum, m.rolling FROM project p"
      " JOIN derived_digest g ON g.project = p.number"
      " JOIN mark m ON m.project = p.number AND m.position = p.position"
      " WHERE p.shared = 1 AND p.position > 0"
      " AND NOT EXISTS (SELECT 1 FROM change c WHERE c.project = p.number"
      "  AND c.position > p.position)"
      " AND NOT EXISTS (SELECT 1 FROM change c WHERE c.project = p.number AND c.position IS NULL"
      "  AND NOT EXISTS (SELECT 1 FROM refusal r WHERE r.project = c.project"
      "   AND r.device = c.device AND r.seq = c.seq))"
      " AND NOT EXISTS (SELECT 1 FROM waiting w WHERE w.project = p.number)"
      " AND NOT EXISTS (SELECT 1 FROM loss l WHERE l.project = p.number)"
      " AND NOT EXISTS (SELECT 1 FROM snapshot s WHERE s.project = p.number AND s.ready = 0)"
      " ORDER BY p.number DESC LIMIT ?1",
      "i", (gint64)most);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyDigestReport report = { .position = sqlite3_column_int64 (query, 1) };

      galley_column_id (query, 0, &report.project);
      galley_column_hash (query, 2, &report.digest);
      galley_column_hash (query, 3, &report.rolling);
      g_array_append_val (reports, report);
    }

  return stepped == 0 ? g_steal_pointer (&reports) : NULL;
}

static char *
make_key (const GalleyId *project)
{
  char id[GALLEY_ID_TEXT_SIZE];

  return g_strconcat (SETTING_PREFIX, galley_id_print (project, id), NULL);
}

/**
 * galley_divergence_set:
 * @since: what the server said of the project; 0: it is as everybody's
 */
gboolean
galley_divergence_set (GalleyWriter *writer, const GalleyId *project, guint64 since, GError **error)
{
  g_autofree char *key = make_key (project);
  g_autofree char *value = since != 0 ? g_strdup_printf ("%" G_GUINT64_FORMAT, since) : NULL;

  return galley_directory_set (writer, key, value, error);
}

/**
 * galley_divergence_get:
 *
 * Returns: since which position the project is not as everybody's; 0: it is, as far as is known
 */
guint64
galley_divergence_get (GalleyReader *reader, const GalleyId *project)
{
  g_autofree char *key = make_key (project);
  g_autofree char *value = galley_directory_get (reader, key);

  return value != NULL ? g_ascii_strtoull (value, NULL, 10) : 0;
}

GArray *
galley_divergence_list (GalleyReader *reader, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GArray) list = g_array_new (FALSE, TRUE, sizeof (GalleyDivergence));
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT key, value FROM setting WHERE key >= ?1"
                                               " AND key < ?1 || 'g' ORDER BY key",
                                               "s", SETTING_PREFIX);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      const char *key = (const char *)sqlite3_column_text (query, 0);
      const char *value = (const char *)sqlite3_column_text (query, 1);
      GalleyDivergence divergence = { .since = g_ascii_strtoull (value, NULL, 10) };

      if (galley_id_parse (key + strlen (SETTING_PREFIX), &divergence.project, NULL))
        g_array_append_val (list, divergence);
    }

  return stepped == 0 ? g_steal_pointer (&list) : NULL;
}

static char *
get_name (GalleyReader *reader, const GalleyId *project)
{
  g_autoptr (GPtrArray) projects = galley_reader_list_projects (reader, NULL);

  for (guint i = 0; projects != NULL && i < projects->len; i++)
    {
      const GalleyProjectRow *row = projects->pdata[i];

      if (galley_id_equal (&row->id, project))
        return g_strdup (row->name);
    }

  return g_strdup ("");
}

/**
 * galley_divergence_describe:
 *
 * Returns: (transfer full) (nullable): what is so of the first such project, and what to do about
 * it; %NULL when there is none, or with @error set
 */
char *
galley_divergence_describe (GalleyReader *reader, GError **error)
{
  g_autoptr (GArray) list = galley_divergence_list (reader, error);
  const GalleyDivergence *first;
  g_autofree char *name = NULL, *number = NULL;

  if (list == NULL || list->len == 0)
    return NULL;

  first = &g_array_index (list, GalleyDivergence, 0);
  name = get_name (reader, &first->project);
  number = g_strdup_printf ("%" G_GUINT64_FORMAT, first->since);
  /* Translators: a project's name, and the number of a change in its history */
  return g_strdup_printf (_ ("“%s” has not come to the same on this computer as on others, since "
                             "change %s at the latest. Nothing was overwritten. Make it again from "
                             "the journal with “galleyctl replay”, then sync; if it stays so, ask "
                             "who runs the server."),
                          name, number);
}
