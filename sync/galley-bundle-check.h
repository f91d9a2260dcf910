/* galley-bundle-check.h: a bundle, read from its beginning to its end and checked; nothing of it is
 * used yet
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-bundle.h"
#include "data/galley-carried.h"
#include "sync/wire/galley-wire-json.h"

G_BEGIN_DECLS

/* A device's changes in the bundle: they follow each other without a hole, and the device has
 * signed the last one. */
typedef struct
{
  const GalleyDevice *device; /* of @who */
  GalleyChainLink known;      /* how far its chain is here; seq 0: not at all */
  guint64 first_seq;
  GalleyChainLink last;
  gboolean is_signed;
  guint8 signature[GALLEY_SIGNATURE_BYTES];
} GalleyBundleChain;

typedef struct
{
  GalleyBundleHead head;
  GalleyMe *who;         /* persons, other names of theirs, devices with keys */
  GArray *have;          /* of GalleyChainLink: how far the maker has each device's chain */
  GHashTable *chains;    /* GalleyId → GalleyBundleChain */
  GArray *batches;       /* of GalleyHash: of each part with changes, as it was checked */
  guint64 n_new, n_gaps; /* changes that were not here; refused ones, of which the hash came */
  guint n_files;
  guint64 bytes; /* of the whole file */
} GalleyBundleContent;

/* In bytes of the file. */
typedef void (*GalleyBundleProgress) (guint64 done, guint64 total, gpointer data);

GalleyBundleContent *galley_bundle_check (GInputStream *stream,
                                          const GArray *known,
                                          GCancellable *cancellable,
                                          GalleyBundleProgress progress,
                                          gpointer progress_data,
                                          GError **error);
void galley_bundle_content_free (GalleyBundleContent *content);

/* Of somebody: whether @id is one of their names, as the bundle has it. */
gboolean galley_bundle_content_is_name (const GalleyBundleContent *content,
                                        const GalleyId *person,
                                        const GalleyId *id);

gboolean galley_bundle_set_forked (GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyBundleContent, galley_bundle_content_free)

G_END_DECLS
