/* galley-tables.h: the tables of a workspace: permanent ones, and derived ones that can be made
 * again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-database.h"

G_BEGIN_DECLS

/* GALLEY_KIND_REMARK, for statements: an index is found by the number that stands in them. */
#define GALLEY_REMARK_IN_SQL "10"

/* The trigger that lets no change go but into a segment, or aside with the same bytes; part of a
 * migration, so never edited. */
#define GALLEY_TABLES_CHANGE_STAYS                                                                 \
  "CREATE TRIGGER change_stays BEFORE DELETE ON change"                                            \
  "  WHEN (OLD.position IS NULL OR NOT EXISTS (SELECT 1 FROM packing WHERE project = OLD.project"  \
  "   AND OLD.lsn BETWEEN first_lsn AND last_lsn)) AND NOT EXISTS (SELECT 1 FROM aside a"          \
  "   WHERE a.project = OLD.project AND a.device = OLD.device AND a.seq = OLD.seq"                 \
  "   AND a.bytes = OLD.bytes)"                                                                    \
  "  BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;"

gboolean galley_tables_prepare (GalleyDatabase *db, GError **error);
gboolean galley_tables_drop_derived (GalleyDatabase *db, GError **error);
gboolean galley_tables_empty_derived (GalleyDatabase *db, gint64 project, GError **error);
gboolean galley_tables_make_derived (GalleyDatabase *db, GError **error);
gboolean galley_tables_derived_are_alike (GalleyDatabase *db, gboolean *alike, GError **error);
gboolean galley_tables_derived_is_current (GalleyDatabase *db, gboolean *current, GError **error);

G_END_DECLS
