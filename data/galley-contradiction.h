/* galley-contradiction.h: edits that cannot be meant: passed over, on every device alike
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-change.h"

G_BEGIN_DECLS

gboolean galley_contradiction_is_within (GalleyChange *change);
gboolean galley_contradiction_of_kind (GalleyChange *change, const GalleyEdit *edit);
gboolean galley_contradiction_of_value (const GalleyEdit *edit);
gboolean galley_contradiction_find_field (GalleyChange *change,
                                          guint8 kind,
                                          const GalleyId *entity,
                                          guint16 field,
                                          const char *element,
                                          guint *index);
const GalleyEdit *galley_contradiction_find_like (GalleyChange *change, const GalleyEdit *like);

G_END_DECLS
