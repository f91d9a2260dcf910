/* galley-metric-table.c: how much waited and travelled, minute by minute, for the last days
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-metric-table"

#include "data/galley-metric-table.h"

#include "data/galley-store-private.h"

gboolean
galley_metric_table_add (GalleyWriter *writer, gpointer data, GError **error)
{
  const GalleyMetric *metric = data;
  const gint64 minute = metric->at_us / G_TIME_SPAN_MINUTE;

  return galley_database_run (writer->db, error,
                              "INSERT INTO metric VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                              " ON CONFLICT (minute) DO UPDATE SET unsent = ?2, waiting_bytes = ?3,"
                              " sent_bytes = sent_bytes + ?4, received_bytes = received_bytes + ?5,"
                              " failures = failures + ?6",
                              "iiiiii", minute, (gint64)metric->unsent,
                              (gint64)metric->waiting_bytes, (gint64)metric->sent_bytes,
                              (gint64)metric->received_bytes, (gint64)metric->failures) &&
         galley_database_run (writer->db, error, "DELETE FROM metric WHERE minute < ?1", "i",
                              minute - GALLEY_METRIC_KEEP_US / G_TIME_SPAN_MINUTE);
}

/**
 * galley_metric_table_list:
 * @since_us: from that minute on
 *
 * Returns: (transfer full) (element-type GalleyMetric): oldest first; the last one before @since_us
 *   comes first, since its levels held on
 */
GArray *
galley_metric_table_list (GalleyReader *reader, gint64 since_us, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GArray) metrics = g_array_new (FALSE, TRUE, sizeof (GalleyMetric));
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT * FROM metric WHERE minute >= ifnull "
                                               "((SELECT max (minute) FROM metric"
                                               " WHERE minute < ?1), ?1) ORDER BY minute",
                                               "i", since_us / G_TIME_SPAN_MINUTE);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyMetric metric = {
        .at_us = sqlite3_column_int64 (query, 0) * G_TIME_SPAN_MINUTE,
        .unsent = sqlite3_column_int64 (query, 1),
        .waiting_bytes = sqlite3_column_int64 (query, 2),
        .sent_bytes = sqlite3_column_int64 (query, 3),
        .received_bytes = sqlite3_column_int64 (query, 4),
        .failures = sqlite3_column_int (query, 5),
      };

      g_array_append_val (metrics, metric);
    }

  return stepped == 0 ? g_steal_pointer (&metrics) : NULL;
}
