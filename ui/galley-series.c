/* galley-series.c: what moved in the last hour, day or week, cut into equal pieces of time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-series"

#include "ui/galley-series.h"

#include "data/galley-metric-table.h"

static gboolean
is_level (GalleySeries series)
{
  return series == GALLEY_SERIES_UNSENT || series == GALLEY_SERIES_WAITING_BYTES;
}

static double
value_of (GalleySeries series, const GalleyMetric *metric)
{
  switch (series)
    {
    case GALLEY_SERIES_UNSENT:
      return metric->unsent;
    case GALLEY_SERIES_WAITING_BYTES:
      return metric->waiting_bytes;
    case GALLEY_SERIES_TRAFFIC:
      return metric->sent_bytes + metric->received_bytes;
    case GALLEY_SERIES_FAILURES:
    default:
      return metric->failures;
    }
}

/**
 * galley_series_fill:
 * @metrics: (element-type GalleyMetric): oldest first, and one from before @from_us if there is any
 * @from_us: microseconds since 1970 UTC
 * @to_us: later
 * @values: (out): one for each piece of the time between
 *
 * What waited goes on waiting until a later minute says otherwise; what travelled did so once.
 */
void
galley_series_fill (GalleySeries series,
                    const GArray *metrics,
                    gint64 from_us,
                    gint64 to_us,
                    double values[GALLEY_SERIES_PIECES])
{
  const gint64 piece_us = MAX ((to_us - from_us) / GALLEY_SERIES_PIECES, 1);
  double level = 0;
  guint next = 0;

  for (; next < metrics->len && g_array_index (metrics, GalleyMetric, next).at_us < from_us; next++)
    if (is_level (series))
      level = value_of (series, &g_array_index (metrics, GalleyMetric, next));

  for (guint piece = 0; piece < GALLEY_SERIES_PIECES; piece++)
    {
      const gint64 end_us = piece + 1 < GALLEY_SERIES_PIECES ? from_us + (piece + 1) * piece_us
                                                             : G_MAXINT64;

      values[piece] = level;
      for (; next < metrics->len && g_array_index (metrics, GalleyMetric, next).at_us < end_us;
           next++)
        {
          double value = value_of (series, &g_array_index (metrics, GalleyMetric, next));

          if (is_level (series))
            {
              values[piece] = MAX (values[piece], value);
              level = value;
            }
          else
            values[piece] += value;
        }
    }
}

/**
 * galley_series_format:
 *
 * Returns: (transfer full): "3", "12.4 kB"
 */
char *
galley_series_format (GalleySeries series, double value)
{
  if (series == GALLEY_SERIES_WAITING_BYTES || series == GALLEY_SERIES_TRAFFIC)
    return g_format_size ((guint64)value);

  return g_strdup_printf ("%.0f", value);
}
