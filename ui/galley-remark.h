/* galley-remark.h: what somebody said about a conflict, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

typedef struct
{
  char *heading; /* who and when, and whom they ask to settle it */
  char *body;    /* may be empty */
} GalleyRemark;

void galley_remark_free (GalleyRemark *remark);

/* reader thread */
GPtrArray *galley_remark_list (GalleyReader *reader,
                               const GalleyId *entity,
                               const GalleyId *me,
                               GError **error);
GPtrArray *galley_remark_list_people (GalleyReader *reader, const GalleyId *me, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyRemark, galley_remark_free)

G_END_DECLS
