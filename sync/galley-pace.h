/* galley-pace.h: how fast bytes may go in one direction, over all transfers together
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Counted, because a stream may outlive whoever set it up. Any thread. */
typedef struct _GalleyPace GalleyPace;

GalleyPace *galley_pace_new (void);
GalleyPace *galley_pace_ref (GalleyPace *self);
void galley_pace_unref (GalleyPace *self);

void galley_pace_set_limit (GalleyPace *self, guint bytes_per_s);
gint64 galley_pace_reserve (GalleyPace *self, gsize bytes, gint64 now_us);
gboolean galley_pace_take (GalleyPace *self,
                           gsize bytes,
                           GCancellable *cancellable,
                           GError **error);

GInputStream *galley_pace_slow_input (GalleyPace *self, GInputStream *base);
GOutputStream *galley_pace_slow_output (GalleyPace *self, GOutputStream *base);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPace, galley_pace_unref)

G_END_DECLS
