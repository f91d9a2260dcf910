/* galley-key.h: the Ed25519 key that is a device's identity
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-hash.h"
#include "data/galley-id.h"

G_BEGIN_DECLS

#define GALLEY_PUBLIC_KEY_BYTES 32
#define GALLEY_SIGNATURE_BYTES 64

typedef struct _GalleyKey GalleyKey;

GalleyKey *galley_key_open (const char *path, const GalleyWorld *world, GError **error);
GalleyKey *galley_key_load (const char *path, GError **error);
gboolean galley_key_replace (const char *path, const char *next, GError **error);
void galley_key_free (GalleyKey *self);

const guint8 *galley_key_get_public (GalleyKey *self);
const GalleyId *galley_key_get_device (GalleyKey *self);
void galley_key_sign (GalleyKey *self,
                      gconstpointer message,
                      gsize bytes,
                      guint8 signature[GALLEY_SIGNATURE_BYTES]);

void galley_key_device_of (const guint8 public_key[GALLEY_PUBLIC_KEY_BYTES], GalleyId *device);
gboolean galley_key_verify (const guint8 public_key[GALLEY_PUBLIC_KEY_BYTES],
                            gconstpointer message,
                            gsize bytes,
                            const guint8 signature[GALLEY_SIGNATURE_BYTES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyKey, galley_key_free)

G_END_DECLS
