/* galley-test-newer.h: a Galley of some time from now, that knows more fields and another kind
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-schema.h"

G_BEGIN_DECLS

#define TEST_ITEM_PRIORITY (GALLEY_ITEM_DUE + 1) /* s, found by search */
#define TEST_ITEM_BRIEF (GALLEY_ITEM_DUE + 2)    /* a text */
#define TEST_KIND_CHECKLIST ((guint8)(GALLEY_KIND_REMARK + 1))
#define TEST_CHECKLIST_NAME 2

/* The whole process, while nothing of it works. */
void test_be_newer (gboolean newer);

G_END_DECLS
