/* galley-text-difference.h: what somebody made of a text, with the words that came and went
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <pango/pango.h>

G_BEGIN_DECLS

typedef struct _GalleyTextDifference GalleyTextDifference;

GalleyTextDifference *galley_text_difference_new (const char *before,
                                                  const char *after,
                                                  guint max_chars);
void galley_text_difference_free (GalleyTextDifference *self);
const char *galley_text_difference_get_text (const GalleyTextDifference *self);
PangoAttrList *galley_text_difference_make_attributes (const GalleyTextDifference *self);
char *galley_text_difference_describe (const GalleyTextDifference *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyTextDifference, galley_text_difference_free)

G_END_DECLS
