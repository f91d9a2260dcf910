/* galley-bundle.h: the file that carries changes and files by hand from one device to another
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-error.h"
#include "data/galley-key.h"

G_BEGIN_DECLS

#define GALLEY_BUNDLE_MEDIA_TYPE "application/vnd.galley.bundle"
/* Of one part, in bytes: a packed batch at its largest, and what packing may add; more is
 * malformed. */
#define GALLEY_BUNDLE_MAX_PART (8 * 1024 * 1024 + 64 * 1024)
/* Of one piece of a file, in bytes. */
#define GALLEY_BUNDLE_MAX_PIECE (1024 * 1024)

/* What a bundle says of itself. */
typedef struct
{
  GalleyId project;
  GalleyId maker;  /* the device that made and signed it */
  gint64 made_us;  /* by its clock; for people only */
  guint64 n_links; /* changes and gaps in it */
} GalleyBundleHead;

/* In this order; "changes", and "file" with its pieces, any number of times. */
typedef enum
{
  GALLEY_BUNDLE_HEAD = 1,
  GALLEY_BUNDLE_WHO = 2,     /* persons and devices, as JSON */
  GALLEY_BUNDLE_HAVE = 3,    /* how far the maker has each device's chain, so that an answer can be
                                short */
  GALLEY_BUNDLE_CHANGES = 4, /* a batch, as on the wire */
  GALLEY_BUNDLE_FILE = 5,    /* hash and size of the file whose pieces follow */
  GALLEY_BUNDLE_PIECE = 6,
  GALLEY_BUNDLE_END = 7, /* the maker's signature over all of the above */
} GalleyBundlePartType;

/* Writes a file part by part; it has its name only once it is whole. */
typedef struct _GalleyBundleWriter GalleyBundleWriter;

GalleyBundleWriter *galley_bundle_writer_new (const char *path, GError **error);
void galley_bundle_writer_free (GalleyBundleWriter *self);
gboolean galley_bundle_writer_add_head (GalleyBundleWriter *self,
                                        const GalleyBundleHead *head,
                                        GError **error);
gboolean galley_bundle_writer_add (GalleyBundleWriter *self,
                                   GalleyBundlePartType type,
                                   gconstpointer data,
                                   gsize bytes,
                                   GError **error);
gboolean galley_bundle_writer_add_file (GalleyBundleWriter *self,
                                        const GalleyHash *hash,
                                        guint64 size_bytes,
                                        GError **error);
guint64 galley_bundle_writer_get_size (GalleyBundleWriter *self);
gboolean galley_bundle_writer_finish (GalleyBundleWriter *self, GalleyKey *key, GError **error);

/* Reads one, with no more than a part in memory, and sees to it that the parts come as they must.
 * What it gives is not vouched for before the signature at the end has been. */
typedef struct _GalleyBundleReader GalleyBundleReader;

typedef struct
{
  GalleyBundlePartType type;
  GalleyBundleHead head;
  GBytes *payload; /* (owned) (nullable): of any but the head */
  GalleyHash file; /* of a file */
  guint64 size_bytes;
} GalleyBundlePart;

GalleyBundleReader *galley_bundle_reader_new (GInputStream *stream, GError **error);
void galley_bundle_reader_free (GalleyBundleReader *self);
gboolean galley_bundle_reader_next (GalleyBundleReader *self,
                                    GalleyBundlePart *part,
                                    GError **error);
guint64 galley_bundle_reader_get_offset (GalleyBundleReader *self);
gboolean galley_bundle_reader_verify (GalleyBundleReader *self,
                                      const guint8 public_key[GALLEY_PUBLIC_KEY_BYTES]);
void galley_bundle_part_clear (GalleyBundlePart *part);

gboolean galley_bundle_set_damaged (GError **error, const char *what);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyBundlePart, galley_bundle_part_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyBundleWriter, galley_bundle_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyBundleReader, galley_bundle_reader_free)

G_END_DECLS
