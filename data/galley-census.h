/* galley-census.h: how many rows each table has, for whoever is to help from afar
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-reader.h"

G_BEGIN_DECLS

typedef struct
{
  char *table;
  guint64 n_rows;
} GalleyCensusRow;

GPtrArray *galley_census_read (GalleyReader *reader, guint64 *schema_version, GError **error);

G_END_DECLS
