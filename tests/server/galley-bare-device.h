/* galley-bare-device.h: a device without a store: a key, a chain of changes, and nothing else
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-change.h"
#include "data/galley-schema.h"
#include "sync/wire/galley-batch.h"
#include "sync/wire/galley-wire-json.h"

G_BEGIN_DECLS

typedef struct
{
  GalleyKey *key;
  GalleyId id;
  GalleyId person; /* as its changes say; the test may put another one here */
  GalleyId project;
  GalleyRef ref;   /* of the last change that was made */
  GalleyHash last; /* of it */
  GPtrArray *made; /* of GalleyChange: not yet packed */
} GalleyBareDevice;

GalleyBareDevice *galley_bare_device_new (const char *name, const GalleyId *project);
void galley_bare_device_free (GalleyBareDevice *self);

GalleyEnrolRequest *galley_bare_device_ask (GalleyBareDevice *self, const char *invite);

/* An edit that has seen nothing. */
GalleyEdit galley_bare_edit (
    guint8 kind, const GalleyId *entity, guint16 field, const char *element, GVariant *value);
GVariant *galley_bare_alive (gboolean alive);
GVariant *galley_bare_parent (const GalleyId *parent);

/* Each makes the device's next change and gives its name. */
GalleyRef galley_bare_device_change (GalleyBareDevice *self,
                                     const GalleyEdit *edits,
                                     guint n_edits);
GalleyRef galley_bare_device_make (GalleyBareDevice *self,
                                   guint8 kind,
                                   const GalleyId *entity,
                                   const GalleyId *parent);
GalleyRef galley_bare_device_set (
    GalleyBareDevice *self, guint8 kind, const GalleyId *entity, guint16 field, GVariant *value);
GalleyRef galley_bare_device_delete (GalleyBareDevice *self, guint8 kind, const GalleyId *entity);

/* A signed batch of what was made since the last one. */
GBytes *galley_bare_device_pack (GalleyBareDevice *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyBareDevice, galley_bare_device_free)

G_END_DECLS
