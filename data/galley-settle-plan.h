/* galley-settle-plan.h: one choice for many conflicts, and what it would do
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-resolve.h"

G_BEGIN_DECLS

typedef enum
{
  GALLEY_SETTLE_ALL,
  GALLEY_SETTLE_ITEM,   /* of one item, and what belongs to it */
  GALLEY_SETTLE_FIELD,  /* one field of one kind of thing */
  GALLEY_SETTLE_PERSON, /* where one person has a value */
  GALLEY_SETTLE_DEVICE, /* where one device has a value */
} GalleySettleScope;

typedef struct
{
  GalleySettleScope scope;
  GalleyId id;     /* of the item, the person or the device */
  guint8 kind;     /* of GALLEY_SETTLE_FIELD */
  guint16 field;   /* of GALLEY_SETTLE_FIELD */
  GalleyTake take; /* GALLEY_TAKE_MINE, _THEIRS or _BASE */
} GalleySettleRule;

typedef struct
{
  GPtrArray *drafts; /* of GalleyDraft: one a thing, to be committed */
  guint n_fields;    /* that they settle */
  guint n_left;      /* fields that the rule is about and that the choice cannot settle */
} GalleySettlePlan;

GalleySettlePlan *galley_settle_plan_make (GalleyReader *reader,
                                           const GalleySettleRule *rule,
                                           const GalleyChooser *chooser,
                                           GError **error);
void galley_settle_plan_free (GalleySettlePlan *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySettlePlan, galley_settle_plan_free)

G_END_DECLS
