/* galley-fake-world.h: a clock that stands still until a test moves it, and chance that repeats
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-world.h"

G_BEGIN_DECLS

typedef struct _GalleyFakeWorld GalleyFakeWorld;

GalleyFakeWorld *galley_fake_world_new (void);
void galley_fake_world_free (GalleyFakeWorld *self);
const GalleyWorld *galley_fake_world_get (GalleyFakeWorld *self);

/* Moves the clock on and runs the timers that have become due, in their order. */
void galley_fake_world_advance_ms (GalleyFakeWorld *self, guint ms);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyFakeWorld, galley_fake_world_free)

G_END_DECLS
