/* galley-draft-private.h: what the store takes out of a draft, and the values of lifecycles
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-draft.h"

G_BEGIN_DECLS

typedef enum
{
  GALLEY_DRAFT_SEEN_GIVEN, /* supersedes what the draft names */
  GALLEY_DRAFT_SEEN_SHOWN, /* supersedes what is shown at the commit */
  GALLEY_DRAFT_SEEN_ALL,   /* supersedes every head at the commit */
  GALLEY_DRAFT_DELETE,     /* likewise, and the store fills in how far each device was seen */
} GalleyDraftSeen;

typedef struct
{
  GalleyDraftSeen how;
  guint8 kind;
  GalleyId entity;
  guint16 field;
  char *element;   /* (owned), never NULL */
  GVariant *value; /* (owned) (nullable) */
  GalleyRef *seen; /* (owned) (nullable) */
  guint n_seen;
} GalleyDraftEdit;

const char *galley_draft_get_intent (GalleyDraft *self);
const GalleyDraftEdit *galley_draft_get_edit (GalleyDraft *self, guint index);
GVariant *galley_draft_dup_extra (GalleyDraft *self);

GVariant *galley_lifecycle_value (gboolean alive, const GalleyRef *seen, guint n_seen);
gboolean galley_lifecycle_is_alive (GVariant *value);
gboolean galley_lifecycle_saw (GVariant *value, const GalleyRef *ref);

G_END_DECLS
