/* galley-arrival.h: when the server was seen to have a project's changes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

/* A change says when it was made, by its author's clock. That it was shared is known to each device
 * by its own: here, a row for each minute in which the stream was seen to have grown. */
gboolean galley_arrival_note (GalleyWriter *writer,
                              gint64 project,
                              guint64 position,
                              GError **error);
gboolean galley_arrival_forget (GalleyWriter *writer,
                                gint64 project,
                                guint64 after,
                                GError **error);

/* What was seen to be there at once. */
typedef struct
{
  guint64 after, until; /* the positions behind @after, up to @until */
  gint64 seen_us;       /* by when at the latest the server had them; 0: it was not noted */
} GalleyArrival;

gboolean galley_arrival_find (GalleyReader *reader,
                              const GalleyId *project,
                              guint64 position,
                              GalleyArrival *arrival,
                              GError **error);

G_END_DECLS
