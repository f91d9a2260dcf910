/* galley-metric-table.h: how much waited and travelled, minute by minute, for the last days
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

/* One minute in which something moved. A minute without a row is as the one before, and nothing
 * travelled in it. */
typedef struct
{
  gint64 at_us;           /* when it began, microseconds since 1970 UTC */
  guint64 unsent;         /* own changes that the server did not have, at its end */
  guint64 waiting_bytes;  /* of changes and files, at its end */
  guint64 sent_bytes;     /* in it */
  guint64 received_bytes; /* in it */
  guint failures;         /* tries of jobs that failed in it */
} GalleyMetric;

/* Older minutes are dropped. */
#define GALLEY_METRIC_KEEP_US (8 * G_TIME_SPAN_DAY)

/* A GalleyStoreFunc for a GalleyMetric: its levels stand for the minute, its flows are added. */
gboolean galley_metric_table_add (GalleyWriter *writer, gpointer metric, GError **error);

/* reader */
GArray *galley_metric_table_list (GalleyReader *reader, gint64 since_us, GError **error);

G_END_DECLS
