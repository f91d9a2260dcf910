/* galley-conflict.h: one thing that people changed at the same time, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_CONFLICT (galley_conflict_get_type ())
G_DECLARE_FINAL_TYPE (GalleyConflict, galley_conflict, GALLEY, CONFLICT, GObject)

/* What one person made of a field. */
typedef struct
{
  char *who; /* "You" or a name */
  gboolean mine;
  char *when;
  char *value; /* in words */
  GalleyRef ref;
} GalleyConflictSide;

/* One contested field. */
typedef struct
{
  guint16 field;
  char *element;
  char *label;
  char *before;     /* what it was before, in words; "Unknown" when it cannot be had */
  char *rule;       /* what everyone sees meanwhile and why */
  GPtrArray *sides; /* of GalleyConflictSide, the own one first */
} GalleyContest;

/* signals: "loaded" when the fields are there */

GalleyConflict *galley_conflict_new (GalleyStore *store, const GalleyConflictRow *row);
const GalleyId *galley_conflict_get_entity (GalleyConflict *self);
const GalleyConflictRow *galley_conflict_get_row (GalleyConflict *self);
GPtrArray *galley_conflict_get_contests (GalleyConflict *self);
void galley_conflict_load (GalleyConflict *self);

void galley_conflict_resolve_async (GalleyConflict *self,
                                    guint contest,
                                    guint side,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean galley_conflict_resolve_finish (GalleyConflict *self,
                                         GAsyncResult *result,
                                         GalleyCommitted *committed,
                                         GError **error);

G_END_DECLS
