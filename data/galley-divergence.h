/* galley-divergence.h: whether this device's projects have come to the same as everybody's
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-hash.h"
#include "data/galley-store.h"

G_BEGIN_DECLS

/* What a project has come to on a device at a position. */
typedef struct
{
  GalleyId project;
  guint64 position;
  GalleyHash rolling; /* of the stream up to there: another stream may come to something else */
  GalleyHash digest;
} GalleyDigestReport;

/* That it is not what most others report. */
typedef struct
{
  GalleyId project;
  GalleyId device; /* whose it is; nil where that is clear */
  guint64 since;   /* the first position known at which it is so; 0: it is not */
} GalleyDivergence;

/* reader */
GArray *galley_divergence_list_reports (GalleyReader *reader, guint most, GError **error);
GArray *galley_divergence_list (GalleyReader *reader, GError **error); /* of GalleyDivergence */
guint64 galley_divergence_get (GalleyReader *reader, const GalleyId *project);
char *galley_divergence_describe (GalleyReader *reader, GError **error);

/* writer thread */
gboolean galley_divergence_set (GalleyWriter *writer,
                                const GalleyId *project,
                                guint64 since,
                                GError **error);

G_END_DECLS
