/* galley-reissue.h: the same edits once more, as a change of this device
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store-private.h"

G_BEGIN_DECLS

/* Private to the data layer. */
typedef struct
{
  GalleyWriter *writer;
  gint64 project;
  GHashTable *map; /* GalleyRef → GalleyRef: what became of which change */
  const char *why; /* name of the extra that keeps which change it was: "reissues", "resends" */
  gboolean anew;   /* by the one who works here, now; else as it was */
} GalleyReissue;

GHashTable *galley_reissue_new_map (void);
gboolean galley_reissue_change (const GalleyReissue *self,
                                GalleyChange *change,
                                GalleyRef *made,
                                GError **error);

G_END_DECLS
