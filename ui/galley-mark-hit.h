/* galley-mark-hit.h: which mark is under a pointer, and the handles that change its form
 *
 * Pure: no widget. Places are in asset units; @zoom is how many screen units one of them takes,
 * because a hand is as exact as the screen is large.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-mark.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Screen units. */
#define GALLEY_MARK_PIN_RADIUS 12.0
#define GALLEY_MARK_HANDLE_RADIUS 5.0
#define GALLEY_MARK_REACH 6.0

typedef enum
{
  GALLEY_HIT_NONE,
  GALLEY_HIT_INSIDE, /* of an area: whatever else is there is meant first */
  GALLEY_HIT_OUTLINE,
} GalleyHit;

GalleyHit galley_mark_hit_test (GalleyMark *mark, double x, double y, double zoom);
GalleyMark *galley_mark_hit_find (GListModel *marks, guint page, double x, double y, double zoom);
void galley_mark_hit_get_area (GalleyMark *mark, double zoom, graphene_rect_t *area);

guint galley_mark_hit_get_n_handles (GalleyMark *mark);
void galley_mark_hit_get_handle (GalleyMark *mark, guint handle, GalleyPoint *place);
int galley_mark_hit_find_handle (GalleyMark *mark, double x, double y, double zoom);
GalleyPoints *galley_mark_hit_drag_handle (GalleyShape shape,
                                           const GalleyPoints *points,
                                           guint handle,
                                           const GalleyPoint *place,
                                           gboolean constrain);
GalleyPoint galley_mark_hit_constrain (GalleyShape shape,
                                       const GalleyPoint *from,
                                       const GalleyPoint *to);
const char *galley_mark_hit_get_cursor (GalleyMark *mark, guint handle);

G_END_DECLS
