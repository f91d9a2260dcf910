/* galley-series.h: what moved in the last hour, day or week, cut into equal pieces of time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GALLEY_SERIES_UNSENT,        /* changes that waited: the most in a piece */
  GALLEY_SERIES_WAITING_BYTES, /* as well */
  GALLEY_SERIES_TRAFFIC,       /* bytes sent and received: their sum */
  GALLEY_SERIES_FAILURES,      /* tries of jobs: their sum */
} GalleySeries;

#define GALLEY_SERIES_PIECES 60

void galley_series_fill (GalleySeries series,
                         const GArray *metrics,
                         gint64 from_us,
                         gint64 to_us,
                         double values[GALLEY_SERIES_PIECES]);
char *galley_series_format (GalleySeries series, double value);

G_END_DECLS
