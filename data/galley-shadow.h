/* galley-shadow.h: a rehearsal: what would be shown otherwise if other rules were switched on, or
 * with this Galley instead of the one that was here before
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-merge.h"
#include "data/galley-replay.h"

G_BEGIN_DECLS

/* What a field comes to. */
typedef struct
{
  GalleyFieldState state;
  const char *rule; /* static */
  GVariant *value;  /* (nullable) */
} GalleyShadowSide;

typedef struct
{
  GalleyId project, entity;
  guint8 kind;
  guint16 field;
  char *element;
  GalleyShadowSide now, then;
} GalleyShadowField;

typedef struct
{
  GalleyId project, id;
  char *name;
  char *now, *then; /* states, as in GalleyItemRow */
} GalleyShadowItem;

typedef struct
{
  guint64 n_changes; /* that were replayed */
  GPtrArray *fields; /* of GalleyShadowField: that are shown otherwise, or are in another state */
  GPtrArray *items;  /* of GalleyShadowItem: whose state is another */
  guint64 n_settled; /* fields that somebody had to look at, and need not any more */
  guint64 n_opened;  /* fields that somebody must look at now */
  guint64 n_values;  /* fields of which everyone sees another value */
  guint64 n_things;  /* that are there, or not, or are a part of something else */
  guint64 n_found;   /* of which search finds other words */
} GalleyShadowReport;

typedef struct _GalleyShadow GalleyShadow;

/* Of one moment of the workspace, in which nothing is changed: not even what an older Galley made
 * there. Blocks; any thread. */
GalleyShadow *galley_shadow_new (const char *workspace, GError **error);
void galley_shadow_free (GalleyShadow *self);
/* Of the workspace as it is. */
GalleyReader *galley_shadow_get_reader (GalleyShadow *self); /* (transfer none) */
gboolean galley_shadow_run (GalleyShadow *self,
                            const GalleyId *project,
                            guint rules,
                            GVariant *policies,
                            GCancellable *cancellable,
                            GalleyReplayProgress progress,
                            gpointer progress_data,
                            GalleyShadowReport *report,
                            GError **error);
void galley_shadow_report_clear (GalleyShadowReport *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyShadow, galley_shadow_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyShadowReport, galley_shadow_report_clear)

G_END_DECLS
