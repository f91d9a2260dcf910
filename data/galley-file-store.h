/* galley-file-store.h: the bytes of versions, whole, named by their BLAKE2b-256
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-error.h"
#include "data/galley-hash.h"

G_BEGIN_DECLS

/* Thread-safe: only paths and the file system. The server uses it as well. Callers go through this
 * type alone, so that chunks can take the place of whole files behind it. */
typedef struct _GalleyFileStore GalleyFileStore;

GalleyFileStore *galley_file_store_new (const char *folder);
GalleyFileStore *galley_file_store_new_for (const char *folder, const char *owner);
void galley_file_store_free (GalleyFileStore *self);

char *galley_file_store_get_path (GalleyFileStore *self, const GalleyHash *hash);
gboolean galley_file_store_has (GalleyFileStore *self, const GalleyHash *hash);

/* What is to be thought of the bytes that are here under a name. */
typedef enum
{
  GALLEY_FILE_SOUND,
  GALLEY_FILE_MISSING,
  GALLEY_FILE_DAMAGED,
} GalleyFileVerdict;
gboolean galley_file_store_check (GalleyFileStore *self,
                                  const GalleyHash *hash,
                                  GCancellable *cancellable,
                                  GalleyFileVerdict *verdict,
                                  GError **error);
gboolean galley_file_store_put_aside (GalleyFileStore *self,
                                      const GalleyHash *hash,
                                      GError **error);

/* Copies a file in, hashing as it goes with bounded memory; durable when it returns. Blocks. */
gboolean galley_file_store_import (GalleyFileStore *self,
                                   const char *path,
                                   GCancellable *cancellable,
                                   GalleyHash *hash,
                                   guint64 *size_bytes,
                                   GError **error);

/* A file that arrives in parts: kept as HASH.part until all of it is there and verified. */
guint64 galley_file_store_get_part_size (GalleyFileStore *self, const GalleyHash *hash);
GOutputStream *galley_file_store_append_part (GalleyFileStore *self,
                                              const GalleyHash *hash,
                                              guint64 offset,
                                              GError **error);
gboolean galley_file_store_finish_part (GalleyFileStore *self,
                                        const GalleyHash *hash,
                                        guint64 size_bytes,
                                        GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyFileStore, galley_file_store_free)

G_END_DECLS
