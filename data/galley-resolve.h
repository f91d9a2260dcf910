/* galley-resolve.h: a person's word on values that came apart, as a change like any other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-draft.h"
#include "data/galley-reader.h"

G_BEGIN_DECLS

typedef enum
{
  GALLEY_TAKE_MINE,
  GALLEY_TAKE_THEIRS,
  GALLEY_TAKE_BASE, /* what it was before */
  GALLEY_TAKE_BOTH, /* texts one after the other; of a list what any of them has */
  GALLEY_TAKE_VALUE,
} GalleyTake;

/* The choice for one field. */
typedef struct
{
  GalleyTake take;
  gboolean has_head; /* theirs, with more than two heads: which; else the only other one */
  GalleyRef head;
  GVariant *value; /* (nullable): of GALLEY_TAKE_VALUE: NULL clears the field */
} GalleyChoice;

/* Who chooses. */
typedef struct
{
  GalleyId person;
  GalleyId device;
} GalleyChooser;

const char *galley_take_to_string (GalleyTake take); /* mine theirs base both value */
gboolean galley_take_parse (const char *text, GalleyTake *take);

const GalleyHead *galley_resolve_find_mine (const GalleyConflictField *field,
                                            const GalleyChooser *chooser);
const GalleyHead *galley_resolve_find_theirs (const GalleyConflictField *field,
                                              const GalleyChooser *chooser,
                                              const GalleyChoice *choice,
                                              GError **error);

/* What the choice makes of the field; for a preview as well. */
gboolean galley_resolve_get_value (const GalleyConflictField *field,
                                   GalleyFieldType type,
                                   const GalleyChooser *chooser,
                                   const GalleyChoice *choice,
                                   GVariant **value,
                                   GError **error);
GalleyDraft *galley_resolve_make_draft (const GalleyId *project,
                                        guint8 kind,
                                        const GalleyId *entity,
                                        const GalleyConflictField *const *fields,
                                        const GalleyChoice *choices,
                                        guint n_fields,
                                        const GalleyChooser *chooser,
                                        GError **error);

G_END_DECLS
